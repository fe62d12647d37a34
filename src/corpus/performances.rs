//! Measures performances: how loud and how late people play, relative to their own mean.
//!
//! Drums are measured (`kits`) from the one source with human timing. Pitched parts are fitted (`pitched`) to sequenced
//! pieces whose velocities were set by hand. Held-out families are left out of both.

mod kits;

mod numbers;
mod pitched;

use std::collections::BTreeMap;
use std::path::Path;

use super::CorpusError;
use super::manifest::{self, Split};
use crate::music::performance::PerformanceTable;
use crate::smf;
use kits::{Drums, Kits};
use pitched::Fit;

/// The source in the manifest whose timing is human.
const DRUMMERS: &str = "groove_midi";

/// Sources of sequenced pieces with dynamics, and their credits.
const SEQUENCED: [(&str, &str); 4] = [
    ("freedoom", "Freedoom, music by the contributors to the Freedoom project: BSD-3-Clause"),
    ("blasphemer", "Blasphemer, music by the contributors to the Blasphemer project: BSD-3-Clause"),
    (
        "easyrpg_rtp",
        "EasyRPG RTP, pieces by Juan Manuel Nigretti: CC BY 4.0, https://creativecommons.org/licenses/by/4.0/",
    ),
    ("lofi_player", "Lo-Fi Player (Google Magenta): Apache-2.0"),
];

/// The attribution that the drummers' licence requires.
const DRUMMERS_CREDIT: &str = "Groove MIDI Dataset v1.0.0 (Google Magenta): Jon Gillick, Adam Roberts, Jesse Engel, Douglas Eck \
     and David Bamman, \"Learning to Groove with Inverse Sequence Transformations\", ICML 2019: CC BY 4.0, \
     https://creativecommons.org/licenses/by/4.0/";

/// Measures the performances of the corpus in `dir`.
///
/// `progress` — called with files done and files in all.
///
/// # Errors
///
/// A corpus whose manifest cannot be read, or one without these sources.
pub fn measure(dir: &Path, mut progress: impl FnMut(usize, usize)) -> Result<PerformanceTable, CorpusError> {
    let mut entries = manifest::read(dir)?;
    let is_sequenced = |source: &str| SEQUENCED.iter().any(|(name, _)| *name == source);
    entries.retain(|entry| {
        entry.split() == Split::Train && (entry.source == DRUMMERS || is_sequenced(&entry.source))
    });
    if entries.is_empty() {
        return Err(CorpusError::Empty(dir.to_owned()));
    }
    let (mut kits, mut fits, mut n_pieces) = (Kits::default(), BTreeMap::<_, Fit>::new(), BTreeMap::new());
    for (n_done, entry) in entries.iter().enumerate() {
        progress(n_done, entries.len());
        let Ok(bytes) = manifest::read_file(&dir.join(&entry.path)) else { continue };
        let Ok(score) = smf::read(&bytes) else { continue };
        if entry.source == DRUMMERS {
            let name = entry.path.file_stem().map(|name| name.to_string_lossy().into_owned());
            let is_fill = name.is_some_and(|name| name.split('_').any(|word| word == "fill"));
            kits.extend(Drums::new(&score, &entry.styles, is_fill));
        } else {
            let is_new = pitched::measure(&score, &mut fits);
            *n_pieces.entry(entry.source.clone()).or_insert(0_usize) += usize::from(is_new);
        }
    }
    progress(entries.len(), entries.len());
    let used = SEQUENCED.iter().filter(|(name, _)| n_pieces.get(*name).is_some_and(|n| *n > 0));
    let sources = [DRUMMERS_CREDIT].into_iter().chain(used.map(|(_, credit)| *credit));
    Ok(PerformanceTable {
        sources: sources.map(str::to_owned).collect(),
        measured: "descant-cli corpus performances: drums by instrument, tier and place of a 4/4 bar (24 places), beside the \
                   mean of each take; tracks with pitches by least squares beside their own mean in four bars"
            .to_owned(),
        kits: kits.measured(),
        parts: fits.into_iter().filter_map(|(part, fit)| fit.solved(part)).collect(),
    })
}
