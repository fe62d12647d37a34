//! Plays the phrase in time: walks along the beats of a block and writes the notes that begin and end there.
//!
//! A block is played in stretches, cut where something changes: a loop point, a message, a phrase that takes over, a
//! turn of call and answer, a change of feel or chord.

use super::audition::{Audition, AuditionSwitch};
use super::call_response::Exchange;
use super::clip::Clip;
use super::clock::{Clock, HostTime, Line, Source, Start};
use super::count_in;
use super::degree::Tone;
use super::event::{Action, ClockMessage, PlayerEvent};
use super::feel::Feel;
use super::handoff::ClipReceiver;
use super::keyboard::Keyboard;
use super::launch::Launcher;
use super::monitor::Report;
use super::note_table::{NewNote, NoteTable, Sounding};
use super::playback::Playback;
use super::schedule::NoteOn;
use super::settings::Settings;
use super::tempi::Tempi;
use super::test_notes::{Probe, ProbeSwitch};
use crate::music::pitch::Pitch;
use crate::music::scale::Key;
use crate::music::time::TickDuration;

/// Time in which the keys of a chord that starts the phrase may go down, in beats.
const ROLL_BEATS: f64 = 0.125;

/// What is constant throughout a block.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub settings: &'a Settings,
    /// The current feel.
    pub feel: Feel,
    /// Length of the host's bars, in beats.
    pub host_bar: Option<f64>,
    pub n_samples: u32,
}

/// The clock, the phrases and the sounding notes.
#[derive(Debug)]
pub struct Sequencer {
    clock: Clock,
    /// Maps the samples of the block to beats; `None` while time stands still.
    line: Option<Line>,
    launcher: Launcher,
    playback: Playback,
    exchange: Exchange,
    probe: Probe,
    audition: Audition,
    notes: NoteTable,
}

impl Sequencer {
    /// Creates a sequencer of the clips that arrive through `receiver`. Allocates.
    pub fn new(receiver: ClipReceiver) -> Self {
        let (clips, calls) = receiver.into_ends();
        Self {
            clock: Clock::new(),
            line: None,
            launcher: Launcher::new(clips),
            playback: Playback::new(),
            exchange: Exchange::new(calls),
            probe: Probe::new(),
            audition: Audition::new(),
            notes: NoteTable::new(),
        }
    }

