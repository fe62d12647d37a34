//! Take targets: controls that set the takes of one task apart.

use serde::{Deserialize, Serialize};

use crate::music::Part;
use crate::music::measure::PartControl;
use crate::token::Controls;

/// Targets of one take, used where the task asks nothing. Each take of a task has other targets; the first has none.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TakeTargets(Vec<Idea>);

/// A target of one control of one part.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Idea {
    /// The part.
    pub part: Part,
    /// The control.
    pub control: PartControl,
    /// The target, `0.0..=1.0`.
    pub value: f32,
}

impl TakeTargets {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `controls` with the targets where nothing is asked.
    #[must_use]
    pub fn fill(&self, controls: &Controls) -> Controls {
        let mut filled = controls.clone();
        for &Idea { part, control, value } in &self.0 {
            filled.set_part(part, control, controls.part(part, control).or(Some(value.clamp(0.0, 1.0))));
        }
        filled
    }
}

impl FromIterator<Idea> for TakeTargets {
    fn from_iter<I: IntoIterator<Item = Idea>>(ideas: I) -> Self {
        Self(ideas.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ideas_fill_what_is_open_and_nothing_else() {
        let mut asked = Controls::default();
        asked.set_part(Part::Bass, PartControl::Density, Some(0.9));
        let idea = |part, control, value| Idea { part, control, value };
        let ideas: TakeTargets = [
            idea(Part::Bass, PartControl::Density, 0.2),
            idea(Part::Bass, PartControl::Range, 0.3),
            idea(Part::Melody, PartControl::Rests, 7.0),
        ]
        .into_iter()
        .collect();
        let filled = ideas.fill(&asked);
        assert_eq!(filled.part(Part::Bass, PartControl::Density), Some(0.9));
        assert_eq!(filled.part(Part::Bass, PartControl::Range), Some(0.3));
        assert_eq!(
            filled.part(Part::Melody, PartControl::Rests),
            Some(1.0),
            "a damaged receipt asks for no more"
        );
        assert_eq!(filled.part(Part::Melody, PartControl::Density), None);
        assert_eq!(TakeTargets::default().fill(&asked), asked);
    }
}
