//! What main thread and worker share: the project, and what the worker is doing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::music::Phrase;
use crate::session::{Edit, EditError, HistoryStep, Project};
use crate::token::Style;

/// How long a preset is asked for.
const MOMENT: Duration = Duration::from_secs(1);

/// What the worker is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    /// Nothing.
    #[default]
    Idle,
    /// Reading the model.
    Loading,
    /// Composing.
    Composing {
        /// Bars that are finished.
        n_bars: usize,
        /// Bars to compose.
        n_bars_total: usize,
    },
    /// Composing more phrases, to choose takes from; that which plays is complete.
    Choosing {
        /// Phrases that are finished: it only grows, and nobody knows how many there will be.
        n_tried: u32,
    },
    /// Nothing, until the host renders no more; then what was asked for is composed.
    Waiting,
}

/// How a report is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Done as asked.
    Done,
    /// Not done, or not as asked.
    Problem,
}

/// What the worker did last, in words for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// A sentence without a period; of a problem also the next step.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
    /// How long it took, if that is worth saying.
    pub duration: Option<Duration>,
}

/// The model that composes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelCard {
    /// What it is called; the one that ships has no name.
    pub name: Option<String>,
    /// The styles that it can be asked for.
    pub styles: Vec<Style>,
}

/// What the worker is doing and what came of the last request.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WorkerStatus {
    /// What it is doing.
    pub stage: Stage,
    /// As much of the coming phrase as is composed.
    pub draft: Option<Arc<Phrase>>,
    /// What it did last.
    pub report: Option<Report>,
    /// What it composes with, once that is read.
    pub model: Option<Arc<ModelCard>>,
}

/// A step that was undone, or done again.
#[derive(Debug, Clone, PartialEq)]
pub struct Travelled {
    /// The step.
    pub step: HistoryStep,
    /// Whether another take is the chosen one now.
    pub is_other_chosen: bool,
}

/// What others wait for the worker to do.
#[derive(Debug, Clone, Copy, Default)]
struct Acks {
    /// How many projects had been restored when it last had a restored one played.
    n_taken_over: u64,
    /// How often it gave up what was under way when asked to.
    n_cancelled: u64,
}

/// How often a project was restored.
///
/// # Threads
///
/// Counted by the main thread, read by all: an atomic. Clones count as one.
#[derive(Debug, Clone, Default)]
pub struct Restores(Arc<AtomicU64>);

impl Restores {
    /// How often a project was restored.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn n(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    fn count(&self) {
        self.0.fetch_add(1, Ordering::Release);
    }
}

/// What main thread and worker share.
///
/// # Threads
///
/// Both lock for as long as it takes to copy; never the audio thread.
#[derive(Debug, Default)]
pub struct Shared {
    project: Mutex<Project>,
    status: Mutex<WorkerStatus>,
    /// Changes of what is stored, but for those by restoring.
    n_edits: AtomicU64,
    /// Those that the host was told of.
    n_edits_told: AtomicU64,
    /// Changes that are stored with the project, but not worth telling the host.
    n_records: AtomicU64,
    restores: Restores,
    /// The place of a preset that is asked for, and since when.
    preset_asked: Mutex<Option<(u8, Instant)>>,
    /// Milliseconds that restoring waits for the worker.
    restore_timeout: AtomicU64,
    acks: Mutex<Acks>,
    acked: Condvar,
}

impl Shared {
    /// How long a host waits for a stored phrase. The worker wakes for it at once, unless it is reading the model.
    pub const MAX_TAKE_OVER: Duration = Duration::from_millis(500);

    /// A copy of the project; its takes are shared, not copied.
    pub fn project(&self) -> Project {
        self.project.lock().clone()
    }

    /// Looks at the project without copying it.
    pub fn with_project<R>(&self, look: impl FnOnce(&Project) -> R) -> R {
        look(&self.project.lock())
    }

    /// Changes the project, which the host then has to be told; it can be undone.
    pub fn edit<R>(&self, change: impl FnOnce(&mut Project) -> R) -> R {
        let result = self.project.lock().edit(change);
        self.n_edits.fetch_add(1, Ordering::Release);
        result
    }

    /// Does `edit` to the notes of the chosen take, number `take`, as [`Project::edit_notes`] does. The host then has to be told; the worker
    /// notices and has the edited phrase played.
    ///
    /// # Errors
    ///
    /// Why it is refused; nothing is changed then.
    pub fn edit_notes(&self, take: u64, edit: &Edit) -> Result<(), EditError> {
        self.project.lock().edit_notes(take, edit)?;
        self.n_edits.fetch_add(1, Ordering::Release);
        Ok(())
    }

    /// Changes the project as [`Self::edit`] does, unless another than the last of `n_restores` was restored since; whether
    /// it did.
    pub(super) fn edit_unless_restored(&self, n_restores: u64, change: impl FnOnce(&mut Project)) -> bool {
        let mut project = self.project.lock();
        let is_same = self.n_restores() == n_restores;
        if is_same {
            project.edit(change);
            self.n_edits.fetch_add(1, Ordering::Release);
        }
        is_same
    }

    /// Undoes the last step, as [`Project::undo`] does. If it moves takes or changes words the host has to be told, and the
    /// worker to play what is chosen now.
    pub fn undo(&self) -> Option<Travelled> {
        self.travel(Project::undo)
    }

    /// Does again what was undone last, as [`Self::undo`] undid it.
    pub fn redo(&self) -> Option<Travelled> {
        self.travel(Project::redo)
    }

