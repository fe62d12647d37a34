//! What is different where the editor belongs to a program of its own: there is no host to speak of.

use egui::{Context, ViewportCommand};
use nice_plug::params::Param;
use nice_plug_egui::Frame;

use super::state::Transport;
use super::words_to_params::Edits;
use crate::params::{DescantParams, ParamId};
use crate::player::{Mode as PlayMode, TempoSource};

/// Parameters with a value that stands for the host, which in the standalone is JACK.
const OF_THE_HOST: [ParamId; 2] = [ParamId::PlayMode, ParamId::TempoSource];

/// What the editor needs of a program of its own.
pub struct StandaloneProgram {
    /// Physical pixels for each logical one; those of the system if nobody says so.
    pub scale: Option<f32>,
    /// Whether the program is to end.
    pub is_ending: Box<dyn Fn() -> bool + Send + Sync>,
    /// Puts the session aside and its project back to what a first start has; the name that it is kept under, or why that
    /// cannot be done.
    pub begin_session: Box<dyn Fn() -> Result<String, String> + Send + Sync>,
}

impl StandaloneProgram {
    /// Has the window of `frame`, which was made as large as if the system did not scale, be as large as it is to be.
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

/// Physical pixels for each logical one, as the system has it.
#[expect(clippy::cast_possible_truncation, reason = "a scale needs no more than single precision")]
fn system_scale(frame: &Frame) -> f32 {
    let scale = frame.baseview_window().scale_factor() as f32;
    if scale > 0.0 { scale } else { 1.0 }
}

/// Has those of `texts`, each of a parameter, say JACK where they say host.
pub fn name_jack<'a>(texts: impl Iterator<Item = (ParamId, &'a mut String)>) {
    for (id, text) in texts {
        if OF_THE_HOST.contains(&id) && text == "Host" {
            "JACK".clone_into(text);
        }
    }
}

/// What there is to change for everything to be as at a first start.
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

/// What to say when parameters are not taken.
pub const fn not_taken(is_standalone: bool) -> &'static str {
    if is_standalone {
        "the audio engine has not taken all of it yet; see that its device runs, then Generate"
    } else {
        "your host has not taken all of it yet; press play in it, or open its mixer, then Generate"
    }
}
