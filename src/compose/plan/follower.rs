//! Applies the plan of one take while it is decoded.

use std::collections::BTreeMap;

use super::BarPlan;
use super::script::{Item, Script, Taken, Then, step_of};
use crate::compose::constraint::{ChordTrack, Place};
use crate::music::analysis::Act;
use crate::music::{Cell, ChordSpan, Frame, Part, Phrase, Progression, TickInstant};
use crate::token::encode::{self, Quantised, VelocityView};
use crate::token::vocab::DURATIONS;
use crate::token::{Grammar, Mask, Prompt, Slot, Symbol, Token};

/// Number of earlier bars that a new bar is kept from repeating.
const MEMORY: u32 = 8;

/// Largest distance, in ids of the pitch slot, that a note moves if a rule forbids its own.
const NEAR: u16 = 4;

/// Nats against a bar of new chords staying on the chord before.
///
/// # Source
///
/// Set so that chords stay over a bar line as often as in real music; without it every second one of pop did, twice as
/// often.
const AGAINST_STAYING: f32 = 1.5;

/// Follows a plan: knows the notes of every cell and what comes next in the current one.
#[derive(Debug, Clone)]
pub struct Follower {
    plan: BarPlan,
    frame: Frame,
    chords: ChordTrack,
    /// Notes given and composed so far, in body order.
    written: BTreeMap<Cell, Vec<Token>>,
    /// The bar that repeats chords of another, and its symbols still to be written.
    symbols: Option<(u32, Vec<Token>)>,
    /// The current cell.
    cell: Option<Cell>,
    script: Option<Script>,
    /// The note of the script that is being written.
    current: Option<Item>,
}

impl Follower {
    /// Follows `plan` in the body of `prompt`.
    pub fn new(plan: BarPlan, prompt: &Prompt) -> Self {
        let given = prompt.given();
        let written = if plan.parts.is_empty() { BTreeMap::new() } else { notes_of(given) };
        Self {
            plan,
            frame: *given.frame(),
            chords: ChordTrack::new(prompt),
            written,
            symbols: None,
            cell: None,
            script: None,
            current: None,
        }
    }

    /// Starts a token at `grammar`: looks up the plan for a cell or a bar that begins.
    pub fn begin(&mut self, grammar: &Grammar) {
        self.current = None;
        let cell = grammar.cell();
        if self.plan.parts.is_empty() || cell == self.cell {
            return;
        }
        self.cell = cell;
        self.script = cell.and_then(|cell| self.script_of(cell));
    }

    /// Allows only the next chord symbol, in a bar whose chords are those of another.
    pub fn restrict_chords(&mut self, place: &Place, slot: Slot, mask: &mut Mask) {
        let Some(bar) = place.grammar.harmony_bar() else { return };
        let Some(&source) = self.plan.harmony.get(&bar) else { return };
        if self.symbols.as_ref().is_none_or(|(of, _)| *of != bar) {
            self.symbols = Some((bar, self.symbols_of(source, bar)));
        }
        let Some((_, symbols)) = &self.symbols else { return };
        let next = symbols.first().copied().or_else(|| {
            // Without a symbol there is nothing to repeat, and the network writes its own.
            place.grammar.last_position().and(place.grammar.next_header())
        });
        let Some(token) = next else { return };
        if mask.allows(token.0[slot.index()]) && place.before == &token.0[..slot.index()] {
            mask.retain(|id| id == token.0[slot.index()]);
        }
    }

