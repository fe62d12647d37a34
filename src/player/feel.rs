//! Performance, swing, groove, humanise, accent and length: how notes are played rather than written.
//!
//! Swing bends time inside each pair of units, piecewise linear and rising, so that order is kept. Pairs are counted
//! from the bar line; a unit without a partner at the end of a bar stays straight. A groove adds the lateness of its
//! sixteenths: a note gets the lateness and loudness of the position where it is *written*, swung or not, interpolated
//! between sixteenths so that time still rises. Humanise moves a whole note later.
//!
//! None of this moves a note earlier. A groove's earliest sixteenth stays at its written position, and all others are
//! late relative to it, which delays the whole by the groove's mean, a few milliseconds.
//!
//! A performed note brings its own nuance, late or early, louder or softer, scaled by the performance amount. No note
//! on a bar line is early, and an early note is never lost: [`Schedule::find`](super::schedule::Schedule::find) plays
//! it where time begins. Groove and performance are not added: the groove's timing replaces the performance's in
//! proportion to the groove amount, and the performance's loudness replaces the groove's in proportion to the
//! performance amount.
//!
//! All of this depends on the note alone, so every pass and every bounce is the same.

use super::clip::{Cause, Clip, ClipNote, Played};
use super::settings::{MAX_PERFORMANCE, Settings, SwingUnit, to_velocity};
use crate::music::groove::{Groove, MAX_LATE_TICKS, PLACE_TICKS};
use crate::music::nuance::Nuance;
use crate::music::phrase::{Note, Phrase};
use crate::music::time::{PPQ, TickDuration, TickInstant};

/// The largest delay by humanise, in ticks: less than half a grid step even where swing makes steps short.
const MAX_JITTER_TICKS: f64 = 30.0;

/// The largest delay by humanise, in seconds at the phrase's own tempo.
const MAX_JITTER_SECONDS: f64 = 0.015;

/// The largest change of a velocity by humanise.
const MAX_VELOCITY_JITTER: f64 = 12.0;

/// What full accent adds to velocities, by metrical strength.
const ACCENTS: [f64; 5] = [-10.0, -5.0, 8.0, 12.0, 20.0];

/// The shortest that a note is made, in ticks.
const MIN_TICKS: f64 = 30.0;

/// The hardest swing: the first unit's share of a pair.
const MAX_SWING: f64 = 0.75;

/// The largest shift by a performance, in ticks.
const MAX_NUANCE_TICKS: f64 = MAX_PERFORMANCE * Nuance::MAX_LATE_TICKS as f64;

/// The largest delay of any note, in beats: an off-beat eighth at the hardest swing, on the latest sixteenth of a
/// groove, with performance and humanise.
pub const MAX_SHIFT_BEATS: f64 =
    MAX_SWING - 0.5 + (MAX_LATE_TICKS + MAX_JITTER_TICKS + MAX_NUANCE_TICKS) / PPQ_F64;

/// The largest advance of any note, in beats.
pub const MAX_EARLY_BEATS: f64 = MAX_NUANCE_TICKS / PPQ_F64;

const PPQ_F64: f64 = 960.0;
const _: () = assert!(PPQ == 960 && PLACE_TICKS == 240, "PPQ_F64 is PPQ, and a place is a quarter of it");
const _: () = assert!(
    MAX_LATE_TICKS / 240.0 < 2.0 - 2.0 * MAX_SWING,
    "where swing makes time slowest, no groove may take more from a place than swing leaves of it"
);

/// All performance settings, resolved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Feel {
    /// The first unit's share of a pair, `0.5..=0.75`.
    swing: f64,
    /// Length of a unit in ticks.
    unit_ticks: u32,
    /// The groove, scaled by its amount.
    groove: Groove,
    /// Share of the nuances' loudness, `0.0..=`[`MAX_PERFORMANCE`].
    performance: f64,
    /// Share of the nuances' timing that the groove leaves.
    timing: f64,
    /// Share of the largest jitter, `0.0..=1.0`.
    humanise: f64,
    /// Share of the full accent, `0.0..=1.0`.
    accent: f64,
    /// Factor of note lengths, `0.1..=2.0`.
    length: f64,
}

