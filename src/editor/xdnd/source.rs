//! Decides what the source of a drag sends.
//!
//! Times are counted from the start of the drag. Every wait has a limit, so that a drag ends whatever its target does.

use std::time::Duration;

use super::messages::{ToSource, ToTarget, VERSION};

/// The longest wait for the answer to a position.
pub const STATUS_LIMIT: Duration = Duration::from_secs(1);

/// Time after which a target that refuses is asked again though the pointer rests: some look at what is offered only once
/// they have been asked, and then accept.
const AGAIN: Duration = Duration::from_millis(150);

/// The longest wait for the end after a drop.
pub const FINISH_LIMIT: Duration = Duration::from_secs(8);

/// A window that takes part in the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The window.
    pub window: u32,
    /// The window that gets the messages for it; itself if it has no proxy.
    pub proxy: u32,
    /// The highest version that it knows.
    pub version: u8,
}

impl Target {
    /// The version that both know.
    pub fn spoken_version(&self) -> u8 {
        self.version.min(VERSION)
    }
}

/// How a drag ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The target has the data.
    Taken,
    /// Nothing under the pointer takes it.
    Refused,
    /// It was called off.
    Cancelled,
}

/// A drag under way.
#[derive(Debug, Default)]
pub struct Source {
    over: Option<Over>,
    /// Since when the button is up.
    released: Option<Duration>,
    /// Since when the data is dropped.
    dropped: Option<Duration>,
    /// Whether the target has fetched the data.
    is_fetched: bool,
    end: Option<End>,
    outbox: Vec<(Target, ToTarget)>,
}

/// The target under the pointer.
#[derive(Debug, Clone, Copy)]
struct Over {
    target: Target,
    /// Where the pointer was last said to be.
    at: (i16, i16),
    /// When it was last said.
    said: Duration,
    /// Since when a position is not answered.
    unanswered: Option<Duration>,
    /// Whether it would accept a drop.
    accepts: bool,
}

impl Source {
    /// The pointer is `at` a place of the screen, above `target`.
    pub fn point(&mut self, now: Duration, at: (i16, i16), target: Option<Target>) {
        if self.released.is_some() || self.end.is_some() {
            return;
        }
        if self.over.map(|over| over.target) != target {
            self.leave();
            self.over = target.map(|target| {
                self.outbox.push((target, ToTarget::Enter { version: target.spoken_version() }));
                self.outbox.push((target, ToTarget::Position { at }));
                Over { target, at, said: now, unanswered: Some(now), accepts: false }
            });
        } else if let Some(over) = &mut self.over {
            // A target is sent one position at a time; one that is silent for long may have missed it.
            let may_send = over.unanswered.is_none_or(|since| now.saturating_sub(since) >= STATUS_LIMIT);
            let asks_again = !over.accepts && now.saturating_sub(over.said) >= AGAIN;
            if may_send && (over.at != at || over.unanswered.is_some() || asks_again) {
                (over.at, over.said, over.unanswered) = (at, now, Some(now));
                self.outbox.push((over.target, ToTarget::Position { at }));
            }
        }
    }

    /// The button was released where the pointer was last.
    pub fn release(&mut self, now: Duration) {
        if self.released.is_none() && self.end.is_none() {
            self.released = Some(now);
            self.drop_if_answered(now);
        }
    }

    /// Whether the button was released.
    pub const fn is_released(&self) -> bool {
        self.released.is_some()
    }

    /// A target says something; `from` is its window, or the one that gets its messages.
    pub fn hear(&mut self, now: Duration, from: u32, message: ToSource) {
        let Some(over) = &mut self.over else { return };
        if ![over.target.window, over.target.proxy].contains(&from) || self.end.is_some() {
            return;
        }
        match message {
            ToSource::Status(accepts) if self.dropped.is_none() => {
                (over.accepts, over.unanswered) = (accepts, None);
                if self.released.is_some() {
                    self.drop_if_answered(now);
                }
            }
            ToSource::Finished(is_taken) if self.dropped.is_some() => {
                self.end = Some(if is_taken { End::Taken } else { End::Refused });
            }
            ToSource::Status(_) | ToSource::Finished(_) => {}
        }
    }

