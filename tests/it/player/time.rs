//! Starts, stops, seeks, loops and tempo.

use descant::music::{Part, TickInstant};
use descant::player::{Action, HostTime, Mode, Settings, TempoSource};

use super::rig::{BEAT, Host, RATE, Rig, off, on, phrase, sixteenths, stopped};

/// Note-offs of the phrase so far: sample and MIDI note number.
fn released(rig: &Rig) -> Vec<(u64, u8)> {
    let released = rig.events.iter().filter(|(_, event)| event.action == Action::Off && event.part.is_some());
    released.map(|(at, event)| (*at, event.pitch.number())).collect()
}

#[test]
fn one_pass_is_exactly_the_phrase() {
    let phrase = phrase(
        2,
        &[
            (0, 960, 60, Part::Melody),
            (960, 7, 60, Part::Melody),
            (967, 1920, 60, Part::Melody),
            (1, 7679, 48, Part::Chords),
            (0, 240, 36, Part::Drums),
            (7440, 240, 36, Part::Drums),
        ],
    );
    let mut rig = Rig::with(&phrase);
    Host::at(0.0).play(&mut rig, 8 * BEAT, &[512]);
    rig.release_all();
    let mut expected: Vec<_> = phrase
        .all_notes()
        .flat_map(|(part, note)| {
            let place = |at: TickInstant| u64::from(at.0) * 25;
            let (key, velocity) = (note.pitch, note.velocity);
            [
                (place(note.onset), Action::On { velocity }, part, key),
                (place(note.end()), Action::Off, part, key),
            ]
        })
        .collect();
    expected.sort_unstable();
    let mut found: Vec<_> =
        rig.events.iter().map(|(at, event)| (*at, event.action, event.part.unwrap(), event.pitch)).collect();
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn stopping_releases_at_the_stop_sample_and_input_goes_on() {
    let mut rig = Rig::with(&phrase(1, &[(0, 3840, 60, Part::Melody), (0, 3840, 64, Part::Chords)]));
    let mut host = Host::at(0.0);
    rig.block(&host.time(), &[on(3, 60)], 1000);
    host.advance(1000);
    assert_eq!((rig.n_generated(), rig.sounding.len()), (2, 3));
    let events = rig.block(&stopped(), &[], 64);
    assert_eq!(
        events.iter().map(|event| (event.offset, event.action)).collect::<Vec<_>>(),
        [(0, Action::Off); 2]
    );
    assert_eq!((rig.n_generated(), rig.sounding.len()), (0, 1));
    rig.block(&stopped(), &[off(63, 60)], 64);
    assert!(rig.sounding.is_empty());
}

#[test]
fn starting_in_the_middle_plays_what_lies_ahead() {
    for (beat, first) in
        [(0.0, (0, 60)), (1.0, (0, 64)), (1.01, (5760, 65)), (-0.5, (0, 74)), (401.0, (0, 64))]
    {
        let mut rig = Rig::with(&sixteenths(1, 60));
        Host::at(beat).play(&mut rig, BEAT, &[480]);
        assert_eq!(rig.note_ons()[0], first, "from {beat}");
        assert!((3..=4).contains(&rig.note_ons().len()));
    }
}

#[test]
fn loops_neither_double_the_first_note_nor_lose_the_last() {
    let bar: Vec<_> = (0..16).map(|idx| 60 + idx).collect();
    for (loop_range, sizes, snaps) in [
        ((0.0, 4.0), [512, 512], false),
        ((0.0, 4.0), [8192, 1], false),
        ((0.0, 4.0), [777, 31], true),
        ((4.0, 8.0), [4096, 4096], true),
        ((8.0, 12.0), [480, 480], false),
    ] {
        let mut rig = Rig::with(&sixteenths(1, 60));
        let mut host = Host { loop_range: Some(loop_range), ..Host::at(loop_range.0) };
        let (mut left, mut sizes) = (12 * BEAT, sizes.into_iter().cycle());
        while left > 0 {
            let size = sizes.next().unwrap().min(u32::try_from(left).unwrap());
            rig.block(&host.time(), &[], size);
            let before = host.beat;
            host.advance(size);
            if snaps && host.beat < before {
                // As if the last block had ended at the loop point.
                host.beat = loop_range.0;
            }
            left -= u64::from(size);
        }
        let keys: Vec<_> = rig.note_ons().iter().map(|(_, key)| *key).collect();
        let whole = if snaps { 32 } else { 48 };
        assert!(keys.len() >= whole, "{} note-ons", keys.len());
        for (idx, key) in keys.iter().enumerate() {
            assert_eq!(*key, bar[idx % 16], "note-on {idx} of {loop_range:?}");
        }
    }
}

#[test]
fn a_short_loop_that_ends_with_the_block_is_played_every_time() {
    let phrase = phrase(1, &[(0, 60, 60, Part::Melody), (120, 60, 62, Part::Melody)]);
    let mut rig = Rig::with(&phrase);
    let mut host = Host { loop_range: Some((0.0, 0.25)), ..Host::at(0.0) };
    // Two rounds a block, the second of which ends between blocks.
    host.play(&mut rig, 2 * BEAT, &[12_000]);
    let expected: Vec<_> = (0..8).flat_map(|idx| [(idx * 6_000, 60), (idx * 6_000 + 3_000, 62)]).collect();
    assert_eq!(rig.note_ons(), expected);
}

#[test]
fn a_loop_inside_the_phrase_is_cut_at_its_sample() {
    let mut rig = Rig::with(&phrase(2, &[(960, 6000, 60, Part::Melody)]));
    let mut host = Host { loop_range: Some((0.0, 3.0)), ..Host::at(0.0) };
    host.play(&mut rig, 6 * BEAT, &[1000]);
    let times: Vec<_> = rig.events.iter().map(|(at, event)| (*at, event.action == Action::Off)).collect();
    assert_eq!(times, [(BEAT, false), (3 * BEAT, true), (4 * BEAT, false)]);
}

#[test]
fn jumps_without_a_word_release_and_seat_anew() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    let mut host = Host::at(0.0);
    host.play(&mut rig, 1000, &[500]);
    assert_eq!(rig.n_generated(), 1);
    host.beat = 2.0;
    let events = rig.block(&host.time(), &[], 100);
    let seen: Vec<_> =
        events.iter().map(|event| (event.offset, event.action, event.pitch.number())).collect();
    assert_eq!(seen, [(0, Action::Off, 60), (0, Action::On { velocity: 90 }, 68)]);
}

