//! Call and answer: time is cut into windows of a few bars, in turn for the musician, who is listened to, and for the
//! phrase, which answers.
//!
//! Windows are counted from position 0; those of even number are for listening, in which the phrase is silent. The call
//! is handed over shortly before the window ends, so that the answer is there when it begins. A window that time jumps
//! out of is forgotten, and to one in which nothing was played there is no answer. Where keys move time, the first key
//! begins the first window, and time stops when the answer is over.

use super::event::Action;
use super::handoff::{CallSender, Heard};
use super::settings::Settings;
use crate::music::pitch::Pitch;

/// Beats before the end of a window from which on notes are no more of the call: time to compose.
const TIME_TO_COMPOSE: f64 = 0.5;

/// What is happening in the present window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Turn {
    /// Nobody's: there is no call and answer.
    #[default]
    Off,
    /// The musician's, who is listened to.
    Listening,
    /// The musician's still, but the call was handed over.
    Handed,
    /// The phrase's.
    Answering,
    /// The phrase's, which has nothing to answer.
    Resting,
}

impl Turn {
    /// Whether the phrase is silent.
    pub const fn is_silent(self) -> bool {
        matches!(self, Self::Listening | Self::Handed | Self::Resting)
    }

    /// Whether it goes on from a call that was begun to its answer.
    pub const fn is_of_exchange(self) -> bool {
        matches!(self, Self::Handed | Self::Answering)
    }
}

/// Whose turn it is, and the call that comes in.
#[derive(Debug)]
pub struct Exchange {
    calls: CallSender,
    turn: Turn,
    /// Where the window of the call began, in beats of the position.
    start: f64,
    /// Whether the call has a note.
    has_notes: bool,
    /// Whether a key has begun a call, and the exchange is not over.
    is_called: bool,
}

impl Exchange {
    /// It is nobody's turn; calls leave through `calls`.
    pub const fn new(calls: CallSender) -> Self {
        Self { calls, turn: Turn::Off, start: 0.0, has_notes: false, is_called: false }
    }

    /// Whose turn it is.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn turn(&self) -> Turn {
        self.turn
    }

    /// Whether a key has begun a call, and the exchange is not over.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn is_called(&self) -> bool {
        self.is_called
    }

    /// A key begins a call.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn begin_call(&mut self) {
        self.is_called = true;
    }

    /// The call that a key began is over, and so is its answer.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn end_call(&mut self) {
        self.is_called = false;
    }

    /// Forgets the window: time jumped, or there is no call and answer.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn forget(&mut self) {
        (self.turn, self.has_notes) = (Turn::Off, false);
    }

    /// Goes on to whoever's turn it is just before `position`, in windows of `window` beats; whether that is another now.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn advance(&mut self, position: f64, window: f64, settings: &Settings) -> bool {
        let before = self.turn;
        let number = (position / window).floor();
        let is_for_listening = number.rem_euclid(2.0) < 0.5;
        let is_late = position >= (number + 1.0) * window - TIME_TO_COMPOSE;
        match (self.turn, is_for_listening) {
            (Turn::Listening, true) if is_late => {
                if self.has_notes {
                    self.send(settings, Heard::End { beats: window });
                }
                self.turn = Turn::Handed;
            }
            (Turn::Listening | Turn::Handed, true) => {}
            (_, true) => {
                self.send(settings, Heard::Begin);
                (self.turn, self.start, self.has_notes) = (Turn::Listening, number * window, false);
            }
            (Turn::Answering | Turn::Resting, false) => {}
            (_, false) => {
                self.turn = if self.has_notes { Turn::Answering } else { Turn::Resting };
                self.has_notes = false;
            }
        }
        before != self.turn
    }

    /// Where [`Self::advance`] has to be called next after `position`, both in beats.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn next_change(&self, position: f64, window: f64) -> f64 {
        let end = ((position / window).floor() + 1.0) * window;
        if self.turn == Turn::Listening { end - TIME_TO_COMPOSE } else { end }
    }

    /// Takes in a note at `position`, in beats: it is of the call if that is on.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn take_note(&mut self, settings: &Settings, position: f64, pitch: Pitch, action: Action) {
        if self.turn != Turn::Listening {
            return;
        }
        let at = (position - self.start).max(0.0);
        match action {
            Action::On { velocity } => {
                self.has_notes = true;
                self.send(settings, Heard::On { at, pitch, velocity });
            }
            Action::Off => self.send(settings, Heard::Off { at, pitch }),
        }
    }

    /// Sends an event of the call, unless nothing is composed anyway.
    fn send(&mut self, settings: &Settings, event: Heard) {
        if !settings.is_offline {
            self.calls.send(event);
        }
    }
}
