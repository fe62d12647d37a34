//! Turns a request into takes.
//!
//! The first phrase is shown and played bar by bar. As soon as it is complete it is a take and chosen. Further takes
//! are added without changing what plays or is chosen; the whole request is one step of undo. Requests that come in
//! meanwhile are served at once, with the finished takes.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::WorkerThread;
use crate::compose::{self, ComposeError, Model, Progress, SelectionProgress, SongProgress, SongTask};
use crate::music::{Phrase, counted};
use crate::player::{Cause, Clip};
use crate::session::{Ask, Job, Occasion, Take, Verb};
use crate::worker::shared::Stage;
use crate::worker::{Assignment, HostPace, N_SONG_TAKES, N_TAKES, Request};

/// Why a request gave no takes.
enum Failure {
    /// There is no task, or composing panicked; a message for the user.
    Refused(String),
    /// Composing the task failed.
    Compose(ComposeError),
}

/// The result of a request.
#[derive(Debug, Default)]
struct Composed {
    /// The number of the take that the first phrase became, if it did.
    first: Option<u64>,
    /// The takes, the first one first.
    takes: Vec<Take>,
}

impl WorkerThread {
    pub(super) fn compose(&mut self, ask: Ask) {
        let started = Instant::now();
        self.is_waiting = false;
        self.prepare();
        let Some(model) = self.model.take() else { return };
        let composed = self.compose_takes(&model, ask);
        self.model = Some(model);
        self.settle(ask, composed, started.elapsed());
        // Last, so that whoever sees the worker idle can rely on the takes and the report.
        self.shared.update(|status| (status.stage, status.draft) = (Stage::Idle, None));
    }

    /// Stores the result of `ask` in the shared state, or reports why there is none.
    fn settle(&mut self, ask: Ask, composed: Result<Composed, Failure>, duration: Duration) {
        let failure = match composed {
            // The take that it was to follow no longer plays.
            Ok(_) if ask == Ask::Evolve && self.is_overtaken => return,
            Ok(composed) => return self.keep(composed, duration),
            Err(failure) => failure,
        };
        // Bars that were played already give way to the take before: at once if the user cancelled.
        let gives_way = |request: &Request| matches!(request, Request::Cancel | Request::Suspend);
        let is_cancelled = self.backlog.iter().any(gives_way);
        if self.draft_id.is_some() && self.is_draft_sent {
            self.clips.play_current(&self.shared, if is_cancelled { Cause::Chosen } else { Cause::Composed });
        }
        match failure {
            Failure::Refused(why) => self.report_problem(why),
            Failure::Compose(ComposeError::Cancelled) if self.pace == HostPace::Rendering => {
                self.put_off(ask);
            }
            Failure::Compose(ComposeError::Cancelled) => self.report_done("cancelled".to_owned(), None),
            Failure::Compose(error) => self.report_problem(error.to_string()),
        }
    }

    /// Queues `ask` again for after the render that interrupted it, unless it was cancelled or superseded.
    fn put_off(&mut self, ask: Ask) {
        if self.backlog.contains(&Request::Cancel) {
            return self.report_done("cancelled".to_owned(), None);
        }
        let is_superseded = self.backlog.iter().any(Request::is_ask);
        if !matches!(ask, Ask::Evolve | Ask::Answer) && !is_superseded {
            self.backlog.push_front(Request::Compose(ask));
        }
    }

    /// Composes the takes of `ask` as phrases of the user's.
    fn compose_takes(&mut self, model: &Model, ask: Ask) -> Result<Composed, Failure> {
        let seed = fresh_seed();
        let call = if ask == Ask::Answer { self.to_answer.take().map(Arc::new) } else { None };
        let current = || self.shared.with_project(|project| project.takes.current().cloned());
        self.parent = match ask {
            Ask::Verb(Verb::Generate) | Ask::Answer => None,
            _ => current().map(|entry| entry.number),
        };
        let phrase = call.or_else(|| current().map(|entry| Arc::clone(&entry.take.phrase)));
        let assignment =
            (self.callbacks.brief)(model, ask, phrase.as_deref(), seed).map_err(Failure::Refused)?;
        let id = self.clips.fresh_id();
        (self.is_overtaken, self.is_draft_sent) = (false, false);
        self.cause = match ask {
            Ask::Evolve => Cause::Evolved,
            Ask::Answer => Cause::Answer,
            _ => Cause::Composed,
        };
        // An evolved phrase is played as a whole, in its turn.
        self.draft_id = (ask != Ask::Evolve).then_some(id);
        match assignment {
            Assignment::Phrase(job) => self.compose_phrases(model, &job, seed, ask),
            Assignment::Song(song) => self.compose_songs(model, &song, seed),
        }
    }

