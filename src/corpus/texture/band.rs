//! Plays the idioms of a texture over chords, part by part.

use fastrand::Rng;

use super::idiom::{
    self, Bars, ChordIdiom, DrumIdiom, LineIdiom, MelodyIdiom, PatternEntry, Texture, Voicing,
};
use super::tones;
use crate::music::{
    Chord, Frame, Key, Note, Part, Pitch, Progression, STEPS_PER_BEAT, TickDuration, TickInstant,
};

/// Share of hits that are left out for variety.
const DROPPED: f32 = 0.03;

/// Share of groups of four bars that end with a drum fill.
const FILLED: f32 = 0.7;

/// Share of groups of eight bars at whose end a melody rests.
const RESTED: f32 = 0.6;

/// Meter, length, key and chords that a band plays over.
#[derive(Debug, Clone, Copy)]
pub struct Score<'a> {
    /// Meter, length and key.
    pub frame: Frame,
    /// The chords.
    pub progression: &'a Progression,
}

impl Score<'_> {
    fn at(&self, bar: u32, entry: &PatternEntry) -> TickInstant {
        self.frame.bar_start(bar) + TickDuration::from_steps(entry.step)
    }

    fn chord(&self, at: TickInstant) -> Option<Chord> {
        self.progression.at(at).and_then(|span| span.chord)
    }

    const fn key(&self) -> Key {
        self.frame.key
    }

    /// The bars with their entries in `bars`.
    fn entries<'a>(&self, bars: &'a Bars) -> impl Iterator<Item = (u32, &'a PatternEntry)> + use<'a> {
        (0..self.frame.n_bars).flat_map(move |bar| bars.at(bar).iter().map(move |entry| (bar, entry)))
    }
}

/// Percussion by `idiom`, with fills.
pub fn drums(idiom: &DrumIdiom, score: &Score, rng: &mut Rng) -> Vec<Note> {
    let parsed = |lines: &std::collections::BTreeMap<String, String>| -> Vec<(Pitch, Bars)> {
        let lines = lines.iter().filter_map(|(name, bars)| {
            Some((Pitch::new(idiom::drum_key(name)?)?, idiom::drum_bars(bars, idiom.per_beat)))
        });
        lines.collect()
    };
    let (lines, fill) = (parsed(&idiom.lines), parsed(&idiom.fill));
    let each = STEPS_PER_BEAT / idiom.per_beat.max(1);
    let n_fill = idiom.fill.values().map(|bars| count(bars) * each).max().unwrap_or(0);
    let bar_steps = score.frame.meter.bar_steps();
    let mut notes = Vec::new();
    for bar in 0..score.frame.n_bars {
        let fills = n_fill > 0 && bar % 4 == 3 && rng.f32() < FILLED;
        let fill_from = if fills { bar_steps.saturating_sub(n_fill) } else { bar_steps };
        let mut hit = |key: Pitch, entry: &PatternEntry, step: u32, rng: &mut Rng| {
            if entry.letter == '?' && rng.f32() > 0.4 || rng.f32() < DROPPED && entry.letter != 'X' {
                return;
            }
            let at = score.frame.bar_start(bar) + TickDuration::from_steps(step);
            notes.push(Note::new(at, TickDuration::from_steps(each), key, velocity(entry.letter, step, rng)));
        };
        for (key, bars) in &lines {
            for entry in bars.at(bar).iter().filter(|entry| entry.step < fill_from) {
                hit(*key, entry, entry.step, rng);
            }
        }
        if fills {
            for (key, bars) in &fill {
                for entry in bars.at(0) {
                    hit(*key, entry, fill_from + entry.step, rng);
                }
            }
        }
    }
    notes
}

