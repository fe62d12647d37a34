//! The editor's window, which opens in the size that the project stores.
//!
//! The framework asks for an editor once, before any project is restored, and its own editor keeps its initial size; so
//! this editor makes a new one of the framework's for each opening in another size.

use std::cell::RefCell;
use std::error::Error;
use std::sync::Arc;

use nice_plug::context::gui::GuiContext;
use nice_plug::editor::dpi::{LogicalSize, NativeSize};
use nice_plug::editor::{Editor, HostMethods, ParentWindowHandle, ResizeHint, SpawnedEditor};
use nice_plug::plugin::TrackInfo;
use nice_plug_egui::{EguiEditor, EguiEditorState, EguiNiceSettings, create_egui_editor};

use super::app::App;
use super::open_window::{Handle, OpenWindow, Usher};
use super::surroundings::Surroundings;
use super::{DEFAULT_SIZE, MIN_SIZE};

/// The largest stored side of a window that is accepted, in logical pixels.
const MAX_SIDE: f32 = 16_000.0;

/// The editor of an instance.
pub struct DescantEditor {
    surroundings: Arc<Surroundings>,
    current: RefCell<Current>,
}

/// The framework's editor and its state.
struct Current {
    editor: EguiEditor<App>,
    state: Arc<EguiEditorState>,
    usher: Arc<Usher>,
}

impl DescantEditor {
    /// An editor that is not open yet; `None` if the framework cannot make one.
    pub fn new(surroundings: Surroundings) -> Option<Self> {
        let surroundings = Arc::new(surroundings);
        Some(Self { current: RefCell::new(Current::new(&surroundings)?), surroundings })
    }

    /// Replaces the framework's editor if it is closed and the project stores another size.
    fn refresh(&self) {
        let mut current = self.current.borrow_mut();
        let size = current.state.logical_size();
        if !current.state.is_open()
            && (size.width, size.height) != remembered_size(&self.surroundings)
            && let Some(anew) = Current::new(&self.surroundings)
        {
            *current = anew;
        }
    }
}

impl Current {
    fn new(surroundings: &Arc<Surroundings>) -> Option<Self> {
        let (width, height) = remembered_size(surroundings);
        // If the system scales as well, the first frame corrects the size.
        let zoom = surroundings.standalone.as_ref().and_then(|program| program.scale).unwrap_or(1.0);
        let state = EguiEditorState::from_size(LogicalSize::new(width, height), zoom);
        let settings = EguiNiceSettings::new().with_tile("Descant").with_resize_hint(resize_hint());
        let usher = Arc::default();
        let app = App::new(Arc::clone(surroundings), Arc::clone(&usher));
        let editor = create_egui_editor(Arc::clone(&state), surroundings.repaint.clone(), settings, app)?;
        Some(Self { editor, state, usher })
    }
}

impl Editor for DescantEditor {
    type Handle = Handle;

    fn spawn(
        &self,
        parent: Option<ParentWindowHandle>,
        wait_for_parent: bool,
        fallback_scale_factor: Option<f64>,
        gui_context: GuiContext,
        host: Option<HostMethods>,
    ) -> Result<SpawnedEditor<Self::Handle>, Box<dyn Error>> {
        self.refresh();
        let Current { editor, usher, .. } = &*self.current.borrow();
        let spawn = || editor.spawn(parent, wait_for_parent, fallback_scale_factor, gui_context, host);
        let (spawned, thread) = usher.lead_in(spawn);
        let SpawnedEditor { handle, window } = spawned?;
        Ok(SpawnedEditor { handle: Handle(handle), window: OpenWindow::new(window, thread) })
    }

    fn size(&self) -> NativeSize<u32> {
        self.refresh();
        self.current.borrow().editor.size()
    }

    fn resize_hint(&self) -> ResizeHint {
        resize_hint()
    }

    #[expect(unsafe_code, reason = "the framework's standalone tells its editor that it is alone")]
    unsafe fn assume_standalone_in_process(&self) {
        // SAFETY: the caller's obligations are those of the framework's editor.
        unsafe { self.current.borrow().editor.assume_standalone_in_process() };
    }

    fn track_info_updated(&self, info: TrackInfo) {
        self.current.borrow().editor.track_info_updated(info);
    }
}

fn resize_hint() -> ResizeHint {
    ResizeHint::resizable().with_min_logical_size(LogicalSize::new(MIN_SIZE.0, MIN_SIZE.1))
}

/// The size that the project stores, or the default size if that is not valid; in logical pixels.
fn remembered_size(surroundings: &Surroundings) -> (f32, f32) {
    let sides = |(width, height): &(f32, f32)| {
        (MIN_SIZE.0..MAX_SIDE).contains(width) && (MIN_SIZE.1..MAX_SIDE).contains(height)
    };
    surroundings.shared.with_project(|project| project.window).filter(sides).unwrap_or(DEFAULT_SIZE)
}
