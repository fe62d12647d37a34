//! The piano roll as text for the terminal.
//!
//! Bars are wrapped into systems that fit the width. A column is a sixteenth, or more where a bar would not fit; a row is a
//! pitch that occurs in the system. Drums have rows of their own below.

use std::fmt::Write;

use super::facts;
use crate::look::{LAYERS, drum_name};
use crate::music::phrase::{Note, Part, Phrase};
use crate::music::pitch::Pitch;
use crate::music::time::{TICKS_PER_STEP, TickInstant};

/// Columns of the names on the left.
const MARGIN: usize = 8;

/// The largest distance, in semitones, of adjacent rows without an empty row between them.
const MAX_LEAP: u8 = 4;

/// Draws `phrase` as lines of at most `width` columns (at least 24), without colour.
///
/// A letter marks an onset — **M**elody, **C**hords, **B**ass, **A**rpeggio, in lower case if the note is locked — and a
/// line its duration. Drums are `o`, `X` from velocity 100 on. Where notes share a column, the melody is shown.
pub fn text(phrase: &Phrase, width: usize) -> String {
    let frame = phrase.frame();
    let mut out = String::new();
    line(&mut out, &format!("{}, {}", frame.key, facts(frame).join(", ")));
    let room = width.max(24) - MARGIN - 1;
    let bar_steps = frame.meter.bar_steps() as usize;
    // The narrowest column, from a sixteenth to a whole bar, with which a bar fits.
    let column_steps =
        [3, 6, 12, 24].into_iter().find(|steps| bar_steps.div_ceil(*steps) < room).unwrap_or(bar_steps);
    let bar_columns = bar_steps.div_ceil(column_steps);
    let most = (room / (bar_columns + 1)).max(1);
    // Powers of two, so that systems break where phrases do.
    let per_system =
        if most >= 2 { most.next_power_of_two() >> usize::from(!most.is_power_of_two()) } else { 1 };
    for first in (0..frame.n_bars_total()).step_by(per_system) {
        let last = frame.n_bars_total().min(first + u32::try_from(per_system).unwrap_or(1));
        out.push('\n');
        System { phrase, first, last, column_steps, bar_columns }.draw(&mut out);
    }
    out
}

/// Bars drawn side by side on one set of rows.
struct System<'a> {
    phrase: &'a Phrase,
    /// Bar indices, the end excluded.
    first: u32,
    last: u32,
    /// Grid steps per column.
    column_steps: usize,
    /// Columns per bar, the bar line excluded.
    bar_columns: usize,
}

