//! Decides what the target of a drag answers.

use super::messages::ToSource;

/// What a source sends, and the data that was fetched from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The pointer came with data that is or is not a list of files.
    Enter {
        /// Whether it is.
        has_files: bool,
    },
    /// The pointer moved.
    Position,
    /// The pointer left, or nothing is dropped.
    Leave,
    /// The button was released, at this time of the server.
    Drop {
        /// In milliseconds, as the server counts them.
        time: u32,
    },
    /// The data that was asked for; `None` if the source has none.
    Data(Option<Vec<u8>>),
}

/// What the target does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Answer to this source's window.
    Answer(u32, ToSource),
    /// Fetch the data, of this time of the server.
    Fetch(u32),
    /// Take the data.
    Take(Vec<u8>),
}

/// The target of at most one drag.
#[derive(Debug, Default)]
pub struct Target {
    visit: Option<Visit>,
}

/// The drag that is above the window.
#[derive(Debug, Clone, Copy)]
struct Visit {
    source: u32,
    has_files: bool,
    is_dropped: bool,
}

impl Target {
    /// Hears something of the source with this window.
    pub fn hear(&mut self, source: u32, heard: Heard) -> Vec<Step> {
        if let Heard::Enter { has_files } = heard {
            // A source that crashed before may not have left.
            self.visit = Some(Visit { source, has_files, is_dropped: false });
            return Vec::new();
        }
        let Some(visit) = self.visit.as_mut().filter(|visit| visit.source == source) else {
            return match heard {
                Heard::Position => vec![Step::Answer(source, ToSource::Status(false))],
                Heard::Drop { .. } => vec![Step::Answer(source, ToSource::Finished(false))],
                _ => Vec::new(),
            };
        };
        match heard {
            Heard::Position => vec![Step::Answer(source, ToSource::Status(visit.has_files))],
            Heard::Drop { time } if visit.has_files && !visit.is_dropped => {
                visit.is_dropped = true;
                vec![Step::Fetch(time)]
            }
            Heard::Drop { .. } => {
                self.visit = None;
                vec![Step::Answer(source, ToSource::Finished(false))]
            }
            Heard::Data(data) if visit.is_dropped => {
                self.visit = None;
                let answer = Step::Answer(source, ToSource::Finished(data.is_some()));
                data.map(Step::Take).into_iter().chain([answer]).collect()
            }
            Heard::Leave if !visit.is_dropped => {
                self.visit = None;
                Vec::new()
            }
            Heard::Data(_) | Heard::Leave | Heard::Enter { .. } => Vec::new(),
        }
    }

    /// Forgets a drag, as when its source is gone.
    pub const fn forget(&mut self) {
        self.visit = None;
    }

    /// Whether files were dropped that are not there yet.
    pub fn is_dropped(&self) -> bool {
        self.visit.is_some_and(|visit| visit.is_dropped)
    }

    /// The window of the source whose files are above this window.
    pub fn source(&self) -> Option<u32> {
        self.visit.filter(|visit| visit.has_files).map(|visit| visit.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Heard::{Data, Drop, Enter, Leave, Position};
    use ToSource::{Finished, Status};

    /// What a target does when it hears these, the last step by step.
    fn check(heard: &[(u32, Heard)], expected: &[Step]) {
        let mut target = Target::default();
        let steps: Vec<Step> =
            heard.iter().flat_map(|(source, heard)| target.hear(*source, heard.clone())).collect();
        assert_eq!(steps, expected, "{heard:?}");
    }

    #[test]
    fn files_are_fetched_after_the_drop_and_taken() {
        let answer = |message| Step::Answer(7, message);
        check(
            &[
                (7, Enter { has_files: true }),
                (7, Position),
                (7, Drop { time: 9 }),
                (7, Leave),
                (7, Data(Some(vec![1]))),
                (7, Data(Some(vec![2]))),
            ],
            &[answer(Status(true)), Step::Fetch(9), Step::Take(vec![1]), answer(Finished(true))],
        );
        check(
            &[(7, Enter { has_files: true }), (7, Drop { time: 9 }), (7, Data(None))],
            &[Step::Fetch(9), answer(Finished(false))],
        );
    }

    #[test]
    fn what_is_no_file_is_refused() {
        check(
            &[(7, Enter { has_files: false }), (7, Position), (7, Drop { time: 9 })],
            &[Step::Answer(7, Status(false)), Step::Answer(7, Finished(false))],
        );
    }

    #[test]
    fn strangers_are_refused_and_do_not_disturb() {
        check(
            &[
                (7, Enter { has_files: true }),
                (8, Position),
                (8, Drop { time: 1 }),
                (8, Leave),
                (7, Position),
            ],
            &[
                Step::Answer(8, Status(false)),
                Step::Answer(8, Finished(false)),
                Step::Answer(7, Status(true)),
            ],
        );
        check(&[(8, Data(Some(Vec::new())))], &[]);
    }

    #[test]
    fn files_are_above_from_enter_to_leave() {
        let mut target = Target::default();
        target.hear(7, Enter { has_files: true });
        assert_eq!(target.source(), Some(7));
        target.hear(7, Leave);
        assert_eq!(target.source(), None);
        target.hear(7, Enter { has_files: false });
        assert_eq!(target.source(), None);
    }
}
