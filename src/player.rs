//! The audio thread's half: clips and host time in, note events out.
//!
//! [`Player::process`] is called once a block with what the host says about time, the settings and the notes that came
//! in, and answers with the events of the block. It knows no host and no plugin framework, so that all of it is tested
//! without one.
//!
//! A position is a number of beats; the phrase repeats from position 0 without end. A block is walked through in
//! stretches, cut where time jumps (a loop point, a key), where a note comes in, and where a new phrase takes over. In a
//! stretch `schedule` finds the notes that begin, and `note_table` lets go those that end.
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
mod launch;
mod loopback;
mod midi_clock;
pub mod monitor;
mod note_table;
mod schedule;
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
use call_response::{Listener, teller};
use clock::{Clock, Line, Source, Start};
use commit_horizon::Committed;
use degree::Tone;
use feel::{Feel, FeelTrack};
use follow::Follow;
use held_keys::HeldKeys;
use loopback::Echo;
use monitor::Report;
use note_table::{NewNote, NoteTable, Sounding};
use schedule::{Entry, Schedule, Strike};
use test_notes::Probe;

/// Plays clips.
#[derive(Debug)]
pub struct Player {
    receiver: ClipReceiver,
    monitor: Arc<Monitor>,
    playing: Option<Arc<Clip>>,
    pending: Option<Arc<Clip>>,
    /// Why the phrase that waits was sent, whichever version of it waits by now.
    pending_cause: Cause,
    /// What was sent last.
    sent: Option<Arc<Clip>>,
    /// Why it was sent, whichever version of it there is by now.
    sent_cause: Cause,
    slots: [Option<Arc<Clip>>; N_SLOTS],
    /// The slot that is set, as long as nothing else was sent since.
    slot_set: Option<u8>,
    /// When a slot was chosen last, in samples since the beginning, and the id of the phrase in it.
    chosen: Option<(u64, u64)>,
    /// Up to where the pending phrase may not take over, in beats of the position.
    committed: Committed,
    clock: Clock,
    table: NoteTable,
    schedule: Schedule,
    feel: FeelTrack,
    keys: HeldKeys,
    /// Whether a pedal holds them.
    is_hold_down: bool,
    /// Whether a key has begun a call, and the exchange is not over.
    is_called: bool,
    follow: Follow,
    listener: Listener,
    echo: Echo,
    probe: Probe,
    /// Events of the block that `echo` remembers.
    n_remembered: usize,
    /// Of the current block.
    n_echoes: u32,
    mode: Mode,
    /// The slot that a key asked for last.
    slot_asked: Option<u8>,
    /// The phrase of the last block and its pass, counted from position 0.
    pass: Option<(u64, f64)>,
    /// How time came to where the next stretch begins.
    entry: Entry,
    /// Whether the next block begins by releasing everything.
    must_release: bool,
    /// Of the current block.
    n_launches: u32,
    /// Of the current block.
    n_jumps: u32,
}

/// What stays the same throughout a block.
#[derive(Clone, Copy)]
struct Context<'a> {
    settings: &'a Settings,
    /// The feel that is set.
    feel: Feel,
    /// How long bars of the host's are, in beats.
    bar_length: Option<f64>,
    n_samples: u32,
}

/// What a block came to, for the monitor.
#[derive(Clone, Copy)]
struct Passed {
    /// Passes of a phrase that began in it.
    n_passes: u32,
    /// Where the take that waits takes over.
    next_launch: Option<f64>,
    /// Tempos that come from outside.
    tempi: Tempi,
}

impl Player {
    /// A player of the clips that come through `receiver`. Allocates.
    pub fn new(receiver: ClipReceiver, monitor: Arc<Monitor>) -> Self {
        Self {
            receiver,
            monitor,
            playing: None,
            pending: None,
            pending_cause: Cause::Chosen,
            sent: None,
            sent_cause: Cause::Chosen,
            slots: [const { None }; N_SLOTS],
            slot_set: None,
            chosen: None,
            committed: Committed::Nothing,
            clock: Clock::new(),
            table: NoteTable::new(),
            schedule: Schedule::new(),
            feel: FeelTrack::new(Feel::new(&Settings::default())),
            keys: HeldKeys::new(),
            is_hold_down: false,
            is_called: false,
            follow: Follow::new(),
            listener: Listener::default(),
            echo: Echo::new(),
            probe: Probe::new(),
            n_remembered: 0,
            n_echoes: 0,
            mode: Mode::default(),
            slot_asked: None,
            pass: None,
            entry: Entry::Here,
            must_release: false,
            n_launches: 0,
            n_jumps: 0,
        }
    }

