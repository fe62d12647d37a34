//! Filters a CLAP host's input events before the framework reads them.
//!
//! The framework trusts the header of an event, panics at a system exclusive message without bytes, and writes out of
//! bounds if a change of transport lies beyond the end of the block.

use std::cell::{Cell, UnsafeCell};
use std::ffi::c_void;
use std::mem::size_of;
use std::ptr;

use clap_sys::events::{
    CLAP_CORE_EVENT_SPACE_ID, CLAP_EVENT_MIDI, CLAP_EVENT_MIDI_SYSEX, CLAP_EVENT_NOTE_CHOKE,
    CLAP_EVENT_NOTE_EXPRESSION, CLAP_EVENT_NOTE_OFF, CLAP_EVENT_NOTE_ON, CLAP_EVENT_PARAM_MOD,
    CLAP_EVENT_PARAM_VALUE, CLAP_EVENT_TRANSPORT, clap_event_header, clap_event_midi, clap_event_midi_sysex,
    clap_event_note, clap_event_note_expression, clap_event_param_mod, clap_event_param_value,
    clap_event_transport, clap_input_events, clap_output_events,
};

use super::pointers::at;

/// A buffer for the copy of an event that is moved in time.
type Moved = [u64; 8];

const _: () = assert!(
    size_of::<clap_event_param_value>() <= size_of::<Moved>()
        && size_of::<clap_event_param_mod>() <= size_of::<Moved>()
        && size_of::<clap_event_note>() <= size_of::<Moved>()
        && size_of::<clap_event_note_expression>() <= size_of::<Moved>()
        && size_of::<clap_event_midi_sysex>() <= size_of::<Moved>()
        && size_of::<clap_event_midi>() <= size_of::<Moved>(),
    "every event that is moved has room"
);

/// An event of an unknown type.
static NOTHING: clap_event_header =
    clap_event_header { size: 16, time: 0, space_id: u16::MAX, type_: u16::MAX, flags: 0 };

const _: () = assert!(size_of::<clap_event_header>() == 16, "the size that NOTHING says it has");

/// The replacement for an event that is not forwarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Null, which the framework skips in `process`.
    Null,
    /// An event of an unknown type: outside `process` the framework does not check for null.
    Unknown,
}

/// A wrapper around a host's list of input events.
pub struct InFront {
    given: *const clap_input_events,
    n_frames: u32,
    refused: Refused,
    /// The time of the last change of transport in samples, up to which the framework has processed.
    floor: Cell<u32>,
    moved: UnsafeCell<Moved>,
}

impl InFront {
    /// Wraps `given` for a block of `n_frames` samples. `None` if it is not a valid list.
    ///
    /// # Safety
    ///
    /// `given` is null, or misaligned, or points to a list that stays there for as long as this does.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub unsafe fn new(given: *const clap_input_events, n_frames: u32, refused: Refused) -> Option<Self> {
        // SAFETY: as the caller says.
        let list = unsafe { at(given) }?;
        (list.size.is_some() && list.get.is_some()).then(|| Self {
            given,
            n_frames,
            refused,
            floor: Cell::new(0),
            moved: UnsafeCell::new([0; 8]),
        })
    }

    /// The list to give to the framework; valid until `self` moves or is dropped.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn list(&self) -> clap_input_events {
        let ctx = ptr::from_ref(self).cast_mut().cast::<c_void>();
        clap_input_events { ctx, size: Some(size), get: Some(get) }
    }

    /// The event at `idx` if it is valid, moved into the block if it lies outside.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn event(&self, idx: u32) -> Option<*const clap_event_header> {
        // SAFETY: `new` was promised that it is there, and saw that it is a list.
        let get = unsafe { &*self.given }.get?;
        // SAFETY: a function of the host's list, called with that list.
        let event = unsafe { get(self.given, idx) };
        // SAFETY: what a list gives is an event, or nothing; it stays there while the block is played.
        let header = unsafe { at(event) }?;
        let n_bytes = n_bytes(header)?;
        if usize::try_from(header.size).ok()? < n_bytes {
            return None;
        }
        let (floor, last) = (self.floor.get(), self.n_frames.saturating_sub(1));
        if header.type_ == CLAP_EVENT_TRANSPORT {
            // A change of transport out of place does not hold there. The framework keeps the event, so it cannot be
            // moved.
            let is_in_place =
                (floor..=last).contains(&header.time) && event.cast::<clap_event_transport>().is_aligned();
            return is_in_place.then(|| {
                self.floor.set(header.time);
                event
            });
        }
        if header.type_ == CLAP_EVENT_MIDI_SYSEX {
            // SAFETY: the header says that it is one, and it is as long as one.
            unsafe { at(event.cast::<clap_event_midi_sysex>()) }.filter(|event| !event.buffer.is_null())?;
        }
        let time = header.time.clamp(floor, last.max(floor));
        if time == header.time && event.cast::<u64>().is_aligned() {
            return Some(event);
        }
        let moved = self.moved.get();
        // SAFETY: the event has so many bytes, and there is room for them; nobody looks at the one before any more.
        unsafe { ptr::copy_nonoverlapping(event.cast::<u8>(), moved.cast::<u8>(), n_bytes) };
        let header = moved.cast::<clap_event_header>();
        // SAFETY: an event begins with its header.
        unsafe { (*header).time = time };
        Some(header)
    }
}

