//! Texture files and the bands that they make.

use std::path::Path;

use descant::corpus::manifest::{self, Split};
use descant::corpus::texture::idiom::Texture;
use descant::corpus::texture::{self, TextureOptions};
use descant::music::{Frame, Key, Meter, Note, Part, Phrase, Pitch, Progression, TickDuration, TickInstant};
use descant::smf::{self, WriteOptions};
use descant::token::Style;
use descant::training::window::Piece;

fn shipped() -> Vec<Texture> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/textures");
    let paths = std::fs::read_dir(dir).unwrap().map(|item| item.unwrap().path());
    paths.map(|path| Texture::parse(&std::fs::read_to_string(path).unwrap()).unwrap()).collect()
}

#[test]
fn every_style_has_a_texture_that_can_be_played_in_four() {
    let textures = shipped();
    for style in Style::ALL {
        let of_style = textures.iter().filter(|texture| texture.style == style);
        assert!(of_style.clone().count() == 1, "{style}");
        assert!(of_style.clone().all(|texture| texture.suits(Meter::COMMON)), "{style}");
    }
}

/// A corpus of one source, `songs`: tunes over four chords, each a family of its own.
fn write_corpus(dir: &Path) {
    let mut rows = String::from("path\tsource\tstyle\tkey\tfamily\n");
    for idx in 0..20_u8 {
        let frame = Frame::new(Meter::COMMON, 16, Key::C_MAJOR, 100.0);
        let note = |beat: u32| {
            let pitch =
                Pitch::clamped(60 + [0, 2, 4, 7][usize::try_from(beat).unwrap() % 4] + i32::from(idx % 5));
            Note::new(TickInstant::from_steps(beat * 12), TickDuration::from_beats(1), pitch, 80)
        };
        let chords = Progression::parse(&["C | Am | F | G"; 4].join(" | "), Meter::COMMON, 16).unwrap();
        let parts = [vec![], vec![], vec![], vec![], (0..64).map(note).collect()];
        let phrase = Phrase::new(frame, chords, parts).unwrap();
        std::fs::write(
            dir.join(format!("{idx}.mid")),
            smf::write(&phrase, &WriteOptions::default()).unwrap(),
        )
        .unwrap();
        rows += &format!("{idx}.mid\tsongs\tpop\tC major\tfamily {idx}\n");
    }
    std::fs::write(dir.join("MANIFEST.tsv"), rows).unwrap();
}

const BAND: &str = r#"
style = "funk"
tempo = [90, 110]
harmony = ["songs"]
melodies = ["songs"]
real_melody = 0.5
colour = "sevenths"
presence = [1, 1, 1, 1, 1]
[[drums]]
lines = { kick = "X... .... X... ....", snare = ".... X... .... X..?" }
fill = { snare = "xxxx" }
[[bass]]
bars = "R-.. 5-a- R-w- 8-7-"
[[chords]]
bars = "x--- ..x. .... x-x-"
[[arpeggio]]
bars = "1-2- 3-4- 3-2- 1-3-"
[[melody]]
form = "ab"
motifs = ["n-u- d-r- c--- U-D-", "k--- ---- .... ...."]
"#;

#[test]
fn bands_are_whole_in_key_reproducible_and_of_the_family_of_their_chords() {
    let (corpus, textures) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_corpus(corpus.path());
    std::fs::write(textures.path().join("funk.toml"), BAND).unwrap();
    let written = || {
        let out = tempfile::tempdir().unwrap();
        let options = TextureOptions { n_phrases: 12, seed: 3 };
        let n = texture::write(corpus.path(), textures.path(), out.path(), options, |_, _| {}).unwrap();
        assert_eq!(n, 12);
        out
    };
    let (first, again) = (written(), written());
    let entries = manifest::read(first.path()).unwrap();
    let families: Vec<String> =
        manifest::read(corpus.path()).unwrap().into_iter().map(|entry| entry.family_name).collect();
    for entry in &entries {
        let bytes = std::fs::read(first.path().join(&entry.path)).unwrap();
        assert_eq!(
            bytes,
            std::fs::read(again.path().join(&entry.path)).unwrap(),
            "the same seed, the same bytes"
        );
        assert!(families.contains(&entry.family_name), "{}", entry.family_name);
        assert_eq!(entry.split(), Split::of(&entry.family_name));
        assert_eq!(entry.styles, [Style::Funk].into());
        let piece = Piece::read(&bytes, entry.key).unwrap();
        for window in piece.windows(16) {
            let phrase = &window.phrase;
            assert!(Part::ALL.into_iter().all(|part| !phrase.notes(part).is_empty()), "every part sounds");
            assert!(!phrase.progression().is_empty());
            let harmony = [Part::Chords, Part::Arpeggio].into_iter().flat_map(|part| phrase.notes(part));
            for note in harmony {
                let chord = phrase.progression().at(note.onset).and_then(|span| span.chord).unwrap();
                assert!(chord.contains(note.pitch.class()), "{chord} at {}", note.onset.to_beats());
            }
        }
    }
}

#[test]
fn broken_textures_say_what_is_wrong() {
    let (corpus, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_corpus(corpus.path());
    let rows = [
        ("R-.. 5-a-", "Q-.. 5-a-", "'Q' in the pattern"),
        ("kick =", "gong =", "\"gong\" is no drum"),
        ("R-.. 5-a-", "R-.. 5-a", "whole number of beats"),
        ("form = \"ab\"", "form = \"ac\"", "names a motif"),
        ("harmony = [\"songs\"]\nmelodies = [\"songs\"]", "harmony = []", "no chords"),
        ("colour =", "progressions = [\"C | F\"]\ncolour =", "no progression"),
    ];
    for (from, to, words) in rows {
        let textures = tempfile::tempdir().unwrap();
        assert!(BAND.contains(from));
        std::fs::write(textures.path().join("funk.toml"), BAND.replacen(from, to, 1)).unwrap();
        let options = TextureOptions { n_phrases: 1, seed: 1 };
        let error =
            texture::write(corpus.path(), textures.path(), out.path(), options, |_, _| {}).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(words) && text.contains("funk.toml"), "{to}: {text}");
    }
}
