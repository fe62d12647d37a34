//! Reads the list of the files of a corpus, each with its source, family, styles, key and tempo.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::CorpusError;
use crate::files;
use crate::music::Key;
use crate::token::Style;

/// One file of a corpus.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Path below the corpus folder.
    pub path: PathBuf,
    /// The name of its source, or of the first folder of its path.
    pub source: String,
    /// Hash of its family. Variants of one tune share a family, which is trained on or held out as a whole.
    pub family: u32,
    /// The family as the manifest writes it.
    pub family_name: String,
    /// Styles by the manifest's tags, perhaps none.
    pub styles: BTreeSet<Style>,
    /// The key, where the manifest has one.
    pub key: Option<Key>,
    /// The tempo in beats per minute, where the manifest has one.
    pub tempo: Option<f32>,
}

/// Whether a family is used for training or held out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Split {
    /// Used for training.
    Train,
    /// Held out for evaluation.
    Valid,
}

impl Split {
    /// Both splits.
    pub const ALL: [Self; 2] = [Self::Train, Self::Valid];

    /// The split of the family that a manifest names `name`.
    pub fn of(name: &str) -> Self {
        Self::of_hash(hash(name))
    }

    /// The split of a family hash: one family of ten is held out.
    const fn of_hash(family: u32) -> Self {
        if family.is_multiple_of(10) { Self::Valid } else { Self::Train }
    }

    /// `train` or `valid`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Valid => "valid",
        }
    }
}

impl Entry {
    /// Whether its family is held out.
    pub const fn split(&self) -> Split {
        Split::of_hash(self.family)
    }
}

/// Sources whose chords and bass were rendered from chord symbols.
pub const RULE_RENDERED: [&str; 4] = ["free_midi_chords", "mcgill_billboard", "openewld", "nottingham"];

/// The styles of each tag of the manifest; tags that are not listed name no style (`song`, `reel` …).
const STYLES_OF_TAGS: &[(&str, &[Style])] = &[
    ("pop", &[Style::Pop]),
    ("pop_standard", &[Style::Pop]),
    ("indie", &[Style::Pop]),
    ("rock", &[Style::Rock]),
    ("punk", &[Style::Rock]),
    ("metal", &[Style::Rock]),
    ("jazz", &[Style::Jazz]),
    ("swing", &[Style::Jazz]),
    ("fusion", &[Style::Jazz]),
    ("blues", &[Style::Blues]),
    ("ragtime", &[Style::Ragtime]),
    ("folk", &[Style::Folk]),
    ("irish", &[Style::Celtic]),
    ("scottish", &[Style::Celtic]),
    ("celtic", &[Style::Celtic]),
    ("hymn", &[Style::Hymn]),
    ("gospel_hymn", &[Style::Hymn]),
    ("chorale", &[Style::Hymn]),
    ("classical", &[Style::Classical]),
    ("baroque", &[Style::Baroque]),
    ("romantic", &[Style::Romantic]),
    ("electronic", &[Style::Electronic]),
    ("synth", &[Style::Electronic]),
    ("house", &[Style::House]),
    ("techno", &[Style::Techno]),
    ("hiphop", &[Style::HipHop]),
    ("hip-hop", &[Style::HipHop]),
    ("trap", &[Style::HipHop]),
    ("lofi", &[Style::LoFi]),
    ("lo-fi", &[Style::LoFi]),
    ("latin", &[Style::Latin]),
    ("afrocuban", &[Style::Latin]),
    ("afro", &[Style::Afro]),
    ("funk", &[Style::Funk]),
    ("soul", &[Style::Soul]),
    ("rnb", &[Style::Soul]),
    ("motown", &[Style::Soul]),
    ("gospel", &[Style::Soul]),
    ("reggae", &[Style::Reggae]),
    ("dancehall", &[Style::Reggae]),
    ("chiptune", &[Style::Chiptune]),
    ("game", &[Style::Game]),
    ("ambient", &[Style::Ambient]),
    ("cinematic", &[Style::Cinematic]),
    ("country", &[Style::Country]),
];

