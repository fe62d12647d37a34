//! Performance: every composed note gets its nuance, as people play.
//!
//! The network writes which notes play and at which mean velocity, around which people vary. Drums get what drummers do
//! at each position of the bar, the habits of *this* drummer (drawn by the seed for the whole take), the variation of
//! each stroke, and a clock and a swell shared by the whole kit. Pitched parts get accents, contour and voicing from a
//! fitted model, and share the clock.
//!
//! # Invariants
//!
//! A note's nuance depends on the notes before it, those at the same onset and the others of its bar and part, on its
//! position, and on the seed, the take and the style; never on later bars. So a phrase that streams bar by bar equals
//! the finished one. Only nuances change. No note on a bar line is early, and two strokes of one pitch keep at least
//! half of their written distance.

mod chance;
mod manner;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::music::performance::{BEAT_PLACES, Instrument, Kit, Line, PerformanceTable, Tier, place_of};
use crate::music::time::TICKS_PER_STEP;
use crate::music::{Frame, Note, Nuance, PPQ, Part, TickInstant};
use crate::session::Task;
use chance::Chance;
use manner::Manner;

/// Performance of people, measured on recordings, for any model.
const PERFORMANCES: &str = include_str!("../../assets/performances.json");

/// Share of drummers' accents by position that is added: the network's own velocities contain some already.
const PLACE_SHARE: f64 = 0.3;

/// Shares of a stroke's variation: a pattern of four bars that repeats, and what is new in every stroke. The remainder
/// is the players' plan, which the network writes.
const PATTERN_SHARE: f64 = 0.5;
const NEW_SHARE: f64 = 0.5;

/// The network's eight velocity levels are closer to the middle than drummers' strokes: by this share of their distance from
/// this velocity, which is above the mean, since half of the training drums are loud and programmed.
const CLOSER: (f64, f64) = (0.4, 108.0);

/// Velocity offsets of single notes, and of the top, middle and lowest note of a chord: players bring out the outer
/// voices, which sequenced pieces seldom do.
const VOICING: [f64; 4] = [0.0, 4.0, -4.0, 1.0];

/// Share of the residual of a part's model that is played: half of it lies between pieces and instruments.
const LINE_SHARE: f64 = 0.7;

/// The largest change of a stroke's velocity.
const MOST_LOUDER: f64 = 45.0;

/// The lowest performed velocity.
const SOFTEST: f64 = 14.0;

/// Pitched notes louder than this are moved towards it, to leave room above.
const LOUD: f64 = 92.0;

/// Share that remains of what is above [`LOUD`].
const LOUD_SHARE: f64 = 0.5;

/// Standard deviation of the timing of a chord or note relative to the shared clock, in milliseconds.
const STRAY_MS: f64 = 3.5;

/// Delay between neighbouring voices of a chord, from the lowest up, in milliseconds.
const SPREAD_MS: f64 = 1.5;

/// Standard deviation of one voice's velocity relative to its chord's.
const VOICE_STRAY: f64 = 2.5;

/// Strokes of one instrument that are at most this many ticks apart are a roll.
const ROLL_TICKS: u32 = 2 * TICKS_PER_STEP;

/// Number of toms that make a bar of drums a fill.
const FILL_TOMS: usize = 4;

/// Gives composed notes their nuances.
#[derive(Debug, Clone)]
pub struct Performer {
    table: &'static PerformanceTable,
    manner: Manner,
    chance: Chance,
    /// Amount of performance, `0.0..=1.5`.
    amount: f64,
    /// The task's first bar in the user's phrase.
    first_bar: u32,
}

/// A slowly varying random value: its values so far.
struct Walk {
    sd: f64,
    hold: f64,
    values: Vec<f64>,
}

impl Performer {
    /// The performer of take `take` of `task`.
    pub fn new(task: &Task, seed: u64, take: u32) -> Self {
        Self {
            table: performances(),
            manner: Manner::of(task.controls.style),
            chance: Chance::new(seed, take),
            amount: f64::from(task.performance.percent()) / 100.0,
            first_bar: task.first_bar,
        }
    }

