//! Sets knobs from words.

use super::{Dial, Knobs};
use crate::music::Part;
use crate::music::measure::PartControl;
use crate::session::Performance;
use crate::words::{Level, Words};

impl Knobs {
    /// Sets the knobs that `words` name. Values that no knob can hold become details of single parts.
    pub fn say(&mut self, words: &Words) {
        self.style = words.style.or(self.style);
        for (dial, share) in [(Dial::Valence, words.valence), (Dial::Arousal, words.arousal)] {
            self.turn(dial, share.or(self.dial(dial)));
        }
        self.tonic = words.tonic.or(self.tonic);
        self.mode = words.mode.or(self.mode);
        self.meter = words.meter.unwrap_or(self.meter);
        self.n_bars = words.n_bars.or(self.n_bars);
        self.tempo = words.tempo.or(self.tempo);
        self.ending = words.ending.or(self.ending);
        self.performance = words.performance.map_or(self.performance, Performance::new);
        self.choose_parts(&words.parts(&self.parts_on()));
        let (of_all, of_one): (Vec<Level>, Vec<Level>) =
            words.levels.iter().partition(|level| level.part.is_none());
        for level in of_all {
            match Dial::of(level.control) {
                Some(dial) => self.turn(dial, Some(level.value)),
                None => level.parts().for_each(|part| self.set_detail(part, level)),
            }
        }
        for level in of_one {
            level.parts().for_each(|part| self.set_detail(part, level));
        }
    }

    /// Adds the details of `part`. Its density has a knob, which gets the nearest value.
    fn set_detail(&mut self, part: Part, level: Level) {
        self.details[part.index()][level.control.index()] = Some(level.value);
        if level.control == PartControl::Density {
            let of_all = self.dial(Dial::Density).unwrap_or(0.5);
            self.parts[part.index()].density = (level.value - of_all).clamp(-0.5, 0.5);
        }
    }

    /// Adds to knobs of whole per cents the exact values of `words`, which set them before: the exact share of each
    /// knob that was not moved since, and every detail except those of moved knobs.
    pub fn with_details(mut self, words: &Words) -> Self {
        let mut said = self.clone();
        said.say(words);
        for dial in Dial::ALL {
            if percent(said.dial(dial)) == percent(self.dial(dial)) {
                self.turn(dial, said.dial(dial));
            }
        }
        for part in Part::ALL {
            let density = |knobs: &Self| percent(Some(knobs.parts[part.index()].density));
            if density(&said) != density(&self) {
                said.details[part.index()][PartControl::Density.index()] = None;
            }
        }
        Self { details: said.details, ..self }
    }
}

/// `share` rounded to the whole per cents of a knob.
fn percent(share: Option<f32>) -> Option<f32> {
    share.map(|share| (share * 100.0).round())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::read;

    fn said(text: &str) -> Knobs {
        let mut knobs = Knobs::default();
        knobs.say(&read(text));
        knobs
    }

    #[test]
    fn words_turn_what_they_speak_of_and_leave_the_rest() {
        let mut knobs = Knobs { style: Some(crate::token::Style::Jazz), ..Knobs::default() };
        knobs.turn(Dial::Valence, Some(0.9));
        knobs.turn(Dial::Rests, Some(0.4));
        knobs.say(&read("lo-fi, busy bass, sparse, high"));
        let control = |part, control| knobs.settings().controls.part(part, control);
        assert_eq!(knobs.style, Some(crate::token::Style::LoFi));
        assert_eq!(knobs.settings().controls.valence, Some(0.9));
        assert_eq!(control(Part::Bass, PartControl::Density), Some(0.8));
        assert_eq!(control(Part::Drums, PartControl::Density), Some(0.2));
        assert_eq!(control(Part::Melody, PartControl::Register), Some(0.8));
        assert_eq!(control(Part::Drums, PartControl::Register), None);
        assert_eq!(control(Part::Bass, PartControl::Rests), Some(0.4));
    }

    #[test]
    fn what_no_knob_holds_is_a_detail() {
        let knobs = said("high melody, wide melody, thick chords");
        for (part, control, expected) in [
            (Part::Melody, PartControl::Register, 0.8),
            (Part::Melody, PartControl::Range, 0.8),
            (Part::Chords, PartControl::Polyphony, 0.8),
        ] {
            assert_eq!(knobs.settings().controls.part(part, control), Some(expected), "{part} {control:?}");
        }
        assert!(Dial::ALL.iter().all(|dial| knobs.dial(*dial).is_none()));
    }

    #[test]
    fn a_density_that_the_knob_of_its_part_cannot_reach_is_reached() {
        let knobs = said("sparse, extremely busy bass");
        assert_eq!(knobs.parts[Part::Bass.index()].density, 0.5);
        assert_eq!(knobs.settings().controls.part(Part::Bass, PartControl::Density), Some(1.0));
    }

    #[test]
    fn a_knob_that_was_turned_since_overrules_the_words() {
        let words = read("calm dark, sparse, busy bass, high melody");
        let exact = said("calm dark, sparse, busy bass, high melody");
        let mut held = Knobs { details: Default::default(), ..exact.clone() };
        for dial in Dial::ALL {
            held.turn(dial, percent(held.dial(dial)).map(|percent| percent / 100.0));
        }
        assert_eq!(held.clone().with_details(&words), exact);
        held.turn(Dial::Valence, Some(0.7));
        held.parts[Part::Bass.index()].density = 0.1;
        let controls = held.with_details(&words).settings().controls;
        assert_eq!(controls.valence, Some(0.7));
        assert_eq!(controls.part(Part::Bass, PartControl::Density), Some(0.3));
        assert_eq!(controls.part(Part::Melody, PartControl::Register), Some(0.8));
    }
}
