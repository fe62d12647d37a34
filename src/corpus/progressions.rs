//! Counts which chords accompany which notes of a melody and which follow which, to harmonise melodies.
//!
//! The phrases are those that references are counted from, if they have an accompaniment, since the chords of a melody
//! alone are a guess. Chords are the written ones, or those recognised from the notes.

use std::path::PathBuf;

use super::CorpusError;
use super::manifest::Split;
use super::references::{self, RealPhrase};
use crate::compose::harmonist::{ProgressionTable, State, n_segments_of_bar};
use crate::compose::plan::Group;
use crate::music::{Part, Phrase, TickDuration, TickInstant};
use crate::token::Style;

/// Changes and symbols counted less often are left out.
const FEWEST: u64 = 3;

/// Counts the training phrases of the corpora in `dirs`.
///
/// `progress` — called with files done and files in all.
///
/// # Errors
///
/// A corpus whose manifest cannot be read, or one without files.
pub fn count(dirs: &[PathBuf], progress: impl FnMut(usize, usize)) -> Result<ProgressionTable, CorpusError> {
    let mut table = ProgressionTable::default();
    let add_phrase = |real: RealPhrase| {
        let n_notes: usize = [Part::Bass, Part::Chords, Part::Arpeggio]
            .iter()
            .map(|part| real.phrase.notes(*part).len())
            .sum();
        if n_notes >= usize::try_from(real.phrase.frame().n_bars).unwrap_or(usize::MAX) {
            add(&mut table, &real.phrase, &real.styles.iter().copied().collect::<Vec<_>>());
        }
    };
    references::for_each_phrase(dirs, Split::Train, add_phrase, progress)?;
    table.source = "the training families of the corpus; sources and credits in MODEL.md".to_owned();
    table.licence = "counts, not music; licences of the sources in MODEL.md".to_owned();
    table.counted = format!(
        "descant-cli corpus progressions: of phrases of eight bars, two chords a bar where it has two halves; chords by \
         semitones above the tonic, m minor, o diminished; melody in sixteenths of a note by semitones above the root of a major, \
         minor, diminished chord; what was counted fewer than {FEWEST} times is left out"
    );
    Ok(table.without_rare(FEWEST))
}

fn add(table: &mut ProgressionTable, phrase: &Phrase, styles: &[Style]) {
    let frame = phrase.frame();
    let n_halves = n_segments_of_bar(frame);
    let half = TickDuration(frame.meter.bar_duration().0 / n_halves);
    let chord = |idx: u32| {
        let at = frame.bar_start(idx / n_halves) + TickDuration(idx % n_halves * half.0);
        phrase.progression().at(at).and_then(|span| span.chord).map(|chord| (at, chord))
    };
    let chords: Vec<_> = (0..frame.n_bars_total() * n_halves).map(chord).collect();
    let mut groups: Vec<Group> =
        styles.iter().map(|style| Group::of(Some(*style))).chain([Group::All]).collect();
    groups.sort_unstable();
    groups.dedup();
    let state = |(_, chord): &(TickInstant, _)| State::of(*chord, frame.key);
    for group in groups {
        let counts = table.counts_mut(group, frame.key.mode.is_minor());
        for at in [chords.first(), chords.last()].into_iter().zip([&mut counts.first, &mut counts.last]) {
            if let (Some(Some(chord)), ends) = at {
                *ends.entry(state(chord)).or_default() += 1;
            }
        }
        for (idx, pair) in (1u32..).zip(chords.windows(2)) {
            let [Some(from), Some(to)] = pair else { continue };
            let changes = if idx.is_multiple_of(n_halves) { &mut counts.on_bar } else { &mut counts.in_bar };
            *changes.entry(state(from)).or_default().entry(state(to)).or_default() += 1;
        }
        for chord in chords.iter().flatten() {
            let symbol = chord.1.quality.symbol().to_owned();
            *counts.qualities.entry(state(chord)).or_default().entry(symbol).or_default() += 1;
        }
    }
    let beat = TickDuration::from_steps(frame.meter.felt_beat_steps()).0.max(1);
    for &(at, chord) in chords.iter().flatten() {
        let end = at + half;
        let third = State::of(chord, frame.key).third() as usize;
        for note in phrase.notes(Part::Melody).iter().filter(|note| note.onset < end && at < note.end()) {
            let steps = note.end().min(end).since(note.onset.max(at)).to_nearest_steps();
            let is_strong = note.onset < at || note.onset.since(at).0 % beat < TickDuration::from_steps(1).0;
            let tones = if is_strong { &mut table.melody.strong } else { &mut table.melody.weak };
            tones[third][usize::from(note.pitch.class().above(chord.root))] += u64::from(steps.div_ceil(3));
        }
    }
}
