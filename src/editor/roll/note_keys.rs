//! What can be done to picked notes, by keys and from their menu.

use egui::{Event, Key, KeyboardShortcut, Modifiers, Ui};

use super::alternating;
use super::hand::Tool;
use crate::editor::conversions::ticks_of_beats;
use crate::editor::drag::Frame;
use crate::editor::keys;
use crate::editor::state::{Action, BarRange, parts_in_hand, selected};
use crate::look::PARTS;
use crate::music::{Note, Part, Phrase, TickDuration, TickInstant};
use crate::session::{Alteration, Edit, Mark, NoteName};

/// The change of a velocity by one key.
const LOUDER: i32 = 5;

const NONE: Modifiers = Modifiers::NONE;
const ALT: Modifiers = Modifiers::ALT;
const SHIFT: Modifiers = Modifiers::SHIFT;
const COMMAND: Modifiers = Modifiers::COMMAND;

/// What can be done to picked notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Removes them.
    Remove,
    /// Puts copies after them.
    Duplicate,
    /// Moves them up by an octave.
    OctaveUp,
    /// Moves them down by an octave.
    OctaveDown,
    /// Moves their onsets to the grid.
    Quantise,
    /// Holds each until the next.
    Legato,
    /// Joins those of one pitch.
    Join,
    /// Cuts each in two.
    Split,
    /// Plays them a little otherwise.
    Humanise,
    /// Locks them, or unlocks them if all are locked.
    Lock,
}

impl Verb {
    /// In the order of the menu.
    pub const ALL: [Self; 10] = [
        Self::Lock,
        Self::Duplicate,
        Self::OctaveUp,
        Self::OctaveDown,
        Self::Quantise,
        Self::Legato,
        Self::Join,
        Self::Split,
        Self::Humanise,
        Self::Remove,
    ];

    /// Its name and its shortcut.
    pub const fn about(self) -> (&'static str, KeyboardShortcut) {
        let (name, modifiers, key) = match self {
            Self::Remove => ("Remove", NONE, Key::Delete),
            Self::Duplicate => ("Duplicate", COMMAND, Key::D),
            Self::OctaveUp => ("Octave up", SHIFT, Key::ArrowUp),
            Self::OctaveDown => ("Octave down", SHIFT, Key::ArrowDown),
            Self::Quantise => ("Quantise", NONE, Key::Q),
            Self::Legato => ("Legato", NONE, Key::T),
            Self::Join => ("Join", NONE, Key::J),
            Self::Split => ("Split", NONE, Key::S),
            Self::Humanise => ("Humanise", NONE, Key::H),
            Self::Lock => ("Lock or unlock", NONE, Key::L),
        };
        (name, KeyboardShortcut::new(modifiers, key))
    }

    /// Whether it would do something now.
    pub fn is_possible(self, frame: &Frame<'_>) -> bool {
        let n_picked = frame.memory.hand.picked.len();
        n_picked > usize::from(self == Self::Join)
    }
}

/// Does `verb` to the picked notes of `phrase`; a split is at `at` where a picked note sounds there, else in its middle.
pub fn run(frame: &mut Frame<'_>, phrase: &Phrase, verb: Verb, at: Option<TickInstant>) {
    let hand = &frame.memory.hand;
    let names: Vec<NoteName> = hand.picked.iter().copied().collect();
    let notes = || names.iter().filter_map(|name| name.find(phrase));
    let grid = TickDuration(hand.snap.ticks(phrase.frame()));
    let alteration = match verb {
        Verb::Remove => Alteration::Remove,
        Verb::Duplicate => Alteration::Copy { ticks: reach(notes(), grid, phrase), semitones: 0 },
        Verb::OctaveUp => return shift(frame, phrase, 12),
        Verb::OctaveDown => return shift(frame, phrase, -12),
        Verb::Quantise => Alteration::Quantise(grid),
        Verb::Legato => Alteration::Legato,
        Verb::Join => Alteration::Join,
        Verb::Split => {
            let sounds = |at: &TickInstant| notes().any(|note| note.onset < *at && *at < note.end());
            let middle = notes().next().map(|note| TickInstant(note.onset.0 + note.duration.0 / 2));
            let Some(at) = at.filter(sounds).or(middle) else { return };
            Alteration::Split(at)
        }
        // The velocities differ after each time, and with them the seed.
        Verb::Humanise => Alteration::Humanise(notes().map(|note| u64::from(note.played_velocity())).sum()),
        Verb::Lock => Alteration::Lock(!notes().all(|note| note.locked)),
    };
    edit(frame, phrase, Edit::Alter(names, alteration));
}

