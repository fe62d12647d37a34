//! A file dragged from one window to another on an X server of its own, which the test's pointer moves over.
//!
//! The server is found by an environment variable, so the test runs this program again with it. A system without `Xvfb` has
//! nothing to show here; CI's has it.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nice_plug_egui::RepaintNotifier;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{
    BUTTON_PRESS_EVENT, BUTTON_RELEASE_EVENT, ConnectionExt as _, CreateWindowAux, KEY_PRESS_EVENT,
    KEY_RELEASE_EVENT, MOTION_NOTIFY_EVENT, WindowClass,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;

use super::DropIn;
use crate::editor::drag_out::{DragOut, Outcome};

/// Longer than any wait of a drag.
const HANG: Duration = Duration::from_secs(20);

/// The code of Escape on the server's keyboard.
const ESCAPE_CODE: u8 = 9;

/// An X server, which ends with this.
struct Server(Child);

impl Server {
    /// The server and its name; `None` if the system has none.
    fn start() -> Option<(Self, String)> {
        let arguments = ["-displayfd", "1", "-screen", "0", "640x480x24", "-noreset"];
        let server =
            Command::new("Xvfb").args(arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut server = Self(server.ok()?);
        let mut line = String::new();
        BufReader::new(server.0.stdout.take()?).read_line(&mut line).ok()?;
        Some((server, format!(":{}", line.trim())))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_file_is_dragged_to_another_window() {
    let Some((_server, display)) = Server::start() else {
        eprintln!("skipped: install Xvfb to drag files between windows");
        return;
    };
    let name = "editor::drop_in::tests::on_server_a_file_is_dragged_to_another_window";
    let mut run = Command::new(std::env::current_exe().unwrap());
    let run = run.args([name, "--exact", "--ignored", "--nocapture"]).env("DISPLAY", display);
    assert!(run.status().unwrap().success());
}

#[test]
#[ignore = "run by the test of the same name, with a server"]
fn on_server_a_file_is_dragged_to_another_window() {
    let screen = Screen::new();
    // Where a drag begins, where it ends, and where nobody takes part.
    let [here, there, silent] = [0, 200, 400].map(|x| screen.window(x));
    let (drop_in, mut drag_out) =
        (DropIn::watch_window(there, RepaintNotifier::new()), DragOut::of_window(Some(here)));
    let nothing_of_here = DropIn::watch_window(here, RepaintNotifier::new());
    wait_until("the proxies are there", || screen.has_proxy(there) && screen.has_proxy(here));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/starter.mid");
    let mut drag = |way: &[i16], leave: &dyn Fn()| screen.drag(&mut drag_out, &path, way, leave);

    assert_eq!(drag(&[50, 150, 250, 260], &|| {}), Outcome::Taken);
    assert_eq!(dropped(&drop_in), std::slice::from_ref(&path));
    assert_eq!(drag(&[50, 250, 450], &|| {}), Outcome::Refused, "nothing there takes part");
    assert_eq!(drag(&[50, 250, 60], &|| {}), Outcome::Cancelled, "nothing is dropped on its own window");
    let escape = || {
        screen.fake(KEY_PRESS_EVENT, ESCAPE_CODE, 0);
        sleep(Duration::from_millis(100));
        screen.fake(KEY_RELEASE_EVENT, ESCAPE_CODE, 0);
    };
    assert_eq!(drag(&[50, 250], &escape), Outcome::Cancelled);
    assert!(!drop_in.is_above(), "called off, it left");
    // A window that closes below the pointer ends the drag as well.
    let close = || screen.close(there);
    assert_eq!(drag(&[50, 250], &close), Outcome::Refused);
    assert!(nothing_of_here.take().is_empty() && drop_in.take().is_empty());
    screen.close(silent);
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < HANG, "{what}");
        sleep(Duration::from_millis(5));
    }
}

/// The files that are dropped next.
fn dropped(drop_in: &DropIn) -> Vec<PathBuf> {
    let since = Instant::now();
    loop {
        let paths = drop_in.take();
        if !paths.is_empty() {
            return paths;
        }
        assert!(since.elapsed() < HANG, "nothing was dropped");
        sleep(Duration::from_millis(5));
    }
}

/// The server, as who sits before it.
struct Screen {
    server: RustConnection,
    root: u32,
}

impl Screen {
    fn new() -> Self {
        let (server, screen_idx) = x11rb::connect(None).unwrap();
        let root = server.setup().roots[screen_idx].root;
        Self { server, root }
    }

    /// A window of 150 by 150 pixels that is shown.
    fn window(&self, x: i16) -> u32 {
        let window = self.server.generate_id().unwrap();
        let (class, aux) = (WindowClass::INPUT_OUTPUT, CreateWindowAux::new());
        let made = self.server.create_window(0, window, self.root, x, 0, 150, 150, 0, class, 0, &aux);
        made.unwrap().check().unwrap();
        self.server.map_window(window).unwrap().check().unwrap();
        window
    }

    fn has_proxy(&self, window: u32) -> bool {
        let properties = self.server.list_properties(window).unwrap().reply().unwrap();
        // The proxy's name and the version.
        properties.atoms.len() >= 2
    }

    fn close(&self, window: u32) {
        self.server.destroy_window(window).unwrap().check().unwrap();
    }

    fn fake(&self, kind: u8, detail: u8, x: i16) {
        self.server.xtest_fake_input(kind, detail, 0, self.root, x, 50, 0).unwrap().check().unwrap();
    }

    /// Drags the file at `path` from the first place of `way` over the others, all by their distance from the left; at
    /// the last calls `leave` and releases the button.
    fn drag(&self, drag_out: &mut DragOut, path: &Path, way: &[i16], leave: &dyn Fn()) -> Outcome {
        self.fake(MOTION_NOTIFY_EVENT, 0, way[0]);
        self.fake(BUTTON_PRESS_EVENT, 1, 0);
        drag_out.begin(path.to_owned(), RepaintNotifier::new()).unwrap();
        assert!(drag_out.is_under_way());
        for x in &way[1..] {
            self.fake(MOTION_NOTIFY_EVENT, 0, *x);
            sleep(Duration::from_millis(150));
        }
        leave();
        self.fake(BUTTON_RELEASE_EVENT, 1, 0);
        let since = Instant::now();
        loop {
            if let Some((name, outcome)) = drag_out.take_outcome() {
                assert_eq!(Path::new(&name), path.file_name().unwrap());
                return outcome;
            }
            assert!(since.elapsed() < HANG, "the drag does not end");
            sleep(Duration::from_millis(5));
        }
    }
}
