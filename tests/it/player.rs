//! The player under hosts of every kind: what it guarantees, held to whole sequences of blocks.

use std::collections::BTreeMap;
use std::sync::Arc;

use descant::music::{Frame, Key, Meter, Note, Part, Phrase, Pitch, Progression, TickDuration, TickInstant};
use descant::player::{
    Action, Clip, ClipSender, HostTime, InputEvent, Mode, Monitor, Player, PlayerEvent, Quantum, Settings,
    SwingUnit, TempoSource, clip_channel,
};
use proptest::prelude::*;

const RATE: f64 = 48_000.0;
/// Samples per beat at 120 beats per minute.
const BEAT: u64 = 24_000;

/// A player between a host and a checker of its events.
struct Rig {
    sender: ClipSender,
    player: Player,
    monitor: Arc<Monitor>,
    settings: Settings,
    /// Samples since the beginning.
    now: u64,
    /// Note ids and parts of what sounds, by channel and key, with the sample of the note-on.
    sounding: BTreeMap<(u8, u8), (i32, Option<Part>, u64)>,
    /// Everything that happened, by sample since the beginning.
    events: Vec<(u64, PlayerEvent)>,
}

impl Rig {
    fn new() -> Self {
        let (sender, receiver) = clip_channel();
        let monitor = Arc::new(Monitor::new());
        let player = Player::new(receiver, Arc::clone(&monitor));
        Self {
            sender,
            player,
            monitor,
            settings: Settings::default(),
            now: 0,
            sounding: BTreeMap::new(),
            events: Vec::new(),
        }
    }

    fn with(phrase: &Phrase) -> Self {
        let mut rig = Self::new();
        rig.sender.send(Clip::new(1, phrase)).unwrap();
        rig
    }

    /// Plays a block and holds its events to what is always promised.
    fn block(&mut self, host: &HostTime, inputs: &[InputEvent], n_samples: u32) -> Vec<PlayerEvent> {
        let events = self.player.process(host, &self.settings, inputs, n_samples).to_vec();
        self.check(&events, n_samples);
        self.now += u64::from(n_samples);
        assert_eq!(self.monitor.n_sounding() as usize, self.sounding.len());
        events
    }

    fn release_all(&mut self) {
        let events = self.player.release_all().to_vec();
        self.check(&events, 1);
        assert!(self.sounding.is_empty());
    }

    fn check(&mut self, events: &[PlayerEvent], n_samples: u32) {
        assert!(events.is_sorted_by_key(|event| (event.offset, event.action != Action::Off)), "{events:?}");
        for event in events {
            assert!(event.offset < n_samples, "{event:?} in {n_samples}");
            let at = self.now + u64::from(event.offset);
            let key = (event.channel, event.pitch.number());
            let same = (event.note_id, event.part);
            match event.action {
                Action::On { velocity } => {
                    assert!((1..=127).contains(&velocity));
                    let earlier = self.sounding.insert(key, (same.0, same.1, at));
                    assert_eq!(earlier, None, "{event:?} strikes a key that sounds");
                }
                Action::Off => {
                    let Some((id, part, since)) = self.sounding.remove(&key) else {
                        panic!("{event:?} lets go a key that does not sound");
                    };
                    assert_eq!((id, part), same);
                    assert!(at > since, "{event:?} has no length");
                }
            }
            self.events.push((at, *event));
        }
    }

    fn n_generated(&self) -> usize {
        self.sounding.values().filter(|(_, part, _)| part.is_some()).count()
    }

    /// Note-ons of the phrase so far: sample and MIDI note number.
    fn strikes(&self) -> Vec<(u64, u8)> {
        let is_strike = |event: &PlayerEvent| event.action != Action::Off && event.part.is_some();
        let strikes = self.events.iter().filter(|(_, event)| is_strike(event));
        strikes.map(|(at, event)| (*at, event.pitch.number())).collect()
    }
}

/// A host at a steady tempo.
#[derive(Clone, Copy)]
struct Host {
    tempo: f64,
    /// Beats at the next block.
    beat: f64,
    /// What rounding has taken from `beat`.
    lost: f64,
    loop_range: Option<(f64, f64)>,
}

