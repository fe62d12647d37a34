//! Converts knobs to the settings of a task.

use super::{Dial, Knobs};
use crate::music::measure::PartControl;
use crate::music::{Frame, Key, Mode, Part};
use crate::session::{Rules, Sampling, TaskSettings};
use crate::token::{Controls, Harmony};

impl Knobs {
    /// The settings of a task by these knobs.
    pub fn settings(&self) -> TaskSettings {
        TaskSettings {
            controls: self.controls(),
            harmony: Harmony::Composed,
            rules: Rules { scale: self.scale, ..Rules::default() },
            sampling: boldness(self.surprise),
            performance: self.performance,
            ending: self.ending.unwrap_or_default(),
            ..TaskSettings::default()
        }
    }

    /// The frame of a phrase at `tempo`, in beats per minute. A mode that is not set suits the mood, and a tonic has the
    /// fewest accidentals.
    pub fn frame(&self, tempo: f32) -> Frame {
        let mode = self.mode.unwrap_or_else(|| Mode::suiting(self.dial(Dial::Valence)));
        let tonic = self.tonic.unwrap_or_else(|| Key::without_accidentals(mode).tonic);
        Frame::new(self.meter, self.n_bars.unwrap_or(Self::USUAL_BARS), Key::new(tonic, mode), tempo)
    }

    /// The controls by these knobs. Complexity sets syncopation and leaps where they are auto, and polyphony in the
    /// parts that usually play several notes at once.
    fn controls(&self) -> Controls {
        let mut controls = Controls {
            style: self.style,
            valence: self.dial(Dial::Valence),
            arousal: self.dial(Dial::Arousal),
            tells_frame: true,
            ..Controls::default()
        };
        let complexity = self.dial(Dial::Complexity);
        for part in Part::ALL {
            let density = offset_by(self.dial(Dial::Density), self.parts[part.index()].density);
            controls.set_part(part, PartControl::Density, density);
            controls.set_part(part, PartControl::Syncopation, self.dial(Dial::Syncopation).or(complexity));
            controls.set_part(part, PartControl::Rests, self.dial(Dial::Rests));
            if matches!(part, Part::Drums | Part::Chords) {
                controls.set_part(part, PartControl::Polyphony, complexity);
            }
            if !part.is_drums() {
                controls.set_part(part, PartControl::Register, self.dial(Dial::Register));
                controls.set_part(part, PartControl::Leaps, self.dial(Dial::Leaps).or(complexity));
            }
            for control in PartControl::ALL {
                if let Some(share) = self.details[part.index()][control.index()] {
                    controls.set_part(part, control, Some(share));
                }
            }
        }
        controls
    }
}

/// `share` moved by `offset`; an offset from auto is one from the middle.
fn offset_by(share: Option<f32>, offset: f32) -> Option<f32> {
    if offset == 0.0 { share } else { Some((share.unwrap_or(0.5) + offset).clamp(0.0, 1.0)) }
}

/// Converts surprise to factors of temperature and nucleus; 0.5 gives [`Sampling::default`].
fn boldness(surprise: f32) -> Sampling {
    let usual = Sampling::default();
    let from_middle = surprise - 0.5;
    Sampling { temperature: 1.0 + 0.7 * from_middle, top_p: 1.0 + 0.15 * from_middle, ..usual }
}
