//! Textures: phrases of whole bands in every style, which no corpus of free music has, made by rule over real chords and
//! melodies.
//!
//! A texture file defines how a style is played: idioms of drums, bass, chords, arpeggio and melody as patterns over
//! chord tones and meter. They are played over chord progressions, melodies and drum loops of the corpus and written as
//! MIDI files with a manifest, so that they are a corpus too. A phrase belongs to the family of the piece whose chords
//! it is played over, so that held-out families stay held out.

pub mod band;
pub mod idiom;
pub mod material;
pub mod tones;

use std::fs;
use std::path::{Path, PathBuf};

use fastrand::Rng;

use self::band::Score;
use self::idiom::{IdiomError, Texture};
use self::material::{Material, Stretch};
use super::CorpusError;
use super::manifest::{self, Split};
use crate::files;
use crate::music::{Frame, Key, Meter, Note, Part, Phrase, Progression, TickDuration};
use crate::smf::{self, SmfError, WriteOptions};

/// Bars of a textured phrase.
const N_BARS: u32 = 16;

/// Share of phrases in which parts change to another idiom after half of the bars.
const CHANGED: f32 = 0.35;

/// Name of the source in the manifest.
pub const SOURCE: &str = "textures";

/// Why textures cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum TextureError {
    /// The corpus cannot be read, or a file or folder cannot be read or written.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// A texture file that cannot be used.
    #[error("{path}: {1}", path = .0.display())]
    Idiom(PathBuf, IdiomError),
    /// A progression of our own that cannot be read.
    #[error("{path}: {1:?} is no progression; write key and chords, such as \"A minor: Am | F | C | G\"", path = .0.display())]
    Progression(PathBuf, String),
    /// A texture without material.
    #[error("{path}: the corpus has no chords that these idioms can be played over; name other sources", path = .0.display())]
    NoHarmony(PathBuf),
    /// A phrase that cannot be written.
    #[error(transparent)]
    Smf(#[from] SmfError),
}

/// Number and seed of the phrases to write.
#[derive(Debug, Clone, Copy)]
pub struct TextureOptions {
    /// Phrases of each style.
    pub n_phrases: u32,
    /// Seed of all random choices.
    pub seed: u64,
}

/// Plays every texture file of `textures` over the corpus in `dir` and writes the phrases and a manifest to `out`.
/// Returns the number of phrases.
///
/// `progress` — called with steps done and steps in all.
///
/// # Errors
///
/// A corpus or texture that cannot be read or used, or an output that cannot be written or is not empty.
pub fn write(
    dir: &Path,
    textures: &Path,
    out: &Path,
    options: TextureOptions,
    mut progress: impl FnMut(usize, usize),
) -> Result<u32, TextureError> {
    super::build::claim_empty(out)?;
    let textures = read(textures)?;
    let all: Vec<Texture> = textures.iter().map(|(_, texture)| texture.clone()).collect();
    let material = Material::read(dir, &all, &mut progress)?;
    let mut manifest =
        String::from("path\tsource\tlicence\tstyle\tkey\tmeter\tfamily\tharmony\tmelody\tdrums\n");
    let mut n_written = 0;
    for (idx, (path, texture)) in textures.iter().enumerate() {
        progress(idx, textures.len());
        let folder = texture.style.name();
        let players = Players::new(path, texture, &material)?;
        make_dir(&out.join(folder))?;
        for number in 0..options.n_phrases {
            let seed = u64::try_from(texture.style.index()).unwrap_or(0) << 32 | u64::from(number);
            let mut rng = Rng::with_seed(options.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed);
            let Some(piece) = players.play(&mut rng) else { continue };
            let file = format!("{folder}/{number:04}.mid");
            let bytes = smf::write(&piece.phrase, &WriteOptions::default())?;
            save(&out.join(&file), &bytes)?;
            let Frame { key, meter, .. } = *piece.phrase.frame();
            manifest += &format!(
                "{file}\t{SOURCE}\tpatterns of our own\t{folder}\t{key}\t{meter}\t{}\t{}\t{}\t{}\n",
                piece.family, piece.harmony, piece.melody, piece.drums
            );
            n_written += 1;
        }
    }
    save(&out.join("MANIFEST.tsv"), manifest.as_bytes())?;
    Ok(n_written)
}

/// The texture files in `dir`, by name.
fn read(dir: &Path) -> Result<Vec<(PathBuf, Texture)>, TextureError> {
    let unreadable = |error| CorpusError::Io(dir.to_owned(), error);
    let mut paths = Vec::new();
    for item in fs::read_dir(dir).map_err(unreadable)? {
        let path = item.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    let mut textures = Vec::new();
    for path in paths {
        let text = manifest::read_file(&path)
            .and_then(|bytes| String::from_utf8(bytes).map_err(std::io::Error::other))
            .map_err(|error| CorpusError::Io(path.clone(), error))?;
        let texture = Texture::parse(&text).map_err(|error| TextureError::Idiom(path.clone(), error))?;
        textures.push((path, texture));
    }
    Ok(textures)
}

/// A texture with the material that it may be played over.
struct Players<'a> {
    texture: &'a Texture,
    material: &'a Material,
    own: Vec<(Key, Progression)>,
    harmony: Vec<&'a Stretch>,
    /// The stretches that have a melody.
    sung: Vec<&'a Stretch>,
}

/// A phrase and its origin.
struct Piece {
    phrase: Phrase,
    family: String,
    harmony: String,
    melody: String,
    drums: String,
}

