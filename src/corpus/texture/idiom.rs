//! Texture files: the idioms of a style as patterns over chord tones and meter.
//!
//! A pattern is a line of characters, one for each step, with `per_beat` steps a beat; bars are separated by `|`, and
//! spaces are ignored. Four steps a beat are sixteenths, three are triplets; two are the eighths of compound meters
//! such as 6/8, in which only such idioms are played.
//! In every pattern `-` holds the note or chord before and `.` is silence. The other characters depend on the part:
//!
//! | part | characters |
//! | --- | --- |
//! | drums | `x` hit, `X` accent, `o` soft, `?` soft and only sometimes |
//! | bass | `R` root, `3` third, `5` fifth, `7` seventh or sixth, `8` root an octave up, `L` fifth below, `a` approach to the next chord's root, `w` a step on the way to it |
//! | chords | `x` all voices, `X` accented, `o` soft, `t` all but the lowest, `b` the lowest only |
//! | arpeggio | `1` … `9`: the voices from the lowest up, going on an octave higher above the last |
//! | melody | `n` a chord tone near the middle, `c` the nearest chord tone, `r` the same again, `u` and `d` a step up and down, `U` and `D` a chord tone up and down, `k` the tonic |

use std::collections::BTreeMap;

use fastrand::Rng;
use serde::Deserialize;

use crate::music::{Meter, STEPS_PER_BEAT};
use crate::token::Style;

/// The contents of a texture file: how a style is played.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texture {
    /// The style.
    pub style: Style,
    /// Slowest and fastest tempo, in beats a minute.
    pub tempo: [f32; 2],
    /// Names of the corpus sources whose chord progressions are played.
    pub harmony: Vec<String>,
    /// Progressions of our own, one chord symbol or several a bar; in C major or A minor.
    #[serde(default)]
    pub progressions: Vec<String>,
    /// Share of phrases over a progression of our own, `0.0..=1.0`.
    #[serde(default)]
    pub own_harmony: f32,
    /// The chord qualities that are played.
    #[serde(default)]
    pub colour: Colour,
    /// Shortest chord, in beats; changes to shorter chords are left out.
    #[serde(default = "one")]
    pub chord_beats: u32,
    /// Names of the corpus sources whose melodies are played, where their own chords are.
    #[serde(default)]
    pub melodies: Vec<String>,
    /// Share of the phrases with a melody in which it is a real one, `0.0..=1.0`.
    #[serde(default)]
    pub real_melody: f32,
    /// Share of the notes of real melodies on a beat that are played an eighth early, `0.0..=1.0`.
    #[serde(default)]
    pub push: f32,
    /// Whether eighths between the beats fall on the last third of the beat.
    #[serde(default)]
    pub swing: bool,
    /// Names of the corpus sources whose drum loops of this style are played.
    #[serde(default)]
    pub loops: Vec<String>,
    /// Share of the phrases with drums in which they are such a loop, `0.0..=1.0`.
    #[serde(default)]
    pub real_drums: f32,
    /// Share of phrases that have each part, indexed by `[part_idx]`: drums, bass, chords, arpeggio, melody.
    pub presence: [f32; 5],
    /// Idioms of the drums.
    pub drums: Vec<DrumIdiom>,
    /// Idioms of the bass.
    pub bass: Vec<LineIdiom>,
    /// Idioms of the chords.
    pub chords: Vec<ChordIdiom>,
    /// Idioms of the arpeggio.
    pub arpeggio: Vec<ChordIdiom>,
    /// Idioms of the melody.
    pub melody: Vec<MelodyIdiom>,
}

const fn one() -> u32 {
    1
}

/// How the qualities of chords are changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// Not at all.
    #[default]
    Written,
    /// Triads become the seventh chords of the key.
    Sevenths,
    /// Triads become dominant sevenths, minor ones minor sevenths.
    Dominant,
    /// Everything becomes a triad.
    Triads,
}

/// Percussion of a bar or a few.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrumIdiom {
    /// Weight of the idiom in random choices, relative to the others of its part.
    #[serde(default = "even")]
    pub weight: f32,
    /// Steps a beat: 4 or 3; 2 in compound meters.
    #[serde(default = "four")]
    pub per_beat: u32,
    /// A pattern for each instrument, by the names of [`drum_key`].
    pub lines: BTreeMap<String, String>,
    /// Patterns that replace the end of the last bar of four, by instrument; shorter than a bar.
    #[serde(default)]
    pub fill: BTreeMap<String, String>,
}