#[test]
fn tempo_changes_and_glides_lose_and_double_nothing() {
    for (sizes, glide) in [([512, 512], 1.0), ([64, 4096], 1.0), ([2048, 17], -0.5), ([1000, 1000], 0.0)] {
        let mut rig = Rig::with(&sixteenths(1, 60));
        let (mut host, mut sizes) = (Host::at(0.0), sizes.into_iter().cycle());
        // Where each block began, in samples and beats, and its tempo.
        let mut blocks = Vec::new();
        while host.beat < 16.0 {
            let size = sizes.next().unwrap();
            blocks.push((rig.now, host.beat, host.tempo));
            rig.block(&host.time(), &[], size);
            let seconds = f64::from(size) / RATE;
            // Beats per minute per second; 0 is a jump between two tempos.
            let next = match glide {
                0.0 => {
                    if host.tempo == 120.0 {
                        61.0
                    } else {
                        120.0
                    }
                }
                glide => host.tempo + 60.0 * glide * seconds,
            };
            let mean = if glide == 0.0 { host.tempo } else { (host.tempo + next) / 2.0 };
            host.beat += mean / 60.0 * seconds;
            host.tempo = next.clamp(20.0, 400.0);
        }
        let keys: Vec<_> = rig.note_ons().iter().map(|(_, key)| usize::from(*key)).collect();
        assert!(keys.len() >= 64, "{}", keys.len());
        for (idx, key) in keys.iter().enumerate() {
            assert_eq!(*key, 60 + idx % 16, "note-on {idx}");
        }
        let released = released(&rig);
        assert!(released.len() >= 63, "{}", released.len());
        for (idx, (at, key)) in released.iter().enumerate() {
            assert_eq!(usize::from(*key), 60 + idx % 16, "release {idx}");
            let block_idx = blocks.partition_point(|(start, ..)| start <= at) - 1;
            let (start, beat, tempo) = blocks[block_idx];
            let pace = tempo / 60.0 / RATE;
            let late = (at - start) as f64 + (beat - 0.25 * (idx + 1) as f64) / pace;
            // In a glide the host gets further than a block's tempo leads: what ends there ends with the next block.
            let (last_start, last_beat, last_tempo) = blocks[block_idx.saturating_sub(1)];
            let led = last_beat + (start - last_start) as f64 * last_tempo / 60.0 / RATE;
            let most = if *at == start { ((beat - led) / pace).max(0.0) } else { 0.0 };
            assert!((-1.0..=most + 1.0).contains(&late), "release {idx}: {late} samples late of {most}");
        }
        assert_eq!(rig.monitor.n_jumps(), 1);
    }
}

