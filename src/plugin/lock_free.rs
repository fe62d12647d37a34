//! A marker trait for the types that the audio thread may hold.

use std::sync::Arc;

use super::call_meter::CallMeter;
use super::edge_detector::Switches;
use super::grooves::Grooves;
use super::midi_input::Controls;
use super::output_queue::Outbox;
use super::passthrough::SideEvent;
use super::programs::Programs;
use super::render_detector::{Course, Rendered};
use super::settings::Preview;
use super::values::Values;
use crate::editor::RepaintNotifier;
use crate::player::{InputEvent, Monitor, Player};
use crate::synth::Synth;
use crate::worker::{Restores, Triggers};

/// A type that cannot make the audio thread wait for another thread: plain values, atomics and wait-free queues,
/// without any reachable lock. The types are listed below. `Shared`, `DescantParams` and other types with locks are
/// not, so an audio processor that holds one does not compile.
pub trait LockFree {}

impl LockFree for bool {}
impl LockFree for f32 {}
impl LockFree for u128 {}
impl<T: LockFree> LockFree for Option<T> {}
impl<T: LockFree> LockFree for Vec<T> {}
impl<T: LockFree> LockFree for Arc<T> {}

// Shared atomics.
impl LockFree for CallMeter {}
impl LockFree for Monitor {}
impl LockFree for Rendered {}
impl LockFree for RepaintNotifier {}
impl LockFree for Restores {}
impl LockFree for Triggers {}
impl LockFree for Values {}

// Owned values and ends of wait-free queues.
impl LockFree for Controls {}
impl LockFree for Course {}
impl LockFree for Grooves {}
impl LockFree for InputEvent {}
impl LockFree for Outbox {}
impl LockFree for Player {}
impl LockFree for Preview {}
impl LockFree for Programs {}
impl LockFree for SideEvent {}
impl LockFree for Switches {}
impl LockFree for Synth {}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::params::DescantParams;
    use crate::worker::{Requests, Shared};

    /// Implemented once for each type, and once more for those that are free of locks: which of the two is meant is known only
    /// for a type that is not.
    trait Waits<Marker> {
        fn may_wait() {}
    }

    struct Free;

    impl<T: ?Sized> Waits<()> for T {}

    impl<T: ?Sized + LockFree> Waits<Free> for T {}

    /// Compiles as long as none of these is [`LockFree`].
    #[test]
    fn what_has_a_lock_is_not_free_of_locks() {
        <Shared as Waits<_>>::may_wait();
        <Arc<Shared> as Waits<_>>::may_wait();
        <DescantParams as Waits<_>>::may_wait();
        <Arc<DescantParams> as Waits<_>>::may_wait();
        <Requests as Waits<_>>::may_wait();
        <Mutex<bool> as Waits<_>>::may_wait();
    }
}
