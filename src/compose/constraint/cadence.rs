//! Endings: what the last chords lead to, and where the parts come to rest.
//!
//! *Close* has the style's approach in the bar before the last and the tonic in the last. *Open* ends on the dominant,
//! *Loop* on a chord that leads back to the first. Given chords stay, and the parts end on the last of them. In the
//! last bar of *Close* every part comes to rest by the middle of the bar: the melody on the tonic, the bass on the
//! root, the drums with kick and crash on the first beat. In *Open* the melody comes to rest on a tone over the
//! dominant.

use super::{Constraint, Place, root_of, written};
use crate::music::ending::Ending;
use crate::music::{Chord, Part, PitchClass, TickDuration, TickInstant};
use crate::session::Task;
use crate::token::vocab::{DURATIONS, tone_of};
use crate::token::{Harmony, Mask, Prompt, Slot, Style, Symbol, Token, Tone};

/// Pitch classes above the tonic, one bit each.
type Classes = u16;

/// The tonic alone.
const TONIC: Classes = classes(&[0]);

/// The dominant alone.
const DOMINANT: Classes = classes(&[7]);

/// Resting tones of a melody over a half cadence: the second, the fifth and both sevenths.
const WAITING: Classes = classes(&[2, 7, 10, 11]);

/// General MIDI keys of the last hit: kicks.
const KICKS: [u8; 2] = [35, 36];
/// General MIDI keys of the last hit: crashes.
const CRASHES: [u8; 2] = [49, 57];

/// The ending of a task.
#[derive(Debug, Clone)]
pub struct Cadence {
    ending: Ending,
    style: Option<Style>,
    /// Index of the last bar.
    last_bar: u32,
    /// Whether the network writes the chords.
    composes_chords: bool,
    /// Root of the first chord, in semitones above the tonic.
    first_root: Option<u8>,
    /// The chord with the latest onset, its onset and end.
    chord: Option<(Chord, TickInstant, TickInstant)>,
    /// The last note written in the last bar, indexed by `[part_idx]`.
    last: [Option<Last>; 5],
}

/// A note of the last bar.
#[derive(Debug, Clone, Copy)]
struct Last {
    position: u32,
    pitch: u8,
    class: u8,
    n_steps: u32,
}

impl Cadence {
    /// The ending of `task`; `prompt` is the task's.
    pub fn new(task: &Task, prompt: &Prompt) -> Self {
        let frame = prompt.frame();
        let given = prompt.given_progression();
        let first = given.spans().first().filter(|span| span.onset == TickInstant::ZERO);
        let last = given.spans().iter().rfind(|span| span.end() >= frame.end());
        let is_given = matches!(prompt.harmony, Harmony::Given(_));
        Self {
            ending: task.ending,
            style: task.controls.style,
            last_bar: frame.n_bars_total() - 1,
            composes_chords: prompt.harmony == Harmony::Composed,
            first_root: first.and_then(|span| span.chord).map(|chord| chord.root.above(frame.key.tonic)),
            chord: last.filter(|_| is_given).and_then(|span| Some((span.chord?, span.onset, span.end()))),
            last: [None; 5],
        }
    }

    /// Roots allowed for the last chord of `bar`; `None` for any.
    fn goal(&self, bar: u32) -> Option<Classes> {
        match self.ending {
            Ending::Close if bar == self.last_bar => Some(TONIC),
            Ending::Close if bar + 1 == self.last_bar => Some(approaches(self.style)),
            Ending::Open if bar == self.last_bar => Some(DOMINANT),
            Ending::Loop if bar == self.last_bar => Some(match self.first_root {
                Some(0) | None => leads_back(self.style),
                Some(root) => !classes(&[root]),
            }),
            _ => None,
        }
    }

