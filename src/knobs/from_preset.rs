//! Reads knobs from a preset.

use std::str::FromStr;

use super::{Dial, Knobs};
use crate::music::Part;
use crate::preset::{Preset, number, whole};
use crate::session::{Performance, ScaleRule};

impl Knobs {
    /// The knobs of `preset`, and a message for each value that cannot be read. Knobs that it does not name have their
    /// defaults, numbers are clamped to their range, and parameters of playback are ignored.
    pub fn of_preset(preset: &Preset) -> (Self, Vec<String>) {
        let mut knobs = Self::default();
        let mut remarks = Vec::new();
        for (id, text) in &preset.values {
            if knobs.read(id, text.trim()).is_none() {
                remarks
                    .push(format!("{id} cannot be {text} and is as at first; mend it in the preset's file"));
            }
        }
        (knobs, remarks)
    }

    /// Sets the knob `id` to the value that a host would show as `text`. `None` if `text` is not a value of that knob.
    fn read(&mut self, id: &str, text: &str) -> Option<()> {
        match id {
            "style" => self.style = unless("auto", text)?,
            "tonic" => self.tonic = unless("auto", text)?,
            "mode" => self.mode = unless("auto", text)?,
            "ending" => self.ending = unless("auto", text)?,
            "form" => self.form = unless("phrase", text)?,
            "scale" => self.scale = scale(text)?,
            "meter" => self.meter = text.parse().ok()?,
            "bars" => self.n_bars = Some(bars(text)?),
            "tempo" => self.tempo = Some(tempo(text)?),
            "surprise" => self.surprise = share(text, 0, 100)?,
            "perform" => self.performance = performance(text)?,
            _ => match Dial::ALL.into_iter().find(|dial| dial.id() == id) {
                Some(dial) if text.eq_ignore_ascii_case("auto") => self.turn(dial, None),
                Some(dial) => self.turn(dial, Some(share(text, 0, 100)?)),
                None => self.read_of_part(id, text)?,
            },
        }
        Some(())
    }

    fn read_of_part(&mut self, id: &str, text: &str) -> Option<()> {
        let knob_of = |part: Part| id.strip_prefix(part_id(part))?.strip_prefix('_');
        let Some((part, knob)) = Part::ALL.into_iter().find_map(|part| Some((part, knob_of(part)?))) else {
            return Some(());
        };
        let knobs = &mut self.parts[part.index()];
        match knob {
            "on" => knobs.is_on = switch(text)?,
            "density" => knobs.density = share(text, -50, 50)?,
            _ => {}
        }
        Some(())
    }
}

/// The prefix of the ids of the knobs of `part`.
const fn part_id(part: Part) -> &'static str {
    match part {
        Part::Arpeggio => "arp",
        _ => part.name(),
    }
}

/// `text` as a value; `None` inside for `word`, which stands for no value.
fn unless<T: FromStr>(word: &str, text: &str) -> Option<Option<T>> {
    if text.eq_ignore_ascii_case(word) { Some(None) } else { text.parse().ok().map(Some) }
}

fn scale(text: &str) -> Option<ScaleRule> {
    match text {
        "Locked to the scale" => Some(ScaleRule::Strict),
        "Free" => Some(ScaleRule::Free),
        "By style" => Some(ScaleRule::Style),
        _ => None,
    }
}

fn switch(text: &str) -> Option<bool> {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    (is("on") || is("off")).then(|| is("on"))
}

/// Reads whole per cents, clamped to `least..=most`, as a share.
fn share(text: &str, least: i16, most: i16) -> Option<f32> {
    let percent = whole(number(text)?).clamp(least.into(), most.into());
    i16::try_from(percent).ok().map(|percent| f32::from(percent) / 100.0)
}

fn bars(text: &str) -> Option<u32> {
    let n_bars = u32::try_from(whole(number(text)?).max(0)).ok()?;
    Some(n_bars.clamp(*Knobs::BARS.start(), *Knobs::BARS.end()))
}

/// Reads beats per minute, rounded to tenths.
fn tempo(text: &str) -> Option<f32> {
    let tenths = (number(text)? * 10.0).round();
    Some((tenths / 10.0).clamp(*Knobs::TEMPI.start(), *Knobs::TEMPI.end()))
}

fn performance(text: &str) -> Option<Performance> {
    u8::try_from(whole(number(text)?).clamp(0, 255)).ok().map(Performance::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preset::factory;

    fn preset(values: &[(&str, &str)]) -> Preset {
        let values = values.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned()));
        Preset { values: values.collect(), ..Preset::default() }
    }

    #[test]
    fn every_factory_preset_is_read_whole() {
        for preset in factory::presets() {
            assert_eq!(Knobs::of_preset(&preset).1, Vec::<String>::new(), "{}", preset.name);
        }
    }

    #[test]
    fn knobs_are_as_the_preset_says_and_the_rest_as_at_first() {
        let values = [
            ("style", "Lo-fi"),
            ("mode", "Harmonic minor"),
            ("bars", "4 bars"),
            ("density", "30 %"),
            ("leaps", "Auto"),
            ("scale", "Free"),
            ("form", "AA'BA"),
            ("tempo", "900 BPM"),
            ("arp_on", "On"),
            ("bass_density", "+20 %"),
            ("swing", "58 %"),
            ("bass_channel", "4"),
        ];
        let (knobs, remarks) = Knobs::of_preset(&preset(&values));
        assert_eq!(remarks, Vec::<String>::new());
        let mut expected = Knobs {
            style: "lo-fi".parse().ok(),
            mode: "harmonic minor".parse().ok(),
            n_bars: Some(4),
            scale: ScaleRule::Free,
            form: "AA'BA".parse().ok(),
            tempo: Some(300.0),
            ..Knobs::default()
        };
        expected.turn(Dial::Density, Some(0.3));
        expected.parts[Part::Arpeggio.index()].is_on = true;
        expected.parts[Part::Bass.index()].density = 0.2;
        assert_eq!(knobs, expected);
    }

    #[test]
    fn an_unreadable_value_is_reported_and_left_at_its_default() {
        for (id, text) in [("style", "Polka"), ("bars", ""), ("drums_on", "perhaps"), ("rests", "many")] {
            let (knobs, remarks) = Knobs::of_preset(&preset(&[(id, text)]));
            assert_eq!(knobs, Knobs::default(), "{id}");
            assert!(remarks.len() == 1 && remarks[0].starts_with(id), "{remarks:?}");
        }
    }
}
