//! Plans of bars: which bars of a take say again what an earlier one said.
//!
//! People come back to what they said. Left alone the network keeps a rhythm and wanders. So every part of a take gets a
//! plan that somebody's music has ([`PlanTable`]): drawn by seed and take among those of the style, likelier the more it is
//! like what is given and like the plans of the parts drawn before. While the take is decoded, [`Follower`] carries it out:
//! the notes of a bar that is taken up are written again, moved to the chord where that differs, and what is new is held from
//! being the bar before again.
//!
//! Rules stand above plans: a note that may not be written moves to the nearest pitch that may, or is left out. Locked notes
//! do too: a cell with one follows no plan.

mod adapt;

mod follower;

mod script;

mod table;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::DrawKey;
use crate::music::analysis::{Act, Acts};
use crate::music::{Cell, Part, Phrase};
use crate::session::{Keep, PlanRule, Task, TaskKind};
use crate::token::Harmony;

pub use follower::Follower;
pub use table::{Group, PlanTable, Row, Strand};

/// In which order the strands of a take get their plans: the idea first, and its chords.
const ORDER: [Strand; 6] = [
    Strand::Part(Part::Melody),
    Strand::Harmony,
    Strand::Part(Part::Chords),
    Strand::Part(Part::Bass),
    Strand::Part(Part::Arpeggio),
    Strand::Part(Part::Drums),
];

/// A plan that agrees in every bar with what is known is 2 to the power of this likelier than one that agrees in none.
const AGREEMENT: u32 = 16;

/// How often what accompanies goes on with its figure where its plan has no notes to take up, and the chords with theirs.
const GOING_ON: f64 = 0.75;

/// How often bar `bar` is new although its plan has it take up something of this kind: any act of drums, rhythms of others,
/// and chords that only stay. Where music that is given goes on, its plan is carried out whole.
///
/// # Source
///
/// Set by what comes back in composed phrases, all acts carried out, these shares left out, and without a plan, beside real
/// ones (six styles, ten seeds): bars of melodies with the rhythm of another bar .66, .55, .43, real .52; of bass with that
/// of the bar before .48, .39, .45, real .35; distinct drum bars .62, .69, .80, real .70. Bars with the chord of the bar
/// before: .39 with all acts, .31 with this share, real .24 (twelve styles, twenty seeds).
fn share_new(strand: Strand, act: Act, bar: u32) -> f64 {
    match (strand, act) {
        (Strand::Harmony, Act::Same(source)) if source + 1 == bar => 0.5,
        (Strand::Part(Part::Drums), _) => 0.4,
        (Strand::Part(Part::Chords), Act::Rhythm(_) | Act::Moved(_)) => 0.5,
        (_, Act::Rhythm(_) | Act::Moved(_)) => 0.75,
        (_, Act::New | Act::Same(_) | Act::Head(_)) => 0.0,
    }
}

/// Tells these draws from those of the network's slots.
const DRAW_SLOT: u32 = 0x504c_414e;

/// Numbers of the draws that make bars new, apart from those of going on.
const RENEWED: u32 = 1 << 16;

/// What the cells of one take are to those before them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BarPlan {
    /// Cells to compose that take something up; those that take up nothing are not among them.
    acts: BTreeMap<Cell, Act>,
    /// Bars whose chords are those of another bar.
    harmony: BTreeMap<u32, u32>,
    /// Whether there is a plan for the chords: then those of the bars that are not in `harmony` are new.
    has_harmony: bool,
    /// The parts that follow the plan: what is new in them is held from being an earlier bar again.
    parts: BTreeSet<Part>,
}

