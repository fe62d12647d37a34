//! The sound depends neither on block sizes nor on notes before a silence: a bounce and its playback are the same,
//! sample by sample.

use super::*;

/// Something to do at a sample.
#[derive(Debug, Clone, Copy)]
enum Act {
    On(Part, i32, u8),
    Off(Part, i32),
    LiveOn(i32, u8),
    LiveOff(i32),
    Pedal(bool),
    Choke(Part, i32),
    AllOff,
    Sound(Part, Sound),
    Gain(Part, f32),
    Pan(Part, f32),
}

impl Act {
    fn carry_out(self, synth: &mut Synth) {
        let pitch = Pitch::clamped;
        match self {
            Self::On(part, key, velocity) => synth.note_on(part, pitch(key), velocity),
            Self::Off(part, key) => synth.note_off(part, pitch(key)),
            Self::LiveOn(key, velocity) => synth.live_note_on(pitch(key), velocity),
            Self::LiveOff(key) => synth.live_note_off(pitch(key)),
            Self::Pedal(is_down) => synth.set_pedal(is_down),
            Self::Choke(part, key) => synth.choke(part, pitch(key)),
            Self::AllOff => synth.all_notes_off(),
            Self::Sound(part, sound) => synth.set_sound(part, sound),
            Self::Gain(part, gain) => synth.set_gain(part, gain),
            Self::Pan(part, pan) => synth.set_pan(part, pan),
        }
    }
}

/// Both channels, one after the other, while `synth` carries out `script`, sorted by sample. `blocks` are the samples of
/// each block, over and over; a block ends early where there is something to do.
fn perform(synth: &mut Synth, script: &[(usize, Act)], n_samples: usize, blocks: &[usize]) -> Vec<f32> {
    let [mut left, mut right] = [vec![9.0; n_samples], vec![9.0; n_samples]];
    let mut script = script.iter().peekable();
    let mut blocks = blocks.iter().cycle();
    let mut at = 0;
    while at < n_samples {
        let end = n_samples.min(at + blocks.next().unwrap());
        while at < end {
            while let Some((_, act)) = script.next_if(|(when, _)| *when <= at) {
                act.carry_out(synth);
            }
            let to = script.peek().map_or(end, |(when, _)| end.min(*when));
            synth.process(&mut left[at..to], &mut right[at..to]);
            at = to;
        }
    }
    [left, right].concat()
}

/// Checks that `script` sounds the same in blocks of any size as in one.
fn check_cuts(name: &str, script: &[(usize, Act)], n_samples: usize, blocks: &[&[usize]]) {
    let play = |blocks: &[usize]| perform(&mut Synth::new(48_000.0), script, n_samples, blocks);
    let whole = play(&[n_samples]);
    assert!(whole.iter().any(|x| x.abs() > 1e-3), "{name} is silent");
    for blocks in blocks {
        let cut = play(blocks);
        let most = whole.iter().zip(&cut).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(cut == whole, "{name}: blocks of {blocks:?} samples differ by up to {most:e}");
    }
}

/// Plays on until nothing sounds.
fn let_die_away(synth: &mut Synth) {
    synth.all_notes_off();
    let (mut left, mut right) = ([0.0; 512], [0.0; 512]);
    for _ in 0..1500 {
        synth.process(&mut left, &mut right);
    }
    assert_silent(synth);
}

fn assert_silent(synth: &Synth) {
    assert!(synth.is_silent(), "it still sounds");
}

/// A stroke of every drum, cut short and retriggered, on every voice in turn.
fn rolls() -> impl Iterator<Item = (i32, Vec<(usize, Act)>)> {
    (27..=87).map(|key| {
        let strokes = (0..14).flat_map(move |idx| {
            let at = 5 + 301 * idx;
            let velocity = 60 + 4 * u8::try_from(idx).unwrap();
            [(at, Act::On(Part::Drums, key, velocity)), (at + 203, Act::Choke(Part::Drums, key))]
        });
        (key, strokes.collect())
    })
}

#[test]
fn every_drum_sounds_the_same_however_time_is_cut() {
    for (key, script) in rolls() {
        check_cuts(&format!("drum {key}"), &script, 6000, &[&[1], &[17], &[31, 33, 7]]);
    }
}

#[test]
fn every_sound_sounds_the_same_however_time_is_cut() {
    for part in Part::ALL.into_iter().filter(|part| !part.is_drums()) {
        for sound in SOUNDS {
            // More notes than voices, so that some are stolen, and a change of level and side.
            let mut script: Vec<_> = (0..24_usize)
                .map(|idx| (11 + 401 * idx, Act::On(part, 40 + 5 * (idx as i32 % 9), 40 + 3 * idx as u8)))
                .collect();
            script.insert(0, (0, Act::Sound(part, sound)));
            script.push((10_000, Act::Gain(part, 0.3)));
            script.push((10_300, Act::Pan(part, -0.7)));
            script.push((11_000, Act::AllOff));
            check_cuts(&format!("{part} {sound:?}"), &script, 60_000, &[&[17], &[512], &[64, 1, 4096, 3]]);
        }
    }
}

