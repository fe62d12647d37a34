//! Chord transitions: how much likelier a chord is after another than elsewhere, counted in music of a style.

use std::array::from_fn;

use super::table::{Counts, N_STATES, ProgressionTable, State, Third, to_f64};
use crate::compose::plan::Group;

/// Weight of all groups together as a prior of the style's own transitions, in changes.
const SHARED: f64 = 40.0;

/// Largest gain either way, in nats, since rare changes are poorly known.
const FURTHEST: f64 = 2.0;

/// Roots in an octave.
const N_ROOTS: usize = 12;

/// A number for each chord, indexed by `[state]`.
type ByState = [f64; N_STATES];

/// Gains of chord changes in one style and mode.
///
/// # Source
///
/// Pointwise mutual information, as in Church and Hanks, "Word association norms, mutual information, and
/// lexicography", Computational Linguistics 16(1), 1990; only of changes to another root, not of how long a chord
/// stays.
#[derive(Debug, Clone, PartialEq)]
pub struct Transitions {
    /// Indexed by `[from]`.
    after: Vec<Gains>,
}

/// Gains of the next chord, in nats.
#[derive(Debug, Clone, PartialEq)]
struct Gains {
    chords: ByState,
    /// Indexed by `[semitones of the root above the tonic]`, whatever the third.
    roots: [f64; N_ROOTS],
}

impl Transitions {
    /// The gains in `table` for `group` in major or minor.
    pub(super) fn new(table: &ProgressionTable, group: Group, is_minor: bool) -> Self {
        let own = table.counts(group, is_minor);
        let all = table.counts(Group::All, is_minor);
        let arrivals = |counts| {
            State::all()
                .map(|from| changes(counts, from))
                .fold([0.0; N_STATES], |sum, row| from_fn(|idx| sum[idx] + row[idx]))
        };
        let evenly = [1.0; N_STATES];
        let anywhere = mixed(arrivals(own), mixed(arrivals(all), evenly));
        let after = |from: State| {
            let is_stay = |idx: usize| State::root_of(idx) == from.root();
            let elsewhere = share(from_fn(|idx| if is_stay(idx) { 0.0 } else { anywhere[idx] }));
            Gains::new(mixed(changes(own, from), mixed(changes(all, from), elsewhere)), elsewhere)
        };
        Self { after: State::all().map(after).collect() }
    }

    /// How much likelier `to` is after `from` than elsewhere, in nats, `-2.0..=2.0`; 0 on the same root.
    pub fn gain(&self, from: State, to: State) -> f64 {
        self.after[from.to_index()].chords[to.to_index()]
    }

    /// The gain of all chords whose root is `root` semitones above the tonic.
    pub fn gain_of_root(&self, from: State, root: u8) -> f64 {
        self.after[from.to_index()].roots[usize::from(root) % N_ROOTS]
    }
}

impl Gains {
    /// Gains of the distribution `here` over `anywhere`.
    fn new(here: ByState, anywhere: ByState) -> Self {
        let roots = |of: ByState| -> [f64; N_ROOTS] {
            from_fn(|root| {
                Third::ALL.iter().enumerate().map(|(third, _)| of[root * Third::ALL.len() + third]).sum()
            })
        };
        let (here_by_root, anywhere_by_root) = (roots(here), roots(anywhere));
        Self {
            chords: from_fn(|idx| gain(here[idx], anywhere[idx])),
            roots: from_fn(|root| gain(here_by_root[root], anywhere_by_root[root])),
        }
    }
}

/// By how many nats `here` is likelier than `anywhere`; 0 if either is 0.
fn gain(here: f64, anywhere: f64) -> f64 {
    if anywhere > 0.0 { (here / anywhere).ln().clamp(-FURTHEST, FURTHEST) } else { 0.0 }
}

/// How often each chord on another root follows `from`.
fn changes(counts: Option<&Counts>, from: State) -> ByState {
    let mut changes = [0.0; N_STATES];
    let Some(counts) = counts else { return changes };
    let followers = [&counts.on_bar, &counts.in_bar].map(|followers| followers.get(&from));
    for (to, n) in followers.into_iter().flatten().flatten().filter(|(to, _)| to.root() != from.root()) {
        changes[to.to_index()] += to_f64(*n);
    }
    changes
}

/// The distribution of `counts` with a prior of [`SHARED`] changes distributed as `prior`.
fn mixed(counts: ByState, prior: ByState) -> ByState {
    let prior = share(prior);
    share(from_fn(|idx| counts[idx] + SHARED * prior[idx]))
}

/// `numbers` over their sum.
fn share(numbers: ByState) -> ByState {
    let sum: f64 = numbers.iter().sum();
    numbers.map(|n| n / sum.max(f64::MIN_POSITIVE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::library::shipped;
    use crate::token::Style;

    fn state(text: &str) -> State {
        State::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn what_follows_often_is_likelier_and_what_stays_does_not_count() {
        let row = |list: &[(&str, u64)]| list.iter().map(|(to, n)| (state(to), *n)).collect();
        let mut table = ProgressionTable::default();
        let counts = table.counts_mut(Group::All, false);
        counts.on_bar = [
            (state("0"), row(&[("0", 100_000), ("5", 300), ("7", 100)])),
            (state("5"), row(&[("0", 10), ("7", 390)])),
            (state("7"), row(&[("0", 400)])),
        ]
        .into();
        let of = |table: &ProgressionTable, from: &str, to: &str| {
            Transitions::new(table, Group::All, false).gain(state(from), state(to))
        };
        assert!(of(&table, "0", "5") > 0.5 && of(&table, "0", "7") < 0.0);
        assert!(of(&table, "5", "7") > 0.5 && of(&table, "5", "0") < -0.5);
        let with_stays = of(&table, "0", "5");
        table.counts_mut(Group::All, false).on_bar.get_mut(&state("0")).unwrap().remove(&state("0"));
        assert_eq!(of(&table, "0", "5"), with_stays);
    }

    #[test]
    fn dominants_resolve_in_every_style() {
        for style in Style::ALL {
            let transitions = shipped::harmonist().transitions(Some(style), false);
            let gain = |from: &str, to: u8| transitions.gain_of_root(state(from), to);
            assert!(gain("7", 0) > 0.2, "{style:?}: V–I {}", gain("7", 0));
            assert!(gain("7", 2) < -0.2, "{style:?}: V–ii {}", gain("7", 2));
        }
        // A rare third does not decide for its root.
        let pop = shipped::harmonist().transitions(Some(Style::Pop), false);
        assert!(pop.gain_of_root(state("5"), 2) < 0.0);
    }

    #[test]
    fn what_is_gained_is_lost_elsewhere() {
        let transitions = shipped::harmonist().transitions(Some(Style::Pop), false);
        for from in State::all() {
            let gains: Vec<f64> = (0..12).map(|root| transitions.gain_of_root(from, root)).collect();
            assert!(gains[usize::from(from.root().number())].abs() < f64::EPSILON, "it stays as likely");
            assert!(gains.iter().all(|gain| gain.abs() <= FURTHEST));
            // Nothing is known of some rare chords.
            let gains_some = |gain: &f64| *gain > 1e-9;
            assert!(!gains.iter().any(gains_some) || gains.iter().any(|gain| *gain < 0.0));
        }
    }
}
