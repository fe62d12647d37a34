//! The worker: the thread that composes.
//!
//! Each instance of the plugin has one. It takes requests from the main thread and triggers from the audio thread,
//! composes, puts takes into the [`Shared`] state and sends what is to play to the player, bar by bar while it
//! composes. The newest request wins and cancels the running job. Once the first phrase of a job is complete it is a
//! take and stays, while further takes are chosen.
//!
//! # Renders
//!
//! In an offline render nothing is composed. Requests of the audio thread during it, by automation, are refused with a
//! message. Requests of the user in the editor, and a job that was running when it began, wait for its end. While it is
//! not known whether the host renders, all requests wait.
//!
//! # Threads
//!
//! [`Worker`] belongs to the main thread; dropping it ends the thread within a step of the network. [`Shared`] is
//! shared by main thread and worker and uses locks. [`Triggers`] are shared with the audio thread and use atomics only.
//! A panic while composing becomes a report.

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

/// Takes chosen for each request.
pub const N_TAKES: u32 = 8;

/// Takes of a song form, each as long as several phrases.
pub const N_SONG_TAKES: u32 = 2;

/// The main thread's handle of the composing thread.
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
    /// The system cannot start a thread.
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

    /// A sender of requests for other places of the main thread.
    pub fn requests(&self) -> Requests {
        Requests(self.requests.clone())
    }

    /// The state shared with the worker.
    pub const fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.requests().send(Request::Quit);
        if let Some(thread) = self.thread.take() {
            // The thread catches its own panics; if it died all the same, nothing is left to end.
            let _ = thread.join();
        }
    }
}

/// Sends requests to a worker, or nowhere once it has ended.
#[derive(Debug, Clone)]
pub struct Requests(Sender<Request>);

impl Requests {
    /// Discards all requests, for use where no worker could be started.
    pub fn to_nobody() -> Self {
        Self(unbounded().0)
    }

    /// Sends a request; never waits.
    pub fn send(&self, request: Request) {
        // Only fails when the worker has ended, and then nothing can answer.
        let _ = self.0.send(request);
    }
}

#[cfg(test)]
mod tests;
