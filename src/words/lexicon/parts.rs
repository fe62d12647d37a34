//! Words for parts, for the instruments that play them, and for stances: "with", "only".

use super::sense::Row;
use super::sense::Sense::{Parts, Stance};
use super::sense::Stance::{Named, Only, With, Without};
use crate::music::Part;

pub(super) const PARTS: &[Row] = &[
    (
        "melody|melodies|melodic line|lead|lead line|top-line|hook|riff|solo line|tune line|motif",
        &[Parts(Named, &[Part::Melody])],
    ),
    ("counter-melody|descant", &[Parts(Named, &[Part::Melody])]),
    ("flute|violin|fiddle|clarinet|oboe|whistle|recorder|pan flute", &[Parts(With, &[Part::Melody])]),
    ("sax|saxophone|trumpet|horn|trombone|harmonica", &[Parts(With, &[Part::Melody])]),
    ("cello|viola|lead guitar|lead synth|theremin", &[Parts(With, &[Part::Melody])]),
    (
        "chord|chords|chord progression|progression|harmony|harmonies|changes",
        &[Parts(Named, &[Part::Chords])],
    ),
    ("accompaniment|comping|pad|pads|keys|backing|keyboard", &[Parts(Named, &[Part::Chords])]),
    ("piano|electric piano|rhodes|organ|harpsichord|accordion", &[Parts(With, &[Part::Chords])]),
    ("guitar|guitars|rhythm guitar|banjo|ukulele|mandolin", &[Parts(With, &[Part::Chords])]),
    ("strings|string section|brass|brass section|horns|choir|synth|synths", &[Parts(With, &[Part::Chords])]),
    ("strumming|strummed|strum", &[Parts(With, &[Part::Chords])]),
    ("bass|bass-line|bass part|low end", &[Parts(Named, &[Part::Bass])]),
    ("bass guitar|upright bass|double bass|contrabass|tuba|slap bass", &[Parts(Named, &[Part::Bass])]),
    ("sub-bass|808|808s|reese", &[Parts(Named, &[Part::Bass])]),
    ("arpeggio|arpeggios|arpeggiated|arp|arps|broken chords|arpeggiator", &[Parts(Named, &[Part::Arpeggio])]),
    ("finger-picking|fingerpicked|picking|alberti", &[Parts(With, &[Part::Arpeggio])]),
    ("harp|plucks|plucked|sequencer|music box|bells|marimba", &[Parts(With, &[Part::Arpeggio])]),
    (
        "drum|drums|drum machine|percussion|drum-beat|drum pattern|drum kit|drumming|drum track",
        &[Parts(Named, &[Part::Drums])],
    ),
    // A producer's beat is often the whole track.
    ("beat|beats|hi-hats|hats|kick|snare|clap|claps|cymbals", &[Parts(With, &[Part::Drums])]),
    ("bongos|congas|shaker|tambourine|cowbell|toms|timpani|brushes", &[Parts(With, &[Part::Drums])]),
    ("beatless|drumless|unaccompanied by drums", &[Parts(Without, &[Part::Drums])]),
    ("bassless", &[Parts(Without, &[Part::Bass])]),
    ("chordless", &[Parts(Without, &[Part::Chords])]),
    ("rhythm section", &[Parts(Named, &[Part::Drums, Part::Bass])]),
    ("solo piano|piano solo", &[Parts(Only, &[Part::Chords, Part::Melody])]),
    ("a cappella|a capella|unaccompanied", &[Parts(Only, &[Part::Melody])]),
    ("backing track", &[Parts(Named, &[Part::Drums, Part::Bass, Part::Chords])]),
    ("lead sheet|tune and chords", &[Parts(Named, &[Part::Chords, Part::Melody])]),
    (
        "full band|all parts|whole band|full arrangement|everything|all instruments|ensemble|full ensemble",
        &[Parts(Named, &Part::ALL)],
    ),
    ("with|plus|add|featuring|including|include|has", &[Stance(With)]),
    ("only|just|solo|alone|nothing but", &[Stance(Only)]),
    ("but", &[Stance(Named)]),
];
