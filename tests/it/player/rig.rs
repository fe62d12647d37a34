//! A player driven by a host, with a checker of its events.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use descant::music::{Frame, Key, Meter, Note, Part, Phrase, Pitch, Progression, TickDuration, TickInstant};
use descant::player::{
    Action, Cause, Clip, ClipSender, HostTime, InputEvent, Message, Monitor, Player, PlayerEvent, Settings,
    clip_channel,
};

use crate::realtime;

pub const RATE: f64 = 48_000.0;
/// Samples per beat at 120 beats per minute.
pub const BEAT: u64 = 24_000;

/// The shortest loop that a host goes round.
const MIN_LOOP_BEATS: f64 = 0.001;

/// A player driven by a host, with a checker of its events.
pub struct Rig {
    pub sender: ClipSender,
    pub player: Player,
    pub monitor: Arc<Monitor>,
    pub settings: Settings,
    /// Samples since the beginning.
    pub now: u64,
    /// Note ids and parts of what sounds, none for test notes, by channel and key, with the sample of the note-on.
    pub sounding: BTreeMap<(u8, u8), (i32, Option<Part>, u64)>,
    /// Channels and keys of test notes.
    tests: BTreeSet<(u8, u8)>,
    /// How often each channel and key is down: note-ons without their note-off.
    pub fingers: BTreeMap<(u8, u8), u32>,
    /// Everything that happened, by sample since the beginning.
    pub events: Vec<(u64, PlayerEvent)>,
}

impl Rig {
    pub fn new() -> Self {
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
            tests: BTreeSet::new(),
            fingers: BTreeMap::new(),
            events: Vec::new(),
        }
    }

    pub fn with(phrase: &Phrase) -> Self {
        let mut rig = Self::new();
        rig.sender.send(Clip::new(1, Cause::Chosen, phrase)).unwrap();
        rig
    }

    /// Plays a block and holds its events to what is always promised.
    pub fn block(&mut self, host: &HostTime, inputs: &[InputEvent], n_samples: u32) -> Vec<PlayerEvent> {
        realtime::begin();
        let events = self.player.process(host, &self.settings, inputs, n_samples);
        assert_eq!(realtime::end(), 0, "calls of the allocator");
        let events = events.to_vec();
        self.check(&events, n_samples);
        self.now += u64::from(n_samples);
        if n_samples > 0 {
            self.check_live(&events, inputs, n_samples);
        }
        assert_eq!(self.monitor.n_sounding() as usize, self.sounding.len());
        events
    }

    pub fn release_all(&mut self) {
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
            let same = (event.note_id, event.part.filter(|_| !event.is_test));
            match event.action {
                Action::On { velocity } => {
                    assert!((1..=127).contains(&velocity));
                    let earlier = self.sounding.insert(key, (same.0, same.1, at));
                    assert_eq!(earlier, None, "{event:?} plays a key that sounds");
                    if event.is_test {
                        self.tests.insert(key);
                    }
                }
                Action::Off => {
                    let Some((id, part, since)) = self.sounding.remove(&key) else {
                        panic!("{event:?} releases a key that does not sound");
                    };
                    assert_eq!((id, part), same);
                    assert!(at > since, "{event:?} has no length");
                    self.tests.remove(&key);
                }
            }
            self.events.push((at, *event));
        }
    }

    /// Checks the notes passed through: each note-on is an input, and no note outlasts its key.
    fn check_live(&mut self, events: &[PlayerEvent], inputs: &[InputEvent], n_samples: u32) {
        let of_key = |input: &InputEvent| match input.message {
            Message::Note { channel, pitch, action } => Some((input.offset, channel, pitch, action)),
            _ => None,
        };
        let keys: Vec<_> = inputs.iter().filter_map(of_key).collect();
        for event in events.iter().filter(|event| event.part.is_none() && event.action != Action::Off) {
            let is_input = |(offset, channel, pitch, action): &(u32, u8, Pitch, Action)| {
                let at = (*offset).min(n_samples - 1);
                (at, *channel, *pitch, *action) == (event.offset, event.channel, event.pitch, event.action)
            };
            assert!(keys.iter().any(is_input), "{event:?} is not among {inputs:?}");
        }
        for (_, channel, pitch, action) in keys {
            let n_down = self.fingers.entry((channel, pitch.number())).or_default();
            *n_down = if action == Action::Off { n_down.saturating_sub(1) } else { *n_down + 1 };
        }
        self.fingers.retain(|_, n_down| *n_down > 0);
        for (key, (_, part, since)) in &self.sounding {
            // A note-on and its note-off at the last sample: the note ends with the next.
            let is_held = part.is_some() || *since + 1 == self.now || self.fingers.contains_key(key);
            assert!(is_held || self.tests.contains(key), "{key:?} sounds, and no finger holds it");
        }
    }

    /// Releases all keys and pedals, and stops the host.
    pub fn release_keys(&mut self) {
        let off = |(key, n_down): (&(u8, u8), &u32)| {
            let pitch = Pitch::new(key.1).unwrap();
            vec![InputEvent::note(0, key.0, pitch, Action::Off); *n_down as usize]
        };
        let mut inputs: Vec<_> = self.fingers.iter().flat_map(off).collect();
        inputs.push(InputEvent { offset: 0, message: Message::Hold { is_down: false } });
        self.settings.holds = false;
        self.monitor.stop_test_notes();
        self.block(&stopped(), &inputs, 64);
    }

    /// The player is removed, as hosts do once it has released what sounds, and another takes its place.
    pub fn replace(&mut self) {
        self.release_all();
        let (sender, receiver) = clip_channel();
        self.monitor = Arc::new(Monitor::new());
        self.player = Player::new(receiver, Arc::clone(&self.monitor));
        self.sender = sender;
    }

    pub fn n_generated(&self) -> usize {
        self.sounding.values().filter(|(_, part, _)| part.is_some()).count()
    }

    /// Note-ons of the phrase so far: sample and MIDI note number.
    pub fn note_ons(&self) -> Vec<(u64, u8)> {
        let is_note_on =
            |event: &PlayerEvent| event.action != Action::Off && event.part.is_some() && !event.is_test;
        let note_ons = self.events.iter().filter(|(_, event)| is_note_on(event));
        note_ons.map(|(at, event)| (*at, event.pitch.number())).collect()
    }
}

