//! The phrase on the song's bars.

use descant::player::{HostTime, Quantum};

use super::rig::{BEAT, Rig, sixteenths};

/// A host at `beat` among bars of `length` beats that begin at `start`.
fn time(beat: f64, (start, length): (f64, f64), loop_range: Option<(f64, f64)>) -> HostTime {
    HostTime {
        is_playing: true,
        tempo: Some(120.0),
        beat: Some(beat),
        loop_range,
        bar_start: Some(start + ((beat - start) / length).floor() * length),
        bar_length: Some(length),
    }
}

/// Plays `n_beats` from the beat of a host with these bars and `loop_range`, in blocks of `size` samples.
fn play(
    rig: &mut Rig,
    (beat, n_beats): (f64, u64),
    bars: (f64, f64),
    loop_range: Option<(f64, f64)>,
    size: u32,
) {
    let mut at = 0;
    while at < n_beats * BEAT {
        let size = size.min(u32::try_from(n_beats * BEAT - at).unwrap());
        let here = beat + f64::from(u32::try_from(at).unwrap()) / 24_000.0;
        rig.block(&time(here, bars, loop_range), &[], size);
        at += u64::from(size);
    }
}

/// The sample of the first note-on, and the positions of all of them in sixteenths of the phrase's bar.
fn places(rig: &Rig) -> (u64, Vec<u8>) {
    let note_ons = rig.note_ons();
    (note_ons[0].0, note_ons.iter().map(|(_, key)| key - 60).collect())
}

#[test]
fn after_an_odd_bar_the_phrase_is_on_the_songs_bars_again() {
    for size in [64, 777, 24_000] {
        let mut rig = Rig::with(&sixteenths(1, 60));
        // A bar of three beats, then bars of four: the first of them begins at beat 3.
        play(&mut rig, (0.0, 3), (0.0, 3.0), None, size);
        assert_eq!(places(&rig), (0, (0..12).collect()), "{size}");
        rig.events.clear();
        play(&mut rig, (3.0, 4), (3.0, 4.0), None, size);
        assert_eq!(places(&rig), (3 * BEAT, (0..16).collect()), "{size}");
        // From the middle of a bar as well.
        rig.events.clear();
        play(&mut rig, (8.0, 3), (7.0, 4.0), None, size);
        assert_eq!(places(&rig), (7 * BEAT, (4..16).collect()), "{size}");
    }
}

#[test]
fn a_change_of_meter_inside_a_block_loses_no_downbeat() {
    for size in [777, 5000, 10_000] {
        let mut rig = Rig::with(&sixteenths(1, 60));
        // Bars of four until beat 9, where one of three ends them; the host tells of it in its next block.
        let mut at = 0;
        while at < 13 * BEAT {
            let here = f64::from(u32::try_from(at).unwrap()) / 24_000.0;
            let bars = if here < 9.0 { (0.0, 4.0) } else { (9.0, 4.0) };
            rig.block(&time(here, bars, None), &[], size);
            at += u64::from(size);
        }
        let late = u64::from(size);
        let downbeats: Vec<u64> =
            rig.note_ons().iter().filter(|(_, key)| *key == 60).map(|(at, _)| *at / 100).collect();
        let expected = [0, 4 * BEAT, 8 * BEAT, 9 * BEAT].map(|at| at / 100);
        assert_eq!(downbeats.len(), expected.len() + usize::from(at > 13 * BEAT), "{downbeats:?}");
        for (found, expected) in downbeats.iter().zip(expected) {
            assert!((expected..=expected + late / 100 + 1).contains(found), "{size}: {downbeats:?}");
        }
    }
}

#[test]
fn a_loop_across_a_change_of_meter_is_gone_round_at_its_sample() {
    // Bars of four from 0 to 4, of three from 4 to 10.
    for size in [500, 7000] {
        let mut rig = Rig::with(&sixteenths(1, 60));
        let (mut beat, mut at) = (0.0_f64, 0_u64);
        while at < 30 * BEAT {
            let bars = if beat < 4.0 { (0.0, 4.0) } else { (4.0, 3.0) };
            rig.block(&time(beat, bars, Some((0.0, 10.0))), &[], size);
            at += u64::from(size);
            beat += f64::from(size) / 24_000.0;
            if beat >= 10.0 - 1e-9 {
                beat -= 10.0;
            }
        }
        for round in 1..3 {
            let downbeat = rig.note_ons().into_iter().find(|(at, _)| *at >= round * 10 * BEAT);
            assert_eq!(downbeat, Some((round * 10 * BEAT, 60)), "{size}");
        }
    }
}

#[test]
fn bars_that_are_off_by_what_hosts_round_to_change_nothing() {
    for off in [-1e-4, 1e-4, -1e-9] {
        let mut rig = Rig::with(&sixteenths(1, 60));
        play(&mut rig, (0.0, 4), (0.0, 4.0), None, 500);
        play(&mut rig, (4.0, 4), (4.0 + off, 4.0), None, 500);
        let keys: Vec<u8> = rig.note_ons().iter().map(|(_, key)| key - 60).collect();
        assert_eq!(keys, (0..16).chain(0..16).collect::<Vec<_>>(), "{off}");
        assert_eq!(rig.monitor.n_jumps(), 1, "{off}: the start");
    }
}

#[test]
fn a_loop_among_shifted_bars_is_gone_round_at_its_sample() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    rig.settings.quantum = Quantum::Phrase;
    // Bars begin at 3, 7, …; the loop is the bar from 7 to 11.
    play(&mut rig, (7.0, 4), (7.0, 4.0), Some((7.0, 11.0)), 1000);
    play(&mut rig, (7.0, 4), (7.0, 4.0), Some((7.0, 11.0)), 1000);
    let note_ons = rig.note_ons();
    assert_eq!(note_ons.len(), 32);
    for (idx, (at, key)) in note_ons.into_iter().enumerate() {
        assert_eq!((at, usize::from(key - 60)), (6000 * idx as u64, idx % 16));
    }
}