/// The size of an event with this `header` in bytes; `None` for types that the framework does not know.
const fn n_bytes(header: &clap_event_header) -> Option<usize> {
    if header.space_id != CLAP_CORE_EVENT_SPACE_ID {
        return None;
    }
    match header.type_ {
        CLAP_EVENT_NOTE_ON | CLAP_EVENT_NOTE_OFF | CLAP_EVENT_NOTE_CHOKE => {
            Some(size_of::<clap_event_note>())
        }
        CLAP_EVENT_NOTE_EXPRESSION => Some(size_of::<clap_event_note_expression>()),
        CLAP_EVENT_PARAM_VALUE => Some(size_of::<clap_event_param_value>()),
        CLAP_EVENT_PARAM_MOD => Some(size_of::<clap_event_param_mod>()),
        CLAP_EVENT_TRANSPORT => Some(size_of::<clap_event_transport>()),
        // Three bytes are read; the rest is padding, which some hosts do not count.
        CLAP_EVENT_MIDI => Some(size_of::<clap_event_header>() + 5),
        CLAP_EVENT_MIDI_SYSEX => Some(size_of::<clap_event_midi_sysex>()),
        _ => None,
    }
}

unsafe extern "C" fn size(list: *const clap_input_events) -> u32 {
    // SAFETY: the framework calls with the list that `InFront::list` made, which is there.
    let front = unsafe { &*(*list).ctx.cast::<InFront>() };
    // SAFETY: `new` was promised that it is there.
    match unsafe { &*front.given }.size {
        // SAFETY: a function of the host's list, called with that list.
        Some(size) => unsafe { size(front.given) },
        None => 0,
    }
}

unsafe extern "C" fn get(list: *const clap_input_events, idx: u32) -> *const clap_event_header {
    // SAFETY: the framework calls with the list that `InFront::list` made, which is there.
    let front = unsafe { &*(*list).ctx.cast::<InFront>() };
    front.event(idx).unwrap_or(match front.refused {
        Refused::Null => ptr::null(),
        Refused::Unknown => &raw const NOTHING,
    })
}

/// `given` if it is a valid output list; else null, which the framework handles.
///
/// # Safety
///
/// `given` is null, or misaligned, or points to a list.
///
/// *Real-time:* wait-free, no allocation.
pub unsafe fn outbox(given: *const clap_output_events) -> *const clap_output_events {
    // SAFETY: as the caller says.
    let list = unsafe { at(given) };
    if list.is_some_and(|list| list.try_push.is_some()) { given } else { ptr::null() }
}
