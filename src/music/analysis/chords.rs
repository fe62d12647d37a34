//! Which chords notes spell, and when they change.
//!
//! A phrase is cut at its felt beats. Dynamic programming joins the beats to segments, each with the chord that explains
//! its notes best: the notes are draws from the tones of the chord (so a chord of many tones scores low unless all of
//! them sound), the bass is most often the root, some qualities and degrees are commoner than others, and every change
//! has a cost, which is lower on strong beats.
//!
//! # Source
//!
//! Segmenting by the best sum of template scores follows B. Pardo and W. P. Birmingham, "Algorithms for chordal
//! analysis", Computer Music Journal 26(2), 2002. The frequencies of qualities are those of the symbols in the
//! training corpus; the other weights were tuned on it by hand.

use super::super::chord::{Chord, ChordQuality};
use super::super::phrase::{Part, Phrase};
use super::super::pitch::PitchClass;
use super::super::progression::ChordSpan;
use super::super::scale::Key;
use super::super::time::{Meter, TickDuration, TickInstant};

/// A recognised chord with its span and confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChordEstimate {
    /// The chord and its span; N.C. where nothing sounds for whole bars.
    pub span: ChordSpan,
    /// By how much the best chord of this root outscores those of other roots, `0.0..=1.0`.
    pub confidence: f32,
}

/// The chords of the pitched parts, in order, covering the phrase; empty where no pitched note sounds.
///
/// The key of the frame decides between chords that fit equally well, so it should be right: see
/// [`super::recognise_key`]. Of a melody alone the result is a guess at its harmony.
///
/// Against the symbols of the training corpus the root is right for 99 % of the time where chords and bass are
/// written out from symbols (97 % with third and seventh), and for 47 % where there is only a melody. The weights were
/// tuned on the same pieces, and no source gives symbols for accompaniments that people wrote.
pub fn recognise_chords(phrase: &Phrase) -> Vec<ChordEstimate> {
    let beats = evidence_of_beats(phrase);
    let n_beats = index(phrase.frame().meter.felt_beats());
    let is_silent: Vec<bool> =
        beats.chunks(n_beats).map(|bar| bar.iter().all(|beat| beat.total <= 0.0)).collect();
    if is_silent.iter().all(|&silent| silent) {
        return Vec::new();
    }
    let scorer = Scorer::new(phrase.frame().key);
    let mut estimates = Vec::new();
    for run in (0..is_silent.len()).collect::<Vec<_>>().chunk_by(|&a, &b| is_silent[a] == is_silent[b]) {
        let (first, end) = (run[0] * n_beats, (run[0] + run.len()) * n_beats);
        if is_silent[run[0]] {
            estimates.push(estimate(phrase, first, end, None, 1.0));
        } else {
            for segment in best_segments(&beats[first..end], phrase.frame().meter, &scorer) {
                let (chord, confidence) = scorer.name(&segment.evidence);
                estimates.push(estimate(
                    phrase,
                    first + segment.first,
                    first + segment.end,
                    Some(chord),
                    confidence,
                ));
            }
        }
    }
    estimates
}

/// The estimate for the felt beats `first..end` of the phrase.
fn estimate(
    phrase: &Phrase,
    first: usize,
    end: usize,
    chord: Option<Chord>,
    confidence: f32,
) -> ChordEstimate {
    let onset = beat_start(phrase.frame().meter, first);
    let duration = beat_start(phrase.frame().meter, end).since(onset);
    ChordEstimate { span: ChordSpan { onset, duration, chord }, confidence }
}

/// Where felt beat `beat` of the phrase begins.
fn beat_start(meter: Meter, beat: usize) -> TickInstant {
    let beat = u32::try_from(beat).unwrap_or(u32::MAX);
    let (bar, in_bar) = (beat / meter.felt_beats(), beat % meter.felt_beats());
    TickInstant(bar * meter.bar_duration().0) + TickDuration::from_steps(in_bar * meter.felt_beat_steps())
}

