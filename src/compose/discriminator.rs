//! Probability that a phrase is by people and not by the model, estimated by a classifier.
//!
//! # Formula
//!
//! For each [`Facet`] the log-odds are linear in its traits and their squares; each trait is standardised by mean and
//! deviation of its style. Their sum over the composed facets, at even priors, estimates how much likelier a phrase is
//! among real than among composed ones. Choosing the candidate with the highest sum brings composed phrases closer to
//! real ones in both mean and spread, since the density ratio peaks where the model writes too little, not where people
//! write most.
//!
//! # Source
//!
//! Selecting samples of a generator by the odds of a classifier: S. Azadi et al., "Discriminator rejection sampling", ICLR 2019.
//! Odds of a classifier as a ratio of densities: M. Sugiyama, T. Suzuki, T. Kanamori, "Density Ratio Estimation in Machine
//! Learning", Cambridge University Press, 2012.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::critique::stretch;
use super::judge::{Judge, Judgement};
use super::novelty::composed_parts;
use crate::music::measure::PartControl;
use crate::music::traits::{Facet, Trait, Traits, traits};
use crate::music::{Meter, Part, Phrase};
use crate::session::{Task, TaskKind};
use crate::token::Controls;

/// The name of the table of all styles.
pub const ALL: &str = "all";

/// Largest standardised distance of a trait from the mean; larger ones are clamped to it.
pub const FARTHEST: f64 = 3.0;

/// Log-probability of a facet with too few notes to measure: lower than that of most composed facets, so that leaving a
/// part out never ranks first.
const SPARSE: f64 = -4.0;

/// A classifier of real phrases against those of one model; written by `descant-cli eval`, shipped with the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Discriminator {
    /// Version of this format.
    format: u32,
    facets: BTreeMap<Facet, Table>,
}

/// The parameters of one facet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// Names of its traits, in order.
    pub names: Vec<String>,
    /// Mean and standard deviation of each trait among real phrases, by style and for [`ALL`].
    pub usual: BTreeMap<String, Vec<[f32; 2]>>,
    /// Weight of each trait and of its square, in nats.
    pub weights: Vec<[f32; 2]>,
    /// Constant term, in nats.
    pub constant: f32,
}

/// Why a text is not a discriminator.
#[derive(Debug, thiserror::Error)]
pub enum DiscriminatorError {
    /// Not what `descant-cli eval` writes.
    #[error("discriminator.json is damaged ({0}); install the model again")]
    Unreadable(#[from] serde_json::Error),
    /// Of another version.
    #[error("discriminator.json has format {0}, which this version does not know; use a newer Descant")]
    Newer(u32),
    /// The traits differ from those of this version, or the numbers do not match them.
    #[error(
        "discriminator.json does not fit the {0} that this version measures; write it anew with descant-cli eval"
    )]
    Foreign(&'static str),
}

impl Discriminator {
    const FORMAT: u32 = 1;

    /// A discriminator of `facets`.
    pub const fn new(facets: BTreeMap<Facet, Table>) -> Self {
        Self { format: Self::FORMAT, facets }
    }

    /// Reads what [`Self::to_json`] wrote.
    ///
    /// # Errors
    ///
    /// Other text, a later version, or inconsistent numbers.
    pub fn from_json(text: &str) -> Result<Self, DiscriminatorError> {
        let read: Self = serde_json::from_str(text)?;
        if read.format != Self::FORMAT {
            return Err(DiscriminatorError::Newer(read.format));
        }
        match read.facets.iter().find(|(_, table)| !table.is_sound()) {
            Some((facet, _)) => Err(DiscriminatorError::Foreign(facet.name())),
            None => Ok(read),
        }
    }

