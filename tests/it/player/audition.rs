//! Auditioned notes: one at a time, on their part's channel, whether time moves or not.

use descant::music::{Part, Pitch};
use descant::player::{Action, PlayerEvent};

use super::rig::{Host, Rig, sixteenths, stopped};

/// Samples that a note sounds.
const SOUND: u64 = 16_800;

fn heard(rig: &Rig) -> Vec<(u64, u8, u8, bool)> {
    let is_on = |event: &PlayerEvent| event.action != Action::Off;
    rig.events.iter().map(|(at, event)| (*at, event.channel, event.pitch.number(), is_on(event))).collect()
}

#[test]
fn a_note_sounds_for_a_moment_whatever_the_blocks() {
    for size in [64, 480, 8192, 48_000] {
        let mut rig = Rig::new();
        rig.block(&stopped(), &[], 480);
        rig.monitor.audition(Part::Bass, &[Pitch::clamped(40)], 77);
        while rig.now < 48_480 {
            rig.block(&stopped(), &[], size.min(u32::try_from(48_480 - rig.now).unwrap()));
        }
        assert_eq!(heard(&rig), [(480, 2, 40, true), (480 + SOUND, 2, 40, false)], "{size}");
        assert_eq!(rig.events[0].1.action, Action::On { velocity: 77 });
        rig.monitor.audition(Part::Chords, &[48, 64, 67, 70, 127, 20].map(Pitch::clamped), 80);
        rig.block(&stopped(), &[], 480);
        assert_eq!(rig.monitor.n_sounding(), 5, "no more than five");
        rig.release_all();
        assert!(!rig.events[0].1.is_test, "the preview plays it too");
    }
}

#[test]
fn a_note_ends_the_one_before_and_silent_parts_and_bypass_leave_it_out() {
    let mut rig = Rig::new();
    rig.block(&stopped(), &[], 480);
    for (pitch, n_samples) in [(60, 480), (62, 480)] {
        rig.monitor.audition(Part::Melody, &[Pitch::clamped(pitch)], 90);
        rig.block(&stopped(), &[], n_samples);
    }
    assert_eq!(heard(&rig), [(480, 0, 60, true), (960, 0, 60, false), (960, 0, 62, true)]);
    rig.settings.parts[Part::Melody.index()].is_muted = true;
    rig.block(&stopped(), &[], 480);
    rig.monitor.audition(Part::Melody, &[Pitch::clamped(64)], 90);
    rig.block(&stopped(), &[], 480);
    rig.settings.parts[Part::Melody.index()].is_muted = false;
    rig.settings.is_bypassed = true;
    rig.monitor.audition(Part::Melody, &[Pitch::clamped(65)], 90);
    rig.block(&stopped(), &[], 480);
    assert_eq!(heard(&rig)[3..], [(1440, 0, 62, false)]);
}

#[test]
fn the_phrase_plays_on_beside_it() {
    let played = |auditions: bool| {
        let mut rig = Rig::with(&sixteenths(1, 60));
        let mut host = Host::at(0.0);
        host.play(&mut rig, 4_800, &[480]);
        if auditions {
            rig.monitor.audition(Part::Drums, &[Pitch::clamped(49)], 90);
        }
        host.play(&mut rig, 24_000, &[480]);
        heard(&rig)
    };
    let (plain, mut beside) = (played(false), played(true));
    assert_eq!(beside.len(), plain.len() + 2);
    beside.retain(|(_, _, key, _)| *key != 49);
    assert_eq!(beside, plain);
}