/// Lists the files of the corpus in `dir`, sorted by path: those of its `MANIFEST.tsv`, else every `.mid` and `.midi`
/// below it, each a family of its own.
///
/// # Errors
///
/// A folder or manifest that cannot be read; a manifest without the columns path, source, style, key and family.
pub fn read(dir: &Path) -> Result<Vec<Entry>, CorpusError> {
    let manifest = dir.join("MANIFEST.tsv");
    let mut entries = if manifest.is_file() { listed(&manifest)? } else { found(dir)? };
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(entries)
}

fn listed(manifest: &Path) -> Result<Vec<Entry>, CorpusError> {
    let bad = |what: String| CorpusError::Manifest(manifest.to_owned(), what);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b'\t')
        .from_path(manifest)
        .map_err(|error| bad(error.to_string()))?;
    let header = reader.headers().map_err(|error| bad(error.to_string()))?.clone();
    let column = |name: &str| {
        header
            .iter()
            .position(|column| column == name)
            .ok_or_else(|| bad(format!("column {name} is missing")))
    };
    let (path, source, style) = (column("path")?, column("source")?, column("style")?);
    let (key, family) = (column("key")?, column("family")?);
    let tempo = column("tempo").ok();
    let mut entries = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| bad(error.to_string()))?;
        let field = |idx: usize| row.get(idx).unwrap_or("");
        entries.push(Entry {
            path: PathBuf::from(field(path)),
            source: field(source).to_owned(),
            family: hash(field(family)),
            family_name: field(family).to_owned(),
            styles: field(style).split(',').flat_map(styles_of).collect(),
            key: field(key).parse().ok(),
            tempo: tempo.and_then(|tempo| field(tempo).parse().ok()),
        });
    }
    Ok(entries)
}

/// Reads the bytes of a file of a corpus.
///
/// # Errors
///
/// An error of the system, or a file above 64 MiB, which is larger than any piece of music.
pub fn read_file(path: &Path) -> std::io::Result<Vec<u8>> {
    const MAX_BYTES: u64 = 64 << 20;
    files::read(path, MAX_BYTES)
}

fn found(dir: &Path) -> Result<Vec<Entry>, CorpusError> {
    let mut entries = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        let unreadable = |error| CorpusError::Io(folder.clone(), error);
        for item in std::fs::read_dir(&folder).map_err(unreadable)? {
            let path = item.map_err(unreadable)?.path();
            let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_lowercase);
            if path.is_dir() {
                folders.push(path);
            } else if matches!(extension.as_deref(), Some("mid" | "midi")) {
                let path = path.strip_prefix(dir).map(Path::to_owned).unwrap_or(path);
                let source =
                    path.components().next().map(|first| first.as_os_str().to_string_lossy().into_owned());
                entries.push(Entry {
                    family: hash(&path.to_string_lossy()),
                    family_name: path.to_string_lossy().into_owned(),
                    source: source.unwrap_or_default(),
                    styles: BTreeSet::new(),
                    key: None,
                    tempo: None,
                    path,
                });
            }
        }
    }
    Ok(entries)
}

fn styles_of(tag: &str) -> impl Iterator<Item = Style> + use<> {
    let found = STYLES_OF_TAGS.iter().find(|(name, _)| *name == tag.trim());
    found.into_iter().flat_map(|(_, styles)| styles.iter().copied())
}

/// The first four bytes of a SHA-256: stable over machines and releases.
fn hash(text: &str) -> u32 {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(4).fold(0, |hash, &byte| hash << 8 | u32::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_and_a_bare_folder_are_read() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("b")).unwrap();
        std::fs::write(dir.path().join("b/x.MID"), b"").unwrap();
        std::fs::write(dir.path().join("readme.txt"), b"").unwrap();
        let bare = read(dir.path()).unwrap();
        assert_eq!((bare.len(), bare[0].source.as_str()), (1, "b"));

        let rows = "path\tsource\tstyle\tkey\tfamily\nb/x.MID\ts\t\"folk,irish,jig\"\tD dorian\tf\n";
        std::fs::write(dir.path().join("MANIFEST.tsv"), rows).unwrap();
        let listed = read(dir.path()).unwrap();
        assert_eq!(listed[0].styles, [Style::Folk, Style::Celtic].into());
        assert_eq!(listed[0].key.map(|key| key.to_string()), Some("D dorian".to_owned()));

        std::fs::write(dir.path().join("MANIFEST.tsv"), "path\n").unwrap();
        assert!(matches!(read(dir.path()), Err(CorpusError::Manifest(..))));
    }
}
