//! The thread that composes.
//!
//! Each instance of the plugin has one. It takes requests from the main thread and triggers from the audio thread, composes,
//! puts takes into the [`Shared`] state and sends what is to be played to the player, bar by bar while it composes. The newest
//! request wins: whatever is under way is given up for it, but for a phrase that is complete: that is a take from then on, and
//! stays while others are chosen beside it.
//!
//! # Renders
//!
//! In a render faster than time nothing is composed. What the audio thread asks for in it, by automation, belongs to it and is
//! refused in words; what the user asks for in the editor, and what was under way when it began, waits for its end. While it is
//! not known whether the host renders, everything waits.
//!
//! # Threads
//!
//! [`Worker`] belongs to the main thread; dropping it ends the thread within a step of the network. [`Shared`] is shared by
//! main thread and worker and locks. [`Triggers`] are shared with the audio thread and do not. A panic while composing
//! becomes a report.

mod call;

mod callbacks;

mod shared;

mod request;

mod thread;

mod triggers;

use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::player::ClipSender;

pub use callbacks::{Brief, Callbacks, HostPace, Judging, Loaded};
pub use request::{Assignment, Request};
pub use shared::{ModelCard, Report, Restores, Shared, Stage, Tone, Travelled, WorkerStatus};
pub use triggers::{Trigger, Triggers};

use thread::WorkerThread;

/// How many takes are chosen for each request.
pub const N_TAKES: u32 = 8;

/// How many takes there are of a song form, each as long as several phrases.
pub const N_SONG_TAKES: u32 = 2;

/// The composing thread, seen from the main thread.
pub struct Worker {
    requests: Sender<Request>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// The system gives no thread.
    pub fn start(
        shared: Arc<Shared>,
        triggers: Arc<Triggers>,
        callbacks: Callbacks,
        clips: ClipSender,
    ) -> std::io::Result<Self> {
        let (requests, inbox): (Sender<Request>, Receiver<Request>) = unbounded();
        let worker = WorkerThread::new(Arc::clone(&shared), triggers, callbacks, clips, inbox);
        let thread = std::thread::Builder::new().name("descant-worker".to_owned()).spawn(|| worker.run())?;
        Ok(Self { requests, shared, thread: Some(thread) })
    }

    /// A way to ask from another place of the main thread.
    pub fn requests(&self) -> Requests {
        Requests(self.requests.clone())
    }

    /// What the thread works on.
    pub const fn shared(&self) -> &Arc<Shared> {
        &self.shared
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