impl System<'_> {
    fn draw(&self, out: &mut String) {
        let frame = self.phrase.frame();
        let mut numbers = Labels::default();
        for bar_idx in self.first..self.last {
            let at = self.bar_column(bar_idx);
            numbers.put(at, &frame.bar_number(bar_idx).to_string());
        }
        line(out, &format!("{:MARGIN$} {}", "", numbers.0));
        if self.chord_labels() != Labels::default() {
            line(out, &format!("{:MARGIN$} {}", "", self.chord_labels().0));
        }
        let mut above: Option<Pitch> = None;
        for pitch in self.pitches() {
            if above.is_some_and(|above| above.number() - pitch.number() > MAX_LEAP) {
                self.row(out, "", &[]);
            }
            above = Some(pitch);
            let marks: Vec<Mark> = LAYERS
                .into_iter()
                .flat_map(|part| {
                    self.sounding(part).filter(|note| note.pitch == pitch).map(move |note| (part, note))
                })
                .map(|(part, note)| self.mark(part, note))
                .collect();
            let octave = i32::from(pitch.number() / 12) - 1;
            self.row(out, &format!("{}{octave}", pitch.class().name_in(frame.key.spelling())), &marks);
        }
        let keys: Vec<Pitch> = self
            .phrase
            .drum_keys()
            .into_iter()
            .filter(|&key| self.sounding(Part::Drums).any(|note| note.pitch == key))
            .collect();
        if !keys.is_empty() && above.is_some() {
            self.row(out, "", &[]);
        }
        for key in keys {
            let strokes = self.sounding(Part::Drums).filter(|note| note.pitch == key);
            let marks: Vec<Mark> = strokes.map(|note| self.mark(Part::Drums, note)).collect();
            self.row(out, drum_name(key), &marks);
        }
    }

    /// The notes of `part` that sound in the system.
    fn sounding(&self, part: Part) -> impl Iterator<Item = &Note> {
        let frame = self.phrase.frame();
        let (start, end) = (frame.bar_start(self.first), frame.bar_start(self.last));
        self.phrase.notes(part).iter().filter(move |note| note.onset < end && note.end() > start)
    }

    /// The pitches of tonal notes, highest first.
    fn pitches(&self) -> Vec<Pitch> {
        let notes = LAYERS.into_iter().flat_map(|part| self.sounding(part));
        let mut pitches: Vec<Pitch> = notes.map(|note| note.pitch).collect();
        pitches.sort_unstable();
        pitches.dedup();
        pitches.reverse();
        pitches
    }

    fn n_columns(&self) -> usize {
        (self.last - self.first) as usize * (self.bar_columns + 1)
    }

    /// The first column of a bar of the system, after its bar line.
    fn bar_column(&self, bar_idx: u32) -> usize {
        bar_idx.saturating_sub(self.first) as usize * (self.bar_columns + 1)
    }

    /// The column of an instant, inside the system.
    fn column(&self, at: TickInstant) -> usize {
        let frame = self.phrase.frame();
        let bar_idx = frame.bar_of(at).clamp(self.first, self.last - 1);
        let in_bar = at.since(frame.bar_start(bar_idx)).min(frame.meter.bar_duration());
        let column = (in_bar.0 / TICKS_PER_STEP) as usize / self.column_steps;
        self.bar_column(bar_idx) + column.min(self.bar_columns - 1)
    }

    fn mark(&self, part: Part, note: &Note) -> Mark {
        let starts_here = note.onset >= self.phrase.frame().bar_start(self.first);
        // Up to the column in which its last tick lies.
        let last = self.column(TickInstant(note.end().0 - 1));
        let (head, line) = match part {
            Part::Drums => (if note.played_velocity() >= 100 { 'X' } else { 'o' }, None),
            Part::Bass => ('B', Some('═')),
            Part::Chords => ('C', Some('─')),
            Part::Arpeggio => ('A', Some('╌')),
            Part::Melody => ('M', Some('━')),
        };
        let head = if note.locked { head.to_ascii_lowercase() } else { head };
        Mark { first: self.column(note.onset), last, head: starts_here.then_some(head), line }
    }

    /// Writes a row: its name, bar lines, the places of the felt beats, then `marks` in order.
    fn row(&self, out: &mut String, name: &str, marks: &[Mark]) {
        let meter = self.phrase.frame().meter;
        let mut cells = vec![' '; self.n_columns()];
        for (idx, cell) in cells.iter_mut().enumerate() {
            let step = idx % (self.bar_columns + 1) * self.column_steps;
            *cell = match idx % (self.bar_columns + 1) {
                column if column == self.bar_columns => '│',
                _ if step.is_multiple_of(meter.felt_beat_steps() as usize) => '·',
                _ => ' ',
            };
        }
        for mark in marks {
            if let Some(line) = mark.line {
                let through = cells[mark.first..=mark.last].iter_mut().filter(|cell| **cell != '│');
                through.for_each(|cell| *cell = line);
            }
        }
        for mark in marks {
            if let Some(head) = mark.head {
                cells[mark.first] = head;
            }
        }
        line(out, &format!("{name:>MARGIN$}│{}", cells.into_iter().collect::<String>()));
    }

    /// The chord symbols, each where its chord begins or the system does.
    fn chord_labels(&self) -> Labels {
        let frame = self.phrase.frame();
        let (start, end) = (frame.bar_start(self.first), frame.bar_start(self.last));
        let mut labels = Labels::default();
        let spans = self.phrase.progression().spans().iter();
        for span in spans.filter(|span| span.onset < end && span.end() > start) {
            let name =
                span.chord.map_or_else(|| "N.C.".to_owned(), |chord| chord.symbol(frame.key.spelling()));
            labels.put(self.column(span.onset.max(start)), &name);
        }
        labels
    }
}

/// A note as columns of a row.
struct Mark {
    first: usize,
    last: usize,
    /// The character at its onset; `None` if the note began in an earlier system.
    head: Option<char>,
    line: Option<char>,
}

/// Words in one line, each at its column.
#[derive(Default, PartialEq, Eq)]
struct Labels(String);

impl Labels {
    /// Adds a word at `column`, to the right of the others; words that would run into it are cut.
    fn put(&mut self, column: usize, word: &str) {
        let kept = column.saturating_sub(1);
        self.0 = self.0.chars().take(kept).collect();
        let _ = write!(self.0, "{:1$}{word}", "", column - self.0.chars().count());
    }
}

/// Adds a line without spaces at its end.
fn line(out: &mut String, text: &str) {
    out.push_str(text.trim_end());
    out.push('\n');
}
