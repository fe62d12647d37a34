mod clicks;
mod cuts;
mod live;
mod states;

use std::ops::RangeInclusive;

use proptest::prelude::*;

use super::pool::Grip;
use super::*;
use crate::music::phrase::{Frame, Note};
use crate::music::progression::Progression;
use crate::music::scale::Key;
use crate::music::time::{Meter, TickDuration, TickInstant};

const RATE: u32 = 48_000;
const MS: usize = 48;

/// Each part, the range it is played in, and a pitch in its middle.
const RANGES: [(Part, RangeInclusive<i32>, i32); 5] = [
    (Part::Drums, 27..=87, 38),
    (Part::Bass, 24..=67, 36),
    (Part::Chords, 36..=96, 60),
    (Part::Arpeggio, 36..=108, 67),
    (Part::Melody, 28..=108, 72),
];

const SOUNDS: [Sound; 4] = [Sound::Keys, Sound::Pad, Sound::Bass, Sound::Pluck];

/// Something to do at a sample.
#[derive(Debug, Clone, Copy)]
enum Do {
    On(Part, i32, u8),
    Off(Part, i32),
    AllOff,
    Pan(Part, f32),
}

/// The left and right channel of `n_samples` while `script` is carried out, cut into blocks of `block` samples.
fn play(script: &[(usize, Do)], n_samples: usize, block: usize) -> [Vec<f32>; 2] {
    let mut synth = Synth::new(48_000.0);
    let [mut left, mut right] = [vec![0.0; n_samples], vec![0.0; n_samples]];
    let mut at = 0;
    let mut script = script.iter().peekable();
    while at < n_samples {
        while let Some((_, what)) = script.next_if(|(when, _)| *when <= at) {
            match *what {
                Do::On(part, pitch, velocity) => synth.note_on(part, Pitch::clamped(pitch), velocity),
                Do::Off(part, pitch) => synth.note_off(part, Pitch::clamped(pitch)),
                Do::AllOff => synth.all_notes_off(),
                Do::Pan(part, pan) => synth.set_pan(part, pan),
            }
        }
        let next = script.peek().map_or(n_samples, |(when, _)| *when);
        let end = (at + block).min(next).min(n_samples);
        synth.process(&mut left[at..end], &mut right[at..end]);
        at = end;
    }
    [left, right]
}

fn rms(samples: &[f32]) -> f64 {
    (samples.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>() / samples.len() as f64).sqrt()
}

fn decibels(ratio: f64) -> f64 {
    20.0 * ratio.log10()
}

/// The largest step between neighbouring samples.
fn jump(samples: &[f32]) -> f32 {
    samples.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max)
}

/// The Hann-windowed energy of `samples` at `hz`.
fn energy_at(samples: &[f32], hz: f64) -> f64 {
    let n = samples.len() as f64;
    let (mut re, mut im) = (0.0, 0.0);
    for (idx, sample) in samples.iter().enumerate() {
        let idx = idx as f64;
        let window = 0.5 - 0.5 * (std::f64::consts::TAU * idx / n).cos();
        let (sin, cos) = (std::f64::consts::TAU * hz * idx / f64::from(RATE)).sin_cos();
        re += window * f64::from(*sample) * cos;
        im += window * f64::from(*sample) * sin;
    }
    re * re + im * im
}

/// Four bars of all five parts.
fn demo() -> Phrase {
    let mut parts: [Vec<Note>; 5] = Default::default();
    let mut add = |part: Part, onset: u32, steps: u32, pitch: i32, velocity: u8| {
        let (onset, duration) = (TickInstant::from_steps(onset), TickDuration::from_steps(steps));
        parts[part.index()].push(Note::new(onset, duration, Pitch::clamped(pitch), velocity));
    };
    for (bar, root) in (0..4).zip([50, 46, 41, 48]) {
        let start = bar * 48;
        for tone in [0, 7, 12, 16] {
            add(Part::Chords, start, 46, root + tone, 90);
        }
        for beat in 0..4 {
            add(Part::Drums, start + beat * 12, 3, if beat % 2 == 0 { 36 } else { 38 }, 90);
            add(Part::Bass, start + beat * 12, 10, root - 12, 90);
        }
        for (idx, eighth) in (0..8).enumerate() {
            add(Part::Drums, start + eighth * 6, 3, 42, 90);
            add(Part::Melody, start + eighth * 6, 6, root + [24, 26, 28, 31, 24, 23, 21, 19][idx], 90);
        }
        for (idx, sixteenth) in (0..16).enumerate() {
            add(Part::Arpeggio, start + sixteenth * 3, 3, root + [12, 19, 24, 28][idx % 4], 90);
        }
    }
    let frame = Frame::new(Meter::COMMON, 4, Key::C_MAJOR, 100.0);
    Phrase::repaired(frame, Progression::default(), parts).unwrap().0
}