    /// Sets the sample rate in hertz.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn set_sample_rate(&mut self, sample_rate: f64) {
        self.clock.set_sample_rate(sample_rate);
        self.probe.set_sample_rate(sample_rate);
        self.audition.set_sample_rate(sample_rate);
    }

    /// The sounding notes, and the events of the block.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn notes(&self) -> &NoteTable {
        &self.notes
    }

    /// Length of a bar of the phrase that plays, or of the pending one if none plays.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn bar(&self) -> Option<TickDuration> {
        self.launcher.playing().or(self.launcher.pending()).map(Clip::bar_duration)
    }

    /// The key of the phrase that plays; C major if none does.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn tonality(&self) -> Key {
        self.launcher.playing().map_or(Key::C_MAJOR, Clip::key)
    }

    /// Whether time moves.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn is_moving(&self) -> bool {
        self.line.is_some()
    }

    /// Stops the test notes.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn stop_test_notes(&mut self) {
        self.probe.stop();
    }

    /// Returns to the phrase that was set or sent last, and restarts our own clock.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn reset(&mut self) {
        self.launcher.return_to_sent();
        self.clock.begin_anew();
    }

    /// Takes in the clips that were sent.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn receive(&mut self) {
        self.launcher.receive(self.notes.time_of(0), self.clock.moment());
    }

    /// Sets the slot, `0..12`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn set_slot(&mut self, slot_idx: Option<u8>) {
        self.launcher.set_slot(slot_idx, self.notes.time_of(0));
    }

    /// The slot, `0..12`, that a message asked for since the last call.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn take_slot_asked(&mut self) -> Option<u8> {
        self.launcher.take_slot_asked()
    }

    /// Begins the events of a block.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn begin_block(&mut self) {
        self.notes.begin();
        self.launcher.begin_block();
        self.playback.begin_block();
    }

    /// Releases all notes at `offset`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn release_all(&mut self, offset: u32) {
        self.notes.release_where(offset, |_| true);
    }

    /// Stops time outside of a block: the next one begins with a jump.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn stop(&mut self) {
        self.clock.forget();
        self.line = None;
    }

    /// Releases what the settings silence, starts or stops test notes by `switch`, and plays what is `auditioned`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn update(&mut self, settings: &Settings, switch: &ProbeSwitch, auditioned: &AuditionSwitch) {
        if settings.window().is_none() || settings.is_bypassed {
            self.exchange.forget();
            self.exchange.end_call();
        }
        self.notes.release_where(0, |note| note.part.is_some_and(|part| !settings.is_audible(part)));
        self.probe.update(switch, settings, &mut self.notes);
        self.audition.update(auditioned, settings, &mut self.notes);
    }

    /// Starts time in a block: maps its samples to beats, if time moves.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn begin(&mut self, host: &HostTime, settings: &Settings, keyboard: &Keyboard) {
        let start = self.clock.begin(host, settings);
        let is_silent = settings.is_bypassed || !self.is_fired(settings, keyboard);
        self.line = None;
        match start {
            Start::Stopped => {}
            _ if is_silent => {}
            Start::GoesOn(line) => self.line = Some(line),
            Start::Wraps(line) => {
                self.line = Some(line);
                self.wrap(0, settings);
            }
            Start::Jumps(line) => {
                self.line = Some(line);
                self.jump(0, settings);
                // Nothing plays that another phrase would have to wait for.
                self.launch(0, settings);
            }
        }
        match &self.line {
            Some(line) => self.launcher.commit(line.reached, settings.horizon()),
            None => {
                self.release_phrase(0);
                self.exchange.forget();
            }
        }
        if self.launcher.playing().is_none() {
            self.launch_first(settings, 0);
        } else if self.line.is_none() || self.launcher.is_launch_off(settings) {
            self.launch(0, settings);
        }
    }

    /// Whether time moves, or waits for no key: in `Keys` mode, whether a key has started it.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn is_fired(&self, settings: &Settings, keyboard: &Keyboard) -> bool {
        match settings.window() {
            _ if self.clock.source() != Source::Keys => true,
            Some(_) => self.exchange.is_called(),
            None => keyboard.winner().is_some(),
        }
    }

    /// Does what is due at sample `at` before any message: test notes, the end of an auditioned one, a loop point, a turn of call and answer.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn enter(&mut self, settings: &Settings, at: u32) {
        self.probe.play(at, settings, &mut self.notes);
        self.audition.play(at, &mut self.notes);
        if self.line.is_some_and(|line| line.loop_point(at).is_some_and(|point| point <= at)) {
            self.wrap(at, settings);
        }
        self.take_turns(settings, at);
    }

    /// Advances the turn of call and answer.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn take_turns(&mut self, settings: &Settings, at: u32) {
        let line = self.line.filter(|line| !self.is_counting_in(line, at));
        let Some((line, window)) = line.zip(settings.window()) else { return };
        // A turn belongs to the sample nearest to it, as a note does.
        if !self.exchange.advance(line.edge(at + 1), window, settings) {
            return;
        }
        self.release_phrase(at);
        if self.clock.source() == Source::Keys && !self.exchange.turn().is_of_exchange() {
            // The next key begins the next call.
            self.exchange.end_call();
            self.jump(at, settings);
            self.line = None;
        }
    }

    /// Plays from sample `at` up to `to`, or to an earlier change; returns the offset reached.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn play(&mut self, context: &Context, keyboard: &mut Keyboard, (at, to): (u32, u32)) -> u32 {
        let mut to = to.min(self.probe.next_change(&self.notes)).min(self.audition.next_change(&self.notes));
        if let Some(mut line) = self.line {
            to = self.cut(context, keyboard, &mut line, (at, to));
            self.play_phrase(context, keyboard, &line, (at, to));
            line.reached = line.reached.max(line.edge(to));
            self.line = Some(line);
        }
        self.notes.release_ended(self.line.as_ref(), (at, to));
        to
    }

    /// The end of the stretch from `at`: the next change, at the latest `to`. Changes due at `at` are made.
    fn cut(
        &mut self,
        context: &Context,
        keyboard: &mut Keyboard,
        line: &mut Line,
        (at, mut to): (u32, u32),
    ) -> u32 {
        let settings = context.settings;
        if self.is_counting_in(line, at) {
            to = to.min(line.offset_of(0.0).max(at + 1));
        }
        if let Some(point) = line.loop_point(at) {
            to = to.min(point);
        }
        if let Some(boundary) = self.boundary(context, line) {
            let point = line.offset_of(boundary).max(at);
            if point > at {
                to = to.min(point);
            } else if self.launch(at, settings) {
                line.reached = line.reached.max(boundary);
            }
        }
        if let Some(window) = settings.window() {
            let change = self.exchange.next_change(line.edge(at + 1), window);
            to = to.min(line.offset_of(change).max(at + 1));
        }
        if let Some(change) = self.playback.next_change(context.feel, line.reached) {
            to = to.min(line.offset_of(change).max(at + 1));
        }
        if let Some(change) = keyboard.next_change(line.reached) {
            let point = line.offset_of(change).max(at);
            if point > at {
                to = to.min(point);
            } else {
                self.follow_chord(settings, keyboard, line, at);
            }
        }
        to
    }

    /// Writes the notes that begin in the stretch, each after those that end by then.
    fn play_phrase(&mut self, context: &Context, keyboard: &Keyboard, line: &Line, (from, to): (u32, u32)) {
        let Some(clip) = self.launcher.playing() else { return };
        if self.is_counting_in(line, from) {
            let lengths = (clip.bar_duration().to_beats(), clip.felt_beat().to_beats());
            count_in::play(&mut self.notes, context.settings, lengths, line, (from, to));
            return;
        }
        if self.exchange.turn().is_silent() || self.probe.is_under_way() {
            return;
        }
        let n_dropped = self.playback.find(clip, context.feel, line, (from, to));
        let mut idx = 0;
        while let Some(note_on) = self.playback.note(idx) {
            if let Some(note) = new_note(context.settings, keyboard, clip, note_on) {
                self.notes.release_ended(Some(line), (from, note_on.offset + 1));
                self.notes.note_on(note_on.offset, note);
            }
            idx += 1;
        }
        self.notes.n_dropped += n_dropped;
    }

    /// Applies the held chord: sounding notes move to it.
    fn follow_chord(&mut self, settings: &Settings, keyboard: &mut Keyboard, line: &Line, offset: u32) {
        keyboard.take_up_chord();
        self.notes.release_ended(Some(line), (offset, offset + 1));
        let Some(key) = self.launcher.playing().map(Clip::key) else { return };
        self.notes.move_tones(offset, |part, tone| keyboard.pitch_of(settings, key, part, tone));
    }

    /// Adds a key to the chord that started the phrase at once: fingers go down one by one, and the phrase does not
    /// wait for the next half beat.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn complete_chord(&mut self, settings: &Settings, keyboard: &mut Keyboard, at: u32) {
        if let Some(line) = self.line.filter(|line| line.beat_at(at) < ROLL_BEATS) {
            self.follow_chord(settings, keyboard, &line, at);
        }
    }

    /// Writes a note-on that is passed through.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn note_on(&mut self, at: u32, note: NewNote) {
        self.notes.note_on(at, note);
    }

    /// Writes the note-off of a note that was passed through, if it sounds.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn note_off(&mut self, at: u32, channel: u8, pitch: Pitch) {
        self.notes.release_key(at, channel, pitch);
    }

    /// Whether a note at sample `at` is a test note that came back.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn takes_back(&mut self, at: u32, pitch: Pitch, action: Action) -> bool {
        self.probe.takes_back(self.notes.time_of(at), pitch, action)
    }

    /// Records a note of a call, if it is the musician's turn.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn listen(&mut self, settings: &Settings, at: u32, pitch: Pitch, action: Action) {
        if let Some(line) = &self.line {
            self.exchange.take_note(settings, line.beat_at(at), pitch, action);
        }
    }

    /// Begins a call by a key in call and answer, and with it our own clock, where keys move time.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn begin_call(&mut self, settings: &Settings, at: u32) {
        let Some(window) = settings.window().filter(|_| !settings.is_bypassed) else { return };
        self.jump(at, settings);
        let from_start = self.clock.restart(at);
        self.exchange.begin_call();
        self.exchange.advance(from_start.edge(at + 1), window, settings);
        self.line = Some(from_start);
        self.launch(at, settings);
    }

    /// Ends the call that a key began, without an answer.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn end_call(&mut self) {
        self.exchange.end_call();
    }

    /// Starts the phrase by the winning key, or stops it if there is none.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn start_by_key(&mut self, settings: &Settings, keyboard: &Keyboard, at: u32) {
        self.jump(at, settings);
        self.line = keyboard.winner().map(|_| self.clock.restart(at));
        // The phrase restarts or stops: a pending one may take over.
        self.launch(at, settings);
    }

    /// Restarts the phrase where time is our own.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn restart(&mut self, settings: &Settings, keyboard: &Keyboard, at: u32) {
        match self.clock.source() {
            Source::Keys if settings.keys_play() && keyboard.winner().is_some() => {
                self.start_by_key(settings, keyboard, at);
            }
            Source::Free | Source::HostStart => {
                self.jump(at, settings);
                let from_start = self.clock.start_over(at);
                self.line = self.line.map(|_| from_start);
                self.launch(at, settings);
            }
            Source::Keys | Source::Stopped | Source::Host | Source::MidiClock => {}
        }
    }

    /// Chooses the slot, `0..12`, by a message.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn choose_slot(&mut self, settings: &Settings, slot_idx: u8, at: u32) {
        self.launcher.ask_for_slot(slot_idx, self.notes.time_of(at));
        if self.launcher.playing().is_none() {
            self.launch_first(settings, at);
        } else if self.line.is_none() {
            // Nothing plays that it would have to wait for.
            self.launch(at, settings);
        }
    }

    /// Applies a message of the MIDI clock.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn follow_clock(&mut self, settings: &Settings, message: ClockMessage, at: u32) {
        if self.clock.take(message, at, &mut self.line) {
            self.jump(at, settings);
            self.launch(at, settings);
            self.line = self.line.filter(|_| !settings.is_bypassed);
        }
    }

    /// Position where the pending phrase takes over, in beats.
    fn boundary(&self, context: &Context, line: &Line) -> Option<f64> {
        // Only the host's positions lie on its bars.
        let host_bar = context.host_bar.filter(|_| self.clock.source() == Source::Host);
        self.launcher.boundary(context.settings, host_bar, line.reached)
    }

    /// Launches the first phrase, if any: nothing plays that it would have to wait for.
    fn launch_first(&mut self, settings: &Settings, offset: u32) {
        // Nothing can be out of step yet: unless it is an answer, it starts from its beginning.
        let is_ours = self.clock.source() == Source::Free && settings.window().is_none();
        if self.launch(offset, settings) && is_ours {
            let from_start = self.clock.start_over(offset);
            self.line = self.line.map(|_| from_start);
        }
    }

    /// Launches the pending phrase, if any; returns whether it took over.
    fn launch(&mut self, offset: u32, settings: &Settings) -> bool {
        if !self.launcher.take_over() {
            return false;
        }
        self.release_phrase(offset);
        self.playback.enter(settings);
        true
    }

    /// Marks a jump of the position and releases the phrase's notes.
    fn jump(&mut self, offset: u32, settings: &Settings) {
        self.leave(offset, settings);
        self.launcher.jump();
    }

    /// Wraps the position round the loop; what is fixed stays so.
    fn wrap(&mut self, offset: u32, settings: &Settings) {
        let Some(line) = &mut self.line else { return };
        let beats = line.wrap();
        let reached = line.reached;
        self.leave(offset, settings);
        self.launcher.move_back(beats);
        // In a loop shorter than the quantum, a launch bound might never come.
        if !self.launcher.is_committed_beyond(reached) {
            self.launch(offset, settings);
        }
    }

    /// Leaves the position and releases the phrase's notes.
    fn leave(&mut self, offset: u32, settings: &Settings) {
        self.release_phrase(offset);
        self.playback.jump(settings);
        self.exchange.forget();
    }

    /// Releases the notes of the phrase.
    fn release_phrase(&mut self, offset: u32) {
        self.notes.release_where(offset, Sounding::is_generated);
    }

    /// Whether the sample at `offset` of `line` is in the count-in.
    fn is_counting_in(&self, line: &Line, offset: u32) -> bool {
        self.clock.source() == Source::Free && line.edge(offset + 1) <= 0.0
    }

    /// Ends time in a block.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn finish(&mut self, n_samples: u32) {
        self.clock.finish(self.line.as_ref(), n_samples);
    }

    /// Ends the events of a block; returns them in order.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn finish_events(&mut self, n_samples: u32) -> &[PlayerEvent] {
        self.notes.finish(n_samples)
    }

    /// The report of the block that [`Self::finish`] ended.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn report(&mut self, context: &Context, host: &HostTime) -> Report<'_> {
        let n_passes = self.count_pass();
        let next_launch = self.line.and_then(|line| self.next_launch(context, &line));
        Report { n_passes, next_launch, ..self.report_still(self.clock.tempi(host), context.n_samples) }
    }

    /// The report outside of a block; `tempi` — those of the host and the MIDI clock.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn report_still(&self, tempi: Tempi, n_samples: u32) -> Report<'_> {
        Report {
            playhead: self.playhead(n_samples),
            is_playing: self.line.is_some(),
            playing_id: self.launcher.playing().map(Clip::id),
            pending_id: self.launcher.pending().map(Clip::id),
            next_launch: None,
            tempi,
            turn: self.exchange.turn(),
            n_sounding: self.notes.n_sounding(),
            n_note_ons: self.notes.n_note_ons,
            n_launches: self.launcher.n_launches(),
            n_jumps: self.playback.n_jumps(),
            n_passes: 0,
            n_echoes: 0,
            n_dropped: self.notes.n_dropped,
            probe: &self.probe,
        }
    }

    /// Position of sample `offset`, in beats from the start of the phrase that plays there.
    fn playhead(&self, offset: u32) -> Option<f64> {
        let line = self.line.filter(|line| !self.is_counting_in(line, offset))?;
        Some(line.beat_at(offset).rem_euclid(self.launcher.playing()?.duration().to_beats()))
    }

    /// 1 if a phrase began or repeated since the last block.
    fn count_pass(&mut self) -> u32 {
        let Some((line, clip)) = self.line.zip(self.launcher.playing()) else { return 0 };
        let is_counted_in = self.clock.source() == Source::Free && line.reached < 0.0;
        u32::from(!is_counted_in && self.playback.begins_pass(clip, line.reached))
    }

    /// Where the pending phrase takes over, in beats from the start of the one that plays.
    fn next_launch(&self, context: &Context, line: &Line) -> Option<f64> {
        let duration = self.launcher.playing()?.duration().to_beats();
        Some(self.boundary(context, line)?.rem_euclid(duration))
    }
}

/// `note_on` of `clip` as sent; `None` if its part is silent or its pitch out of range.
fn new_note(settings: &Settings, keyboard: &Keyboard, clip: &Clip, note_on: NoteOn) -> Option<NewNote> {
    let (note, degree) = clip.note(note_on.note_idx)?;
    let tone = (!note.part.is_drums()).then_some(Tone { pitch: note.pitch, degree });
    let pitch = match tone {
        Some(tone) => keyboard.pitch_of(settings, clip.key(), note.part, tone)?,
        None => note.pitch,
    };
    settings.is_audible(note.part).then(|| NewNote {
        part: Some(note.part),
        channel: settings.channel(note.part),
        pitch,
        velocity: keyboard.velocity_of(settings, note_on.velocity),
        end: note_on.end,
        tone,
    })
}