    /// The target fetches the data, which it may also do before the drop.
    pub const fn fetch(&mut self) {
        self.is_fetched = self.dropped.is_some();
    }

    /// Time passes.
    pub fn wait(&mut self, now: Duration) {
        let is_over =
            |since: Option<Duration>, limit| since.is_some_and(|since| now.saturating_sub(since) >= limit);
        if self.end.is_some() {
        } else if is_over(self.dropped, FINISH_LIMIT) {
            // Some targets never say that they have finished.
            self.end = Some(if self.is_fetched { End::Taken } else { End::Refused });
        } else if self.dropped.is_none() && is_over(self.released, STATUS_LIMIT) {
            self.give_up(End::Refused);
        }
    }

    /// Calls the drag off.
    pub fn cancel(&mut self) {
        if self.end.is_none() {
            if self.dropped.is_some() {
                self.end = Some(End::Cancelled)
            } else {
                self.give_up(End::Cancelled)
            }
        }
    }

    /// What is to be sent, in order.
    pub fn take_messages(&mut self) -> Vec<(Target, ToTarget)> {
        std::mem::take(&mut self.outbox)
    }

    /// How it ended; `None` while it goes on.
    pub const fn end(&self) -> Option<End> {
        self.end
    }

    /// The version spoken with the present target.
    pub fn version(&self) -> u8 {
        self.over.map_or(VERSION, |over| over.target.spoken_version())
    }

    fn drop_if_answered(&mut self, now: Duration) {
        match self.over {
            None => self.end = Some(End::Refused),
            Some(Over { unanswered: Some(_), .. }) => {}
            Some(Over { target, accepts: true, .. }) => {
                self.dropped = Some(now);
                self.outbox.push((target, ToTarget::Drop));
            }
            Some(_) => self.give_up(End::Refused),
        }
    }

    fn give_up(&mut self, end: End) {
        self.leave();
        self.end = Some(end);
    }

