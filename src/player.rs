//! The audio thread's half: clips and host time in, note events out.
//!
//! [`Player::process`] is called once a block with what the host says about time, the settings and the notes that came
//! in, and answers with the events of the block. It knows no host and no plugin framework, so that all of it is tested
//! without one.
//!
//! A position is a number of beats; the phrase repeats from position 0 without end. A block is walked through in
//! stretches, cut where time jumps (a loop point, a key), where a note comes in, and where a new phrase takes over. In a
//! stretch `schedule` finds the notes that begin, and `note_table` releases those that end.
//!
//! # State
//!
//! Each part of the state belongs to one module, which alone changes it: `sequencer` has the clock, the phrases (`launch`), where
//! the one that plays is read (`playback`), call and answer, test notes and the notes that sound; `input` has the keys that
//! are down (`keyboard`) and the notes that may come back (`loopback`).
//!
//! # Threads
//!
//! [`Player::new`] allocates, and dropping a player frees; all else belongs to the audio thread. Clips come and go
//! through [`handoff`]; what the player does is read from [`monitor`].
//!
//! # Invariants
//!
//! - Events are sorted by sample offset, offs before ons, and lie in the block.
//! - Every note-on has exactly one note-off, later; on one channel a key sounds at most once.
//! - Events depend on time and not on how it is cut into blocks.
//! - What begins within the commit horizon is not touched when another phrase was composed: that one takes over beyond.
//!   A jump of the position voids this, launch off does not keep to it, and later versions of the phrase that plays, as
//!   when its bars arrive one by one, are put in its place at once.
//! - Under a chord that is held, and in call and answer, all of this holds too: chords are taken up and turns change at
//!   places, not at blocks.
//! - What the phrase plays is released when time stops or jumps, a phrase gives way to another, the mode changes, or the
//!   player is bypassed. Notes passed through are their keys': they outlast all of that but a change of mode.
//!
//! # Example
//!
//! A clip goes to the player, which plays the first block of a host's time:
//!
//! ```
//! use std::sync::Arc;
//!
//! use descant::music::{Frame, Key, Meter, Note, Phrase, Pitch, Progression, TickDuration, TickInstant};
//! use descant::player::{Cause, Clip, HostTime, Monitor, Player, Settings, clip_channel};
//!
//! let note = Note::new(TickInstant::ZERO, TickDuration::from_beats(1), Pitch::MIDDLE_C, 100);
//! let frame = Frame::new(Meter::COMMON, 1, Key::C_MAJOR, 120.0);
//! let melody = [vec![], vec![], vec![], vec![], vec![note]];
//! let phrase = Phrase::new(frame, Progression::default(), melody)?;
//!
//! let (mut sender, receiver) = clip_channel();
//! let mut player = Player::new(receiver, Arc::new(Monitor::default()));
//! player.set_sample_rate(48_000.0);
//! assert!(sender.send(Clip::new(1, Cause::Chosen, &phrase)).is_ok());
//!
//! let host = HostTime { is_playing: true, tempo: Some(120.0), beat: Some(0.0), ..HostTime::default() };
//! let events = player.process(&host, &Settings::default(), &[], 512);
//! assert_eq!((events.len(), events[0].pitch), (1, Pitch::MIDDLE_C));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod call_response;
pub mod clip;
mod clock;
mod commit_horizon;
mod count_in;
mod degree;
mod event;
mod feel;
mod follow;
pub mod handoff;
mod held_keys;
mod input;
mod keyboard;
mod launch;
mod loopback;
mod midi_clock;
pub mod monitor;
mod note_table;
mod playback;
mod schedule;
mod sequencer;
mod settings;
pub mod tempi;
mod test_notes;

use std::sync::Arc;

pub use call_response::Turn;
pub use clip::{Cause, Clip, ClipNote};
pub use clock::HostTime;
pub use event::{Action, ClockMessage, InputEvent, Message, PlayerEvent};
pub use feel::heard;
pub use handoff::{ClipReceiver, ClipSender, Heard, N_SLOTS, clip_channel};
pub use monitor::Monitor;
pub use settings::{KeyTrigger, Mode, PartSettings, Quantum, Settings, SwingUnit, TempoSource};
pub use tempi::{Conductor, Tempi};
pub use test_notes::{TestNotes, TestStage};

use crate::music::time::TickDuration;
use feel::Feel;
use input::Input;
use monitor::Report;
use sequencer::{Context, Sequencer};

/// Plays clips.
#[derive(Debug)]
pub struct Player {
    sequencer: Sequencer,
    input: Input,
    monitor: Arc<Monitor>,
    /// That of the last block.
    mode: Mode,
    /// Whether the next block begins by releasing everything.
    must_release: bool,
}

impl Player {
    /// A player of the clips that come through `receiver`. Allocates.
    pub fn new(receiver: ClipReceiver, monitor: Arc<Monitor>) -> Self {
        Self {
            sequencer: Sequencer::new(receiver),
            input: Input::new(),
            monitor,
            mode: Mode::default(),
            must_release: false,
        }
    }