    /// Gives `composed` notes of `part` their nuances; `kept` are the part's unchanged notes. Both are sorted.
    pub fn perform(&self, frame: &Frame, part: Part, composed: &mut [Note], kept: &[Note]) {
        if self.amount <= 0.0 || composed.is_empty() {
            return;
        }
        if part.is_drums() {
            self.perform_drums(frame, composed, kept);
        } else {
            self.perform_line(frame, part, composed, kept);
        }
    }

    fn perform_drums(&self, frame: &Frame, composed: &mut [Note], kept: &[Note]) {
        let Some((kit, any)) = self.table.kit(self.manner.kit).zip(self.table.kits.last()) else { return };
        let mut clock = Walk::new(kit.clock_ms.sd, kit.clock_ms.hold);
        let mut swell = Walk::new(kit.swell.sd, kit.swell.hold);
        let mut toms = BTreeMap::<u32, usize>::new();
        for note in composed.iter().chain(kept).filter(|note| Instrument::of(note.pitch) == Instrument::Tom) {
            *toms.entry(frame.bar_of(note.onset)).or_default() += 1;
        }
        let mut last = Last::new(kept);
        for note in composed {
            let bar = frame.bar_of(note.onset);
            let is_fill = toms.get(&bar).is_some_and(|n| *n >= FILL_TOMS);
            let shared = (
                clock.at(self.beat(note.onset), |idx| self.chance.normal(&[1, idx])),
                swell.at(self.first_bar + bar, |idx| self.chance.normal(&[2, idx])),
            );
            let roll = if last.is_roll(note) { 0.35 } else { 1.0 };
            let (louder, late_ms) = self.stroke(frame, (kit, any), note, is_fill, shared, roll);
            let louder = louder.clamp(-MOST_LOUDER, MOST_LOUDER);
            note.nuance = self.nuance(frame, note, louder, late_ms, &mut last);
        }
    }

    /// By how much a stroke is louder and later than composed and written.
    fn stroke(
        &self,
        frame: &Frame,
        (kit, any): (&Kit, &Kit),
        note: &Note,
        is_fill: bool,
        (clock, swell): (f64, f64),
        roll: f64,
    ) -> (f64, f64) {
        let instrument = Instrument::of(note.pitch);
        let (tier, place) =
            (Tier::of(instrument, note.velocity), place_of(frame.meter, self.step(frame, note)));
        let number = instrument as u32;
        let key = u32::from(note.pitch.number());
        let at = self.tick(frame, note.onset);
        let (stray, stray_late) = (self.chance.normal(&[3, at, key]), self.chance.normal(&[4, at, key]));
        if let Some(machine) = self.manner.machine {
            // The same accents in every beat.
            let accent = machine.accents[place % BEAT_PLACES * 4 / BEAT_PLACES];
            let accent = if instrument.keeps_time() { accent } else { 0.0 };
            return (accent + machine.stray * stray, 6.0 * stray_late);
        }
        let Some(known) = kit.stroke(instrument).or_else(|| any.stroke(instrument)) else {
            return (8.0 * stray * roll + swell, clock + 8.0 * stray_late * roll);
        };
        let idx = tier as usize;
        let number_of_place = u32::try_from(place).unwrap_or(0);
        let habit = known.habit[place] * self.chance.normal(&[5, number, number_of_place]);
        let bar = self.first_bar + frame.bar_of(note.onset);
        let pattern = self.chance.normal(&[10, number, number_of_place, bar % 4]);
        let astray = known.stray[idx] * (PATTERN_SHARE * pattern + NEW_SHARE * stray);
        let of_place = match tier {
            _ if is_fill && !instrument.keeps_time() => {
                any.stroke(instrument).map_or(0.0, |stroke| stroke.fill[(place / BEAT_PLACES).min(3)])
            }
            Tier::Normal => PLACE_SHARE * known.velocity[place] + habit,
            // Accents and ghost notes keep their level at any position.
            Tier::Ghost | Tier::Accent => 0.5 * habit,
        };
        let late_habit = known.late_habit_ms * self.chance.normal(&[6, number, number_of_place]);
        let late = known.late_ms[place] + late_habit * roll + known.tier_late_ms[idx];
        let apart = CLOSER.0 * (f64::from(note.velocity) - CLOSER.1);
        (of_place + apart + astray * roll + swell, late + known.stray_ms[idx] * stray_late * roll + clock)
    }

