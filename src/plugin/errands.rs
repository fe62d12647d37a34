//! What the composing thread has the host's main thread do: parameters are changed there alone.
//!
//! # Threads
//!
//! [`Errands`] belong to the worker; an [`Errand`] runs on the main thread.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use nice_plug::prelude::AsyncExecutor;

use super::Descant;
use crate::editor::{Edits, HostLink, Presets};
use crate::params::DescantParams;
use crate::worker::Desk;

/// The longest that a preset waits to become parameters.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often it is looked whether it has.
const LOOK: Duration = Duration::from_millis(5);

/// Something to be done on the main thread.
#[derive(Debug, Clone, PartialEq)]
pub enum Errand {
    /// Tell the host that there is something to save.
    TellNews,
    /// Change parameters.
    Apply(Edits),
}

impl Errand {
    /// Does it.
    pub fn run(self, host: &HostLink) {
        match self {
            Self::TellNews => host.tell_news_from_task(),
            Self::Apply(edits) => host.apply(&edits),
        }
    }
}

/// The way to the main thread.
#[derive(Clone)]
pub struct Errands {
    params: Arc<DescantParams>,
    desk: Arc<Desk>,
    host: Arc<HostLink>,
    /// Missing until the framework gives one.
    executor: Arc<OnceLock<AsyncExecutor<Descant>>>,
}

impl Errands {
    /// Errands that nobody runs yet.
    pub fn new(params: Arc<DescantParams>, desk: Arc<Desk>) -> Self {
        let host = Arc::new(HostLink::new(Arc::clone(&params), Arc::clone(&desk)));
        Self { params, desk, host, executor: Arc::default() }
    }

    /// The way to the host.
    pub const fn host(&self) -> &Arc<HostLink> {
        &self.host
    }

    /// Errands go through `executor` from now on.
    pub fn go_through(&self, executor: AsyncExecutor<Descant>) {
        // The framework makes an editor once.
        let _ = self.executor.set(executor);
    }

    /// Has the host told that there is something to save, if there is.
    pub fn tell_news(&self) {
        if self.desk.has_news() && self.host.is_connected() {
            self.send(Errand::TellNews);
        }
    }

    /// Sets the preset at place `number` of the menu, counted from 0, and waits until it is set.
    ///
    /// # Errors
    ///
    /// Why it is not set, in words for the user.
    pub fn choose_preset(&self, number: u8) -> Result<(), String> {
        let shown = u32::from(number) + 1;
        if !self.host.is_connected() {
            return Err(format!(
                "program {shown} asks for a preset, which Descant can set once its window was opened: open it, and send the \
                 program again"
            ));
        }
        let mut presets = Presets::default();
        presets.read_folder();
        let name = presets.shelf().presets().nth(usize::from(number)).map(|preset| preset.name.clone());
        let chosen = name.and_then(|name| Some((presets.choose(&name, &self.params)?.0, name)));
        let Some((edits, name)) = chosen else {
            return Err(format!(
                "there is no preset {shown}: the menu has {}; send a lower program",
                presets.shelf().presets().count()
            ));
        };
        self.send(Errand::Apply(edits.clone()));
        let asked = Instant::now();
        while !self.host.has_applied(&edits) {
            if asked.elapsed() > PATIENCE {
                return Err(format!(
                    "your host has not taken the preset {name} yet; press play in it, or open its mixer, then Generate"
                ));
            }
            std::thread::sleep(LOOK);
        }
        self.desk.edit(|project| project.preset = Some(name));
        Ok(())
    }

    fn send(&self, errand: Errand) {
        if let Some(executor) = self.executor.get() {
            executor.execute_gui(errand);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preset_says_what_it_takes_where_no_window_was_opened() {
        let params = Arc::new(DescantParams::new(Arc::default()));
        let errands = Errands::new(params, Arc::default());
        let error = errands.choose_preset(4).unwrap_err();
        assert!(error.contains("program 5") && error.contains("open it"), "{error}");
    }
}