/// The pitch classes that sound in one felt beat or several.
#[derive(Debug, Clone, Copy, Default)]
struct Evidence {
    /// Evidence, indexed by pitch class.
    weights: [f32; 12],
    /// Sum of `weights`.
    total: f32,
    /// Weight of each pitch class as the bass, indexed by pitch class.
    bass: [f32; 12],
}

impl Evidence {
    /// The evidence of `beat` and, after it, of this.
    fn after(&self, beat: &Self) -> Self {
        let mut joined = *beat;
        joined.total += self.total;
        for class in 0..12 {
            joined.weights[class] += self.weights[class];
            // The first bass note of a chord counts most, since later ones may alternate or walk.
            joined.bass[class] =
                if beat.has_bass() { beat.bass[class] + 0.3 * self.bass[class] } else { self.bass[class] };
        }
        let sum: f32 = joined.bass.iter().sum();
        if sum > 1.0 {
            joined.bass = joined.bass.map(|share| share / sum);
        }
        joined
    }

    fn has_bass(&self) -> bool {
        self.bass.iter().any(|&share| share > 0.0)
    }
}

/// The evidence of each felt beat of the phrase.
fn evidence_of_beats(phrase: &Phrase) -> Vec<Evidence> {
    let meter = phrase.frame().meter;
    let n_beats = index(phrase.frame().n_bars_total() * meter.felt_beats());
    let mut beats = vec![Evidence::default(); n_beats];
    let mut lowest: Vec<Option<u8>> = vec![None; n_beats];
    let is_accompanied =
        [Part::Bass, Part::Chords, Part::Arpeggio].iter().any(|&part| !phrase.notes(part).is_empty());
    for part in [Part::Bass, Part::Chords, Part::Arpeggio, Part::Melody] {
        let weight = match part {
            Part::Melody if is_accompanied => MELODY_OVER_CHORDS,
            Part::Melody => MELODY_ALONE,
            _ => 1.0,
        };
        for note in phrase.notes(part) {
            let bar = phrase.frame().bar_of(note.onset);
            let in_bar = note.onset.since(phrase.frame().bar_start(bar));
            let beat_ticks = TickDuration::from_steps(meter.felt_beat_steps()).0;
            let first = index(bar * meter.felt_beats() + (in_bar.0 / beat_ticks).min(meter.felt_beats() - 1));
            for beat in first..n_beats {
                let (start, end) = (beat_start(meter, beat), beat_start(meter, beat + 1));
                let overlap = note.end().min(end).since(note.onset.max(start));
                if overlap.0 == 0 {
                    break;
                }
                let share = to_f32(overlap.to_beats() / end.since(start).to_beats());
                let class = usize::from(note.pitch.class().number());
                beats[beat].weights[class] += weight * share;
                let is_bass =
                    part == Part::Bass || (phrase.notes(Part::Bass).is_empty() && part != Part::Melody);
                let pitch = note.pitch.number();
                // A note counts as bass if it fills a fifth of the beat or more; a grace note does not.
                if is_bass && share >= 0.2 && lowest[beat].is_none_or(|other| pitch < other) {
                    lowest[beat] = Some(pitch);
                    beats[beat].bass = [0.0; 12];
                    beats[beat].bass[class] = 1.0;
                }
            }
        }
    }
    for beat in &mut beats {
        let total: f32 = beat.weights.iter().sum();
        let scale = if total > MOST_PER_BEAT { MOST_PER_BEAT / total } else { 1.0 };
        beat.weights = beat.weights.map(|weight| weight * scale);
        beat.total = total * scale;
    }
    beats
}

/// Felt beats that share a chord.
struct Segment {
    first: usize,
    end: usize,
    evidence: Evidence,
}