#[test]
fn a_host_without_transport_is_played_to_at_the_knob() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    rig.settings.tempo = 60.0;
    for _ in 0..100 {
        rig.block(&HostTime::default(), &[], 960);
    }
    let expected: Vec<_> = (0..8_u8).map(|idx| (u64::from(idx) * 12_000, 60 + idx)).collect();
    assert_eq!(rig.note_ons(), expected);
    // A host that plays but gives no beats: from 0 each time.
    let playing = HostTime { is_playing: true, ..HostTime::default() };
    for host in [playing, stopped(), playing] {
        rig.block(&host, &[], 100);
    }
    assert_eq!(rig.note_ons()[8..].iter().map(|(_, key)| *key).collect::<Vec<_>>(), [60, 60]);
}

#[test]
fn a_host_that_gives_beats_alone_is_followed() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    let mut host = Host { tempo: 90.0, ..Host::at(0.0) };
    for _ in 0..400 {
        let time = HostTime { tempo: None, bar_start: None, ..host.time() };
        rig.block(&time, &[], 512);
        host.advance(512);
    }
    for (idx, (at, key)) in rig.note_ons().iter().enumerate() {
        assert_eq!(usize::from(*key), 60 + idx % 16);
        assert!(at.abs_diff(8000 * idx as u64) <= 1);
    }
}

#[test]
fn nonsense_counts_as_not_said() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -1e300, f64::MIN_POSITIVE] {
        let host = HostTime {
            is_playing: true,
            tempo: Some(bad),
            beat: Some(bad),
            loop_range: Some((0.0, bad)),
            bar_start: Some(bad),
            bar_length: Some(bad),
        };
        rig.settings.tempo = bad;
        for n_samples in [0, 1, 480, 8192] {
            rig.block(&host, &[], n_samples);
        }
        rig.settings.mode = if rig.settings.mode == Mode::Host { Mode::Free } else { Mode::Host };
    }
    rig.release_all();
}

#[test]
fn free_runs_on_whatever_the_host_does() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    rig.settings =
        Settings { mode: Mode::Free, tempo: 120.0, tempo_source: TempoSource::Knob, ..rig.settings };
    for host in [stopped(), Host::at(99.0).time(), HostTime::default(), stopped()] {
        rig.block(&host, &[], 6000);
    }
    assert_eq!(rig.note_ons(), [(0, 60), (6000, 61), (12_000, 62), (18_000, 63)]);
}

#[test]
fn a_reset_makes_the_next_render_equal_to_the_first() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    rig.settings =
        Settings { mode: Mode::Free, tempo: 120.0, tempo_source: TempoSource::Knob, ..rig.settings };
    rig.block(&stopped(), &[], 13_000);
    rig.player.reset();
    let start = rig.now;
    rig.block(&stopped(), &[], 13_000);
    let note_ons = rig.note_ons();
    let (first, again): (Vec<_>, Vec<_>) = note_ons.iter().partition(|(at, _)| *at < start);
    assert_eq!(first, [(0, 60), (6000, 61), (12_000, 62)]);
    assert_eq!(again.iter().map(|(at, key)| (at - start, *key)).collect::<Vec<_>>(), first);
}

