//! Parameters as what the model is asked for.

use super::DescantParams;
use super::choice::ScaleChoice;
use super::text::AUTO;
use crate::music::ending::Ending;
use crate::music::measure::PartControl;
use crate::music::{Frame, Key, Mode, Part};
use crate::player::{Conductor, Tempi};
use crate::session::{Form, Performance, Rules, Sampling, ScaleRule, TaskSettings, Variation};
use crate::token::{Controls, Harmony};

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
        tempi.binds(self.playing.mode.value().mode())
    }

    /// Who sets the tempo in place of the knob, and which, in beats per minute, where `tempi` come from outside.
    pub fn ruling_tempo(&self, tempi: &Tempi) -> Option<(Conductor, f64)> {
        let playing = &self.playing;
        tempi.ruling(playing.mode.value().mode(), playing.tempo_source.value().source())
    }

    /// The tempo that a phrase will be played at, in beats per minute, and so is composed for.
    #[expect(clippy::cast_possible_truncation, reason = "a tempo needs no more than single precision")]
    pub fn played_tempo(&self, tempi: &Tempi) -> f32 {
        let (slowest, fastest) = TEMPI;
        let ruling = self.ruling_tempo(tempi).map(|(_, tempo)| tempo.clamp(slowest, fastest) as f32);
        ruling.unwrap_or_else(|| self.playing.tempo.value())
    }

    /// What the parameters ask for. `tempo` — beats per minute, that which the phrase will be played at.
    pub fn brief(&self, tempo: f32) -> Brief {
        let composing = &self.composing;
        let valence = share(composing.valence.value());
        let mode = composing.mode.value().0.unwrap_or_else(|| Mode::suiting(valence));
        let tonic = composing.tonic.value().0.unwrap_or_else(|| Key::without_accidentals(mode).tonic);
        let n_bars = u32::try_from(composing.bars.value()).unwrap_or(1);
        let meter = composing.meter.value().0;
        let scale = match composing.scale.value() {
            ScaleChoice::Strict => ScaleRule::Strict,
            ScaleChoice::Free => ScaleRule::Free,
            ScaleChoice::Style => ScaleRule::Style,
        };
        Brief {
            frame: Frame::new(meter, n_bars, Key::new(tonic, mode), tempo),
            parts: Part::ALL.into_iter().filter(|&part| self.part(part).on.value()).collect(),
            wishes: TaskSettings {
                controls: self.controls(),
                harmony: Harmony::Composed,
                rules: Rules { scale, ..Rules::default() },
                ending: composing.ending.value().ending(Ending::Any),
                sampling: boldness(fraction(composing.surprise.value())),
                // How much of it is heard is set while it plays.
                performance: Performance::PLAYED,
                ..TaskSettings::default()
            },
            variation: Variation::new(
                fraction(composing.vary_amount.value()),
                composing.vary_keep.value().keep(),
            ),
            form: composing.form.value().form(),
        }
    }

    /// The controls. Complexity speaks for syncopation and leaps where they are auto, and for polyphony in the parts
    /// that several notes at a time are usual in.
    fn controls(&self) -> Controls {
        let composing = &self.composing;
        let mut controls = Controls {
            style: composing.style.value().0,
            valence: share(composing.valence.value()),
            arousal: share(composing.arousal.value()),
            tells_frame: true,
            ..Controls::default()
        };
        let complexity = share(composing.complexity.value());
        for part in Part::ALL {
            let density = share(composing.density.value());
            let offset = fraction(self.part(part).density.value());
            controls.set_part(part, PartControl::Density, offset_by(density, offset));
            let syncopation = share(composing.syncopation.value()).or(complexity);
            controls.set_part(part, PartControl::Syncopation, syncopation);
            controls.set_part(part, PartControl::Rests, share(composing.rests.value()));
            if matches!(part, Part::Drums | Part::Chords) {
                controls.set_part(part, PartControl::Polyphony, complexity);
            }
            if !part.is_drums() {
                controls.set_part(part, PartControl::Register, share(composing.register.value()));
                controls.set_part(part, PartControl::Leaps, share(composing.leaps.value()).or(complexity));
            }
        }
        controls
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

/// `wish` moved by `offset`; an offset from auto is one from the middle.
fn offset_by(wish: Option<f32>, offset: f32) -> Option<f32> {
    if offset == 0.0 { wish } else { Some((wish.unwrap_or(0.5) + offset).clamp(0.0, 1.0)) }
}

/// Surprise as factors of temperatures and nuclei; the middle is [`Sampling::default`].
fn boldness(surprise: f32) -> Sampling {
    let usual = Sampling::default();
    let from_middle = surprise - 0.5;
    Sampling { temperature: 1.0 + 0.7 * from_middle, top_p: 1.0 + 0.15 * from_middle, ..usual }
}
