//! What the audio thread may call neither allocates nor frees.
//!
//! The allocator of the whole test binary counts, per thread, what happens between [`begin`] and [`end`].

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use descant::music::phrase::Part;
use descant::music::pitch::Pitch;
use descant::synth::Synth;

thread_local! {
    /// Calls of the allocator since [`begin`]; `None` outside.
    static N_CALLS: Cell<Option<usize>> = const { Cell::new(None) };
}

struct Counting;

/// Counts a call. Threads that are being torn down are past caring.
fn count() {
    let _ = N_CALLS.try_with(|calls| calls.set(calls.get().map(|n| n + 1)));
}

#[expect(
    unsafe_code,
    reason = "an allocator is an unsafe trait; this one hands everything on to the system's"
)]
// SAFETY: every call goes to `System` with the caller's own arguments; counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count();
        // SAFETY: as above; `pointer` came from `System`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, n_bytes: usize) -> *mut u8 {
        count();
        // SAFETY: as above; `pointer` came from `System`.
        unsafe { System.realloc(pointer, layout, n_bytes) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn begin() {
    N_CALLS.set(Some(0));
}

fn end() -> usize {
    N_CALLS.take().unwrap_or(0)
}

#[test]
fn the_guard_sees_allocations() {
    begin();
    drop(std::hint::black_box(vec![1_u8; 100]));
    assert_eq!(end(), 2);
}

#[test]
fn the_synth_does_not_allocate() {
    let mut synth = Synth::new(44_100.0);
    let (mut left, mut right) = (vec![0.0; 333], vec![0.0; 333]);
    begin();
    for round in 0..40 {
        for part in Part::ALL {
            // Far more notes than voices, over the whole range.
            for idx in 0..6 {
                synth.note_on(part, Pitch::clamped((round * 31 + idx * 7) % 128), 100);
            }
            synth.note_off(part, Pitch::clamped(round * 31 % 128));
            synth.set_gain(part, 0.5);
        }
        synth.process(&mut left, &mut right);
    }
    synth.all_notes_off();
    for _ in 0..400 {
        synth.process(&mut left, &mut right);
    }
    assert!(!synth.is_silent() || left.iter().all(|x| *x == 0.0));
    assert_eq!(end(), 0);
}
