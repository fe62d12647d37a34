//! The thread that composes.
//!
//! Each instance of the plugin has one. It takes requests from the main thread and triggers from the audio thread, composes,
//! puts takes on the [`Desk`] and sends what is to be played to the player, bar by bar while it composes. The newest
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
//! [`Worker`] belongs to the main thread; dropping it ends the thread within a step of the network. [`Desk`] is shared by
//! main thread and worker and locks. [`Triggers`] are shared with the audio thread and do not. A panic while composing
//! becomes a report.

mod call;

mod desk;

mod studio;

mod triggers;

use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, unbounded};

use crate::compose::{Judge, SongTask};
use crate::model::{ModelError, Network};
use crate::music::{Cell, Cells, Part, Phrase};
use crate::player::ClipSender;
use crate::session::{Commission, Entry, Task};

pub use desk::{Desk, Outlook, Report, Stage, Tone};
pub use triggers::{Trigger, Triggers};

use studio::Studio;

/// How many takes are chosen for each request.
pub const N_TAKES: u32 = 8;

/// How many takes there are of a song form, each as long as several phrases.
pub const N_SONG_TAKES: u32 = 2;

/// What is to be composed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// A phrase from nothing.
    Generate,
    /// Bars after the current take.
    Continue,
    /// A share of the notes of the current take.
    Vary,
    /// An answer to the current take, or to some bars of it.
    Respond(Option<Selection>),
    /// The parts that are on and not in the current take.
    Accompany,
    /// A selection of the current take.
    Recompose(Selection),
    /// An answer to what a musician played.
    Answer,
    /// What is to follow the current take while it plays: one take, a share of its notes anew.
    Evolve,
}

/// Some cells of a phrase: parts in bars side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// Index of the first bar, the pickup included.
    pub first_bar: u32,
    /// How many bars, at least one.
    pub n_bars: u32,
    /// Which parts, indexed by `[part_idx]`.
    pub parts: [bool; 5],
}

impl Selection {
    /// The cells.
    pub fn cells(&self) -> Cells {
        let parts = || Part::ALL.into_iter().filter(|part| self.parts[part.index()]);
        let bars = self.first_bar..self.first_bar.saturating_add(self.n_bars);
        bars.flat_map(|bar| parts().map(move |part| Cell { bar, part })).collect()
    }
}

/// What an ask comes to.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
pub enum Assignment {
    /// A phrase, or a part of one.
    Phrase(Commission),
    /// A song form.
    Song(SongTask),
}

impl From<Commission> for Assignment {
    fn from(commission: Commission) -> Self {
        Self::Phrase(commission)
    }
}

/// What the worker is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Read the model, so that composing begins at once when it is asked for.
    Prepare,
    /// Compose.
    Compose(Ask),
    /// Give up composing, and what waits to be composed.
    Cancel,
    /// Put composing off: the host is about to render.
    Suspend,
    /// Play another take, at once even while something is composed.
    Select(Choice),
    /// Set the preset at this place of the menu, and compose a phrase by it.
    Preset(u8),
    /// End the thread.
    Quit,
}

impl Request {
    /// Whether it asks for a phrase.
    const fn is_ask(&self) -> bool {
        matches!(self, Self::Compose(_) | Self::Preset(_))
    }
}

/// Which take is to play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// That at this place of the project's takes.
    At(usize),
    /// The one before.
    Previous,
    /// The one after.
    Next,
    /// That in this slot, `0..12`.
    Slot(u8),
    /// The one that is chosen: it was chosen elsewhere, as undo does.
    Chosen,
}

impl From<Trigger> for Request {
    fn from(trigger: Trigger) -> Self {
        match trigger {
            Trigger::Generate => Self::Compose(Ask::Generate),
            Trigger::Continue => Self::Compose(Ask::Continue),
            Trigger::Vary => Self::Compose(Ask::Vary),
            Trigger::Respond => Self::Compose(Ask::Respond(None)),
            Trigger::Accompany => Self::Compose(Ask::Accompany),
            Trigger::Evolve => Self::Compose(Ask::Evolve),
            Trigger::Choose(choice) => Self::Select(choice),
            Trigger::Preset(number) => Self::Preset(number),
        }
    }
}

/// How a host takes time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostPace {
    /// It plays in time, or makes up for what it had left out.
    InTime,
    /// It is ahead of time, and that may be a render or not.
    Ahead,
    /// It renders faster than time.
    Rendering,
}

/// What the worker needs from the rest of the program. All are called on its thread.
pub struct Links {
    /// Reads the model.
    pub load: Box<dyn Fn() -> Result<Network, ModelError> + Send>,
    /// Who judges what is composed for a task, beside the takes that there are.
    pub judges: Box<Judging>,
    /// The task for an ask, given a seed and the current take, or for [`Ask::Answer`] what was played, as melody; or why
    /// there is none, in words for the user.
    pub brief: Box<Brief>,
    /// Told after each change of the desk.
    pub changed: Box<dyn Fn() + Send>,
    /// How the host takes time; asked often.
    pub pace: Box<dyn FnMut() -> HostPace + Send>,
    /// To the player.
    pub clips: ClipSender,
}

/// See [`Links::judges`].
pub type Judging = dyn Fn(&Task, &[Arc<Entry>]) -> Vec<Box<dyn Judge>> + Send;

/// See [`Links::brief`].
pub type Brief = dyn Fn(Ask, Option<&Phrase>, u64) -> Result<Assignment, String> + Send;

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