    fn travel(&self, travel: fn(&mut Project) -> Option<HistoryStep>) -> Option<Travelled> {
        let mut project = self.project.lock();
        let before = project.takes.current().map(|entry| entry.number);
        let step = travel(&mut project)?;
        let is_other_chosen = project.takes.current().map(|entry| entry.number) != before;
        drop(project);
        self.n_records.fetch_add(1, Ordering::Release);
        self.n_edits.fetch_add(u64::from(step.moves_takes() || step.words.is_some()), Ordering::Release);
        Some(Travelled { step, is_other_chosen })
    }

    /// Has `record` remember a step of parameters, of which the host knows: it was told of each.
    pub fn record(&self, record: impl FnOnce(&mut Project)) {
        record(&mut self.project.lock());
        self.n_records.fetch_add(1, Ordering::Release);
    }

    /// Puts a stored project in place of the present one, which stays if the stored one cannot be read. The worker notices
    /// and has the chosen take played; it is waited for if [`Self::set_restore_timeout`] says so.
    pub fn restore(&self, project: Project) {
        let mut current = self.project.lock();
        let before = current.replace(project);
        self.restores.count();
        drop(current);
        // Many notes may go with it, which nobody has to wait for.
        drop(before);
        let timeout = Duration::from_millis(self.restore_timeout.load(Ordering::Relaxed));
        if !timeout.is_zero() {
            self.wait_until_taken_over(timeout);
        }
    }

    /// How long restoring waits, from now on, until the worker has had the project played: not at all unless this was said,
    /// since a host that loads while it plays may restore on its audio thread. Who renders faster than time has no other
    /// block to begin in than the next.
    pub fn set_restore_timeout(&self, timeout: Duration) {
        self.restore_timeout.store(u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Remembers the size of the editor's window, in logical pixels; not worth telling the host.
    pub fn set_window(&self, size: (f32, f32)) {
        self.project.lock().window = Some(size);
        self.n_records.fetch_add(1, Ordering::Release);
    }

    /// How often the project was changed, be it worth telling the host or not, or restored.
    pub fn n_changes(&self) -> u64 {
        let n_edits = self.n_edits.load(Ordering::Acquire);
        n_edits.wrapping_add(self.n_records.load(Ordering::Acquire)).wrapping_add(self.n_restores())
    }

    /// Whether the project was changed, but for restoring, since this was asked last.
    pub fn take_news(&self) -> bool {
        let n_edits = self.n_edits.load(Ordering::Acquire);
        self.n_edits_told.swap(n_edits, Ordering::AcqRel) != n_edits
    }

    /// How often the project was changed, but for restoring.
    pub fn n_edits(&self) -> u64 {
        self.n_edits.load(Ordering::Acquire)
    }

    /// How often a project was restored, for the audio thread to see.
    pub const fn restores(&self) -> &Restores {
        &self.restores
    }

    /// How often a project was restored.
    pub fn n_restores(&self) -> u64 {
        self.restores.n()
    }

    /// Waits until the worker has had the restored project played, at most for `timeout`; whether it has.
    pub fn wait_until_taken_over(&self, timeout: Duration) -> bool {
        let n_restores = self.n_restores();
        self.wait_while(timeout, |acks| acks.n_taken_over < n_restores)
    }

    /// How often the worker gave up what was under way when asked to.
    pub fn n_cancelled(&self) -> u64 {
        self.acks.lock().n_cancelled
    }

    /// Waits until the worker has given up what was under way once more than `n_cancelled` times, at most for `timeout`;
    /// whether it has.
    pub fn wait_until_cancelled(&self, n_cancelled: u64, timeout: Duration) -> bool {
        self.wait_while(timeout, |acks| acks.n_cancelled <= n_cancelled)
    }

    fn wait_while(&self, timeout: Duration, is_behind: impl Fn(&Acks) -> bool) -> bool {
        let mut acks = self.acks.lock();
        !self.acked.wait_while_for(&mut acks, |acks| is_behind(acks), timeout).timed_out()
    }

    /// The worker has had the last of `n_restores` restored projects played.
    pub(super) fn tell_taken_over(&self, n_restores: u64) {
        self.acks.lock().n_taken_over = n_restores;
        self.acked.notify_all();
    }

    /// The worker was asked to give up what was under way, and has.
    pub(super) fn tell_cancelled(&self) {
        self.acks.lock().n_cancelled += 1;
        self.acked.notify_all();
    }

    /// Asks for the preset at a place of the menu, of whoever can change parameters.
    pub(super) fn ask_for_preset(&self, number: u8) {
        *self.preset_asked.lock() = Some((number, Instant::now()));
    }

    /// The place in the menu of the preset that is asked for, once, and only if that was a moment ago: what nobody saw to then
    /// is no longer wanted.
    pub fn take_preset_asked(&self) -> Option<u8> {
        let (number, since) = self.preset_asked.lock().take()?;
        (since.elapsed() < MOMENT).then_some(number)
    }

    /// What the worker is doing.
    pub fn status(&self) -> WorkerStatus {
        self.status.lock().clone()
    }

    /// Says something to the user.
    pub fn report(&self, report: Report) {
        self.status.lock().report = Some(report);
    }

    /// Says what the worker is doing.
    pub(super) fn update(&self, change: impl FnOnce(&mut WorkerStatus)) {
        change(&mut self.status.lock());
    }
}