/// Asks for `edit` of `phrase` and picks the notes that it makes; a lock picks nothing new.
pub fn edit(frame: &mut Frame<'_>, phrase: &Phrase, edit: Edit) {
    if let Ok(edited) = edit.apply(phrase) {
        if let (Edit::Insert(..), Some(name)) = (&edit, edited.notes.first())
            && let Some(note) = name.find(&edited.phrase)
        {
            audition(frame, name.part, note);
        }
        frame.memory.hand.picked = edited.notes;
        frame.memory.hand.learn_length(&edit, &edited.phrase);
    }
    frame.actions.push(Action::EditNotes(edit));
}

/// Lets `note` sound, if clicked notes do.
pub fn audition(frame: &mut Frame<'_>, part: Part, note: &Note) {
    if frame.memory.hand.auditions {
        frame.actions.push(Action::Audition(part, vec![note.pitch], note.played_velocity()));
    }
}

/// Acts on the keys that were pressed, unless a widget other than the roll has the focus: they are for the picked notes,
/// and without any for the selected bars.
pub fn read(ui: &Ui, frame: &mut Frame<'_>) {
    let state = frame.state;
    let Some(phrase) = state.phrase.clone().filter(|_| !state.is_streaming) else { return };
    if frame.memory.hand.grip.is_some() {
        // The drag in progress is finished first; Escape ends it.
        return;
    }
    frame.memory.hand.keep_up_with(&phrase);
    for tool in Tool::ALL {
        if keys::pressed(ui, NONE, tool.about().1) {
            frame.memory.hand.tool = tool;
        }
    }
    for (number, part) in [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5].into_iter().zip(PARTS) {
        if keys::pressed(ui, NONE, number) {
            frame.memory.take_up(part);
        }
    }
    mark_take(ui, frame);
    clipboard(ui, frame, &phrase);
    if keys::pressed(ui, COMMAND, Key::A) {
        pick_all(frame, &phrase);
    }
    for (key, later) in [(Key::Period, true), (Key::Comma, false)] {
        for (modifiers, adds) in [(SHIFT, true), (NONE, false)] {
            if keys::pressed(ui, modifiers, key) {
                pick_neighbour(frame, &phrase, later, adds);
            }
        }
    }
    if frame.memory.hand.picked.is_empty() {
        alternating::read(ui, frame);
        edit_bars(ui, frame, &phrase);
        move_bars(ui, frame, &phrase);
        return;
    }
    if keys::pressed(ui, NONE, Key::Escape) {
        frame.memory.hand.picked.clear();
    }
    for verb in Verb::ALL {
        let (_, shortcut) = verb.about();
        let is_pressed = keys::pressed(ui, shortcut.modifiers, shortcut.logical_key)
            || verb == Verb::Remove && keys::pressed(ui, NONE, Key::Backspace);
        if is_pressed && verb.is_possible(frame) {
            run(frame, &phrase, verb, playhead(frame));
        }
    }
    arrows(ui, frame, &phrase);
}

/// Plays the take that played before, or makes the one that plays a favourite, or discards it.
fn mark_take(ui: &Ui, frame: &mut Frame<'_>) {
    let takes = &frame.state.takes;
    if let Some(other) = frame.memory.compared.other(takes)
        && keys::pressed(ui, keys::COMPARE.modifiers, keys::COMPARE.logical_key)
    {
        frame.actions.push(Action::SelectTake(other));
    }
    let Some(idx) = takes.iter().position(|take| take.is_current) else { return };
    if keys::pressed(ui, NONE, Key::F) {
        let mark = if takes[idx].is_favourite { Mark::None } else { Mark::Favourite };
        frame.actions.push(Action::MarkTake(idx, mark));
    }
    if keys::pressed(ui, NONE, Key::X) && takes.len() > 1 {
        frame.actions.push(Action::MarkTake(idx, Mark::Discarded));
    }
}

/// Moves the picked notes by the arrow keys: up and down by a semitone or to the next tone of the key, left and right by the
/// grid; with Alt their velocity and their length.
fn arrows(ui: &Ui, frame: &mut Frame<'_>, phrase: &Phrase) {
    let grid = i32::try_from(frame.memory.hand.snap.ticks(phrase.frame())).unwrap_or(i32::MAX);
    for (key, sign) in [(Key::ArrowUp, 1), (Key::ArrowDown, -1)] {
        if keys::pressed(ui, ALT, key) {
            alter(frame, phrase, Alteration::Louder(sign * LOUDER));
        } else if keys::pressed(ui, COMMAND.plus(SHIFT), key) {
            shift(frame, phrase, sign * 12);
        } else if keys::pressed(ui, COMMAND, key) {
            shift(frame, phrase, sign);
        } else if keys::pressed(ui, NONE, key) {
            let semitones = step_in_key(frame, phrase, sign);
            shift(frame, phrase, semitones);
        }
    }
    for (key, sign) in [(Key::ArrowRight, 1), (Key::ArrowLeft, -1)] {
        if keys::pressed(ui, ALT, key) {
            alter(frame, phrase, Alteration::Resize(sign * grid));
        } else if keys::pressed(ui, NONE, key) {
            alter(frame, phrase, Alteration::Move { ticks: sign * grid, semitones: 0 });
        }
    }
}