/// A bass line.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineIdiom {
    /// Weight of the idiom in random choices, relative to the others of its part.
    #[serde(default = "even")]
    pub weight: f32,
    /// Steps a beat: 4 or 3; 2 in compound meters.
    #[serde(default = "four")]
    pub per_beat: u32,
    /// Lowest and highest pitch of the root, as MIDI note numbers.
    #[serde(default = "bass_range")]
    pub range: [u8; 2],
    /// The pattern.
    pub bars: String,
}

/// Block chords or broken chords.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChordIdiom {
    /// Weight of the idiom in random choices, relative to the others of its part.
    #[serde(default = "even")]
    pub weight: f32,
    /// Steps a beat: 4 or 3; 2 in compound meters.
    #[serde(default = "four")]
    pub per_beat: u32,
    /// How voices are laid out.
    #[serde(default)]
    pub voicing: Voicing,
    /// Voices.
    #[serde(default = "four")]
    pub voices: u32,
    /// Lowest and highest pitch, as MIDI note numbers.
    #[serde(default = "chord_range")]
    pub range: [u8; 2],
    /// The pattern.
    pub bars: String,
}

/// How the voices of a chord are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Voicing {
    /// Next to each other.
    #[default]
    Close,
    /// The second voice from above an octave down.
    Open,
    /// Root and fifth.
    Power,
    /// Third and seventh first, then tensions; the root is left to the bass.
    Shell,
}

/// Motifs and the order in which they come.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MelodyIdiom {
    /// Weight of the idiom in random choices, relative to the others of its part.
    #[serde(default = "even")]
    pub weight: f32,
    /// Steps a beat: 4 or 3; 2 in compound meters.
    #[serde(default = "four")]
    pub per_beat: u32,
    /// Lowest and highest pitch, as MIDI note numbers.
    #[serde(default = "melody_range")]
    pub range: [u8; 2],
    /// The order of the motifs by their letters, `a` for the first; repeated as often as needed.
    pub form: String,
    /// The pattern of each motif.
    pub motifs: Vec<String>,
}

const fn even() -> f32 {
    1.0
}

const fn four() -> u32 {
    4
}

const fn bass_range() -> [u8; 2] {
    [31, 43]
}

const fn chord_range() -> [u8; 2] {
    [50, 74]
}

const fn melody_range() -> [u8; 2] {
    [60, 81]
}

/// Why a texture cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IdiomError {
    /// No valid TOML, or not of this form.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// A pattern with a character that is not valid in its part.
    #[error("{0:?} in the pattern {1:?} means nothing there; see the table in the documentation of idioms")]
    Character(char, String),
    /// Patterns whose bars are not of one length, or not whole beats.
    #[error("the bars of the pattern {0:?} are not all of the same whole number of beats")]
    Length(String),
    /// A drum that is not in the table of [`drum_key`].
    #[error("{0:?} is no drum")]
    Drum(String),
    /// A part without idioms.
    #[error("the {0} has no idiom; give it at least one")]
    NoIdiom(&'static str),
    /// A form that names a missing motif.
    #[error("the form {0:?} names a motif that is not given")]
    Form(String),
}

impl Texture {
    /// Reads and checks a texture file.
    ///
    /// # Errors
    ///
    /// An unreadable or invalid texture; see [`IdiomError`].
    pub fn parse(text: &str) -> Result<Self, IdiomError> {
        let texture: Self = toml::from_str(text)?;
        for idiom in &texture.drums {
            for (name, bars) in idiom.lines.iter().chain(&idiom.fill) {
                drum_key(name).ok_or_else(|| IdiomError::Drum(name.clone()))?;
                Bars::parse(bars, idiom.per_beat, "xXo?")?;
            }
        }
        for idiom in &texture.bass {
            idiom.pattern()?;
        }
        for idiom in &texture.chords {
            idiom.pattern("xXotb")?;
        }
        for idiom in &texture.arpeggio {
            idiom.pattern("123456789")?;
        }
        for idiom in &texture.melody {
            idiom.patterns()?;
        }
        let counts = [texture.drums.len(), texture.bass.len(), texture.chords.len()];
        let names = ["drums", "bass", "chords", "arpeggio", "melody"];
        let counts = counts.into_iter().chain([texture.arpeggio.len(), texture.melody.len()]);
        match counts.zip(names).find(|(count, _)| *count == 0) {
            Some((_, name)) => Err(IdiomError::NoIdiom(name)),
            None => Ok(texture),
        }
    }