    /// As JSON in one line.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a discriminator has only string keys and finite numbers")
    }

    /// Log-odds that `facet`, with `traits`, of a phrase of `style` is by people; `None` without parameters.
    pub fn log_odds(&self, style: Option<&str>, facet: Facet, traits: &[Trait]) -> Option<f64> {
        self.facets.get(&facet)?.log_odds(style, traits)
    }

    /// Log-probability that all facets that `parts` compose are by people. A facet that certainly looks real does not
    /// compensate for another that does not. A facet with too few notes or missing traits counts as hardly real.
    pub fn log_chance(&self, style: Option<&str>, parts: &[Part], traits: &Traits) -> f64 {
        let is_made = |facet: &Facet| facet.parts().iter().any(|part| parts.contains(part));
        let of_facet = |facet: Facet| match &traits[facet.index()] {
            Some(traits) => self.log_odds(style, facet, traits).map(|odds| -(-odds).exp().ln_1p()),
            None => self.facets.contains_key(&facet).then_some(SPARSE),
        };
        Facet::ALL.into_iter().filter(is_made).filter_map(of_facet).sum()
    }
}

impl Table {
    /// Whether the numbers are consistent and finite.
    fn is_sound(&self) -> bool {
        let n = self.names.len();
        let is_finite = |numbers: &[[f32; 2]]| numbers.iter().flatten().all(|number| number.is_finite());
        self.weights.len() == n
            && self.usual.contains_key(ALL)
            && self.usual.values().all(|usual| usual.len() == n && is_finite(usual))
            && is_finite(&self.weights)
            && self.constant.is_finite()
    }

    fn log_odds(&self, style: Option<&str>, traits: &[Trait]) -> Option<f64> {
        let is_known = self.names.iter().map(String::as_str).eq(traits.iter().map(|(name, _)| *name));
        let usual = style.and_then(|style| self.usual.get(style)).or_else(|| self.usual.get(ALL))?;
        let places = places(usual, traits.iter().map(|(_, value)| *value));
        let nats = self.weights.iter().zip(places).map(|([line, square], place)| {
            let [once, twice] = powers(place);
            f64::from(*line) * once + f64::from(*square) * twice
        });
        is_known.then(|| f64::from(self.constant) + nats.sum::<f64>())
    }
}

/// `values` standardised by `usual`, clamped to [`FARTHEST`]; 0 for a missing value.
pub fn places(
    usual: &[[f32; 2]],
    values: impl IntoIterator<Item = Option<f64>>,
) -> impl Iterator<Item = f64> {
    usual.iter().zip(values).map(|([mean, deviation], value)| {
        let place = value.map_or(0.0, |value| (value - f64::from(*mean)) / f64::from(*deviation).max(1e-6));
        place.clamp(-FARTHEST, FARTHEST)
    })
}

/// The features of a standardised value: itself, and its square minus 1, the mean square of real phrases.
pub const fn powers(place: f64) -> [f64; 2] {
    [place, place * place - 1.0]
}

/// Length of the judged windows in bars, as in training.
const N_BARS: u32 = 8;

/// The discriminator as a judge: it ranks candidates without objecting. Traits that the user asked for are left out.
#[derive(Debug, Clone)]
pub struct RealOrComposed(Arc<Discriminator>);

impl RealOrComposed {
    /// A judge of what `task` composes; `None` unless that is like the training data, phrases of eight bars of common
    /// time composed from nothing.
    pub fn new(discriminator: Arc<Discriminator>, task: &Task) -> Option<Self> {
        let frame = task.base.frame();
        let is_usual = frame.meter == Meter::COMMON && !frame.has_pickup;
        let (_, n_bars) = stretch(&task.compose);
        let is_known = task.kind == TaskKind::Generate && n_bars > 0 && n_bars.is_multiple_of(N_BARS);
        (is_usual && is_known).then_some(Self(discriminator))
    }
}

