//! What a VST3 host is told: that there is something to save, and that other controllers are listed.
//!
//! A host may be told on its main thread only, and VST3 has no way to be called there. On Windows and macOS the framework has
//! one, by the system. On Linux there is the host's own loop, if it lends that out before a window opens. Everywhere there are
//! the calls that the host makes on its main thread anyway: when it stores, loads or looks at a parameter.

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

/// How often the host's loop lets us look whether there is something to tell, in milliseconds.
const PERIOD: u64 = 500;

/// Tells a host.
pub struct Teller {
    params: Arc<DescantParams>,
    pub controllers: Controllers,
    /// Whether the host has asked which parameters there are.
    pub was_asked: AtomicBool,
    handler: Mutex<Option<ComPtr<IComponentHandler>>>,
    /// The [mark](threads::here) of the main thread; 0 until it is known.
    main_thread: AtomicUsize,
    /// Whether the host is being told: it may call back meanwhile.
    is_telling: AtomicBool,
}

impl Teller {
    pub fn new(params: Arc<DescantParams>) -> Self {
        Self {
            controllers: Controllers::new(&params.bindings.0),
            params,
            was_asked: AtomicBool::new(false),
            handler: Mutex::default(),
            main_thread: AtomicUsize::new(0),
            is_telling: AtomicBool::new(false),
        }
    }

    /// This is the main thread.
    pub fn is_on_main_thread(&self) {
        self.main_thread.store(threads::here(), Ordering::Release);
    }

    /// From now on `handler` is told, if there is one.
    pub fn set_handler(&self, handler: Option<ComPtr<IComponentHandler>>) {
        *self.handler() = handler;
    }

    /// Tells the host what there is to tell, if this is the main thread.
    pub fn tell(&self) {
        if self.main_thread.load(Ordering::Acquire) != threads::here()
            || self.is_telling.swap(true, Ordering::AcqRel)
        {
            return;
        }
        // The host may set another handler while it is told.
        let handler = self.handler().clone();
        // Who has not asked yet needs not be told that the answer is another one.
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
        self.is_telling.store(false, Ordering::Release);
    }

    /// Says that there is something to save: in so many words, or by moving the parameter that is there for it.
    fn mark_dirty(&self, handler: &ComPtr<IComponentHandler>) {
        // SAFETY: the host's handler, called on its main thread.
        let is_told = handler
            .cast::<IComponentHandler2>()
            .is_some_and(|handler| unsafe { handler.setDirty(1) } == kResultOk);
        if is_told {
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

/// The number that stands for the parameter `id`: the framework's hash of it, for ever.
fn param_id(id: &str) -> u32 {
    let hash = id.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
    hash & 0x7fff_ffff
}

/// What the host's loop calls now and then.
struct Timer(Arc<Teller>);

impl Class for Timer {
    type Interfaces = (ITimerHandler,);
}

impl ITimerHandlerTrait for Timer {
    unsafe fn onTimer(&self) {
        caught(|| self.0.tell());
    }
}

/// Our place in the host's loop, for as long as this is there.
pub struct Place {
    host_loop: ComPtr<IRunLoop>,
    timer: ComPtr<ITimerHandler>,
}

impl Place {
    /// A place in the loop that `context` lends out, if it does; `teller` tells from there.
    ///
    /// # Safety
    ///
    /// `context` is null or points to an object of the host's.
    pub unsafe fn take(context: *mut FUnknown, teller: &Arc<Teller>) -> Option<Self> {
        // SAFETY: as the caller says.
        let host_loop = unsafe { ComRef::from_raw(context) }?.cast::<IRunLoop>()?;
        let timer = ComWrapper::new(Timer(Arc::clone(teller))).to_com_ptr::<ITimerHandler>()?;
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
