//! What comes in: keys that play the phrase or are passed through, what holds them, and what chooses a slot.

use super::call_response::teller;
use super::clock::{Line, Source};
use super::event::{Action, InputEvent, Message};
use super::held_keys::StruckKey;
use super::note_table::NewNote;
use super::settings::{Mode, Settings};
use super::{Context, Player};
use crate::music::pitch::Pitch;
use crate::music::scale::Key;

/// How long a chord may take to come down that starts the phrase, in beats.
const ROLL_BEATS: f64 = 0.125;

impl Player {
    /// Obeys an input event.
    pub(super) fn take_input(
        &mut self,
        context: &Context,
        line: &mut Option<Line>,
        input: &InputEvent,
        at: u32,
    ) {
        match input.message {
            Message::Note { channel, pitch, action } => {
                self.remember_sent();
                let time = self.table.time_of(at);
                if self.probe.takes_back(time, pitch, action) {
                    return;
                }
                if self.echo.is_own(time, pitch.number(), action) {
                    self.n_echoes += 1;
                    return;
                }
                self.take_note(context, line, (channel, pitch, action), at);
            }
            Message::Release => {
                self.table.release_where(at, |_| true);
                self.probe.stop();
                let was_fired = self.is_fired(context.settings);
                self.let_go_of_keys();
                self.hold(context, line, at);
                if was_fired && self.mode == Mode::Keys {
                    self.start_by_key(context, line, at);
                }
            }
            Message::Hold { is_down } => {
                // A player that is bypassed lets go of what it holds.
                self.is_hold_down = is_down && !context.settings.is_bypassed;
                self.hold(context, line, at);
            }
            Message::Slot(slot_idx) => self.ask_for_slot(context, line, slot_idx, at),
            Message::Restart => self.restart(context, line, at),
            Message::Clock(message) => {
                if self.clock.hear(message, at, line) {
                    self.jump(at, context.settings);
                    self.launch(at, context.settings);
                    *line = line.filter(|_| !context.settings.is_bypassed);
                }
            }
        }
    }