fn only(phrase: &Phrase, part: Part) -> Phrase {
    let mut parts: [Vec<Note>; 5] = Default::default();
    parts[part.index()] = phrase.notes(part).to_vec();
    Phrase::new(*phrase.frame(), Progression::default(), parts).unwrap()
}

#[test]
fn every_pitch_of_every_part_sounds() {
    for (part, range, _) in RANGES {
        for pitch in range {
            let [left, right] = play(&[(0, Do::On(part, pitch, 90))], 60 * MS, 512);
            let level = decibels(rms(&left).max(rms(&right)));
            assert!((-42.0..-8.0).contains(&level), "{part} {pitch}: {level:.1} dB");
        }
    }
}

#[test]
fn notes_are_in_tune() {
    for (part, range, _) in RANGES.into_iter().filter(|(part, ..)| !part.is_drums()) {
        for pitch in range.step_by(12) {
            let [left, right] = play(&[(0, Do::On(part, pitch, 90))], 1500 * MS, 512);
            let mono: Vec<f32> = left.iter().zip(&right).map(|(left, right)| left + right).collect();
            let exact = 440.0 * (f64::from(pitch - 69) / 12.0).exp2();
            let energy = |cents: f64| energy_at(&mono[100 * MS..], exact * (cents / 1200.0).exp2());
            // The peak is within 5 cents if the note is stronger than its neighbours twice as far away.
            let [flat, note, sharp] = [-10.0, 0.0, 10.0].map(energy);
            assert!(note > flat && note > sharp, "{part} {pitch}: {flat} {note} {sharp}");
            let octave_down = energy_at(&mono[100 * MS..], exact / 2.0);
            assert!(note > 100.0 * octave_down, "{part} {pitch}: no fundamental");
        }
    }
}

#[test]
fn velocity_makes_louder_and_brighter() {
    for (part, _, pitch) in RANGES {
        let [soft, hard] = [30, 120].map(|velocity| {
            let [left, _] = play(&[(0, Do::On(part, pitch, velocity))], 400 * MS, 512);
            let slope: Vec<f32> = left.windows(2).map(|pair| pair[1] - pair[0]).collect();
            (rms(&left), rms(&slope) / rms(&left))
        });
        assert!(decibels(hard.0 / soft.0) > 10.0, "{part}: {soft:?} {hard:?}");
        assert!(hard.1 > 1.01 * soft.1, "{part}: {soft:?} {hard:?}");
    }
}

#[test]
fn notes_start_and_stop_without_clicks() {
    for (part, _, pitch) in RANGES.into_iter().filter(|(part, ..)| !part.is_drums()) {
        let off = 300 * MS;
        let [left, _] = play(&[(0, Do::On(part, pitch, 100)), (off, Do::Off(part, pitch))], 1000 * MS, 512);
        let start = jump(&left[..MS]);
        assert!(start <= 1.05 * jump(&left[MS..200 * MS]), "{part}: start {start}");
        let stop = jump(&left[off - 1..off + 50 * MS]);
        assert!(stop <= 1.05 * jump(&left[off - 100 * MS..off]), "{part}: stop {stop}");
    }
}

#[test]
fn no_more_than_sixteen_voices_sound_at_once_and_the_newest_always_does() {
    let mut synth = Synth::new(48_000.0);
    let (mut left, mut right) = ([0.0; 480], [0.0; 480]);
    for round in 0..40 {
        for part in Part::ALL {
            synth.note_on(part, Pitch::clamped(40 + round), 100);
            let n_sounding: usize = synth.instruments().into_iter().map(Instrument::n_sounding).sum();
            assert!(n_sounding <= MAX_VOICES, "{n_sounding} voices");
            assert!(synth.instrument(part).n_sounding() > 0, "{part}");
        }
        synth.process(&mut left, &mut right);
    }
}