impl Host {
    fn at(beat: f64) -> Self {
        Self { tempo: 120.0, beat, lost: 0.0, loop_range: None }
    }

    fn time(&self) -> HostTime {
        HostTime {
            is_playing: true,
            tempo: Some(self.tempo),
            beat: Some(self.beat),
            loop_range: self.loop_range,
            bar_start: Some((self.beat / 4.0).floor() * 4.0),
        }
    }

    /// Plays `n_samples` in blocks of the sizes that come round.
    fn play(&mut self, rig: &mut Rig, n_samples: u64, sizes: &[u32]) {
        let (mut sizes, mut left) = (sizes.iter().cycle(), n_samples);
        while left > 0 {
            let size = (*sizes.next().unwrap()).min(u32::try_from(left).unwrap_or(u32::MAX));
            rig.block(&self.time(), &[], size);
            self.advance(size);
            left -= u64::from(size);
        }
    }

    fn advance(&mut self, n_samples: u32) {
        let before = self.beat;
        // Summed with compensation: even blocks of one sample must not drift.
        let step = f64::from(n_samples) * (self.tempo / 60.0 / RATE) - self.lost;
        self.beat += step;
        self.lost = (self.beat - before) - step;
        // Past the loop's end there is no way back into it.
        if let Some((start, end)) = self.loop_range.filter(|(_, end)| before < *end) {
            while self.beat >= end - 1e-9 {
                self.beat -= end - start;
            }
        }
    }
}

fn stopped() -> HostTime {
    HostTime { tempo: Some(120.0), beat: Some(3.0), ..HostTime::default() }
}

/// A phrase of `n_bars` of 4/4 with notes at onset, duration (ticks), key and part.
fn phrase(n_bars: u32, notes: &[(u32, u32, u8, Part)]) -> Phrase {
    let mut parts: [Vec<Note>; 5] = Default::default();
    for (onset, duration, key, part) in notes {
        let pitch = Pitch::new(*key).unwrap();
        parts[part.index()].push(Note::new(TickInstant(*onset), TickDuration(*duration), pitch, 90));
    }
    Phrase::new(Frame::new(Meter::COMMON, n_bars, Key::C_MAJOR, 120.0), Progression::default(), parts)
        .unwrap()
}

/// A melody note on each sixteenth of `n_bars`, the key telling the place.
fn sixteenths(n_bars: u32, first_key: u8) -> Phrase {
    let key = |idx: u32| first_key + u8::try_from(idx % 16).unwrap();
    let notes: Vec<_> = (0..16 * n_bars).map(|idx| (idx * 240, 240, key(idx), Part::Melody)).collect();
    phrase(n_bars, &notes)
}

fn on(offset: u32, key: u8) -> InputEvent {
    InputEvent { offset, channel: 5, pitch: Pitch::new(key).unwrap(), action: Action::On { velocity: 80 } }
}

fn off(offset: u32, key: u8) -> InputEvent {
    InputEvent { action: Action::Off, ..on(offset, key) }
}

