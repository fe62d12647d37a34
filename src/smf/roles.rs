//! Assigns each track of a score its part.
//!
//! The first of these decides: the part that the file states (`part:bass`, a name that is a part's, the percussion
//! channel), a role or instrument in the track's name, the General MIDI program, and last measures of its notes.

use crate::music::{Note, PPQ, Part, TickDuration, TickInstant};

use super::score::{Score, Track};
use super::segment::Segment;

use Rule::{Always, Fallback, Harmony, HarmonyOrBass, Measured};

/// How a role, name or program determines the part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// It is this part.
    Always(Part),
    /// Arpeggio if the notes are broken chords, else chords.
    Harmony,
    /// As [`Harmony`], but a single low line is the bass.
    HarmonyOrBass,
    /// Melody if no other track is, else as [`Harmony`].
    Fallback,
    /// By range and polyphony.
    Measured,
}

/// Roles before the `|` of a track's name. The numbers are the files of the training corpus that have the role.
const ROLES: [(&str, Rule); 19] = [
    ("melody", Always(Part::Melody)), // 6,276
    ("bass", Always(Part::Bass)),     // 2,445
    ("drums", Always(Part::Drums)),   // 2,429
    ("chords", Harmony),              // 1,439
    ("accomp_rh", Harmony),           // 1,397
    ("accomp_lh", HarmonyOrBass),     // 1,397: left hands under a singer are often octaves or single notes
    ("piano_rh", Fallback),           // 866
    ("piano_lh", HarmonyOrBass),      // 866
    ("inner", Harmony),               // 820: altos and tenors
    ("part", Measured),               // 418: unnamed tracks of games
    ("guitar", Fallback),             // 121: solo guitar, where it is alone
    ("voice2", Harmony),              // 119: further voices of keyboard works
    ("voice3", Harmony),              // 64
    ("voice4", Harmony),              // 56
    ("pad", Harmony),                 // 46
    ("voice5", Harmony),              // 9
    ("voice6", Harmony),              // 4
    ("solo", Always(Part::Melody)),   // 3
    ("voice7", Harmony),              // 1
];

/// Words in the names of tracks of any file; the first row with a word of the name decides, so that a bass drum is a
/// drum.
const WORDS: [(&[&str], Rule); 8] = [
    (
        &[
            "drum",
            "drums",
            "drumkit",
            "percussion",
            "perc",
            "kit",
            "beat",
            "beats",
            "kick",
            "snare",
            "hihat",
            "cymbals",
        ],
        Always(Part::Drums),
    ),
    (
        &["bass", "bassline", "basses", "sub", "808", "contrabass", "doublebass", "kontrabass", "tuba"],
        Always(Part::Bass),
    ),
    (&["arp", "arps", "arpeggio", "arpeggios", "arpeggiator"], Always(Part::Arpeggio)),
    (
        &[
            "melody", "lead", "leads", "vocal", "vocals", "vox", "voice", "solo", "theme", "tune", "soprano",
            "singer",
        ],
        Always(Part::Melody),
    ),
    (
        &[
            "chord",
            "chords",
            "harmony",
            "pad",
            "pads",
            "comp",
            "comping",
            "accompaniment",
            "alto",
            "tenor",
            "choir",
        ],
        Harmony,
    ),
    (&["rh", "right"], Fallback),
    (&["lh", "left"], HarmonyOrBass),
    (&["cello", "violoncello", "bassoon"], HarmonyOrBass),
];

/// Share of a track's bars that must be broken chords to make it the arpeggio. It finds 345 tracks in 321 files of
/// the corpus: 198 synthesiser patterns, 74 songs with piano, 49 others.
const ARPEGGIO_SHARE: f64 = 0.6;

/// Share of single onsets from which a track is a line rather than chords.
const LINE_SHARE: f64 = 0.8;

/// Mean pitch (C3) below which a line is a bass.
const BASS_BELOW: f64 = 48.0;

/// Gives every track with notes its part; a track without a better match is harmony.
pub(super) fn assign(score: &mut Score) {
    let segments = score.segments();
    let rules: Vec<Option<Rule>> =
        score.tracks.iter().map(|track| (!track.notes.is_empty()).then(|| rule_of(track))).collect();
    let looks: Vec<Look> = score.tracks.iter().map(|track| Look::of(track, &segments)).collect();
    let has_bass = rules.contains(&Some(Always(Part::Bass)));
    let mut parts: Vec<Option<Part>> =
        rules.iter().zip(&looks).map(|(rule, look)| Some(settle((*rule)?, *look, has_bass))).collect();
    if !parts.contains(&Some(Part::Melody))
        && let Some(idx) = leader(&rules, &looks, &parts)
    {
        parts[idx] = Some(Part::Melody);
    }
    for ((track, part), rule) in score.tracks.iter_mut().zip(parts).zip(rules) {
        track.part_is_stated |= matches!(rule, Some(Always(_)));
        track.part = part;
    }
}

