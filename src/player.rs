//! The audio thread's half: clips and host time in, note events out.
//!
//! [`Player::process`] is called once per block with the host's time, the settings and the notes that came in, and
//! returns the events of the block. It depends on no host and no plugin framework, so that all of it is tested without
//! one.
//!
//! Positions are in beats; the phrase repeats without end from position 0. A block is processed in stretches, cut where
//! time jumps (a loop point, a key), where a note comes in, and where a new phrase takes over. In each stretch
//! `schedule` finds the notes that begin, and `note_table` releases those that end.
//! # State
//!
//! Each part of the state belongs to one module, which alone changes it. `sequencer` owns the clock, the phrases
//! (`launch`), the reading position in the phrase that plays (`playback`), call and answer, test notes and the sounding
//! notes. `input` owns the keys that are down (`keyboard`) and the sent notes that the host may send back (`loopback`).
//!
//! # Threads
//!
//! [`Player::new`] allocates, and dropping a player frees; everything else is called on the audio thread. Clips are
//! exchanged through [`handoff`]; other threads read the player's state from [`monitor`].
//!
//! # Invariants
//!
//! - Events are sorted by sample offset, offs before ons, and lie in the block.
//! - Every note-on has exactly one note-off, later; on one channel a key sounds at most once.
//! - The events do not depend on how time is cut into blocks.
//! - A newly composed phrase takes over beyond the commit horizon; within it the earlier phrase plays on. A jump of the
//!   position voids the horizon, and with launch quantization off it is ignored. Later versions of the phrase that
//!   plays, as when its bars arrive one by one, replace it at once.
//! - All of this holds under a held chord and in call and answer too: chord changes and turns take effect at positions,
//!   not at block boundaries.
//! - Notes of the phrase are released when time stops or jumps, another phrase takes over, the mode changes, or the
//!   player is bypassed. Notes passed through last until their key's note-off; of these events only a change of mode
//!   releases them.
//!
//! # Example
//!
//! Sends a clip to the player and plays the first block of a host's time:
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

mod audition;
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
pub use feel::rendered;
pub use handoff::{CallEvent, ClipReceiver, ClipSender, N_SLOTS, clip_channel};
pub use monitor::Monitor;
pub use settings::{KeyTrigger, Mode, PartSettings, Quantum, Settings, SwingUnit, TempoSource};
pub use tempi::{Conductor, Tempi};
pub use test_notes::{TestNotes, TestStage};

use crate::music::time::TickDuration;
use feel::Feel;
use input::Input;
use monitor::Report;
use sequencer::{Context, Sequencer};

/// Plays clips: turns host time, settings and incoming notes into note events, block by block.
#[derive(Debug)]
pub struct Player {
    sequencer: Sequencer,
    input: Input,
    monitor: Arc<Monitor>,
    /// The mode in the last block.
    mode: Mode,
    /// Whether the next block begins by releasing everything.
    must_release: bool,
}

impl Player {
    /// Creates a player of the clips that arrive through `receiver`. Allocates.
    pub fn new(receiver: ClipReceiver, monitor: Arc<Monitor>) -> Self {
        Self {
            sequencer: Sequencer::new(receiver),
            input: Input::new(),
            monitor,
            mode: Mode::default(),
            must_release: false,
        }
    }

    /// Sets the sample rate in hertz, on activation. The next block begins by releasing all notes and continues from
    /// the same position.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn set_sample_rate(&mut self, sample_rate: f32) {
        self.sequencer.set_sample_rate(f64::from(sample_rate));
        self.input.set_sample_rate(f64::from(sample_rate));
    }

    /// Takes in the clips that were sent. The newest wins.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn receive(&mut self) {
        self.sequencer.receive();
    }

    /// Sets the slot, `0..12`, that a parameter holds. Its take is chosen now and after each reset, until another
    /// phrase is sent.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn set_slot(&mut self, slot_idx: Option<u8>) {
        self.sequencer.set_slot(slot_idx);
    }

    /// The slot, `0..12`, that input messages asked for since the last call, so that the project can follow; `None` if
    /// none did.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn take_slot_asked(&mut self) -> Option<u8> {
        self.sequencer.take_slot_asked()
    }

    /// Length of a bar of the phrase that plays, or of the pending one if none plays; `None` without a phrase.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn bar(&self) -> Option<TickDuration> {
        self.sequencer.bar()
    }

    /// Whether `input` is a note that left the player and was sent back by the host, in a feedback loop. Call it once
    /// for each note that is not given to [`Self::process`], and for no other.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn is_own(&mut self, input: &InputEvent) -> bool {
        let Message::Note { pitch, action, .. } = input.message else { return false };
        self.input.is_own(self.sequencer.notes().time_of(input.offset), pitch, action)
    }

    /// Releases all notes at the start of the next block, then plays on.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn panic(&mut self) {
        self.sequencer.stop_test_notes();
        self.must_release = true;
    }

    /// Releases all notes at the start of the next block, returns to the phrase that was set or sent last, and restarts
    /// our own clock: what follows does not depend on what came before, so that two renders are equal.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn reset(&mut self) {
        self.panic();
        self.sequencer.reset();
        self.input.forget();
    }

    /// Releases all notes now and returns the note-offs, at sample offset 0, to a caller outside of a block, such as a
    /// render to a file where the phrase ends. Plugin hosts take no events there: use [`Self::panic`] or
    /// [`Self::reset`], after which the next block begins by releasing.
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

    /// Plays a block of `n_samples`; returns its events in order. A block without samples has no events; what is due in
    /// it happens in the next.
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
        self.sequencer.update(settings, &self.monitor.probe, &self.monitor.audition);
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
