//! The factory presets: the files of `assets/presets`, embedded in the binary.

use super::Preset;

/// The files in display order, category by category.
const FILES: [&str; 37] = [
    include_str!("../../assets/presets/bright-chorus.toml"),
    include_str!("../../assets/presets/quiet-verse.toml"),
    include_str!("../../assets/presets/verse-and-chorus.toml"),
    include_str!("../../assets/presets/garage-riff.toml"),
    include_str!("../../assets/presets/seven-on-the-floor.toml"),
    include_str!("../../assets/presets/sunday-soul.toml"),
    include_str!("../../assets/presets/tight-pocket.toml"),
    include_str!("../../assets/presets/open-road.toml"),
    include_str!("../../assets/presets/small-club.toml"),
    include_str!("../../assets/presets/after-hours.toml"),
    include_str!("../../assets/presets/slow-twelve.toml"),
    include_str!("../../assets/presets/parlour-rag.toml"),
    include_str!("../../assets/presets/fireside.toml"),
    include_str!("../../assets/presets/jig-in-a-ring.toml"),
    include_str!("../../assets/presets/evening-hymn.toml"),
    include_str!("../../assets/presets/minuet.toml"),
    include_str!("../../assets/presets/running-bass.toml"),
    include_str!("../../assets/presets/nocturne.toml"),
    include_str!("../../assets/presets/neon-grid.toml"),
    include_str!("../../assets/presets/deep-floor.toml"),
    include_str!("../../assets/presets/warehouse.toml"),
    include_str!("../../assets/presets/slow-weather.toml"),
    include_str!("../../assets/presets/late-night-keys.toml"),
    include_str!("../../assets/presets/rainy-window.toml"),
    include_str!("../../assets/presets/dusty-break.toml"),
    include_str!("../../assets/presets/courtyard.toml"),
    include_str!("../../assets/presets/morning-market.toml"),
    include_str!("../../assets/presets/beach-wall.toml"),
    include_str!("../../assets/presets/last-level.toml"),
    include_str!("../../assets/presets/village-square.toml"),
    include_str!("../../assets/presets/wide-shot.toml"),
    include_str!("../../assets/presets/chase.toml"),
    include_str!("../../assets/presets/under-one-key.toml"),
    include_str!("../../assets/presets/latched-arpeggio.toml"),
    include_str!("../../assets/presets/drums-alone.toml"),
    include_str!("../../assets/presets/bass-and-drums.toml"),
    include_str!("../../assets/presets/chords-to-sing-over.toml"),
];

/// Every factory preset, in display order.
///
/// # Panics
///
/// Never: a test reads each.
pub fn presets() -> Vec<Preset> {
    let read = |text: &&str| Preset::from_toml(text).expect("a test reads every factory preset");
    FILES.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_file_is_embedded_and_has_a_name_of_its_own() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/presets");
        let files = std::fs::read_dir(folder).unwrap();
        let texts: BTreeSet<String> =
            files.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap()).collect();
        let embedded: BTreeSet<String> = FILES.iter().map(|text| (*text).to_owned()).collect();
        assert_eq!(texts, embedded, "list every file of assets/presets in FILES");
        let names: BTreeSet<String> = presets().iter().map(|preset| preset.name.to_lowercase()).collect();
        assert!(names.len() == FILES.len() && names.len() >= 24, "{names:?}");
        for preset in presets() {
            let is_described = !preset.about.is_empty() && !preset.category.is_empty();
            assert!(is_described && !preset.values.is_empty(), "{}", preset.name);
        }
    }

    #[test]
    fn categories_stand_together() {
        let presets = presets();
        let runs = presets.chunk_by(|one, other| one.category == other.category);
        let headings: Vec<&str> = runs.map(|run| run[0].category.as_str()).collect();
        let different: BTreeSet<&str> = headings.iter().copied().collect();
        assert_eq!(headings.len(), different.len(), "{headings:?}");
    }
}