    /// Sets the sample rate in hertz, as on activation. The next block releases what sounds and goes on from the same
    /// position.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn set_sample_rate(&mut self, sample_rate: f32) {
        self.sequencer.set_sample_rate(f64::from(sample_rate));
        self.input.set_sample_rate(f64::from(sample_rate));
    }

    /// Takes in what was sent. The newest wins.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn receive(&mut self) {
        self.sequencer.receive();
    }

    /// The slot, `0..12`, that is set from now on: it is chosen, and after each reset again, until
    /// something else is sent.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn set_slot(&mut self, slot_idx: Option<u8>) {
        self.sequencer.set_slot(slot_idx);
    }

    /// The slot, `0..12`, that was asked for by what came in since this was asked last, so that the project may know.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn take_slot_asked(&mut self) -> Option<u8> {
        self.sequencer.take_slot_asked()
    }

    /// The length of a bar of the phrase that plays, or of the one that is to play if none does.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn bar(&self) -> Option<TickDuration> {
        self.sequencer.bar()
    }

    /// Whether a note that comes in left here and was sent back, as a host does again and again; to be asked once of each,
    /// and only of those that are not played.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn is_own(&mut self, input: &InputEvent) -> bool {
        let Message::Note { pitch, action, .. } = input.message else { return false };
        self.input.is_own(self.sequencer.notes().time_of(input.offset), pitch, action)
    }

    /// Releases everything at the start of the next block, and then plays on.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn panic(&mut self) {
        self.sequencer.stop_test_notes();
        self.must_release = true;
    }

    /// Releases everything at the start of the next block, goes back to the phrase that was set or sent last, and starts a
    /// clock of our own over: what follows does not depend on what came before, so that two renders are equal.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn reset(&mut self) {
        self.panic();
        self.sequencer.reset();
        self.input.forget();
    }

    /// Releases everything now: the events, all of them note-offs at sample offset 0, are for who takes them outside of a
    /// block, as a render to a file does where the phrase ends. Hosts of plugins take none there: after [`Self::panic`] and
    /// [`Self::reset`] the next block begins by releasing.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn release_all(&mut self) -> &[PlayerEvent] {
        self.sequencer.begin_block();
        self.sequencer.release_all(0);
        self.input.release_keys(&mut self.sequencer);
        self.sequencer.stop_test_notes();
        self.sequencer.stop();
        self.monitor.update(&self.sequencer.report_still(self.monitor.tempi(), 0));
        self.sequencer.finish_events(0)
    }

    /// Plays a block of `n_samples`; returns its events in order. A block without samples has no events, and what it
    /// would do is done in the next.
    ///
    /// `inputs` — in order of sample offset.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn process(
        &mut self,
        host: &HostTime,
        settings: &Settings,
        inputs: &[InputEvent],
        n_samples: u32,
    ) -> &[PlayerEvent] {
        self.sequencer.begin_block();
        self.input.begin_block();
        if n_samples == 0 {
            return self.sequencer.finish_events(0);
        }
        let host = host.believed();
        let context = Context { settings, feel: Feel::new(settings), host_bar: host.bar_length, n_samples };
        self.sequencer.receive();
        self.update(settings);
        self.sequencer.begin(&host, settings, self.input.keyboard());
        self.walk(&context, inputs);
        self.input.remember_sent(self.sequencer.notes());
        self.sequencer.finish(n_samples);
        let n_echoes = self.input.n_echoes();
        self.monitor.update(&Report { n_echoes, ..self.sequencer.report(&context, &host) });
        self.sequencer.finish_events(n_samples)
    }

    /// Releases what the settings silence.
    fn update(&mut self, settings: &Settings) {
        if self.must_release || settings.mode != self.mode {
            self.sequencer.release_all(0);
            self.input.release_keys(&mut self.sequencer);
            self.input.keyboard_mut().take_up_chord();
            self.mode = settings.mode;
            self.must_release = false;
        }
        self.input.update(&mut self.sequencer, settings);
        self.sequencer.update(settings, &self.monitor.probe);
    }

    /// Goes through the block, stretch by stretch.
    fn walk(&mut self, context: &Context, inputs: &[InputEvent]) {
        let Self { sequencer, input, .. } = self;
        let settings = context.settings;
        input.hold(sequencer, settings, 0);
        input.follow_while_still(sequencer);
        let mut events = inputs.iter().peekable();
        let last = context.n_samples - 1;
        let mut at = 0;
        while at < context.n_samples {
            sequencer.enter(settings, at);
            while let Some(event) = events.next_if(|event| event.offset.min(last) <= at) {
                input.take(sequencer, context, event, at);
                input.follow_while_still(sequencer);
                // Time may have jumped.
                sequencer.take_turns(settings, at);
            }
            let to = events.peek().map_or(context.n_samples, |event| event.offset.min(last));
            at = sequencer.play(context, input.keyboard_mut(), (at, to));
        }
    }
}
