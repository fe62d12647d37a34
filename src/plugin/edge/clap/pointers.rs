//! What hosts point at.

use std::ffi::{CStr, c_char};

/// The text at `pointer`; `None` if there is none.
///
/// # Safety
///
/// `pointer` is null, or points to a text that ends with a zero and stays there for `'a`.
pub unsafe fn text<'a>(pointer: *const c_char) -> Option<&'a CStr> {
    // SAFETY: as the caller says.
    (!pointer.is_null()).then(|| unsafe { CStr::from_ptr(pointer) })
}

/// What is at `pointer`; `None` if there is nothing.
///
/// # Safety
///
/// `pointer` is null, or misaligned, or points to a `T` that nobody changes for `'a`.
pub unsafe fn at<'a, T>(pointer: *const T) -> Option<&'a T> {
    // SAFETY: as the caller says; what is null or misaligned was seen to.
    (!pointer.is_null() && pointer.is_aligned()).then(|| unsafe { &*pointer })
}
