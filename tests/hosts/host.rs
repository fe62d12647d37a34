//! A trait for hosts of either format, with the steps that tests share.

use std::time::{Duration, Instant};

use descant::session::Project;

use crate::expected;
use crate::recording::Recording;
use crate::stored::Stored;
use crate::transport::Transport;

/// The longest that a plugin that composes may take for the next take. No machine is so busy: the longest phrase is a second
/// or two of work.
pub const HANG: Duration = Duration::from_secs(600);

/// How often it is looked for takes: to store the project is work, too.
const LOOK: Duration = Duration::from_secs(1);

/// How often a bounce is compared with the clock: more often than the plugin does.
const GLANCE: Duration = Duration::from_millis(150);

/// The block that waiting plays, in samples.
const WAITING_BLOCK: u32 = 480;

/// An instance in a host, with a scripted transport and a recording.
pub trait Host: Sized {
    /// Plays a block of `n_samples`.
    fn run_block(&mut self, n_samples: u32);

    /// Sets the switch `id` at the start of the next block, as an automation lane does.
    fn switch(&mut self, id: &str, is_on: bool);

    /// The state as the host would store it now.
    fn save(&mut self) -> Stored;

    /// Loads a state that is good.
    fn load(&mut self, state: &Stored);

    /// Hertz.
    fn rate(&self) -> f64;

    /// Time of the next block.
    fn transport(&mut self) -> &mut Transport;

    /// Everything since the recording began.
    fn recording(&mut self) -> &mut Recording;

    /// The project, as a host would store it now.
    fn project(&mut self) -> Project {
        self.save().project()
    }

    /// Plays `seconds` in blocks of the sizes in `blocks`, round and round.
    fn run(&mut self, seconds: f64, blocks: &[u32]) {
        let until = self.recording().n_samples() + to_samples(seconds * self.rate());
        for n_samples in blocks.iter().cycle() {
            let left = until.saturating_sub(self.recording().n_samples());
            if left == 0 {
                return;
            }
            self.run_block(u32::try_from(left).unwrap_or(u32::MAX).min(*n_samples));
        }
    }

    /// Plays `seconds` as fast as it can, and does `deed` every ten of them. Whether that was faster than the clock all the way:
    /// who waits for a processor in the middle of it does not render to a plugin that has only the clock to go by.
    fn bounce(&mut self, seconds: f64, deed: impl Fn(&mut Self)) -> bool {
        let start = self.recording().n_samples();
        let (until, every) = (start + to_samples(seconds * self.rate()), to_samples(10.0 * self.rate()));
        let (mut next, mut is_ahead) = (start + every, true);
        let (mut seen, mut n_seen) = (Instant::now(), start);
        while self.recording().n_samples() < until {
            if self.recording().n_samples() >= next {
                deed(self);
                next += every;
            }
            self.run_block(512);
            let (passed, played) = (seen.elapsed(), self.recording().n_samples() - n_seen);
            if passed >= GLANCE {
                is_ahead &= played > to_samples(1.2 * passed.as_secs_f64() * self.rate());
                (seen, n_seen) = (Instant::now(), self.recording().n_samples());
            }
        }
        is_ahead
    }

    /// Plays, no faster than the clock, until `is_done`, however long that takes a plugin that gets on.
    fn run_until(&mut self, what: &str, mut is_done: impl FnMut(&mut Self) -> bool) {
        let mut patience = Patience::new();
        while !is_done(self) {
            patience.check(what, self);
            self.run_block(WAITING_BLOCK);
            std::thread::sleep(Duration::from_secs_f64(f64::from(WAITING_BLOCK) / self.rate()));
        }
    }