/// The segments with the greatest sum of scores.
///
/// `beats` — whole bars, beginning with a downbeat.
fn best_segments(beats: &[Evidence], meter: Meter, scorer: &Scorer) -> Vec<Segment> {
    let longest = index(meter.felt_beats() * 2).max(4);
    // Indexed by `[end]`: the best sum up to there, and where its last segment begins.
    let mut best: Vec<(f32, usize)> = vec![(0.0, 0)];
    for end in 1..=beats.len() {
        let mut evidence = Evidence::default();
        let mut choice = (f32::NEG_INFINITY, end - 1);
        for first in (end.saturating_sub(longest)..end).rev() {
            evidence = evidence.after(&beats[first]);
            let sum = best[first].0 + scorer.best(&evidence) - cost_of_change(meter, first);
            if sum > choice.0 {
                choice = (sum, first);
            }
        }
        best.push(choice);
    }
    let mut segments: Vec<Segment> = Vec::new();
    let mut end = beats.len();
    while end > 0 {
        let first = best[end].1;
        let evidence =
            beats[first..end].iter().rev().fold(Evidence::default(), |evidence, beat| evidence.after(beat));
        segments.push(Segment { first, end, evidence });
        end = first;
    }
    segments.reverse();
    segments
}

/// The cost of a change on felt beat `beat`, in nats.
fn cost_of_change(meter: Meter, beat: usize) -> f32 {
    let step = u32::try_from(beat).unwrap_or(0) % meter.felt_beats() * meter.felt_beat_steps();
    match meter.strength(step) {
        4 => CHANGE_ON[0],
        3 => CHANGE_ON[1],
        _ => CHANGE_ON[2],
    }
}

/// Scores of every chord in a key.
struct Scorer {
    /// Indexed by `[quality_idx]` of [`QUALITIES`].
    templates: Vec<Template>,
    /// Log-frequency of a chord, indexed by `[quality_idx][root]`.
    priors: Vec<[f32; 12]>,
}

/// The tones of a quality as a probability distribution.
struct Template {
    quality: ChordQuality,
    /// Semitones above the root, and the log-ratio of the probabilities of this tone and of a foreign note, in nats.
    tones: Vec<(usize, f32)>,
    /// Log-probability of a pitch class that is not a tone.
    foreign: f32,
}

impl Scorer {
    fn new(key: Key) -> Self {
        let n_symbols: f32 = QUALITIES.iter().map(|&(_, count)| count).sum();
        let mut templates = Vec::with_capacity(QUALITIES.len());
        let mut priors = Vec::with_capacity(QUALITIES.len());
        for (quality, count) in QUALITIES {
            let template = Template::new(quality);
            let frequency = QUALITY_PRIOR * (count / n_symbols).ln();
            priors.push(std::array::from_fn(|root| {
                let root = PitchClass::new(u8::try_from(root).unwrap_or(0));
                let is_foreign = |&&tone: &&u8| !key.contains(root.up(tone));
                let n_foreign = quality.tones().iter().filter(is_foreign).fold(0.0, |n, _| n + 1.0);
                let degree = usize::from(root.above(key.tonic));
                frequency - FOREIGN_TO_KEY * n_foreign + DEGREE_PRIOR * DEGREES[degree]
            }));
            templates.push(template);
        }
        Self { templates, priors }
    }

    /// The score of the best chord.
    fn best(&self, evidence: &Evidence) -> f32 {
        self.scores(evidence).map(|(score, ..)| score).fold(f32::NEG_INFINITY, f32::max)
    }

    /// Score, quality index and root of every chord.
    fn scores(&self, evidence: &Evidence) -> impl Iterator<Item = (f32, usize, usize)> {
        // The twelve classes twice, so that a root plus an interval needs no modulo.
        let twice: [f32; 24] = std::array::from_fn(|idx| evidence.weights[idx % 12]);
        let bass: [f32; 24] = std::array::from_fn(|idx| evidence.bass[idx % 12]);
        let bassed: f32 = evidence.bass.iter().sum();
        let total = evidence.total;
        self.templates.iter().zip(&self.priors).enumerate().flat_map(
            move |(quality_idx, (template, priors))| {
                (0..12).map(move |root| {
                    let mut likelihood = template.foreign * total;
                    let mut on_tones = 0.0;
                    for &(above, gain) in &template.tones {
                        likelihood += gain * twice[root + above];
                        on_tones += bass[root + above];
                    }
                    let on_root = bass[root];
                    let bass_term = BASS_ON_TONE * (on_tones - on_root) + BASS_FOREIGN * (bassed - on_tones);
                    (EVIDENCE * likelihood + bass_term + priors[root], quality_idx, root)
                })
            },
        )
    }

