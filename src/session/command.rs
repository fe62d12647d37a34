//! The commands of a user, each declared once.
//!
//! A [`Verb`] composes by a single switch. It is a row of a table, from which its parameter, its name for MIDI learn,
//! its button, its tooltip and its bit among the triggers of the audio thread are derived. A [`Command`] is anything a
//! switch can do: the verbs, and what plays or silences. An [`Ask`] is what the worker composes: a verb, or something
//! that needs more arguments than a switch has.

use crate::music::{Cell, Cells, Note, Part, Phrase};

/// Composes by a single switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// A phrase from nothing.
    Generate,
    /// Bars after the current take.
    Continue,
    /// A share of the notes of the current take.
    Vary,
    /// An answer to the current take.
    Respond,
    /// The parts that are on and not in the current take.
    Accompany,
}

/// Metadata of a verb.
struct Row {
    verb: Verb,
    /// The id of its parameter. Projects store it, so it never changes.
    id: &'static str,
    /// Its name in interfaces.
    name: &'static str,
    /// What it does, in a sentence for a tooltip.
    about: &'static str,
}

/// All verbs in the order of [`Verb`], which is the order of their bits and buttons.
const VERBS: [Row; 5] = [
    Row { verb: Verb::Generate, id: "generate", name: "Generate", about: "Compose a phrase." },
    Row { verb: Verb::Continue, id: "continue", name: "Continue", about: "Add bars to the phrase." },
    Row {
        verb: Verb::Vary,
        id: "vary",
        name: "Vary",
        about: "Compose a part of the notes anew: as much as the knob Vary says.",
    },
    Row {
        verb: Verb::Respond,
        id: "respond",
        name: "Respond",
        about: "Compose an answer to the phrase, as long as the knob Bars says: a take of its own.",
    },
    Row {
        verb: Verb::Accompany,
        id: "accompany",
        name: "Accompany",
        about: "Compose the parts that are on and not in the phrase yet, under its chords.",
    },
];

impl Verb {
    /// How many there are.
    pub const N: usize = VERBS.len();

    /// All of them.
    pub const ALL: [Self; Self::N] = {
        let mut all = [Self::Generate; Self::N];
        let mut idx = 0;
        while idx < Self::N {
            all[idx] = VERBS[idx].verb;
            idx += 1;
        }
        all
    };

    const fn row(self) -> &'static Row {
        &VERBS[self as usize]
    }

    /// Its name in interfaces, such as "Continue".
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// What it does, in a sentence.
    pub const fn about(self) -> &'static str {
        self.row().about
    }
}

/// What a switch does when it is turned on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Command {
    /// Composes.
    Compose(Verb),
    /// Plays the take before.
    PreviousTake,
    /// Plays the take after.
    NextTake,
    /// Starts the phrase over, where time is our own.
    Restart,
    /// Releases all notes.
    Panic,
}

impl Command {
    /// The commands that do not compose.
    const OTHERS: [Self; 4] = [Self::PreviousTake, Self::NextTake, Self::Restart, Self::Panic];

    /// How many there are.
    pub const N: usize = Verb::N + Self::OTHERS.len();

    /// All of them, in the order of [`Self::index`].
    pub const ALL: [Self; Self::N] = {
        let mut all = [Self::Panic; Self::N];
        let mut idx = 0;
        while idx < Self::N {
            all[idx] =
                if idx < Verb::N { Self::Compose(Verb::ALL[idx]) } else { Self::OTHERS[idx - Verb::N] };
            idx += 1;
        }
        all
    };

    /// Its index in [`Self::ALL`].
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn index(self) -> usize {
        match self {
            Self::Compose(verb) => verb as usize,
            Self::PreviousTake => Verb::N,
            Self::NextTake => Verb::N + 1,
            Self::Restart => Verb::N + 2,
            Self::Panic => Verb::N + 3,
        }
    }

    /// The id of its parameter, which never changes.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Compose(verb) => verb.row().id,
            Self::PreviousTake => "prevtake",
            Self::NextTake => "nexttake",
            Self::Restart => "restart",
            Self::Panic => "panic",
        }
    }

    /// Its name in interfaces, such as "Next take"; MIDI learn stores it in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Compose(verb) => verb.name(),
            Self::PreviousTake => "Previous take",
            Self::NextTake => "Next take",
            Self::Restart => "Restart",
            Self::Panic => "Panic",
        }
    }
}

/// What the worker is to compose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// By a verb.
    Verb(Verb),
    /// An answer to some bars of the current take.
    RespondTo(Selection),
    /// A selection of the current take.
    Recompose(Selection),
    /// A share of the notes of a selection.
    Vary(Selection),
    /// An answer to what a musician played.
    Answer,
    /// A take to follow the current one while it plays, with a share of the notes composed anew.
    Evolve,
}

/// A rectangle of cells: parts in consecutive bars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// Index of the first bar, pickup included.
    pub first_bar: u32,
    /// How many bars, at least one.
    pub n_bars: u32,
    /// Selected parts, indexed by `[part_idx]`.
    pub parts: [bool; 5],
}

impl Selection {
    /// The selected cells.
    pub fn cells(&self) -> Cells {
        let parts = || Part::ALL.into_iter().filter(|part| self.parts[part.index()]);
        let bars = self.first_bar..self.first_bar.saturating_add(self.n_bars);
        bars.flat_map(|bar| parts().map(move |part| Cell { bar, part })).collect()
    }

    /// The selected notes of `phrase`, with their parts.
    pub fn notes<'a>(&self, phrase: &'a Phrase) -> impl Iterator<Item = (Part, &'a Note)> {
        let of_cell = |cell: Cell| phrase.cell(cell).iter().map(move |note| (cell.part, note));
        self.cells().into_iter().flat_map(of_cell)
    }
}

/// Which take to play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The take at this index of the project's takes.
    At(usize),
    /// The one before.
    Previous,
    /// The one after.
    Next,
    /// The take in this slot, `0..12`.
    Slot(u8),
    /// The take that is chosen already, as by undo.
    Chosen,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_command_has_a_place_an_id_and_a_name_of_its_own() {
        let of =
            |name: fn(Command) -> &'static str| Command::ALL.map(name).into_iter().collect::<BTreeSet<_>>();
        assert_eq!((of(Command::id).len(), of(Command::name).len()), (Command::N, Command::N));
        for (idx, command) in Command::ALL.into_iter().enumerate() {
            assert_eq!(command.index(), idx, "{command:?}");
        }
        assert!(Verb::ALL.iter().all(|verb| verb.about().ends_with('.')));
    }
}