    /// Allows only what the script has next, out of `ruled`. `pitches` — the pitches allowed after a kind.
    pub fn restrict(&mut self, place: &Place, slot: Slot, ruled: &mut Mask, pitches: impl Fn(u16) -> Mask) {
        if slot == Slot::Duration {
            self.keep_clear(place, ruled);
        }
        let Some((cell, script)) = self.cell.zip(self.script.as_mut()) else { return };
        // Neighbouring drum keys are different instruments.
        let near = if cell.part.is_drums() { 0 } else { NEAR };
        match (slot, self.current) {
            (Slot::Kind, _) => {
                while let Some(item) = script.items.front().copied() {
                    if let Some(item) = admitted(item, near, ruled, &pitches) {
                        self.current = Some(item);
                        ruled.retain(|id| id == item.token().0[0]);
                        return;
                    }
                    script.items.pop_front();
                }
                let header = place.grammar.next_header().map(|header| header.0[0]);
                match script.then {
                    Then::FreeFrom(step) => {
                        ruled.retain(|id| Some(id) == header || id >= Token::NOTE_KINDS + step);
                    }
                    // A cell of which the rules left nothing is free.
                    Then::End if script.n_written > 0 => ruled.retain(|id| Some(id) == header),
                    Then::End => {}
                }
            }
            (Slot::Pitch, Some(Item::Note(token))) => retain_if_allowed(ruled, token.0[1]),
            (Slot::Duration, Some(item)) => {
                let wanted = item.token().0[2];
                // The longest duration that the rules allow, up to the wanted one.
                let most = ruled.allowed().filter(|id| *id <= wanted).last();
                retain_if_allowed(ruled, most.unwrap_or(wanted));
            }
            (Slot::Velocity, Some(item)) => retain_if_allowed(ruled, item.token().0[3]),
            _ => {}
        }
    }

    /// Lowers the logits of repeating an earlier bar where the plan does not say so: the more, the more the bar already
    /// agrees with that one. So bars may begin alike, but continue differently.
    pub fn lean(&self, place: &Place, slot: Slot, logits: &mut [f32]) {
        self.lean_chords(place, slot, logits);
        let Some(cell) = place.grammar.cell().filter(|cell| self.plan.parts.contains(&cell.part)) else {
            return;
        };
        let keeps_rhythm = self.current.is_some();
        if matches!(self.plan.act(cell), Act::Same(_)) || (slot == Slot::Kind && keeps_rhythm) {
            return;
        }
        let so_far = self.written.get(&cell).map_or(&[][..], Vec::as_slice);
        let mut against: BTreeMap<u16, f32> = BTreeMap::new();
        for bar in cell.bar.saturating_sub(MEMORY)..cell.bar {
            let Some(before) = self.written.get(&Cell { bar, ..cell }).filter(|notes| !notes.is_empty())
            else {
                continue;
            };
            if let Some((id, likeness)) = again(cell.part, before, so_far, place, slot) {
                let most = against.entry(id).or_default();
                *most = most.max(likeness);
            }
        }
        for (id, likeness) in against {
            if let Some(logit) = logits.get_mut(usize::from(id)) {
                *logit -= against_again(cell.part, slot) * likeness;
            }
        }
    }

    /// Lowers the logits of holding the chord of the bar before, or of repeating one on its root, where the plan has
    /// new chords.
    fn lean_chords(&self, place: &Place, slot: Slot, logits: &mut [f32]) {
        // The plan says nothing about the end.
        let is_new = |bar: &u32| {
            self.plan.has_harmony
                && !self.plan.harmony.contains_key(bar)
                && bar + 1 < self.frame.n_bars_total()
        };
        let is_first = place.grammar.last_position().is_none();
        let bar = place.grammar.harmony_bar().filter(|bar| is_first && is_new(bar));
        let Some(before) = bar.and_then(|bar| self.chords.before(self.frame.bar_start(bar))) else { return };
        let root = Token::ROOT_IDS.start + u16::from(before.root.above(self.frame.key.tonic));
        let stays = match slot {
            Slot::Kind => header(place),
            Slot::Pitch => place.before.first().filter(|kind| Some(**kind) != header(place)).map(|_| root),
            Slot::Duration | Slot::Velocity => None,
        };
        if let Some(logit) = stays.and_then(|id| logits.get_mut(usize::from(id))) {
            *logit -= AGAINST_STAYING;
        }
    }

    /// Updates the state by the token that was written at `place`.
    pub fn step(&mut self, place: &Place, token: Token) {
        if self.plan.parts.is_empty() {
            return;
        }
        self.chords.step(place, token);
        if let Some(bar) = place.grammar.harmony_bar() {
            if let Some((of, symbols)) = &mut self.symbols
                && *of == bar
                && symbols.first() == Some(&token)
            {
                symbols.remove(0);
            }
            return;
        }
        let Some(cell) = place.grammar.cell() else { return };
        if !matches!(Symbol::from_token(token), Some(Symbol::Note { position: Some(_), .. })) {
            return;
        }
        self.written.entry(cell).or_default().push(token);
        if self.current.take().is_some()
            && let Some(script) = &mut self.script
        {
            script.items.pop_front();
            script.n_written += 1;
        }
    }