#[test]
fn one_pass_is_exactly_the_phrase() {
    let phrase = phrase(
        2,
        &[
            (0, 960, 60, Part::Melody),
            (960, 7, 60, Part::Melody),
            (967, 1920, 60, Part::Melody),
            (1, 7679, 48, Part::Chords),
            (0, 240, 36, Part::Drums),
            (7440, 240, 36, Part::Drums),
        ],
    );
    let mut rig = Rig::with(&phrase);
    Host::at(0.0).play(&mut rig, 8 * BEAT, &[512]);
    rig.release_all();
    let mut expected: Vec<_> = phrase
        .all_notes()
        .flat_map(|(part, note)| {
            let place = |at: TickInstant| u64::from(at.0) * 25;
            let (key, velocity) = (note.pitch, note.velocity);
            [
                (place(note.onset), Action::On { velocity }, part, key),
                (place(note.end()), Action::Off, part, key),
            ]
        })
        .collect();
    expected.sort_unstable();
    let mut found: Vec<_> =
        rig.events.iter().map(|(at, event)| (*at, event.action, event.part.unwrap(), event.pitch)).collect();
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn stopping_releases_at_the_stop_sample_and_input_goes_on() {
    let mut rig = Rig::with(&phrase(1, &[(0, 3840, 60, Part::Melody), (0, 3840, 64, Part::Chords)]));
    let mut host = Host::at(0.0);
    rig.block(&host.time(), &[on(3, 60)], 1000);
    host.advance(1000);
    assert_eq!((rig.n_generated(), rig.sounding.len()), (2, 3));
    let events = rig.block(&stopped(), &[], 64);
    assert_eq!(
        events.iter().map(|event| (event.offset, event.action)).collect::<Vec<_>>(),
        [(0, Action::Off); 2]
    );
    assert_eq!((rig.n_generated(), rig.sounding.len()), (0, 1));
    rig.block(&stopped(), &[off(63, 60)], 64);
    assert!(rig.sounding.is_empty());
}

#[test]
fn starting_in_the_middle_plays_what_lies_ahead() {
    for (beat, first) in
        [(0.0, (0, 60)), (1.0, (0, 64)), (1.01, (5760, 65)), (-0.5, (0, 74)), (401.0, (0, 64))]
    {
        let mut rig = Rig::with(&sixteenths(1, 60));
        Host::at(beat).play(&mut rig, BEAT, &[480]);
        assert_eq!(rig.strikes()[0], first, "from {beat}");
        assert!((3..=4).contains(&rig.strikes().len()));
    }
}

#[test]
fn loops_neither_double_the_first_note_nor_lose_the_last() {
    let bar: Vec<_> = (0..16).map(|idx| 60 + idx).collect();
    for (loop_range, sizes, snaps) in [
        ((0.0, 4.0), [512, 512], false),
        ((0.0, 4.0), [8192, 1], false),
        ((0.0, 4.0), [777, 31], true),
        ((4.0, 8.0), [4096, 4096], true),
        ((8.0, 12.0), [480, 480], false),
    ] {
        let mut rig = Rig::with(&sixteenths(1, 60));
        let mut host = Host { loop_range: Some(loop_range), ..Host::at(loop_range.0) };
        let (mut left, mut sizes) = (12 * BEAT, sizes.into_iter().cycle());
        while left > 0 {
            let size = sizes.next().unwrap().min(u32::try_from(left).unwrap());
            rig.block(&host.time(), &[], size);
            let before = host.beat;
            host.advance(size);
            if snaps && host.beat < before {
                // As if the last block had ended at the loop point.
                host.beat = loop_range.0;
            }
            left -= u64::from(size);
        }
        let keys: Vec<_> = rig.strikes().iter().map(|(_, key)| *key).collect();
        let whole = if snaps { 32 } else { 48 };
        assert!(keys.len() >= whole, "{} strikes", keys.len());
        for (idx, key) in keys.iter().enumerate() {
            assert_eq!(*key, bar[idx % 16], "strike {idx} of {loop_range:?}");
        }
    }
}

#[test]
fn a_loop_inside_the_phrase_is_cut_at_its_sample() {
    let mut rig = Rig::with(&phrase(2, &[(960, 6000, 60, Part::Melody)]));
    let mut host = Host { loop_range: Some((0.0, 3.0)), ..Host::at(0.0) };
    host.play(&mut rig, 6 * BEAT, &[1000]);
    let times: Vec<_> = rig.events.iter().map(|(at, event)| (*at, event.action == Action::Off)).collect();
    assert_eq!(times, [(BEAT, false), (3 * BEAT, true), (4 * BEAT, false)]);
}

#[test]
fn jumps_without_a_word_release_and_seat_anew() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    let mut host = Host::at(0.0);
    host.play(&mut rig, 1000, &[500]);
    assert_eq!(rig.n_generated(), 1);
    host.beat = 2.0;
    let events = rig.block(&host.time(), &[], 100);
    let seen: Vec<_> =
        events.iter().map(|event| (event.offset, event.action, event.pitch.number())).collect();
    assert_eq!(seen, [(0, Action::Off, 60), (0, Action::On { velocity: 90 }, 68)]);
}