    /// The best chord with its bass, and its confidence.
    fn name(&self, evidence: &Evidence) -> (Chord, f32) {
        let mut best = (f32::NEG_INFINITY, 0, 0);
        let mut of_root = [f32::NEG_INFINITY; 12];
        for scored in self.scores(evidence) {
            of_root[scored.2] = of_root[scored.2].max(scored.0);
            if scored.0 > best.0 {
                best = scored;
            }
        }
        let sum: f32 = of_root.iter().map(|&score| (score - best.0).exp()).sum();
        let root = PitchClass::new(u8::try_from(best.2).unwrap_or(0));
        let mut chord = Chord::new(root, self.templates[best.1].quality);
        let lowest = (0..12).max_by(|&a, &b| evidence.bass[a].total_cmp(&evidence.bass[b])).unwrap_or(0);
        if evidence.bass[lowest] > 0.5 {
            chord.bass = PitchClass::new(u8::try_from(lowest).unwrap_or(0));
        }
        (chord, 1.0 / sum)
    }
}

impl Template {
    fn new(quality: ChordQuality) -> Self {
        let salience = |tone: u8| match tone {
            0 => 1.2,
            3..=5 => 1.0,
            6..=8 => 0.9,
            9..=11 => 0.8,
            _ => 0.5,
        };
        let tones = quality.tones();
        let sum: f32 = tones.iter().map(|&tone| salience(tone)).sum();
        let n_foreign = tones.iter().fold(12.0, |n, _| n - 1.0);
        let foreign: f32 = (FOREIGN_SHARE / n_foreign).ln();
        let tones = tones
            .iter()
            .map(|&tone| (usize::from(tone), ((1.0 - FOREIGN_SHARE) * salience(tone) / sum).ln() - foreign))
            .collect();
        Self { quality, tones, foreign }
    }
}

