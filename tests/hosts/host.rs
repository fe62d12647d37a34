//! What the tests do with a host of either format.

use std::time::{Duration, Instant};

use descant::session::Project;

use crate::expected;
use crate::heard::Heard;
use crate::stored::Stored;
use crate::transport::Transport;

/// How long anything may take that waits for composing, on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

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
    fn heard(&mut self) -> &mut Heard;

    /// The project, as a host would store it now.
    fn project(&mut self) -> Project {
        self.save().project()
    }

    /// Plays `seconds` in blocks of the sizes in `blocks`, round and round.
    fn run(&mut self, seconds: f64, blocks: &[u32]) {
        let until = self.heard().n_samples() + to_samples(seconds * self.rate());
        for n_samples in blocks.iter().cycle() {
            let left = until.saturating_sub(self.heard().n_samples());
            if left == 0 {
                return;
            }
            self.run_block(u32::try_from(left).unwrap_or(u32::MAX).min(*n_samples));
        }
    }

    /// Plays in time with the clock until `is_done`.
    fn run_until(&mut self, what: &str, mut is_done: impl FnMut(&mut Self) -> bool) {
        let started = Instant::now();
        while !is_done(self) {
            assert!(started.elapsed() < DEADLINE, "waited too long: {what}");
            self.run_block(WAITING_BLOCK);
            std::thread::sleep(Duration::from_secs_f64(f64::from(WAITING_BLOCK) / self.rate()));
        }
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

    /// Presses Generate and plays until the takes are there.
    fn generate(&mut self) {
        let before = self.project().takes.next_number();
        self.press("generate");
        self.run_until("takes", |host| host.project().takes.next_number() > before);
        self.settle();
    }

    /// Plays from the start until a note is heard, then stops, goes back to the start and begins a new recording.
    fn wait_until_heard(&mut self) {
        *self.transport() = Transport { is_playing: true, beat: 0.0, ..*self.transport() };
        self.run_until("a note", |host| host.heard().n_ons() > 0);
        self.transport().is_playing = false;
        self.run_block(WAITING_BLOCK);
        self.heard().check();
        self.transport().beat = 0.0;
        self.take_heard();
    }

    /// Plays one pass of the current take from beat 0 and what rings on after it, and stops.
    fn play_pass(&mut self, blocks: &[u32]) -> Heard {
        let take = self.project().takes.current().cloned().expect("there is a take");
        let beats = take.take.phrase.frame().duration().to_beats();
        self.take_heard();
        *self.transport() = Transport { is_playing: true, beat: 0.0, ..*self.transport() };
        let seconds = beats * 60.0 / self.transport().tempo;
        self.run(seconds + 0.1, blocks);
        self.transport().is_playing = false;
        self.run_block(WAITING_BLOCK);
        self.take_heard()
    }

    /// Holds that each take of `state` is played from its first note, if the state is loaded with that take chosen and no
    /// block comes between.
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
            let heard = self.take_heard();
            heard.check();
            // What begins as the transport stops is of no account.
            let begun = Heard { sound: heard.sound.map(|side| side[..190_000].to_vec()), ..heard };
            expected::check_strikes(&begun, 0, &entry.take.phrase, 0.0, 120.0, 48_000.0);
        }
    }

    /// What was heard; a new recording begins.
    fn take_heard(&mut self) -> Heard {
        std::mem::take(self.heard())
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "lengths are not negative")]
fn to_samples(samples: f64) -> u64 {
    samples.round() as u64
}
