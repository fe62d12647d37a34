//! What the host is told: parameters that change, and that there is something to save.
//!
//! The framework lets a parameter be changed by a window alone. What a window was given for that is kept when it closes,
//! since it lasts as long as the instance: so from the first opening on the host is told at once, open or closed.
//!
//! # Threads
//!
//! All of it runs on the main thread, but for [`HostLink::is_connected`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use nice_plug::context::PluginApi;
use nice_plug::context::gui::GuiContext;
use nice_plug::params::Param;
use nice_plug::prelude::ParamSetter;
use parking_lot::Mutex;

use super::worded::Edits;
use crate::params::{DescantParams, MAX_REVISION, ParamId, ParamVisitor};
use crate::worker::Desk;

/// A step of a change that a host records.
#[derive(Debug, Clone, Copy)]
pub enum Gesture {
    /// It begins.
    Begin,
    /// To a place in the range, `0.0..=1.0`.
    Move(f32),
    /// It ends.
    End,
}

/// The way to the host.
pub struct HostLink {
    params: Arc<DescantParams>,
    desk: Arc<Desk>,
    /// Missing until a window was opened.
    gui: Mutex<Option<GuiContext>>,
    /// Changes of what controls do that the host was told of.
    n_bindings_told: AtomicU32,
}

impl HostLink {
    /// A link to a host that has not opened a window yet.
    pub fn new(params: Arc<DescantParams>, desk: Arc<Desk>) -> Self {
        let n_bindings_told = AtomicU32::new(params.bindings.0.n_changes());
        Self { params, desk, gui: Mutex::new(None), n_bindings_told }
    }

    /// A window was opened.
    pub(super) fn connect(&self, gui: GuiContext) {
        *self.gui.lock() = Some(gui);
    }

    /// Whether parameters can be changed: a window was opened.
    pub fn is_connected(&self) -> bool {
        self.gui.lock().is_some()
    }

    /// Takes a parameter a step further.
    pub(super) fn set(&self, id: ParamId, gesture: Gesture) {
        // Not while it is locked: the host may answer at once.
        let gui = self.gui.lock().clone();
        if let Some(gui) = gui {
            self.params.visit(id, Set { setter: gui.param_setter(), gesture });
        }
    }

    /// Puts a parameter at a place in its range, `0.0..=1.0`.
    pub(super) fn set_at_once(&self, id: ParamId, normalized: f32) {
        for gesture in [Gesture::Begin, Gesture::Move(normalized), Gesture::End] {
            self.set(id, gesture);
        }
    }

    /// Changes parameters.
    pub fn apply(&self, edits: &Edits) {
        edits.iter().for_each(|(id, normalized)| self.set_at_once(*id, *normalized));
    }

    /// Whether the parameters are where `edits` put them: a host may make that so only when it next processes.
    pub fn has_applied(&self, edits: &Edits) -> bool {
        edits.iter().all(|(id, wanted)| (self.params.setting(*id).normalized - wanted).abs() < 1e-3)
    }

    /// Tells the host that there is something to save, if there is: a project is not a parameter, and hosts watch only these.
    /// Before a window was opened, it is told when one is.
    pub fn tell_news(&self) {
        if !self.is_connected() {
            return;
        }
        let n_bindings = self.params.bindings.0.n_changes();
        let is_bound_anew = self.n_bindings_told.swap(n_bindings, Ordering::Relaxed) != n_bindings;
        if !self.desk.take_news() && !is_bound_anew {
            return;
        }
        let before = self.params.actions.revision.value();
        let next = if before >= MAX_REVISION { 0 } else { before + 1 };
        self.set_at_once(ParamId::Revision, self.params.actions.revision.preview_normalized(next));
    }

    /// Tells the host so from a task of the framework's. Those of a VST3 on Linux run on a thread of its own while no window
    /// is open; there, the host is told by the window.
    pub fn tell_news_from_task(&self) {
        let api = self.gui.lock().as_ref().map(GuiContext::plugin_api);
        if !(cfg!(target_os = "linux") && api == Some(PluginApi::Vst3)) {
            self.tell_news();
        }
    }
}

struct Set<'a> {
    setter: ParamSetter<'a>,
    gesture: Gesture,
}

impl ParamVisitor for Set<'_> {
    type Output = ();

    fn visit<P: Param>(self, param: &P) {
        match self.gesture {
            Gesture::Begin => self.setter.begin_set_parameter(param),
            Gesture::Move(normalized) => self.setter.set_parameter(param, param.preview_plain(normalized)),
            Gesture::End => self.setter.end_set_parameter(param),
        }
    }
}
