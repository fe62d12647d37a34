//! Call and answer: time is divided into windows of a few bars. In turn, the musician plays a call, which is recorded,
//! and the phrase answers.
//!
//! Windows are counted from position 0. In windows of even number the phrase is silent and the call is recorded. The
//! call is handed over shortly before its window ends, so that the answer is ready when the next one begins. If time
//! jumps out of a window its call is dropped; an empty call gets no answer. Where keys move time, the first key begins
//! the first window, and time stops after the answer.

use super::event::Action;
use super::handoff::{CallEvent, CallSender};
use super::settings::Settings;
use crate::music::pitch::Pitch;

/// Beats before the end of a window from which on notes no longer belong to the call: time to compose the answer.
const TIME_TO_COMPOSE: f64 = 0.5;

/// What happens in the current window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Turn {
    /// Call and answer is off.
    #[default]
    Off,
    /// The musician's turn: the call is recorded.
    Listening,
    /// Still the musician's turn, but the call was handed over.
    Handed,
    /// The phrase's turn: it answers.
    Answering,
    /// The phrase's turn, but the call was empty: silence.
    Resting,
}

impl Turn {
    /// Whether the phrase is silent.
    pub const fn is_silent(self) -> bool {
        matches!(self, Self::Listening | Self::Handed | Self::Resting)
    }

    /// Whether an exchange is under way: a call was handed over or is being answered.
    pub const fn is_of_exchange(self) -> bool {
        matches!(self, Self::Handed | Self::Answering)
    }
}

/// Whose turn it is, and the call that is being recorded.
#[derive(Debug)]
pub struct Exchange {
    calls: CallSender,
    turn: Turn,
    /// Start of the call's window, in beats of the position.
    start: f64,
    /// Whether the call has a note.
    has_notes: bool,
    /// Whether a key began a call whose exchange is not over.
    is_called: bool,
}

impl Exchange {
    /// Starts with no turn; call events are sent through `calls`.
    pub const fn new(calls: CallSender) -> Self {
        Self { calls, turn: Turn::Off, start: 0.0, has_notes: false, is_called: false }
    }

    /// Whose turn it is.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn turn(&self) -> Turn {
        self.turn
    }

    /// Whether a key began a call whose exchange is not over.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn is_called(&self) -> bool {
        self.is_called
    }

    /// Begins a call, by a key.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn begin_call(&mut self) {
        self.is_called = true;
    }

    /// Ends the exchange that a key began.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn end_call(&mut self) {
        self.is_called = false;
    }

    /// Drops the current window: time jumped, or call and answer is off.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn forget(&mut self) {
        (self.turn, self.has_notes) = (Turn::Off, false);
    }

    /// Advances to the turn just before `position`, in windows of `window` beats; returns whether the turn changed.
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
                    self.send(settings, CallEvent::End { beats: window });
                }
                self.turn = Turn::Handed;
            }
            (Turn::Listening | Turn::Handed, true) => {}
            (_, true) => {
                self.send(settings, CallEvent::Begin);
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

    /// The next position after `position` at which [`Self::advance`] is due, both in beats.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn next_change(&self, position: f64, window: f64) -> f64 {
        let end = ((position / window).floor() + 1.0) * window;
        if self.turn == Turn::Listening { end - TIME_TO_COMPOSE } else { end }
    }

    /// Records a note at `position`, in beats, if it is the musician's turn.
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
                self.send(settings, CallEvent::On { at, pitch, velocity });
            }
            Action::Off => self.send(settings, CallEvent::Off { at, pitch }),
        }
    }

    /// Sends an event of the call; offline nothing is composed, so nothing is sent.
    fn send(&mut self, settings: &Settings, event: CallEvent) {
        if !settings.is_offline {
            self.calls.send(event);
        }
    }
}