#[test]
fn another_sound_starts_with_the_next_note_and_the_old_one_dies_away() {
    let play = |change: Option<(usize, Sound)>| {
        let mut synth = Synth::new(48_000.0);
        let (mut left, mut right) = (vec![0.0; 48_000], vec![0.0; 48_000]);
        for beat in 0..2 {
            if let Some((_, sound)) = change.filter(|(when, _)| *when == beat) {
                synth.set_sound(Part::Melody, sound);
            }
            synth.note_on(Part::Melody, Pitch::MIDDLE_C, 100);
            let range = beat * 24_000..(beat + 1) * 24_000;
            synth.process(&mut left[range.clone()], &mut right[range]);
        }
        synth.note_off(Part::Melody, Pitch::MIDDLE_C);
        let (mut tail, mut other) = (vec![0.0; 480_000], vec![0.0; 480_000]);
        synth.process(&mut tail, &mut other);
        assert!(synth.is_silent(), "whatever it was released with");
        left
    };
    let keys = play(None);
    for sound in [Sound::Pad, Sound::Bass, Sound::Pluck] {
        let changed = play(Some((1, sound)));
        assert_eq!(changed[..24_000], keys[..24_000]);
        let ratio = rms(&changed[24_000..]) / rms(&keys[24_000..]);
        assert!((0.2..5.0).contains(&ratio), "{sound:?} is {ratio} times as loud");
        assert_ne!(changed[24_000..], keys[24_000..]);
    }
    assert_eq!(play(Some((1, Sound::Keys))), keys);
}

#[test]
fn a_closed_hat_chokes_the_open_one() {
    let open = (0, Do::On(Part::Drums, 46, 100));
    let [ringing, _] = play(&[open], 300 * MS, 512);
    let [choked, _] = play(&[open, (50 * MS, Do::On(Part::Drums, 42, 1))], 300 * MS, 512);
    assert!(rms(&choked[80 * MS..]) < 0.2 * rms(&ringing[80 * MS..]));
}

#[test]
fn parts_balance() {
    let phrase = demo();
    let levels = Part::ALL.map(|part| {
        let (left, right) = render(&only(&phrase, part), RATE);
        let n = (9.6 * f64::from(RATE)) as usize;
        decibels(rms(&left[..n]).max(rms(&right[..n])))
    });
    let mean = levels.iter().sum::<f64>() / 5.0;
    for (part, level) in Part::ALL.into_iter().zip(levels) {
        assert!((level - mean).abs() <= 4.0, "{part} {level:.1} dB of {levels:.1?}");
    }
}

#[test]
fn pan_takes_one_side_away_smoothly_and_the_middle_changes_nothing() {
    for (part, _, pitch) in RANGES {
        let on = (0, Do::On(part, pitch, 100));
        let [left, right] = play(&[on], 400 * MS, 512);
        assert!(play(&[(0, Do::Pan(part, 0.0)), on], 400 * MS, 512) == [left.clone(), right.clone()]);
        let [hard_left, none] = play(&[(0, Do::Pan(part, -1.0)), on], 400 * MS, 512);
        // Past the smoothing; the room stays on both sides.
        let (near, far) = (rms(&hard_left[40 * MS..]), rms(&none[40 * MS..]));
        assert!(far < 0.35 * rms(&right[40 * MS..]), "{part}: {far}");
        assert!(near > 0.8 * rms(&left[40 * MS..]), "{part}: {near}");
        let [_, turned] = play(&[on, (100 * MS, Do::Pan(part, -1.0))], 400 * MS, 512);
        let (before, at) = (jump(&turned[50 * MS..100 * MS]), jump(&turned[100 * MS..110 * MS]));
        assert!(at <= 1.5 * before.max(1e-4), "{part}: {at} after {before}");
    }
}