/// A count as an index.
fn index(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// The nearest f32.
#[expect(clippy::cast_possible_truncation, reason = "rounding to the nearest f32 is what is wanted")]
fn to_f32(value: f64) -> f32 {
    value as f32
}

/// Nats per felt beat of one sounding note.
const EVIDENCE: f32 = 1.6;

/// How much a note of the melody counts against one of the accompaniment.
const MELODY_OVER_CHORDS: f32 = 0.3;

/// How much a note of the melody counts where there is nothing else.
const MELODY_ALONE: f32 = 0.3;

/// Most evidence of one felt beat, in notes: doubled octaves add none.
const MOST_PER_BEAT: f32 = 3.0;

/// Expected share of the evidence that is foreign to the chord.
const FOREIGN_SHARE: f32 = 0.12;

/// Log-probability of a bass on another chord tone, against one on the root.
const BASS_ON_TONE: f32 = -2.0;

/// Log-probability of a bass foreign to the chord, against one on the root.
const BASS_FOREIGN: f32 = -4.0;

/// Nats for each chord tone foreign to the key.
const FOREIGN_TO_KEY: f32 = 0.4;

/// Cost of a change on the downbeat, in the middle of the bar and on other felt beats, in nats.
const CHANGE_ON: [f32; 3] = [0.5, 1.0, 2.0];

/// Weight of the log-frequencies of qualities.
const QUALITY_PRIOR: f32 = 1.0;

/// Weight of the log-frequencies of degrees.
const DEGREE_PRIOR: f32 = 0.7;

/// Rough log-frequency of roots, indexed by semitones above the tonic.
const DEGREES: [f32; 12] = [0.0, -3.5, -1.0, -1.8, -1.8, -0.4, -3.5, -0.2, -1.8, -0.9, -1.4, -2.8];

/// The qualities that are recognised, with the number of their symbols in the training corpus; the others are too
/// rare to distinguish from passing notes.
const QUALITIES: [(ChordQuality, f32); 19] = [
    (ChordQuality::Major, 40_602.0),
    (ChordQuality::Minor, 9_784.0),
    (ChordQuality::Seventh, 9_486.0),
    (ChordQuality::MinorSeventh, 6_030.0),
    (ChordQuality::Power, 3_083.0),
    (ChordQuality::MajorSeventh, 2_081.0),
    (ChordQuality::SeventhSus4, 1_256.0),
    (ChordQuality::Sixth, 1_038.0),
    (ChordQuality::Sus4, 1_017.0),
    (ChordQuality::AddNinth, 863.0),
    (ChordQuality::Diminished, 608.0),
    (ChordQuality::MinorNinth, 521.0),
    (ChordQuality::Ninth, 511.0),
    (ChordQuality::MajorNinth, 487.0),
    (ChordQuality::MinorSixth, 348.0),
    (ChordQuality::Sus2, 218.0),
    (ChordQuality::HalfDiminished, 213.0),
    (ChordQuality::Augmented, 193.0),
    (ChordQuality::DiminishedSeventh, 165.0),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::phrase::{Frame, Note};
    use super::super::super::pitch::Pitch;
    use super::super::super::progression::Progression;
    use super::*;

    /// A phrase in C with a bass and close chords as `text` says.
    fn realised(text: &str, meter: Meter, n_bars: u32) -> (Phrase, Progression) {
        let progression = Progression::parse(text, meter, n_bars).unwrap();
        let mut parts: [Vec<Note>; 5] = Default::default();
        for span in progression.spans() {
            let Some(chord) = span.chord else { continue };
            let note = |pitch: u8| Note::new(span.onset, span.duration, Pitch::clamped(i32::from(pitch)), 80);
            parts[Part::Bass.index()].push(note(36 + chord.bass.number()));
            let tones = chord.quality.tones().iter().map(|&tone| 60 + chord.root.up(tone).number());
            parts[Part::Chords.index()].extend(tones.map(note));
        }
        let frame = Frame::new(meter, n_bars, Key::C_MAJOR, 100.0);
        (Phrase::new(frame, Progression::default(), parts).unwrap(), progression)
    }

    #[test]
    fn written_out_chords_are_found_again() {
        for (text, meter) in [
            ("C | Am | F | G", "4/4"),
            ("Dm7 G7 | Cmaj7 | Dm7 G7 | C6", "4/4"),
            ("C/E | F | G/B | C", "3/4"),
            ("C | N.C. | G7 | C", "6/8"),
            ("Eb | Abmaj7 | Bdim | Csus4", "4/4"),
        ] {
            let (phrase, progression) = realised(text, meter.parse().unwrap(), 4);
            let found = recognise_chords(&phrase).into_iter().map(|estimate| estimate.span).collect();
            assert_eq!(Progression::new(found), progression, "{text}");
        }
    }

    #[test]
    fn silence_has_no_chords() {
        let frame = Frame::new(Meter::COMMON, 2, Key::C_MAJOR, 100.0);
        assert_eq!(recognise_chords(&Phrase::empty(frame).unwrap()), []);
    }

    proptest! {
        #[test]
        fn estimates_cover_the_phrase_without_gaps(
            notes in prop::collection::vec((0u32..4000, 1u32..6000, 30i32..90), 1..40),
            part_idx in 1usize..5,
            meter_idx in 0..Meter::COUNT,
        ) {
            let meter = Meter::from_index(meter_idx).unwrap();
            let frame = Frame::new(meter, 5, Key::C_MAJOR, 100.0);
            let mut parts: [Vec<Note>; 5] = Default::default();
            parts[part_idx] = notes
                .iter()
                .map(|&(onset, ticks, pitch)| {
                    Note::new(TickInstant(onset), TickDuration(ticks), Pitch::clamped(pitch), 80)
                })
                .collect();
            let (phrase, _) = Phrase::repaired(frame, Progression::default(), parts).unwrap();
            let mut at = TickInstant::ZERO;
            for estimate in recognise_chords(&phrase) {
                prop_assert_eq!(estimate.span.onset, at);
                prop_assert!((0.0..=1.0).contains(&estimate.confidence));
                at = estimate.span.end();
            }
            prop_assert_eq!(at, if phrase.parts().next().is_some() { frame.end() } else { TickInstant::ZERO });
        }
    }
}
