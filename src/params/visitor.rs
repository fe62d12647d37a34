//! Generic operations on parameters.

use nice_plug::prelude::Param;

/// An operation on a parameter of any type.
pub trait ParamVisitor {
    /// The result.
    type Output;

    /// Applies the operation to `param`.
    fn visit<P: Param<Plain: 'static>>(self, param: &P) -> Self::Output;
}
