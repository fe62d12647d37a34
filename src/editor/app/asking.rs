//! Requests that set many parameters at once: by words, by a preset, or by a new session. Some of them also compose.

use std::time::{Duration, Instant};

use super::super::standalone;
use super::super::surroundings::Surroundings;
use super::super::words_to_params::{Edits, edits_of_words};
use super::steps::name_of_words;
use super::{App, TempoAsked};
use crate::params::ParamId;
use crate::session::{Ask, Change, HistoryStep, Verb};
use crate::words;
use crate::worker::{Report, Request, Tone as ReportTone};

/// The longest that composing waits for words to become parameters.
const WORDS_TIMEOUT: Duration = Duration::from_millis(500);

impl App {
    /// Sets what `text` asks for and composes. An empty text removes the words; a text of which nothing is understood
    /// changes nothing, and is reported.
    pub(super) fn apply_words(&mut self, text: String) {
        let words = words::read(&text);
        if words.understood.is_empty() && !text.trim().is_empty() {
            return self.tell(Err(format!(
                "{:?} says nothing that can be composed; name a style, mood, key, tempo, length or part: {:?}",
                text.trim(),
                words::EXAMPLE
            )));
        }
        let Surroundings { params, monitor, .. } = &*self.surroundings;
        let edits = edits_of_words(&words, params, &monitor.tempi());
        let step = HistoryStep { words: self.change_words(text.clone()), ..HistoryStep::default() };
        self.set_as_step(&edits, name_of_words(&text), step);
        self.tempo_asked = words.tempo.map(|bpm| TempoAsked { bpm, composes: true });
        if words.understood.is_empty() {
            self.tell(Ok("no words; the knobs stay where they are".to_owned()));
        } else {
            self.awaited = Some((edits, Instant::now()));
        }
    }

    /// Replaces the project's words by `text`; returns the change, `None` if they are the same.
    fn change_words(&self, text: String) -> Option<Change<String>> {
        let shared = &self.surroundings.shared;
        let before = shared.with_project(|project| project.words.clone());
        if before == text {
            return None;
        }
        shared.edit(|project| project.words.clone_from(&text));
        Some(Change { from: before, to: text })
    }

    /// Composes once the parameters have the values that words or a preset asked for.
    pub(super) fn compose_awaited(&mut self, ctx: &egui::Context) {
        let Some((edits, since)) = &self.awaited else { return };
        let params = &self.surroundings.params;
        let is_there = |(id, wanted): &(ParamId, f32)| (params.setting(*id).normalized - wanted).abs() < 1e-3;
        if edits.iter().all(is_there) {
            self.awaited = None;
            self.surroundings.requests.send(Request::Compose(Ask::Verb(Verb::Generate)));
        } else if since.elapsed() > WORDS_TIMEOUT {
            self.awaited = None;
            self.surroundings.shared.report(Report {
                text: standalone::not_taken(self.surroundings.is_standalone()).to_owned(),
                tone: ReportTone::Problem,
                duration: None,
            });
        } else {
            ctx.request_repaint_after(Duration::from_millis(10));
        }
    }

    /// Sets the preset that a MIDI program change asked for, and composes.
    pub(super) fn set_program(&mut self) {
        let Some(number) = self.surroundings.shared.take_preset_asked() else { return };
        self.presets.read_folder();
        let library = self.presets.library();
        let Some(preset) = library.presets().nth(usize::from(number)) else {
            let (number, n_presets) = (u32::from(number) + 1, library.presets().count());
            return self.tell(Err(format!("there is no preset {number}: the menu has {n_presets}")));
        };
        self.awaited = self.choose_preset(preset.name.clone()).map(|edits| (edits, Instant::now()));
    }

    /// Sets the preset called `name`; returns its edits, `None` if there is no such preset.
    pub(super) fn choose_preset(&mut self, name: String) -> Option<Edits> {
        let Surroundings { params, shared, .. } = &*self.surroundings;
        let Some((edits, remarks)) = self.presets.choose(&name, params) else {
            self.tell(Err(format!("there is no preset called {name} any more; choose another")));
            return None;
        };
        let before = shared.with_project(|project| project.preset.clone());
        let preset =
            (before.as_ref() != Some(&name)).then(|| Change { from: before, to: Some(name.clone()) });
        self.tempo_asked = self.presets.tempo(&name, params).map(|bpm| TempoAsked { bpm, composes: false });
        // A preset sets everything, so the words from before do not apply any more.
        let words = self.change_words(String::new());
        let step = HistoryStep { preset, words, ..HistoryStep::default() };
        self.set_as_step(&edits, format!("preset {name}"), step);
        self.tell(if remarks.is_empty() {
            Ok(format!("{name} is set; press Generate to compose with it"))
        } else {
            Err(format!("{name} is set, but {}", remarks.join("; ")))
        });
        self.surroundings.shared.edit(|project| project.preset = Some(name));
        Some(edits)
    }

    pub(super) fn save_preset(&mut self, name: &str) {
        let Surroundings { params, shared, .. } = &*self.surroundings;
        let saved = self.presets.save(name, params).map_err(|error| error.to_string());
        if let Ok(name) = &saved {
            shared.edit(|project| project.preset = Some(name.clone()));
        }
        self.tell(saved.map(|name| format!("saved as {name}")));
    }

    /// Stores the session and resets everything as at a first start, except for the MIDI bindings.
    pub(super) fn begin_session(&mut self) {
        let Surroundings { params, standalone: Some(program), .. } = &*self.surroundings else { return };
        let begun = (program.begin_session)();
        if begun.is_ok() {
            for (id, place) in standalone::first_values(params) {
                self.set_at_once(id, place);
            }
            // Requests from before do not apply any more.
            self.tempo_asked = None;
            self.awaited = None;
            self.strokes.interrupt();
        }
        self.tell(begun.map(|name| format!("a new session; the one before is kept as {name}")));
    }
}
