//! The grooves that ship: measured from human drummers, see `assets/grooves.json`.

use crate::music::Groove;
use crate::music::groove::GrooveTable;
use crate::params::choice::GrooveChoice;

const SHIPPED: &str = include_str!("../../assets/grooves.json");

/// All grooves, as plain values that the audio thread may read.
#[derive(Debug, Clone, Copy)]
pub struct Grooves([Groove; GrooveChoice::ALL.len()]);

impl Grooves {
    /// The shipped grooves. Allocates.
    pub fn shipped() -> Self {
        // A test reads all of them; an unreadable one would be straight.
        let table = GrooveTable::from_json(SHIPPED).ok();
        let groove = |choice: GrooveChoice| table.as_ref()?.groove(choice.groove()?);
        Self(GrooveChoice::ALL.map(|choice| groove(choice).unwrap_or(Groove::STRAIGHT)))
    }

    /// The groove of `choice`; straight for none.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn get(&self, choice: GrooveChoice) -> Groove {
        self.0[choice as usize]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::music::PPQ;

    #[test]
    fn what_is_on_offer_is_what_ships() {
        let table = GrooveTable::from_json(SHIPPED).unwrap();
        assert_eq!(table.to_json(), SHIPPED, "written by another version of `corpus grooves`");
        let shipped: BTreeSet<&str> = table.grooves.iter().map(|groove| groove.name.as_str()).collect();
        let offered: BTreeSet<&str> = GrooveChoice::ALL.iter().filter_map(|choice| choice.groove()).collect();
        assert_eq!(offered, shipped);
        let grooves = Grooves::shipped();
        for choice in GrooveChoice::ALL {
            let is_straight = grooves.get(choice) == Groove::STRAIGHT;
            assert_eq!(is_straight, choice == GrooveChoice::Off, "{choice:?}");
        }
    }

    #[test]
    fn what_ships_is_within_reason() {
        let table = GrooveTable::from_json(SHIPPED).unwrap();
        assert!(table.source.contains("Groove MIDI Dataset") && table.licence.contains("CC BY 4.0"));
        for groove in table.grooves {
            let name = &groove.name;
            assert!(groove.n_performances >= 10 && groove.n_bars >= 300, "{name}");
            let earliest = groove.late_ticks.iter().copied().fold(f64::INFINITY, f64::min);
            let latest = groove.late_ticks.iter().copied().fold(0.0, f64::max);
            assert!(
                earliest == 0.0 && latest < f64::from(PPQ) / 16.0,
                "{name}: {earliest} to {latest} ticks"
            );
            assert!(groove.velocity.iter().all(|factor| (0.4..=1.6).contains(factor)), "{name}");
            // The bar line is louder than the sixteenths around it.
            let around = [groove.velocity[15], groove.velocity[1]];
            assert!(around.iter().all(|factor| *factor < groove.velocity[0]), "{name}");
        }
    }
}
