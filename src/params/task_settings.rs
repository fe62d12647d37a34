//! Parameters as what the model is asked for.

use super::DescantParams;
use super::stands_for::fraction;
use crate::music::{Frame, Part};
use crate::player::{Conductor, Tempi};
use crate::session::{Form, Performance, TaskSettings, Variation};
use crate::words;

/// Everything that a phrase is composed from, as the parameters say it.
#[derive(Debug, Clone, PartialEq)]
pub struct Brief {
    /// Key, meter, length and tempo.
    pub frame: Frame,
    /// The parts that are on, in stream order.
    pub parts: Vec<Part>,
    /// Controls, rules and boldness.
    pub wishes: TaskSettings,
    /// What Vary does.
    pub variation: Variation,
    /// The song form to compose, `None` for a phrase.
    pub form: Option<Form>,
}

/// Tempos that a phrase may have, in beats per minute.
const TEMPI: (f64, f64) = (20.0, 400.0);

impl DescantParams {
    /// Whether a phrase is played on the host's beats, whatever tempo is asked for, where `tempi` come from outside.
    pub fn is_on_host_beats(&self, tempi: &Tempi) -> bool {
        tempi.binds(self.playing.mode.value())
    }

    /// Who sets the tempo in place of the knob, and which, in beats per minute, where `tempi` come from outside.
    pub fn ruling_tempo(&self, tempi: &Tempi) -> Option<(Conductor, f64)> {
        let playing = &self.playing;
        tempi.ruling(playing.mode.value(), playing.tempo_source.value())
    }

    /// The tempo that a phrase will be played at, in beats per minute, and so is composed for.
    #[expect(clippy::cast_possible_truncation, reason = "a tempo needs no more than single precision")]
    pub fn played_tempo(&self, tempi: &Tempi) -> f32 {
        let (slowest, fastest) = TEMPI;
        let ruling = self.ruling_tempo(tempi).map(|(_, tempo)| tempo.clamp(slowest, fastest) as f32);
        ruling.unwrap_or_else(|| self.playing.tempo.value())
    }

    /// What the parameters ask for, and the words that stand beside them. `tempo` — beats per minute, that which the phrase
    /// will be played at.
    pub fn brief(&self, tempo: f32) -> Brief {
        let words = words::read(&self.project.0.with_project(|project| project.words.clone()));
        let knobs = self.knobs().with_details(&words);
        let composing = &self.composing;
        Brief {
            frame: knobs.frame(tempo),
            parts: knobs.parts_on(),
            wishes: TaskSettings {
                // How much of it is heard is set while it plays.
                performance: Performance::PLAYED,
                ..knobs.settings()
            },
            variation: Variation::new(fraction(composing.vary_amount.value()), composing.vary_keep.value()),
            form: knobs.form,
        }
    }
}
