//! The way from an instance to the edge, and so to its host.
//!
//! Takes arrive and controls are learnt on threads that may not speak to the host. So the worker [looks](Link::look) whether
//! there is something to save, and has the framework do a task on the main thread; the edge tells the host there.
//!
//! # Threads
//!
//! The framework's way to the main thread takes part in owning the instance for as long as a task is posted. Were the worker
//! the last to let go, it would have to wait for its own end. So it posts under a lock that the edge takes to
//! [close](Link::close) the way, before it lets go of the instance. The audio thread has no part in this.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::params::DescantParams;

/// Posts a task to the main thread.
type Way = Box<dyn Fn() + Send>;

/// Tells the host what there is to tell, if this is the main thread.
type Teller = Box<dyn Fn() + Send>;

/// What an instance and the edge in front of it share.
pub struct Link {
    /// What the instance stores.
    pub params: Arc<DescantParams>,
    /// Whether there is an edge: the standalone has none.
    has_edge: bool,
    /// Changes that the worker has seen.
    n_seen: AtomicU64,
    way: Mutex<Option<Way>>,
    teller: Mutex<Option<Teller>>,
}

impl Link {
    /// Of an instance with `params`. Whoever has it [made](born) gets it, too.
    pub fn new(params: Arc<DescantParams>) -> Arc<Self> {
        let has_edge = AWAITED.get();
        let n_seen = AtomicU64::new(changes(&params));
        let link = Self { params, has_edge, n_seen, way: Mutex::default(), teller: Mutex::default() };
        let link = Arc::new(link);
        if has_edge {
            BORN.set(Some(Arc::clone(&link)));
        }
        link
    }

    /// From now on tasks come to the main thread by `way`, if there is an edge to close it.
    pub fn open(&self, way: Way) {
        *unpoisoned(&self.way) = Some(way).filter(|_| self.has_edge);
    }

    /// From now on `teller` tells the host.
    pub fn set_teller(&self, teller: Teller) {
        *unpoisoned(&self.teller) = Some(teller);
    }

    /// Nothing is posted and nobody told any more.
    pub fn close(&self) {
        *unpoisoned(&self.way) = None;
        *unpoisoned(&self.teller) = None;
    }

    /// Has the host be told on the main thread if something changed since this was asked last: what is stored, or which
    /// controllers are listed. For the worker, often.
    pub fn look(&self) {
        let n_changes = changes(&self.params);
        // On Linux nice-plug 0.4.2 does a VST3's tasks on a thread that all instances share and that is no main thread: a task
        // that outlives its instance ends that thread, and with it the process. There the host is told when it calls.
        let is_in_vain = cfg!(target_os = "linux") && unpoisoned(&self.teller).is_some();
        if self.n_seen.swap(n_changes, Ordering::AcqRel) != n_changes
            && !is_in_vain
            && let Some(way) = &*unpoisoned(&self.way)
        {
            way();
        }
    }

    /// Tells the host. Done by the framework, for the most part on the main thread.
    pub fn tell(&self) {
        if let Some(teller) = &*unpoisoned(&self.teller) {
            teller();
        }
    }
}

thread_local! {
    static AWAITED: Cell<bool> = const { Cell::new(false) };
    static BORN: RefCell<Option<Arc<Link>>> = const { RefCell::new(None) };
}

/// What `make` makes, which makes an instance on this thread, and the link to it.
pub fn born<T>(make: impl FnOnce() -> T) -> Option<(T, Arc<Link>)> {
    AWAITED.set(true);
    let made = make();
    AWAITED.set(false);
    Some((made, BORN.take()?))
}

/// A number that changes with what a host may have to be told of.
fn changes(params: &DescantParams) -> u64 {
    params.n_changes().wrapping_mul(2).wrapping_add(params.bindings.0.lists_all().into())
}

fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
