//! `descant`: the plugin as a program of its own, with JACK, ALSA, CoreAudio or WASAPI, and MIDI.

use std::process::ExitCode;

use descant::plugin::Descant;
use nice_plug::prelude::nice_export_standalone;

fn main() -> ExitCode {
    if nice_export_standalone::<Descant>() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
