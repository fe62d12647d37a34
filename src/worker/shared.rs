//! State shared by main thread and worker: the project, and the worker's status.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::music::Phrase;
use crate::session::{Edit, EditError, HistoryStep, Project};
use crate::token::Style;

/// How long a request for a preset is valid.
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
        /// Finished bars.
        n_bars: usize,
        /// Bars to compose.
        n_bars_total: usize,
    },
    /// Composing further phrases to choose takes from; the one that plays is complete.
    Choosing {
        /// Finished phrases; it only grows, and the total is not known in advance.
        n_tried: u32,
    },
    /// Waiting until the host no longer renders, to compose what was asked for.
    Waiting,
}

/// Whether a report is of success or of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Done as asked.
    Done,
    /// Not done, or not as asked.
    Problem,
}

/// The outcome of the worker's last action, in words for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// A sentence without a period; for a problem also the next step.
    pub text: String,
    /// Success or problem.
    pub tone: Tone,
    /// How long it took, if that is of interest.
    pub duration: Option<Duration>,
}

/// The loaded model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelCard {
    /// Its name; `None` for the shipped one.
    pub name: Option<String>,
    /// The styles it can compose.
    pub styles: Vec<Style>,
}

/// The worker's status and the outcome of the last request.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WorkerStatus {
    /// What it is doing.
    pub stage: Stage,
    /// The composed bars of the phrase under way.
    pub draft: Option<Arc<Phrase>>,
    /// The outcome of its last action.
    pub report: Option<Report>,
    /// The loaded model, if any.
    pub model: Option<Arc<ModelCard>>,
}

/// A step that was undone or redone.
#[derive(Debug, Clone, PartialEq)]
pub struct Travelled {
    /// The step.
    pub step: HistoryStep,
    /// Whether another take is chosen now.
    pub is_other_chosen: bool,
}

/// Progress of the worker that other threads wait for.
#[derive(Debug, Clone, Copy, Default)]
struct Acks {
    /// Number of restored projects that it has taken over.
    n_taken_over: u64,
    /// How often it cancelled the running job on request.
    n_cancelled: u64,
}

/// Counts how often a project was restored.
///
/// # Threads
///
/// Incremented by the main thread, read by all: an atomic. Clones share the count.
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

/// The state that main thread and worker share.
///
/// # Threads
///
/// Both hold the locks only to copy or change values; the audio thread never locks.
#[derive(Debug, Default)]
pub struct Shared {
    project: Mutex<Project>,
    status: Mutex<WorkerStatus>,
    /// Number of changes to what is stored, without restores.
    n_edits: AtomicU64,
    /// The value of `n_edits` that was last reported to the host.
    n_edits_reported: AtomicU64,
    /// Number of changes that are stored with the project but not reported to the host.
    n_records: AtomicU64,
    restores: Restores,
    /// Index of the preset that is asked for, and since when.
    preset_asked: Mutex<Option<(u8, Instant)>>,
    /// Time that restoring waits for the worker, in milliseconds.
    restore_timeout: AtomicU64,
    acks: Mutex<Acks>,
    acked: Condvar,
}

impl Shared {
    /// How long a host waits for a stored phrase to be taken over. The worker wakes at once, unless it is reading the
    /// model.
    pub const MAX_TAKE_OVER: Duration = Duration::from_millis(500);

    /// A copy of the project; its takes are shared, not copied.
    pub fn project(&self) -> Project {
        self.project.lock().clone()
    }

    /// Reads the project without copying it.
    pub fn with_project<R>(&self, look: impl FnOnce(&Project) -> R) -> R {
        look(&self.project.lock())
    }

    /// Changes the project as a step that can be undone; the host is to be notified.
    pub fn edit<R>(&self, change: impl FnOnce(&mut Project) -> R) -> R {
        let result = self.project.lock().edit(change);
        self.n_edits.fetch_add(1, Ordering::Release);
        result
    }

    /// Applies `edit` to the notes of the chosen take, number `take`, as [`Project::edit_notes`] does. The host is to
    /// be notified; the worker sends the edited phrase to the player.
    ///
    /// # Errors
    ///
    /// The edit is refused and nothing changed.
    pub fn edit_notes(&self, take: u64, edit: &Edit) -> Result<(), EditError> {
        self.project.lock().edit_notes(take, edit)?;
        self.n_edits.fetch_add(1, Ordering::Release);
        Ok(())
    }

    /// As [`Self::edit`], unless the project was restored since it had been `n_restores` times; returns whether it
    /// changed.
    pub(super) fn edit_unless_restored(&self, n_restores: u64, change: impl FnOnce(&mut Project)) -> bool {
        let mut project = self.project.lock();
        let is_same = self.n_restores() == n_restores;
        if is_same {
            project.edit(change);
            self.n_edits.fetch_add(1, Ordering::Release);
        }
        is_same
    }

