//! Words for modes, meters, lengths and endings.

use super::sense::Row;
use super::sense::Sense::{Bars, Ending as Ends, Meter, Mode as In, Mood};
use crate::music::Mode;
use crate::music::ending::Ending;

pub(super) const FRAMES: &[Row] = &[
    ("major|ionian|maj", &[In(Mode::Major)]),
    ("minor|aeolian|natural minor|melodic minor|min|moll", &[In(Mode::Minor)]),
    ("dorian", &[In(Mode::Dorian)]),
    ("phrygian|spanish scale", &[In(Mode::Phrygian)]),
    ("lydian", &[In(Mode::Lydian)]),
    ("mixolydian|dominant scale", &[In(Mode::Mixolydian)]),
    ("locrian", &[In(Mode::Locrian)]),
    ("harmonic minor", &[In(Mode::HarmonicMinor)]),
    ("waltz|three four|triple time|triple meter|valse", &[Meter(3, 4)]),
    ("common time|four four|quadruple time", &[Meter(4, 4)]),
    ("cut time|alla breve|two two", &[Meter(2, 2)]),
    ("polka|two four|duple time", &[Meter(2, 4)]),
    ("six eight|compound time", &[Meter(6, 8)]),
    ("siciliana", &[Meter(6, 8), Mood(0.5, 0.25)]),
    ("nine eight", &[Meter(9, 8)]),
    ("twelve eight|slow triplets", &[Meter(12, 8)]),
    ("five four", &[Meter(5, 4)]),
    ("seven eight|odd meter|odd time", &[Meter(7, 8)]),
    ("very short|fragment|lick", &[Bars(2)]),
    ("short|brief", &[Bars(4)]),
    ("medium length|a verse|a chorus", &[Bars(8)]),
    ("long|lengthy|extended", &[Bars(16)]),
    ("looping|looped|loopable|seamless|seamless loop|leading back", &[Ends(Ending::Loop)]),
    (
        "ending|finale|outro|cadence|full cadence|perfect cadence|resolve|resolved|resolving|conclusive|closing",
        &[Ends(Ending::Close)],
    ),
    ("open ended|open ending|half cadence|unresolved|cliffhanger", &[Ends(Ending::Open)]),
];
