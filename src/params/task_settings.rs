//! Parameters as what the model is asked for.

use super::DescantParams;
use super::text::AUTO;
use crate::knobs::{Dial, Knobs, PartKnobs};
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

    /// The knobs of composing, as the parameters hold them.
    pub fn knobs(&self) -> Knobs {
        let (composing, playing) = (&self.composing, &self.playing);
        let mut knobs = Knobs {
            style: composing.style.value().0,
            tonic: composing.tonic.value().0,
            mode: composing.mode.value().0,
            scale: composing.scale.value(),
            meter: composing.meter.value().0,
            n_bars: Some(u32::try_from(composing.bars.value()).unwrap_or(1)),
            tempo: Some(playing.tempo.value()),
            surprise: fraction(composing.surprise.value()),
            form: composing.form.value().form(),
            ending: composing.ending.value().0,
            performance: Performance::new(u8::try_from(playing.performance.value()).unwrap_or(0)),
            parts: Part::ALL.map(|part| {
                let part = self.part(part);
                PartKnobs { is_on: part.on.value(), density: fraction(part.density.value()) }
            }),
            ..Knobs::default()
        };
        for dial in Dial::ALL {
            knobs.turn(dial, share(composing.dial(dial).value()));
        }
        knobs
    }
}

/// Per cent as a share; `None` for [`AUTO`].
fn share(percent: i32) -> Option<f32> {
    (percent != AUTO).then(|| fraction(percent))
}

/// Per cent as a part of one.
///
/// *Real-time:* wait-free, no allocation.
pub fn fraction(percent: i32) -> f32 {
    f32::from(i16::try_from(percent).unwrap_or(0)) / 100.0
}
