//! The vocabulary: every token as a [`Symbol`], its four slot ids, and the hash that weights are bound to.
//!
//! Slot ids are laid out in segments, one per kind of value; id 0 is *none* (the slot is not used) and, in the value
//! slots, id 1 is *unknown*. Any change here changes [`vocab_hash`], and weights trained before refuse to load.

use sha2::{Digest, Sha256};

use super::style::Style;
use crate::music::{ChordQuality, Meter, Mode, Part, PitchClass};

/// Slots of a token.
pub const N_SLOTS: usize = 4;

/// One slot of a compound token; each is predicted after those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// Kind of token; of a note or chord, its position in the bar.
    Kind,
    /// Pitch, root, style, meter, mode or a level.
    Pitch,
    /// Duration, count or a level.
    Duration,
    /// Velocity band, chord quality, tempo band or a level.
    Velocity,
}

impl Slot {
    /// Every slot in reading order.
    pub const ALL: [Self; N_SLOTS] = [Self::Kind, Self::Pitch, Self::Duration, Self::Velocity];

    /// The place in [`Self::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// A compound token: the ids of its slots, indexed by `[slot_idx]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Token(pub [u16; N_SLOTS]);

impl AsRef<[u16]> for Token {
    fn as_ref(&self) -> &[u16] {
        &self.0
    }
}

/// A slot that is not used.
pub const NONE: u16 = 0;

/// A value that is not known, in the value slots; in the kind slot, a note at an unknown position.
pub const UNKNOWN: u16 = 1;

/// Durations in grid steps: all up to two beats; then sixteenths up to eight beats and triplets up to four; then
/// eighths up to four bars of 4/4; then beats up to four bars of 4/2. Longer notes are split.
pub const DURATIONS: [u16; 84] = duration_table();

/// The longest duration of one token, in grid steps.
pub const MAX_DURATION: u32 = 384;

/// Bands of a control between 0 and 1.
pub const N_LEVELS: u16 = 8;

/// Bands of velocity: sixteen MIDI velocities each.
pub const N_VELOCITY_BANDS: u16 = 8;

/// Lowest and highest General MIDI percussion key: every key that occurs in the corpus (58 of these 61 do).
pub const DRUM_KEYS: std::ops::RangeInclusive<u8> = 27..=87;

/// The largest count: 16 bars of five parts. Larger numbers are clamped.
pub const MAX_COUNT: u32 = 80;

/// Upper edges of the tempo bands, in beats per minute; the last band is open.
pub const TEMPO_EDGES: [f32; 9] = [60.0, 72.0, 84.0, 96.0, 108.0, 120.0, 132.0, 150.0, 176.0];

/// Relative pitches reach from the lowest MIDI pitch in a key that moves down to the highest in one that moves up.
const MIN_RELATIVE_PITCH: i16 = -6;
const MAX_RELATIVE_PITCH: i16 = 132;

const N_TONES: u16 = (MAX_RELATIVE_PITCH - MIN_RELATIVE_PITCH + 1).cast_unsigned();
const N_DRUMS: u16 = (*DRUM_KEYS.end() - *DRUM_KEYS.start()) as u16 + 1;
const N_POSITIONS: u16 = to_id(Meter::MAX_BAR_STEPS as usize);
const N_PARTS: u16 = to_id(Part::ALL.len());

/// Conversion of table lengths, all far below the limit.
const fn to_id(n: usize) -> u16 {
    assert!(n <= u16::MAX as usize);
    #[expect(clippy::cast_possible_truncation, reason = "checked in the line above")]
    {
        n as u16
    }
}

const fn duration_table() -> [u16; 84] {
    let mut table = [0; 84];
    let mut n = 0;
    let mut steps = 1;
    while steps <= 384 {
        let listed = steps <= 24
            || (steps <= 96 && steps % 3 == 0)
            || (steps <= 48 && steps % 4 == 0)
            || (steps <= 192 && steps % 6 == 0)
            || steps % 12 == 0;
        if listed {
            table[n] = steps;
            n += 1;
        }
        steps += 1;
    }
    assert!(n == table.len(), "the table must be full");
    table
}

/// Segments of slot [`Slot::Kind`].
mod kind {
    use super::{N_PARTS, N_POSITIONS, UNKNOWN};

