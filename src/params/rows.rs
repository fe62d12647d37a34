//! Macros that expand the rows of [`super::table`] and [`super::part_table`]. New knobs need no change here.
//!
//! Each row becomes a variant of an enum, a field of a struct with its default, a case of the visitor, and the
//! conversions to and from the setting or knob that it corresponds to. Items without a path are imported by the tables.

/// Defines [`ParamId`](super::ParamId), a struct for each group of rows, and the methods of
/// [`DescantParams`](super::DescantParams) that depend on the rows.
macro_rules! parameters {
    ($(
        $(#[$group_doc:meta])*
        $group:ident: $Group:ident {$(
            $(#[doc = $doc:literal])+
            $Id:ident $id:tt $field:ident: $type:ty = $new:expr
            $(, player $setting:ident $(= $to_setting:expr)?)?
            $(, knob $knob:ident $([$dial:path])?)?;
        )+}
    )+) => {
        /// A parameter of the plugin.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ParamId {
            /// Bypass: passes notes through and plays nothing.
            Bypass,
            $($($(#[doc = $doc])+ $Id,)+)+
            /// The switch of a command, which acts when it goes on.
            Switch(Command),
            /// Plays the take in this slot when it changes, but for renders faster than time.
            Slot,
            /// Counts changes of the stored project, so that the host notices unsaved changes.
            Revision,
            /// One of a part's own.
            Part(Part, PartParam),
        }

        impl ParamId {
            /// All parameters but switches and those of parts.
            pub(super) const PLAIN: &[Self] = &[Self::Bypass, $($(Self::$Id,)+)+ Self::Slot, Self::Revision];

            /// The parameter of `dial`.
            pub const fn of_dial(dial: Dial) -> Self {
                match dial {
                    $($($($($dial => Self::$Id,)?)?)+)+
                }
            }

            /// The help text for users; empty where none is shown.
            pub const fn about(self) -> &'static str {
                match self {
                    $($(Self::$Id => concat!($($doc),+).trim_ascii_start(),)+)+
                    Self::Bypass | Self::Switch(_) | Self::Slot | Self::Revision | Self::Part(..) => "",
                }
            }
        }

        $(
            $(#[$group_doc])*
            #[derive(Params)]
            pub struct $Group {$(
                $(#[doc = $doc])+
                #[id = $id]
                pub $field: $type,
            )+}

            impl Default for $Group {
                fn default() -> Self {
                    Self { $($field: $new,)+ }
                }
            }
        )+

        impl DescantParams {
            /// Applies `visitor` to the parameter `id`.
            pub fn visit<V: ParamVisitor>(&self, id: ParamId, visitor: V) -> V::Output {
                match id {
                    ParamId::Bypass => visitor.visit(&self.bypass),
                    $($(ParamId::$Id => visitor.visit(&self.$group.$field),)+)+
                    ParamId::Switch(command) => visitor.visit(self.actions.switch(command)),
                    ParamId::Slot => visitor.visit(&self.actions.slot),
                    ParamId::Revision => visitor.visit(&self.actions.revision),
                    ParamId::Part(part, id) => self.part(part).visit(id, visitor),
                }
            }

            /// The player's settings that are one parameter each.
            ///
            /// *Real-time:* wait-free, no allocation.
            pub fn player_settings(&self) -> crate::player::Settings {
                crate::player::Settings {
                    $($($($setting: $($to_setting)? (self.$group.$field.value()),)?)+)+
                    parts: Part::ALL.map(|part| self.part(part).player_settings()),
                    ..crate::player::Settings::default()
                }
            }

            /// The knobs by the current parameters.
            pub fn knobs(&self) -> crate::knobs::Knobs {
                let mut knobs = crate::knobs::Knobs::default();
                $($($(knobs.$knob $([$dial.index()])? = StandsFor::to_knob(self.$group.$field.value());)?)+)+
                knobs.parts = Part::ALL.map(|part| self.part(part).knobs());
                knobs
            }

            /// The normalised values of the parameters, `0.0..=1.0`, that are nearest to `knobs`.
            pub fn places(&self, knobs: &crate::knobs::Knobs) -> Vec<(ParamId, f32)> {
                let plain = [
                    $($($((ParamId::$Id, place(&self.$group.$field, &knobs.$knob $([$dial.index()])?)),)?)+)+
                ];
                let of_part = |part: Part| {
                    let places = self.part(part).places(&knobs.parts[part.index()]);
                    places.into_iter().map(move |(id, place)| (ParamId::Part(part, id), place))
                };
                let places = plain.into_iter().chain(Part::ALL.into_iter().flat_map(of_part));
                places.filter_map(|(id, place)| Some((id, place?))).collect()
            }
        }
    };
}

/// Makes [`PartParam`](super::PartParam) and [`PartParams`](super::PartParams).
macro_rules! part_parameters {
    ($part:ident: $(
        $(#[doc = $doc:literal])+
        $Id:ident $id:tt $field:ident: $type:ty = $new:expr
        $(, player $setting:ident $(= $to_setting:expr)?)?
        $(, knob $knob:ident)?;
    )+) => {
        /// A parameter that each part has.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum PartParam {
            $($(#[doc = $doc])+ $Id,)+
        }

        impl PartParam {
            /// Every parameter of a part.
            pub(super) const ALL: &[Self] = &[$(Self::$Id,)+];
        }

        /// The parameters of a part.
        #[derive(Params)]
        pub struct PartParams {$(
            $(#[doc = $doc])+
            #[id = $id]
            pub $field: $type,
        )+}

        impl PartParams {
            /// The parameters of `part` at their defaults.
            pub(super) fn new($part: Part) -> Self {
                Self { $($field: $new,)+ }
            }

            pub(super) fn visit<V: ParamVisitor>(&self, id: PartParam, visitor: V) -> V::Output {
                match id {
                    $(PartParam::$Id => visitor.visit(&self.$field),)+
                }
            }

            pub(super) fn player_settings(&self) -> crate::player::PartSettings {
                crate::player::PartSettings { $($($setting: $($to_setting)? (self.$field.value()),)?)+ }
            }

            pub(super) fn knobs(&self) -> crate::knobs::PartKnobs {
                crate::knobs::PartKnobs { $($($knob: StandsFor::to_knob(self.$field.value()),)?)+ }
            }

            pub(super) fn places(&self, knobs: &crate::knobs::PartKnobs) -> impl IntoIterator<Item = (PartParam, Option<f32>)> {
                [$($((PartParam::$Id, place(&self.$field, &knobs.$knob)),)?)+]
            }
        }
    };
}

pub(super) use {parameters, part_parameters};