    fn perform_line(&self, frame: &Frame, part: Part, composed: &mut [Note], kept: &[Note]) {
        let Some(model) = self.table.part(part.name()).or(self.table.parts.last()) else { return };
        let clock = self.table.kit(self.manner.kit).map_or_else(Default::default, |kit| kit.clock_ms);
        let (mut clock, mut stray) =
            (Walk::new(clock.sd, clock.hold), Walk::new(LINE_SHARE * model.stray.sd, model.stray.hold));
        let number = u32::try_from(part.index()).unwrap_or(0);
        let mut line = Line::default();
        let mut last = Last::new(kept);
        let mut all: Vec<(Note, Option<usize>)> = kept.iter().map(|note| (*note, None)).collect();
        all.extend(composed.iter().enumerate().map(|(idx, note)| (*note, Some(idx))));
        all.sort_by_key(|(note, _)| (note.onset, note.pitch));
        let groups = all.chunk_by(|(one, _), (other, _)| one.onset == other.onset);
        for (n_before, group) in (0..).zip(groups) {
            let chord: Vec<Note> = group.iter().map(|(note, _)| *note).collect();
            let at = self.tick(frame, chord[0].onset);
            let of_onset = stray.at(n_before, |_| self.chance.normal(&[7, number, at]));
            let shared = clock.at(self.beat(chord[0].onset), |idx| self.chance.normal(&[1, idx]));
            let own_ms = STRAY_MS * self.chance.normal(&[8, number, at]) * self.manner.line_timing();
            let mut voice = 0.0;
            for (note, idx) in group {
                let key = u32::from(note.pitch.number());
                let traits = line.traits(frame, note, &chord);
                let accent = model.velocity(&traits) + VOICING[traits.voice];
                let own = if chord.len() > 1 {
                    VOICE_STRAY * self.chance.normal(&[9, number, at, key])
                } else {
                    0.0
                };
                let settled = (LOUD - f64::from(note.velocity)).min(0.0) * (1.0 - LOUD_SHARE);
                let late_ms = shared * manner::clock_share(part)
                    + own_ms
                    + SPREAD_MS * voice
                    + self.manner.behind_ms(part);
                voice += 1.0;
                if let Some(note) = idx.and_then(|idx| composed.get_mut(idx)) {
                    // Loud notes are moved in full, whatever the style's share of dynamics.
                    let louder = accent + of_onset + own + settled / self.manner.dynamics.max(0.25);
                    note.nuance = self.nuance(frame, note, louder, late_ms, &mut last);
                }
            }
            line.step(&chord);
        }
    }

    /// The nuance of `note`, scaled by the style and the user's amount.
    fn nuance(&self, frame: &Frame, note: &Note, louder: f64, late_ms: f64, last: &mut Last) -> Nuance {
        let written = f64::from(note.velocity);
        let floor = SOFTEST.min(written);
        let velocity = (written + louder * self.manner.dynamics * self.amount).clamp(floor, 127.0);
        let ticks =
            late_ms * self.manner.timing * self.amount * f64::from(frame.tempo) * f64::from(PPQ) / 60_000.0;
        let most = f64::from(Nuance::MAX_LATE_TICKS);
        let is_on_bar = note.onset.0.is_multiple_of(frame.meter.bar_duration().0);
        let earliest = if is_on_bar { 0.0 } else { -most };
        let late = last.held(note, to_i16(ticks.clamp(earliest, most)));
        let louder = i8::try_from(to_i16(velocity - written)).unwrap_or(0);
        Nuance::new(late, louder)
    }

