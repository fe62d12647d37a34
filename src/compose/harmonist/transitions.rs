//! How much likelier a chord is after another than anywhere, counted in music of a style.

use std::array::from_fn;

use super::table::{Counts, N_STATES, ProgressionTable, State, Third, to_f64};
use crate::compose::plan::Group;
use crate::token::Style;

/// Changes of all groups that count beside those of the style's own group.
const SHARED: f64 = 40.0;

/// Furthest that a change is from being as likely as anywhere, in nats: rare changes are known from few.
const FURTHEST: f64 = 2.0;

/// A number for each chord, indexed by `[state]`.
type ByState = [f64; N_STATES];

/// Which chords follow which in one style and mode.
///
/// # Source
///
/// Pointwise mutual information, as in Church and Hanks, "Word association norms, mutual information, and lexicography",
/// Computational Linguistics 16(1), 1990; of changes alone, since how long a chord stays is another matter.
#[derive(Debug, Clone, PartialEq)]
pub struct Transitions {
    /// In nats, indexed by `[from][to]`.
    gains: Vec<ByState>,
    /// In nats, of the first chord of a phrase.
    first: ByState,
}

impl Transitions {
    /// What `table` has for `style` in major or minor.
    pub(super) fn new(table: &ProgressionTable, style: Option<Style>, is_minor: bool) -> Self {
        let own = table.counts(Group::of(style), is_minor);
        let all = table.counts(Group::All, is_minor);
        let arrivals = |counts| {
            State::all()
                .map(|from| changes(counts, from))
                .fold([0.0; N_STATES], |sum, row| from_fn(|idx| sum[idx] + row[idx]))
        };
        let evenly = [1.0 / to_f64(36); N_STATES];
        let anywhere = mixed(arrivals(own), mixed(arrivals(all), evenly));
        let gains_of = |own: ByState, all: ByState| -> ByState {
            let here = mixed(own, mixed(all, anywhere));
            from_fn(|idx| (here[idx] / anywhere[idx]).ln().clamp(-FURTHEST, FURTHEST))
        };
        Self {
            gains: State::all().map(|from| gains_of(changes(own, from), changes(all, from))).collect(),
            first: gains_of(beginnings(own), beginnings(all)),
        }
    }

    /// How much likelier `to` is after `from` than anywhere, in nats, `-2.0..=2.0`; `from` — `None` where a phrase begins.
    pub fn gain(&self, from: Option<State>, to: State) -> f64 {
        from.map_or(&self.first, |from| &self.gains[from.index()])[to.index()]
    }

    /// The same of the likeliest chord whose root is `root` semitones above the tonic.
    pub fn gain_of_root(&self, from: Option<State>, root: u8) -> f64 {
        let gains = Third::ALL.map(|third| self.gain(from, State::new(root, third)));
        gains.into_iter().fold(f64::NEG_INFINITY, f64::max)
    }
}

/// How often each chord on another root comes after `from`.
fn changes(counts: Option<&Counts>, from: State) -> ByState {
    let mut changes = [0.0; N_STATES];
    let Some(counts) = counts else { return changes };
    let followers = [&counts.on_bar, &counts.in_bar].map(|followers| followers.get(&from));
    for (to, n) in followers.into_iter().flatten().flatten().filter(|(to, _)| to.root() != from.root()) {
        changes[to.index()] += to_f64(*n);
    }
    changes
}

/// How often each chord begins a phrase.
fn beginnings(counts: Option<&Counts>) -> ByState {
    let mut beginnings = [0.0; N_STATES];
    for (state, n) in counts.into_iter().flat_map(|counts| &counts.first) {
        beginnings[state.index()] += to_f64(*n);
    }
    beginnings
}

/// The distribution of `counts` and of [`SHARED`] more that are distributed as `beside`.
fn mixed(counts: ByState, beside: ByState) -> ByState {
    let sum: f64 = counts.iter().sum();
    from_fn(|idx| (counts[idx] + SHARED * beside[idx]) / (sum + SHARED))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::shipped;

    fn state(text: &str) -> State {
        State::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn what_follows_often_is_likelier_and_what_stays_does_not_count() {
        let row = |list: &[(&str, u64)]| list.iter().map(|(to, n)| (state(to), *n)).collect();
        let mut table = ProgressionTable::default();
        let counts = table.counts_mut(Group::All, false);
        counts.first = row(&[("0", 90), ("5", 10)]);
        counts.on_bar = [
            (state("0"), row(&[("0", 100_000), ("5", 300), ("7", 100)])),
            (state("5"), row(&[("0", 10), ("7", 390)])),
            (state("7"), row(&[("0", 400)])),
        ]
        .into();
        let of = |table: &ProgressionTable, from: Option<&str>, to: &str| {
            Transitions::new(table, None, false).gain(from.map(state), state(to))
        };
        assert!(of(&table, Some("0"), "5") > 0.5 && of(&table, Some("0"), "7") < 0.0);
        assert!(of(&table, Some("5"), "7") > 0.5 && of(&table, Some("5"), "0") < -0.5);
        assert!(of(&table, None, "0") > of(&table, None, "5"));
        let with_stays = of(&table, Some("0"), "5");
        table.counts_mut(Group::All, false).on_bar.get_mut(&state("0")).unwrap().remove(&state("0"));
        assert_eq!(of(&table, Some("0"), "5"), with_stays);
    }

    #[test]
    fn dominants_resolve_in_every_style() {
        for style in Style::ALL {
            let transitions = shipped::harmonist().transitions(Some(style), false);
            let gain = |from: &str, to: &str| transitions.gain(Some(state(from)), state(to));
            assert!(gain("7", "0") > 0.2, "{style:?}: V–I {}", gain("7", "0"));
            assert!(gain("2m", "7") > 0.2, "{style:?}: ii–V {}", gain("2m", "7"));
            assert!(gain("7", "0") > gain("7", "2m"), "{style:?}");
        }
    }
}