    fn leave(&mut self) {
        if let Some(over) = self.over.take() {
            self.outbox.push((over.target, ToTarget::Leave));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ToTarget::{Drop, Enter, Leave, Position};

    const A: Target = Target { window: 1, proxy: 1, version: 5 };
    const B: Target = Target { window: 2, proxy: 3, version: 4 };

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    fn sent(source: &mut Source) -> Vec<(u32, ToTarget)> {
        source.take_messages().into_iter().map(|(target, message)| (target.window, message)).collect()
    }

    #[test]
    fn a_target_that_refuses_at_first_is_asked_again_while_the_pointer_rests() {
        let mut source = Source::default();
        source.point(at(0), (5, 5), Some(A));
        source.hear(at(1), 1, ToSource::Status(false));
        source.take_messages();
        source.point(at(100), (5, 5), Some(A));
        assert_eq!(sent(&mut source), []);
        source.point(at(160), (5, 5), Some(A));
        assert_eq!(sent(&mut source), [(1, Position { at: (5, 5) })]);
        source.hear(at(161), 1, ToSource::Status(true));
        // One that accepts is left alone.
        source.point(at(900), (5, 5), Some(A));
        assert_eq!(sent(&mut source), []);
        source.release(at(901));
        assert_eq!(sent(&mut source), [(1, Drop)]);
    }

    /// A source above `A`, which has accepted.
    fn accepted() -> Source {
        let mut source = Source::default();
        source.point(at(0), (5, 5), Some(A));
        source.hear(at(1), 1, ToSource::Status(true));
        source.take_messages();
        source
    }

    #[test]
    fn a_target_gets_enter_position_drop() {
        let mut source = Source::default();
        source.point(at(0), (5, 5), None);
        assert_eq!(sent(&mut source), []);
        source.point(at(1), (6, 5), Some(A));
        assert_eq!(sent(&mut source), [(1, Enter { version: 5 }), (1, Position { at: (6, 5) })]);
        source.point(at(2), (7, 5), Some(A));
        assert_eq!(sent(&mut source), [], "one position at a time");
        source.hear(at(3), 1, ToSource::Status(true));
        source.point(at(4), (7, 5), Some(A));
        source.hear(at(5), 1, ToSource::Status(true));
        source.point(at(6), (7, 5), Some(A));
        assert_eq!(sent(&mut source), [(1, Position { at: (7, 5) })], "a pointer that rests says nothing");
        source.release(at(7));
        assert_eq!(sent(&mut source), [(1, Drop)]);
        assert_eq!(source.end(), None);
        source.hear(at(8), 1, ToSource::Finished(true));
        assert_eq!(source.end(), Some(End::Taken));
    }

    #[test]
    fn the_next_target_is_entered_after_the_first_is_left() {
        let mut source = accepted();
        source.point(at(2), (9, 9), Some(B));
        let expected = [(1, Leave), (2, Enter { version: 4 }), (2, Position { at: (9, 9) })];
        assert_eq!(sent(&mut source), expected);
        source.hear(at(3), 1, ToSource::Status(true));
        source.release(at(4));
        assert_eq!(sent(&mut source), [], "the answer of the first is not the second's");
        source.hear(at(5), 3, ToSource::Status(true));
        assert_eq!(sent(&mut source), [(2, Drop)], "a proxy may answer");
        source.point(at(6), (1, 1), None);
        assert_eq!(sent(&mut source), [], "after the release the pointer is free");
    }

    #[test]
    fn where_nothing_accepts_nothing_is_dropped() {
        let mut nowhere = Source::default();
        nowhere.release(at(0));
        assert_eq!((nowhere.end(), sent(&mut nowhere)), (Some(End::Refused), vec![]));
        let mut refused = Source::default();
        refused.point(at(0), (5, 5), Some(A));
        refused.hear(at(1), 1, ToSource::Status(false));
        refused.release(at(2));
        assert_eq!(sent(&mut refused).last(), Some(&(1, Leave)));
        assert_eq!(refused.end(), Some(End::Refused));
    }

    #[test]
    fn a_silent_target_is_asked_again_and_given_up() {
        let mut source = Source::default();
        source.point(at(0), (5, 5), Some(A));
        source.take_messages();
        source.point(at(1000), (5, 5), Some(A));
        assert_eq!(sent(&mut source), [(1, Position { at: (5, 5) })]);
        source.release(at(1100));
        source.wait(at(2099));
        assert_eq!((source.end(), sent(&mut source)), (None, vec![]));
        source.wait(at(2100));
        assert_eq!((source.end(), sent(&mut source)), (Some(End::Refused), vec![(1, Leave)]));
    }

    #[test]
    fn a_target_that_never_finishes_has_what_it_fetched() {
        for (fetches, expected) in [(true, End::Taken), (false, End::Refused)] {
            let mut source = accepted();
            source.fetch();
            source.release(at(2));
            if fetches {
                source.fetch();
            }
            source.wait(at(8001));
            assert_eq!(source.end(), None);
            source.wait(at(8002));
            assert_eq!(source.end(), Some(expected), "fetched: {fetches}");
        }
    }

    #[test]
    fn called_off_it_leaves() {
        let mut source = accepted();
        source.cancel();
        source.release(at(3));
        assert_eq!((source.end(), sent(&mut source)), (Some(End::Cancelled), vec![(1, Leave)]));
        let mut dropped = accepted();
        dropped.release(at(2));
        dropped.cancel();
        assert_eq!((dropped.end(), sent(&mut dropped)), (Some(End::Cancelled), vec![(1, Drop)]));
    }
}
