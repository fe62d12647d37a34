//! The output of a plugin: note events at absolute sample times, MIDI messages and sound.

use std::collections::HashMap;

/// Note-on or note-off. Offs sort before ons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Note-off.
    Off,
    /// Note-on, with its MIDI velocity.
    On(u8),
}

/// A note event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoteEvent {
    /// Samples since the recording began.
    pub at: u64,
    /// What happened.
    pub action: Action,
    /// MIDI channel, `0..=15`.
    pub channel: u8,
    /// MIDI key.
    pub key: u8,
    /// As the format gives it.
    pub note_id: i32,
}

/// All output since the recording began.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recording {
    /// In the order in which they came.
    pub events: Vec<NoteEvent>,
    /// Other MIDI messages, in the order in which they came, each with its sample and the notes that came before it.
    pub messages: Vec<(u64, usize, [u8; 3])>,
    /// Left and right.
    pub sound: [Vec<f32>; 2],
}

impl Recording {
    /// Length in samples.
    pub fn n_samples(&self) -> u64 {
        self.sound[0].len() as u64
    }

    /// Appends a block of `n_samples` whose events, timed from its start, are `events`.
    ///
    /// # Panics
    ///
    /// The events are out of order or outside the block.
    pub fn push_block(&mut self, n_samples: u32, events: &[NoteEvent], left: &[f32], right: &[f32]) {
        assert!(events.iter().all(|event| event.at < u64::from(n_samples)), "{n_samples}: {events:?}");
        let order = |event: &NoteEvent| (event.at, matches!(event.action, Action::On(_)));
        assert!(events.is_sorted_by_key(order), "time order, offs first: {events:?}");
        let start = self.n_samples();
        self.events.extend(events.iter().map(|event| NoteEvent { at: start + event.at, ..*event }));
        self.sound[0].extend_from_slice(left);
        self.sound[1].extend_from_slice(right);
    }

    /// The number of note-ons.
    pub fn n_ons(&self) -> usize {
        self.events.iter().filter(|event| matches!(event.action, Action::On(_))).count()
    }

    /// Whether nothing but silence came in the last `n_samples`.
    pub fn ends_silent(&self, n_samples: usize) -> bool {
        self.sound.iter().all(|side| side.iter().rev().take(n_samples).all(|sample| *sample == 0.0))
    }

    /// Checks [`Self::check_so_far`], and that nothing sounds in the end.
    ///
    /// # Panics
    ///
    /// A check fails.
    pub fn check(&self) {
        let sounding = self.check_so_far();
        assert!(sounding.is_empty(), "hung: {sounding:?}");
    }

    /// Checks what holds at any time: every note-on has at most one note-off, later and with the same id; no note-off
    /// comes without; a key of a channel sounds once at a time; the sound is finite and not absurdly loud. Returns what
    /// sounds in the end, in order of channel and key.
    ///
    /// # Panics
    ///
    /// A check fails.
    pub fn check_so_far(&self) -> Vec<NoteEvent> {
        let sounding = self.check_notes();
        for side in &self.sound {
            assert!(
                side.iter().all(|sample| sample.is_finite() && sample.abs() < 8.0),
                "sound out of bounds"
            );
        }
        sounding
    }

    fn check_notes(&self) -> Vec<NoteEvent> {
        let mut sounding: HashMap<(u8, u8), NoteEvent> = HashMap::new();
        for event in &self.events {
            let key = (event.channel, event.key);
            match event.action {
                Action::On(velocity) => {
                    assert!((1..=127).contains(&velocity), "{event:?}");
                    let earlier = sounding.insert(key, *event);
                    assert!(earlier.is_none(), "{event:?} while {earlier:?} sounds");
                }
                Action::Off => {
                    let on = sounding.remove(&key).unwrap_or_else(|| panic!("{event:?} without a note-on"));
                    assert!(on.at < event.at && on.note_id == event.note_id, "{on:?} {event:?}");
                }
            }
        }
        let mut sounding: Vec<NoteEvent> = sounding.into_values().collect();
        sounding.sort_unstable_by_key(|note| (note.channel, note.key));
        sounding
    }

    /// What sounds in the end, in order of channel and key.
    ///
    /// # Panics
    ///
    /// As [`Self::check_so_far`] but for the sound.
    pub fn sounding(&self) -> Vec<NoteEvent> {
        self.check_notes()
    }

    /// The loudest sample.
    pub fn peak(&self) -> f32 {
        self.sound.iter().flatten().fold(0.0, |peak, sample| sample.abs().max(peak))
    }
}