fn alter(frame: &mut Frame<'_>, phrase: &Phrase, alteration: Alteration) {
    let names = frame.memory.hand.picked.iter().copied().collect();
    edit(frame, phrase, Edit::Alter(names, alteration));
}

/// Moves the picked notes that have pitches.
fn shift(frame: &mut Frame<'_>, phrase: &Phrase, semitones: i32) {
    let picked = frame.memory.hand.picked.iter().filter(|name| !name.part.is_drums());
    let names: Vec<NoteName> = picked.copied().collect();
    if !names.is_empty() {
        edit(frame, phrase, Edit::Alter(names, Alteration::Move { ticks: 0, semitones }));
    }
}

/// The semitones to the next pitch in the direction of `sign`; of the key, if that is wanted.
fn step_in_key(frame: &Frame<'_>, phrase: &Phrase, sign: i32) -> i32 {
    let first = frame.memory.hand.picked.iter().find(|name| !name.part.is_drums());
    let Some(first) = first.filter(|_| frame.memory.hand.keeps_scale) else { return sign };
    let key = phrase.frame().key;
    let is_in_key =
        |n: &i32| first.pitch.transposed(sign * n).is_none_or(|pitch| key.contains(pitch.class()));
    sign * (1..=12).find(is_in_key).unwrap_or(1)
}

/// Copies, cuts and pastes notes: within the phrase and between takes.
fn clipboard(ui: &Ui, frame: &mut Frame<'_>, phrase: &Phrase) {
    let asked = |is_meant: fn(&Event) -> bool| {
        ui.input_mut(|input| {
            let n_before = input.events.len();
            input.events.retain(|event| !is_meant(event));
            input.events.len() < n_before
        })
    };
    let cuts = asked(|event| matches!(event, Event::Cut));
    let hand = &mut frame.memory.hand;
    if (asked(|event| matches!(event, Event::Copy)) || cuts) && !hand.picked.is_empty() {
        let notes = hand.picked.iter().filter_map(|name| Some((name.part, *name.find(phrase)?)));
        hand.clipboard = notes.collect();
        if cuts {
            alter(frame, phrase, Alteration::Remove);
        }
    }
    if asked(|event| matches!(event, Event::Paste(_))) && !frame.memory.hand.clipboard.is_empty() {
        let notes = frame.memory.hand.clipboard.clone();
        let first = notes.iter().map(|(_, note)| note.onset.0).min().unwrap_or(0);
        // Where the selected bars begin, or the bar of the playhead, at the distance from its line that they had.
        let selection = selected(frame.state, frame.memory).map(|selection| selection.first_bar);
        let bar = selection.or_else(|| playhead(frame).map(|at| phrase.frame().bar_of(at))).unwrap_or(0);
        let inside = first % phrase.frame().meter.bar_duration().0.max(1);
        let wanted = phrase.frame().bar_start(bar).0 + inside;
        let ticks = i64::from(wanted) - i64::from(first);
        edit(frame, phrase, Edit::Paste { notes, ticks: i32::try_from(ticks).unwrap_or(0) });
    }
}

/// Picks all notes of the parts in hand, in the selected bars if there are any.
fn pick_all(frame: &mut Frame<'_>, phrase: &Phrase) {
    let parts = parts_in_hand(frame.memory);
    let bars = frame.memory.bars.and_then(|range| range.within(phrase));
    let is_inside = |note: &Note| {
        let bar = phrase.frame().bar_of(note.onset);
        bars.is_none_or(|(first, n_bars)| (first..first + n_bars).contains(&bar))
    };
    let notes = phrase.all_notes().filter(|(part, note)| parts[part.index()] && is_inside(note));
    frame.memory.hand.picked = notes.map(|(part, note)| NoteName::of(part, note)).collect();
}