    /// Undoes the last step, as [`Project::undo`] does. If that moves takes or changes words, the host is to be
    /// notified and the worker plays the chosen take.
    pub fn undo(&self) -> Option<Travelled> {
        self.travel(Project::undo)
    }

    /// Redoes the step undone last, as [`Project::redo`] does.
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

    /// Records a step of parameters, of whose changes the host was notified already.
    pub fn record(&self, record: impl FnOnce(&mut Project)) {
        record(&mut self.project.lock());
        self.n_records.fetch_add(1, Ordering::Release);
    }

    /// Replaces the project by a stored one; if that cannot be read, the present takes stay. The worker then plays the
    /// chosen take. Waits for that as long as [`Self::set_restore_timeout`] says.
    pub fn restore(&self, project: Project) {
        let mut current = self.project.lock();
        let before = current.replace(project);
        self.restores.count();
        drop(current);
        // Dropping may free many notes, so it happens outside of the lock.
        drop(before);
        let timeout = Duration::from_millis(self.restore_timeout.load(Ordering::Relaxed));
        if !timeout.is_zero() {
            self.wait_until_taken_over(timeout);
        }
    }

    /// Sets how long restoring waits for the worker to play the restored project. The default is 0, since a host that
    /// loads while it plays may restore on its audio thread; in an offline render the next block is the only one to
    /// begin in.
    pub fn set_restore_timeout(&self, timeout: Duration) {
        self.restore_timeout.store(u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Stores the size of the editor's window, in logical pixels, without notifying the host.
    pub fn set_window(&self, size: (f32, f32)) {
        self.project.lock().window = Some(size);
        self.n_records.fetch_add(1, Ordering::Release);
    }

    /// Number of changes to the project, reported to the host or not, and of restores.
    pub fn n_changes(&self) -> u64 {
        let n_edits = self.n_edits.load(Ordering::Acquire);
        n_edits.wrapping_add(self.n_records.load(Ordering::Acquire)).wrapping_add(self.n_restores())
    }

    /// Whether the project was changed since the last call, other than by restoring.
    pub fn take_news(&self) -> bool {
        let n_edits = self.n_edits.load(Ordering::Acquire);
        self.n_edits_reported.swap(n_edits, Ordering::AcqRel) != n_edits
    }

    /// Number of changes to the project, other than by restoring.
    pub fn n_edits(&self) -> u64 {
        self.n_edits.load(Ordering::Acquire)
    }

    /// The counter of restores, for the audio thread.
    pub const fn restores(&self) -> &Restores {
        &self.restores
    }

    /// Number of restores.
    pub fn n_restores(&self) -> u64 {
        self.restores.n()
    }

    /// Waits until the worker has taken over the restored project, at most for `timeout`; returns whether it has.
    pub fn wait_until_taken_over(&self, timeout: Duration) -> bool {
        let n_restores = self.n_restores();
        self.wait_while(timeout, |acks| acks.n_taken_over < n_restores)
    }

    /// How often the worker cancelled the running job on request.
    pub fn n_cancelled(&self) -> u64 {
        self.acks.lock().n_cancelled
    }

    /// Waits until the worker has cancelled more than `n_cancelled` times, at most for `timeout`; returns whether it
    /// has.
    pub fn wait_until_cancelled(&self, n_cancelled: u64, timeout: Duration) -> bool {
        self.wait_while(timeout, |acks| acks.n_cancelled <= n_cancelled)
    }

    fn wait_while(&self, timeout: Duration, is_behind: impl Fn(&Acks) -> bool) -> bool {
        let mut acks = self.acks.lock();
        !self.acked.wait_while_for(&mut acks, |acks| is_behind(acks), timeout).timed_out()
    }

    /// Marks that the worker has taken over the last of `n_restores` restored projects.
    pub(super) fn mark_taken_over(&self, n_restores: u64) {
        self.acks.lock().n_taken_over = n_restores;
        self.acked.notify_all();
    }

    /// Marks that the worker has cancelled the running job on request.
    pub(super) fn mark_cancelled(&self) {
        self.acks.lock().n_cancelled += 1;
        self.acked.notify_all();
    }

    /// Asks the main thread, which can change parameters, to set a preset by its index in the menu.
    pub(super) fn ask_for_preset(&self, number: u8) {
        *self.preset_asked.lock() = Some((number, Instant::now()));
    }

    /// The index in the menu of the preset that is asked for, returned once. A request older than a second is dropped.
    pub fn take_preset_asked(&self) -> Option<u8> {
        let (number, since) = self.preset_asked.lock().take()?;
        (since.elapsed() < MOMENT).then_some(number)
    }

    /// The worker's status.
    pub fn status(&self) -> WorkerStatus {
        self.status.lock().clone()
    }

    /// Shows a report to the user.
    pub fn report(&self, report: Report) {
        self.status.lock().report = Some(report);
    }

    /// Changes the worker's status.
    pub(super) fn update(&self, change: impl FnOnce(&mut WorkerStatus)) {
        change(&mut self.status.lock());
    }
}