    fn restrict_chords(&self, place: &Place, bar: u32, goal: Classes, slot: Slot, mask: &mut Mask) {
        let bar_steps = place.frame.meter.bar_steps();
        // The tonic of a close fills its bar from the first beat; elsewhere another chord may come before.
        let latest = if goal == TONIC { 0 } else { resting_place(place) };
        let is_kind = |id: u16| (Token::CHORD_KINDS..Token::SLASH_KIND).contains(&id);
        let position =
            place.before.first().filter(|kind| is_kind(**kind)).map(|kind| kind - Token::CHORD_KINDS);
        match slot {
            Slot::Kind => {
                let sounds_on = |at: u32| {
                    self.chord.filter(|(chord, _, end)| {
                        fits(goal, chord.root.above(place.frame.key.tonic))
                            && *end >= place.frame.bar_start(bar) + TickDuration::from_steps(at)
                    })
                };
                if sounds_on(bar_steps).is_none() {
                    mask.retain(|id| {
                        id == Token::SLASH_KIND && goal != TONIC
                            || is_kind(id) && u32::from(id - Token::CHORD_KINDS) <= latest
                    });
                } else if goal == TONIC {
                    mask.forbid(Token::SLASH_KIND);
                }
            }
            Slot::Pitch => {
                if position.is_some_and(|position| u32::from(position) >= latest) {
                    mask.retain(|id| root_of(id).is_some_and(|root| fits(goal, root)));
                }
            }
            Slot::Duration => {
                let Some(position) = position.map(u32::from) else { return };
                let is_goal =
                    place.before.get(1).copied().and_then(root_of).is_some_and(|root| fits(goal, root));
                let (least, most) = if is_goal {
                    (bar_steps - position.min(bar_steps), u32::MAX)
                } else {
                    (0, bar_steps / 2)
                };
                retain_durations(mask, |steps| (least..=most).contains(&steps));
            }
            Slot::Velocity => {}
        }
    }

    /// The pitch classes above the tonic on which `part` comes to rest; all if it need not.
    fn rest_on(&self, place: &Place, part: Part) -> Classes {
        let above = |class: PitchClass| class.above(place.frame.key.tonic);
        let chord = self.chord.map(|(chord, ..)| chord);
        let tones = chord.map_or(Classes::MAX, |chord| {
            (0..12)
                .filter(|class| chord.contains(place.frame.key.tonic.up(*class)))
                .fold(0, |all, class| all | 1 << class)
        });
        let root = |usual: Classes| chord.map_or(usual, |chord| 1 << above(chord.root));
        match (self.ending, part) {
            (Ending::Close, Part::Melody) if tones & TONIC != 0 => TONIC,
            (Ending::Close, Part::Melody | Part::Bass) => root(TONIC),
            (Ending::Open, Part::Melody) if tones & WAITING != 0 => tones & WAITING,
            (Ending::Open, Part::Melody) => tones,
            (Ending::Open, Part::Bass) => root(DOMINANT),
            _ => Classes::MAX,
        }
    }

    /// Whether `part` must end by the resting position: none of its notes in the last bar begins later.
    fn comes_to_rest(&self, part: Part) -> bool {
        match self.ending {
            Ending::Close => true,
            Ending::Open => part == Part::Melody,
            Ending::Any | Ending::Loop => false,
        }
    }

    fn restrict_notes(&self, place: &Place, part: Part, slot: Slot, mask: &mut Mask) {
        let latest = if part.is_drums() { 0 } else { resting_place(place) };
        let goal = self.rest_on(place, part);
        let is_kind = |id: u16| (Token::NOTE_KINDS..Token::CHORD_KINDS).contains(&id);
        let position =
            place.before.first().filter(|kind| is_kind(**kind)).map(|kind| kind - Token::NOTE_KINDS);
        let is_at_rest = position.is_some_and(|position| u32::from(position) >= latest);
        match slot {
            Slot::Kind => {
                let last = self.last[part.index()];
                let is_done = last.is_some_and(|last| self.is_rest(place, part, last));
                mask.retain(
                    |id| if is_kind(id) { u32::from(id - Token::NOTE_KINDS) <= latest } else { is_done },
                );
                if part == Part::Melody && is_done && last.is_some_and(|last| last.position >= latest) {
                    mask.retain(|id| !is_kind(id));
                }
            }
            Slot::Pitch if part.is_drums() => {
                let kick = self.last[part.index()].filter(|last| KICKS.contains(&last.pitch));
                let keys = if kick.is_none() { KICKS } else { CRASHES };
                mask.retain(|id| matches!(tone_of(id), Some(Tone::Drum(key)) if keys.contains(&key)));
            }
            // The bass has the root from the first beat on.
            Slot::Pitch if is_at_rest || (part == Part::Bass && self.ending == Ending::Close) => {
                mask.retain(|id| class_of(id).is_none_or(|class| fits(goal, class)));
            }
            Slot::Duration if is_at_rest && part == Part::Melody => {
                retain_durations(mask, |steps| steps >= LEAST_REST);
            }
            // A note that is no resting tone ends early enough for one.
            Slot::Duration if part == Part::Melody => {
                let class = place.before.get(1).copied().and_then(class_of);
                let position = position.map_or(latest, u32::from);
                if position > 0 || class.is_none_or(|class| !fits(goal, class)) {
                    retain_durations(mask, |steps| position + steps <= latest);
                }
            }
            _ => {}
        }
    }

