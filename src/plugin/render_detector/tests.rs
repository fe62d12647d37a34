use proptest::prelude::*;

use super::*;

/// A host on a clock of its own.
struct SimHost {
    pace: Pace,
    now: Instant,
    began: Instant,
    /// Seconds.
    played: f64,
}

/// How often the worker looks, in seconds.
const LOOK: f64 = 0.05;

/// Seconds of a block: 240 samples at 48 kHz.
const BLOCK: f64 = 0.005;

impl SimHost {
    fn new() -> Self {
        let now = Instant::now();
        let pace = Pace::new(Arc::default());
        pace.rendered.watch();
        Self { pace, now, began: now, played: 0.0 }
    }

    fn block(&mut self) {
        self.pace.rendered.add(240, 48_000.0);
        self.played += BLOCK;
    }

    fn look_after(&mut self, seconds: f64) -> HostPace {
        self.now += Duration::from_secs_f64(seconds);
        self.pace.look(self.now)
    }

    /// Plays `speed` times as fast as time for `seconds`; what it is found to do at each look.
    fn play(&mut self, speed: f64, seconds: f64) -> Vec<HostPace> {
        let (start, mut looks, mut passed) = (self.played, Vec::new(), 0.0);
        while passed < seconds {
            passed += LOOK;
            while self.played - start + BLOCK <= passed * speed {
                self.block();
            }
            looks.push(self.look_after(LOOK));
        }
        looks
    }

    /// Seconds that it is behind time.
    fn lag(&self) -> f64 {
        self.now.duration_since(self.began).as_secs_f64() - self.played
    }

    /// Plays `speed` times as fast as time until it has made up for all that it had left out.
    fn catch_up(&mut self, speed: f64) -> Vec<HostPace> {
        let mut looks = Vec::new();
        while self.lag() > LOOK {
            let step = LOOK.min(self.lag() / (speed - 1.0).max(0.01));
            let until = self.played + step * speed;
            while self.played + BLOCK <= until {
                self.block();
            }
            looks.push(self.look_after(step));
        }
        looks
    }
}

fn are_all(looks: &[HostPace], expected: HostPace) -> bool {
    looks.iter().all(|pace| *pace == expected)
}

#[test]
fn a_render_is_found_and_playback_after_it_soon_believed() {
    // Times as fast as time, and the seconds within which it is found.
    for (speed, seconds) in [(1.2, 5.0), (1.5, 2.0), (3.0, 1.0), (20.0, 1.0), (500.0, 1.0)] {
        let mut host = SimHost::new();
        assert!(are_all(&host.play(1.0, 5.0), HostPace::InTime));
        // It begins at the start of the song, maybe after a dialogue.
        host.play(0.0, if speed > 10.0 { 30.0 } else { 0.0 });
        host.pace.rendered.jump();
        let render = host.play(speed, seconds);
        let rest = host.play(speed, 20.0);
        assert!(render.contains(&HostPace::Rendering), "{speed}");
        assert!(are_all(&rest, HostPace::Rendering), "{speed}");
        assert_eq!(render[0] == HostPace::Rendering, speed > 13.0);
        assert!(host.pace.rendered.is_ahead());
        let playback = host.play(1.0, 3.0);
        assert!(are_all(&playback[40..], HostPace::InTime), "{speed}");
        // What is asked for after it waits at most.
        assert!(!playback[10..].contains(&HostPace::Rendering), "{speed}");
        assert!(!host.pace.rendered.is_ahead());
    }
}

#[test]
fn a_render_that_never_began_is_found_by_its_length() {
    let mut host = SimHost::new();
    host.play(1.0, 5.0);
    let render = host.play(3.0, 10.0);
    assert!(render.contains(&HostPace::Ahead));
    assert!(are_all(&render[60..], HostPace::Rendering));
}

#[test]
fn a_bounce_within_one_look_is_found() {
    let mut host = SimHost::new();
    host.play(1.0, 5.0);
    host.play(0.0, 3.0);
    host.pace.rendered.watch();
    (0..1000).for_each(|_| host.block());
    assert_eq!(host.look_after(LOOK), HostPace::Rendering);
    assert!(are_all(&host.play(1.0, 5.0), HostPace::InTime), "activated anew");
}