/// A host at a steady tempo.
#[derive(Clone, Copy)]
pub struct Host {
    pub tempo: f64,
    /// Beats at the next block.
    pub beat: f64,
    /// Beats a bar.
    pub bar: f64,
    /// Hertz.
    pub rate: f64,
    /// By how much the tempo rises, in beats per minute each second.
    pub glide: f64,
    /// What rounding has taken from `beat`.
    pub lost: f64,
    pub loop_range: Option<(f64, f64)>,
}

impl Host {
    pub fn at(beat: f64) -> Self {
        Self { tempo: 120.0, beat, bar: 4.0, rate: RATE, glide: 0.0, lost: 0.0, loop_range: None }
    }

    pub fn time(&self) -> HostTime {
        HostTime {
            is_playing: true,
            tempo: Some(self.tempo),
            beat: Some(self.beat),
            loop_range: self.loop_range,
            bar_start: Some((self.beat / self.bar).floor() * self.bar),
            bar_length: Some(self.bar),
        }
    }

    /// Plays `n_samples` in blocks of the sizes that come round.
    pub fn play(&mut self, rig: &mut Rig, n_samples: u64, sizes: &[u32]) {
        let (mut sizes, mut left) = (sizes.iter().cycle(), n_samples);
        while left > 0 {
            let size = (*sizes.next().unwrap()).min(u32::try_from(left).unwrap_or(u32::MAX));
            rig.block(&self.time(), &[], size);
            self.advance(size);
            left -= u64::from(size);
        }
    }

    pub fn advance(&mut self, n_samples: u32) {
        let before = self.beat;
        // Summed with compensation: even blocks of one sample must not drift.
        let before_glide = self.tempo;
        if self.glide != 0.0 {
            let rise = self.glide * f64::from(n_samples) / self.rate;
            self.tempo = (self.tempo + rise).clamp(20.0, 400.0);
        }
        let mean = f64::midpoint(before_glide, self.tempo);
        let step = f64::from(n_samples) * (mean / 60.0 / self.rate) - self.lost;
        self.beat += step;
        self.lost = (self.beat - before) - step;
        // Past the loop's end there is no way back into it; one without a length is said, and not gone round.
        let is_gone_round = |(start, end): &(f64, f64)| before < *end && end - start >= MIN_LOOP_BEATS;
        if let Some((start, end)) = self.loop_range.filter(is_gone_round) {
            while self.beat >= end - 1e-9 {
                self.beat -= end - start;
            }
        }
    }
}

pub fn stopped() -> HostTime {
    HostTime { tempo: Some(120.0), beat: Some(3.0), ..HostTime::default() }
}

/// A phrase of `n_bars` of 4/4 with notes at onset, duration (ticks), key and part.
pub fn phrase(n_bars: u32, notes: &[(u32, u32, u8, Part)]) -> Phrase {
    let mut parts: [Vec<Note>; 5] = Default::default();
    for (onset, duration, key, part) in notes {
        let pitch = Pitch::new(*key).unwrap();
        parts[part.index()].push(Note::new(TickInstant(*onset), TickDuration(*duration), pitch, 90));
    }
    Phrase::new(Frame::new(Meter::COMMON, n_bars, Key::C_MAJOR, 120.0), Progression::default(), parts)
        .unwrap()
}

/// A melody note on each sixteenth of `n_bars`, whose key gives its position.
pub fn sixteenths(n_bars: u32, first_key: u8) -> Phrase {
    let key = |idx: u32| first_key + u8::try_from(idx % 16).unwrap();
    let notes: Vec<_> = (0..16 * n_bars).map(|idx| (idx * 240, 240, key(idx), Part::Melody)).collect();
    phrase(n_bars, &notes)
}

pub fn on(offset: u32, key: u8) -> InputEvent {
    on_with_velocity(offset, key, 80)
}

pub fn on_with_velocity(offset: u32, key: u8, velocity: u8) -> InputEvent {
    InputEvent::note(offset, 5, Pitch::new(key).unwrap(), Action::On { velocity })
}

pub fn off(offset: u32, key: u8) -> InputEvent {
    InputEvent::note(offset, 5, Pitch::new(key).unwrap(), Action::Off)
}