/// A bass line by `idiom`.
pub fn bass(idiom: &LineIdiom, bars: &Bars, score: &Score, rng: &mut Rng) -> Vec<Note> {
    let mut notes: Vec<Note> = Vec::new();
    let mut before = Pitch::clamped(i32::from(idiom.range[0]));
    for (bar, entry) in score.entries(bars) {
        let at = score.at(bar, entry);
        let Some(chord) = score.chord(at) else { continue };
        if entry.letter != 'R' && rng.f32() < DROPPED {
            continue;
        }
        let next = score.chord(at + TickDuration::from_steps(entry.n_steps)).unwrap_or(chord);
        let root = tones::above(chord.bass, idiom.range[0]);
        let target = tones::above(next.bass, idiom.range[0]);
        let tone = |wanted: &[u8]| {
            let found = wanted.iter().find(|tone| chord.quality.tones().contains(tone));
            root.transposed(i32::from(*found.unwrap_or(&wanted[0]))).unwrap_or(root)
        };
        let passing = |class| tones::is_scale(class, score.key(), Some(chord));
        let pitch = match entry.letter {
            '3' => tone(&[4, 3, 5, 2]),
            '5' => tone(&[7, 6, 8]),
            '7' => tone(&[10, 11, 9]),
            '8' => root.transposed(12).unwrap_or(root),
            'L' => root.transposed(-5).filter(|low| low.number() >= 28).unwrap_or_else(|| tone(&[7, 6, 8])),
            'a' => match rng.u32(0..3) {
                0 => target.transposed(1).unwrap_or(target),
                1 => target.transposed(-1).unwrap_or(target),
                _ => tones::next_of(target, if rng.bool() { 1 } else { -1 }, passing),
            },
            'w' => {
                let by = if before < target || (before == target && rng.bool()) { 1 } else { -1 };
                tones::next_of(before, by, passing)
            }
            _ => root,
        };
        before = pitch;
        notes.push(note(score, at, entry, pitch, rng));
    }
    notes
}

/// Chords by `idiom`: those held over a change of chord are retriggered there.
pub fn chords(idiom: &ChordIdiom, bars: &Bars, score: &Score, rng: &mut Rng) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut voices = Voices::new(idiom);
    for (bar, entry) in score.entries(bars) {
        if rng.f32() < DROPPED && entry.step > 0 {
            continue;
        }
        let mut at = score.at(bar, entry);
        let end = at + TickDuration::from_steps(entry.n_steps);
        while at < end {
            let span = score.progression.at(at).copied();
            let until = span.map_or(end, |span| span.end().min(end));
            if let Some(chord) = span.and_then(|span| span.chord) {
                let pitches = voices.of(chord);
                let chosen = match entry.letter {
                    't' if pitches.len() > 1 => &pitches[1..],
                    'b' => &pitches[..1],
                    _ => pitches,
                };
                let velocity = velocity(entry.letter, entry.step, rng);
                notes.extend(chosen.iter().map(|&pitch| Note::new(at, until.since(at), pitch, velocity)));
            }
            at = until;
        }
    }
    notes
}

/// Broken chords by `idiom`.
pub fn arpeggio(idiom: &ChordIdiom, bars: &Bars, score: &Score, rng: &mut Rng) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut voices = Voices::new(idiom);
    for (bar, entry) in score.entries(bars) {
        let at = score.at(bar, entry);
        let Some(chord) = score.chord(at) else { continue };
        if rng.f32() < DROPPED {
            continue;
        }
        let pitches = voices.of(chord);
        let digit = entry.letter.to_digit(10).unwrap_or(1).saturating_sub(1);
        let idx = usize::try_from(digit).unwrap_or(0);
        let octaves = i32::try_from(idx / pitches.len()).unwrap_or(0);
        if let Some(pitch) = pitches[idx % pitches.len()].transposed(12 * octaves) {
            notes.push(note(score, at, entry, pitch, rng));
        }
    }
    notes
}

/// The voices of chord after chord.
struct Voices<'a> {
    idiom: &'a ChordIdiom,
    chord: Option<Chord>,
    pitches: Vec<Pitch>,
}

impl<'a> Voices<'a> {
    const fn new(idiom: &'a ChordIdiom) -> Self {
        Self { idiom, chord: None, pitches: Vec::new() }
    }

    fn of(&mut self, chord: Chord) -> &[Pitch] {
        if self.chord != Some(chord) {
            let ChordIdiom { voicing, voices, range, .. } = *self.idiom;
            // Power chords move in parallel; other voicings have voice leading.
            let before: &[Pitch] = if voicing == Voicing::Power { &[] } else { &self.pitches };
            (self.pitches, self.chord) = (tones::voiced(chord, voicing, voices, range, before), Some(chord));
        }
        &self.pitches
    }
}