/// Picks the note after the last picked one, or before the first; of the part in hand, or of the melody.
fn pick_neighbour(frame: &mut Frame<'_>, phrase: &Phrase, is_later: bool, adds: bool) {
    let picked = &frame.memory.hand.picked;
    let current = if is_later {
        picked.iter().max_by_key(|name| (name.onset, name.pitch))
    } else {
        picked.iter().min_by_key(|name| (name.onset, name.pitch))
    };
    let part = frame.memory.focus.or(current.map(|name| name.part)).unwrap_or(Part::Melody);
    let at = current.map(|name| (name.onset, name.pitch));
    let place = |note: &&Note| (note.onset, note.pitch);
    let notes = phrase.notes(part);
    let next = if is_later {
        notes.iter().filter(|note| at.is_none_or(|at| place(note) > at)).min_by_key(place)
    } else {
        notes.iter().filter(|note| at.is_none_or(|at| place(note) < at)).max_by_key(place)
    };
    let Some(next) = next else { return };
    let name = NoteName::of(part, next);
    let hand = &mut frame.memory.hand;
    if !adds {
        hand.picked.clear();
    }
    hand.picked.insert(name);
    audition(frame, part, next);
}

/// Edits the notes of the selected bars; locked ones stay, and percussion has no pitches to move.
fn edit_bars(ui: &Ui, frame: &mut Frame<'_>, phrase: &Phrase) {
    let Some(selection) = selected(frame.state, frame.memory) else { return };
    let notes = |is_meant: &dyn Fn(Part) -> bool| -> Vec<NoteName> {
        let notes = selection.notes(phrase).filter(|(part, note)| is_meant(*part) && !note.locked);
        notes.map(|(part, note)| NoteName::of(part, note)).collect()
    };
    let (all, pitched) = (notes(&|_| true), notes(&|part| !part.is_drums()));
    if !all.is_empty() && (keys::pressed(ui, NONE, Key::Delete) || keys::pressed(ui, NONE, Key::Backspace)) {
        frame.actions.push(Action::EditNotes(Edit::Alter(all, Alteration::Remove)));
        return;
    }
    let moves = [
        (COMMAND.plus(SHIFT), Key::ArrowUp, 12),
        (COMMAND.plus(SHIFT), Key::ArrowDown, -12),
        (COMMAND, Key::ArrowUp, 1),
        (COMMAND, Key::ArrowDown, -1),
    ];
    let asked =
        moves.iter().find(|(modifiers, key, _)| !pitched.is_empty() && keys::pressed(ui, *modifiers, *key));
    if let Some((_, _, semitones)) = asked {
        let alteration = Alteration::Move { ticks: 0, semitones: *semitones };
        frame.actions.push(Action::EditNotes(Edit::Alter(pitched, alteration)));
    }
}

/// Moves the selection of bars by the arrow keys, with Shift its end; Escape selects none, and then leaves the part in
/// focus.
fn move_bars(ui: &Ui, frame: &mut Frame<'_>, phrase: &Phrase) {
    let last = phrase.frame().n_bars_total().saturating_sub(1);
    let moved = |bar: u32, sign: i32| bar.saturating_add_signed(sign).min(last);
    for (key, sign) in [(Key::ArrowRight, 1), (Key::ArrowLeft, -1)] {
        let range = frame.memory.bars;
        if keys::pressed(ui, SHIFT, key) {
            let range = range.unwrap_or(BarRange { anchor: 0, head: 0 });
            frame.memory.bars = Some(BarRange { head: moved(range.head, sign), ..range });
        } else if keys::pressed(ui, NONE, key) {
            let bar = range.map_or(0, |range| moved(range.head, sign));
            frame.memory.bars = Some(BarRange { anchor: bar, head: bar });
        }
    }
    let is_selecting = frame.memory.bars.is_some() || frame.memory.focus.is_some();
    if is_selecting && keys::pressed(ui, NONE, Key::Escape) && frame.memory.bars.take().is_none() {
        frame.memory.focus = None;
    }
}

/// The tick of the playhead.
fn playhead(frame: &Frame<'_>) -> Option<TickInstant> {
    let beats = frame.state.playhead_beats?;
    Some(TickInstant(ticks_of_beats(beats)))
}

/// The length of the stretch that `notes` span, in whole lines of `grid`, in whole bars if they reach over one.
fn reach<'a>(notes: impl Iterator<Item = &'a Note>, grid: TickDuration, phrase: &Phrase) -> i32 {
    let ends = notes.map(|note| (note.onset.0, note.end().0));
    let (first, last) = ends.fold((u32::MAX, 0), |(first, last), (from, to)| (first.min(from), last.max(to)));
    let bar = phrase.frame().meter.bar_duration().0;
    let length = last.saturating_sub(first);
    let unit = if length > bar { bar } else { grid.0 };
    i32::try_from(length.div_ceil(unit.max(1)) * unit).unwrap_or(i32::MAX)
}
