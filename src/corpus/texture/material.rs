//! The material that textures are played over: real chord progressions, melodies and drum loops of a corpus.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::idiom::Texture;
use crate::corpus::CorpusError;
use crate::corpus::manifest::{self, Entry, Split};
use crate::music::{Frame, Key, Meter, Note, Part, Progression};
use crate::token::Style;
use crate::training::window::Piece;

/// Bars of a stretch.
const N_BARS: u32 = 16;

/// Fewest bars of a stretch at the end of a piece.
const FEWEST_BARS: u32 = 8;

/// Fewest different chords of a progression, and most bars of a chord on average.
const FEWEST_CHORDS: usize = 3;
const MOST_BARS_PER_CHORD: u32 = 3;

/// Least mean confidence of chords that were recognised rather than read.
const LEAST_CONFIDENCE: f32 = 0.6;

/// Some bars of a real piece, from which chords, and perhaps the melody, are taken.
#[derive(Debug, Clone)]
pub struct Stretch {
    /// The file that it is from.
    pub origin: Origin,
    /// Meter, length and key.
    pub frame: Frame,
    /// Its chords.
    pub progression: Progression,
    /// Its melody, perhaps empty.
    pub melody: Vec<Note>,
    /// Its drums, perhaps empty.
    pub drums: Vec<Note>,
}

/// The file that something was taken from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Its source.
    pub source: String,
    /// Its path in the corpus.
    pub path: PathBuf,
    /// Its family, as the manifest writes it.
    pub family: String,
    /// Its styles.
    pub styles: BTreeSet<Style>,
}

/// The stretches that textures can use.
#[derive(Debug, Clone, Default)]
pub struct Material {
    stretches: Vec<Stretch>,
}

impl Material {
    /// Reads the sources that `textures` name from the corpus in `dir`. Unreadable files are left out; the build of the
    /// shards reports them.
    ///
    /// `progress` — called with files done and files in all.
    ///
    /// # Errors
    ///
    /// A corpus that cannot be read.
    pub fn read(
        dir: &Path,
        textures: &[Texture],
        mut progress: impl FnMut(usize, usize),
    ) -> Result<Self, CorpusError> {
        let wanted: BTreeSet<&String> = textures
            .iter()
            .flat_map(|texture| texture.harmony.iter().chain(&texture.melodies).chain(&texture.loops))
            .collect();
        let entries: Vec<Entry> =
            manifest::read(dir)?.into_iter().filter(|entry| wanted.contains(&entry.source)).collect();
        let mut stretches = Vec::new();
        for (idx, entry) in entries.iter().enumerate() {
            progress(idx, entries.len());
            let bytes = manifest::read_file(&dir.join(&entry.path)).unwrap_or_default();
            if let Ok(piece) = Piece::read(&bytes, entry.key) {
                stretches.extend(stretches_of(&piece, entry));
            }
        }
        Ok(Self { stretches })
    }

    /// Stretches with chords, of `sources`, in meters for which `suits` is true.
    pub fn progressions(&self, sources: &[String], suits: impl Fn(Meter) -> bool) -> Vec<&Stretch> {
        let has_chords = |stretch: &&Stretch| {
            let chords: BTreeSet<String> =
                stretch.progression.spans().iter().filter_map(|span| Some(span.chord?.to_string())).collect();
            let n_spans = u32::try_from(stretch.progression.spans().len()).unwrap_or(u32::MAX);
            chords.len() >= FEWEST_CHORDS && n_spans * MOST_BARS_PER_CHORD >= stretch.frame.n_bars
        };
        self.of(sources).filter(|stretch| suits(stretch.frame.meter)).filter(has_chords).collect()
    }

    /// Drum loops of `sources` in `style` and `meter`, of one split.
    pub fn loops(&self, sources: &[String], style: Style, meter: Meter, split: Split) -> Vec<&Stretch> {
        let suits = |stretch: &&Stretch| {
            !stretch.drums.is_empty()
                && stretch.frame.meter == meter
                && Split::of(&stretch.origin.family) == split
                && stretch.origin.styles.contains(&style)
        };
        self.of(sources).filter(suits).collect()
    }

    fn of(&self, sources: &[String]) -> impl Iterator<Item = &Stretch> {
        self.stretches.iter().filter(|stretch| sources.contains(&stretch.origin.source))
    }
}

fn stretches_of(piece: &Piece, entry: &Entry) -> Vec<Stretch> {
    let windows = piece.windows(N_BARS).into_iter().filter_map(|window| {
        let phrase = &window.phrase;
        let frame = *phrase.frame();
        let is_loop = phrase.parts().all(Part::is_drums);
        if frame.has_pickup || (frame.n_bars < FEWEST_BARS && !is_loop) {
            return None;
        }
        let trusted = window.chord_confidence >= LEAST_CONFIDENCE;
        Some(Stretch {
            origin: Origin {
                source: entry.source.clone(),
                path: entry.path.clone(),
                family: entry.family_name.clone(),
                styles: entry.styles.clone(),
            },
            frame,
            progression: if trusted { phrase.progression().clone() } else { Progression::default() },
            melody: phrase.notes(Part::Melody).to_vec(),
            drums: phrase.notes(Part::Drums).to_vec(),
        })
    });
    windows.collect()
}

/// Reads a progression with its key, such as `A minor: Am | F | C G`, and repeats it up to `n_bars` bars; `None` for
/// other text.
pub fn own_progression(text: &str, meter: Meter, n_bars: u32) -> Option<(Key, Progression)> {
    let (key, chords) = text.split_once(':')?;
    let bars: Vec<&str> = chords.split('|').map(str::trim).collect();
    let n_bars = usize::try_from(n_bars).ok()?;
    let filled: Vec<&str> = bars.iter().copied().cycle().take(n_bars).collect();
    let progression = Progression::parse(&filled.join(" | "), meter, u32::try_from(n_bars).ok()?).ok()?;
    Some((key.trim().parse().ok()?, progression))
}