impl Judge for RealOrComposed {
    fn judge(&self, task: &Task, phrase: &Phrase) -> Judgement {
        let (first, n_bars) = stretch(&task.compose);
        let style = task.controls.style.map(|style| style.name());
        let parts = composed_parts(task);
        let log_chance = |bar: u32| {
            let mut traits = traits(&phrase.window(bar, N_BARS).ok()?);
            leave_asked(&mut traits, &task.controls);
            Some(self.0.log_chance(style, &parts, &traits))
        };
        let eights = (first..first + n_bars).step_by(usize::try_from(N_BARS).unwrap_or(1));
        Judgement { score: 1.0, log_chance: eights.filter_map(log_chance).sum(), ..Judgement::default() }
    }

    fn ranks(&self) -> bool {
        true
    }
}

/// Removes the traits that `controls` ask for: a request for few notes must not rank those with most first.
fn leave_asked(traits: &mut Traits, controls: &Controls) {
    let asks_mood = controls.arousal.is_some();
    for facet in Facet::ALL {
        let is_asked = |control: PartControl| {
            let goes_with_mood = [PartControl::Density, PartControl::Syncopation].contains(&control);
            facet.parts().iter().any(|part| controls.part(*part, control).is_some())
                || (asks_mood && goes_with_mood)
        };
        let asked: Vec<&str> = PartControl::ALL
            .into_iter()
            .filter(|control| is_asked(*control))
            .flat_map(traits_moved_by)
            .copied()
            .collect();
        for (name, value) in traits[facet.index()].iter_mut().flatten() {
            if asked.contains(name) {
                *value = None;
            }
        }
    }
}

