//! Converts parameters to the settings of a task.

use super::DescantParams;
use super::stands_for::fraction;
use crate::music::{Frame, Part};
use crate::player::{Conductor, Tempi};
use crate::session::{Form, Performance, TaskSettings, Variation};
use crate::words;

/// Everything that the parameters set of a new phrase.
#[derive(Debug, Clone, PartialEq)]
pub struct Brief {
    /// Key, meter, length and tempo.
    pub frame: Frame,
    /// The parts that are on, in stream order.
    pub parts: Vec<Part>,
    /// Controls, rules and sampling.
    pub settings: TaskSettings,
    /// The settings of Vary.
    pub variation: Variation,
    /// The song form to compose, `None` for a phrase.
    pub form: Option<Form>,
}

/// Slowest and fastest tempo of a phrase, in beats per minute.
const TEMPI: (f64, f64) = (20.0, 400.0);

impl DescantParams {
    /// Whether a phrase follows the host's beats, so that the tempo knob has no effect. `tempi` — the tempos received.
    pub fn is_on_host_beats(&self, tempi: &Tempi) -> bool {
        tempi.binds(self.playing.mode.value())
    }

    /// The source that overrides the tempo knob and its tempo in beats per minute, `None` if the knob rules. `tempi` — the
    /// tempos received.
    pub fn ruling_tempo(&self, tempi: &Tempi) -> Option<(Conductor, f64)> {
        let playing = &self.playing;
        tempi.ruling(playing.mode.value(), playing.tempo_source.value())
    }

    /// The tempo at which a phrase will be played, in beats per minute; it is composed for the same tempo.
    #[expect(clippy::cast_possible_truncation, reason = "a tempo needs no more than single precision")]
    pub fn played_tempo(&self, tempi: &Tempi) -> f32 {
        let (slowest, fastest) = TEMPI;
        let ruling = self.ruling_tempo(tempi).map(|(_, tempo)| tempo.clamp(slowest, fastest) as f32);
        ruling.unwrap_or_else(|| self.playing.tempo.value())
    }

    /// The settings that the parameters and the stored words ask for. `tempo` — beats per minute, at which the phrase will be
    /// played.
    pub fn brief(&self, tempo: f32) -> Brief {
        let words = words::read(&self.project.0.with_project(|project| project.words.clone()));
        let knobs = self.knobs().with_details(&words);
        let composing = &self.composing;
        Brief {
            frame: knobs.frame(tempo),
            parts: knobs.parts_on(),
            settings: TaskSettings {
                // Its amount is a setting of playback.
                performance: Performance::PLAYED,
                ..knobs.settings()
            },
            variation: Variation::new(fraction(composing.vary_amount.value()), composing.vary_keep.value()),
            form: knobs.form,
        }
    }
}