    pub const NOTE: u16 = UNKNOWN + 1;
    pub const CHORD: u16 = NOTE + N_POSITIONS;
    pub const CELL: u16 = CHORD + N_POSITIONS;
    pub const MASK: u16 = CELL + N_PARTS;
    pub const FEEL: u16 = MASK + N_PARTS;
    pub const SHAPE: u16 = FEEL + N_PARTS;
    pub const TEXTURE: u16 = SHAPE + N_PARTS;
    pub const SLASH: u16 = TEXTURE + N_PARTS;
    pub const BAR: u16 = SLASH + 1;
    pub const STYLE: u16 = BAR + 1;
    pub const MOOD: u16 = STYLE + 1;
    pub const FRAME: u16 = MOOD + 1;
    pub const LENGTH: u16 = FRAME + 1;
    pub const BEGIN: u16 = LENGTH + 1;
    pub const COMPOSE: u16 = BEGIN + 1;
    pub const END: u16 = COMPOSE + 1;
    pub const SIZE: u16 = END + 1;
}

/// Segments of slot [`Slot::Pitch`].
mod pitch {
    use super::{Meter, Mode, N_DRUMS, N_LEVELS, N_TONES, Style, UNKNOWN, to_id};

    pub const TONE: u16 = UNKNOWN + 1;
    pub const DRUM: u16 = TONE + N_TONES;
    pub const CLASS: u16 = DRUM + N_DRUMS;
    pub const NO_CHORD: u16 = CLASS + 12;
    pub const STYLE: u16 = NO_CHORD + 1;
    pub const METER: u16 = STYLE + to_id(Style::ALL.len());
    pub const MODE: u16 = METER + to_id(Meter::COUNT);
    pub const LEVEL: u16 = MODE + to_id(Mode::ALL.len());
    pub const SIZE: u16 = LEVEL + N_LEVELS;
}

/// Segments of slot [`Slot::Duration`].
mod duration {
    use super::{DURATIONS, MAX_COUNT, N_LEVELS, UNKNOWN, to_id};

    pub const STEPS: u16 = UNKNOWN + 1;
    pub const COUNT: u16 = STEPS + to_id(DURATIONS.len());
    pub const LEVEL: u16 = COUNT + to_id(MAX_COUNT as usize) + 1;
    pub const SIZE: u16 = LEVEL + N_LEVELS;
}

/// Segments of slot [`Slot::Velocity`].
mod velocity {
    use super::{ChordQuality, N_LEVELS, N_VELOCITY_BANDS, TEMPO_EDGES, UNKNOWN, to_id};

    pub const BAND: u16 = UNKNOWN + 1;
    pub const QUALITY: u16 = BAND + N_VELOCITY_BANDS;
    pub const TEMPO: u16 = QUALITY + to_id(ChordQuality::ALL.len());
    pub const LEVEL: u16 = TEMPO + to_id(TEMPO_EDGES.len()) + 1;
    pub const SIZE: u16 = LEVEL + N_LEVELS;
}

/// Ids per slot, indexed by `[slot_idx]`.
pub const SLOT_SIZES: [u16; N_SLOTS] = [kind::SIZE, pitch::SIZE, duration::SIZE, velocity::SIZE];

/// A relative pitch or a percussion key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Semitones of a MIDI note number after the tonic was moved to C, `-6..=132`.
    Pitched(i16),
    /// General MIDI percussion key, one of [`DRUM_KEYS`].
    Drum(u8),
}