/// The traits that a control moves.
const fn traits_moved_by(control: PartControl) -> &'static [&'static str] {
    match control {
        PartControl::Density => &[
            "density",
            "length",
            "different_distances",
            "notes_of_a_breath",
            "strokes",
            "kicks",
            "snares",
            "closed_hats",
            "open_hats",
            "rides",
        ],
        PartControl::Register => &["register", "lowest", "melody_above_chords", "melody_beneath_chords"],
        PartControl::Range => &["range", "whole_range", "pitch_spread", "different_pitches", "span"],
        PartControl::Leaps => {
            &["leaps", "steps", "semitones", "thirds", "fourths_and_fifths", "octaves", "move_entropy"]
        }
        PartControl::Rests => &["silence", "density", "length", "short", "ties"],
        PartControl::Syncopation => &[
            "offbeat",
            "ties",
            "downbeats",
            "finer_than_eighths",
            "kick_off_beat",
            "snare_off_beat",
            "hats_on_sixteenths",
            "hats_on_off_beats",
        ],
        PartControl::Polyphony => &["voices", "blocks"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two traits of the melody: people have more of the first, and as much of the second as usual.
    fn table() -> Table {
        Table {
            names: vec!["one".to_owned(), "other".to_owned()],
            usual: BTreeMap::from([
                (ALL.to_owned(), vec![[0.5, 0.25], [10.0, 2.0]]),
                ("jazz".to_owned(), vec![[1.0, 0.25], [10.0, 2.0]]),
            ]),
            weights: vec![[2.0, 0.0], [0.0, -1.0]],
            constant: 0.5,
        }
    }

    fn discriminator(table: Table) -> Discriminator {
        Discriminator::new(BTreeMap::from([(Facet::Melody, table)]))
    }

    #[test]
    fn odds_are_linear_in_places_and_their_squares() {
        let found = discriminator(table());
        for (style, one, other, expect) in [
            (None, Some(0.5), Some(10.0), 0.5 + 1.0),
            (None, Some(0.75), Some(14.0), 0.5 + 2.0 - 3.0),
            (Some("jazz"), Some(0.75), Some(10.0), 0.5 - 2.0 + 1.0),
            (Some("no such style"), Some(0.5), Some(10.0), 0.5 + 1.0),
            // A missing value is at the mean, and a distant one is clamped.
            (None, None, None, 0.5 + 1.0),
            (None, Some(100.0), Some(10.0), 0.5 + 2.0 * FARTHEST + 1.0),
        ] {
            let odds = found.log_odds(style, Facet::Melody, &[("one", one), ("other", other)]);
            assert!((odds.unwrap() - expect).abs() < 1e-6, "{style:?} {one:?} {other:?}: {odds:?}");
        }
        assert_eq!(found.log_odds(None, Facet::Bass, &[("one", None), ("other", None)]), None);
        assert_eq!(found.log_odds(None, Facet::Melody, &[("one", None), ("third", None)]), None);
        assert_eq!(found.log_odds(None, Facet::Melody, &[("one", None)]), None);
    }

    #[test]
    fn a_facet_that_looks_real_does_not_make_up_for_another() {
        let both = [(Facet::Melody, table()), (Facet::Bass, table())];
        let found = Discriminator::new(BTreeMap::from(both));
        let phrase = |melody: f64, bass: f64| {
            let mut traits = Traits::default();
            let of = |one: f64| Some(vec![("one", Some(one)), ("other", Some(10.0))]);
            (traits[Facet::Melody.index()], traits[Facet::Bass.index()]) = (of(melody), of(bass));
            found.log_chance(None, &[Part::Melody, Part::Bass], &traits)
        };
        assert!(phrase(0.5, 0.5) > phrase(0.0, 1.0) && phrase(0.5, 0.5) < 0.0);
        assert!(phrase(0.25, 0.5) < phrase(0.5, 0.5));
    }

    #[test]
    fn nobody_comes_first_by_leaving_a_part_out() {
        let both = [(Facet::Melody, table()), (Facet::Bass, table())];
        let found = Discriminator::new(BTreeMap::from(both));
        let of = |one: f64| Some(vec![("one", Some(one)), ("other", Some(10.0))]);
        let mut whole = Traits::default();
        (whole[Facet::Melody.index()], whole[Facet::Bass.index()]) = (of(0.5), of(0.25));
        let mut holed = whole.clone();
        holed[Facet::Bass.index()] = None;
        let parts = [Part::Melody, Part::Bass];
        assert!(found.log_chance(None, &parts, &whole) > found.log_chance(None, &parts, &holed));
        // A facet without parameters does not count.
        let only = discriminator(table());
        assert_eq!(only.log_chance(None, &parts, &whole), only.log_chance(None, &parts, &holed));
    }

    #[test]
    fn what_is_asked_does_not_count_in_the_part_that_it_is_asked_of() {
        let mut controls = Controls::default();
        controls.set_part(Part::Bass, PartControl::Density, Some(0.1));
        let of = || Some(vec![("density", Some(3.0)), ("range", Some(3.0))]);
        let mut traits = Traits::default();
        (traits[Facet::Melody.index()], traits[Facet::Bass.index()]) = (of(), of());
        leave_asked(&mut traits, &controls);
        assert_eq!(traits[Facet::Melody.index()], of());
        assert_eq!(traits[Facet::Bass.index()], Some(vec![("density", None), ("range", Some(3.0))]));
        controls.arousal = Some(0.9);
        leave_asked(&mut traits, &controls);
        assert_eq!(traits[Facet::Melody.index()], Some(vec![("density", None), ("range", Some(3.0))]));
    }

    #[test]
    fn tables_that_do_not_fit_are_refused_in_words() {
        let whole = discriminator(table());
        assert_eq!(Discriminator::from_json(&whole.to_json()).unwrap(), whole);
        let mut no_all = table();
        no_all.usual.remove(ALL);
        let short = Table { weights: vec![[0.0; 2]], ..table() };
        for table in [no_all, short] {
            let error = Discriminator::from_json(&discriminator(table).to_json()).unwrap_err();
            assert!(error.to_string().contains("does not fit the melody"), "{error}");
        }
        let newer = Discriminator::from_json(r#"{"format": 2, "facets": {}}"#).unwrap_err();
        assert!(newer.to_string().contains("use a newer Descant"), "{newer}");
        assert!(Discriminator::from_json("[]").unwrap_err().to_string().contains("damaged"));
    }
}