#[test]
fn tempo_changes_and_glides_lose_and_double_nothing() {
    for (sizes, glide) in [([512, 512], 1.0), ([64, 4096], 1.0), ([2048, 17], -0.5), ([1000, 1000], 0.0)] {
        let mut rig = Rig::with(&sixteenths(1, 60));
        let (mut host, mut sizes) = (Host::at(0.0), sizes.into_iter().cycle());
        while host.beat < 16.0 {
            let size = sizes.next().unwrap();
            rig.block(&host.time(), &[], size);
            let seconds = f64::from(size) / RATE;
            // Beats per minute per second; 0 is a jump between two tempos.
            let next = match glide {
                0.0 => {
                    if host.tempo == 120.0 {
                        61.0
                    } else {
                        120.0
                    }
                }
                glide => host.tempo + 60.0 * glide * seconds,
            };
            let mean = if glide == 0.0 { host.tempo } else { (host.tempo + next) / 2.0 };
            host.beat += mean / 60.0 * seconds;
            host.tempo = next.clamp(20.0, 400.0);
        }
        let keys: Vec<_> = rig.strikes().iter().map(|(_, key)| usize::from(*key)).collect();
        assert!(keys.len() >= 64, "{}", keys.len());
        for (idx, key) in keys.iter().enumerate() {
            assert_eq!(*key, 60 + idx % 16, "strike {idx}");
        }
        assert_eq!(rig.monitor.n_jumps(), 1);
    }
}

#[test]
fn a_host_without_transport_is_played_to_at_the_knob() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    rig.settings.tempo = 60.0;
    for _ in 0..100 {
        rig.block(&HostTime::default(), &[], 960);
    }
    let expected: Vec<_> = (0..8_u8).map(|idx| (u64::from(idx) * 12_000, 60 + idx)).collect();
    assert_eq!(rig.strikes(), expected);
    // A host that plays but gives no beats: from 0 each time.
    let playing = HostTime { is_playing: true, ..HostTime::default() };
    for host in [playing, stopped(), playing] {
        rig.block(&host, &[], 100);
    }
    assert_eq!(rig.strikes()[8..].iter().map(|(_, key)| *key).collect::<Vec<_>>(), [60, 60]);
}

#[test]
fn a_host_that_gives_beats_alone_is_followed() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    let mut host = Host { tempo: 90.0, ..Host::at(0.0) };
    for _ in 0..400 {
        let time = HostTime { tempo: None, bar_start: None, ..host.time() };
        rig.block(&time, &[], 512);
        host.advance(512);
    }
    for (idx, (at, key)) in rig.strikes().iter().enumerate() {
        assert_eq!(usize::from(*key), 60 + idx % 16);
        assert!(at.abs_diff(8000 * idx as u64) <= 1);
    }
}

#[test]
fn nonsense_counts_as_not_said() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -1e300, f64::MIN_POSITIVE] {
        let host = HostTime {
            is_playing: true,
            tempo: Some(bad),
            beat: Some(bad),
            loop_range: Some((0.0, bad)),
            bar_start: Some(bad),
        };
        rig.settings.tempo = bad;
        for n_samples in [0, 1, 480, 8192] {
            rig.block(&host, &[], n_samples);
        }
        rig.settings.mode = if rig.settings.mode == Mode::Host { Mode::Free } else { Mode::Host };
    }
    rig.release_all();
}

