//! What is going on, in a sentence.

use std::time::Duration;

use super::super::state::{Status, Tone};
use super::{App, Surroundings};
use crate::music::counted;
use crate::params::choice::PlayModeChoice;
use crate::worker::{Report, Stage, Tone as ReportTone};

impl App {
    /// What it takes to hear something, if the phrase is silent only for want of it.
    pub(super) fn next_step(&self) -> Option<&'static str> {
        let Surroundings { params, monitor, .. } = &*self.surroundings;
        let answers = params.playing.answer.value().n_bars().is_some();
        match params.playing.mode.value() {
            _ if monitor.is_playing() => None,
            PlayModeChoice::Host if self.surroundings.is_standalone() => Some("start JACK's transport"),
            PlayModeChoice::Host => Some("press play in your host"),
            PlayModeChoice::Keys if answers => Some("your first key begins the call"),
            PlayModeChoice::Free if !params.playing.play.value() => Some("press Play"),
            PlayModeChoice::Keys | PlayModeChoice::Free => None,
        }
    }
}

/// What the worker does or did, as a sentence, and what else it takes to hear it.
pub(super) fn status(stage: Stage, report: Option<&Report>, next_step: Option<&str>) -> Status {
    let working = |text: String| Status { text, tone: Tone::Working };
    let next = |step: Option<&str>| step.map(|step| format!(" · {step}")).unwrap_or_default();
    match (stage, report) {
        (Stage::Loading, _) => working("reading the model".to_owned()),
        (Stage::Composing { n_bars, n_bars_total }, _) => {
            working(format!("{n_bars} of {}", counted(n_bars_total, "bar")))
        }
        (Stage::Choosing { n_tried }, None) => {
            working(format!("choosing: {} tried{}", counted(n_tried, "phrase"), next(next_step)))
        }
        (Stage::Waiting, _) => working("waiting for the render; composed when it is done".to_owned()),
        (Stage::Idle, None) => Status { text: format!("ready{}", next(next_step)), tone: Tone::Good },
        // What was said since choosing began is news.
        (Stage::Idle | Stage::Choosing { .. }, Some(report)) => {
            let tone = match report.tone {
                ReportTone::Done => Tone::Good,
                ReportTone::Problem => Tone::Problem,
            };
            let duration = report.duration.map(|duration| format!(" in {}", taken(duration)));
            let next = next(next_step.filter(|_| report.duration.is_some()));
            Status { text: format!("{}{}{next}", report.text, duration.unwrap_or_default()), tone }
        }
    }
}

/// How long something took.
fn taken(duration: Duration) -> String {
    match duration.as_millis() {
        millis if millis < 1000 => format!("{millis} ms"),
        _ => format!("{:.1} s", duration.as_secs_f32()),
    }
}