/// A note with its performance applied.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FeltNote {
    /// Beats from the start of the phrase.
    pub onset: f64,
    /// Beats from the start of the phrase, after `onset`.
    pub end: f64,
    /// MIDI velocity, `1..=127`.
    pub velocity: u8,
}

impl Feel {
    /// Resolves `settings`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn new(settings: &Settings) -> Self {
        let held = |value: f32, low: f64, high: f64| {
            if value.is_nan() { low } else { f64::from(value).clamp(low, high) }
        };
        let performance = if settings.performance.is_nan() {
            1.0
        } else {
            held(settings.performance, 0.0, MAX_PERFORMANCE)
        };
        let is_grooving = settings.groove != Groove::STRAIGHT;
        let of_groove = if is_grooving { held(settings.groove_amount, 0.0, 1.0) } else { 0.0 };
        Self {
            swing: held(settings.swing, 0.5, MAX_SWING),
            unit_ticks: match settings.swing_unit {
                SwingUnit::Eighth => PPQ / 2,
                SwingUnit::Sixteenth => PPQ / 4,
            },
            groove: settings.groove.scaled(settings.groove_amount),
            performance,
            timing: performance * (1.0 - of_groove),
            humanise: held(settings.humanise, 0.0, 1.0),
            accent: held(settings.accent, 0.0, 1.0),
            length: if settings.note_length.is_nan() { 1.0 } else { held(settings.note_length, 0.1, 2.0) },
        }
    }

    /// Applies the feel to `note` of `clip`. With straight swing, full length and all amounts 0 the note is unchanged.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn play(&self, clip: &Clip, note: &ClipNote) -> FeltNote {
        let bar_ticks = clip.bar_duration().0;
        let most = (MAX_JITTER_SECONDS * f64::from(clip.tempo()) / 60.0 * PPQ_F64).min(MAX_JITTER_TICKS);
        let dice = hash(note);
        let shift = self.humanise * most * share(dice);
        let louder = self.humanise * MAX_VELOCITY_JITTER * (2.0 * share(dice.rotate_left(32)) - 1.0);
        let accent = self.accent * ACCENTS[usize::from(clip.strength(note.onset)).min(4)];
        let groove = self.groove.at(note.onset, bar_ticks);
        let Played { late, end_late, louder: played_louder } = note.played;
        let performed = f64::from(played_louder) * self.performance;
        let factor = if note.played == Played::NONE {
            groove.velocity
        } else {
            1.0 + (groove.velocity - 1.0) * (1.0 - self.performance).max(0.0)
        };
        let late = f64::from(late) * self.timing;
        let onset = (self.swung(note.onset, bar_ticks) + groove.late_ticks + late).max(0.0);
        let end_late = self.groove.at(note.end, bar_ticks).late_ticks + f64::from(end_late) * self.timing;
        let end = self.swung(note.end, bar_ticks) + end_late;
        let length = end - onset;
        let length =
            if note.part.is_drums() { length } else { (length * self.length).max(length.min(MIN_TICKS)) };
        FeltNote {
            onset: (onset + shift) / PPQ_F64,
            end: (onset + shift + length) / PPQ_F64,
            velocity: to_velocity(f64::from(note.velocity) * factor + performed + louder + accent),
        }
    }

    /// The swung position of `at`, in ticks.
    fn swung(&self, at: TickInstant, bar_ticks: u32) -> f64 {
        let in_bar = at.0 % bar_ticks;
        let pair_ticks = 2 * self.unit_ticks;
        let in_pair = in_bar % pair_ticks;
        let pair_start = at.0 - in_pair;
        if in_bar - in_pair + pair_ticks > bar_ticks {
            return f64::from(at.0);
        }
        let bent = if in_pair <= self.unit_ticks {
            f64::from(in_pair) * 2.0 * self.swing
        } else {
            f64::from(pair_ticks) - f64::from(pair_ticks - in_pair) * (2.0 - 2.0 * self.swing)
        };
        f64::from(pair_start) + bent
    }
}

