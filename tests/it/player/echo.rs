//! The output routed back to the input.

use descant::player::{Action, HostTime, InputEvent, Mode, PlayerEvent};

use super::rig::{Host, Rig, off, on, sixteenths};

/// What a host sends back of `events`.
fn back(events: &[PlayerEvent]) -> Vec<InputEvent> {
    let input =
        |event: &PlayerEvent| InputEvent::note(event.offset, event.channel, event.pitch, event.action);
    events.iter().map(input).collect()
}

/// Plays `n_blocks` of `size`, with the output of each coming in `delay` blocks later.
fn loop_back(rig: &mut Rig, host: &mut Host, (n_blocks, size, delay): (usize, u32, usize)) {
    let mut late: Vec<Vec<InputEvent>> = vec![Vec::new(); delay];
    for _ in 0..n_blocks {
        let inputs = late.remove(0);
        let events = rig.block(&host.time(), &inputs, size);
        late.push(back(&events));
        host.advance(size);
    }
}

#[test]
fn what_the_host_sends_back_is_ignored() {
    for (size, delay) in [(64, 1), (512, 1), (512, 2), (2048, 1), (4096, 2)] {
        let mut rig = Rig::with(&sixteenths(2, 50));
        let mut host = Host::at(0.0);
        loop_back(&mut rig, &mut host, (1_000_000 / size as usize, size, delay));
        let n_note_ons = rig.note_ons().len();
        let n_passed = rig.events.iter().filter(|(_, event)| event.part.is_none()).count();
        // A few are taken for a musician's before it is sure.
        assert!(
            n_note_ons > 160 && n_passed < 20,
            "{size} {delay}: {n_note_ons} note-ons, {n_passed} passed on"
        );
        assert!(rig.monitor.n_echoes() > 300, "{size} {delay}");
        // Once the loop is open, keys are keys.
        let stopped = HostTime { tempo: Some(120.0), beat: Some(0.0), ..HostTime::default() };
        (0..100).for_each(|_| drop(rig.block(&stopped, &[], 4096)));
        rig.events.clear();
        rig.block(&stopped, &[on(0, 60), off(30, 60)], 64);
        assert_eq!(rig.events.len(), 2, "{size} {delay}");
    }
}

#[test]
fn a_phrase_at_a_key_does_not_press_keys_itself() {
    let mut rig = Rig::with(&sixteenths(2, 50));
    rig.settings.mode = Mode::Keys;
    let mut host = Host::at(0.0);
    rig.block(&host.time(), &[on(0, 60)], 64);
    loop_back(&mut rig, &mut host, (8000, 64, 1));
    let jumps = rig.monitor.n_jumps();
    loop_back(&mut rig, &mut host, (8000, 64, 1));
    assert_eq!(rig.monitor.n_jumps(), jumps, "the phrase begins anew all the time");
    rig.block(&host.time(), &[off(0, 60)], 64);
    rig.block(&host.time(), &[], 64);
    assert!(rig.sounding.is_empty());
}

#[test]
fn keys_played_along_pass_through() {
    let mut rig = Rig::with(&sixteenths(2, 50));
    let mut host = Host::at(0.0);
    let mut n_played = 0;
    // The very notes of the phrase, as loud, a human while later: never twice the same.
    for (round, wait) in [700_u32, 1900, 900, 2600, 400, 3100, 1300].iter().cycle().take(60).enumerate() {
        let events = rig.block(&host.time(), &[], 600);
        host.advance(600);
        let Some(note) = events.iter().find(|event| event.action != Action::Off).copied() else { continue };
        rig.block(&host.time(), &[], *wait + u32::try_from(round).unwrap());
        host.advance(*wait + u32::try_from(round).unwrap());
        let input = |offset, action| InputEvent::note(offset, 5, note.pitch, action);
        rig.block(&host.time(), &[input(0, note.action), input(50, Action::Off)], 600);
        host.advance(600);
        n_played += 1;
    }
    let n_passed =
        rig.events.iter().filter(|(_, event)| event.channel == 5 && event.action != Action::Off).count();
    assert!(n_played > 5);
    assert_eq!((n_passed, rig.monitor.n_echoes()), (n_played, 0));
}

#[test]
fn a_key_repeated_like_a_machine_passes_each_time() {
    for is_bypassed in [false, true] {
        let mut rig = Rig::with(&sixteenths(2, 50));
        rig.settings.is_bypassed = is_bypassed;
        let mut host = Host::at(0.0);
        for _ in 0..64 {
            rig.block(&host.time(), &[on(0, 100), off(3000, 100)], 6000);
            host.advance(6000);
        }
        let is_key = |event: &PlayerEvent| event.part.is_none() && event.action != Action::Off;
        assert_eq!(rig.events.iter().filter(|(_, event)| is_key(event)).count(), 64, "{is_bypassed}");
    }
}
