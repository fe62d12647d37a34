//! Lifts a contrasting section above the one before: contrast by role.
//!
//! Bass and drums carry on as before, at least as dense; chords and arpeggio are a little fuller; the melody is higher
//! and has another density; and everything is louder.

use super::ComposeError;
use crate::music::ending::Ending;
use crate::music::measure::{PartControl, calibrated, measure_part, raw_quantity};
use crate::music::{Chord, ChordQuality, ChordSpan, Note, Part, Phrase, Progression, TickDuration};
use crate::session::SongSection;
use crate::token::Controls;

/// How much higher the melody is asked to be, in semitones.
const HIGHER: f64 = 4.0;

/// How much denser bass, drums and chords are asked to be, on the scale `0.0..=1.0`.
const DENSER: f32 = 0.05;

/// How much louder the mean note of a contrasting section is, in MIDI velocity.
const LOUDER: f64 = 7.0;

/// The largest change of a section's velocities.
const MOST_LOUDER: f64 = 24.0;

/// Least ratio of onsets of bass and drums to those of the contrasted section; below, a section does not lift.
const LEAST_DENSITY: f64 = 0.85;

/// `asked`, changed to lift a section above `model`; the melody's density moves by `by`, in the direction with more
/// room.
pub(super) fn controls(model: &Phrase, asked: &Controls, by: f32) -> Controls {
    let bars: Vec<u32> = (0..model.frame().n_bars_total()).collect();
    let mut controls = asked.clone();
    for part in Part::ALL {
        let Some(measures) = measure_part(model, part, &bars) else { continue };
        let has = |control: PartControl| asked.part(part, control).unwrap_or_else(|| measures.get(control));
        let density = has(PartControl::Density);
        let denser = match part {
            Part::Melody if density < 0.5 => density + by,
            Part::Melody => density - by,
            _ => density + DENSER,
        };
        controls.set_part(part, PartControl::Density, Some(denser.clamp(0.0, 1.0)));
        if part == Part::Melody {
            let height = raw_quantity(part, PartControl::Register, has(PartControl::Register)) + HIGHER;
            #[expect(clippy::cast_possible_truncation, reason = "a share")]
            let higher = calibrated(part, PartControl::Register, height) as f32;
            controls.set_part(part, PartControl::Register, Some(higher));
        }
    }
    controls
}

/// `phrase` without bass and drums, which a contrast hardly changes; all of it if there is nothing else.
pub(super) fn foreground(phrase: &Phrase) -> Phrase {
    let mut parts = phrase.to_parts();
    for part in [Part::Bass, Part::Drums] {
        parts[part.index()].clear();
    }
    let kept = Phrase::new(*phrase.frame(), phrase.progression().clone(), parts);
    kept.ok().filter(|kept| kept.parts().next().is_some()).unwrap_or_else(|| phrase.clone())
}

/// How far bass and drums of `section` fall short of those of `model`, `0.0..=1.0`.
pub(super) fn lacking(model: &Phrase, section: &Phrase) -> f32 {
    let density = |phrase: &Phrase, part: Part| {
        let n_notes = u32::try_from(phrase.notes(part).len()).unwrap_or(u32::MAX);
        f64::from(n_notes) / f64::from(phrase.frame().n_bars_total().max(1))
    };
    let lacking = [Part::Bass, Part::Drums].into_iter().map(|part| {
        let before = density(model, part);
        if before > 0.0 { (LEAST_DENSITY - density(section, part) / before).max(0.0) } else { 0.0 }
    });
    #[expect(clippy::cast_possible_truncation, reason = "a share")]
    let most = lacking.fold(0.0, f64::max) as f32;
    most
}

/// The velocity offset that makes the mean note of `section` louder than that of `model`.
pub(super) fn loudness(model: &Phrase, section: &Phrase) -> i8 {
    let mean = |phrase: &Phrase| {
        let (sum, n) = phrase
            .all_notes()
            .fold((0.0, 0.0), |(sum, n), (_, note)| (sum + f64::from(note.velocity), n + 1.0));
        if n > 0.0 { Some(sum / n) } else { None }
    };
    let louder = mean(model).zip(mean(section)).map_or(0.0, |(model, section)| model + LOUDER - section);
    #[expect(clippy::cast_possible_truncation, reason = "held in a small range")]
    let louder = louder.clamp(-MOST_LOUDER, MOST_LOUDER).round() as i8;
    louder
}

