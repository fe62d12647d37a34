//! The thread that composes.
//!
//! Each instance of the plugin has one. It takes requests from the main thread and triggers from the audio thread, composes,
//! puts takes on the [`Desk`] and sends what is to be played to the player, bar by bar while it composes. The newest
//! request wins: whatever is under way is given up for it.
//!
//! # Threads
//!
//! [`Worker`] belongs to the main thread; dropping it ends the thread within a step of the network. [`Desk`] is shared by
//! main thread and worker and locks. [`Triggers`] are shared with the audio thread and do not. A panic while composing
//! becomes a report.

mod desk;

mod studio;

mod triggers;

use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::compose::Judge;
use crate::model::{ModelError, Network};
use crate::music::Phrase;
use crate::player::ClipSender;
use crate::session::Commission;

pub use desk::{Desk, Outlook, Report, Stage, Tone};
pub use triggers::{Trigger, Triggers};

use studio::Studio;

/// How many takes are chosen for each request.
pub const N_TAKES: u32 = 8;

/// What is to be composed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// A phrase from nothing.
    Generate,
    /// Bars after the current take.
    Continue,
    /// A share of the notes of the current take.
    Vary,
}

/// What the worker is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Read the model, so that composing begins at once when it is asked for.
    Prepare,
    /// Compose.
    Compose(Ask),
    /// Give up composing.
    Cancel,
    /// Play the take at this place of the project's takes.
    Select(usize),
    /// Play the take before.
    SelectPrevious,
    /// Play the take after.
    SelectNext,
    /// End the thread.
    Quit,
}

/// What the worker needs from the rest of the program. All are called on its thread.
pub struct Links {
    /// Reads the model.
    pub load: Box<dyn Fn() -> Result<Network, ModelError> + Send>,
    /// Who judges what it composes.
    pub judges: Box<dyn Fn() -> Vec<Box<dyn Judge>> + Send>,
    /// The task for an ask, given the current take and a seed, or why there is none, in words for the user.
    pub brief: Box<Brief>,
    /// Told after each change of the desk.
    pub changed: Box<dyn Fn() + Send>,
    /// To the player.
    pub clips: ClipSender,
}

/// See [`Links::brief`].
pub type Brief = dyn Fn(Ask, Option<&Phrase>, u64) -> Result<Commission, String> + Send;

/// The composing thread, seen from the main thread.
pub struct Worker {
    requests: Sender<Request>,
    desk: Arc<Desk>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// The system gives no thread.
    pub fn start(desk: Arc<Desk>, triggers: Arc<Triggers>, links: Links) -> std::io::Result<Self> {
        let (requests, inbox): (Sender<Request>, Receiver<Request>) = unbounded();
        let studio = Studio::new(Arc::clone(&desk), triggers, links, inbox);
        let thread = std::thread::Builder::new().name("descant-worker".to_owned()).spawn(|| studio.run())?;
        Ok(Self { requests, desk, thread: Some(thread) })
    }

    /// A way to ask from another place of the main thread.
    pub fn requests(&self) -> Requests {
        Requests(self.requests.clone())
    }

    /// What the thread works on.
    pub const fn desk(&self) -> &Arc<Desk> {
        &self.desk
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.requests().send(Request::Quit);
        if let Some(thread) = self.thread.take() {
            // It catches its own panics; if it died all the same, there is nothing left to end.
            let _ = thread.join();
        }
    }
}

/// Sends requests to a worker, or to nobody once it has ended.
#[derive(Debug, Clone)]
pub struct Requests(Sender<Request>);

impl Requests {
    /// Where no worker could be started.
    pub fn to_nobody() -> Self {
        Self(unbounded().0)
    }

    /// Asks; never waits.
    pub fn send(&self, request: Request) {
        // Only fails when the worker has ended, and then nobody is there to answer.
        let _ = self.0.send(request);
    }
}

#[cfg(test)]
mod tests;
