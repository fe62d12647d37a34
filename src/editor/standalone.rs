//! Differences of the editor in the standalone, which has no host: scaling, sessions, and texts that say JACK.

use egui::{Context, ViewportCommand};
use nice_plug::params::Param;
use nice_plug_egui::Frame;

use super::state::Transport;
use super::words_to_params::Edits;
use crate::params::{DescantParams, ParamId};
use crate::player::{Mode as PlayMode, TempoSource};

/// Parameters with a value named after the host, which in the standalone is JACK.
const OF_THE_HOST: [ParamId; 2] = [ParamId::PlayMode, ParamId::TempoSource];

/// Functions and settings that the standalone provides to the editor.
pub struct StandaloneProgram {
    /// Physical pixels per logical pixel; `None` for the system's scale.
    pub scale: Option<f32>,
    /// Whether the program is to end.
    pub is_ending: Box<dyn Fn() -> bool + Send + Sync>,
    /// Stores the session under a name of its own and resets the project as at a first start; returns the name, or the
    /// reason of the failure for the user.
    pub begin_session: Box<dyn Fn() -> Result<String, String> + Send + Sync>,
}

impl StandaloneProgram {
    /// Resizes the window of `frame`, which was made without the system's scale, to its scaled size.
    pub fn enlarge(&self, egui: &Context, frame: &Frame) {
        let Some(scale) = self.scale else { return };
        let zoom = scale / system_scale(frame);
        if zoom != scale {
            egui.set_zoom_factor(zoom);
        }
    }

    /// Closes the window if the program is to end.
    pub fn close_if_ending(&self, egui: &Context) {
        if (self.is_ending)() {
            egui.send_viewport_cmd(ViewportCommand::Close);
        }
    }
}

/// The system's scale: physical pixels per logical pixel.
#[expect(clippy::cast_possible_truncation, reason = "a scale needs no more than single precision")]
fn system_scale(frame: &Frame) -> f32 {
    let scale = frame.baseview_window().scale_factor() as f32;
    if scale > 0.0 { scale } else { 1.0 }
}

/// Replaces host by JACK in those of `texts` whose parameter names the host.
pub fn name_jack<'a>(texts: impl Iterator<Item = (ParamId, &'a mut String)>) {
    for (id, text) in texts {
        if OF_THE_HOST.contains(&id) && text == "Host" {
            "JACK".clone_into(text);
        }
    }
}

/// The edits that reset all parameters to the values of a first start.
pub fn first_values(params: &DescantParams) -> Edits {
    let first = |id| match id {
        ParamId::PlayMode => params.playing.mode.preview_normalized(PlayMode::Free),
        _ => params.setting(id).default,
    };
    let changed = |id: &ParamId| (params.setting(*id).normalized - first(*id)).abs() > f32::EPSILON;
    ParamId::all().filter(|id| *id != ParamId::Revision).filter(changed).map(|id| (id, first(id))).collect()
}

/// Who starts and stops the phrase.
pub fn transport(params: &DescantParams) -> Transport {
    match (params.playing.mode.value(), params.playing.tempo_source.value()) {
        (PlayMode::Host, _) => Transport::Host,
        (PlayMode::Keys, _) => Transport::Keys,
        (PlayMode::Free, TempoSource::MidiClock) => Transport::Clock,
        (PlayMode::Free, _) => Transport::Own,
    }
}

/// The message for the user when edits do not reach the parameters.
pub const fn not_taken(is_standalone: bool) -> &'static str {
    if is_standalone {
        "the audio engine has not taken all of it yet; see that its device runs, then Generate"
    } else {
        "your host has not taken all of it yet; press play in it, or open its mixer, then Generate"
    }
}