fn rule_of(track: &Track) -> Rule {
    if let Some(part) = track.part.filter(|_| track.part_is_stated) {
        return Always(part);
    }
    if let Ok(part) = track.name.parse() {
        return Always(part);
    }
    if track.channel == 9 {
        return Always(Part::Drums);
    }
    let (role, rest) = track.name.split_once('|').unwrap_or(("", &track.name));
    let by_role = ROLES.iter().find(|(name, _)| *name == role).map(|&(_, rule)| rule);
    by_role
        .filter(|&rule| rule != Measured)
        .or_else(|| by_words(rest))
        .or_else(|| track.program.and_then(by_program))
        .unwrap_or(Measured)
}

fn by_words(name: &str) -> Option<Rule> {
    let name = name.to_lowercase();
    let words: Vec<&str> =
        name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    WORDS.iter().find(|(known, _)| words.iter().any(|word| known.contains(word))).map(|&(_, rule)| rule)
}

/// The rule of a General MIDI program that nearly always plays one part.
const fn by_program(program: u8) -> Option<Rule> {
    match program {
        32..=39 | 58 | 87 => Some(Always(Part::Bass)),
        48..=52 | 88..=95 => Some(Harmony),
        _ => None,
    }
}

fn settle(rule: Rule, look: Look, has_bass: bool) -> Part {
    let is_bass = look.is_line && look.mean_pitch < BASS_BELOW && !has_bass;
    match rule {
        Always(part) => part,
        _ if look.is_arpeggio => Part::Arpeggio,
        HarmonyOrBass | Measured if is_bass => Part::Bass,
        _ => Part::Chords,
    }
}

/// The melody track where none is named so: a right hand or guitar, else the highest line.
fn leader(rules: &[Option<Rule>], looks: &[Look], parts: &[Option<Part>]) -> Option<usize> {
    let by_rule = rules.iter().position(|rule| *rule == Some(Fallback));
    let lines = (0..rules.len()).filter(|&idx| {
        rules[idx] == Some(Measured) && parts[idx] == Some(Part::Chords) && looks[idx].is_line
    });
    by_rule.or_else(|| lines.max_by(|&a, &b| looks[a].mean_pitch.total_cmp(&looks[b].mean_pitch)))
}

/// Measures of a track's notes.
#[derive(Debug, Clone, Copy, Default)]
struct Look {
    mean_pitch: f64,
    /// Hardly ever two notes at once.
    is_line: bool,
    is_arpeggio: bool,
}

impl Look {
    fn of(track: &Track, segments: &[Segment]) -> Self {
        let notes = &track.notes;
        if notes.is_empty() {
            return Self::default();
        }
        let n_notes = count(notes.len());
        let mean_pitch = notes.iter().map(|note| f64::from(note.pitch.number())).sum::<f64>() / n_notes;
        // Notes that begin together, or a key held while half a beat of the next sounds.
        let overlaps =
            notes.windows(2).filter(|pair| pair[0].end() > pair[1].onset + (HALF_BEAT.min(pair[0].duration)));
        let n_together =
            notes.windows(2).filter(|pair| pair[1].onset.since(pair[0].onset) <= TOGETHER).count();
        let n_over = overlaps.count().max(n_together);
        Self {
            mean_pitch,
            is_line: count(n_over) <= (1.0 - LINE_SHARE) * n_notes,
            is_arpeggio: is_arpeggio(notes, segments),
        }
    }
}

const HALF_BEAT: TickDuration = TickDuration(PPQ / 2);

/// Notes this close count as one onset.
const TOGETHER: TickDuration = TickDuration(PPQ / 32);

fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::INFINITY, f64::from)
}