/// Renders `phrase` as a player with `settings` plays it once, at the phrase's own tempo: every note has the onset,
/// length and velocity with which it sounds. Mute, solo and keys are ignored. This is what is exported as a file.
/// Allocates.
///
/// A note that lasts to the end of the phrase ends there; one that would begin after it begins a tick before it.
pub fn rendered(phrase: &Phrase, settings: &Settings) -> Phrase {
    let (clip, feel) = (Clip::new(0, Cause::Chosen, phrase), Feel::new(settings));
    let last = phrase.frame().end().0.saturating_sub(1);
    let mut parts: [Vec<Note>; 5] = Default::default();
    for note in clip.notes() {
        let felt = feel.play(&clip, note);
        let onset = TickInstant(to_ticks(felt.onset).min(last));
        let duration = TickInstant(to_ticks(felt.end)).since(onset).max(TickDuration(1));
        let pitch = note.pitch.transposed(settings.semitones(note.part)).unwrap_or(note.pitch);
        parts[note.part.index()].push(Note::new(onset, duration, pitch, settings.curved(felt.velocity)));
    }
    let rendered = Phrase::repaired(*phrase.frame(), phrase.progression().clone(), parts);
    rendered.map_or_else(|_| phrase.clone(), |(rendered, _)| rendered)
}

/// Beats in ticks, rounded to the nearest.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float cast saturates")]
fn to_ticks(beats: f64) -> u32 {
    (beats * PPQ_F64).round() as u32
}

/// Which feel applies at which position, while settings change.
///
/// A change takes effect at the next beat of the bar, which swing does not move and a groove by a few ticks only, after
/// every written position that has been played. Notes written before it use the old feel, those after it the new one,
/// so no note is lost or played twice when a setting changes.
#[derive(Debug, Clone, Copy)]
pub struct FeelTrack {
    before: Feel,
    after: Feel,
    /// Written position from which `after` applies, in beats.
    boundary: f64,
}

impl FeelTrack {
    /// Applies `feel` everywhere.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn new(feel: Feel) -> Self {
        Self { before: feel, after: feel, boundary: f64::NEG_INFINITY }
    }

    /// Requests `feel`; `reached` is the position up to which notes have been played, in beats.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn follow(&mut self, feel: Feel, reached: f64, clip: &Clip) {
        // As long as notes before the last change are still to be played, the next change waits.
        if feel == self.after || reached < self.boundary + MAX_SHIFT_BEATS {
            return;
        }
        // What is written up to here may have been played.
        let written = reached + clip.earliest();
        let bar = clip.bar_duration().to_beats();
        let in_bar = written.rem_euclid(clip.duration().to_beats()).rem_euclid(bar);
        let boundary = written + (in_bar.ceil().min(bar) - in_bar);
        *self = Self { before: self.after, after: feel, boundary };
    }

    /// The position after `reached` at which [`Self::follow`] must be called for `feel` to be applied, both in beats;
    /// `None` if it is not postponed.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn next_change(&self, feel: Feel, reached: f64) -> Option<f64> {
        let change = self.boundary + MAX_SHIFT_BEATS;
        (feel != self.after && change > reached).then_some(change)
    }

    /// The feel of notes written at `position`, in beats.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn at(&self, position: f64) -> &Feel {
        // Less than any tick, more than rounding.
        if position < self.boundary - 1e-5 { &self.before } else { &self.after }
    }
}

