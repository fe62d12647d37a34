//! Work on parameters, whatever their types.

use nice_plug::prelude::Param;

/// Work on a parameter of any type.
pub trait ParamVisitor {
    /// What the work gives.
    type Output;

    /// Does it.
    fn visit<P: Param<Plain: 'static>>(self, param: &P) -> Self::Output;
}