/// Whether most bars with notes are broken chords.
fn is_arpeggio(notes: &[Note], segments: &[Segment]) -> bool {
    let mut n_bars = 0;
    let mut n_broken = 0;
    for segment in segments {
        let bar = segment.meter.bar_duration().0;
        let from = notes.partition_point(|note| note.onset < segment.start);
        let to = notes.partition_point(|note| note.onset < segment.end);
        let bar_of = |onset: TickInstant| segment.to_phrase_time(onset).0 / bar;
        for bar in notes[from..to].chunk_by(|a, b| bar_of(a.onset) == bar_of(b.onset)) {
            n_bars += 1;
            n_broken += usize::from(is_broken_chord(bar));
        }
    }
    n_bars > 0 && count(n_broken) >= ARPEGGIO_SHARE * count(n_bars)
}

/// Whether the notes of a bar are a broken chord: at least four, one at a time, at distances that are nearly all equal
/// and at most a beat, mostly leaping, on three to five pitch classes.
fn is_broken_chord(bar: &[Note]) -> bool {
    if bar.len() < 4 {
        return false;
    }
    let steps: Vec<u32> = bar.windows(2).map(|pair| pair[1].onset.since(pair[0].onset).0).collect();
    let mut sorted = steps.clone();
    sorted.sort_unstable();
    let median = sorted[sorted.len() / 2];
    let n_equal = steps.iter().filter(|step| step.abs_diff(median) * 10 <= median).count();
    let is_leap = |pair: &[Note]| pair[0].pitch.number().abs_diff(pair[1].pitch.number()) >= 3;
    let n_leaps = bar.windows(2).filter(|pair| is_leap(pair)).count();
    let classes = bar.iter().fold(0_u16, |set, note| set | 1 << note.pitch.class().number()).count_ones();
    TOGETHER.0 < median
        && median <= PPQ
        && n_equal * 4 >= steps.len() * 3
        && n_leaps * 5 >= steps.len() * 3
        && (3..=5).contains(&classes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::Pitch;

    /// A track of eighth notes, over and over for four bars of 4/4.
    fn track(name: &str, pitches: &[i32]) -> Track {
        let notes = (0..32).zip(pitches.iter().cycle()).map(|(idx, &pitch)| {
            Note::new(TickInstant(idx * PPQ / 2), TickDuration(PPQ / 2), Pitch::clamped(pitch), 80)
        });
        Track { name: name.to_owned(), notes: notes.collect(), ..Track::default() }
    }

    fn parts(tracks: Vec<Track>) -> Vec<Option<Part>> {
        let mut score = Score { tracks, end: TickInstant(16 * PPQ), ..Score::default() };
        assign(&mut score);
        score.tracks.iter().map(|track| track.part).collect()
    }

    const TUNE: [i32; 8] = [72, 74, 76, 74, 72, 71, 72, 74];
    const LOW: [i32; 8] = [36, 36, 38, 38, 40, 40, 41, 43];
    const BROKEN: [i32; 8] = [48, 55, 52, 55, 48, 55, 52, 55];

    #[test]
    fn a_name_determines_the_part() {
        for (name, part) in [
            ("melody|Voice", Part::Melody),
            ("chords|", Part::Chords),
            ("part|JEC arp 2", Part::Arpeggio),
            ("Bass Drum", Part::Drums),
            ("Acoustic Bass", Part::Bass),
            ("Bassoon", Part::Chords),
            ("Arpeggio", Part::Arpeggio),
            ("Lead Synth", Part::Melody),
            ("Warm Pad", Part::Chords),
        ] {
            assert_eq!(parts(vec![track(name, &TUNE)]), [Some(part)], "{name}");
        }
    }

    #[test]
    fn notes_determine_the_part_where_names_do_not() {
        let unnamed = |pitches: &[i32]| track("", pitches);
        let expected = [Some(Part::Melody), Some(Part::Bass), Some(Part::Arpeggio)];
        assert_eq!(parts(vec![unnamed(&TUNE), unnamed(&LOW), unnamed(&BROKEN)]), expected);
        let silent = Track::default();
        assert_eq!(parts(vec![silent, unnamed(&TUNE)]), [None, Some(Part::Melody)]);
    }

    #[test]
    fn a_right_hand_leads_only_where_nothing_else_does() {
        let hands = || vec![track("piano_rh|", &TUNE), track("piano_lh|", &BROKEN)];
        assert_eq!(parts(hands()), [Some(Part::Melody), Some(Part::Arpeggio)]);
        let mut with_singer = hands();
        with_singer.push(track("melody|", &TUNE));
        assert_eq!(parts(with_singer), [Some(Part::Chords), Some(Part::Arpeggio), Some(Part::Melody)]);
    }
}