    /// Waits until `is_done` without playing a block: time stands still for the plugin, and its worker gets on.
    fn wait_until(&mut self, what: &str, mut is_done: impl FnMut(&mut Self) -> bool) {
        let mut patience = Patience::new();
        while !is_done(self) {
            patience.check(what, self);
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Plays `seconds` in time with the clock.
    fn run_in_time(&mut self, seconds: f64) {
        let (began, start) = (Instant::now(), self.recording().n_samples());
        let until = start + to_samples(seconds * self.rate());
        while self.recording().n_samples() < until {
            let due = start + to_samples(began.elapsed().as_secs_f64() * self.rate());
            while self.recording().n_samples() < due.min(until) {
                self.run_block(WAITING_BLOCK);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Plays nothing for `seconds`, as hosts do that have something else to do, and then all that was left out at once.
    fn stall(&mut self, seconds: f64) {
        std::thread::sleep(Duration::from_secs_f64(seconds));
        self.run(seconds, &[WAITING_BLOCK]);
    }

    /// Lets half a second pass, on the transport and on the clock.
    fn settle(&mut self) {
        let until = Instant::now() + Duration::from_millis(500);
        self.run_until("time passes", |_| Instant::now() >= until);
    }

    /// Switches `id` on and off again.
    fn press(&mut self, id: &str) {
        self.switch(id, true);
        self.run_block(64);
        self.switch(id, false);
        self.run_block(64);
    }

    /// Presses Generate and plays until the phrase is there. Others to choose from may still be on their way.
    fn generate(&mut self) {
        let next = self.project().takes.next_number();
        self.press("generate");
        self.await_new(next);
        self.settle();
    }

    /// Plays until a take is chosen that has the number `next` or a later one.
    fn await_new(&mut self, next: u64) {
        let number = |host: &mut Self| host.project().takes.current().map(|entry| entry.number);
        self.run_until("a take", |host| number(host) >= Some(next));
    }

    /// Plays from the start until a note sounds, then stops, goes back to the start and begins a new recording.
    fn wait_until_sounding(&mut self) {
        *self.transport() = Transport { is_playing: true, beat: 0.0, ..*self.transport() };
        self.run_until("a note", |host| host.recording().n_ons() > 0);
        self.transport().is_playing = false;
        self.run_block(WAITING_BLOCK);
        self.recording().check();
        self.transport().beat = 0.0;
        self.take_recording();
    }

    /// Plays one pass of the current take from beat 0 and what rings on after it, and stops.
    fn play_pass(&mut self, blocks: &[u32]) -> Recording {
        let take = self.project().takes.current().cloned().expect("there is a take");
        let beats = take.take.phrase.frame().duration().to_beats();
        self.take_recording();
        *self.transport() = Transport { is_playing: true, beat: 0.0, ..*self.transport() };
        let seconds = beats * 60.0 / self.transport().tempo;
        self.run(seconds + 0.1, blocks);
        self.transport().is_playing = false;
        self.run_block(WAITING_BLOCK);
        self.take_recording()
    }

    /// Checks that each take of `state` plays from its first note when the state is loaded with that take chosen right
    /// before the first block.
    ///
    /// # Panics
    ///
    /// It is not.
    fn check_renders(&mut self, state: &Stored) {
        let takes = state.project().takes;
        for (idx, entry) in takes.entries().iter().enumerate() {
            let mut project = state.project_json();
            project["takes"]["current"] = idx.into();
            let state = state.clone().with_project_json(&project);
            *self.transport() = Transport { is_playing: true, ..Transport::default() };
            self.load(&state);
            self.run(4.0, &[512]);
            self.transport().is_playing = false;
            self.run(0.1, &[64]);
            let recording = self.take_recording();
            recording.check();
            // What begins as the transport stops is of no account.
            expected::check_note_ons(&recording, 0..190_000, &entry.take.phrase, 0.0, 120.0, 48_000.0);
        }
    }

    /// The recording so far; a new one begins.
    fn take_recording(&mut self) -> Recording {
        std::mem::take(self.recording())
    }
}

/// How long something is waited for: as long as takes come, or might.
struct Patience {
    n_takes: u64,
    looked: Instant,
    came: Instant,
}

impl Patience {
    fn new() -> Self {
        let now = Instant::now();
        Self { n_takes: 0, looked: now, came: now }
    }

    /// # Panics
    ///
    /// `what` does not happen in time.
    fn check(&mut self, what: &str, host: &mut impl Host) {
        if self.looked.elapsed() < LOOK {
            return;
        }
        self.looked = Instant::now();
        let n_takes = host.project().takes.next_number();
        if n_takes != std::mem::replace(&mut self.n_takes, n_takes) {
            self.came = Instant::now();
        }
        assert!(self.came.elapsed() < HANG, "waited in vain: {what}");
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "lengths are not negative")]
fn to_samples(samples: f64) -> u64 {
    samples.round() as u64
}
