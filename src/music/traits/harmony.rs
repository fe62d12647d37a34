//! Traits of the recognised chords, and of a bass in relation to them.

use super::sample::{Sample, Trait, class, n_different, share_of};
use crate::music::quality::{Line, real};
use crate::music::{Chord, ChordQuality, Part};

/// `None` where neither chords nor arpeggio play.
pub fn traits(sample: &Sample) -> Option<Vec<Trait>> {
    let line = sample.line(Part::Chords).or_else(|| sample.line(Part::Arpeggio))?;
    let chords: Vec<Chord> = sample.chords.spans().iter().filter_map(|span| span.chord).collect();
    let mut run = chords.clone();
    run.dedup_by_key(|chord| (chord.root, chord.quality));
    let degree = |chord: &Chord| chord.root.above(sample.key.tonic);
    let bar_steps = line.meter.bar_steps();
    // By felt beat, so that long chords weigh more.
    let step = line.meter.felt_beat_steps();
    let beats: Vec<Chord> = (0..line.n_bars * bar_steps)
        .step_by(usize::try_from(step).unwrap_or(1))
        .filter_map(|at| sample.chord_at(at))
        .collect();
    let bars: Vec<_> = (0..line.n_bars)
        .map(|bar| sample.chord_at(bar * bar_steps).map(|chord| (chord.root, chord.quality)))
        .collect();
    let moves: Vec<u8> = run.windows(2).map(|pair| pair[1].root.above(pair[0].root)).collect();
    let after_fifth = run.windows(2).filter(|pair| degree(&pair[0]) == 7);
    let apart = |n: usize| share_of(n..bars.len(), |idx| bars[idx] == bars[idx - n]);
    let has = |chord: &Chord, tone: u8| chord.quality.tones().contains(&tone);
    let is_tonic = |chord: Option<&Chord>| chord.map(|chord| f64::from(u8::from(degree(chord) == 0)));
    let is_foreign =
        |chord: &Chord| chord.quality.tones().iter().any(|tone| !sample.key.contains(chord.root.up(*tone)));
    Some(vec![
        ("changes", Some(real(run.len().saturating_sub(1)) / f64::from(line.n_bars))),
        ("different", Some(real(n_different(run.iter().map(|chord| (chord.root, chord.quality)))))),
        ("stays_over_the_bar", apart(1)),
        ("as_two_bars_before", apart(2)),
        ("as_four_bars_before", apart(4)),
        ("sevenths", share_of(&beats, |chord| has(chord, 10) || (has(chord, 11)))),
        ("dominant_sevenths", share_of(&beats, |chord| has(chord, 4) && has(chord, 10))),
        ("major_thirds", share_of(&beats, |chord| has(chord, 4))),
        (
            "neither_third_nor_fifth",
            share_of(&beats, |chord| !has(chord, 7) || !(has(chord, 3) || has(chord, 4))),
        ),
        (
            "plain_triads",
            share_of(&beats, |chord| [ChordQuality::Major, ChordQuality::Minor].contains(&chord.quality)),
        ),
        ("on_i", share_of(&beats, |chord| degree(chord) == 0)),
        ("on_iv", share_of(&beats, |chord| degree(chord) == 5)),
        ("on_v", share_of(&beats, |chord| degree(chord) == 7)),
        ("on_vi", share_of(&beats, |chord| [8, 9].contains(&degree(chord)))),
        ("on_ii", share_of(&beats, |chord| degree(chord) == 2)),
        ("foreign", share_of(&beats, is_foreign)),
        ("foreign_roots", share_of(&beats, |chord| !sample.key.contains(chord.root))),
        ("begins_on_i", is_tonic(run.first())),
        ("ends_on_i", is_tonic(run.last())),
        ("up_a_fourth", share_of(&moves, |by| *by == 5)),
        ("up_a_fifth", share_of(&moves, |by| *by == 7)),
        ("by_step", share_of(&moves, |by| [1, 2, 10, 11].contains(by))),
        ("by_third", share_of(&moves, |by| [3, 4, 8, 9].contains(by))),
        ("v_goes_to_i", share_of(after_fifth, |pair| degree(&pair[1]) == 0)),
        ("inversions", share_of(&beats, |chord| chord.bass != chord.root)),
    ])
}

/// Traits of the bass `line` in relation to the chords; without values where no chords are recognised.
pub fn bass_traits(sample: &Sample, line: &Line) -> Vec<Trait> {
    let chord = |step: u32| sample.chord_at(step);
    let stands = |is_so: fn(Chord, u8) -> bool| {
        share_of(
            line.notes.iter().filter_map(|note| Some((chord(note.step)?, note.pitch))),
            |(chord, pitch)| is_so(chord, pitch),
        )
    };
    let changes = sample.chords.spans().windows(2).filter_map(|pair| {
        let step = pair[1].onset.to_nearest_step();
        let idx = line.notes.iter().position(|note| note.step == step)?;
        let before = idx.checked_sub(1).map(|idx| line.notes[idx].pitch)?;
        (pair[0].chord != pair[1].chord).then(|| before.abs_diff(line.notes[idx].pitch))
    });
    let changes: Vec<u8> = changes.collect();
    let on_changes = sample.chords.spans().iter().filter_map(|span| {
        let note = line.notes.iter().find(|note| note.step == span.onset.to_nearest_step())?;
        Some((span.chord?, note.pitch))
    });
    vec![
        ("on_roots", stands(|chord, pitch| class(pitch) == chord.root)),
        ("on_chord_tones", stands(|chord, pitch| chord.contains(class(pitch)))),
        ("root_at_changes", share_of(on_changes, |(chord, pitch)| class(pitch) == chord.root)),
        ("approached_by_step", share_of(&changes, |by| (1..=2).contains(by))),
        ("approached_by_semitone", share_of(&changes, |by| *by == 1)),
    ]
}