/// Random bits derived from the position and pitch of a note.
///
/// # Source
///
/// The finaliser of `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
fn hash(note: &ClipNote) -> u64 {
    let place = u64::from(note.onset.0) << 16;
    let key = u64::from(note.pitch.number()) << 4 | [0, 1, 2, 3, 4][note.part.index()];
    let mut bits = (place ^ key).wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// The low half of `bits`, as a number in `0.0..1.0`.
fn share(bits: u64) -> f64 {
    let low = u32::try_from(bits & u64::from(u32::MAX)).unwrap_or(0);
    f64::from(low) / 4_294_967_296.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::music::groove::{GroovePlace, N_PLACES};
    use crate::music::phrase::{Frame, Note, Part, Phrase};
    use crate::music::pitch::Pitch;
    use crate::music::time::{Meter, TickDuration};
    use crate::music::{Key, Progression};
    use crate::player::Cause;

    fn groove() -> impl Strategy<Value = Groove> {
        let place = (0.0..=MAX_LATE_TICKS, 0.25..=2.0_f64)
            .prop_map(|(late_ticks, velocity)| GroovePlace { late_ticks, velocity });
        prop::collection::vec(place, N_PLACES)
            .prop_map(|places| Groove::new(places.try_into().unwrap()).unwrap())
    }

    fn settings() -> impl Strategy<Value = Settings> {
        let unit = prop_oneof![Just(SwingUnit::Eighth), Just(SwingUnit::Sixteenth)];
        (groove(), 0.0_f32..=1.0, 0.5_f32..=0.75, unit, 0.0_f32..=1.0).prop_map(
            |(groove, groove_amount, swing, swing_unit, humanise)| Settings {
                groove,
                groove_amount,
                swing,
                swing_unit,
                humanise,
                ..Settings::default()
            },
        )
    }

    /// Everything else as well, its ends above all.
    fn all_settings() -> impl Strategy<Value = Settings> {
        let length = prop_oneof![2 => 0.1_f32..=2.0, 1 => Just(0.1), 1 => Just(2.0)];
        let accent = prop_oneof![1 => 0.0_f32..=1.0, 1 => Just(0.0), 1 => Just(1.0)];
        let humanise = prop_oneof![1 => 0.0_f32..=1.0, 1 => Just(0.0), 1 => Just(1.0)];
        (settings(), length, accent, humanise).prop_map(|(settings, note_length, accent, humanise)| {
            Settings { note_length, accent, humanise, ..settings }
        })
    }

    /// Notes of every part, of any length and velocity, in a phrase of any meter and tempo.
    fn clip() -> impl Strategy<Value = Clip> {
        let velocity = prop_oneof![2 => 1_u8..=127, 1 => Just(1), 1 => Just(127)];
        let note = (0_u32..20_000, 1_u32..4000, 0_i32..128, velocity, 0_usize..5);
        (0..Meter::COUNT, 20.0_f32..400.0, prop::collection::vec(note, 1..40)).prop_map(
            |(meter, tempo, notes)| {
                let mut parts: [Vec<Note>; 5] = Default::default();
                for (onset, duration, pitch, velocity, part_idx) in notes {
                    let (onset, duration) = (TickInstant(onset), TickDuration(duration));
                    parts[part_idx].push(Note::new(onset, duration, Pitch::clamped(pitch), velocity));
                }
                let frame = Frame::new(Meter::from_index(meter).unwrap(), 2, Key::C_MAJOR, tempo);
                let (phrase, _) = Phrase::repaired(frame, Progression::default(), parts).unwrap();
                Clip::new(1, Cause::Chosen, &phrase)
            },
        )
    }

    /// Two bars of one pitch, played `gap` ticks after one another and held up to the next.
    fn line(meter: Meter, gap: u32) -> Clip {
        let n_notes = 2 * meter.bar_duration().0 / gap;
        let pitch = Pitch::MIDDLE_C;
        let note = |idx| Note::new(TickInstant(idx * gap), TickDuration(gap), pitch, 100);
        let frame = Frame::new(meter, 2, Key::C_MAJOR, 120.0);
        let mut parts: [Vec<Note>; 5] = Default::default();
        parts[Part::Melody.index()] = (0..n_notes).map(note).collect();
        Clip::new(1, Cause::Chosen, &Phrase::new(frame, Progression::default(), parts).unwrap())
    }

    proptest! {
        /// Whatever is set, in every meter and off the grid as well.
        #[test]
        fn notes_are_late_within_bounds_and_stay_in_order(
            settings in settings(),
            meter in 0..Meter::COUNT,
            gap in 7_u32..600,
        ) {
            let clip = line(Meter::from_index(meter).unwrap(), gap);
            let feel = Feel::new(&Settings { humanise: 0.0, ..settings });
            let jittered = Feel::new(&settings);
            let mut last = -1.0;
            for note in clip.notes() {
                let felt = feel.play(&clip, note);
                // Less than any tick, more than rounding.
                let tiny = 1e-9;
                let late = felt.onset - note.onset.to_beats();
                prop_assert!(late >= -tiny && felt.onset > last, "{late} beats after {last}");
                prop_assert!(felt.end > felt.onset, "{felt:?}");
                prop_assert!((1..=127).contains(&felt.velocity));
                last = felt.onset;
                let moved = jittered.play(&clip, note);
                let late = moved.onset - note.onset.to_beats();
                prop_assert!((-tiny..=MAX_SHIFT_BEATS + tiny).contains(&late), "{late} beats");
                prop_assert!(moved.end > moved.onset, "{moved:?}");
            }
        }

        /// Whatever is set all at once, no note is lost to its length or its velocity.
        #[test]
        fn every_note_has_length_and_velocity(settings in all_settings(), clip in clip()) {
            let feel = Feel::new(&settings);
            for note in clip.notes() {
                let felt = feel.play(&clip, note);
                prop_assert!(felt.end > felt.onset, "{note:?}: {felt:?}");
                prop_assert!((1..=127).contains(&felt.velocity), "{note:?}: {felt:?}");
                // The shortest is as long as it is written, as swing leaves it, or 30 ticks.
                let ticks = (felt.end - felt.onset) * PPQ_F64;
                let written = f64::from(note.end.0 - note.onset.0);
                prop_assert!(ticks > MIN_TICKS - 1e-6 || ticks > 0.09 * written, "{note:?}: {ticks} ticks");
            }
        }

        /// Humanise moves a note later by at most 30 ticks and 15 milliseconds, whole, and its velocity by at most 12.
        #[test]
        fn humanise_strays_within_its_bounds(settings in all_settings(), clip in clip()) {
            let amount = f64::from(settings.humanise);
            let (feel, straight) = (Feel::new(&settings), Feel::new(&Settings { humanise: 0.0, ..settings }));
            let most = (0.015 * f64::from(clip.tempo()) / 60.0).min(30.0 / 960.0) * amount;
            for note in clip.notes() {
                let [felt, plain] = [&feel, &straight].map(|feel| feel.play(&clip, note));
                // More than rounding, less than any tick.
                let late = felt.onset - plain.onset;
                prop_assert!((-1e-9..=most + 1e-9).contains(&late), "{late} beats of {most}");
                let longer = (felt.end - felt.onset) - (plain.end - plain.onset);
                prop_assert!(longer.abs() < 1e-9, "{longer} beats longer");
                let louder = f64::from(felt.velocity) - f64::from(plain.velocity);
                // Each of the two is rounded.
                prop_assert!(louder.abs() <= 12.0 * amount + 1.0, "{louder} of {}", 12.0 * amount);
            }
        }

        /// What ends where another note begins still does.
        #[test]
        fn notes_that_touch_still_touch(settings in settings(), gap in 7_u32..600) {
            let clip = line(Meter::COMMON, gap);
            let feel = Feel::new(&Settings { humanise: 0.0, ..settings });
            for pair in clip.notes().windows(2) {
                let [one, next] = [&pair[0], &pair[1]].map(|note| feel.play(&clip, note));
                prop_assert!((one.end - next.onset).abs() < 1e-9, "{one:?} {next:?}");
            }
        }
    }

    #[test]
    fn without_any_amount_notes_are_as_written() {
        let mut places = [GroovePlace { late_ticks: MAX_LATE_TICKS, velocity: 2.0 }; N_PLACES];
        places[0] = GroovePlace::STRAIGHT;
        let groove = Groove::new(places).unwrap();
        let clip = line(Meter::COMMON, 240);
        for groove_amount in [0.0, -3.0, f32::NAN] {
            let feel = Feel::new(&Settings { groove, groove_amount, ..Settings::default() });
            assert_eq!(feel, Feel::new(&Settings::default()));
            for note in clip.notes() {
                let written =
                    FeltNote { onset: note.onset.to_beats(), end: note.end.to_beats(), velocity: 100 };
                assert_eq!(feel.play(&clip, note), written);
            }
        }
    }
}
