//! A checked wrapper around the stream that a host stores to or loads from.
//!
//! The framework trusts a stream that claims to have read more bytes than fit into the buffer, and ignores failed
//! writes.

use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};

use nice_plug::wrapper::vst3::vst3::Steinberg::{
    IBStream, IBStreamTrait, int32, int64, kInvalidArgument, kResultFalse, kResultOk, tresult,
};
use nice_plug::wrapper::vst3::vst3::{Class, ComPtr, ComRef, ComWrapper};

/// A stream whose counts are validated.
pub struct Stream {
    given: ComPtr<IBStream>,
    has_failed: AtomicBool,
}

impl Class for Stream {
    type Interfaces = (IBStream,);
}

impl Stream {
    /// Wraps `given`; `None` if it is null.
    ///
    /// # Safety
    ///
    /// `given` is null or points to a stream.
    pub unsafe fn new(given: *mut IBStream) -> Option<ComWrapper<Self>> {
        // SAFETY: as the caller says.
        let given = unsafe { ComRef::from_raw(given) }?.to_com_ptr();
        Some(ComWrapper::new(Self { given, has_failed: AtomicBool::new(false) }))
    }

    /// Whether a write failed.
    pub fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Acquire)
    }
}

impl IBStreamTrait for Stream {
    unsafe fn read(&self, room: *mut c_void, n_asked: int32, n_read: *mut int32) -> tresult {
        if n_asked < 0 {
            return kInvalidArgument;
        }
        let mut n = 0;
        // SAFETY: the host's stream, asked as the framework asks it.
        let result = unsafe { self.given.read(room, n_asked, &raw mut n) };
        let is_sound = (0..=n_asked).contains(&n);
        if !n_read.is_null() {
            // SAFETY: the framework has room for a number.
            unsafe { n_read.write(if is_sound { n } else { 0 }) };
        }
        if is_sound { result } else { kResultFalse }
    }

    unsafe fn write(&self, bytes: *mut c_void, n_asked: int32, n_written: *mut int32) -> tresult {
        let mut n = 0;
        // SAFETY: the host's stream, asked as the framework asks it.
        let result = unsafe { self.given.write(bytes, n_asked, &raw mut n) };
        // Some hosts do not say how much they have written.
        if result != kResultOk || (n != 0 && n != n_asked) {
            self.has_failed.store(true, Ordering::Release);
        }
        if !n_written.is_null() {
            // SAFETY: the framework has room for a number.
            unsafe { n_written.write(n) };
        }
        result
    }

    unsafe fn seek(&self, place: int64, mode: int32, result: *mut int64) -> tresult {
        // SAFETY: the host's stream, asked as the framework asks it.
        unsafe { self.given.seek(place, mode, result) }
    }

    unsafe fn tell(&self, place: *mut int64) -> tresult {
        // SAFETY: the host's stream, asked as the framework asks it.
        unsafe { self.given.tell(place) }
    }
}
