//! Words for the parts' controls, such as density and register, and for degrees.

use super::sense::Row;
use super::sense::Sense::{Degree, Dial, Level, Not};
use crate::music::measure::PartControl::{Density, Leaps, Polyphony, Range, Register, Rests, Syncopation};

pub(super) const LEVELS: &[Row] = &[
    ("sparse|thin|bare|spare|few notes|fewer notes|less notes|uncluttered", &[Level(Density, 0.2)]),
    (
        "minimal|minimalist|minimalistic|stripped|stripped down|stripped back",
        &[Level(Density, 0.15), Level(Polyphony, 0.3)],
    ),
    (
        "busy|dense|full|frenzied|rolling|many notes|lots of notes|more notes|crowded|packed",
        &[Level(Density, 0.8)],
    ),
    ("half-time|half time feel|slow motion", &[Level(Density, 0.3)]),
    ("double-time|double time feel|sixteenths|sixteenth notes", &[Level(Density, 0.85)]),
    ("eighth notes|eighths|steady eighths", &[Level(Density, 0.65), Level(Syncopation, 0.2)]),
    ("quarter notes|quarters|crotchets", &[Level(Density, 0.4), Level(Syncopation, 0.1)]),
    ("whole notes|half notes|semibreves", &[Level(Density, 0.1), Level(Syncopation, 0.1)]),
    ("runs|scale runs|virtuosic|shredding", &[Level(Density, 0.9), Level(Leaps, 0.3)]),
    ("long notes|sustained|held notes|held", &[Level(Density, 0.15), Level(Rests, 0.1)]),
    ("short notes|staccato|choppy|stabs|clipped|detached|pizzicato", &[Level(Rests, 0.75)]),
    ("legato|continuous|gapless|unbroken|connected", &[Level(Rests, 0.1)]),
    ("airy|spacious|breathing|with space|open space|room to breathe|gappy|with rests", &[Level(Rests, 0.8)]),
    (
        "complex|complicated|intricate|elaborate|sophisticated|ornate",
        &[Level(Syncopation, 0.75), Level(Polyphony, 0.75), Level(Leaps, 0.7)],
    ),
    (
        "simple|easy|plain|basic|catchy|straightforward",
        &[Level(Syncopation, 0.25), Level(Polyphony, 0.3), Level(Leaps, 0.3)],
    ),
    ("syncopated|off-beat|groovy|broken|jerky|stuttering|anticipated", &[Level(Syncopation, 0.8)]),
    ("straight|on the beat|square|four-square|steady|unsyncopated", &[Level(Syncopation, 0.15)]),
    ("walking", &[Level(Density, 0.65), Level(Syncopation, 0.15), Level(Rests, 0.1)]),
    ("thick|lush|rich|polyphonic|harmonised|harmonized|layered|full voicings", &[Level(Polyphony, 0.8)]),
    ("block chords|close harmony|four-part harmony", &[Level(Polyphony, 0.8), Level(Syncopation, 0.2)]),
    ("power chords|open fifths|two-part", &[Level(Polyphony, 0.4)]),
    ("monophonic|mono|single notes|one note at a time|single-line|unison", &[Level(Polyphony, 0.1)]),
    ("high|soaring|high-pitched|treble|higher octave|octave up|shrill", &[Level(Register, 0.8)]),
    ("low|deep|low-pitched|rumbling|octave down|bassy", &[Level(Register, 0.2)]),
    ("mid-range|middle register", &[Level(Register, 0.5)]),
    ("wide|wide-ranging|sweeping|expansive", &[Level(Range, 0.8)]),
    ("narrow|small-ranged|confined|chant-like", &[Level(Range, 0.2)]),
    ("leaping|jumpy|jumping|angular|disjunct|zigzag", &[Level(Leaps, 0.8)]),
    ("stepwise|step-by-step|smooth|flowing|conjunct|lyrical|singable|cantabile|scalar", &[Level(Leaps, 0.2)]),
    ("density|note density", &[Dial(Density)]),
    ("syncopation|off-beats", &[Dial(Syncopation)]),
    ("polyphony|voices", &[Dial(Polyphony)]),
    ("register|pitch height", &[Dial(Register)]),
    ("range|compass|ambitus", &[Dial(Range)]),
    ("leaps|jumps|skips", &[Dial(Leaps)]),
    ("rests|space|pauses|gaps|silence|breaths", &[Dial(Rests)]),
    // Degrees: factors of the distance from the middle.
    ("very|really|super|so|pretty much|highly|deeply|truly", &[Degree(1.4)]),
    ("extremely|ultra|insanely|incredibly|as possible|maximally|totally|utterly", &[Degree(1.7)]),
    ("more|many|lots of|a lot of|plenty of|quite|much", &[Degree(1.2)]),
    (
        "slightly|a bit|a little|a touch|a little bit|a hint of|kind of|sort of|a tad|mildly|subtly|a bit of",
        &[Degree(0.5)],
    ),
    ("somewhat|fairly|rather|moderate amount of|reasonably", &[Degree(0.75)]),
    ("medium|average|normal", &[Degree(0.0)]),
    ("less|fewer|few|little", &[Degree(-0.6)]),
    ("not too|not very|not so|not that|not overly|not particularly", &[Degree(-0.25)]),
    ("not|isnt|dont|never|hardly|barely", &[Not(-0.6)]),
    ("no|without|minus|zero|skip|drop the|omit|exclude|leave out|remove|excluding|lose the", &[Not(-1.4)]),
];