/// A decoded token. `None` is *unknown* unless the field's docs say otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Symbol {
    /// The start of every sequence.
    Begin,
    /// The style that is set.
    Style(Option<Style>),
    /// The mood that is set, as levels.
    Mood {
        /// Sad to joyful, `0..N_LEVELS`.
        valence: Option<u16>,
        /// Calm to energetic, `0..N_LEVELS`.
        arousal: Option<u16>,
    },
    /// Mode and tempo.
    Frame {
        /// The mode.
        mode: Option<Mode>,
        /// Place in [`TEMPO_EDGES`], one more for the last band.
        tempo_band: Option<u16>,
    },
    /// Meter, length and whether chord symbols are written.
    Length {
        /// The meter of all bars.
        meter: Meter,
        /// Bars of the phrase.
        n_bars: u32,
        /// Whether the body states its harmony.
        has_harmony: bool,
    },
    /// A part to compose, with its controls of time.
    Feel {
        /// The part.
        part: Part,
        /// Levels of density, syncopation and rests.
        levels: [Option<u16>; 3],
    },
    /// The controls of the part's line.
    Shape {
        /// The part.
        part: Part,
        /// Levels of register, range and leaps.
        levels: [Option<u16>; 3],
    },
    /// The control of the part's thickness.
    Texture {
        /// The part.
        part: Part,
        /// Level of polyphony.
        level: Option<u16>,
    },
    /// A given bar.
    Bar {
        /// The meter.
        meter: Meter,
        /// Number of the bar from 1, the pickup being 0; at most [`MAX_COUNT`].
        number: u32,
    },
    /// The start of a bar to compose. It repeats the style, which in the prefix alone has little effect later.
    Open {
        /// The style that is set; here `None` is a slot that is not used.
        style: Option<Style>,
        /// Number of the bar, as of [`Symbol::Bar`].
        number: u32,
    },
    /// A chord symbol.
    Chord {
        /// Steps from the start of the bar.
        position: u32,
        /// Root above the tonic and quality; `None` is N.C.
        chord: Option<(PitchClass, ChordQuality)>,
        /// Length in steps, one of [`DURATIONS`].
        duration: Option<u32>,
    },
    /// The bass of the chord before, where it is not the root.
    Slash(PitchClass),
    /// The notes of a part in this bar follow.
    Cell {
        /// The part.
        part: Part,
        /// The cell's number among those composed, `None` if it is given.
        number: Option<u32>,
        /// Levels of register and density set for a composed cell; here `None` is a slot that is not used.
        levels: [Option<u16>; 2],
    },
    /// This cell is to be composed; its known notes follow.
    Mask {
        /// The part.
        part: Part,
        /// Its number among the cells to compose.
        number: u32,
    },
    /// A note.
    Note {
        /// Steps from the start of the bar.
        position: Option<u32>,
        /// Pitch or percussion key.
        tone: Option<Tone>,
        /// Length in steps, one of [`DURATIONS`]; drums have none, and theirs is `None`.
        duration: Option<u32>,
        /// Velocity band.
        velocity: Option<u16>,
    },
    /// What follows is composed.
    Compose,
    /// The end of every sequence.
    End,
}

impl Symbol {
    /// The ids of this symbol. Values out of range become the nearest one with an id.
    pub fn to_token(self) -> Token {
        let part_id = |base: u16, part: Part| base + to_id(part.index());
        let level = |base: u16, level: Option<u16>| level.map_or(UNKNOWN, |at| base + at.min(N_LEVELS - 1));
        let levels = |kind: u16, [a, b, c]: [Option<u16>; 3]| {
            Token([kind, level(pitch::LEVEL, a), level(duration::LEVEL, b), level(velocity::LEVEL, c)])
        };
        match self {
            Self::Begin => Token([kind::BEGIN, NONE, NONE, NONE]),
            Self::Style(style) => Token([kind::STYLE, style.map_or(UNKNOWN, style_id), NONE, NONE]),
            Self::Mood { valence, arousal } => {
                Token([kind::MOOD, level(pitch::LEVEL, valence), level(duration::LEVEL, arousal), NONE])
            }
            Self::Frame { mode, tempo_band } => {
                let mode = mode.map_or(UNKNOWN, |mode| pitch::MODE + to_id(mode.index()));
                let n_bands = to_id(TEMPO_EDGES.len()) + 1;
                let tempo = tempo_band.map_or(UNKNOWN, |band| velocity::TEMPO + band.min(n_bands - 1));
                Token([kind::FRAME, mode, NONE, tempo])
            }
            Self::Length { meter, n_bars, has_harmony } => Token([
                kind::LENGTH,
                meter_id(meter),
                count_id(n_bars),
                velocity::LEVEL + u16::from(has_harmony),
            ]),
            Self::Feel { part, levels: values } => levels(part_id(kind::FEEL, part), values),
            Self::Shape { part, levels: values } => levels(part_id(kind::SHAPE, part), values),
            Self::Texture { part, level: value } => {
                Token([part_id(kind::TEXTURE, part), level(pitch::LEVEL, value), NONE, NONE])
            }
            Self::Bar { meter, number } => Token([kind::BAR, meter_id(meter), count_id(number), NONE]),
            Self::Open { style, number } => {
                Token([kind::BAR, style.map_or(NONE, style_id), count_id(number), NONE])
            }
            Self::Chord { position, chord, duration } => Token([
                kind::CHORD + position_id(position),
                chord.map_or(pitch::NO_CHORD, |(root, _)| class_id(root)),
                duration.map_or(UNKNOWN, duration_id),
                chord.map_or(NONE, |(_, quality)| velocity::QUALITY + to_id(quality.index())),
            ]),
            Self::Slash(bass) => Token([kind::SLASH, class_id(bass), NONE, NONE]),
            Self::Cell { part, number, levels: [register, density] } => Token([
                part_id(kind::CELL, part),
                register.map_or(NONE, |_| level(pitch::LEVEL, register)),
                number.map_or(NONE, count_id),
                density.map_or(NONE, |_| level(velocity::LEVEL, density)),
            ]),
            Self::Mask { part, number } => Token([part_id(kind::MASK, part), NONE, count_id(number), NONE]),
            Self::Note { position, tone, duration, velocity } => Token([
                position.map_or(UNKNOWN, |steps| kind::NOTE + position_id(steps)),
                tone.map_or(UNKNOWN, tone_id),
                match tone {
                    Some(Tone::Drum(_)) => NONE,
                    _ => duration.map_or(UNKNOWN, duration_id),
                },
                velocity.map_or(UNKNOWN, |band| velocity::BAND + band.min(N_VELOCITY_BANDS - 1)),
            ]),
            Self::Compose => Token([kind::COMPOSE, NONE, NONE, NONE]),
            Self::End => Token([kind::END, NONE, NONE, NONE]),
        }
    }

