//! The entry points that hosts look for.

use super::Descant;

nice_plug::nice_export_clap!(Descant);
nice_plug::nice_export_vst3!(Descant);
