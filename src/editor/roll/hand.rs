//! What the hand holds over the roll: a tool, a grid, the picked notes, and what a drag does to them.
//!
//! A drag is kept in ticks and pitches, so that zooming in the middle of it changes nothing. While it lasts, the roll shows
//! what its [`Edit`] would make; it is made when the pointer goes up.

use std::collections::{BTreeMap, BTreeSet};

use egui::{Key, Modifiers, Pos2, Rect};

use super::geometry::{Geometry, Place};
use crate::editor::conversions::{narrow, to_index};
use crate::music::nuance::Nuance;
use crate::music::time::TICKS_PER_STEP;
use crate::music::{Frame, Note, Part, Phrase, Pitch, TickDuration, TickInstant};
use crate::session::{Alteration, Edit, NoteName};

/// The velocity of a drawn note.
const DRAWN_VELOCITY: u8 = 96;

/// Points that the pointer moves up for one more of velocity.
const POINTS_PER_VELOCITY: f32 = 1.5;

/// What a click and a drag on notes do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tool {
    /// Picks and moves notes.
    #[default]
    Select,
    /// Draws notes.
    Draw,
    /// Locks and unlocks notes.
    Lock,
    /// Composes the bars that it touches anew.
    Brush,
}

impl Tool {
    /// In the order of their buttons.
    pub const ALL: [Self; 4] = [Self::Select, Self::Draw, Self::Lock, Self::Brush];

    /// Its name, its key, and what it does.
    pub const fn about(self) -> (&'static str, Key, &'static str) {
        match self {
            Self::Select => (
                "Select",
                Key::V,
                "Click a note to pick it, with Shift more of them; drag it to move it, its right edge for its length, over \
                 the empty roll to pick all inside. With Ctrl (Cmd) a drag copies, with Alt it changes the velocity, with \
                 Shift it leaves the grid. Double click to draw or remove a note.",
            ),
            Self::Draw => {
                ("Draw", Key::D, "Click to draw a note, drag for its length. Click a note to remove it.")
            }
            Self::Lock => (
                "Lock",
                Key::K,
                "Click or drag over notes to lock or unlock them: composing leaves locked ones.",
            ),
            Self::Brush => {
                ("Brush", Key::B, "Drag over bars: what it touches is composed anew, but for locked notes.")
            }
        }
    }
}

/// The grid that onsets and ends are drawn to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Snap {
    /// Whole bars.
    Bar,
    /// Quarter notes.
    Quarter,
    /// Eighth notes.
    Eighth,
    /// Eighth triplets.
    EighthTriplet,
    /// Sixteenth notes.
    #[default]
    Sixteenth,
    /// Sixteenth triplets.
    SixteenthTriplet,
    /// The finest grid that is composed: twelve steps a quarter.
    Step,
}

impl Snap {
    /// From the coarsest.
    pub const ALL: [Self; 7] = [
        Self::Bar,
        Self::Quarter,
        Self::Eighth,
        Self::EighthTriplet,
        Self::Sixteenth,
        Self::SixteenthTriplet,
        Self::Step,
    ];

    /// Its name: "1/16".
    pub const fn title(self) -> &'static str {
        match self {
            Self::Bar => "Bar",
            Self::Quarter => "1/4",
            Self::Eighth => "1/8",
            Self::EighthTriplet => "1/8 T",
            Self::Sixteenth => "1/16",
            Self::SixteenthTriplet => "1/16 T",
            Self::Step => "Fine",
        }
    }

    /// The distance of its lines, in ticks.
    pub const fn ticks(self, frame: &Frame) -> u32 {
        let steps = match self {
            Self::Bar => return frame.meter.bar_duration().0,
            Self::Quarter => 12,
            Self::Eighth => 6,
            Self::EighthTriplet => 4,
            Self::Sixteenth => 3,
            Self::SixteenthTriplet => 2,
            Self::Step => 1,
        };
        steps * TICKS_PER_STEP
    }
}

/// What the lane below the notes shows and changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lane {
    /// The velocity that a note is played with.
    #[default]
    Velocity,
    /// How much sooner or later than written it is played.
    Timing,
}

impl Lane {
    /// In the order of their buttons.
    pub const ALL: [Self; 2] = [Self::Velocity, Self::Timing];

