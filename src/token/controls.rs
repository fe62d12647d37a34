//! The user's musical settings for a phrase.

use serde::{Deserialize, Serialize};

use super::style::Style;
use crate::music::measure::{Mood, PartControl, PartMeasures};
use crate::music::{Part, Progression};

/// Settings of style, mood and parts; `None` is auto. Values are `0.0..=1.0`; those of parts are as `music::measure`
/// defines them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Controls {
    /// The style.
    pub style: Option<Style>,
    /// Sad (0) to joyful (1).
    pub valence: Option<f32>,
    /// Calm (0) to energetic (1).
    pub arousal: Option<f32>,
    /// Whether mode and tempo of the frame are in the prefix; otherwise the network infers them from the notes.
    pub tells_frame: bool,
    /// Indexed by `[part_idx][control_idx]`, as in [`Part::ALL`] and [`PartControl::ALL`].
    pub parts: [[Option<f32>; 7]; 5],
}

impl Controls {
    /// The setting of `control` of `part`.
    pub fn part(&self, part: Part, control: PartControl) -> Option<f32> {
        self.parts[part.index()][control.index()]
    }

    /// Changes the setting of `control` of `part`.
    pub fn set_part(&mut self, part: Part, control: PartControl, value: Option<f32>) {
        self.parts[part.index()][control.index()] = value;
    }

    /// The controls that have the measured values.
    pub fn from_measures(
        style: Option<Style>,
        mood: Option<Mood>,
        parts: &[Option<PartMeasures>; 5],
    ) -> Self {
        let mut controls = Self {
            style,
            valence: mood.map(|mood| mood.valence),
            arousal: mood.map(|mood| mood.arousal),
            tells_frame: true,
            ..Self::default()
        };
        for (part, measures) in Part::ALL.into_iter().zip(parts) {
            for control in PartControl::ALL {
                controls.set_part(part, control, measures.as_ref().map(|measures| measures.get(control)));
            }
        }
        controls
    }
}

/// The harmony of the body.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Harmony {
    /// No chord symbols.
    Off,
    /// The network writes the chord symbols of the bars it composes.
    #[default]
    Composed,
    /// The user's chords, copied into the body.
    Given(Progression),
}