    /// The meters that its drums, bass and chords can be played in.
    pub fn suits(&self, meter: Meter) -> bool {
        self.drums.iter().any(|idiom| idiom.suits(meter))
            && self.bass.iter().any(|idiom| idiom.suits(meter))
            && self.chords.iter().any(|idiom| idiom.suits(meter))
    }
}

/// An idiom that is drawn by weight.
pub trait Idiom {
    /// Weight of the idiom in random choices, relative to the others of its part.
    fn weight(&self) -> f32;

    /// Whether its bars are bars of `meter`.
    fn suits(&self, meter: Meter) -> bool;
}

/// One of `idioms` that suits `meter`.
pub fn draw<'a, I: Idiom>(idioms: &'a [I], meter: Meter, rng: &mut Rng) -> Option<&'a I> {
    let total: f32 = idioms.iter().filter(|idiom| idiom.suits(meter)).map(Idiom::weight).sum();
    let mut left = rng.f32() * total;
    let mut suiting = idioms.iter().filter(|idiom| idiom.suits(meter));
    let mut last = suiting.next()?;
    for idiom in suiting {
        left -= last.weight();
        if left < 0.0 {
            return Some(last);
        }
        last = idiom;
    }
    Some(last)
}

impl Idiom for DrumIdiom {
    fn weight(&self) -> f32 {
        self.weight
    }

    fn suits(&self, meter: Meter) -> bool {
        self.lines.values().all(|bars| suits(bars, self.per_beat, meter))
    }
}

impl Idiom for LineIdiom {
    fn weight(&self) -> f32 {
        self.weight
    }

    fn suits(&self, meter: Meter) -> bool {
        suits(&self.bars, self.per_beat, meter)
    }
}

impl Idiom for ChordIdiom {
    fn weight(&self) -> f32 {
        self.weight
    }

    fn suits(&self, meter: Meter) -> bool {
        suits(&self.bars, self.per_beat, meter)
    }
}

impl Idiom for MelodyIdiom {
    fn weight(&self) -> f32 {
        self.weight
    }

    fn suits(&self, meter: Meter) -> bool {
        self.motifs.iter().all(|bars| suits(bars, self.per_beat, meter))
    }
}

fn suits(bars: &str, per_beat: u32, meter: Meter) -> bool {
    let first = bars.split('|').next().unwrap_or("");
    let n_steps = first.chars().filter(|letter| !letter.is_whitespace()).count();
    let is_compound = meter.denominator() == 8;
    is_compound == (per_beat == 2)
        && u32::try_from(n_steps)
            .is_ok_and(|n_steps| n_steps * (STEPS_PER_BEAT / per_beat) == meter.bar_steps())
}

impl LineIdiom {
    /// The pattern.
    pub fn pattern(&self) -> Result<Bars, IdiomError> {
        Bars::parse(&self.bars, self.per_beat, "R3578Law")
    }
}

impl ChordIdiom {
    /// The pattern, of the characters `letters`.
    pub fn pattern(&self, letters: &str) -> Result<Bars, IdiomError> {
        Bars::parse(&self.bars, self.per_beat, letters)
    }
}

impl MelodyIdiom {
    /// The motifs, in the order of the form.
    pub fn patterns(&self) -> Result<Vec<Bars>, IdiomError> {
        let motifs: Result<Vec<Bars>, _> =
            self.motifs.iter().map(|bars| Bars::parse(bars, self.per_beat, "ncrudUDk")).collect();
        let motifs = motifs?;
        let pick = |letter: char| {
            let idx = usize::try_from(u32::from(letter).checked_sub(u32::from('a'))?).ok()?;
            motifs.get(idx).cloned()
        };
        let form: Option<Vec<Bars>> = self.form.chars().map(pick).collect();
        form.filter(|form| !form.is_empty()).ok_or_else(|| IdiomError::Form(self.form.clone()))
    }
}

/// A pattern as entries, bar by bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bars(pub Vec<Vec<PatternEntry>>);

/// A note, chord or hit in a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatternEntry {
    /// Grid step in the bar.
    pub step: u32,
    /// How long it is held, in grid steps.
    pub n_steps: u32,
    /// Its character in the pattern.
    pub letter: char,
}