#[test]
fn another_rate_or_activation_releases_first_and_keeps_every_beat() {
    for (n_a_second, sizes, takes_note_offs) in [
        (44_100, [441, 1], true),
        (96_000, [8192, 17], false),
        (192_000, [1000, 64], true),
        (22_050, [512, 512], false),
        (48_000, [3, 4096], false),
    ] {
        let rate = n_a_second as f32;
        let mut rig = Rig::with(&sixteenths(1, 60));
        let mut host = Host::at(0.0);
        host.play(&mut rig, BEAT + 1000, &[512]);
        assert_eq!(rig.n_generated(), 1);
        if takes_note_offs {
            rig.release_all();
        }
        rig.player.set_sample_rate(rate);
        rig.player.reset();
        let (start, beat) = (rig.now, host.beat);
        host.rate = f64::from(rate);
        rig.block(&host.time(), &[], 1);
        assert_eq!(rig.n_generated(), 0, "released first");
        host.advance(1);
        host.play(&mut rig, 2 * n_a_second, &sizes);
        for (idx, (at, key)) in rig.note_ons().iter().enumerate() {
            assert_eq!(usize::from(*key), 60 + idx % 16, "note-on {idx} at {rate}");
            if *at >= start {
                let seconds = (0.25 * idx as f64 - beat) / 2.0;
                let expected = seconds * f64::from(rate);
                assert!(((at - start) as f64 - expected).abs() <= 1.0, "note-on {idx} at {rate}: {at}");
            }
        }
        // Five before, and those of four beats after.
        assert_eq!(rig.note_ons().len(), 21);
        // The fifth is cut short by the activation, after which each ends where the next begins.
        let released = released(&rig);
        assert_eq!(released.len(), 20);
        for (idx, (at, key)) in released.iter().enumerate() {
            assert_eq!(usize::from(*key), 60 + idx % 16, "release {idx} at {rate}");
            let expected = match idx {
                0..4 => 6000.0 * (idx + 1) as f64,
                4 => start as f64,
                _ => start as f64 + (0.25 * (idx + 1) as f64 - beat) / 2.0 * f64::from(rate),
            };
            assert!((*at as f64 - expected).abs() <= 1.0, "release {idx} at {rate}: {at} for {expected}");
        }
    }
}

#[test]
fn a_seek_by_the_length_of_the_loop_is_a_seek() {
    let mut rig = Rig::with(&sixteenths(2, 40));
    let mut host = Host { loop_range: Some((0.0, 4.0)), ..Host::at(4.5) };
    host.play(&mut rig, BEAT / 2, &[1000]);
    let n_note_ons = rig.note_ons().len();
    host.beat -= 4.0;
    host.play(&mut rig, BEAT / 2, &[1000]);
    // Beats 1 and 1.25, and nothing of what lies before.
    let since: Vec<u8> = rig.note_ons()[n_note_ons..].iter().map(|(_, key)| *key).collect();
    assert_eq!(since, [44, 45]);
}

/// What the monitor tells of tempos says at which the phrase is played, whatever the mode, the source and the host.
#[test]
fn the_reported_tempo_is_the_one_that_plays() {
    let tempo_alone = |tempo| HostTime { tempo: Some(tempo), ..HostTime::default() };
    for mode in [Mode::Host, Mode::Keys, Mode::Free] {
        for source in [TempoSource::Host, TempoSource::Knob, TempoSource::MidiClock] {
            for (host_tempo, gives_tempo, gives_beats) in
                [(140.0, true, true), (140.0, false, true), (90.0, true, false), (90.0, false, false)]
            {
                let mut rig = Rig::with(&sixteenths(1, 60));
                (rig.settings.mode, rig.settings.tempo_source, rig.settings.tempo) = (mode, source, 82.0);
                let mut host = Host { tempo: host_tempo, ..Host::at(0.0) };
                for idx in 0..400 {
                    let mut time = match (gives_tempo, gives_beats) {
                        (_, true) => host.time(),
                        (true, false) => HostTime { is_playing: true, ..tempo_alone(host_tempo) },
                        (false, false) => HostTime::default(),
                    };
                    time.tempo = time.tempo.filter(|_| gives_tempo);
                    let inputs = if idx == 0 && mode == Mode::Keys { vec![on(0, 60)] } else { Vec::new() };
                    rig.block(&time, &inputs, 512);
                    host.advance(512);
                }
                let note_ons = rig.note_ons();
                let case = format!("{mode:?} {source:?} {host_tempo} {gives_tempo} {gives_beats}");
                let [.., (first, _), (_, _), (_, _), (_, _), (last, _)] = note_ons[..] else {
                    // Nobody has started the MIDI clock.
                    assert!(mode != Mode::Keys && source == TempoSource::MidiClock, "{case}");
                    continue;
                };
                let played = 60.0 * RATE / (last - first) as f64;
                let reported = rig.monitor.tempi().ruling(mode, source).map_or(82.0, |(_, tempo)| tempo);
                assert!(
                    (played - reported).abs() < 0.1,
                    "{case}: {played} is played, {reported} is reported"
                );
                let is_bound = rig.monitor.tempi().binds(mode);
                assert_eq!(is_bound, mode == Mode::Host && (gives_tempo || gives_beats), "{case}");
            }
        }
    }
}
