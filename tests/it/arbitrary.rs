//! Random music for property tests.

use descant::music::{
    Chord, ChordQuality, ChordSpan, Frame, Key, Meter, Mode, Note, Part, Phrase, Pitch, PitchClass,
    Progression, TickDuration, TickInstant,
};
use descant::token::vocab::{DRUM_KEYS, DURATIONS, band_velocity};
use proptest::prelude::*;

/// Any valid frame of up to `max_bars` bars.
pub fn frame(max_bars: u32) -> impl Strategy<Value = Frame> {
    let key = (0u8..12, 0..Mode::ALL.len())
        .prop_map(|(tonic, mode)| Key::new(PitchClass::new(tonic), Mode::ALL[mode]));
    (0..Meter::COUNT, 1..=max_bars, any::<bool>(), key, 40.0f32..200.0).prop_map(
        |(meter, n_bars, has_pickup, key, tempo)| Frame {
            meter: Meter::from_index(meter).unwrap(),
            n_bars,
            has_pickup,
            key,
            tempo: tempo.round(),
        },
    )
}

/// Any phrase whose notes are on the grid, last as long as an entry of the duration table and have the velocity of a
/// band: what tokens can say exactly.
pub fn phrase_on_grid(max_bars: u32) -> impl Strategy<Value = Phrase> {
    frame(max_bars).prop_flat_map(|frame| {
        let n_steps = frame.n_bars_total() * frame.meter.bar_steps();
        let note = (0..n_steps, 0..DURATIONS.len(), 0u8..=127, 0u16..8, 0usize..5);
        let chord = (0..n_steps, 0..DURATIONS.len(), 0u8..12, 0..ChordQuality::ALL.len(), 0u8..12, 0u8..10);
        (prop::collection::vec(note, 0..120), prop::collection::vec(chord, 0..12)).prop_map(
            move |(notes, chords)| {
                let mut parts: [Vec<Note>; 5] = Default::default();
                for (onset, duration, pitch, band, part) in notes {
                    let is_drums = Part::ALL[part].is_drums();
                    let steps = if is_drums { 3 } else { u32::from(DURATIONS[duration]) };
                    if onset + steps > n_steps {
                        continue;
                    }
                    let pitch =
                        if is_drums { pitch.clamp(*DRUM_KEYS.start(), *DRUM_KEYS.end()) } else { pitch };
                    let note = Note::new(
                        TickInstant::from_steps(onset),
                        TickDuration::from_steps(steps),
                        Pitch::new(pitch).unwrap(),
                        band_velocity(band),
                    );
                    let overlaps = |other: &Note| {
                        other.pitch == note.pitch && other.onset < note.end() && note.onset < other.end()
                    };
                    if !parts[part].iter().any(overlaps) {
                        parts[part].push(note);
                    }
                }
                let mut spans: Vec<ChordSpan> = Vec::new();
                for (onset, duration, root, quality, bass, kind) in chords {
                    let steps = u32::from(DURATIONS[duration]);
                    let root = PitchClass::new(root);
                    let quality = ChordQuality::ALL[quality];
                    let bass = if kind < 6 { root } else { PitchClass::new(bass) };
                    let span = ChordSpan {
                        onset: TickInstant::from_steps(onset),
                        duration: TickDuration::from_steps(steps),
                        chord: (kind > 0).then_some(Chord { root, quality, bass }),
                    };
                    let overlaps = |other: &ChordSpan| other.onset < span.end() && span.onset < other.end();
                    if onset + steps <= n_steps && !spans.iter().any(overlaps) {
                        spans.push(span);
                    }
                }
                Phrase::new(frame, Progression::new(spans), parts).unwrap()
            },
        )
    })
}

/// Any set of cells of a phrase, at least one.
pub fn cells(phrase: &Phrase) -> impl Strategy<Value = descant::music::Cells> + use<> {
    let n_bars = phrase.frame().n_bars_total();
    prop::collection::btree_set(
        (0..n_bars, 0usize..5).prop_map(|(bar, part)| descant::music::Cell { bar, part: Part::ALL[part] }),
        1..12,
    )
}

/// Any set of cells of a phrase within a few bars, at least one.
pub fn nearby_cells(phrase: &Phrase) -> impl Strategy<Value = descant::music::Cells> + use<> {
    let n_bars = phrase.frame().n_bars_total();
    (0..n_bars).prop_flat_map(move |first| {
        let bars = first..n_bars.min(first + 6);
        prop::collection::btree_set(
            (bars, 0usize..5).prop_map(|(bar, part)| descant::music::Cell { bar, part: Part::ALL[part] }),
            1..12,
        )
    })
}

/// Any phrase at all: off the grid, long, quiet, dense.
pub fn phrase_off_grid(max_bars: u32) -> impl Strategy<Value = Phrase> {
    frame(max_bars).prop_flat_map(|frame| {
        let note = (0..frame.end().0, 1u32..20_000, 0u8..=127, 1u8..=127, 0usize..5);
        prop::collection::vec(note, 0..60).prop_map(move |notes| {
            let mut parts: [Vec<Note>; 5] = Default::default();
            for (onset, duration, pitch, velocity, part) in notes {
                let pitch = Pitch::new(pitch).unwrap();
                parts[part].push(Note::new(TickInstant(onset), TickDuration(duration), pitch, velocity));
            }
            let phrase = Phrase::repaired(frame, Progression::default(), parts).unwrap().0;
            // Chords off the grid that outlast their bars.
            let spans = phrase.notes(Part::Chords).iter().map(|note| ChordSpan {
                onset: note.onset,
                duration: note.duration,
                chord: Some(Chord::new(note.pitch.class(), ChordQuality::MinorSeventh)),
            });
            let progression = Progression::new(spans.collect());
            phrase.with_progression(progression)
        })
    })
}