    /// Its name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Velocity => "Velocity",
            Self::Timing => "Timing",
        }
    }

    /// The least and the largest value.
    pub const fn range(self) -> (i32, i32) {
        match self {
            Self::Velocity => (1, 127),
            Self::Timing => (-(Nuance::MAX_LATE_TICKS as i32), Nuance::MAX_LATE_TICKS as i32),
        }
    }

    /// The value of `note`.
    pub fn value(self, note: &Note) -> i32 {
        match self {
            Self::Velocity => i32::from(note.played_velocity()),
            Self::Timing => i32::from(note.nuance.late()),
        }
    }

    /// The y of `value` in `area`: the largest, or latest, at the top.
    pub fn y(self, area: Rect, value: i32) -> f32 {
        let (least, most) = self.range();
        let share = f64::from(value - least) / f64::from(most - least);
        area.bottom() - narrow(share) * area.height()
    }

    /// The value at `y` in `area`, clamped to the range.
    fn value_at(self, area: Rect, y: f32) -> i32 {
        let (least, most) = self.range();
        let share = ((area.bottom() - y) / area.height().max(1.0)).clamp(0.0, 1.0);
        let n_above = i32::try_from(to_index(share * narrow(f64::from(most - least)))).unwrap_or(0);
        least + n_above
    }

    /// The edit that gives notes these values.
    fn edit(self, values: &BTreeMap<NoteName, i32>) -> Edit {
        let each = values.iter().map(|(name, value)| (*name, *value));
        match self {
            Self::Velocity => Edit::Velocities(
                each.map(|(name, value)| (name, u8::try_from(value.clamp(1, 127)).unwrap_or(127))).collect(),
            ),
            Self::Timing => {
                Edit::Timing(each.map(|(name, value)| (name, i16::try_from(value).unwrap_or(0))).collect())
            }
        }
    }
}

/// What the hand holds.
#[derive(Debug)]
pub struct Hand {
    /// What the pointer does.
    pub tool: Tool,
    /// Where notes may begin and end.
    pub snap: Snap,
    /// Whether drawn and moved notes stay in the key.
    pub keeps_scale: bool,
    /// Whether a clicked note sounds.
    pub auditions: bool,
    /// What the lane below the notes shows.
    pub lane: Lane,
    /// The picked notes.
    pub picked: BTreeSet<NoteName>,
    /// The drag in progress.
    pub grip: Option<Grip>,
    /// The length of the next drawn note: that of the last.
    length: TickDuration,
    /// Copied notes, with their parts.
    pub clipboard: Vec<(Part, Note)>,
}

impl Default for Hand {
    fn default() -> Self {
        Self {
            tool: Tool::default(),
            snap: Snap::default(),
            keeps_scale: false,
            auditions: true,
            lane: Lane::default(),
            picked: BTreeSet::new(),
            grip: None,
            length: TickDuration::from_beats(1),
            clipboard: Vec::new(),
        }
    }
}

/// A drag in progress.
#[derive(Debug, Clone, PartialEq)]
pub enum Grip {
    /// Moves the picked notes, or copies of them.
    Move {
        /// The note that is held.
        held: NoteName,
        /// Where it was taken.
        from: Place,
    },
    /// Moves the ends of the picked notes.
    Resize {
        /// The end of the note that is held, in ticks.
        end: u32,
    },
    /// Changes the velocity of the picked notes.
    Louder {
        /// The y where it began, in points.
        from: f32,
    },
    /// Picks all notes inside a rectangle.
    Marquee {
        /// A corner.
        from: Place,
        /// What was picked before, and stays so.
        before: BTreeSet<NoteName>,
    },
    /// Draws a note.
    Draw {
        /// Its part.
        part: Part,
        /// Its onset.
        onset: TickInstant,
        /// Its pitch.
        pitch: Pitch,
    },
    /// Locks or unlocks the notes that it touches.
    Lock {
        /// The touched notes.
        touched: BTreeSet<NoteName>,
        /// Whether they are locked.
        is_locked: bool,
    },
    /// Composes bars anew.
    Brush {
        /// The bar where it began.
        anchor: u32,
    },
    /// Draws values into the lane.
    Values {
        /// The values of the notes that it passed.
        values: BTreeMap<NoteName, i32>,
        /// Where it began and where it was last, in points.
        ends: (Pos2, Pos2),
    },
}

impl Hand {
    /// Forgets picked notes that `phrase` does not have.
    pub fn keep_up_with(&mut self, phrase: &Phrase) {
        self.picked.retain(|name| name.find(phrase).is_some());
    }

    /// The edit that the drag makes with the pointer at `pos`; `None` if it makes none.
    pub fn edit(&self, roll: &Geometry<'_>, pos: Pos2, modifiers: Modifiers) -> Option<Edit> {
        let (phrase, frame) = (roll.phrase, roll.phrase.frame());
        let names = || self.picked.iter().copied().collect::<Vec<_>>();
        let at = roll.place_at(pos);
        let alter = |alteration| Some(Edit::Alter(names(), alteration));
        match self.grip.as_ref()? {
            Grip::Move { held, from } => {
                let wanted = f64::from(held.onset.0) + at.tick - from.tick;
                let ticks = self.snapped(frame, wanted, modifiers) - i64::from(held.onset.0);
                let ticks = i32::try_from(ticks).ok()?;
                let semitones = self.steps(phrase, *held, from.pitch, at);
                if modifiers.command {
                    return alter(Alteration::Copy { ticks, semitones });
                }
                ((ticks, semitones) != (0, 0)).then_some(())?;
                alter(Alteration::Move { ticks, semitones })
            }
            Grip::Resize { end } => {
                let ticks = i32::try_from(self.snapped(frame, at.tick, modifiers) - i64::from(*end)).ok()?;
                (ticks != 0).then_some(())?;
                alter(Alteration::Resize(ticks))
            }
            Grip::Louder { from } => {
                let up = (from - pos.y) / POINTS_PER_VELOCITY;
                let by = i32::try_from(to_index(up.abs())).ok()? * if up < 0.0 { -1 } else { 1 };
                (by != 0).then_some(())?;
                alter(Alteration::Louder(by))
            }
            Grip::Draw { part, onset, pitch } => {
                let end = self.snapped(frame, at.tick, modifiers).max(i64::from(onset.0));
                let dragged = u32::try_from(end).ok()?.saturating_sub(onset.0);
                let least = self.snap.ticks(frame).min(self.length.0);
                Some(self.drawn(*part, *onset, *pitch, TickDuration(dragged.max(least))))
            }
            Grip::Lock { touched, is_locked } => {
                let names = touched.iter().copied().collect();
                Some(Edit::Alter(names, Alteration::Lock(*is_locked)))
            }
            Grip::Values { values, .. } if !values.is_empty() => Some(self.lane.edit(values)),
            Grip::Values { .. } | Grip::Marquee { .. } | Grip::Brush { .. } => None,
        }
    }