#[test]
fn a_key_plays_the_phrase_from_its_start_and_the_last_wins() {
    let mut rig = Rig::with(&phrase(
        1,
        &[(0, 480, 60, Part::Melody), (480, 480, 40, Part::Drums), (960, 960, 120, Part::Bass)],
    ));
    rig.settings.mode = Mode::Keys;
    let host = HostTime { tempo: Some(120.0), ..stopped() };
    rig.block(&host, &[on(100, 67)], 30_000);
    // Bass 120 + 7 is the highest key there is.
    assert_eq!(rig.strikes(), [(100, 67), (12_100, 40), (24_100, 127)]);
    let events = rig.block(&host, &[on(50, 72), off(60, 67), off(200, 72)], 400);
    let seen: Vec<_> = events
        .iter()
        .map(|event| (event.offset, event.action == Action::Off, event.pitch.number()))
        .collect();
    assert_eq!(seen, [(50, true, 127), (50, false, 72), (200, true, 72)]);
    // Out of range is silent.
    rig.block(&host, &[on(0, 72)], 30_000);
    assert!(!rig.strikes().iter().any(|(at, key)| *at > 54_000 && *key > 72));
    rig.block(&host, &[off(0, 72)], 10);
    assert!(rig.sounding.is_empty());
}

#[test]
fn free_runs_on_whatever_the_host_does() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    rig.settings =
        Settings { mode: Mode::Free, tempo: 120.0, tempo_source: TempoSource::Knob, ..rig.settings };
    for host in [stopped(), Host::at(99.0).time(), HostTime::default(), stopped()] {
        rig.block(&host, &[], 6000);
    }
    assert_eq!(rig.strikes(), [(0, 60), (6000, 61), (12_000, 62), (18_000, 63)]);
}

#[test]
fn a_reset_makes_the_next_render_equal_to_the_first() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    rig.settings =
        Settings { mode: Mode::Free, tempo: 120.0, tempo_source: TempoSource::Knob, ..rig.settings };
    rig.block(&stopped(), &[], 13_000);
    rig.player.reset();
    let start = rig.now;
    rig.block(&stopped(), &[], 13_000);
    let strikes = rig.strikes();
    let (first, again): (Vec<_>, Vec<_>) = strikes.iter().partition(|(at, _)| *at < start);
    assert_eq!(first, [(0, 60), (6000, 61), (12_000, 62)]);
    assert_eq!(again.iter().map(|(at, key)| (at - start, *key)).collect::<Vec<_>>(), first);
}

#[test]
fn another_phrase_waits_for_the_quantum() {
    for (quantum, expected) in [
        (Quantum::Sixteenth, Some(6000)),
        (Quantum::Eighth, Some(12_000)),
        (Quantum::Beat, Some(BEAT)),
        (Quantum::Bar, Some(4 * BEAT)),
        (Quantum::Phrase, Some(8 * BEAT)),
        (Quantum::Off, Some(6000)),
    ] {
        let mut rig = Rig::with(&sixteenths(2, 40));
        rig.settings.quantum = quantum;
        let mut host = Host::at(0.0);
        host.play(&mut rig, 1000, &[100]);
        // One that is overtaken, and a newer one.
        rig.sender.send(Clip::new(2, &sixteenths(1, 20))).unwrap();
        rig.sender.send(Clip::new(3, &sixteenths(1, 80))).unwrap();
        host.play(&mut rig, 100, &[100]);
        let is_pending = (quantum != Quantum::Off).then_some(3);
        assert_eq!(rig.monitor.pending_id(), is_pending);
        host.play(&mut rig, 9 * BEAT, &[777]);
        assert_eq!((rig.monitor.playing_id(), rig.monitor.pending_id()), (Some(3), None));
        let first = rig.strikes().iter().find(|(_, key)| *key >= 80).map(|(at, _)| *at);
        assert_eq!(first, expected, "{quantum:?}");
        assert!(rig.strikes().iter().all(|(_, key)| *key >= 40), "the overtaken phrase is not played");
        assert_eq!(rig.sender.collect_spent(), 2);
        // In step with the beat, not from its start.
        for (at, key) in rig.strikes().into_iter().filter(|(_, key)| *key >= 80) {
            assert_eq!(u64::from(key) - 80, at / 6000 % 16);
        }
    }
}