    /// The symbol of any ids; `None` if the first slot is no kind or a needed value is missing. Superfluous slots are
    /// ignored.
    pub fn from_token(token: Token) -> Option<Self> {
        let [k, p, d, v] = token.0;
        let part_of = |base: u16| Part::ALL.get(usize::from(k - base)).copied();
        let pitch_level = within(p, pitch::LEVEL, N_LEVELS);
        let duration_level = within(d, duration::LEVEL, N_LEVELS);
        let velocity_level = within(v, velocity::LEVEL, N_LEVELS);
        let levels = [pitch_level, duration_level, velocity_level];
        let meter = within(p, pitch::METER, to_id(Meter::COUNT)).and_then(|at| Meter::from_index(at.into()));
        let count = within(d, duration::COUNT, to_id(MAX_COUNT as usize) + 1).map(u32::from);
        let style = within(p, pitch::STYLE, to_id(Style::ALL.len()))
            .and_then(|at| Style::ALL.get(usize::from(at)).copied());
        let class = within(p, pitch::CLASS, 12).and_then(|at| u8::try_from(at).ok()).map(PitchClass::new);
        let steps = within(d, duration::STEPS, to_id(DURATIONS.len()))
            .and_then(|at| DURATIONS.get(usize::from(at)))
            .map(|&steps| u32::from(steps));
        Some(match k {
            UNKNOWN | kind::NOTE..kind::CHORD => Self::Note {
                position: k.checked_sub(kind::NOTE).map(u32::from),
                tone: tone_of(p),
                duration: steps,
                velocity: within(v, velocity::BAND, N_VELOCITY_BANDS),
            },
            kind::CHORD..kind::CELL => {
                let quality = within(v, velocity::QUALITY, to_id(ChordQuality::ALL.len()))
                    .and_then(|at| ChordQuality::ALL.get(usize::from(at)));
                let chord = match p {
                    pitch::NO_CHORD => None,
                    _ => Some((class?, *quality?)),
                };
                Self::Chord { position: u32::from(k - kind::CHORD), chord, duration: steps }
            }
            kind::CELL..kind::MASK => Self::Cell {
                part: part_of(kind::CELL)?,
                number: count,
                levels: [pitch_level, velocity_level],
            },
            kind::MASK..kind::FEEL => Self::Mask { part: part_of(kind::MASK)?, number: count? },
            kind::FEEL..kind::SHAPE => Self::Feel { part: part_of(kind::FEEL)?, levels },
            kind::SHAPE..kind::TEXTURE => Self::Shape { part: part_of(kind::SHAPE)?, levels },
            kind::TEXTURE..kind::SLASH => Self::Texture { part: part_of(kind::TEXTURE)?, level: pitch_level },
            kind::SLASH => Self::Slash(class?),
            kind::BAR => match meter {
                Some(meter) => Self::Bar { meter, number: count? },
                None => Self::Open { style, number: count? },
            },
            kind::STYLE => Self::Style(style),
            kind::MOOD => Self::Mood { valence: pitch_level, arousal: duration_level },
            kind::FRAME => Self::Frame {
                mode: within(p, pitch::MODE, to_id(Mode::ALL.len()))
                    .and_then(|at| Mode::ALL.get(usize::from(at)))
                    .copied(),
                tempo_band: within(v, velocity::TEMPO, to_id(TEMPO_EDGES.len()) + 1),
            },
            kind::LENGTH => Self::Length { meter: meter?, n_bars: count?, has_harmony: velocity_level? > 0 },
            kind::BEGIN => Self::Begin,
            kind::COMPOSE => Self::Compose,
            kind::END => Self::End,
            _ => return None,
        })
    }
}

