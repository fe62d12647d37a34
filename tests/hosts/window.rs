//! The editor in a host's window, on an X server of its own.
//!
//! The plugin finds the server by an environment variable, so each test that needs one runs this program again, with it. A
//! system without `Xvfb` has nothing to show here; CI's has it.

use std::ffi::c_ulong;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use clack_extensions::gui::{GuiApiType, GuiConfiguration, GuiSize, HostGui, HostGuiImpl, PluginGui, Window};
use clack_host::prelude::*;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{ConnectionExt, CreateWindowAux, ImageFormat, WindowClass};
use x11rb::rust_connection::RustConnection;

use crate::clap_host::library;
use crate::host::HANG;

/// So many colours no window has that is not drawn.
const MANY_COLORS: usize = 12;

struct Handlers;

impl HostHandlers for Handlers {
    type Shared<'a> = Shared;
    type MainThread<'a> = ();
    type AudioProcessor<'a> = ();

    fn declare_extensions(builder: &mut HostExtensions<Self>, _shared: &Shared) {
        builder.register::<HostGui>();
    }
}

struct Shared;

impl SharedHandler<'_> for Shared {
    fn request_restart(&self) {}
    fn request_process(&self) {}
    fn request_callback(&self) {}
}

impl HostGuiImpl for Shared {
    fn resize_hints_changed(&self) {}

    fn request_resize(&self, _size: GuiSize) -> Result<(), HostError> {
        Ok(())
    }

    fn request_show(&self) -> Result<(), HostError> {
        Ok(())
    }

    fn request_hide(&self) -> Result<(), HostError> {
        Ok(())
    }

    fn closed(&self, _was_destroyed: bool) {}
}

/// An X server, which ends with this.
struct Server(Child);

impl Server {
    /// The server and its name; `None` if the system has none.
    fn start() -> Option<(Self, String)> {
        // A server starts anew when its last client has gone, and cuts off who comes just then, unless an option forbids it.
        let arguments = ["-displayfd", "1", "-screen", "0", "1500x1000x24", "+extension", "GLX", "-noreset"];
        let mut server = Command::new("Xvfb");
        let server = server.args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut server = Self(server.ok()?);
        let mut line = String::new();
        let output = server.0.stdout.take().expect("it is piped");
        BufReader::new(output).read_line(&mut line).expect("the server says its number");
        Some((server, format!(":{}", line.trim())))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs the ignored test `name` of this program on a server of its own.
fn run_on_server(name: &str) {
    let Some((_server, display)) = Server::start() else {
        eprintln!("skipped: install Xvfb to see the editor in a window");
        return;
    };
    let program = std::env::current_exe().expect("this program has a file");
    let mut run = Command::new(program);
    let run = run.args([name, "--exact", "--ignored", "--nocapture"]).env("DISPLAY", display);
    assert!(run.status().expect("this program can be run").success(), "{name}");
}

#[test]
fn the_editor_draws_whenever_its_host_shows_it() {
    run_on_server("window::on_server_the_editor_draws_whenever_its_host_shows_it");
}

#[test]
#[ignore = "run by the test of the same name, with a server"]
fn on_server_the_editor_draws_whenever_its_host_shows_it() {
    for millis in [0, 20, 100, 400] {
        let waited = draw(Duration::from_millis(millis));
        println!("shown after {millis} ms, drawn {} ms later", waited.as_millis());
    }
}

/// Opens the editor of a new instance in a window, shows it `pause` after it was made, and waits until it is drawn; how long
/// that took.
fn draw(pause: Duration) -> Duration {
    let (server, screen_idx) = x11rb::connect(None).expect("there is a server");
    let screen = &server.setup().roots[screen_idx];
    let parent = server.generate_id().expect("there are numbers left");
    let grey = CreateWindowAux::new().background_pixel(0x80_80_80);
    let (depth, class) = (x11rb::COPY_DEPTH_FROM_PARENT, WindowClass::INPUT_OUTPUT);
    let window = server.create_window(depth, parent, screen.root, 0, 0, 1400, 868, 0, class, 0, &grey);
    window.expect("the server listens").check().expect("a window can be made");
    server.map_window(parent).expect("the server listens").check().expect("it can be shown");

    let info = HostInfo::new("Descant's tests", "Descant", "", "1").expect("no zero bytes");
    let instance =
        PluginInstance::<Handlers>::new(|()| Shared, |_| (), &library().0, c"free.descant.descant", &info);
    let mut instance = instance.expect("the plugin can be made");
    let gui: PluginGui = instance.plugin_shared_handle().get_extension().expect("it has an editor");
    let handle = instance.plugin_handle();
    let embedded = GuiConfiguration { api_type: GuiApiType::X11, is_floating: false };
    gui.create(&handle, embedded).expect("the editor opens");
    #[expect(unsafe_code, reason = "a window is a number")]
    // SAFETY: the parent outlives the editor: it is destroyed below.
    unsafe { gui.set_parent(&handle, Window::from_x11_handle(c_ulong::from(parent))) }.expect("it moves in");
    std::thread::sleep(pause);
    gui.show(&handle).expect("it is shown");
    let shown = Instant::now();
    while n_colors(&server, parent) < MANY_COLORS {
        assert!(shown.elapsed() < HANG, "shown {pause:?} after it was made, the editor stays grey");
        std::thread::sleep(Duration::from_millis(10));
    }
    let waited = shown.elapsed();
    gui.destroy(&handle);
    waited
}

/// How many colours there are in a part of the window.
fn n_colors(server: &RustConnection, window: u32) -> usize {
    let image = server.get_image(ImageFormat::Z_PIXMAP, window, 0, 0, 700, 200, u32::MAX);
    let image = image.expect("the server listens").reply().expect("the window can be looked at");
    let pixels = image.data.chunks_exact(4).map(|pixel| [pixel[0], pixel[1], pixel[2]]);
    pixels.collect::<std::collections::HashSet<_>>().len()
}
