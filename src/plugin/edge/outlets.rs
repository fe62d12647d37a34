//! Provides two output channels, whatever the host's output port has.
//!
//! The framework requires exactly the channels that it declared, none null: with fewer it does not process and leaves
//! the buffers unwritten, with more it panics.

#![expect(unsafe_code, reason = "hosts give channels as pointers")]

use std::ptr;
use std::slice;

/// The longest block for which a missing channel is replaced, in samples: longer than hosts use.
const MAX_SCRATCH: usize = 1 << 16;

/// A pointer to the samples of a channel.
type Channel = *mut f32;

/// The buffers of the plugin's two output channels.
pub struct Outlets {
    /// Replacements for missing channels, one after the other.
    scratch: Vec<f32>,
    /// Samples of a channel in `scratch`.
    n_scratch: usize,
    channels: [Channel; 2],
}

impl Outlets {
    /// Buffers for blocks of at most `max_block` samples.
    pub fn new(max_block: u32) -> Self {
        let n_scratch = usize::try_from(max_block).unwrap_or(usize::MAX).min(MAX_SCRATCH);
        Self { scratch: vec![0.0; 2 * n_scratch], n_scratch, channels: [ptr::null_mut(); 2] }
    }

    /// The two channels for a block of `n_frames` samples, from the host's `n_given` channels at `given`, which may be
    /// null. Missing and duplicate channels are replaced by our own; channels beyond the second are silenced. `None` if
    /// the block is longer than a replacement.
    ///
    /// # Safety
    ///
    /// `given` is null or points to `n_given` channels, each of them null or of `n_frames` samples that are nobody else's
    /// until the block is played.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub unsafe fn connect(
        &mut self,
        given: *mut Channel,
        n_given: usize,
        n_frames: usize,
    ) -> Option<&mut [Channel; 2]> {
        // SAFETY: as the caller says.
        let given = unsafe { channels(given, n_given) };
        for (idx, channel) in self.channels.iter_mut().enumerate() {
            let found = given.get(idx).copied().filter(|channel| is_usable(*channel));
            let found = found.filter(|found| idx == 0 || given.first() != Some(found));
            *channel = match found {
                Some(found) => found,
                None if n_frames <= self.n_scratch => {
                    self.scratch.get_mut(idx * self.n_scratch..)?.as_mut_ptr()
                }
                None => return None,
            };
        }
        for channel in given.iter().skip(2) {
            // SAFETY: as the caller says.
            unsafe { silence(*channel, n_frames) };
        }
        Some(&mut self.channels)
    }
}

/// Writes `n_frames` samples of silence to the `n_given` channels at `given`, which may be null.
///
/// # Safety
///
/// As for [`Outlets::connect`].
///
/// *Real-time:* wait-free, no allocation.
pub unsafe fn silence_all<T: Copy + Default>(given: *mut *mut T, n_given: usize, n_frames: usize) {
    // SAFETY: as the caller says.
    for channel in unsafe { channels(given, n_given) } {
        // SAFETY: as the caller says.
        unsafe { silence(*channel, n_frames) };
    }
}

/// The channels at `given`; empty if it is null.
///
/// # Safety
///
/// `given` is null, or misaligned, or points to `n_given` channels that stay there for `'a`.
unsafe fn channels<'a, T>(given: *mut *mut T, n_given: usize) -> &'a [*mut T] {
    if !is_usable(given) || n_given > MAX_CHANNELS {
        return &[];
    }
    // SAFETY: as the caller says; what is null or misaligned was seen to.
    unsafe { slice::from_raw_parts(given, n_given) }
}

/// More channels than any port has; a larger number is invalid.
const MAX_CHANNELS: usize = 1024;

/// # Safety
///
/// `channel` is null, or misaligned, or points to `n_frames` samples that are nobody else's.
unsafe fn silence<T: Copy + Default>(channel: *mut T, n_frames: usize) {
    if is_usable(channel) {
        // SAFETY: as the caller says; what is null or misaligned was seen to.
        unsafe { slice::from_raw_parts_mut(channel, n_frames) }.fill(T::default());
    }
}

fn is_usable<T>(pointer: *mut T) -> bool {
    !pointer.is_null() && pointer.is_aligned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays into what `n_given` channels of a host, of which those at `missing` are null, come to; what is in the host's then.
    fn play(n_given: usize, missing: &[usize]) -> Vec<[f32; 4]> {
        let mut host = vec![[9.0_f32; 4]; n_given];
        let mut given: Vec<Channel> = host.iter_mut().map(|channel| channel.as_mut_ptr()).collect();
        missing.iter().for_each(|idx| given[*idx] = ptr::null_mut());
        let mut outlets = Outlets::new(4);
        // SAFETY: the channels are there and nobody else's.
        let channels = unsafe { outlets.connect(given.as_mut_ptr(), n_given, 4) }.unwrap();
        for (channel, value) in channels.iter().zip([1.0, 2.0]) {
            // SAFETY: four samples are there, the host's or the outlets' own.
            unsafe { slice::from_raw_parts_mut(*channel, 4) }.fill(value);
        }
        host
    }

    #[test]
    fn a_port_of_any_width_is_played_into() {
        assert_eq!(play(0, &[]), [[0.0_f32; 4]; 0]);
        assert_eq!(play(1, &[]), [[1.0; 4]]);
        assert_eq!(play(2, &[]), [[1.0; 4], [2.0; 4]]);
        assert_eq!(play(3, &[]), [[1.0; 4], [2.0; 4], [0.0; 4]]);
        assert_eq!(play(8, &[])[2..], [[0.0; 4]; 6]);
        assert_eq!(play(2, &[0]), [[9.0; 4], [2.0; 4]]);
        assert_eq!(play(3, &[1, 2]), [[1.0; 4], [9.0; 4], [9.0; 4]]);
    }

    #[test]
    fn one_channel_twice_is_played_into_once() {
        let mut host = [9.0_f32; 4];
        let mut given = [host.as_mut_ptr(); 2];
        let mut outlets = Outlets::new(4);
        // SAFETY: the channel is there and nobody else's.
        let channels = unsafe { outlets.connect(given.as_mut_ptr(), 2, 4) }.unwrap();
        assert_ne!(channels[0], channels[1]);
    }

    #[test]
    fn a_block_that_is_too_long_for_what_is_missing_is_not_played() {
        let mut outlets = Outlets::new(4);
        // SAFETY: null is allowed.
        assert!(unsafe { outlets.connect(ptr::null_mut(), 0, 5) }.is_none());
    }
}
