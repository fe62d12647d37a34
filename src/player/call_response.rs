//! Call and answer: time is cut into windows of a few bars, in turn for the musician, who is listened to, and for the
//! phrase, which answers.
//!
//! Windows are counted from position 0; those of even number are for listening, in which the phrase is silent. What is
//! heard is handed over shortly before the window ends, so that the answer is there when it begins. A window that time jumps
//! out of is forgotten, and to one in which nothing was played there is no answer. Where keys move time, the first key
//! begins the first window, and time stops when the answer is over.

use super::clock::Line;
use super::handoff::{ClipReceiver, Heard};
use super::settings::Settings;
use crate::music::pitch::Pitch;

/// Beats before the end of a window from which on nothing more is heard: time to compose.
const TIME_TO_COMPOSE: f64 = 0.5;

/// What is happening in the present window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Turn {
    /// Nobody's: there is no call and answer.
    #[default]
    Off,
    /// The musician's, who is listened to.
    Listening,
    /// The musician's still, but what is heard was handed over.
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

/// Listens and tells whose turn it is.
#[derive(Debug, Default)]
pub struct Listener {
    turn: Turn,
    /// Where the window began that is listened to, in beats of the position.
    start: f64,
    has_heard: bool,
}

impl Listener {
    /// Whose turn it is.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn turn(&self) -> Turn {
        self.turn
    }

    /// Forgets the window: time jumped, or there is no call and answer.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn forget(&mut self) {
        (self.turn, self.has_heard) = (Turn::Off, false);
    }

    /// Goes on to whoever's turn it is just before `position`, in windows of `window` beats; whether that is another now.
    /// `tell` — told what is heard, in order.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn advance(&mut self, position: f64, window: f64, mut tell: impl FnMut(Heard)) -> bool {
        let before = self.turn;
        let number = (position / window).floor();
        let is_for_listening = number.rem_euclid(2.0) < 0.5;
        let is_late = position >= (number + 1.0) * window - TIME_TO_COMPOSE;
        match (self.turn, is_for_listening) {
            (Turn::Listening, true) if is_late => {
                if self.has_heard {
                    tell(Heard::End { beats: window });
                }
                self.turn = Turn::Handed;
            }
            (Turn::Listening | Turn::Handed, true) => {}
            (_, true) => {
                tell(Heard::Begin);
                (self.turn, self.start, self.has_heard) = (Turn::Listening, number * window, false);
            }
            (Turn::Answering | Turn::Resting, false) => {}
            (_, false) => {
                self.turn = if self.has_heard { Turn::Answering } else { Turn::Resting };
                self.has_heard = false;
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

    /// Hears a key at sample `offset`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn hear(
        &mut self,
        line: &Line,
        offset: u32,
        pitch: Pitch,
        velocity: Option<u8>,
        mut tell: impl FnMut(Heard),
    ) {
        if self.turn != Turn::Listening {
            return;
        }
        let at = (line.beat_at(offset) - self.start).max(0.0);
        self.has_heard |= velocity.is_some();
        tell(match velocity {
            Some(velocity) => Heard::On { at, pitch, velocity },
            None => Heard::Off { at, pitch },
        });
    }
}

/// Tells the other end of `receiver` what is heard, unless nothing is composed anyway.
pub fn teller<'a>(receiver: &'a mut ClipReceiver, settings: &Settings) -> impl FnMut(Heard) + use<'a> {
    let is_offline = settings.is_offline;
    move |heard| {
        if !is_offline {
            receiver.tell(heard);
        }
    }
}