/// A melody by the motifs of `idiom`.
pub fn melody(idiom: &MelodyIdiom, form: &[Bars], score: &Score, swing: bool, rng: &mut Rng) -> Vec<Note> {
    let range = idiom.range;
    let middle = (i32::from(range[0]) + i32::from(range[1])) / 2 + rng.i32(-3..=3);
    let mut at_pitch = Pitch::clamped(middle);
    let mut notes: Vec<Note> = Vec::new();
    let mut bar = 0;
    for motif in form.iter().cycle() {
        if bar >= score.frame.n_bars {
            return notes;
        }
        for entries in &motif.0 {
            if bar >= score.frame.n_bars {
                return notes;
            }
            let comes_to_rest = bar % 8 == 7 && rng.f32() < RESTED;
            for (idx, entry) in entries.iter().enumerate() {
                let at = score.at(bar, entry);
                let chord = score.chord(at);
                let rests = comes_to_rest && idx + 1 >= entries.len().div_ceil(2);
                let is_chord =
                    |class| chord.map_or_else(|| score.key().contains(class), |c| c.contains(class));
                let is_scale = |class| tones::is_scale(class, score.key(), chord);
                let tonic = score.key().tonic;
                let varied = rng.f32() < 0.08;
                let letter = match (entry.letter, varied) {
                    _ if rests => 'c',
                    ('u', true) => 'd',
                    ('d', true) => 'u',
                    (letter, _) => letter,
                };
                at_pitch = match letter {
                    'n' => tones::nearest_of(Pitch::clamped(middle), is_chord),
                    'k' => tones::nearest_of(at_pitch, |class| class == tonic),
                    'c' => tones::nearest_of(at_pitch, is_chord),
                    'u' => tones::next_of(at_pitch, 1, is_scale),
                    'd' => tones::next_of(at_pitch, -1, is_scale),
                    'U' => tones::next_of(at_pitch.transposed(2).unwrap_or(at_pitch), 1, is_chord),
                    'D' => tones::next_of(at_pitch.transposed(-2).unwrap_or(at_pitch), -1, is_chord),
                    _ => tones::nearest_of(at_pitch, is_scale),
                };
                at_pitch = folded(at_pitch, range);
                let mut played = note(score, at, entry, at_pitch, rng);
                if rests {
                    let left = score.frame.bar_start(bar + 1).since(at);
                    played.duration = TickDuration(left.0.max(1));
                }
                notes.push(if swing { swung(played, &score.frame) } else { played });
                if rests {
                    break;
                }
            }
            bar += 1;
        }
    }
    notes
}

/// `pitch`, moved by an octave if it is outside of `range`.
fn folded(pitch: Pitch, range: [u8; 2]) -> Pitch {
    let moved = match pitch.number() {
        high if high > range[1] => pitch.transposed(-12),
        low if low < range[0] => pitch.transposed(12),
        _ => None,
    };
    moved.unwrap_or(pitch)
}

/// A real melody moved into `range` by octaves, with `push` of its notes on the beat an eighth early.
pub fn real_melody(
    melody: &[Note],
    range: [u8; 2],
    push: f32,
    swing: bool,
    score: &Score,
    rng: &mut Rng,
) -> Vec<Note> {
    let n_notes = i32::try_from(melody.len()).unwrap_or(1).max(1);
    let mean = melody.iter().map(|note| i32::from(note.pitch.number())).sum::<i32>() / n_notes;
    let middle = (i32::from(range[0]) + i32::from(range[1])) / 2;
    let octaves = ((middle - mean).abs() + 6) / 12 * (middle - mean).signum();
    let eighth = TickDuration::from_steps(STEPS_PER_BEAT / 2);
    let mut notes: Vec<Note> = Vec::new();
    for note in melody {
        let Some(pitch) = note.pitch.transposed(12 * octaves) else { continue };
        let mut note = Note { pitch, locked: false, ..*note };
        let on_beat = note.onset.to_nearest_step().is_multiple_of(STEPS_PER_BEAT);
        let room = notes.last().is_none_or(|last| last.onset + eighth + eighth <= note.onset);
        if on_beat && room && note.onset.0 >= eighth.0 && rng.f32() < push {
            note.onset = TickInstant(note.onset.0 - eighth.0);
            note.duration = note.duration + eighth;
            if let Some(last) = notes.last_mut().filter(|last| last.end() > note.onset) {
                last.duration = note.onset.since(last.onset);
            }
        }
        notes.push(note);
    }
    if swing { notes.into_iter().map(|note| swung(note, &score.frame)).collect() } else { notes }
}

