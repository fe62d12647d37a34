//! Plays the built bundles in real hosts, one of CLAP and one of VST3, in this process.
//!
//! The bundles are those that users get, so a test here knows what a host knows: parameters, transport, events, sound and
//! the stored state. They have to be there: `cargo xtask bundle --checked` builds them so that an allocation in the
//! audio callback ends the process. `DESCANT_BUNDLES` names another folder than the target folder's `bundled`.
//!
//! Composing runs on a thread of its own, so tests wait for it, as long as a busy machine takes: only a hang ends that. What a
//! test holds of time it holds of the host's, which stands still while it waits for the plugin. Two tests of hosts that stall
//! are about the wall clock itself.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod bundles;

mod stopwatch;

mod transport;

mod recording;

mod expected;

mod stored;

mod host;

mod clap_host;

mod clap_describing;

mod clap_playing;

mod clap_input;

mod clap_live;
mod clap_midi;

mod clap_state;

mod clap_lifetimes;

mod clap_room;

mod clap_raw;

mod clap_mistakes;

mod clap_marks;

mod frozen;

mod interrupted;

mod random;

mod starter;

mod vst3_host;

mod vst3;

mod vst3_raw;

mod vst3_mistakes;

mod vst3_marks;

mod vst3_controllers;

#[cfg(target_os = "linux")]
mod window;
