//! Checked conversions of a host's pointers to references.

use std::ffi::{CStr, c_char};

/// The text at `pointer`; `None` for null.
///
/// # Safety
///
/// `pointer` is null, or points to a text that ends with a zero and stays there for `'a`.
pub unsafe fn text<'a>(pointer: *const c_char) -> Option<&'a CStr> {
    // SAFETY: as the caller says.
    (!pointer.is_null()).then(|| unsafe { CStr::from_ptr(pointer) })
}

/// The value at `pointer`; `None` if it is null or misaligned.
///
/// # Safety
///
/// `pointer` is null, or misaligned, or points to a `T` that nobody changes for `'a`.
pub unsafe fn at<'a, T>(pointer: *const T) -> Option<&'a T> {
    // SAFETY: as the caller says; what is null or misaligned was seen to.
    (!pointer.is_null() && pointer.is_aligned()).then(|| unsafe { &*pointer })
}
