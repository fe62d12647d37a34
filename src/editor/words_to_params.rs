//! Converts words to edits of parameters, so that the knobs move and the user sees the effect of each word.

use nice_plug::prelude::Param;

use crate::params::{DescantParams, ParamId};
use crate::player::{Tempi, TempoSource};
use crate::words::Words;

/// New places of parameters in their ranges, `0.0..=1.0`.
pub type Edits = Vec<(ParamId, f32)>;

/// The edits that `words` ask for; `tempi` are the tempos from outside. Settings without a parameter are read from the
/// words themselves when composing, which the project holds: see [`DescantParams::brief`].
pub fn edits_of_words(words: &Words, params: &DescantParams, tempi: &Tempi) -> Edits {
    let before = params.knobs();
    let mut said = before.clone();
    said.say(words);
    let before = params.places(&before);
    let mut edits = params.places(&said);
    edits.retain(|edit| !before.contains(edit));
    if words.tempo.is_some() && !params.is_on_host_beats(tempi) {
        // A tempo named in words applies whatever the host's tempo is.
        let own = params.playing.tempo_source.preview_normalized(TempoSource::Knob);
        edits.push((ParamId::TempoSource, own));
    }
    edits
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::music::Part;
    use crate::params::PartParam;
    use crate::words::read;

    fn texts(words: &str) -> Vec<(ParamId, String)> {
        texts_with(words, &Tempi::default())
    }

    fn texts_with(words: &str, tempi: &Tempi) -> Vec<(ParamId, String)> {
        let params = DescantParams::new(Arc::default());
        struct Text(f32);
        impl crate::params::ParamVisitor for Text {
            type Output = String;
            fn visit<P: Param>(self, param: &P) -> String {
                param.normalized_value_to_string(self.0, true)
            }
        }
        edits_of_words(&read(words), &params, tempi)
            .into_iter()
            .map(|(id, place)| (id, params.visit(id, Text(place))))
            .collect()
    }

    #[test]
    fn words_move_the_knobs_that_they_name() {
        let moved = texts("lo-fi in D minor, 82 bpm, 3/4, 4 bars, no drums");
        for (id, expected) in [
            (ParamId::Style, "Lo-fi"),
            (ParamId::Tonic, "D"),
            (ParamId::Mode, "Minor"),
            (ParamId::Tempo, "82 BPM"),
            (ParamId::TempoSource, "Own"),
            (ParamId::Meter, "3/4"),
            (ParamId::Bars, "4 bars"),
        ] {
            assert!(moved.contains(&(id, expected.to_owned())), "{id:?} {expected} in {moved:?}");
        }
        let drums = moved.iter().find(|(id, _)| *id == ParamId::Part(Part::Drums, PartParam::On));
        assert!(drums.is_some() && moved.len() == 8, "{moved:?}");
    }

    #[test]
    fn an_ending_in_words_moves_its_menu() {
        for (words, expected) in
            [("an ending", "Close"), ("half cadence", "Open"), ("open ended", "Open"), ("looping", "Loop")]
        {
            assert_eq!(texts(words), [(ParamId::Ending, expected.to_owned())], "{words}");
        }
    }

    #[test]
    fn a_busy_bass_is_above_the_middle() {
        let moved = texts("busy bass");
        let [(id, text)] = &moved[..] else { panic!("{moved:?}") };
        assert_eq!(*id, ParamId::Part(Part::Bass, PartParam::Density));
        assert!(text.starts_with('+'), "{text}");
    }

    /// On the host's beats the knob's tempo would have no effect: its source is not set, but offered.
    #[test]
    fn words_choose_no_tempo_source_that_would_not_act() {
        let bound = Tempi { has_transport: true, host: Some(120.0), clock: None };
        assert_eq!(texts_with("82 bpm", &bound), [(ParamId::Tempo, "82 BPM".to_owned())]);
        let of_both = [(ParamId::Tempo, "82 BPM".to_owned()), (ParamId::TempoSource, "Own".to_owned())];
        assert_eq!(texts("82 bpm"), of_both);
    }

    #[test]
    fn nothing_said_moves_nothing() {
        assert_eq!(texts(""), []);
    }
}
