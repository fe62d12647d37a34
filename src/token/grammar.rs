//! The grammar of the body: a mask of the ids that may come next in a slot.
//!
//! The plan fixes every bar line and cell; between them the network writes notes in order of position, then pitch. A
//! token whose slots each have one allowed id needs no call of the network.

use super::plan::Plan;
use super::vocab::{NONE, SLOT_SIZES, Slot, Symbol, Token};
use crate::music::{Cell, Part};

/// The ids of one slot that may not come next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    /// Indexed by `[id]`; true where forbidden.
    forbidden: Vec<bool>,
}

impl Mask {
    /// A mask for `slot` that forbids everything.
    pub fn forbidding_all(slot: Slot) -> Self {
        Self { forbidden: vec![true; usize::from(SLOT_SIZES[slot.index()])] }
    }

    /// Allows `id`.
    pub fn allow(&mut self, id: u16) {
        if let Some(forbidden) = self.forbidden.get_mut(usize::from(id)) {
            *forbidden = false;
        }
    }

    /// Forbids `id`.
    pub fn forbid(&mut self, id: u16) {
        if let Some(forbidden) = self.forbidden.get_mut(usize::from(id)) {
            *forbidden = true;
        }
    }

    /// Forbids every id for which `keeps` is false.
    pub fn retain(&mut self, keeps: impl Fn(u16) -> bool) {
        for (id, forbidden) in (0..).zip(&mut self.forbidden) {
            *forbidden = *forbidden || !keeps(id);
        }
    }

    /// Whether `id` may come next.
    pub fn allows(&self, id: u16) -> bool {
        self.forbidden.get(usize::from(id)).is_some_and(|forbidden| !forbidden)
    }

    /// The allowed ids in ascending order.
    pub fn allowed(&self) -> impl Iterator<Item = u16> {
        (0..).zip(&self.forbidden).filter(|(_, forbidden)| !**forbidden).map(|(id, _)| id)
    }

    /// The allowed id if there is exactly one, which then needs no sampling.
    pub fn sole(&self) -> Option<u16> {
        let mut allowed = self.allowed();
        allowed.next().filter(|_| allowed.next().is_none())
    }

    /// Indexed by `[id]`; true where forbidden.
    pub fn forbidden(&self) -> &[bool] {
        &self.forbidden
    }
}

/// The state of the grammar: the place in the plan that the body has reached.
#[derive(Debug, Clone)]
pub struct Grammar {
    bar_steps: u32,
    has_harmony: bool,
    /// Every token that the plan fixes, `End` last.
    headers: Vec<Header>,
    /// Headers written so far.
    n_written: usize,
    /// The last note or chord under the current header.
    last: Option<Last>,
}

#[derive(Debug, Clone, Copy)]
struct Header {
    symbol: Symbol,
    bar: u32,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    position: u32,
    /// Id in the pitch slot.
    pitch: u16,
    /// A chord that may still get a slash.
    takes_slash: bool,
}

impl Grammar {
    /// The state at the start of the body of `plan`.
    pub fn new(plan: &Plan) -> Self {
        let mut headers = Vec::new();
        for bar in &plan.bars {
            headers.push(Header { symbol: plan.opening(bar), bar: bar.bar });
            headers.extend(bar.cells.iter().map(|cell| Header { symbol: cell.header(), bar: bar.bar }));
        }
        headers.push(Header { symbol: Symbol::End, bar: u32::MAX });
        Self {
            bar_steps: plan.meter.bar_steps(),
            has_harmony: plan.has_harmony,
            headers,
            n_written: 0,
            last: None,
        }
    }

    /// Whether `End` was written.
    pub const fn is_complete(&self) -> bool {
        self.n_written == self.headers.len()
    }

    /// The cell whose notes are being written.
    pub fn cell(&self) -> Option<Cell> {
        let header = self.current()?;
        match header.symbol {
            Symbol::Cell { part, .. } => Some(Cell { bar: header.bar, part }),
            _ => None,
        }
    }

    /// The bar whose chord symbols are being written, before its first cell.
    pub fn harmony_bar(&self) -> Option<u32> {
        let header = self.current()?;
        (self.has_harmony && matches!(header.symbol, Symbol::Open { .. })).then_some(header.bar)
    }

    /// The bar that is being written.
    pub fn bar(&self) -> Option<u32> {
        self.current().filter(|header| header.symbol != Symbol::End).map(|header| header.bar)
    }

    /// Position of the last note or chord written under the current header.
    pub fn last_position(&self) -> Option<u32> {
        self.last.map(|last| last.position)
    }

    /// The next header of the plan; `None` once all are written.
    pub fn next_header(&self) -> Option<Token> {
        self.headers.get(self.n_written).map(|header| header.symbol.to_token())
    }

    /// The number of headers that are not yet written, `End` included.
    pub const fn n_headers_left(&self) -> usize {
        self.headers.len() - self.n_written
    }