    fn script_of(&self, cell: Cell) -> Option<Script> {
        let act = self.plan.act(cell);
        let source = act.source()?;
        let notes = self.written.get(&Cell { bar: source, ..cell })?;
        let taken = Taken { frame: &self.frame, part: cell.part, source, target: cell.bar, notes };
        taken.script(act, |at| self.chords.at(at).map(|(chord, _)| chord))
    }

    /// The chord symbols of bar `source`, for bar `bar`.
    fn symbols_of(&self, source: u32, bar: u32) -> Vec<Token> {
        let (start, end) = (self.frame.bar_start(source), self.frame.bar_start(source + 1));
        let sounds = |span: &ChordSpan| span.onset < end && start < span.end();
        let sounding: Vec<ChordSpan> = self.chords.spans().iter().copied().filter(sounds).collect();
        let there = Progression::new(sounding).window(start, end);
        let here = there.later(self.frame.bar_start(bar).since(TickInstant::ZERO));
        encode::chords(&self.frame, &here, bar).into_iter().map(Symbol::to_token).collect()
    }

    /// Ends a note of a line where the next bar begins with a known note.
    fn keep_clear(&self, place: &Place, ruled: &mut Mask) {
        let Some(cell) = self.cell.filter(|cell| matches!(cell.part, Part::Bass | Part::Melody)) else {
            return;
        };
        let next = Cell { bar: cell.bar + 1, ..cell };
        let act = self.plan.act(next);
        let Some(source) = act.source().filter(|source| *source <= cell.bar) else { return };
        let first = self.written.get(&Cell { bar: source, ..cell }).and_then(|notes| notes.first());
        let kind = place.before.first().and_then(|kind| kind.checked_sub(Token::NOTE_KINDS));
        let Some((first, step)) = first.zip(kind) else { return };
        let bar_steps = u16::try_from(self.frame.meter.bar_steps()).unwrap_or(u16::MAX);
        let longest = (bar_steps + step_of(*first)).saturating_sub(step).max(1);
        let fits = |id: u16| {
            let idx = usize::from(id.saturating_sub(Token::DURATION_IDS.start));
            !Token::DURATION_IDS.contains(&id) || DURATIONS.get(idx).is_some_and(|steps| *steps <= longest)
        };
        if ruled.allowed().any(fits) {
            ruled.retain(fits);
        }
    }
}

/// Nats against a choice that completes a repetition of an earlier bar.
///
/// # Source
///
/// Set so that bars of composed phrases repeat as often as real ones; without it a quarter to a half of the network's
/// new bars repeat earlier ones.
const fn against_again(part: Part, slot: Slot) -> f32 {
    match (part, slot) {
        (Part::Drums, _) => 2.2,
        (_, Slot::Kind) => 3.5,
        (_, _) => 2.0,
    }
}

/// The id of `slot` with which a cell that has `so_far` continues as `before` does, if both agree until now, and the
/// share of `before` that is written by then, `0.0..=1.0`. For positions the rhythm is compared, for pitches and drums
/// every note.
fn again(part: Part, before: &[Token], so_far: &[Token], place: &Place, slot: Slot) -> Option<(u16, f32)> {
    let has_notes = |n: usize| {
        before.len() >= n && before[..n].iter().zip(so_far).all(|(one, two)| one.0[..2] == two.0[..2])
    };
    let n = so_far.len();
    match slot {
        Slot::Kind if !part.is_drums() => {
            let places = |notes: &[Token]| {
                let mut places: Vec<u16> = notes.iter().map(|token| token.0[0]).collect();
                places.dedup();
                places
            };
            let (before, so_far) = (places(before), places(so_far));
            before.starts_with(&so_far).then_some(())?;
            let id = before.get(so_far.len()).copied().or_else(|| header(place))?;
            Some((id, share(so_far.len(), before.len())))
        }
        Slot::Kind => {
            has_notes(n).then_some(())?;
            let id = before.get(n).map(|next| next.0[0]).or_else(|| header(place))?;
            Some((id, share(n, before.len())))
        }
        Slot::Pitch => {
            let next = before.get(n).filter(|next| has_notes(n) && place.before == &next.0[..1])?;
            Some((next.0[1], share(n + 1, before.len())))
        }
        Slot::Duration | Slot::Velocity => None,
    }
}