/// The offset of `id` in the segment of `n` ids from `base`.
fn within(id: u16, base: u16, n: u16) -> Option<u16> {
    id.checked_sub(base).filter(|&at| at < n)
}

fn position_id(steps: u32) -> u16 {
    u16::try_from(steps).unwrap_or(u16::MAX).min(N_POSITIONS - 1)
}

fn style_id(style: Style) -> u16 {
    pitch::STYLE + to_id(style.index())
}

fn meter_id(meter: Meter) -> u16 {
    pitch::METER + to_id(meter.index())
}

fn class_id(class: PitchClass) -> u16 {
    pitch::CLASS + u16::from(class.number())
}

fn count_id(count: u32) -> u16 {
    duration::COUNT + u16::try_from(count.min(MAX_COUNT)).unwrap_or(0)
}

fn duration_id(steps: u32) -> u16 {
    duration::STEPS + to_id(nearest_duration_idx(steps))
}

/// The id of `tone` in slot [`Slot::Pitch`].
pub fn tone_id(tone: Tone) -> u16 {
    match tone {
        Tone::Pitched(relative) => {
            let held = relative.clamp(MIN_RELATIVE_PITCH, MAX_RELATIVE_PITCH);
            pitch::TONE + (held - MIN_RELATIVE_PITCH).unsigned_abs()
        }
        Tone::Drum(key) => {
            pitch::DRUM + u16::from(key.clamp(*DRUM_KEYS.start(), *DRUM_KEYS.end()) - DRUM_KEYS.start())
        }
    }
}

/// The tone of an id of slot [`Slot::Pitch`].
pub fn tone_of(id: u16) -> Option<Tone> {
    match id {
        pitch::TONE..pitch::DRUM => {
            Some(Tone::Pitched((id - pitch::TONE).cast_signed() + MIN_RELATIVE_PITCH))
        }
        pitch::DRUM..pitch::CLASS => {
            u8::try_from(id - pitch::DRUM).ok().map(|at| Tone::Drum(DRUM_KEYS.start() + at))
        }
        _ => None,
    }
}

/// The place in [`DURATIONS`] nearest to `steps`, the shorter on a tie.
fn nearest_duration_idx(steps: u32) -> usize {
    let above = DURATIONS.partition_point(|&listed| u32::from(listed) < steps);
    match (above.checked_sub(1), DURATIONS.get(above)) {
        (None, _) => 0,
        (Some(below), None) => below,
        (Some(below), Some(&longer)) => {
            if steps - u32::from(DURATIONS[below]) <= u32::from(longer) - steps {
                below
            } else {
                above
            }
        }
    }
}

/// The duration of the table nearest to `steps`, the shorter on a tie.
pub fn nearest_duration(steps: u32) -> u32 {
    u32::from(DURATIONS[nearest_duration_idx(steps)])
}

/// The band of a MIDI velocity.
pub fn velocity_band(velocity: u8) -> u16 {
    u16::from(velocity.min(127)) / 16
}

/// The MIDI velocity in the middle of a band, `8..=120`.
pub fn band_velocity(band: u16) -> u8 {
    u8::try_from(band.min(N_VELOCITY_BANDS - 1) * 16 + 8).unwrap_or(64)
}

/// The level of a control between 0 and 1.
pub fn level_of(value: f32) -> u16 {
    (0..N_LEVELS).rfind(|&level| value >= f32::from(level) / f32::from(N_LEVELS)).unwrap_or(0)
}

/// The band of a tempo in beats per minute.
pub fn tempo_band(tempo: f32) -> u16 {
    to_id(TEMPO_EDGES.iter().filter(|&&edge| tempo >= edge).count())
}

/// Ids that the grammar uses.
impl Token {
    /// The first ids of the note positions and the chord positions of a bar, each `Meter::MAX_BAR_STEPS` long.
    pub const NOTE_KINDS: u16 = kind::NOTE;
    /// See [`Self::NOTE_KINDS`].
    pub const CHORD_KINDS: u16 = kind::CHORD;
    /// The id of a slash token.
    pub const SLASH_KIND: u16 = kind::SLASH;

