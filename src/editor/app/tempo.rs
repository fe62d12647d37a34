//! Whose tempo the phrase is played at, and what to do if somebody asked for another.

use std::time::Instant;

use nice_plug::prelude::Param;

use super::super::state::{RulingTempo, Tempo, bpm};
use super::App;
use crate::params::ParamId;
use crate::params::choice::{PlayModeChoice, TempoSourceChoice};
use crate::player::Tempi;
use crate::session::HistoryStep;

/// Tempos that lie closer are the same, in beats per minute.
const SAME_TEMPO: f32 = 0.05;

/// A tempo that words or a preset asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TempoAsked {
    /// In beats per minute.
    pub bpm: f32,
    /// Whether a phrase was asked for with it.
    pub composes: bool,
}

impl App {
    fn tempi(&self) -> Tempi {
        self.surroundings.monitor.tempi()
    }

    /// Whose tempo the phrase is played at. What was asked for is decided once that tempo rules.
    #[expect(clippy::cast_possible_truncation, reason = "a tempo needs no more than single precision")]
    pub(super) fn tempo(&self) -> Tempo {
        let (tempi, params) = (self.tempi(), &self.surroundings.params);
        let ruling = params.ruling_tempo(&tempi).map(|(conductor, tempo)| {
            let bpm = tempo as f32;
            RulingTempo { conductor, bpm, place: params.playing.tempo.preview_normalized(bpm) }
        });
        let is_on_host_beats = params.is_on_host_beats(&tempi);
        let is_other = |asked: f32| ruling.as_ref().is_some_and(|it| (it.bpm - asked).abs() > SAME_TEMPO);
        let asked = self.tempo_asked.map(|asked| asked.bpm).filter(|asked| is_other(*asked));
        Tempo { ruling, is_on_host_beats, asked }
    }

    /// Has the tempo that was asked for rule: the knob's, in Free mode if the host's beats would rule otherwise.
    pub(super) fn use_tempo(&mut self) {
        let Some(asked) = self.tempo_asked.take() else { return };
        let playing = &self.surroundings.params.playing;
        let mut edits = vec![
            (ParamId::Tempo, playing.tempo.preview_normalized(asked.bpm)),
            (ParamId::TempoSource, playing.tempo_source.preview_normalized(TempoSourceChoice::Own)),
        ];
        if self.surroundings.params.is_on_host_beats(&self.tempi()) {
            edits.push((ParamId::PlayMode, playing.mode.preview_normalized(PlayModeChoice::Free)));
        }
        self.set_as_step(&edits, format!("tempo {}", bpm(asked.bpm)), HistoryStep::default());
        if asked.composes {
            // The phrase under way, or just there, is for the tempo before.
            self.awaited = Some((edits, Instant::now()));
        }
    }
}
