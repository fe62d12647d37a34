//! `descant`: the plugin as a program of its own, with JACK, ALSA, CoreAudio or WASAPI, and MIDI.

use std::process::ExitCode;

fn main() -> ExitCode {
    if descant::plugin::standalone::run() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
