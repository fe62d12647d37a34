//! Notifies a VST3 host of unsaved changes and of a changed list of controllers.
//!
//! # Threads
//!
//! A host may be notified on its main thread only, and VST3 has no request to be called there. On Windows and macOS the
//! framework posts to that thread by the system. On Linux a timer runs in the host's event loop, if the host offers it before
//! a window opens. On all systems the calls serve that the host makes on its main thread anyway: when it stores, loads or reads
//! a parameter.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nice_plug::params::Param;
use nice_plug::wrapper::vst3::vst3::Steinberg::Linux::{
    IRunLoop, IRunLoopTrait, ITimerHandler, ITimerHandlerTrait,
};
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::RestartFlags_::{
    kMidiCCAssignmentChanged, kParamTitlesChanged,
};
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{
    IComponentHandler, IComponentHandler2, IComponentHandler2Trait, IComponentHandlerTrait,
};
use nice_plug::wrapper::vst3::vst3::Steinberg::{FUnknown, kResultOk};
use nice_plug::wrapper::vst3::vst3::{Class, ComPtr, ComRef, ComWrapper};

use super::super::threads;
use super::caught::caught;
use super::controllers::Controllers;
use crate::params::{DescantParams, MAX_REVISION};

/// Period of the timer in the host's event loop, in milliseconds.
const PERIOD: u64 = 500;

/// Notifies one host.
pub struct Notifier {
    params: Arc<DescantParams>,
    pub controllers: Controllers,
    /// Whether the host has asked which parameters there are.
    pub was_asked: AtomicBool,
    handler: Mutex<Option<ComPtr<IComponentHandler>>>,
    /// The [mark](threads::here) of the main thread; 0 until it is known.
    main_thread: AtomicUsize,
    /// Whether a notification is under way; the host may call back from it.
    is_notifying: AtomicBool,
}

impl Notifier {
    pub fn new(params: Arc<DescantParams>) -> Self {
        Self {
            controllers: Controllers::new(&params.bindings.0),
            params,
            was_asked: AtomicBool::new(false),
            handler: Mutex::default(),
            main_thread: AtomicUsize::new(0),
            is_notifying: AtomicBool::new(false),
        }
    }

    /// Notes that the calling thread is the main thread.
    pub fn is_on_main_thread(&self) {
        self.main_thread.store(threads::here(), Ordering::Release);
    }

    /// Sets the handler that is notified from now on, `None` for none.
    pub fn set_handler(&self, handler: Option<ComPtr<IComponentHandler>>) {
        *self.handler() = handler;
    }

    /// Notifies the host of what changed since the last call, if this is the main thread; does nothing elsewhere.
    pub fn notify(&self) {
        if self.main_thread.load(Ordering::Acquire) != threads::here()
            || self.is_notifying.swap(true, Ordering::AcqRel)
        {
            return;
        }
        // The host may set another handler from within the notification.
        let handler = self.handler().clone();
        // A host that has not read the list yet needs no notification of a change.
        let was_asked = self.was_asked.load(Ordering::Acquire);
        if handler.is_some() || !was_asked {
            let is_new = self.controllers.renew(&self.params.bindings.0);
            if let Some(handler) = handler.as_ref().filter(|_| is_new && was_asked) {
                // SAFETY: the host's handler, called on its main thread. It may refuse; then it asks when it loads us next.
                unsafe { handler.restartComponent(kParamTitlesChanged | kMidiCCAssignmentChanged) };
            }
        }
        if let Some(handler) = handler
            && self.params.take_news()
        {
            self.mark_dirty(&handler);
        }
        self.is_notifying.store(false, Ordering::Release);
    }

    /// Reports unsaved changes: by `setDirty`, or else by moving the parameter `revision`, which exists for that.
    fn mark_dirty(&self, handler: &ComPtr<IComponentHandler>) {
        // SAFETY: the host's handler, called on its main thread.
        let is_done = handler
            .cast::<IComponentHandler2>()
            .is_some_and(|handler| unsafe { handler.setDirty(1) } == kResultOk);
        if is_done {
            return;
        }
        let revision = &self.params.actions.revision;
        let next = if revision.value() >= MAX_REVISION { 0 } else { revision.value() + 1 };
        let id = param_id("revision");
        // SAFETY: as above.
        unsafe {
            handler.beginEdit(id);
            handler.performEdit(id, revision.preview_normalized(next).into());
            handler.endEdit(id);
        }
    }

    fn handler(&self) -> MutexGuard<'_, Option<ComPtr<IComponentHandler>>> {
        self.handler.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The VST3 id of the parameter `id`: the framework's hash of it, which must never change.
fn param_id(id: &str) -> u32 {
    let hash = id.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
    hash & 0x7fff_ffff
}

/// The timer that the host's event loop calls every [`PERIOD`].
struct Timer(Arc<Notifier>);

impl Class for Timer {
    type Interfaces = (ITimerHandler,);
}

impl ITimerHandlerTrait for Timer {
    unsafe fn onTimer(&self) {
        caught(|| self.0.notify());
    }
}

/// A registration of the timer in the host's event loop; dropping it unregisters.
pub struct Place {
    host_loop: ComPtr<IRunLoop>,
    timer: ComPtr<ITimerHandler>,
}

impl Place {
    /// Registers a timer that calls `notifier` in the event loop that `context` offers; `None` if it offers none.
    ///
    /// # Safety
    ///
    /// `context` is null or points to an object of the host's.
    pub unsafe fn take(context: *mut FUnknown, notifier: &Arc<Notifier>) -> Option<Self> {
        // SAFETY: as the caller says.
        let host_loop = unsafe { ComRef::from_raw(context) }?.cast::<IRunLoop>()?;
        let timer = ComWrapper::new(Timer(Arc::clone(notifier))).to_com_ptr::<ITimerHandler>()?;
        // SAFETY: the host's loop, and an object that is there for as long as it is registered.
        let result = unsafe { host_loop.registerTimer(timer.as_ptr(), PERIOD) };
        (result == kResultOk).then_some(Self { host_loop, timer })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // SAFETY: it was registered with this loop.
        unsafe { self.host_loop.unregisterTimer(self.timer.as_ptr()) };
    }
}