impl BarPlan {
    /// The plan of take `take` of `task`, empty if the task has none or keeps something of what was there.
    pub fn draw(table: &PlanTable, task: &Task, seed: u64, take: u32) -> Self {
        if task.plan == PlanRule::Free || task.keep != Keep::Nothing {
            return Self::default();
        }
        let Ok(prompt) = task.prompt() else { return Self::default() };
        let given = prompt.given();
        let is_apart = task.plan == PlanRule::Apart;
        let first = match task.compose.first() {
            Some(cell) if is_apart => cell.bar,
            _ => u32::from(given.frame().has_pickup),
        };
        let n_bars = given.frame().n_bars_total() - first;
        let mut known = observed(task, given, first);
        let goes_on = matches!(task.kind, TaskKind::Continue | TaskKind::Respond) && !is_apart;
        let mut plan = Self::default();
        for (number, strand) in (0u32..).zip(ORDER) {
            let composes = |bar: u32| composes(task, given, strand, bar + first);
            if !(0..n_bars).any(composes) {
                continue;
            }
            // What a part follows its knobs instead of is drawn all the same: the others go by it.
            let is_followed = !is_asked(task, strand);
            plan.parts.extend(strand.part().filter(|_| is_followed));
            plan.has_harmony |= strand == Strand::Harmony;
            let (as_strand, rows) = table.rows(task.controls.style, strand, index(n_bars));
            let weights: Vec<u64> = rows.iter().map(|row| weight(row, &known, strand, as_strand)).collect();
            let lot = |step: u32| {
                let step = u64::from(number) << 32 | u64::from(step);
                DrawKey { seed, take, step, slot: DRAW_SLOT }.uniform()
            };
            let Some(acts) = pick(&weights, lot(0)).and_then(|idx| rows[idx].acts(as_strand)) else {
                continue;
            };
            let known_of = known.entry(strand).or_insert_with(|| vec![None; index(n_bars)]);
            for bar in (0..n_bars).filter(|bar| composes(*bar)) {
                let mut act = act_in(acts, bar, index(n_bars), |other| !composes(other));
                let may_go_on = strand == Strand::Harmony || matches!(act, Act::New | Act::Rhythm(_));
                if goes_on && may_go_on && lot(1 + bar) < GOING_ON {
                    act = plan.going_on(strand, bar, first).unwrap_or(act);
                }
                if task.kind == TaskKind::Respond && strand == Strand::Part(Part::Melody) {
                    act = answering(act);
                }
                known_of[index(bar)] = Some(act);
                // What the others go by is the plan as it was drawn.
                let is_renewed = !goes_on && lot(RENEWED + bar) < share_new(strand, act, bar);
                let is_fill = strand == Strand::Part(Part::Drums) && task.fill == Some(bar + first);
                let Some(source) = act.source().filter(|_| is_followed && !is_fill) else { continue };
                if !is_renewed {
                    plan.add(strand, bar + first, act.of(source + first));
                }
            }
        }
        if plan.parts.is_empty() {
            return Self::default();
        }
        // The end is not bound to what was before it.
        plan.harmony.remove(&given.frame().n_bars_total().saturating_sub(1));
        plan
    }

    /// What `cell` is to the bars before it.
    pub fn act(&self, cell: Cell) -> Act {
        self.acts.get(&cell).copied().unwrap_or(Act::New)
    }

    /// The cells that take something up, and what.
    pub const fn acts(&self) -> &BTreeMap<Cell, Act> {
        &self.acts
    }

    fn add(&mut self, strand: Strand, bar: u32, act: Act) {
        match (strand, act.source()) {
            (Strand::Part(part), Some(_)) => {
                self.acts.insert(Cell { bar, part }, act);
            }
            (Strand::Harmony, Some(source)) => {
                self.harmony.insert(bar, source);
            }
            (_, None) => {}
        }
    }

    /// What accompanies goes on with its figure, under the chords that there are: those of the bar that the chords are taken
    /// from, and these are taken from eight bars before, or four. `None` for what does not accompany.
    fn going_on(&self, strand: Strand, bar: u32, first: u32) -> Option<Act> {
        let of_harmony = self.harmony.get(&(bar + first)).and_then(|source| source.checked_sub(first));
        let before = [8, 4].into_iter().find_map(|lag| bar.checked_sub(lag));
        let source = of_harmony.or(before)?;
        match strand {
            Strand::Harmony | Strand::Part(Part::Drums) => Some(Act::Same(source)),
            Strand::Part(Part::Chords | Part::Bass | Part::Arpeggio) => Some(Act::Moved(source)),
            Strand::Part(Part::Melody) => None,
        }
    }
}

/// Whether a control of `strand` is asked: then it follows that, and no bar that was written before it was brought about.
fn is_asked(task: &Task, strand: Strand) -> bool {
    // What an answer is asked for is what its call has, and what a section of its own is asked for is to differ.
    let is_wish = task.kind != TaskKind::Respond && task.plan != PlanRule::Apart;
    let is_asked = |part: Part| task.controls.parts[part.index()].iter().any(Option::is_some);
    is_wish && strand.part().is_some_and(is_asked)
}

