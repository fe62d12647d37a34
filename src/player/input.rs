//! Input events: keys that play the phrase or are passed through, the hold pedal, and slot messages.

use super::event::{Action, InputEvent, Message};
use super::held_keys::HeldKey;
use super::keyboard::Keyboard;
use super::loopback::Echo;
use super::note_table::{NewNote, NoteTable};
use super::sequencer::{Context, Sequencer};
use super::settings::{Mode, Settings};
use crate::music::pitch::Pitch;

/// The keys that are down, and the sent notes that may come back.
#[derive(Debug)]
pub struct Input {
    keyboard: Keyboard,
    echo: Echo,
}

impl Input {
    /// Starts without keys. Allocates.
    pub fn new() -> Self {
        Self { keyboard: Keyboard::new(), echo: Echo::new() }
    }

    /// Sets the sample rate in hertz.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn set_sample_rate(&mut self, sample_rate: f64) {
        self.echo.set_sample_rate(sample_rate);
    }

    /// The keys that are down.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn keyboard(&self) -> &Keyboard {
        &self.keyboard
    }

    /// The keys that are down, mutable to follow their chord.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn keyboard_mut(&mut self) -> &mut Keyboard {
        &mut self.keyboard
    }

    /// Forgets the sent notes that may come back.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn forget(&mut self) {
        self.echo.forget();
    }

    /// Begins a block.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn begin_block(&mut self) {
        self.echo.begin_block();
    }

    /// Notes of the block that came back and were ignored.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn n_echoes(&self) -> u32 {
        self.echo.n_ignored()
    }

    /// Whether a note at sample `time` since the beginning left the player and was sent back.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn is_own(&mut self, time: u64, pitch: Pitch, action: Action) -> bool {
        self.echo.is_own(time, pitch.number(), action)
    }

    /// Remembers the events sent in the block since the last call.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn remember_sent(&mut self, notes: &NoteTable) {
        self.echo.remember(notes.events(), notes.time_of(0));
    }

    /// Releases all keys, held or not, and ends the call that one of them began.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn release_keys(&mut self, sequencer: &mut Sequencer) {
        self.keyboard.release_all();
        sequencer.end_call();
    }

    /// Applies the settings about keys.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn update(&mut self, sequencer: &mut Sequencer, settings: &Settings) {
        if settings.is_bypassed {
            sequencer.end_call();
        }
        self.keyboard.update(settings);
    }

    /// Applies the held chord while time stands still, when no note sounds that it would move.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn follow_while_still(&mut self, sequencer: &Sequencer) {
        if !sequencer.is_moving() {
            self.keyboard.take_up_chord();
        }
    }

    /// Updates whether released keys stay down; when the hold ends, keys kept by it are released at `at`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn hold(&mut self, sequencer: &mut Sequencer, settings: &Settings, at: u32) {
        let was = self.keyboard.winner();
        self.keyboard.hold(settings);
        if !self.keyboard.keeps_on(settings, was) {
            sequencer.start_by_key(settings, &self.keyboard, at);
        }
    }

    /// Applies an input event at sample `at`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn take(&mut self, sequencer: &mut Sequencer, context: &Context, input: &InputEvent, at: u32) {
        let settings = context.settings;
        match input.message {
            Message::Note { channel, pitch, action } => {
                self.remember_sent(sequencer.notes());
                let time = sequencer.notes().time_of(at);
                if !sequencer.takes_back(at, pitch, action)
                    && !self.echo.ignores(time, pitch.number(), action)
                {
                    self.take_note(sequencer, settings, (channel, pitch, action), at);
                }
            }
            Message::Release => {
                sequencer.release_all(at);
                sequencer.stop_test_notes();
                let was_fired = sequencer.is_fired(settings, &self.keyboard);
                self.release_keys(sequencer);
                self.hold(sequencer, settings, at);
                if was_fired && settings.mode == Mode::Keys {
                    sequencer.start_by_key(settings, &self.keyboard, at);
                }
            }
            Message::Hold { is_down } => {
                self.keyboard.set_pedal(is_down, settings);
                self.hold(sequencer, settings, at);
            }
            Message::Slot(slot_idx) => sequencer.choose_slot(settings, slot_idx, at),
            Message::Restart => sequencer.restart(settings, &self.keyboard, at),
            Message::Clock(message) => sequencer.follow_clock(settings, message, at),
        }
    }

    /// Passes a note through, or lets it play the phrase.
    fn take_note(
        &mut self,
        sequencer: &mut Sequencer,
        settings: &Settings,
        (channel, pitch, action): (u8, Pitch, Action),
        at: u32,
    ) {
        if action != Action::Off && settings.mode == Mode::Keys {
            let slot_idx = settings.slot_of_key(pitch).filter(|_| !settings.is_bypassed);
            if let Some(slot_idx) = slot_idx {
                sequencer.choose_slot(settings, slot_idx, at);
                return;
            }
            if !sequencer.is_moving() {
                sequencer.begin_call(settings, at);
            }
        }
        sequencer.listen(settings, at, pitch, action);
        match action {
            Action::On { velocity } if settings.midi_thru() => {
                let note = NewNote { part: None, channel, pitch, velocity, end: f64::INFINITY, tone: None };
                sequencer.note_on(at, note);
            }
            Action::On { velocity } => self.press(sequencer, settings, HeldKey { pitch, velocity }, at),
            Action::Off => {
                // A note passed through earlier is released in any mode.
                sequencer.note_off(at, channel, pitch);
                self.release(sequencer, settings, pitch, at);
            }
        }
    }

    /// Presses a key that plays the phrase or belongs to the chord that is followed.
    fn press(&mut self, sequencer: &mut Sequencer, settings: &Settings, key: HeldKey, at: u32) {
        let was = self.keyboard.winner();
        self.keyboard.press(settings, key, sequencer.tonality());
        if !settings.keys_play() {
            return;
        }
        if settings.follows && was.is_some() {
            sequencer.complete_chord(settings, &mut self.keyboard, at);
        } else {
            sequencer.start_by_key(settings, &self.keyboard, at);
        }
    }

    /// Releases a key.
    fn release(&mut self, sequencer: &mut Sequencer, settings: &Settings, pitch: Pitch, at: u32) {
        let was = self.keyboard.winner();
        self.keyboard.release(pitch);
        if !self.keyboard.keeps_on(settings, was) {
            sequencer.start_by_key(settings, &self.keyboard, at);
        }
    }
}