impl Bars {
    fn parse(text: &str, per_beat: u32, letters: &str) -> Result<Self, IdiomError> {
        let wrong_length = || IdiomError::Length(text.to_owned());
        if !matches!(per_beat, 2..=4) {
            return Err(wrong_length());
        }
        let each = STEPS_PER_BEAT / per_beat;
        let beat = if per_beat == 2 { each * 3 } else { STEPS_PER_BEAT };
        let mut bars = Vec::new();
        let mut length = None;
        for bar in text.split('|') {
            let mut entries: Vec<PatternEntry> = Vec::new();
            let mut step = 0;
            let mut sounds = false;
            for letter in bar.chars().filter(|letter| !letter.is_whitespace()) {
                match letter {
                    '-' if sounds => entries.last_mut().into_iter().for_each(|entry| entry.n_steps += each),
                    '-' => {}
                    '.' => sounds = false,
                    letter if letters.contains(letter) => {
                        sounds = true;
                        entries.push(PatternEntry { step, n_steps: each, letter });
                    }
                    letter => return Err(IdiomError::Character(letter, text.to_owned())),
                }
                step += each;
            }
            if step % beat != 0 || step == 0 || *length.get_or_insert(step) != step {
                return Err(wrong_length());
            }
            bars.push(entries);
        }
        Ok(Self(bars))
    }

    /// The entries in bar `bar_idx` of the pattern, which is repeated.
    pub fn at(&self, bar_idx: u32) -> &[PatternEntry] {
        usize::try_from(bar_idx)
            .ok()
            .and_then(|idx| self.0.get(idx % self.0.len()))
            .map_or(&[], Vec::as_slice)
    }
}

/// The pattern of a drum or fill that [`Texture::parse`] has checked.
pub fn drum_bars(bars: &str, per_beat: u32) -> Bars {
    Bars::parse(bars, per_beat, "xXo?").unwrap_or(Bars(vec![Vec::new()]))
}

/// The General MIDI percussion key of an instrument's name.
pub fn drum_key(name: &str) -> Option<u8> {
    let key = match name {
        "kick" => 36,
        "rim" => 37,
        "snare" => 38,
        "clap" => 39,
        "brush" => 40,
        "low_tom" => 41,
        "closed" => 42,
        "floor_tom" => 43,
        "pedal" => 44,
        "tom" => 45,
        "open" => 46,
        "mid_tom" => 47,
        "high_tom" => 50,
        "crash" => 49,
        "ride" => 51,
        "bell" => 53,
        "tambourine" => 54,
        "cowbell" => 56,
        "bongo_high" => 60,
        "bongo_low" => 61,
        "conga_mute" => 62,
        "conga_high" => 63,
        "conga_low" => 64,
        "timbale_high" => 65,
        "timbale_low" => 66,
        "agogo_high" => 67,
        "agogo_low" => 68,
        "cabasa" => 69,
        "maracas" => 70,
        "guiro" => 73,
        "claves" => 75,
        "block_high" => 76,
        "block_low" => 77,
        "triangle_mute" => 80,
        "triangle" => 81,
        "shaker" => 82,
        _ => return None,
    };
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_read_with_their_holds() {
        let bars = Bars::parse("R--- ..5. | 3.3. ----", 4, "R35").unwrap();
        let entries =
            |bar: u32| bars.at(bar).iter().map(|s| (s.letter, s.step, s.n_steps)).collect::<Vec<_>>();
        assert_eq!(entries(0), [('R', 0, 12), ('5', 18, 3)]);
        assert_eq!(entries(3), [('3', 0, 3), ('3', 6, 3)]);
    }

    #[test]
    fn patterns_that_mean_nothing_are_refused() {
        for (text, per_beat) in [("R..", 4), ("R...|R.......", 4), ("", 4), ("Rz..", 4), ("R", 7)] {
            assert!(Bars::parse(text, per_beat, "R").is_err(), "{text:?} at {per_beat}");
        }
    }

    #[test]
    fn idioms_are_drawn_by_weight_and_meter() {
        let line = |bars: &str, weight: f32| LineIdiom {
            weight,
            per_beat: 4,
            range: bass_range(),
            bars: bars.to_owned(),
        };
        let waltz = Meter::new(3, 4).unwrap();
        let idioms =
            [line("R--- R--- R--- R---", 9.0), line("R--- 5--- 5---", 1.0), line("R--- R--- R---", 0.0)];
        let mut rng = Rng::with_seed(1);
        assert!((0..50).all(|_| draw(&idioms, waltz, &mut rng).unwrap().bars.contains('5')));
        assert!(draw(&idioms, Meter::new(5, 4).unwrap(), &mut rng).is_none());
    }
}
