//! Connects an instance with the edge in front of it, through which its host is notified of changes.
//!
//! Takes arrive and controls are learnt on threads that may not call the host. So the worker [polls](Link::look) for changes
//! and has the framework run a task on the main thread, where the edge notifies the host.
//!
//! # Threads
//!
//! A posted task shares ownership of the instance. If the worker dropped the last reference, it would wait for its own end.
//! So it posts under a lock, which the edge takes in [`close`](Link::close) before it drops the instance. The audio thread
//! takes no part in this.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::params::DescantParams;

/// Posts a task to the main thread.
type Way = Box<dyn Fn() + Send>;

/// Notifies the host of changes, if this is the main thread.
type Notifier = Box<dyn Fn() + Send>;

/// State that an instance and its edge share.
pub struct Link {
    /// The parameters and the stored state of the instance.
    pub params: Arc<DescantParams>,
    /// Whether there is an edge: the standalone has none.
    has_edge: bool,
    /// Changes that the worker has seen.
    n_seen: AtomicU64,
    way: Mutex<Option<Way>>,
    notifier: Mutex<Option<Notifier>>,
}

impl Link {
    /// The link of a new instance with `params`; within [`born`] its caller gets it, too.
    pub fn new(params: Arc<DescantParams>) -> Arc<Self> {
        let has_edge = AWAITED.get();
        let n_seen = AtomicU64::new(changes(&params));
        let link = Self { params, has_edge, n_seen, way: Mutex::default(), notifier: Mutex::default() };
        let link = Arc::new(link);
        if has_edge {
            BORN.set(Some(Arc::clone(&link)));
        }
        link
    }

    /// Sets how tasks are posted to the main thread; ignored without an edge, which would have to close it.
    pub fn open(&self, way: Way) {
        *unpoisoned(&self.way) = Some(way).filter(|_| self.has_edge);
    }

    /// Sets what [`Self::notify`] calls.
    pub fn set_notifier(&self, notifier: Notifier) {
        *unpoisoned(&self.notifier) = Some(notifier);
    }

    /// Ends posting and notifying.
    pub fn close(&self) {
        *unpoisoned(&self.way) = None;
        *unpoisoned(&self.notifier) = None;
    }

    /// Posts a notification if the stored state or the list of controllers changed since the last call. The worker calls it
    /// in each round.
    pub fn look(&self) {
        let n_changes = changes(&self.params);
        // On Linux nice-plug 0.4.2 does a VST3's tasks on a thread that all instances share and that is no main thread: a task
        // that outlives its instance ends that thread, and with it the process. There the host is notified when it calls.
        let is_in_vain = cfg!(target_os = "linux") && unpoisoned(&self.notifier).is_some();
        if self.n_seen.swap(n_changes, Ordering::AcqRel) != n_changes
            && !is_in_vain
            && let Some(way) = &*unpoisoned(&self.way)
        {
            way();
        }
    }

    /// Notifies the host of changes. The framework calls it as a task, usually on the main thread.
    pub fn notify(&self) {
        if let Some(notifier) = &*unpoisoned(&self.notifier) {
            notifier();
        }
    }
}

thread_local! {
    static AWAITED: Cell<bool> = const { Cell::new(false) };
    static BORN: RefCell<Option<Arc<Link>>> = const { RefCell::new(None) };
}

/// Calls `make`, which creates an instance on this thread; returns its result and the link of the instance, or `None` if it
/// created none.
pub fn born<T>(make: impl FnOnce() -> T) -> Option<(T, Arc<Link>)> {
    AWAITED.set(true);
    let made = make();
    AWAITED.set(false);
    Some((made, BORN.take()?))
}

/// A number that differs after each change of which a host is notified.
fn changes(params: &DescantParams) -> u64 {
    params.n_changes().wrapping_mul(2).wrapping_add(params.bindings.0.lists_all().into())
}

fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