#[test]
fn a_longer_version_takes_over_without_a_break() {
    let mut rig = Rig::with(&phrase(1, &[(0, 3840, 60, Part::Melody)]));
    let mut host = Host::at(0.0);
    host.play(&mut rig, 1000, &[100]);
    let longer =
        phrase(1, &[(0, 3840, 60, Part::Melody), (960, 960, 64, Part::Bass), (20, 960, 65, Part::Bass)]);
    rig.sender.send(Clip::new(1, &longer)).unwrap();
    host.play(&mut rig, 2 * BEAT, &[100]);
    // Nothing late, nothing released.
    assert_eq!(rig.strikes(), [(0, 60), (BEAT, 64)]);
    assert!(rig.sounding.contains_key(&(0, 60)));
}

#[test]
fn bypass_mute_and_mode_release_at_once() {
    let quiet: [fn(&mut Settings); 4] = [
        |settings| settings.is_bypassed = true,
        |settings| settings.parts[Part::Melody.index()].is_muted = true,
        |settings| settings.parts[Part::Drums.index()].is_soloed = true,
        |settings| settings.mode = Mode::Keys,
    ];
    for change in quiet {
        let mut rig = Rig::with(&sixteenths(1, 60));
        let mut host = Host::at(0.0);
        host.play(&mut rig, 1000, &[100]);
        change(&mut rig.settings);
        let events = rig.block(&host.time(), &[], 100);
        assert_eq!(
            events.iter().map(|event| (event.offset, event.action)).collect::<Vec<_>>(),
            [(0, Action::Off)]
        );
        host.advance(100);
        host.play(&mut rig, BEAT, &[100]);
        assert_eq!(rig.strikes().len(), 1);
    }
}

#[test]
fn panic_and_sample_rate_release_and_go_on() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    let mut host = Host::at(0.0);
    host.play(&mut rig, 1000, &[100]);
    rig.player.panic();
    let events = rig.block(&host.time(), &[], 100);
    assert_eq!((events.len(), rig.n_generated()), (1, 0));
    host.advance(100);
    host.play(&mut rig, 6000, &[100]);
    assert_eq!(rig.n_generated(), 1);
    rig.player.set_sample_rate(96_000.0);
    let events = rig.block(&host.time(), &[], 10);
    assert_eq!((events.len(), events[0].action, rig.n_generated()), (1, Action::Off, 0));
}

#[test]
fn swing_and_humanise_move_notes_within_bounds_and_keep_them_all() {
    for (swing, unit, humanise) in [
        (0.75, SwingUnit::Eighth, 0.0),
        (0.66, SwingUnit::Sixteenth, 0.0),
        (0.5, SwingUnit::Eighth, 1.0),
        (0.7, SwingUnit::Sixteenth, 1.0),
    ] {
        let mut rig = Rig::with(&sixteenths(1, 60));
        (rig.settings.swing, rig.settings.swing_unit, rig.settings.humanise) = (swing, unit, humanise);
        // A little more than four passes: the last notes may come late.
        Host::at(0.0).play(&mut rig, 16 * BEAT + 800, &[333]);
        let keys: Vec<_> = rig.strikes().iter().map(|(_, key)| *key).collect();
        let moved =
            rig.strikes().iter().enumerate().filter(|(idx, (at, _))| *at != 6000 * *idx as u64).count();
        assert!(keys.len() >= 64 && moved > 16, "{swing} {unit:?} {humanise}: {moved} of {}", keys.len());
        for (idx, (at, key)) in rig.strikes().iter().enumerate() {
            let unit = if unit == SwingUnit::Eighth { 0.5 } else { 0.25 };
            let most = (2.0 * f64::from(swing) - 1.0) * unit * 24_000.0 + f64::from(humanise) * 750.0 + 1.0;
            assert_eq!(usize::from(*key), 60 + idx % 16, "strike {idx}");
            let written = 6000 * idx as u64;
            let late = *at as f64 - written as f64;
            assert!((0.0..=most).contains(&late), "{swing} {unit} {humanise}: {at} for {written}");
        }
    }
}

#[test]
fn turning_the_feel_loses_and_doubles_nothing() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    let mut host = Host::at(0.0);
    for round in 0..2000_u16 {
        (rig.settings.swing, rig.settings.humanise) =
            (0.5 + f32::from(round % 26) * 0.01, f32::from(round % 7) / 6.0);
        host.play(&mut rig, 301, &[301]);
    }
    for (idx, (_, key)) in rig.strikes().iter().enumerate() {
        assert_eq!(usize::from(*key), 60 + idx % 16, "strike {idx}");
    }
    assert!(rig.strikes().len() >= 2000 * 301 / 6000);
}

