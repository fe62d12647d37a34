//! Parameters as what the model is asked for.

use super::DescantParams;
use super::choice::ScaleChoice;
use crate::music::measure::PartControl;
use crate::music::{Frame, Key, Mode, Part};
use crate::session::{Form, Rules, Sampling, ScaleRule, Variation, Wishes};
use crate::token::{Controls, Harmony};

/// The value of a parameter in per cent that is left to the model.
pub const AUTO: i32 = -1;

/// Everything that a phrase is composed from, as the parameters say it.
#[derive(Debug, Clone, PartialEq)]
pub struct Brief {
    /// Key, meter, length and tempo.
    pub frame: Frame,
    /// The parts that are on, in stream order.
    pub parts: Vec<Part>,
    /// Controls, rules and boldness.
    pub wishes: Wishes,
    /// What Vary does.
    pub variation: Variation,
    /// The song form to compose, `None` for a phrase.
    pub form: Option<Form>,
}

impl DescantParams {
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
        };
        Brief {
            frame: Frame::new(meter, n_bars, Key::new(tonic, mode), tempo),
            parts: Part::ALL.into_iter().filter(|&part| self.part(part).on.value()).collect(),
            wishes: Wishes {
                controls: self.controls(),
                harmony: Harmony::Composed,
                rules: Rules { scale, ..Rules::default() },
                sampling: boldness(fraction(composing.surprise.value())),
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

/// Surprise as temperature and nucleus; the middle is [`Sampling::default`].
fn boldness(surprise: f32) -> Sampling {
    let usual = Sampling::default();
    let from_middle = surprise - 0.5;
    Sampling {
        temperature: usual.temperature + 0.64 * from_middle,
        top_p: (usual.top_p + 0.14 * from_middle).clamp(0.0, 1.0),
        ..usual
    }
}
