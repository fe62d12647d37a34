//! The tempo that the phrase is played at, and the decision on another one that words or a preset asked for.

use std::time::Instant;

use nice_plug::prelude::{FloatParam, Param};

use super::super::state::{RulingTempo, Tempo, bpm};
use super::App;
use crate::params::ParamId;
use crate::player::{Mode as PlayMode, Tempi, TempoSource};
use crate::session::HistoryStep;

/// Tempos that differ by less are the same, in beats per minute.
const SAME_TEMPO: f32 = 0.05;

/// Whether the phrase is played at `asked` beats per minute; it is played at `ruling` if given, else at the tempo of
/// `knob`.
fn is_settled(asked: f32, ruling: Option<f32>, knob: &FloatParam) -> bool {
    let (played, asked) = match ruling {
        Some(ruling) => (ruling, asked),
        // The knob rounds what is asked for, and goes to no tempo beyond its range.
        None => (knob.value(), knob.preview_plain(knob.preview_normalized(asked))),
    };
    (played - asked).abs() <= SAME_TEMPO
}

impl App {
    fn tempi(&self) -> Tempi {
        self.surroundings.monitor.tempi()
    }

    /// Whose tempo the phrase is played at. A tempo that was asked for is forgotten once the phrase is played at it.
    #[expect(clippy::cast_possible_truncation, reason = "a tempo needs no more than single precision")]
    pub(super) fn tempo(&mut self) -> Tempo {
        let (tempi, params) = (self.tempi(), &self.surroundings.params);
        let knob = &params.playing.tempo;
        let ruling = params.ruling_tempo(&tempi).map(|(conductor, tempo)| {
            let bpm = tempo as f32;
            RulingTempo { conductor, bpm, place: knob.preview_normalized(bpm) }
        });
        let is_on_host_beats = params.is_on_host_beats(&tempi);
        let ruling_bpm = ruling.as_ref().map(|ruling| ruling.bpm);
        self.tempo_asked = self.tempo_asked.filter(|asked| !is_settled(asked.bpm, ruling_bpm, knob));
        // Without a ruling tempo the knob moves to the one asked for, and there is nothing to decide.
        let asked = self.tempo_asked.filter(|_| ruling.is_some()).map(|asked| asked.bpm);
        Tempo { ruling, is_on_host_beats, asked }
    }

    /// Plays at the tempo that was asked for: makes the knob the source, and leaves the host's beats for Free mode if
    /// needed.
    pub(super) fn use_tempo(&mut self) {
        let Some(asked) = self.tempo_asked.take() else { return };
        let playing = &self.surroundings.params.playing;
        let mut edits = vec![
            (ParamId::Tempo, playing.tempo.preview_normalized(asked.bpm)),
            (ParamId::TempoSource, playing.tempo_source.preview_normalized(TempoSource::Knob)),
        ];
        if self.surroundings.params.is_on_host_beats(&self.tempi()) {
            edits.push((ParamId::PlayMode, playing.mode.preview_normalized(PlayMode::Free)));
        }
        self.set_as_step(&edits, format!("tempo {}", bpm(asked.bpm)), HistoryStep::default());
        if asked.composes {
            // The phrase being composed, or just finished, is for the previous tempo.
            self.awaited = Some((edits, Instant::now()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::params::DescantParams;

    #[test]
    fn a_tempo_is_settled_once_the_phrase_is_played_at_it() {
        let params = DescantParams::new(Arc::default());
        let knob = &params.playing.tempo;
        let stands_at = knob.value();
        let fastest = knob.preview_plain(1.0);
        for (asked, ruling, expected) in [
            (stands_at, None, true),
            (stands_at + 8.0, None, false),
            // With a ruling tempo, the knob has no effect.
            (stands_at, Some(stands_at + 20.0), false),
            (stands_at + 20.0, Some(stands_at + 20.0), true),
            (fastest + 100.0, Some(fastest), false),
        ] {
            assert_eq!(is_settled(asked, ruling, knob), expected, "{asked} {ruling:?}");
        }
    }
}
