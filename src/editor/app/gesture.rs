//! Sets a parameter through the host, in gestures that the host records.

use nice_plug::params::Param;
use nice_plug::prelude::ParamSetter;

use crate::params::ParamVisitor;

/// A step of a gesture.
#[derive(Debug, Clone, Copy)]
pub(super) enum Gesture {
    Begin,
    /// Move to a place in the range, `0.0..=1.0`.
    Move(f32),
    End,
}

pub(super) struct Set<'a> {
    pub setter: ParamSetter<'a>,
    pub gesture: Gesture,
}

impl ParamVisitor for Set<'_> {
    type Output = ();

    fn visit<P: Param>(self, param: &P) {
        match self.gesture {
            Gesture::Begin => self.setter.begin_set_parameter(param),
            Gesture::Move(normalized) => self.setter.set_parameter(param, param.preview_plain(normalized)),
            Gesture::End => self.setter.end_set_parameter(param),
        }
    }
}

/// Visitor that rounds a place in the range to one that the parameter has.
pub(super) struct Rounded(pub f32);

impl ParamVisitor for Rounded {
    type Output = f32;

    fn visit<P: Param>(self, param: &P) -> f32 {
        param.preview_normalized(param.preview_plain(self.0))
    }
}