fn header(place: &Place) -> Option<u16> {
    place.grammar.next_header().map(|header| header.0[0])
}

#[expect(clippy::cast_precision_loss, reason = "notes of a bar")]
fn share(n: usize, of: usize) -> f32 {
    n as f32 / of.max(1) as f32
}

/// `item` as `ruled` allows it, moved to the nearest allowed pitch at most `near` ids away; `None` if there is none.
fn admitted(item: Item, near: u16, ruled: &Mask, pitches: &impl Fn(u16) -> Mask) -> Option<Item> {
    let token = item.token();
    if !ruled.allows(token.0[0]) {
        return None;
    }
    let pitches = pitches(token.0[0]);
    match item {
        Item::Rhythm(_) => pitches.allowed().next().map(|_| item),
        Item::Note(mut token) => {
            let wanted = token.0[1];
            let distance = |id: &u16| id.abs_diff(wanted);
            let nearest = pitches.allowed().min_by_key(distance).filter(|id| distance(id) <= near)?;
            token.0[1] = nearest;
            Some(Item::Note(token))
        }
    }
}

fn retain_if_allowed(mask: &mut Mask, id: u16) {
    if mask.allows(id) {
        mask.retain(|other| other == id);
    }
}

/// The notes of `phrase` as tokens, in body order.
fn notes_of(phrase: &Phrase) -> BTreeMap<Cell, Vec<Token>> {
    let view = Quantised::of(phrase, VelocityView::ALL);
    let cells = (0..phrase.frame().n_bars_total())
        .flat_map(|bar| Part::ALL.into_iter().map(move |part| Cell { bar, part }));
    cells
        .map(|cell| (cell, view.notes(cell).into_iter().map(Symbol::to_token).collect::<Vec<_>>()))
        .filter(|(_, notes)| !notes.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{ChordQuality, Key, Meter, PitchClass};
    use crate::session::{Task, TaskSettings};
    use crate::token::vocab::SLOT_SIZES;

    /// The bars, of four, in which staying on a chord is made less likely, under `plan` and with a chord in bar 1.
    fn leaned(plan: BarPlan) -> Vec<u32> {
        let frame = Frame::new(Meter::COMMON, 4, Key::C_MAJOR, 100.0);
        let task = Task::generate(frame, &[Part::Chords], TaskSettings::default()).unwrap();
        let prompt = task.prompt().unwrap();
        let (mut grammar, mut follower) = (Grammar::new(&prompt.plan()), Follower::new(plan, &prompt));
        let chord = Symbol::Chord {
            position: 0,
            chord: Some((PitchClass::new(7), ChordQuality::Major)),
            duration: Some(48),
        };
        let mut bars = Vec::new();
        while let Some(header) = grammar.next_header() {
            let token = if let Some(bar) = grammar.harmony_bar().filter(|_| grammar.last_position().is_none())
            {
                let is_against = |before: &[u16], slot: Slot, id: u16| {
                    let mut logits = vec![0.0; usize::from(SLOT_SIZES[slot.index()])];
                    let place = Place { frame: &frame, grammar: &grammar, before };
                    follower.lean(&place, slot, &mut logits);
                    logits.iter().all(|logit| *logit <= 0.0) && logits[usize::from(id)] < 0.0
                };
                let token = chord.to_token();
                let stays = is_against(&[], Slot::Kind, header.0[0]);
                assert_eq!(stays, is_against(&token.0[..1], Slot::Pitch, token.0[1]), "bar {bar}");
                bars.extend(stays.then_some(bar));
                token
            } else {
                header
            };
            follower.step(&Place { frame: &frame, grammar: &grammar, before: &[] }, token);
            grammar.advance(token);
        }
        bars
    }

    #[test]
    fn chords_stay_where_they_are_planned_to_and_at_the_end() {
        let parts = [Part::Chords].into();
        let all_new = BarPlan { has_harmony: true, parts, ..BarPlan::default() };
        assert_eq!(leaned(all_new.clone()), [1, 2]);
        assert_eq!(leaned(BarPlan { harmony: [(1, 0)].into(), ..all_new.clone() }), [2]);
        assert!(leaned(BarPlan { has_harmony: false, ..all_new }).is_empty());
    }
}
