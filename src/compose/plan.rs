//! Plans of bars: which bars of a take repeat an earlier one.
//!
//! Real music repeats itself; left alone the network keeps a rhythm and wanders. So every part of a take gets a plan
//! from real music ([`PlanTable`]), drawn by seed and take among those of the style: the likelier, the more it agrees
//! with the given bars and with the plans drawn before for other parts. While the take is decoded, [`Follower`] applies
//! the plan: it writes the notes of a repeated bar again, moved to another chord if needed, and keeps new bars from
//! repeating the bars before.
//!
//! Rules take precedence over plans: a forbidden note moves to the nearest allowed pitch, or is left out. So do locked
//! notes: a cell with one has no plan.

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

/// The order in which strands get their plans: the melody and its chords first.
const ORDER: [Strand; 6] = [
    Strand::Part(Part::Melody),
    Strand::Harmony,
    Strand::Part(Part::Chords),
    Strand::Part(Part::Bass),
    Strand::Part(Part::Arpeggio),
    Strand::Part(Part::Drums),
];

/// A plan that agrees with all known bars is 2 to this power likelier than one that agrees with none.
const AGREEMENT: u32 = 16;

/// Probability that an accompanying part repeats its figure, and the chord track its chords, where the plan has no bar
/// to repeat.
const GOING_ON: f64 = 0.75;

/// Probability that bar `bar` is new although its plan repeats something of this kind: any act of drums, rhythms of
/// other parts, and chords that only stay. Where given music is continued, its plan is applied in full.
///
/// # Source
///
/// Set by how much of composed phrases repeats, with all acts applied, with these shares left out, and without a plan,
/// compared with real ones (six styles, ten seeds): bars of melodies with the rhythm of another bar .66, .55, .43, real
/// .52; of bass with that of the bar before .48, .39, .45, real .35; distinct drum bars .62, .69, .80, real .70. Bars
/// with the chord of the bar before: .39 with all acts, .31 with this share, real .24 (twelve styles, twenty seeds).
fn share_new(strand: Strand, act: Act, bar: u32) -> f64 {
    match (strand, act) {
        (Strand::Harmony, Act::Same(source)) if source + 1 == bar => 0.5,
        (Strand::Part(Part::Drums), _) => 0.4,
        (Strand::Part(Part::Chords), Act::Rhythm(_) | Act::Moved(_)) => 0.5,
        (_, Act::Rhythm(_) | Act::Moved(_)) => 0.75,
        (_, Act::New | Act::Same(_) | Act::Head(_)) => 0.0,
    }
}

/// Separates these draws from those of the network's slots.
const DRAW_SLOT: u32 = 0x504c_414e;

/// Offset of the draws that make bars new, apart from those of repeated figures.
const RENEWED: u32 = 1 << 16;

/// How the cells of one take repeat earlier ones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BarPlan {
    /// The cells to compose that repeat something; cells without an entry repeat nothing.
    acts: BTreeMap<Cell, Act>,
    /// Bars whose chords are those of another bar.
    harmony: BTreeMap<u32, u32>,
    /// Whether the chords have a plan; if so, bars that are not in `harmony` have new chords.
    has_harmony: bool,
    /// Parts that follow the plan: their new bars are kept from repeating earlier ones.
    parts: BTreeSet<Part>,
}

impl BarPlan {
    /// Draws the plan of take `take` of `task`; empty if the task has none or keeps something of its notes.
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
            // A plan is also drawn for a part that follows its controls instead, since other parts' plans depend on it.
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
                // Other parts depend on the plan as drawn.
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
        // The end is free from what was before it.
        plan.harmony.remove(&given.frame().n_bars_total().saturating_sub(1));
        plan
    }

    /// How `cell` repeats an earlier bar.
    pub fn act(&self, cell: Cell) -> Act {
        self.acts.get(&cell).copied().unwrap_or(Act::New)
    }

    /// The cells that repeat something, and how.
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

    /// The act that continues the figure of an accompanying strand: it repeats the bar that has the same chords by the plan, or
    /// without one the bar eight bars before, or four. `None` for a melody, and where there is no such bar.
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

/// Whether a control of `strand` is asked: it then follows that control instead of repeating bars written without it.
fn is_asked(task: &Task, strand: Strand) -> bool {
    // An answer is asked for its call's measures, and a section of its own for a contrast: neither replaces the plan.
    let may_replace = task.kind != TaskKind::Respond && task.plan != PlanRule::Apart;
    let is_asked = |part: Part| task.controls.parts[part.index()].iter().any(Option::is_some);
    may_replace && strand.part().is_some_and(is_asked)
}

/// An answer repeats how its call begins, and ends otherwise.
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

/// The known acts of each strand from bar `first` on: those of given bars that sound.
fn observed(task: &Task, given: &Phrase, first: u32) -> BTreeMap<Strand, Vec<Option<Act>>> {
    let of_strand = |strand: Strand| {
        let acts = match strand {
            Strand::Part(part) => Acts::of(given, part),
            Strand::Harmony => Acts::of_harmony(given),
        };
        let is_given = |bar: u32| match strand {
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
            (first..).zip(acts.as_slice()).map(|(bar, act)| is_given(bar).then_some(*act)).collect();
        known.iter().any(Option::is_some).then_some((strand, known))
    };
    ORDER.into_iter().filter_map(of_strand).collect()
}

/// Weight of `row` in the draw for `strand`, for which it provides the plan of `as_strand`.
fn weight(row: &Row, known: &BTreeMap<Strand, Vec<Option<Act>>>, strand: Strand, as_strand: Strand) -> u64 {
    let (mut agreement, mut most) = (0, 0);
    for (&other, known) in known {
        let Some(acts) = row.acts(if other == strand { as_strand } else { other }) else { continue };
        // A strand's own given bars count twice.
        let own = if other == strand { 2 } else { 1 };
        for (known, act) in known.iter().zip(acts.as_slice()) {
            if let Some(known) = known {
                agreement += own * likeness(*known, *act);
                most += own * MOST_LIKE;
            }
        }
    }
    // Without common bars, neither agreement nor disagreement.
    let power = (AGREEMENT * agreement + most / 2).checked_div(most).unwrap_or(AGREEMENT / 2);
    u64::from(row.n) << power
}

/// The likeness of equal acts.
const MOST_LIKE: u32 = 4;

/// How much two acts of the same bar agree, `0..=`[`MOST_LIKE`].
fn likeness(one: Act, other: Act) -> u32 {
    let is_kind = one.of(0) == other.of(0);
    match (is_kind, one.source() == other.source()) {
        (true, true) => MOST_LIKE,
        (true, false) => MOST_LIKE / 2,
        (false, true) => MOST_LIKE / 2,
        (false, false) => 0,
    }
}

/// The index drawn with `lot`, `0.0..1.0`, by `weights`.
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

/// The act of `bar` in `acts`. If it repeats nothing, but a later given bar would repeat it, it repeats that one.
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
