//! Converts values of parameters to values of knobs and back.

use nice_plug::prelude::{Enum, Param};

use super::choice::{EndingChoice, FormChoice, MeterChoice, ModeChoice, StyleChoice, TonicChoice};
use super::text::AUTO;
use crate::music::ending::Ending;
use crate::music::{Meter, Mode, PitchClass};
use crate::preset::whole;
use crate::session::{Form, Performance, ScaleRule};
use crate::token::Style;

/// A value of a parameter that corresponds to a value `T` of a knob.
pub trait StandsFor<T>: Sized {
    /// The knob's value.
    fn to_knob(self) -> T;

    /// The parameter's value nearest to the knob's; `None` if there is none.
    fn of_knob(value: &T) -> Option<Self>;
}

/// The normalised value of `param`, `0.0..=1.0`, that is nearest to the knob's `value`; `None` if there is none.
pub fn place<P: Param, T>(param: &P, value: &T) -> Option<f32>
where
    P::Plain: StandsFor<T>,
{
    StandsFor::of_knob(value).map(|plain| param.preview_normalized(plain))
}

/// Types that parameter and knob share.
macro_rules! same {
    ($($type:ty),+) => {$(
        impl StandsFor<Self> for $type {
            fn to_knob(self) -> Self {
                self
            }

            fn of_knob(value: &Self) -> Option<Self> {
                Some(*value)
            }
        }
    )+};
}

same!(bool, ScaleRule);

/// Choices that hold the knob's value.
macro_rules! choices {
    ($($choice:ident: $value:ty),+) => {$(
        impl StandsFor<$value> for $choice {
            fn to_knob(self) -> $value {
                self.0
            }

            fn of_knob(value: &$value) -> Option<Self> {
                Some(Self(*value))
            }
        }
    )+};
}

choices!(
    StyleChoice: Option<Style>, TonicChoice: Option<PitchClass>, ModeChoice: Option<Mode>, MeterChoice: Meter,
    EndingChoice: Option<Ending>
);

impl StandsFor<Option<Form>> for FormChoice {
    fn to_knob(self) -> Option<Form> {
        self.form()
    }

    fn of_knob(value: &Option<Form>) -> Option<Self> {
        let mut choices = (0..Self::variants().len()).map(Self::from_index);
        choices.find(|choice| choice.form() == *value)
    }
}

/// Per cent and a share.
impl StandsFor<f32> for i32 {
    fn to_knob(self) -> f32 {
        fraction(self)
    }

    fn of_knob(share: &f32) -> Option<Self> {
        Some(whole(share * 100.0))
    }
}

/// Per cent or [`AUTO`], and a share.
impl StandsFor<Option<f32>> for i32 {
    fn to_knob(self) -> Option<f32> {
        (self != AUTO).then(|| fraction(self))
    }

    fn of_knob(share: &Option<f32>) -> Option<Self> {
        share.map_or(Some(AUTO), |share| Self::of_knob(&share))
    }
}

/// A number of bars.
impl StandsFor<Option<u32>> for i32 {
    fn to_knob(self) -> Option<u32> {
        Some(u32::try_from(self).unwrap_or(1))
    }

    fn of_knob(count: &Option<u32>) -> Option<Self> {
        count.and_then(|count| Self::try_from(count).ok())
    }
}

/// Per cent.
impl StandsFor<Performance> for i32 {
    fn to_knob(self) -> Performance {
        Performance::new(u8::try_from(self).unwrap_or(0))
    }

    fn of_knob(performance: &Performance) -> Option<Self> {
        Some(performance.percent().into())
    }
}

/// Beats per minute.
impl StandsFor<Option<f32>> for f32 {
    fn to_knob(self) -> Option<f32> {
        Some(self)
    }

    fn of_knob(tempo: &Option<f32>) -> Option<Self> {
        *tempo
    }
}

/// Converts per cent to a fraction of one.
///
/// *Real-time:* wait-free, no allocation.
pub fn fraction(percent: i32) -> f32 {
    f32::from(i16::try_from(percent).unwrap_or(0)) / 100.0
}