#[test]
fn who_plays_ahead_a_little_or_has_another_clock_does_not_render() {
    let mut host = SimHost::new();
    for _ in 0..10 {
        host.pace.rendered.add(16_000, 48_000.0);
        assert_eq!(host.look_after(0.0), HostPace::InTime);
        assert!(are_all(&host.play(1.0, 3.0), HostPace::InTime));
        assert!(are_all(&host.play(0.0, 1.0), HostPace::InTime));
    }
    // Three hours of a clock that is too fast by 200 parts in a million, in large blocks.
    let mut host = SimHost::new();
    for block in 1..60_000_u32 {
        host.pace.rendered.add(8192, 48_000.0);
        assert_eq!(host.look_after(0.170_632_533), HostPace::InTime, "{block}");
    }
}

#[test]
fn a_host_that_says_it_itself_is_believed() {
    let mut host = SimHost::new();
    for (is_offline, pace) in [(false, HostPace::InTime), (true, HostPace::Rendering)] {
        host.pace.rendered.set(is_offline);
        assert!(are_all(&host.play(50.0, 1.0), pace));
        assert!(!host.pace.rendered.is_ahead());
    }
}

#[test]
fn a_lead_beyond_a_long_stall_is_no_render_at_once() {
    let mut host = SimHost::new();
    host.play(1.0, 5.0);
    host.play(0.0, 8.0);
    let looks = host.catch_up(100.0);
    assert!(looks.contains(&HostPace::Ahead) && !looks.contains(&HostPace::Rendering), "{looks:?}");
    let playback = host.play(1.0, 3.0);
    assert!(are_all(&playback[30..], HostPace::InTime));
}

#[test]
fn the_transport_starts_and_jumps() {
    let mut course = Course::default();
    let at = |is_playing, beat: f64| HostTime {
        is_playing,
        tempo: Some(120.0),
        beat: Some(beat),
        ..HostTime::default()
    };
    let looped = |beat| HostTime { loop_range: Some((1.0, 3.0)), ..at(true, beat) };
    for (host, expected) in [
        (at(false, 0.0), false),
        (at(false, 7.0), false),
        (at(true, 0.0), true),
        (at(true, 1.0), false),
        (at(true, 2.001), false),
        (looped(1.0), false),
        (at(true, 0.0), true),
        (HostTime { beat: None, tempo: None, ..at(true, 0.0) }, false),
        (at(true, 9.0), false),
        (at(true, 9.0), true),
        (at(false, 10.0), false),
    ] {
        assert_eq!(course.has_jumped(&host, 0.5), expected, "{host:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// A host that stalls at random and catches up, at once or bit by bit, is in time all along.
    #[test]
    fn who_makes_up_for_stalls_does_not_render(
        stalls in prop::collection::vec((0.05..4.5_f64, 0.0..1.5_f64, 1.2..200.0_f64, 0.0..3.0_f64), 1..12),
        is_playing in any::<bool>(),
    ) {
        let mut host = SimHost::new();
        if is_playing {
            host.block();
            host.pace.rendered.jump();
        }
        host.play(1.0, 1.0);
        for (stall, pause, speed, rest) in stalls {
            prop_assert!(are_all(&host.play(0.0, stall), HostPace::InTime));
            prop_assert!(are_all(&host.play(1.0, pause), HostPace::InTime));
            prop_assert!(are_all(&host.catch_up(speed), HostPace::InTime), "{stall} {pause} {speed}");
            prop_assert!(are_all(&host.play(1.0, rest), HostPace::InTime));
        }
    }

    /// A host that renders after any of that is found to.
    #[test]
    fn a_render_after_stalls_is_found(stall in 0.05..60.0_f64, speed in 1.5..500.0_f64, is_activated in any::<bool>()) {
        let mut host = SimHost::new();
        host.play(1.0, 2.0);
        host.play(0.0, stall);
        if is_activated {
            host.pace.rendered.watch();
        } else {
            host.pace.rendered.jump();
        }
        let render = host.play(speed, 5.0);
        prop_assert!(are_all(&render[60..], HostPace::Rendering), "{render:?}");
    }
}
