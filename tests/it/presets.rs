//! The shipped model offers everything that factory presets ask for.

use std::collections::BTreeSet;

use descant::compose::library::shipped;
use descant::music::Part;
use descant::preset::{Preset, factory};
use descant::token::Style;

/// The style that `preset` names, as a host shows it.
fn style(preset: &Preset) -> Option<Style> {
    let name = preset.values.get("style")?.to_lowercase();
    Some(name.parse().unwrap_or_else(|_| panic!("{}: {name} is no style", preset.name)))
}

#[test]
fn every_style_on_offer_has_a_preset() {
    let offered: BTreeSet<Style> = shipped::repertoire().styles().collect();
    let named: BTreeSet<Style> = factory::presets().iter().filter_map(style).collect();
    assert_eq!(named, offered);
}

#[test]
fn every_part_of_a_preset_is_on_offer() {
    let repertoire = shipped::repertoire();
    for preset in factory::presets() {
        let is_on = |part: &Part| {
            let prefix = if *part == Part::Arpeggio { "arp" } else { part.name() };
            let usually = if *part == Part::Arpeggio { "Off" } else { "On" };
            preset.values.get(&format!("{prefix}_on")).map_or(usually, String::as_str) == "On"
        };
        let parts: Vec<Part> = Part::ALL.into_iter().filter(is_on).collect();
        assert!(!parts.is_empty(), "{}: no part is on", preset.name);
        let Some(style) = style(&preset) else { continue };
        repertoire.check(style, &parts).unwrap_or_else(|error| panic!("{}: {error}", preset.name));
    }
}