    fn compose_phrases(
        &mut self,
        model: &Model,
        job: &Job,
        seed: u64,
        ask: Ask,
    ) -> Result<Composed, Failure> {
        let finish = |take: &Take| match job.finish(&take.phrase) {
            Ok(phrase) => Take { phrase: Arc::new(phrase), ..take.clone() },
            Err(_) => take.clone(),
        };
        let entries = self.shared.with_project(|project| project.takes.entries().to_vec());
        let judges = (self.callbacks.judges)(model, &job.task, &entries);
        let (mut n_begun, mut first) = (0, None);
        let mut progress = |selection: SelectionProgress<'_>| {
            if self.is_interrupted() {
                return ControlFlow::Break(());
            }
            match selection {
                SelectionProgress::First(progress) if progress.n_bars > n_begun || n_begun == 0 => {
                    n_begun = progress.n_bars.max(1);
                    self.show(progress, job);
                }
                SelectionProgress::First(_) => {}
                SelectionProgress::FirstDone(take) if ask != Ask::Evolve => {
                    first = self.keep_first(finish(take));
                    if first.is_none() {
                        return ControlFlow::Break(());
                    }
                }
                SelectionProgress::FirstDone(_) => {}
                SelectionProgress::Others { n_done } => self.show_choosing(n_done),
            }
            ControlFlow::Continue(())
        };
        let task = &job.task;
        let takes = match ask {
            // It is not played before it is complete: the best of several.
            Ask::Evolve => compose::best_of(model, task, seed, 1, &judges, &mut progress),
            // There is no time for further takes.
            Ask::Answer => compose::best_of_after_first(model, task, seed, 1, &judges, &mut progress),
            _ => compose::best_of_after_first(model, task, seed, N_TAKES, &judges, &mut progress),
        }
        .map_err(Failure::Compose)?;
        if first.is_none() && ask != Ask::Evolve {
            return Err(Failure::Compose(ComposeError::Cancelled));
        }
        Ok(Composed { first, takes: takes.iter().map(finish).collect() })
    }

    /// Composes a song; its sections are shown and played as they are finished.
    fn compose_songs(&mut self, model: &Model, song: &SongTask, seed: u64) -> Result<Composed, Failure> {
        let mut composed = Composed::default();
        for take in 0..N_SONG_TAKES {
            let mut n_shown = 0;
            let result = compose::compose_song(model, song, seed, take..take + 1, |progress| {
                if self.is_interrupted() {
                    return ControlFlow::Break(());
                }
                if take > 0 {
                    self.show_choosing(take);
                } else if progress.n_bars > n_shown {
                    n_shown = progress.n_bars;
                    self.show_song(progress);
                }
                ControlFlow::Continue(())
            });
            match result {
                Ok(takes) => composed.takes.extend(takes),
                // Finished takes are kept, as they are of phrases.
                Err(ComposeError::Cancelled) if composed.first.is_some() => break,
                Err(error) => return Err(Failure::Compose(error)),
            }
            if let Some(first) = composed.takes.first().filter(|_| take == 0) {
                composed.first = self.keep_first(first.clone());
                if composed.first.is_none() {
                    return Err(Failure::Compose(ComposeError::Cancelled));
                }
            }
        }
        Ok(composed)
    }

    fn show_song(&mut self, progress: &SongProgress) {
        let stage = Stage::Composing { n_bars: progress.n_bars, n_bars_total: progress.n_bars_total };
        self.shared.update(|status| status.stage = stage);
        self.show_draft(progress.phrase());
    }

    /// Shows and plays the finished bars.
    fn show(&mut self, progress: &Progress, job: &Job) {
        let n_bars = progress.n_bars.saturating_sub(1);
        let stage = Stage::Composing { n_bars, n_bars_total: progress.n_bars_total };
        self.shared.update(|status| status.stage = stage);
        self.show_draft((n_bars > 0).then(|| job.finish(&progress.phrase()).ok()).flatten());
    }

    /// Shows and plays the composed bars of the phrase under way, unless another take was chosen.
    fn show_draft(&mut self, draft: Option<Phrase>) {
        let draft = draft.filter(|_| self.draft_id.is_some()).map(Arc::new);
        if let Some(draft) = &draft {
            self.play_draft(draft);
        }
        self.shared.update(|status| status.draft = draft);
        (self.callbacks.changed)();
    }

    fn play_draft(&mut self, draft: &Phrase) {
        if let Some(id) = self.draft_id {
            self.is_draft_sent = true;
            self.clips.send(Clip::new(id, self.cause, draft));
        }
    }

    /// Shows the number of finished phrases to choose from.
    fn show_choosing(&self, n_tried: u32) {
        let stage = Stage::Choosing { n_tried };
        if self.shared.status().stage != stage {
            self.shared.update(|status| status.stage = stage);
            (self.callbacks.changed)();
        }
    }

    /// Adds the complete first phrase as a take and chooses it, unless another was chosen meanwhile. Returns its
    /// number; `None` if the project was restored since.
    fn keep_first(&mut self, take: Take) -> Option<u64> {
        // Before the take is shown, so that a take on display can play.
        self.play_draft(&take.phrase);
        let (is_chosen, phrase) = (!self.is_overtaken, Arc::clone(&take.phrase));
        let number = self.add([take])?;
        if is_chosen {
            self.clips.adopt(number, phrase);
        }
        self.shared.update(|status| (status.draft, status.report) = (None, None));
        self.show_choosing(1);
        Some(number)
    }

    /// Adds takes to the project and chooses the first of them, unless another was chosen meanwhile. Returns the number
    /// of the first; `None` if the project was restored since.
    fn add(&mut self, takes: impl IntoIterator<Item = Take>) -> Option<u64> {
        let (is_overtaken, occasion, parent) = (self.is_overtaken, self.occasion(), self.parent);
        let (draft_id, clips) = (self.draft_id.take(), &mut self.clips);
        let mut number = None;
        self.shared.edit_unless_restored(self.n_restores, |project| {
            let next = project.takes.next_number();
            number = Some(next);
            project.supersede();
            draft_id.into_iter().for_each(|id| clips.name(next, id));
            if is_overtaken {
                project.takes.append(occasion, parent, takes);
            } else {
                project.takes.add(occasion, parent, takes);
            }
        });
        number
    }

    /// Whether the takes under way are requested or automatic.
    const fn occasion(&self) -> Occasion {
        match self.cause {
            Cause::Evolved | Cause::Answer => Occasion::Automatic,
            Cause::Composed | Cause::Chosen | Cause::Edited => Occasion::Requested,
        }
    }

    /// Adds the remaining takes to the shared state and reports the outcome of the request.
    fn keep(&mut self, composed: Composed, duration: Duration) {
        let Composed { first: first_number, takes } = composed;
        let Some(first) = takes.first() else { return };
        let n_bars = match first.receipt.song {
            Some(_) => usize::try_from(first.phrase.frame().n_bars).unwrap_or(0),
            None => first.receipt.task.n_composed_bars(),
        };
        let n_takes = takes.len();
        let is_empty = first.phrase.all_notes().next().is_none();
        let is_faulty = !first.remarks.is_empty();
        let better = takes.iter().skip(1).position(|take| take.remarks.is_empty()).filter(|_| is_faulty);
        let mut first_other = None;
        if first_number.is_some() {
            let (occasion, parent) = (self.occasion(), self.parent);
            let others = takes.into_iter().skip(1);
            let is_kept = n_takes == 1
                || self.shared.edit_unless_restored(self.n_restores, |project| {
                    first_other = Some(project.takes.next_number());
                    project.takes.append(occasion, parent, others);
                });
            if !is_kept {
                // The project was restored since.
                return;
            }
        } else if self.add(takes).is_none() {
            return;
        } else {
            // This take serves an Evolve that was triggered before it was there.
            self.triggers.lower_evolve();
            self.clips.play_current(&self.shared, self.cause);
        }
        if is_empty {
            return self.report_problem(
                "the phrase came out empty; turn density up or surprise to the middle, and generate again"
                    .to_owned(),
            );
        }
        let better = first_other.zip(better.and_then(|idx| u64::try_from(idx).ok()));
        let hint = better.map(|(number, idx)| format!("; take {} fits better", number + idx));
        let text = format!("{}, {}", counted(n_bars, "bar"), counted(n_takes, "take"));
        self.report_done(text + &hint.unwrap_or_default(), Some(duration));
    }
}

/// A random seed; the receipt stores it.
fn fresh_seed() -> u64 {
    RandomState::new().build_hasher().finish()
}