    /// The beat of the user's phrase that `at` lies in.
    fn beat(&self, at: TickInstant) -> u32 {
        at.0 / PPQ
    }

    /// `at` in the user's phrase, in ticks.
    fn tick(&self, frame: &Frame, at: TickInstant) -> u32 {
        at.0.wrapping_add(frame.meter.bar_duration().0.wrapping_mul(self.first_bar))
    }

    fn step(&self, frame: &Frame, note: &Note) -> u32 {
        note.onset.to_nearest_step() % frame.meter.bar_steps()
    }
}

impl Walk {
    const fn new(sd: f64, hold: f64) -> Self {
        Self { sd, hold, values: Vec::new() }
    }

    /// The value at `idx`; `draw` gives independent numbers of standard deviation 1.
    fn at(&mut self, idx: u32, draw: impl Fn(u32) -> f64) -> f64 {
        let new = (1.0 - self.hold * self.hold).max(0.0).sqrt();
        while u32::try_from(self.values.len()).is_ok_and(|n| n <= idx) {
            let next = u32::try_from(self.values.len()).unwrap_or(0);
            let value = match self.values.last() {
                Some(before) => self.hold * before + new * self.sd * draw(next),
                None => self.sd * draw(next),
            };
            self.values.push(value);
        }
        self.values.get(usize::try_from(idx).unwrap_or(0)).copied().unwrap_or(0.0)
    }
}

/// The last stroke of each pitch.
struct Last<'a> {
    kept: &'a [Note],
    /// Its onset, and its lateness in ticks.
    of_pitch: [Option<(TickInstant, i16)>; 128],
}

impl<'a> Last<'a> {
    const fn new(kept: &'a [Note]) -> Self {
        Self { kept, of_pitch: [None; 128] }
    }

    /// The stroke before `note` on the same pitch.
    fn before(&self, note: &Note) -> Option<(TickInstant, i16)> {
        let composed = self.of_pitch[usize::from(note.pitch.number())];
        let n_before = self.kept.partition_point(|other| other.onset < note.onset);
        let kept = self.kept[..n_before].iter().rev().find(|other| other.pitch == note.pitch);
        composed.max(kept.map(|other| (other.onset, other.nuance.late())))
    }

    fn is_roll(&self, note: &Note) -> bool {
        self.before(note).is_some_and(|(onset, _)| note.onset.since(onset).0 <= ROLL_TICKS)
    }

    /// `late`, limited so that strokes of a pitch keep half of their distance.
    fn held(&mut self, note: &Note, late: i16) -> i16 {
        let least = self.before(note).map(|(onset, before)| {
            before.saturating_sub(i16::try_from(note.onset.since(onset).0 / 2).unwrap_or(i16::MAX))
        });
        let n_before = self.kept.partition_point(|other| other.onset <= note.onset);
        let after = self.kept[n_before..].iter().find(|other| other.pitch == note.pitch);
        let most = after.map(|other| {
            other
                .nuance
                .late()
                .saturating_add(i16::try_from(other.onset.since(note.onset).0 / 2).unwrap_or(i16::MAX))
        });
        let held = late.max(least.unwrap_or(late)).min(most.unwrap_or(i16::MAX));
        self.of_pitch[usize::from(note.pitch.number())] = Some((note.onset, held));
        held
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "held inside velocities and ticks; a float cast saturates"
)]
fn to_i16(value: f64) -> i16 {
    value.round() as i16
}

/// The measured performance of people.
fn performances() -> &'static PerformanceTable {
    static READ: LazyLock<PerformanceTable> = LazyLock::new(|| {
        PerformanceTable::from_json(PERFORMANCES).expect("a test reads the shipped performances")
    });
    &READ
}

#[cfg(test)]
mod tests;