    /// Ids of slot [`Slot::Pitch`] that notes of `part` may have.
    pub fn tone_ids(part: Part) -> std::ops::Range<u16> {
        if part.is_drums() { pitch::DRUM..pitch::CLASS } else { pitch::TONE..pitch::DRUM }
    }

    /// Ids of slot [`Slot::Pitch`] that a chord or its bass may have; N.C. is the last.
    pub const ROOT_IDS: std::ops::Range<u16> = pitch::CLASS..pitch::NO_CHORD + 1;

    /// The id of N.C. in slot [`Slot::Pitch`].
    pub const NO_CHORD_ID: u16 = pitch::NO_CHORD;

    /// Ids of slot [`Slot::Duration`] that are lengths in steps, in the order of [`DURATIONS`].
    pub const DURATION_IDS: std::ops::Range<u16> = duration::STEPS..duration::COUNT;

    /// Ids of slot [`Slot::Velocity`] that are velocity bands.
    pub const VELOCITY_IDS: std::ops::Range<u16> = velocity::BAND..velocity::QUALITY;

    /// Ids of slot [`Slot::Velocity`] that are chord qualities.
    pub const QUALITY_IDS: std::ops::Range<u16> = velocity::QUALITY..velocity::TEMPO;
}

/// The hash of the vocabulary, as 16 hexadecimal digits: of all slot sizes, tables and names, and of the version of
/// the format.
pub fn vocab_hash() -> String {
    const FORMAT: u32 = 3;
    let mut text = format!("format {FORMAT}; slots {SLOT_SIZES:?}; durations {DURATIONS:?}; ");
    text += &format!("tempo {TEMPO_EDGES:?}; levels {N_LEVELS}; bands {N_VELOCITY_BANDS}; ");
    text += &format!("tones {MIN_RELATIVE_PITCH} {MAX_RELATIVE_PITCH}; drums {DRUM_KEYS:?}; ");
    text +=
        &format!("kinds {:?}; ", [kind::NOTE, kind::CHORD, kind::CELL, kind::MASK, kind::FEEL, kind::SLASH]);
    text += &format!("parts {:?}; ", Part::ALL.map(Part::name));
    text += &format!("styles {:?}; ", Style::ALL.map(Style::name));
    text += &format!("modes {:?}; ", Mode::ALL.map(Mode::name));
    text += &format!("meters {:?}; ", Meter::all().map(|meter| meter.to_string()).collect::<Vec<_>>());
    text += &format!(
        "qualities {:?}",
        ChordQuality::ALL.iter().map(|quality| quality.symbol()).collect::<Vec<_>>()
    );
    Sha256::digest(text.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_ids_have_a_symbol_or_none_and_symbols_survive(ids in prop::array::uniform4(0u16..400)) {
            if let Some(symbol) = Symbol::from_token(Token(ids)) {
                let again = symbol.to_token();
                prop_assert!(again.0.iter().zip(SLOT_SIZES).all(|(&id, size)| id < size));
                let second = Symbol::from_token(again);
                // A drum note has no duration; all else is as it was.
                if !matches!(symbol, Symbol::Note { tone: Some(Tone::Drum(_)), .. }) {
                    prop_assert_eq!(second, Some(symbol));
                }
            }
        }

        #[test]
        fn every_duration_is_near_its_entry(steps in 1u32..=MAX_DURATION) {
            let nearest = nearest_duration(steps);
            prop_assert!(nearest.abs_diff(steps) <= 6);
            prop_assert_eq!(nearest_duration(nearest), nearest);
        }
    }

    #[test]
    fn bands_and_levels_hold_their_own_values() {
        for velocity in 1..=127 {
            let band = velocity_band(velocity);
            assert_eq!(velocity_band(band_velocity(band)), band);
        }
        assert_eq!([0.0, 0.124, 0.125, 0.99, 1.0, f32::NAN].map(level_of), [0, 0, 1, 7, 7, 0]);
        assert_eq!([20.0, 60.0, 175.0, 400.0].map(tempo_band), [0, 1, 8, 9]);
    }

    /// Weights depend on this value: it may only change together with a newly trained model.
    #[test]
    fn the_vocabulary_is_frozen() {
        assert_eq!((SLOT_SIZES, vocab_hash().as_str()), ([228, 275, 175, 57], "10a2ba93e6ee6bd5"));
    }
}