    /// A new note of `part` at the grid line before `at`, as long as the last one; drums where the row is one of drums.
    pub fn note_at(&self, frame: &Frame, part: Part, at: Place) -> (Part, TickInstant, Pitch) {
        let part = if at.is_drums { Part::Drums } else { part };
        let grid = f64::from(self.snap.ticks(frame));
        let onset = (at.tick / grid).floor().max(0.0) * grid;
        let is_kept = self.keeps_scale && !part.is_drums();
        let pitch = if is_kept { frame.key.nearest(at.pitch) } else { at.pitch };
        (part, TickInstant(u32::try_from(whole(onset)).unwrap_or(0)), pitch)
    }

    /// The edit that draws a note of the usual length.
    pub fn draw(&self, part: Part, onset: TickInstant, pitch: Pitch) -> Edit {
        self.drawn(part, onset, pitch, self.length)
    }

    fn drawn(&self, part: Part, onset: TickInstant, pitch: Pitch, duration: TickDuration) -> Edit {
        Edit::Insert(part, Note::new(onset, duration, pitch, DRAWN_VELOCITY))
    }

    /// Takes the length of the next note from what `edit` drew or resized in `phrase`.
    pub fn learn_length(&mut self, edit: &Edit, phrase: &Phrase) {
        let of_first = || self.picked.first().and_then(|name| name.find(phrase)).map(|note| note.duration);
        let length = match edit {
            Edit::Insert(part, note) if !part.is_drums() => Some(note.duration),
            Edit::Alter(_, Alteration::Resize(_)) => of_first(),
            _ => None,
        };
        self.length = length.unwrap_or(self.length);
    }

    /// `tick` on the nearest line of the grid; with Shift on the nearest step.
    fn snapped(&self, frame: &Frame, tick: f64, modifiers: Modifiers) -> i64 {
        let snap = if modifiers.shift { Snap::Step } else { self.snap };
        let grid = f64::from(snap.ticks(frame));
        whole((tick / grid).round() * grid)
    }

    /// The semitones from `from` to `at`, so that `held` stays in the key if that is wanted.
    fn steps(&self, phrase: &Phrase, held: NoteName, from: Pitch, at: Place) -> i32 {
        if at.is_drums != held.part.is_drums() {
            return 0;
        }
        let steps = i32::from(at.pitch.number()) - i32::from(from.number());
        if steps == 0 || !self.keeps_scale || held.part.is_drums() {
            return steps;
        }
        let wanted = Pitch::clamped(i32::from(held.pitch.number()) + steps);
        i32::from(phrase.frame().key.nearest(wanted).number()) - i32::from(held.pitch.number())
    }

    /// Goes on with a drag in the lane to `pos`: each of `notes` that the pointer passed gets the value there; with Shift
    /// those of the straight line from where it began.
    pub fn draw_values(
        &mut self,
        roll: &Geometry<'_>,
        area: Rect,
        pos: Pos2,
        modifiers: Modifiers,
        notes: &[(Part, Note)],
    ) {
        let (lane, Some(Grip::Values { values, ends: (first, last) })) = (self.lane, &mut self.grip) else {
            return;
        };
        let from = if modifiers.shift { *first } else { *last };
        let (left, right) = if from.x <= pos.x { (from, pos) } else { (pos, from) };
        if modifiers.shift {
            values.clear();
        }
        for (part, note) in notes {
            let x = roll.x(note.onset) + 2.0;
            // The width of a bar in the lane is passed, however fast the pointer.
            if (left.x - 4.0..=right.x + 4.0).contains(&x) {
                let share = if right.x - left.x < 1.0 {
                    1.0
                } else {
                    ((x - left.x) / (right.x - left.x)).clamp(0.0, 1.0)
                };
                let y = left.y + share * (right.y - left.y);
                values.insert(NoteName::of(*part, note), lane.value_at(area, y));
            }
        }
        *last = pos;
    }
}

/// The whole number nearest to `ticks`.
#[expect(clippy::cast_possible_truncation, reason = "a phrase has fewer ticks than 32 bits hold")]
fn whole(ticks: f64) -> i64 {
    ticks.round() as i64
}