    /// Whether the part may end with `last`.
    fn is_rest(&self, place: &Place, part: Part, last: Last) -> bool {
        let is_strong = last.position == 0 || last.position >= resting_place(place);
        match part {
            Part::Drums => CRASHES.contains(&last.pitch),
            Part::Melody => {
                is_strong && fits(self.rest_on(place, part), last.class) && last.n_steps >= LEAST_REST
            }
            Part::Bass => fits(self.rest_on(place, part), last.class),
            Part::Chords | Part::Arpeggio => true,
        }
    }
}

/// Shortest last note of a melody, in steps: a beat.
const LEAST_REST: u32 = 12;

impl Constraint for Cadence {
    fn restrict(&self, place: &Place, slot: Slot, mask: &mut Mask) {
        if let Some(bar) = place.grammar.harmony_bar().filter(|_| self.composes_chords) {
            if let Some(goal) = self.goal(bar) {
                self.restrict_chords(place, bar, goal, slot, mask);
            }
        } else if let Some(cell) = place.grammar.cell()
            && cell.bar == self.last_bar
            && self.comes_to_rest(cell.part)
        {
            self.restrict_notes(place, cell.part, slot, mask);
        }
    }

    fn step(&mut self, place: &Place, token: Token) {
        if self.ending == Ending::Any {
            return;
        }
        if let (Some(bar), Some(Symbol::Chord { position, chord: Some((root, quality)), duration })) =
            (place.grammar.harmony_bar(), Symbol::from_token(token))
        {
            let onset = place.frame.bar_start(bar) + TickDuration::from_steps(position);
            if onset == TickInstant::ZERO {
                self.first_root = Some(root.number());
            }
            let chord = Chord::new(root.up(place.frame.key.tonic.number()), quality);
            self.chord = Some((chord, onset, onset + TickDuration::from_steps(duration.unwrap_or(0))));
        }
        let Some((cell, note)) = written(place, token).filter(|(cell, _)| cell.bar == self.last_bar) else {
            return;
        };
        self.last[cell.part.index()] = Some(Last {
            position: note.onset.since(place.frame.bar_start(cell.bar)).to_nearest_steps(),
            pitch: note.pitch.number(),
            class: note.pitch.class().above(place.frame.key.tonic),
            n_steps: note.duration.to_nearest_steps(),
        });
    }
}

/// The last strong position of a bar, in steps: its middle if it has one, else its first beat.
fn resting_place(place: &Place) -> u32 {
    let meter = place.frame.meter;
    if meter.felt_beats().is_multiple_of(2) { meter.bar_steps() / 2 } else { 0 }
}

/// Roots that lead to the tonic at the end of a piece of `style`.
const fn approaches(style: Option<Style>) -> Classes {
    match style {
        Some(Style::Classical | Style::Baroque | Style::Romantic | Style::Hymn | Style::Ragtime) => {
            classes(&[7])
        }
        Some(Style::Jazz) => classes(&[1, 7]),
        // From the dominant or from below, as in modal music.
        _ => classes(&[5, 7, 10]),
    }
}

/// Roots that lead from the end of a phrase of `style` back to the tonic as first chord.
const fn leads_back(style: Option<Style>) -> Classes {
    match style {
        Some(Style::Classical | Style::Baroque | Style::Romantic | Style::Hymn | Style::Ragtime) => {
            classes(&[7, 11])
        }
        Some(Style::Jazz) => classes(&[1, 2, 7]),
        _ => classes(&[2, 5, 7, 10]),
    }
}

const fn classes(list: &[u8]) -> Classes {
    let (mut all, mut idx) = (0, 0);
    while idx < list.len() {
        all |= 1 << list[idx];
        idx += 1;
    }
    all
}

const fn fits(classes: Classes, class: u8) -> bool {
    classes >> (class % 12) & 1 == 1
}

/// The pitch class above the tonic of an id of the pitch slot; `None` for percussion.
fn class_of(id: u16) -> Option<u8> {
    match tone_of(id)? {
        Tone::Pitched(relative) => u8::try_from(relative.rem_euclid(12)).ok(),
        Tone::Drum(_) => None,
    }
}

fn retain_durations(mask: &mut Mask, keeps: impl Fn(u32) -> bool) {
    mask.retain(|id| {
        let idx = usize::from(id.saturating_sub(Token::DURATION_IDS.start));
        !Token::DURATION_IDS.contains(&id) || DURATIONS.get(idx).is_some_and(|&steps| keeps(u32::from(steps)))
    });
}