    /// Whether a note that comes in left here and was sent back, as a host does again and again; to be asked once of each,
    /// and only of those that are not played.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn is_own(&mut self, input: &InputEvent) -> bool {
        let Message::Note { pitch, action, .. } = input.message else { return false };
        self.echo.is_own(self.table.time_of(input.offset), pitch.number(), action)
    }

    /// Passes a note through, or plays the phrase by it.
    fn take_note(
        &mut self,
        context: &Context,
        line: &mut Option<Line>,
        (channel, pitch, action): (u8, Pitch, Action),
        at: u32,
    ) {
        let settings = context.settings;
        let is_struck = action != Action::Off;
        if is_struck
            && self.mode == Mode::Keys
            && !settings.is_bypassed
            && let Some(slot_idx) = settings.slot_of_key(pitch)
        {
            self.ask_for_slot(context, line, slot_idx, at);
            return;
        }
        if is_struck && self.mode == Mode::Keys && line.is_none() {
            self.begin_call(settings, line, at);
        }
        if let Some(line) = line {
            let velocity = match action {
                Action::On { velocity } => Some(velocity),
                Action::Off => None,
            };
            self.listener.hear(line, at, pitch, velocity, teller(&mut self.receiver, settings));
        }
        let was = self.keys.winner();
        match action {
            Action::On { velocity } if settings.lets_through(self.mode) => {
                let note = NewNote { part: None, channel, pitch, velocity, end: f64::INFINITY, tone: None };
                self.table.strike(at, note);
                return;
            }
            Action::On { velocity } => {
                if settings.follows {
                    let key = self.playing.as_ref().map_or(Key::C_MAJOR, |clip| clip.key());
                    self.follow.press(pitch, key);
                }
                if !settings.keys_play() {
                    return;
                }
                let key = StruckKey { pitch, velocity };
                self.keys.press(key);
                if settings.follows {
                    // A latched key that is struck again is of a chord, and stops nothing.
                    self.keys.winner().is_none().then(|| self.keys.press(key));
                    if was.is_some() {
                        self.complete_chord(settings, line, at);
                        return;
                    }
                }
            }
            Action::Off => {
                // One that was let through earlier is let go in any mode.
                self.table.release_key(at, channel, pitch);
                self.follow.let_go(pitch);
                self.keys.let_go(pitch);
                if self.keeps_on(settings, was) {
                    return;
                }
            }
        }
        self.start_by_key(context, line, at);
    }

    /// Whether the phrase goes on as it is where `was` was the key that won.
    fn keeps_on(&self, settings: &Settings, was: Option<StruckKey>) -> bool {
        let winner = self.keys.winner();
        was == winner || !settings.keys_play() || settings.follows && winner.is_some()
    }

    /// A key is added to the chord that started the phrase: fingers come down one by one, and the phrase does not wait until
    /// the next half beat for the last of them.
    fn complete_chord(&mut self, settings: &Settings, line: &Option<Line>, at: u32) {
        if let Some(line) = line.as_ref().filter(|line| line.beat_at(at) < ROLL_BEATS) {
            self.follow_chord(settings, line, at);
        }
    }

    /// In call and answer under [`Mode::Keys`] a key begins the call, and with it our own clock.
    fn begin_call(&mut self, settings: &Settings, line: &mut Option<Line>, at: u32) {
        let Some(window) = settings.window().filter(|_| !settings.is_bypassed) else { return };
        self.jump(at, settings);
        let from_start = self.clock.restart(at);
        self.is_called = true;
        self.listener.advance(from_start.edge(at + 1), window, teller(&mut self.receiver, settings));
        *line = Some(from_start);
        self.launch(at, settings);
    }

    /// Keys that are let go stay down from now on, or those that stayed so go up.
    pub(super) fn hold(&mut self, context: &Context, line: &mut Option<Line>, at: u32) {
        let is_held = context.settings.holds || self.is_hold_down;
        self.follow.hold(is_held);
        let was = self.keys.winner();
        self.keys.hold(is_held);
        if !self.keeps_on(context.settings, was) {
            self.start_by_key(context, line, at);
        }
    }

    /// Begins the phrase by the key that wins now, or has it rest.
    fn start_by_key(&mut self, context: &Context, line: &mut Option<Line>, at: u32) {
        self.jump(at, context.settings);
        *line = self.keys.winner().map(|_| self.clock.restart(at));
        // The phrase begins anew, or rests: another may as well.
        self.launch(at, context.settings);
    }

    /// Starts the phrase over, where time is our own.
    fn restart(&mut self, context: &Context, line: &mut Option<Line>, at: u32) {
        match self.clock.source() {
            Source::Keys if context.settings.keys_play() && self.keys.winner().is_some() => {
                self.start_by_key(context, line, at);
            }
            Source::Free | Source::HostStart => {
                self.jump(at, context.settings);
                let from_start = self.clock.start_over(at);
                *line = line.map(|_| from_start);
                self.launch(at, context.settings);
            }
            Source::Keys | Source::Stopped | Source::Host | Source::MidiClock => {}
        }
    }

    fn ask_for_slot(&mut self, context: &Context, line: &mut Option<Line>, slot_idx: u8, at: u32) {
        self.slot_asked = Some(slot_idx);
        self.choose_slot(slot_idx, at);
        if self.playing.is_none() {
            self.launch_first(context.settings, line, at);
        } else if line.is_none() {
            // Nothing goes on that it would have to wait for.
            self.launch(at, context.settings);
        }
    }

    /// Keeps in mind what has left since this was called last.
    pub(super) fn remember_sent(&mut self) {
        let events = self.table.events();
        self.echo.remember(&events[self.n_remembered.min(events.len())..], self.table.time_of(0));
        self.n_remembered = events.len();
    }

    /// All keys go up, held or not.
    pub(super) fn let_go_of_keys(&mut self) {
        self.is_hold_down = false;
        self.is_called = false;
        self.keys.clear();
        self.follow.clear();
    }
}