/// An answer takes up how its call begins, and ends otherwise.
const fn answering(act: Act) -> Act {
    match act {
        Act::Same(source) => Act::Head(source),
        other => other,
    }
}

/// Whether the notes or chords of `strand` in bar `bar` are all composed.
fn composes(task: &Task, given: &Phrase, strand: Strand, bar: u32) -> bool {
    match strand {
        Strand::Part(part) => {
            let cell = Cell { bar, part };
            task.compose.contains(&cell) && given.cell(cell).is_empty()
        }
        Strand::Harmony => {
            let is_pitched = |cell: &Cell| cell.bar == bar && !cell.part.is_drums();
            task.harmony == Harmony::Composed && task.compose.iter().any(is_pitched)
        }
    }
}

/// What is known of the bars of each strand from `first` on: the acts of the given bars that sound.
fn observed(task: &Task, given: &Phrase, first: u32) -> BTreeMap<Strand, Vec<Option<Act>>> {
    let of_strand = |strand: Strand| {
        let acts = match strand {
            Strand::Part(part) => Acts::of(given, part),
            Strand::Harmony => Acts::of_harmony(given),
        };
        let is_heard = |bar: u32| match strand {
            Strand::Part(part) => {
                let cell = Cell { bar, part };
                !task.compose.contains(&cell) && !given.cell(cell).is_empty()
            }
            Strand::Harmony => {
                !composes(task, given, strand, bar)
                    && given.progression().at(given.frame().bar_start(bar)).is_some()
            }
        };
        let acts = acts.from_bar(first);
        let known: Vec<Option<Act>> =
            (first..).zip(acts.as_slice()).map(|(bar, act)| is_heard(bar).then_some(*act)).collect();
        known.iter().any(Option::is_some).then_some((strand, known))
    };
    ORDER.into_iter().filter_map(of_strand).collect()
}

/// How likely `row` is to be drawn for `strand`, of which it gives the plan of `as_strand`.
fn weight(row: &Row, known: &BTreeMap<Strand, Vec<Option<Act>>>, strand: Strand, as_strand: Strand) -> u64 {
    let (mut agreement, mut most) = (0, 0);
    for (&other, known) in known {
        let Some(acts) = row.acts(if other == strand { as_strand } else { other }) else { continue };
        // Its own bars say most of how a strand goes on.
        let own = if other == strand { 2 } else { 1 };
        for (known, act) in known.iter().zip(acts.as_slice()) {
            if let Some(known) = known {
                agreement += own * likeness(*known, *act);
                most += own * MOST_LIKE;
            }
        }
    }
    // Nothing in common is no disagreement.
    let power = (AGREEMENT * agreement + most / 2).checked_div(most).unwrap_or(AGREEMENT / 2);
    u64::from(row.n) << power
}

/// The likeness of equal acts.
const MOST_LIKE: u32 = 4;

/// How much two acts of the same bar are alike.
fn likeness(one: Act, other: Act) -> u32 {
    let is_kind = one.of(0) == other.of(0);
    match (is_kind, one.source() == other.source()) {
        (true, true) => MOST_LIKE,
        (true, false) => MOST_LIKE / 2,
        (false, true) => MOST_LIKE / 2,
        (false, false) => 0,
    }
}

/// The index drawn by `lot`, `0.0..1.0`, with `weights`.
fn pick(weights: &[u64], lot: f64) -> Option<usize> {
    let total: u64 = weights.iter().sum();
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let mut left = lot * total as f64;
    for (idx, &weight) in weights.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        let weight = weight as f64;
        if left < weight {
            return Some(idx);
        }
        left -= weight;
    }
    weights.len().checked_sub(1)
}

/// The act of `bar` by `acts`. Where it takes up nothing, but a given bar after it would take it up, it takes up that one.
fn act_in(acts: &Acts, bar: u32, n_bars: usize, is_given: impl Fn(u32) -> bool) -> Act {
    let act = acts.as_slice().get(index(bar)).copied().unwrap_or(Act::New);
    if act != Act::New {
        return act;
    }
    let later = (0..).zip(acts.as_slice()).take(n_bars).skip(index(bar) + 1);
    let mut echoes = later.filter(|(at, act)| act.source() == Some(bar) && is_given(*at));
    echoes.next().map_or(Act::New, |(at, act)| act.of(at))
}

fn index(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