#[test]
fn live_keys_and_the_phrase_share_a_channel() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    rig.settings.parts[Part::Melody.index()].channel = 5;
    let mut host = Host::at(0.0);
    // Struck with, before and after the phrase's own 60 and 61, and let go whenever.
    for inputs in [
        &[on(0, 60), on(5990, 61)][..],
        &[off(0, 61), on(1, 61), off(1, 61), on(1, 61)],
        &[off(3, 60), off(4, 60)],
    ] {
        rig.block(&host.time(), inputs, 6000);
        host.advance(6000);
    }
    host.play(&mut rig, 4 * BEAT, &[100]);
    rig.block(&stopped(), &[off(0, 61)], 10);
    assert!(rig.sounding.is_empty());
}

/// Something that happens to a player.
#[derive(Debug, Clone)]
enum Event {
    Play(Vec<u32>),
    Stop,
    Seek(f64),
    Loop(Option<(f64, f64)>),
    Tempo(f64),
    Transport(u8),
    Set(fn(&mut Settings, u8), u8),
    Rate(f32),
    Panic,
    ReleaseAll,
    Send(u64, Vec<(u32, u32, u8, usize)>),
    Input(Vec<(u32, u8, bool)>),
}

fn event() -> impl Strategy<Value = Event> {
    let size = prop_oneof![0_u32..4, 1_u32..600, 1_u32..8193];
    let setters: Vec<fn(&mut Settings, u8)> = vec![
        |settings, n| settings.mode = [Mode::Host, Mode::Keys, Mode::Free][usize::from(n % 3)],
        |settings, n| settings.is_bypassed = n % 3 == 0,
        |settings, n| settings.parts[usize::from(n % 5)].is_muted ^= true,
        |settings, n| settings.parts[usize::from(n % 5)].is_soloed ^= true,
        |settings, n| settings.parts[usize::from(n % 5)].channel = n / 5 % 3,
        |settings, n| settings.parts[usize::from(n % 5)].octave = i8::try_from(n / 5 % 9).unwrap() - 4,
        |settings, n| settings.swing = 0.5 + f32::from(n) / 1000.0,
        |settings, n| settings.humanise = f32::from(n) / 255.0,
        |settings, n| settings.tempo = 20.0 + 2.0 * f64::from(n),
        |settings, n| {
            let all = [
                Quantum::Off,
                Quantum::Sixteenth,
                Quantum::Eighth,
                Quantum::Beat,
                Quantum::Bar,
                Quantum::Phrase,
            ];
            settings.quantum = all[usize::from(n % 6)];
        },
    ];
    let note = (0_u32..7680, 1_u32..4000, 0_u8..128, 0_usize..5);
    prop_oneof![
        6 => prop::collection::vec(size, 1..12).prop_map(Event::Play),
        1 => Just(Event::Stop),
        1 => (-8.0..40.0).prop_map(Event::Seek),
        1 => prop::option::of((0.0..8.0, 0.001..9.0)).prop_map(|range| Event::Loop(range.map(|(start, length)| (start, start + length)))),
        1 => (20.0..400.0).prop_map(Event::Tempo),
        1 => (0_u8..4).prop_map(Event::Transport),
        4 => (prop::sample::select(setters), any::<u8>()).prop_map(|(set, n)| Event::Set(set, n)),
        1 => (8000.0_f32..200_000.0).prop_map(Event::Rate),
        1 => Just(Event::Panic),
        1 => Just(Event::ReleaseAll),
        3 => (0_u64..4, prop::collection::vec(note, 0..60)).prop_map(|(id, notes)| Event::Send(id, notes)),
        2 => prop::collection::vec((0_u32..600, 55_u8..70, any::<bool>()), 1..8).prop_map(Event::Input),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever happens, every note-on has its note-off, in order and in its block, and silence is silent.
    #[test]
    fn nothing_hangs_under_any_sequence(events in prop::collection::vec(event(), 1..60)) {
        let mut rig = Rig::new();
        let (mut host, mut said) = (Host::at(0.0), 0);
        let mut waiting: Vec<InputEvent> = Vec::new();
        for event in events {
            match event {
                Event::Play(sizes) => {
                    let last = sizes.last().copied().unwrap_or(0);
                    for size in sizes {
                        let time = match said {
                            0 => host.time(),
                            1 => HostTime { beat: None, ..host.time() },
                            2 => HostTime { tempo: None, ..host.time() },
                            _ => HostTime::default(),
                        };
                        rig.block(&time, &waiting, size);
                        if size > 0 {
                            waiting.clear();
                        }
                        host.advance(size);
                    }
                    if rig.settings.is_bypassed && last > 0 {
                        prop_assert_eq!(rig.n_generated(), 0);
                    }
                }
                Event::Stop => {
                    let follows = rig.settings.mode == Mode::Host;
                    let at = rig.now;
                    rig.block(&stopped(), &[], 64);
                    if follows {
                        prop_assert_eq!(rig.n_generated(), 0);
                        prop_assert!(rig.events.iter().rev().take_while(|(when, _)| *when >= at).all(|(when, _)| *when <= at + 1));
                    }
                }
                Event::Seek(beat) => host.beat = beat,
                Event::Loop(range) => host.loop_range = range,
                Event::Tempo(tempo) => host.tempo = tempo,
                Event::Transport(kind) => said = kind,
                Event::Set(set, n) => set(&mut rig.settings, n),
                Event::Rate(rate) => rig.player.set_sample_rate(rate),
                Event::Panic => rig.player.panic(),
                Event::ReleaseAll => rig.release_all(),
                Event::Send(id, notes) => {
                    let mut parts: [Vec<Note>; 5] = Default::default();
                    for (onset, duration, key, part) in notes {
                        parts[part].push(Note::new(TickInstant(onset), TickDuration(duration), Pitch::new(key).unwrap(), 100));
                    }
                    let frame = Frame::new(Meter::COMMON, 2, Key::C_MAJOR, 100.0);
                    let (phrase, _) = Phrase::repaired(frame, Progression::default(), parts).unwrap();
                    // The queue is full while nothing plays.
                    let _ = rig.sender.send(Clip::new(id, &phrase));
                }
                Event::Input(keys) => {
                    let mut keys: Vec<_> = keys.into_iter().map(|(at, key, is_on)| if is_on { on(at, key) } else { off(at, key) }).collect();
                    keys.sort_by_key(|input| input.offset);
                    waiting = keys;
                }
            }
        }
        rig.release_all();
    }

    /// The same events at the same samples, however time is cut.
    #[test]
    fn events_do_not_depend_on_blocks(
        phrase in super::arbitrary::phrase_off_grid(3),
        sizes in prop::collection::vec(prop_oneof![1_u32..20, 1_u32..2000, 1_u32..8193], 1..12),
        tempo in 40.0..240.0_f64,
        beat in prop_oneof![Just(0.0), -4.0..40.0],
        loop_range in prop::option::of((0.0..8.0, 0.5..9.0)),
        feel in prop_oneof![Just((0.5, 0.0)), (0.5_f32..0.75, 0.0_f32..1.0)],
    ) {
        let loop_range = loop_range.map(|(start, length): (f64, f64)| (start, start + length));
        let play = |sizes: &[u32]| {
            let mut rig = Rig::with(&phrase);
            (rig.settings.swing, rig.settings.humanise) = feel;
            Host { tempo, loop_range, ..Host::at(beat) }.play(&mut rig, 200_000, sizes);
            rig.release_all();
            let mut events = rig.events;
            events.iter_mut().for_each(|(_, event)| (event.offset, event.note_id) = (0, 0));
            events.sort_unstable();
            events
        };
        let whole = play(&[200_000]);
        for cut in [&sizes[..], &[8192], &[64]] {
            prop_assert_eq!(&play(cut), &whole, "{:?}", cut);
        }
    }
}