#[test]
fn the_sound_does_not_depend_on_block_sizes() {
    let mut script: Vec<_> =
        RANGES.into_iter().map(|(part, _, pitch)| (7, Do::On(part, pitch, 90))).collect();
    script.extend(RANGES.into_iter().map(|(part, _, pitch)| (3001, Do::Off(part, pitch))));
    script.push((5000, Do::On(Part::Drums, 49, 127)));
    let whole = play(&script, 20_000, 20_000);
    for block in [1, 17, 64, 4096] {
        assert!(play(&script, 20_000, block) == whole, "blocks of {block}");
    }
}

#[test]
fn all_dies_away_to_exactly_nothing() {
    let mut script: Vec<_> =
        RANGES.into_iter().map(|(part, _, pitch)| (0, Do::On(part, pitch, 127))).collect();
    script.push((1, Do::On(Part::Drums, 57, 127)));
    script.push((500 * MS, Do::AllOff));
    let [left, right] = play(&script, 6000 * MS, 512);
    for channel in [&left, &right] {
        assert!(channel.iter().all(|x| !x.is_subnormal()));
        assert!(channel[5500 * MS..].iter().all(|x| *x == 0.0));
    }
}

#[test]
fn a_phrase_renders_with_its_tail_and_nothing_after() {
    let phrase = demo();
    let (left, right) = render(&phrase, RATE);
    let (whole, length) = (left.len() as f64 / f64::from(RATE), 4.0 * 4.0 * 0.6);
    assert_eq!(left.len(), right.len());
    assert!(whole > length + 0.5 && whole < length + 6.0, "{whole}");
    // The first note sounds at once, a note in the middle where it should.
    assert!(rms(&left[..5 * MS]) > 1e-3);
    let empty = Phrase::empty(*phrase.frame()).unwrap();
    assert!(render(&empty, RATE).0.iter().all(|x| *x == 0.0));
}

#[test]
fn a_phrase_renders_as_its_notes_played_by_hand() {
    let phrase = demo();
    let (left, right) = render(&phrase, RATE);
    let samples_per_beat = f64::from(RATE) * 60.0 / f64::from(phrase.frame().tempo);
    let at = |instant: TickInstant| (instant.to_beats() * samples_per_beat).round() as usize;
    let mut script: Vec<_> = phrase
        .all_notes()
        .flat_map(|(part, note)| {
            let pitch = i32::from(note.pitch.number());
            [
                (at(note.onset), note.velocity, part, Do::On(part, pitch, note.velocity)),
                (at(note.end()), 0, part, Do::Off(part, pitch)),
            ]
        })
        .collect();
    // Offs first.
    script.sort_by_key(|(at, velocity, part, _)| (*at, *velocity, *part));
    let script: Vec<_> = script.into_iter().map(|(at, .., what)| (at, what)).collect();
    assert!(play(&script, left.len(), 512) == [left, right]);
}

#[test]
#[cfg(not(debug_assertions))]
fn rendering_is_many_times_faster_than_playing() {
    let phrase = demo();
    let start = std::time::Instant::now();
    let (left, _) = render(&phrase, RATE);
    let ratio = left.len() as f64 / f64::from(RATE) / start.elapsed().as_secs_f64();
    // A fraction of what one idle core does, so that a busy machine passes.
    assert!(ratio > 15.0, "{ratio:.0} times real time");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_events_break_it(
        events in prop::collection::vec((0_usize..5, 0_i32..128, 0_u8..=255, 0_usize..900, 0_u8..4), 1..150),
        gain in 0.0_f32..10.0,
        rate in prop::sample::select(vec![8000.0_f32, 44_100.0, 96_000.0]),
    ) {
        let mut synth = Synth::new(rate);
        for (part_idx, pitch, velocity, n_samples, what) in events {
            let (part, pitch) = (Part::ALL[part_idx], Pitch::clamped(pitch));
            match what {
                0 => synth.note_off(part, pitch),
                1 => synth.set_gain(part, gain),
                _ => synth.note_on(part, pitch, velocity),
            }
            let [mut left, mut right] = [vec![9.0; n_samples], vec![9.0; n_samples]];
            synth.process(&mut left, &mut right);
            for sample in left.iter().chain(&right) {
                prop_assert!(sample.is_finite() && sample.abs() <= 1.0 && !sample.is_subnormal(), "{sample}");
            }
        }
    }
}
