//! The shipped model and its data, embedded in the program. Each file is parsed when first needed.

use std::sync::{Arc, LazyLock};

use crate::compose::discriminator::Discriminator;
use crate::compose::harmonist::{Harmonist, ProgressionTable};
use crate::compose::originality::Fingerprints;
use crate::compose::plan::PlanTable;
use crate::compose::repertoire::Repertoire;
use crate::model::{ModelError, Network, Weights};
use crate::music::frames::FrameTable;
use crate::music::quality::References;
use crate::token::vocab_hash;

const CONFIG: &str = include_str!("../../../models/descant-1/config.json");
const WEIGHTS: &[u8] = include_bytes!("../../../models/descant-1/model.safetensors");
const FINGERPRINTS: &[u8] = include_bytes!("../../../models/descant-1/fingerprints.bin");
const STATS: &str = include_str!("../../../models/descant-1/stats.json");
const STYLES: &str = include_str!("../../../models/descant-1/styles.json");
const FRAMES: &str = include_str!("../../../models/descant-1/frames.json");
const PROGRESSIONS: &str = include_str!("../../../models/descant-1/progressions.json");
const PLANS: &str = include_str!("../../../models/descant-1/plans.json");
const DISCRIMINATOR: &str = include_str!("../../../models/descant-1/discriminator.json");
const REFERENCES: &str = include_str!("../../../models/descant-1/references.json");

/// The shipped network; all instances in a process share its weights.
///
/// # Errors
///
/// The program was built with weights of another vocabulary.
pub fn network() -> Result<Network, ModelError> {
    Ok(Network::new(Weights::shared(CONFIG, WEIGHTS, &vocab_hash())?))
}

/// Finds runs of notes that a phrase shares with the training set of the shipped model.
pub fn fingerprints() -> &'static Fingerprints {
    static READ: LazyLock<Fingerprints> = LazyLock::new(|| {
        Fingerprints::from_bytes(FINGERPRINTS).expect("a test reads the shipped fingerprints")
    });
    &READ
}

/// Statistics of the real phrases that the shipped model was trained on.
pub fn references() -> &'static References {
    static READ: LazyLock<References> =
        LazyLock::new(|| References::from_json(REFERENCES).expect("a test reads the shipped references"));
    &READ
}

/// The classifier of the shipped model's phrases against real ones.
pub fn discriminator() -> &'static Arc<Discriminator> {
    static READ: LazyLock<Arc<Discriminator>> = LazyLock::new(|| {
        Arc::new(Discriminator::from_json(DISCRIMINATOR).expect("a test reads the shipped discriminator"))
    });
    &READ
}

/// The keys and tempi of styles, from which those left on auto are drawn.
pub fn frames() -> &'static FrameTable {
    static READ: LazyLock<FrameTable> = LazyLock::new(|| {
        FrameTable::from_json(FRAMES).expect("a test reads the shipped table of keys and tempi")
    });
    &READ
}

/// Which bars repeat which in the training music of the shipped model.
pub fn plans() -> &'static PlanTable {
    static READ: LazyLock<PlanTable> =
        LazyLock::new(|| PlanTable::from_json(PLANS).expect("a test reads the shipped plans"));
    &READ
}

/// Finds chords for a melody, by counts in the training music of the shipped model.
pub fn harmonist() -> &'static Harmonist {
    static READ: LazyLock<Harmonist> = LazyLock::new(|| {
        let table = ProgressionTable::from_json(PROGRESSIONS).expect("a test reads the shipped progressions");
        Harmonist::new(table)
    });
    &READ
}

/// The styles and parts that the shipped model can compose.
pub fn repertoire() -> &'static Repertoire {
    static READ: LazyLock<Repertoire> = LazyLock::new(|| {
        let repertoire = Repertoire::from_json(STATS).expect("a test reads the shipped statistics");
        repertoire.distinguished_by(STYLES).expect("a test reads the shipped card of styles")
    });
    &READ
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::compose::originality;
    use crate::compose::plan::Strand;
    use crate::music::frames::KeyRequest;
    use crate::music::traits::{Facet, traits};
    use crate::music::{
        Frame, Key, Meter, Note, Part, Phrase, Pitch, Progression, TickDuration, TickInstant,
    };
    use crate::token::Style;

    fn note(step: u32, pitch: i32) -> Note {
        let (onset, duration) = (TickInstant::from_steps(step), TickDuration::from_steps(12));
        Note::new(onset, duration, Pitch::clamped(pitch), 80)
    }

    #[test]
    fn what_ships_loads_and_offers() {
        let network = network().unwrap();
        assert_eq!(network.config().vocab_hash, vocab_hash());
        let repertoire = repertoire();
        for style in Style::ALL {
            assert_eq!(repertoire.parts(style), Part::ALL, "{style} is whole");
            assert!(repertoire.usual_parts(Some(style)).contains(&Part::Melody), "{style} has a tune");
        }
        assert!(!repertoire.usual_parts(Some(Style::Hymn)).contains(&Part::Drums));
        assert!(repertoire.usual_parts(Some(Style::Jazz)).contains(&Part::Drums));
        assert!(originality::PARTS.iter().all(|part| fingerprints().limit(*part) < 64));
        assert!(Style::ALL.into_iter().all(|style| Part::ALL.into_iter().all(|part| {
            plans().rows(Some(style), Strand::Part(part), 8).1.len() >= PlanTable::FEWEST_ROWS
        })));
        let tune: Vec<Note> = (0..16).map(|beat| note(12 * beat, 60 + i32::from(beat % 2 == 0))).collect();
        let all = Phrase::new(
            Frame::new(Meter::COMMON, 4, Key::C_MAJOR, 100.0),
            Progression::default(),
            Part::ALL.map(|_| tune.clone()),
        );
        let known = traits(&all.unwrap());
        // Few pieces have an arpeggio, and few styles one of their own: there are no statistics of it.
        for facet in Facet::ALL.into_iter().filter(|facet| *facet != Facet::Arpeggio) {
            let traits = known[facet.index()].as_ref().unwrap();
            assert!(discriminator().log_odds(Some("pop"), facet, traits).is_some(), "{}", facet.name());
        }
        assert!(references().styles().any(|(style, _)| style == Style::Pop.name()));
        let card: serde_json::Value = serde_json::from_str(STYLES).unwrap();
        assert_eq!(
            card["model_hash"],
            network.model_hash(),
            "the styles were distinguished for these weights"
        );
        assert!(repertoire.tempo(Style::Pop).is_some_and(|tempo| (60.0..180.0).contains(&tempo)));
    }

    #[test]
    fn twenty_seeds_of_a_style_have_many_keys_and_tempi_within_its_range() {
        for style in Style::ALL {
            let own = &frames().styles[style.name()];
            let tempi = (1..=20).map(|seed| frames().tempo(Some(style.name()), None, seed));
            let tempi: BTreeSet<String> = tempi
                .inspect(|tempo| assert!((own.tempi[0]..=own.tempi[4]).contains(tempo), "{style} at {tempo}"))
                .map(|tempo| tempo.to_string())
                .collect();
            let keys = (1..=20).map(|seed| frames().key(Some(style.name()), KeyRequest::default(), seed));
            let keys: BTreeSet<String> = keys.map(|key| key.to_string()).collect();
            assert!(tempi.len() >= 5 && keys.len() >= 8, "{style}: {tempi:?} {keys:?}");
        }
    }
}