/// `sections`, with velocities changed by the offsets in `made`.
///
/// # Errors
///
/// None expected: only velocities change.
pub(super) fn louder(sections: Vec<Phrase>, made: &[SongSection]) -> Result<Vec<Phrase>, ComposeError> {
    let shifted = sections.into_iter().zip(made).map(|(phrase, section)| {
        if section.louder == 0 {
            return Ok(phrase);
        }
        let louder = |note: Note| {
            let velocity = i16::from(note.velocity) + i16::from(section.louder);
            Note { velocity: u8::try_from(velocity.clamp(1, 127)).unwrap_or(note.velocity), ..note }
        };
        let parts = phrase.to_parts().map(|notes| notes.into_iter().map(louder).collect());
        Ok(Phrase::new(*phrase.frame(), phrase.progression().clone(), parts)?)
    });
    shifted.collect()
}

/// `phrase` with chords that lead to `ending` in its last two bars, since a variation keeps its given chords.
///
/// # Errors
///
/// None expected: only chords change.
pub(super) fn led_to(phrase: &Phrase, ending: Ending) -> Result<Phrase, ComposeError> {
    let frame = phrase.frame();
    let n_bars = frame.n_bars_total();
    let last_degree = match ending {
        Ending::Close => 0,
        Ending::Open => 7,
        Ending::Any | Ending::Loop => return Ok(phrase.clone()),
    };
    if n_bars < 2 || phrase.progression().is_empty() {
        return Ok(phrase.clone());
    }
    let is_minor = frame.key.mode.is_minor();
    let on = |degree: u8| {
        let quality = if degree == 0 && is_minor { ChordQuality::Minor } else { ChordQuality::Major };
        Chord::new(frame.key.tonic.up(degree), quality)
    };
    let start = frame.bar_start(n_bars - 2);
    let bar = frame.meter.bar_duration();
    let half = TickDuration(bar.0 / 2);
    let approach = if last_degree == 0 { 7 } else { 5 };
    let spans = [(start + half, half, on(approach)), (start + bar, bar, on(last_degree))]
        .map(|(onset, duration, chord)| ChordSpan { onset, duration, chord: Some(chord) });
    let led = phrase.progression().spliced(&Progression::new(spans.to_vec()), &[start + half..frame.end()]);
    Ok(phrase.clone().with_progression(led))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Frame, Key, Meter, Pitch, TickInstant};
    use crate::session::Origin;

    /// Two bars with a bass of `n_bass` notes and one long melody note.
    fn phrase(n_bass: u32, velocity: u8) -> Phrase {
        let frame = Frame::new(Meter::COMMON, 2, Key::C_MAJOR, 100.0);
        let note = |at: u32, ticks: u32, pitch: i32| {
            Note::new(TickInstant(at), TickDuration(ticks), Pitch::clamped(pitch), velocity)
        };
        let bass = (0..n_bass).map(|idx| note(idx * 480, 480, 40)).collect();
        let parts = [Vec::new(), bass, Vec::new(), Vec::new(), vec![note(0, 3840, 69)]];
        let chords = Progression::parse("C | F", Meter::COMMON, 2).unwrap();
        Phrase::new(frame, chords, parts).unwrap()
    }

    #[test]
    fn the_bass_stays_and_the_melody_rises() {
        let model = phrase(8, 80);
        let asked = controls(&model, &Controls::default(), 0.25);
        let bars = [0, 1];
        let has = |part, control| measure_part(&model, part, &bars).unwrap().get(control);
        let bass = asked.part(Part::Bass, PartControl::Density).unwrap();
        assert!(bass >= has(Part::Bass, PartControl::Density));
        let melody = asked.part(Part::Melody, PartControl::Register).unwrap();
        assert!(melody > has(Part::Melody, PartControl::Register));
        assert!(lacking(&model, &phrase(2, 80)) > 0.5);
        assert_eq!(lacking(&model, &phrase(7, 80)), 0.0);
    }

    #[test]
    fn a_section_is_made_louder_once() {
        let (model, section) = (phrase(4, 80), phrase(4, 78));
        let louder_by = loudness(&model, &section);
        assert_eq!(louder_by, 9);
        let made =
            SongSection { name: "B".to_owned(), origin: Origin::Copy(0), likeness: None, louder: louder_by };
        let louder = louder(vec![section], &[made]).unwrap();
        assert!(louder[0].all_notes().all(|(_, note)| note.velocity == 87));
    }

    #[test]
    fn a_variation_is_led_to_its_close() {
        let led = led_to(&phrase(4, 80), Ending::Close).unwrap();
        assert_eq!(led.progression(), &Progression::parse("C G | C", Meter::COMMON, 2).unwrap());
        assert_eq!(led_to(&phrase(4, 80), Ending::Loop).unwrap(), phrase(4, 80));
    }
}