    /// The mask of `slot` in the next token.
    ///
    /// `before` — the ids of the slots before `slot` in the same token. Everything is forbidden once the body is
    /// complete or if `before` has a forbidden id.
    pub fn mask(&self, slot: Slot, before: &[u16]) -> Mask {
        let mut mask = Mask::forbidding_all(slot);
        let Some(header) = self.next_header() else { return mask };
        let Some(&kind) = before.first() else {
            mask.allow(header.0[0]);
            self.allow_kinds(&mut mask);
            return mask;
        };
        if kind == header.0[0] {
            mask.allow(header.0[slot.index()]);
        } else if let Some(position) = kind.checked_sub(Token::NOTE_KINDS).filter(|at| *at < 96) {
            self.allow_note(slot, u32::from(position), &mut mask);
        } else if let Some(position) = kind.checked_sub(Token::CHORD_KINDS).filter(|at| *at < 96) {
            self.allow_chord(slot, u32::from(position), before, &mut mask);
        } else if kind == Token::SLASH_KIND {
            self.allow_slash(slot, &mut mask);
        }
        mask
    }

    /// Advances the state beyond `token`, which was written.
    pub fn advance(&mut self, token: Token) {
        if self.next_header().is_some_and(|header| header == token) {
            self.n_written += 1;
            self.last = None;
            return;
        }
        match Symbol::from_token(token) {
            Some(Symbol::Note { position: Some(position), .. }) => {
                self.last = Some(Last { position, pitch: token.0[1], takes_slash: false });
            }
            Some(Symbol::Chord { position, chord, .. }) => {
                self.last = Some(Last { position, pitch: token.0[1], takes_slash: chord.is_some() });
            }
            Some(Symbol::Slash(_)) => {
                if let Some(last) = &mut self.last {
                    last.takes_slash = false;
                }
            }
            _ => {}
        }
    }

    fn current(&self) -> Option<&Header> {
        self.headers.get(self.n_written.checked_sub(1)?)
    }

    fn allow_kinds(&self, mask: &mut Mask) {
        if let Some(cell) = self.cell() {
            let first = match self.last {
                None => 0,
                Some(last) if self.has_higher_tone(cell.part, last) => last.position,
                Some(last) => last.position + 1,
            };
            allow_positions(mask, Token::NOTE_KINDS, first, self.bar_steps);
        } else if self.harmony_bar().is_some() {
            let first = self.last.map_or(0, |last| last.position + 1);
            allow_positions(mask, Token::CHORD_KINDS, first, self.bar_steps);
            if self.last.is_some_and(|last| last.takes_slash) {
                mask.allow(Token::SLASH_KIND);
            }
        }
    }

    fn has_higher_tone(&self, part: Part, last: Last) -> bool {
        last.pitch + 1 < Token::tone_ids(part).end
    }

    fn allow_note(&self, slot: Slot, position: u32, mask: &mut Mask) {
        let Some(cell) = self.cell() else { return };
        match slot {
            Slot::Kind => {}
            Slot::Pitch => {
                let tones = Token::tone_ids(cell.part);
                let above = self.last.filter(|last| last.position == position).map(|last| last.pitch + 1);
                (above.unwrap_or(tones.start)..tones.end).for_each(|id| mask.allow(id));
            }
            Slot::Duration if cell.part.is_drums() => mask.allow(NONE),
            Slot::Duration => Token::DURATION_IDS.for_each(|id| mask.allow(id)),
            Slot::Velocity => Token::VELOCITY_IDS.for_each(|id| mask.allow(id)),
        }
    }

    fn allow_chord(&self, slot: Slot, position: u32, before: &[u16], mask: &mut Mask) {
        if self.harmony_bar().is_none() || self.last.is_some_and(|last| last.position >= position) {
            return;
        }
        match slot {
            Slot::Kind => {}
            Slot::Pitch => Token::ROOT_IDS.for_each(|id| mask.allow(id)),
            Slot::Duration => Token::DURATION_IDS.for_each(|id| mask.allow(id)),
            Slot::Velocity if before.get(1) == Some(&Token::NO_CHORD_ID) => mask.allow(NONE),
            Slot::Velocity => Token::QUALITY_IDS.for_each(|id| mask.allow(id)),
        }
    }

    fn allow_slash(&self, slot: Slot, mask: &mut Mask) {
        let Some(last) = self.last.filter(|last| last.takes_slash) else { return };
        match slot {
            Slot::Kind => {}
            Slot::Pitch => Token::ROOT_IDS
                .filter(|&id| id != last.pitch && id != Token::NO_CHORD_ID)
                .for_each(|id| mask.allow(id)),
            Slot::Duration | Slot::Velocity => mask.allow(NONE),
        }
    }
}

fn allow_positions(mask: &mut Mask, base: u16, first: u32, end: u32) {
    for id in (base..).take(usize::try_from(end).unwrap_or(0)).skip(usize::try_from(first).unwrap_or(0)) {
        mask.allow(id);
    }
}