#[test]
fn what_was_before_a_silence_or_a_reset_is_forgotten() {
    let script: Vec<_> = (0..60_usize)
        .flat_map(|idx| {
            let (part, _, pitch) = RANGES[idx % 5].clone();
            let at = 700 * idx;
            [(at, Act::On(part, pitch, 90)), (at + 5000, Act::Off(part, pitch))]
        })
        .collect();
    let mut script = script;
    script.sort_by_key(|(at, _)| *at);
    let fresh = perform(&mut Synth::new(48_000.0), &script, 60_000, &[512]);
    let before =
        [(0, Act::On(Part::Chords, 55, 127)), (3, Act::On(Part::Drums, 49, 90)), (7, Act::Pedal(true))];

    let mut synth = Synth::new(48_000.0);
    perform(&mut synth, &before, 30_011, &[64]);
    let_die_away(&mut synth);
    assert!(perform(&mut synth, &script, 60_000, &[512]) == fresh, "after a silence");

    // Once more, cut off in the middle.
    perform(&mut synth, &before, 3001, &[64]);
    synth.reset();
    assert_silent(&synth);
    assert!(perform(&mut synth, &script, 60_000, &[512]) == fresh, "after a reset");
}

#[test]
fn a_reset_keeps_what_was_set() {
    let set = |synth: &mut Synth| {
        synth.set_sound(Part::Melody, Sound::Bass);
        synth.set_gain(Part::Melody, 0.5);
        synth.set_pan(Part::Melody, 1.0);
    };
    let note = [(0, Act::On(Part::Melody, 48, 100))];
    let [mut fresh, mut reset] = [(); 2].map(|()| Synth::new(48_000.0));
    set(&mut fresh);
    perform(&mut reset, &note, 999, &[100]);
    set(&mut reset);
    reset.reset();
    assert!(
        perform(&mut fresh, &note, 9000, &[512]) == perform(&mut reset, &note, 9000, &[512]),
        "a sound, a level or a side is lost"
    );
}

/// Any act of any part; keys are few, so that notes meet.
fn act() -> impl Strategy<Value = Act> {
    let part = || prop::sample::select(Part::ALL.to_vec());
    let key = || 36_i32..60;
    prop_oneof![
        8 => (part(), key(), 1_u8..128).prop_map(|(part, key, velocity)| Act::On(part, key, velocity)),
        4 => (part(), key()).prop_map(|(part, key)| Act::Off(part, key)),
        3 => (key(), 1_u8..128).prop_map(|(key, velocity)| Act::LiveOn(key, velocity)),
        2 => key().prop_map(Act::LiveOff),
        1 => any::<bool>().prop_map(Act::Pedal),
        2 => (part(), key()).prop_map(|(part, key)| Act::Choke(part, key)),
        1 => Just(Act::AllOff),
        1 => (part(), prop::sample::select(SOUNDS.to_vec())).prop_map(|(part, sound)| Act::Sound(part, sound)),
        1 => (part(), 0.0_f32..1.5).prop_map(|(part, gain)| Act::Gain(part, gain)),
        1 => (part(), -1.0_f32..1.0).prop_map(|(part, pan)| Act::Pan(part, pan)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_played_sounds_the_same_however_time_is_cut(
        acts in prop::collection::vec((0_usize..500, act()), 10..120),
        blocks in prop::collection::vec(1_usize..700, 1..40),
    ) {
        let mut at = 0;
        let mut script = vec![(0, Act::On(Part::Melody, 60, 100))];
        script.extend(acts.into_iter().map(|(gap, act)| {
            at += gap;
            (at, act)
        }));
        check_cuts("all parts", &script, at + 9000, &[&blocks, &[1], &[4096]]);
    }

    #[test]
    fn whatever_was_played_before_a_silence_is_forgotten(
        before in prop::collection::vec((0_usize..500, act()), 1..40),
    ) {
        let mut at = 0;
        let before: Vec<_> = before.into_iter().map(|(gap, act)| { at += gap; (at, act) }).collect();
        let script: Vec<_> =
            RANGES.into_iter().map(|(part, _, pitch)| (100 * part.index(), Act::On(part, pitch, 90))).collect();
        // Settings outlast a silence, so both synths get them.
        let is_set = |act: &Act| matches!(act, Act::Sound(..) | Act::Gain(..) | Act::Pan(..));
        let [mut fresh, mut used] = [(); 2].map(|()| Synth::new(48_000.0));
        before.iter().filter(|(_, act)| is_set(act)).for_each(|(_, act)| act.carry_out(&mut fresh));
        perform(&mut used, &before, at + 1000, &[333]);
        let_die_away(&mut used);
        let [fresh, used] = [&mut fresh, &mut used].map(|synth| perform(synth, &script, 9000, &[512]));
        prop_assert!(fresh == used);
    }
}