/// A drum loop repeated over the whole length.
pub fn looped(drums: &[Note], of: &Frame, score: &Score) -> Vec<Note> {
    let length = of.duration();
    let n_times = score.frame.n_bars.div_ceil(of.n_bars.max(1));
    let moved = (0..n_times).flat_map(|n| {
        drums.iter().map(move |note| Note { onset: note.onset + TickDuration(length.0 * n), ..*note })
    });
    moved.filter(|note| note.onset < score.frame.end()).collect()
}

/// The note swung: an onset half a beat after a beat moves to two thirds of it.
fn swung(note: Note, frame: &Frame) -> Note {
    let step = note.onset.to_nearest_step() % frame.meter.bar_steps() % STEPS_PER_BEAT;
    let late = TickDuration::from_steps(if step == STEPS_PER_BEAT / 2 { STEPS_PER_BEAT / 6 } else { 0 });
    let shortest = TickDuration::from_steps(2);
    Note {
        onset: note.onset + late,
        duration: TickDuration(note.duration.0.saturating_sub(late.0).max(shortest.0)),
        ..note
    }
}

fn note(score: &Score, at: TickInstant, entry: &PatternEntry, pitch: Pitch, rng: &mut Rng) -> Note {
    let duration = TickDuration::from_steps(entry.n_steps);
    let room = score.frame.end().since(at);
    Note::new(at, TickDuration(duration.0.min(room.0)), pitch, velocity(entry.letter, entry.step, rng))
}

/// The velocity of a pattern letter; letters that are not dynamics count as `x`. Beats are a little louder than
/// off-beats.
fn velocity(letter: char, step: u32, rng: &mut Rng) -> u8 {
    let base = match letter {
        'X' => 110,
        'o' | '?' => 52,
        _ if step == 0 => 98,
        _ if step.is_multiple_of(STEPS_PER_BEAT) => 92,
        _ => 84,
    };
    u8::try_from(base + rng.i32(-6..=6)).unwrap_or(90)
}

/// Steps of a pattern of one bar.
fn count(bars: &str) -> u32 {
    u32::try_from(bars.chars().filter(|letter| !letter.is_whitespace()).count()).unwrap_or(0)
}

/// Arranges the parts of `texture` for which `is_present` is true over `score`. Drums and melody may be given instead.
pub fn arrange(
    texture: &Texture,
    score: &Score,
    is_present: impl Fn(Part) -> bool,
    given: [Option<Vec<Note>>; 2],
    rng: &mut Rng,
) -> [Vec<Note>; 5] {
    let meter = score.frame.meter;
    let [given_drums, given_melody] = given;
    let mut parts: [Vec<Note>; 5] = Default::default();
    for part in Part::ALL.into_iter().filter(|&part| is_present(part)) {
        let notes = match part {
            Part::Drums => given_drums
                .clone()
                .or_else(|| Some(drums(idiom::draw(&texture.drums, meter, rng)?, score, rng))),
            Part::Bass => idiom::draw(&texture.bass, meter, rng)
                .and_then(|idiom| Some(bass(idiom, &idiom.pattern().ok()?, score, rng))),
            Part::Chords => idiom::draw(&texture.chords, meter, rng)
                .and_then(|idiom| Some(chords(idiom, &idiom.pattern("xXotb").ok()?, score, rng))),
            Part::Arpeggio => idiom::draw(&texture.arpeggio, meter, rng)
                .and_then(|idiom| Some(arpeggio(idiom, &idiom.pattern("123456789").ok()?, score, rng))),
            Part::Melody => given_melody.clone().or_else(|| {
                let idiom = idiom::draw(&texture.melody, meter, rng)?;
                Some(melody(idiom, &idiom.patterns().ok()?, score, texture.swing && idiom.per_beat == 4, rng))
            }),
        };
        parts[part.index()] = notes.unwrap_or_default();
    }
    parts
}