impl<'a> Players<'a> {
    fn new(path: &Path, texture: &'a Texture, material: &'a Material) -> Result<Self, TextureError> {
        let meter = Meter::COMMON;
        let read = |text: &String| {
            let bad = || TextureError::Progression(path.to_owned(), text.clone());
            material::own_progression(text, meter, N_BARS).ok_or_else(bad)
        };
        let own = texture.progressions.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let suits = |meter| texture.suits(meter);
        let harmony = material.progressions(&texture.harmony, suits);
        let mut sung = material.progressions(&texture.melodies, suits);
        sung.retain(|stretch| !stretch.melody.is_empty());
        if harmony.is_empty() && sung.is_empty() && own.is_empty() {
            return Err(TextureError::NoHarmony(path.to_owned()));
        }
        Ok(Self { texture, material, own, harmony, sung })
    }

    /// Makes a phrase by random choices. `None` if it would have no notes.
    fn play(&self, rng: &mut Rng) -> Option<Piece> {
        let texture = self.texture;
        let mut present = texture.presence.map(|share| rng.f32() < share);
        let [bass, chords] = [Part::Bass.index(), Part::Chords.index()];
        present[chords] |= !present[bass];
        let sings = present[Part::Melody.index()] && !self.sung.is_empty() && rng.f32() < texture.real_melody;
        let stretch = if sings { rng.choice(&self.sung) } else { rng.choice(&self.harmony) }.copied();
        let owns = !sings && !self.own.is_empty() && (stretch.is_none() || rng.f32() < texture.own_harmony);
        let own = rng.usize(0..self.own.len().max(1));
        let (key, meter, n_bars, progression) = match stretch.filter(|_| !owns) {
            Some(Stretch { frame, progression, .. }) => (frame.key, frame.meter, frame.n_bars, progression),
            None => self.own.get(own).map(|(key, progression)| (*key, Meter::COMMON, N_BARS, progression))?,
        };
        let by = rng.u8(0..12);
        let shortest = TickDuration::from_beats(texture.chord_beats);
        let progression = transposed(&tones::prepared(progression, key, texture.colour, shortest), by);
        let tempo = texture.tempo[0] + rng.f32() * (texture.tempo[1] - texture.tempo[0]);
        let key = Key::new(key.tonic.up(by), key.mode);
        let score = Score { frame: Frame::new(meter, n_bars, key, tempo.round()), progression: &progression };
        let family = stretch.filter(|_| !owns).map_or_else(
            || format!("{SOURCE}/{}/{own}", texture.style),
            |stretch| stretch.origin.family.clone(),
        );
        let split = Split::of(&family);
        let loops = self.material.loops(&texture.loops, texture.style, meter, split);
        let drums = rng.choice(&loops).filter(|_| rng.f32() < texture.real_drums);
        let range = texture.melody.first().map_or([60, 81], |idiom| idiom.range);
        let melody = stretch.filter(|_| sings).map(|stretch| {
            let moved = stretch
                .melody
                .iter()
                .filter_map(|note| Some(Note { pitch: note.pitch.transposed(i32::from(by))?, ..*note }));
            let moved: Vec<Note> = moved.collect();
            band::real_melody(&moved, range, texture.push, texture.swing, &score, rng)
        });
        let given = [drums.map(|drums| band::looped(&drums.drums, &drums.frame, &score)), melody];
        let parts = self.arranged(&score, present, &given, rng);
        let (phrase, _) = Phrase::repaired(score.frame, progression.clone(), parts).ok()?;
        phrase.all_notes().next()?;
        let name = |stretch: &Stretch| stretch.origin.path.display().to_string();
        Some(Piece {
            phrase,
            family,
            harmony: stretch.filter(|_| !owns).map_or_else(|| "our own".to_owned(), name),
            melody: stretch.filter(|_| sings).map_or_else(String::new, name),
            drums: drums.map_or_else(String::new, |stretch| name(stretch)),
        })
    }

    /// Arranges all parts; in the second half some may change to another idiom.
    fn arranged(
        &self,
        score: &Score,
        present: [bool; 5],
        given: &[Option<Vec<Note>>; 2],
        rng: &mut Rng,
    ) -> [Vec<Note>; 5] {
        let half = score.frame.bar_start(score.frame.n_bars / 2);
        let is_present = |part: Part| present[part.index()];
        let mut parts = band::arrange(self.texture, score, is_present, given.clone(), rng);
        let changed = present.map(|is_present| is_present && rng.f32() < CHANGED);
        let others = band::arrange(self.texture, score, |part| changed[part.index()], given.clone(), rng);
        for (notes, other) in parts.iter_mut().zip(others).filter(|(_, other)| !other.is_empty()) {
            notes.retain(|note| note.onset < half);
            for note in notes.iter_mut().filter(|note| note.end() > half) {
                note.duration = half.since(note.onset);
            }
            notes.extend(other.into_iter().filter(|note| note.onset >= half));
        }
        parts
    }
}

fn transposed(progression: &Progression, by: u8) -> Progression {
    let spans = progression
        .spans()
        .iter()
        .map(|span| crate::music::ChordSpan { chord: span.chord.map(|chord| chord.up(by)), ..*span });
    Progression::new(spans.collect())
}

fn make_dir(path: &Path) -> Result<(), CorpusError> {
    fs::create_dir_all(path).map_err(|error| CorpusError::Io(path.to_owned(), error))
}

fn save(path: &Path, bytes: &[u8]) -> Result<(), CorpusError> {
    files::replace(path, bytes).map_err(|error| CorpusError::Io(path.to_owned(), error))
}
