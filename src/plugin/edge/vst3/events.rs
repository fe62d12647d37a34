//! Filters a VST3 host's input events before the framework reads them.
//!
//! The framework panics at system exclusive messages without bytes, and reads an event that the host did not write.

use std::mem;
use std::ptr;
use std::sync::atomic::{AtomicI32, AtomicPtr, Ordering};

use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::Event_::{EventTypes, EventTypes_};
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{Event, IEventList, IEventListTrait};
use nice_plug::wrapper::vst3::vst3::Steinberg::{int32, kInvalidArgument, kResultFalse, kResultOk, tresult};
use nice_plug::wrapper::vst3::vst3::{Class, ComRef};

/// An unknown event type.
const UNKNOWN: u16 = u16::MAX;

/// A wrapper around a host's list of events. It is created once, since the audio thread does not allocate.
#[derive(Default)]
pub struct Events {
    given: AtomicPtr<IEventList>,
    n_samples: AtomicI32,
}

impl Class for Events {
    type Interfaces = (IEventList,);
}

impl Events {
    /// Wraps `given`, which may be null, for a block of `n_samples`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn set(&self, given: *mut IEventList, n_samples: int32) {
        self.given.store(given, Ordering::Release);
        self.n_samples.store(n_samples, Ordering::Release);
    }

    fn given(&self) -> Option<ComRef<'_, IEventList>> {
        // SAFETY: what a host gives is a list, or null, and is there for the block; after it, null is set.
        unsafe { ComRef::from_raw(self.given.load(Ordering::Acquire)) }
    }
}

impl IEventListTrait for Events {
    /// *Real-time:* wait-free, no allocation.
    unsafe fn getEventCount(&self) -> int32 {
        // SAFETY: the host's list, asked as the framework asks it.
        self.given().map_or(0, |given| unsafe { given.getEventCount() })
    }

    /// *Real-time:* wait-free, no allocation.
    unsafe fn getEvent(&self, idx: int32, event: *mut Event) -> tresult {
        if event.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: an event is numbers and pointers, all of which may be zero; none of its type is read.
        let nothing = Event { r#type: UNKNOWN, ..unsafe { mem::zeroed() } };
        let mut found = nothing;
        // SAFETY: the host's list, asked as the framework asks it; there is room for an event.
        let result = self.given().map(|given| unsafe { given.getEvent(idx, ptr::from_mut(&mut found)) });
        if result != Some(kResultOk) || !is_sound(&found) {
            found = nothing;
        }
        let last = self.n_samples.load(Ordering::Acquire).saturating_sub(1).max(0);
        found.sampleOffset = found.sampleOffset.clamp(0, last);
        // SAFETY: the framework has room for an event.
        unsafe { event.write(found) };
        kResultOk
    }

    unsafe fn addEvent(&self, _event: *mut Event) -> tresult {
        kResultFalse
    }
}

/// Whether the contents of an event are valid for its type.
fn is_sound(event: &Event) -> bool {
    if is_type(event, EventTypes_::kDataEvent) {
        // SAFETY: the type says that it is one.
        return !unsafe { event.__field0.data }.bytes.is_null();
    }
    if is_type(event, EventTypes_::kNoteOnEvent) {
        // SAFETY: the type says that it is one.
        return unsafe { event.__field0.noteOn }.velocity.is_finite();
    }
    true
}

/// Whether `event` has the given type, whose integer width depends on the system.
fn is_type(event: &Event, r#type: EventTypes) -> bool {
    u16::try_from(r#type).is_ok_and(|r#type| r#type == event.r#type)
}