    /// Sets the sample rate in hertz, as on activation. The next block releases what sounds and goes on from the same
    /// position.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn set_sample_rate(&mut self, sample_rate: f32) {
        self.clock.set_sample_rate(f64::from(sample_rate));
        self.echo.set_sample_rate(f64::from(sample_rate));
        self.probe.set_sample_rate(f64::from(sample_rate));
    }

    /// The slot, `0..12`, that was asked for by what came in since this was asked last, so that the project may know.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn take_slot_asked(&mut self) -> Option<u8> {
        self.slot_asked.take()
    }

    /// The length of a bar of the phrase that plays, or of the one that is to play if none does.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn bar(&self) -> Option<TickDuration> {
        self.playing.as_ref().or(self.pending.as_ref()).map(|clip| clip.bar_duration())
    }

    /// Releases everything at the start of the next block, and then plays on.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn panic(&mut self) {
        self.probe.stop();
        self.must_release = true;
    }

    /// Releases everything at the start of the next block, goes back to the phrase that was set or sent last, and starts a
    /// clock of our own over: what follows does not depend on what came before, so that two renders are equal.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn reset(&mut self) {
        self.panic();
        self.return_to_sent();
        self.clock.begin_anew();
        self.echo.forget();
    }

    /// Releases everything now: the events, all of them note-offs at sample offset 0, are for who takes them outside of a
    /// block, as a render to a file does where the phrase ends. Hosts of plugins take none there: after [`Self::panic`] and
    /// [`Self::reset`] the next block begins by releasing.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn release_all(&mut self) -> &[PlayerEvent] {
        self.table.begin();
        self.table.release_where(0, |_| true);
        self.let_go_of_keys();
        self.probe.stop();
        self.clock.forget();
        (self.n_launches, self.n_jumps, self.n_echoes) = (0, 0, 0);
        let tempi = self.monitor.tempi();
        self.report(None, 0, Passed { n_passes: 0, next_launch: None, tempi });
        self.table.finish(0)
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
        self.table.begin();
        if n_samples == 0 {
            return self.table.finish(0);
        }
        (self.n_launches, self.n_jumps, self.n_echoes, self.n_remembered) = (0, 0, 0, 0);
        let host = host.believed();
        let feel = Feel::new(settings);
        let context = Context { settings, feel, bar_length: host.bar_length, n_samples };
        self.receive();
        self.obey(settings);
        let mut line = self.begin(&host, settings);
        self.walk(&context, &mut line, inputs);
        self.remember_sent();
        self.clock.finish(line.as_ref(), n_samples);
        let n_passes = self.count_pass(line.as_ref());
        let next_launch = line.as_ref().and_then(|line| self.next_launch(&context, line));
        let tempi = self.clock.tempi(&host);
        self.report(line.as_ref(), n_samples, Passed { n_passes, next_launch, tempi });
        self.table.finish(n_samples)
    }

    /// 1 if a phrase began, or began again, since the last block.
    fn count_pass(&mut self, line: Option<&Line>) -> u32 {
        let Some((line, clip)) = line.zip(self.playing.as_ref()) else { return 0 };
        if self.clock.source() == Source::Free && line.reached < 0.0 {
            // It is counted in.
            return 0;
        }
        let pass = Some((clip.id(), (line.reached / clip.duration().to_beats()).floor()));
        u32::from(std::mem::replace(&mut self.pass, pass) != pass)
    }

    /// Releases what the settings silence.
    fn obey(&mut self, settings: &Settings) {
        if self.must_release || settings.mode != self.mode {
            self.table.release_where(0, |_| true);
            self.let_go_of_keys();
            self.follow.take_up();
            self.mode = settings.mode;
            self.must_release = false;
        }
        self.keys.set_trigger(settings.key_trigger);
        self.follow.set_trigger(settings.key_trigger);
        if settings.is_bypassed {
            self.let_go_of_keys();
        }
        if !settings.follows {
            self.follow.clear();
        }
        if !settings.keys_play() {
            self.keys.clear();
        }
        if settings.window().is_none() || settings.is_bypassed {
            self.listener.forget();
            self.is_called = false;
        }
        self.table.release_where(0, |note| note.part.is_some_and(|part| !settings.is_audible(part)));
        self.probe.obey(&self.monitor.probe, settings, &mut self.table);
    }

    /// Starts a block: how its samples lie on beats, if time moves.
    fn begin(&mut self, host: &HostTime, settings: &Settings) -> Option<Line> {
        let start = self.clock.begin(host, settings);
        let is_silent = settings.is_bypassed || !self.is_fired(settings);
        let mut line = match start {
            Start::Stopped => None,
            _ if is_silent => None,
            Start::GoesOn(line) => Some(line),
            Start::Wraps(mut line) => {
                self.wrap(0, &mut line, settings);
                Some(line)
            }
            Start::Jumps(line) => {
                self.jump(0, settings);
                // Nothing goes on that another phrase would have to wait for.
                self.launch(0, settings);
                Some(line)
            }
        };
        match &line {
            Some(line) if self.committed == Committed::Ahead => {
                self.committed = Committed::UpTo(line.reached + settings.horizon());
            }
            Some(_) => {}
            None => {
                self.table.release_where(0, Sounding::is_generated);
                self.listener.forget();
            }
        }
        if self.playing.is_none() {
            self.launch_first(settings, &mut line, 0);
        } else if line.is_none() || self.quantum(settings) == Quantum::Off {
            self.launch(0, settings);
        }
        line
    }

    /// Whether what keys have to begin was begun.
    fn is_fired(&self, settings: &Settings) -> bool {
        match settings.window() {
            _ if self.clock.source() != Source::Keys => true,
            Some(_) => self.is_called,
            None => self.keys.winner().is_some(),
        }
    }

    /// Goes through the block, stretch by stretch.
    fn walk(&mut self, context: &Context, line: &mut Option<Line>, inputs: &[InputEvent]) {
        self.hold(context, line, 0);
        self.follow_while_still(line.as_ref());
        let mut inputs = inputs.iter().peekable();
        let last = context.n_samples - 1;
        let mut at = 0;
        while at < context.n_samples {
            self.probe.play(at, context.settings, &mut self.table);
            if let Some(line) =
                line.as_mut().filter(|line| line.loop_point(at).is_some_and(|point| point <= at))
            {
                self.wrap(at, line, context.settings);
            }
            self.take_turns(context.settings, line, at);
            while let Some(input) = inputs.next_if(|input| input.offset.min(last) <= at) {
                self.take_input(context, line, input, at);
                self.follow_while_still(line.as_ref());
                // Time may have jumped.
                self.take_turns(context.settings, line, at);
            }
            let mut to = inputs.peek().map_or(context.n_samples, |input| input.offset.min(last));
            to = to.min(self.probe.next_change(&self.table));
            if let Some(line) = line {
                if self.is_counting_in(line, at) {
                    to = to.min(line.offset_of(0.0).max(at + 1));
                }
                if let Some(point) = line.loop_point(at) {
                    to = to.min(point);
                }
                if let Some(boundary) = self.launch_boundary(context, line) {
                    let point = line.offset_of(boundary).max(at);
                    if point > at {
                        to = to.min(point);
                    } else if self.launch(at, context.settings) {
                        line.reached = line.reached.max(boundary);
                    }
                }
                if let Some(window) = context.settings.window() {
                    to = to.min(
                        line.offset_of(self.listener.next_change(line.edge(at + 1), window)).max(at + 1),
                    );
                }
                if let Some(change) = self.feel.next_change(context.feel, line.reached) {
                    to = to.min(line.offset_of(change).max(at + 1));
                }
                if let Some(change) = self.follow.next_change(line.reached) {
                    let point = line.offset_of(change).max(at);
                    if point > at {
                        to = to.min(point);
                    } else {
                        self.follow_chord(context.settings, line, at);
                    }
                }
                self.play(context, line, (at, to));
            }
            self.table.release_ended(line.as_ref(), (at, to));
            at = to;
        }
    }

    /// In call and answer, goes on to whoever's turn it is.
    fn take_turns(&mut self, settings: &Settings, line: &mut Option<Line>, at: u32) {
        let listened = line.as_ref().filter(|line| !self.is_counting_in(line, at)).zip(settings.window());
        let Some((position, window)) = listened.map(|(line, window)| (line.edge(at + 1), window)) else {
            return;
        };
        // A turn belongs to the sample nearest to it, as a note does.
        if !self.listener.advance(position, window, teller(&mut self.receiver, settings)) {
            return;
        }
        self.table.release_where(at, Sounding::is_generated);
        if self.clock.source() == Source::Keys && !self.listener.turn().is_of_exchange() {
            // The next key begins the next.
            self.is_called = false;
            self.jump(at, settings);
            *line = None;
        }
    }

    /// The position changes: what the phrase plays is released.
    fn jump(&mut self, offset: u32, settings: &Settings) {
        self.table.release_where(offset, Sounding::is_generated);
        self.feel = FeelTrack::new(Feel::new(settings));
        self.entry = Entry::Here;
        self.committed = Committed::Nothing;
        self.listener.forget();
        self.pass = None;
        self.n_jumps += 1;
    }

    /// The position goes round the loop: what is frozen stays so.
    fn wrap(&mut self, offset: u32, line: &mut Line, settings: &Settings) {
        let committed = self.committed.moved(-line.wrap());
        self.jump(offset, settings);
        self.committed = committed;
        // Round a loop shorter than the quantum, its bounds might never come.
        if !self.committed.reaches_beyond(line.reached) {
            self.launch(offset, settings);
        }
    }

    /// Strikes the notes that begin in the stretch, each after those that end by then.
    fn play(&mut self, context: &Context, line: &mut Line, (from, to): (u32, u32)) {
        let settings = context.settings;
        let rests = self.listener.turn().is_silent() || self.probe.is_under_way();
        let lengths = |clip: &Arc<Clip>| (clip.bar_duration().to_beats(), clip.felt_beat().to_beats());
        if self.is_counting_in(line, from)
            && let Some(lengths) = self.playing.as_ref().map(lengths)
        {
            self.count_in(settings, lengths, line, (from, to));
            line.reached = line.reached.max(line.edge(to));
            return;
        }
        let Some(clip) = self.playing.as_deref().filter(|_| !rests) else {
            line.reached = line.reached.max(line.edge(to));
            return;
        };
        self.feel.follow(context.feel, line.reached, clip);
        let entry = std::mem::replace(&mut self.entry, Entry::GoesOn);
        self.schedule.find(clip, &self.feel, line, entry, (from, to));
        let mut idx = 0;
        while let Some(strike) = self.schedule.get(idx) {
            if let Some(note) = self.new_note(settings, clip, strike) {
                self.table.release_ended(Some(line), (from, strike.offset + 1));
                self.table.strike(strike.offset, note);
            }
            idx += 1;
        }
        self.table.n_dropped += self.schedule.n_dropped;
        line.reached = line.reached.max(line.edge(to));
    }

    /// The note of `clip` as it leaves: `None` if its part is silent or its pitch out of range.
    fn new_note(&self, settings: &Settings, clip: &Clip, strike: Strike) -> Option<NewNote> {
        let (note, degree) = clip.note(strike.note_idx)?;
        let tone = (!note.part.is_drums()).then_some(Tone { pitch: note.pitch, degree });
        let pitch = match tone {
            Some(tone) => self.follow.pitch_of(self.keys.winner(), settings, clip.key(), note.part, tone)?,
            None => note.pitch,
        };
        let key = self.keys.winner();
        let velocity = key.map_or(strike.velocity, |key| settings.by_key(strike.velocity, key.velocity));
        settings.is_audible(note.part).then_some(NewNote {
            part: Some(note.part),
            channel: settings.channel(note.part),
            pitch,
            velocity: settings.curved(velocity),
            end: strike.end,
            tone,
        })
    }

    /// Takes up the chord that is held: what sounds goes over to it.
    fn follow_chord(&mut self, settings: &Settings, line: &Line, offset: u32) {
        self.follow.take_up();
        self.table.release_ended(Some(line), (offset, offset + 1));
        let Some(key) = self.playing.as_ref().map(|clip| clip.key()) else { return };
        let (follow, winner) = (&self.follow, self.keys.winner());
        self.table.move_tones(offset, |part, tone| follow.pitch_of(winner, settings, key, part, tone));
    }

    /// Takes up the chord that is held if time stands still: nothing sounds that would go over to it.
    fn follow_while_still(&mut self, line: Option<&Line>) {
        if line.is_none() {
            self.follow.take_up();
        }
    }

    fn report(&self, line: Option<&Line>, n_samples: u32, passed: Passed) {
        let Passed { n_passes, next_launch, tempi } = passed;
        let in_phrase = |line: &Line| {
            let clip = self.playing.as_ref().filter(|_| !self.is_counting_in(line, n_samples))?;
            Some(line.beat_at(n_samples).rem_euclid(clip.duration().to_beats()))
        };
        self.monitor.update(&Report {
            playhead: line.and_then(in_phrase),
            is_playing: line.is_some(),
            playing_id: self.playing.as_ref().map(|clip| clip.id()),
            pending_id: self.pending.as_ref().map(|clip| clip.id()),
            next_launch,
            tempi,
            turn: self.listener.turn(),
            n_sounding: self.table.n_sounding(),
            n_struck: self.table.n_struck,
            n_launches: self.n_launches,
            n_jumps: self.n_jumps,
            n_passes,
            n_echoes: self.n_echoes,
            n_dropped: self.table.n_dropped,
            probe: &self.probe,
        });
    }
}
