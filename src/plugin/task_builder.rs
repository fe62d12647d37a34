//! Builds the worker's jobs from the parameters and the current phrase.

use std::sync::Arc;

use crate::compose::repertoire::Repertoire;
use crate::compose::{Model, SongTask};
use crate::music::analysis::settle_key;
use crate::music::ending::Ending;
use crate::music::frames::KeyRequest;
use crate::music::{Frame, Key, Part, Phrase, Progression};
use crate::params::{Brief, DescantParams};
use crate::player::Monitor;
use crate::session::{Ask, Form, Job, Selection, TaskSettings, Verb};
use crate::token::{Controls, Harmony, Style};
use crate::worker::Assignment;

use super::call_meter::CallMeter;
use super::starter;

/// Builds jobs from the user's settings.
///
/// # Threads
///
/// Used by all threads but the audio thread, with which it shares the [`CallMeter`].
pub struct TaskBuilder {
    params: Arc<DescantParams>,
    /// Source of the tempos received from outside.
    monitor: Arc<Monitor>,
    call_meter: Arc<CallMeter>,
}

impl TaskBuilder {
    /// A builder for `params`, with the tempos of `monitor`.
    pub fn new(params: Arc<DescantParams>, monitor: Arc<Monitor>) -> Self {
        Self { params, monitor, call_meter: Arc::default() }
    }

    /// The meter of calls, which the audio thread sets.
    pub const fn call_meter(&self) -> &Arc<CallMeter> {
        &self.call_meter
    }

    /// The job of `ask` for `model`, given the current phrase. Longer than other functions: one arm for each ask.
    ///
    /// # Errors
    ///
    /// The reason why it cannot be composed, as a message for the user.
    pub fn job(
        &self,
        model: &Model,
        ask: Ask,
        phrase: Option<&Phrase>,
        seed: u64,
    ) -> Result<Assignment, String> {
        let Brief { frame, parts, settings, variation, form } =
            self.params.brief(self.params.played_tempo(&self.monitor.tempi()));
        let ending = self.params.composing.ending.value().0;
        let settings =
            TaskSettings { ending: ending.unwrap_or_else(|| usual_ending(ask, form.as_ref())), ..settings };
        let before = phrase;
        let phrase = || phrase.ok_or_else(|| "there is no phrase yet; press Generate first".to_owned());
        match ask {
            Ask::Verb(Verb::Generate) => {
                let parts = offered(model.repertoire(), settings.controls.style, &parts)?;
                let frame = Frame {
                    key: self.key(before, &settings.controls, frame.key, |query| {
                        model.frames().key(settings.controls.style.map(Style::name), query, seed)
                    }),
                    ..frame
                };
                if let Some(form) = form {
                    return song(form, frame, parts, settings).map(Assignment::Song);
                }
                Job::generate(frame, &parts, settings)
            }
            Ask::Verb(Verb::Continue) => Job::continue_by(phrase()?, frame.n_bars, settings),
            Ask::Verb(Verb::Vary) | Ask::Evolve => Job::vary(phrase()?, variation, seed, settings),
            Ask::Vary(selection) => Job::vary_cells(phrase()?, &selection.cells(), variation, seed, settings),
            Ask::Verb(Verb::Respond) => {
                let phrase = phrase()?;
                Job::respond(phrase, frame.n_bars, &phrase.parts().collect::<Vec<_>>(), settings)
            }
            Ask::RespondTo(selection) => {
                let call = call(phrase()?, selection)?;
                Job::respond(&call, selection.n_bars, &call.parts().collect::<Vec<_>>(), settings)
            }
            Ask::Answer => {
                let parts = offered(model.repertoire(), settings.controls.style, &parts)?;
                let n_bars = self.params.playing.answer.value().n_bars().unwrap_or(frame.n_bars);
                let meter = self.call_meter.host().unwrap_or(frame.meter);
                let call = self.framed(phrase()?, Frame { n_bars, meter, ..frame })?;
                Job::respond(&call, n_bars, &parts, settings)
            }
            Ask::Verb(Verb::Accompany) => {
                let parts = offered(model.repertoire(), settings.controls.style, &parts)?;
                let phrase = phrase()?;
                if parts.iter().all(|part| !phrase.notes(*part).is_empty()) {
                    return Err(
                        "every part that is on is there already; switch on one that is not".to_owned()
                    );
                }
                Job::accompany(&harmonised(model, phrase, settings.controls.style), &parts, settings)
            }
            Ask::Recompose(selection) => {
                let (phrase, cells) = (phrase()?, selection.cells());
                if cells.iter().any(|cell| !phrase.notes(cell.part).is_empty()) {
                    Job::recompose(phrase, &cells, settings)
                } else {
                    Job::recompose(&harmonised(model, phrase, settings.controls.style), &cells, settings)
                }
            }
        }
        .map(Assignment::from)
        .map_err(|error| error.to_string())
    }

    /// The key of the next phrase. With a tonic set it is the key of the parameters. Else it is the key of the phrase
    /// `before`, or its relative key if the mode or mood changes between major and minor. Without a phrase of the
    /// user's it is `drawn`.
    fn key(
        &self,
        before: Option<&Phrase>,
        controls: &Controls,
        set: Key,
        drawn: impl FnOnce(KeyRequest) -> Key,
    ) -> Key {
        let composing = &self.params.composing;
        if composing.tonic.value().0.is_some() {
            return set;
        }
        let (mode, valence) = (composing.mode.value().0, controls.valence);
        let Some(before) = before.filter(|phrase| !starter::is(phrase)) else {
            return drawn(KeyRequest { tonic: None, mode, valence });
        };
        let key = before.frame().key;
        let mode = mode.or(valence.map(|_| set.mode)).unwrap_or(key.mode);
        match (key.mode.is_minor(), mode.is_minor()) {
            (false, true) => Key::new(key.tonic.up(9), mode),
            (true, false) => Key::new(key.tonic.up(3), mode),
            // A mode chosen by the mood does not replace another mode of the same kind.
            _ if composing.mode.value().0.is_none() => key,
            _ => Key::new(key.tonic, mode),
        }
    }

    /// The played `phrase` in the time of `frame`, and in its key if the user has set one.
    fn framed(&self, played: &Phrase, frame: Frame) -> Result<Phrase, String> {
        let key = self.params.composing.tonic.value().0.map(|_| frame.key);
        let frame = Frame { key: settle_key(played, key), ..frame };
        let framed = Phrase::repaired(frame, Progression::default(), played.to_parts());
        framed.map(|(phrase, _)| phrase).map_err(|error| error.to_string())
    }
}

/// The default ending for `ask`. An answer has its own kind of close.
fn usual_ending(ask: Ask, form: Option<&Form>) -> Ending {
    match ask {
        // Given chords of a form determine the ending.
        Ask::Verb(Verb::Generate) if form.is_some_and(|form| form.chords(false).is_some()) => Ending::Any,
        Ask::Verb(Verb::Generate) if form.is_some() => Ending::Close,
        Ask::Verb(Verb::Generate) | Ask::Verb(Verb::Continue) => Ending::Loop,
        _ => Ending::Any,
    }
}

/// Those of `parts` that the model offers in `style`.
fn offered(repertoire: &Repertoire, style: Option<Style>, parts: &[Part]) -> Result<Vec<Part>, String> {
    if parts.is_empty() {
        return Err("no part is on; switch on at least one below the roll".to_owned());
    }
    let Some(style) = style else { return Ok(parts.to_vec()) };
    let has = repertoire.parts(style);
    let offered: Vec<Part> = parts.iter().copied().filter(|part| has.contains(part)).collect();
    if has.is_empty() {
        return repertoire.check(style, parts).map(|()| offered).map_err(|error| error.to_string());
    }
    if offered.is_empty() {
        let names: Vec<&str> = has.iter().map(|part| part.name()).collect();
        return Err(format!(
            "of {style} music the model knows {} only; switch one of them on",
            names.join(", ")
        ));
    }
    Ok(offered)
}

/// The selected bars of `phrase`, which are answered.
fn call(phrase: &Phrase, selection: Selection) -> Result<Phrase, String> {
    phrase.window(selection.first_bar, selection.n_bars).map_err(|error| error.to_string())
}

/// `phrase` with chords for an accompaniment: a harmonisation of its melody if it has neither chords nor accompanying
/// parts.
fn harmonised(model: &Model, phrase: &Phrase, style: Option<Style>) -> Phrase {
    let chords = model.harmonist().harmony(phrase, style);
    phrase.clone().with_progression(chords)
}

/// A song with sections of the frame's length, shortened if the song would be too long.
fn song(form: Form, frame: Frame, parts: Vec<Part>, settings: TaskSettings) -> Result<SongTask, String> {
    let n_bars = form.nearest_section_bars(frame.n_bars);
    let section = Frame { n_bars, ..frame };
    let chords = form.chords(frame.key.mode.is_minor());
    let chords = chords.map(|text| Progression::parse_in(text, frame.key, frame.meter, n_bars)).transpose();
    let harmony = match chords.map_err(|error| error.to_string())? {
        Some(chords) => Harmony::Given(chords),
        None => settings.harmony,
    };
    Ok(SongTask { form, section, parts, settings: TaskSettings { harmony, ..settings } })
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use nice_plug::prelude::{EnumParam, IntParam, IntRange};

    use super::*;
    use crate::music::Meter;
    use crate::params::choice::{EndingChoice, FormChoice};
    use crate::player::{Mode as PlayMode, Tempi, TempoSource};
    use crate::session::Task;

    static MODEL: LazyLock<Model> = LazyLock::new(|| Model::shipped().unwrap());

    fn task_builder() -> TaskBuilder {
        TaskBuilder::new(Arc::new(DescantParams::new(Arc::default())), Arc::default())
    }

    /// In every mode and with every tempo source a phrase is composed for the tempo of its playback.
    #[test]
    fn the_tempo_that_rules_is_composed_for() {
        let none = Tempi::default();
        let host = |tempo: f64| Tempi { has_transport: true, host: Some(tempo), clock: None };
        let both = Tempi { clock: Some(90.0), ..host(120.0) };
        let [of_host, of_keys, of_free] = [PlayMode::Host, PlayMode::Keys, PlayMode::Free];
        let [from_host, own, from_clock] = [TempoSource::Host, TempoSource::Knob, TempoSource::MidiClock];
        for (mode, source, tempi, expected) in [
            (of_host, from_host, none, 100.0),
            (of_host, from_host, host(87.0), 87.0),
            (of_host, from_host, host(1000.0), 400.0),
            // On the host's beats no other source counts.
            (of_host, own, host(120.0), 120.0),
            (of_host, from_clock, both, 120.0),
            (of_host, own, none, 100.0),
            (of_host, from_clock, Tempi { clock: Some(90.0), ..none }, 90.0),
            (of_keys, from_host, host(120.0), 120.0),
            (of_keys, own, both, 100.0),
            (of_free, own, host(120.0), 100.0),
            (of_free, from_host, host(120.0), 120.0),
            (of_free, from_clock, both, 90.0),
            (of_free, from_clock, host(120.0), 120.0),
        ] {
            let mut params = DescantParams::new(Arc::default());
            params.playing.mode = EnumParam::new("Play mode", mode);
            params.playing.tempo_source = EnumParam::new("Tempo source", source);
            let monitor = Arc::new(Monitor::new());
            monitor.set_tempi(&tempi);
            let task_builder = TaskBuilder::new(Arc::new(params), monitor);
            let tempo = match task_builder.job(&MODEL, Ask::Verb(Verb::Generate), None, 1).unwrap() {
                Assignment::Phrase(job) => job.task.base.frame().tempo,
                Assignment::Song(song) => song.section.tempo,
            };
            assert_eq!(tempo, expected, "{mode:?} {source:?} {tempi:?}");
        }
    }

    fn composed(task_builder: &TaskBuilder, ask: Ask, before: Option<&Phrase>, seed: u64) -> Task {
        match task_builder.job(&MODEL, ask, before, seed).unwrap() {
            Assignment::Phrase(job) => job.task,
            Assignment::Song(_) => panic!("no form was asked for"),
        }
    }

    #[test]
    fn the_first_phrase_draws_a_key_and_later_ones_keep_it() {
        let task_builder = task_builder();
        let key = |before: Option<&Phrase>, seed: u64| {
            composed(&task_builder, Ask::Verb(Verb::Generate), before, seed).base.frame().key
        };
        let starter = starter::project();
        let starter = &starter.takes.entries()[0].take.phrase;
        let first: Vec<Key> = (1..=12).map(|seed| key(Some(starter), seed)).collect();
        assert!(first.iter().any(|key| *key != first[0]), "{first:?}");
        assert_eq!(first, (1..=12).map(|seed| key(None, seed)).collect::<Vec<_>>());
        let in_key =
            |name: &str| Phrase::empty(Frame::new(Meter::COMMON, 4, name.parse().unwrap(), 100.0)).unwrap();
        assert!((1..=12).all(|seed| key(Some(&in_key("Eb dorian")), seed) == "Eb dorian".parse().unwrap()));
        let mut params = DescantParams::new(Arc::default());
        params.composing.valence = IntParam::new("Valence", 10, IntRange::Linear { min: -1, max: 100 });
        let dark = TaskBuilder::new(Arc::new(params), Arc::default());
        let key = |before: &str| {
            composed(&dark, Ask::Verb(Verb::Generate), Some(&in_key(before)), 1).base.frame().key
        };
        assert_eq!(key("G major"), "E minor".parse().unwrap());
        assert_eq!(key("D dorian"), "D dorian".parse().unwrap());
    }

    #[test]
    fn phrases_lead_back_and_songs_close_unless_the_parameter_says_otherwise() {
        let phrase = Phrase::empty(Frame::new(Meter::COMMON, 4, Key::C_MAJOR, 100.0)).unwrap();
        assert_eq!(composed(&task_builder(), Ask::Verb(Verb::Generate), None, 1).ending, Ending::Loop);
        assert_eq!(
            composed(&task_builder(), Ask::Verb(Verb::Generate), Some(&phrase), 1).ending,
            Ending::Loop
        );
        let mut params = DescantParams::new(Arc::default());
        params.composing.ending = EnumParam::new("Ending", EndingChoice(Some(Ending::Open)));
        let open = TaskBuilder::new(Arc::new(params), Arc::default());
        assert_eq!(composed(&open, Ask::Verb(Verb::Generate), None, 1).ending, Ending::Open);
        let mut params = DescantParams::new(Arc::default());
        params.composing.form = EnumParam::new("Form", FormChoice::Aaba);
        let of_song = TaskBuilder::new(Arc::new(params), Arc::default());
        let Assignment::Song(song) = of_song.job(&MODEL, Ask::Verb(Verb::Generate), None, 1).unwrap() else {
            panic!("a form was asked for")
        };
        assert_eq!(song.settings.ending, Ending::Close);
    }

    #[test]
    fn parts_that_a_style_lacks_are_left_out_or_named() {
        let text =
            r#"{"styles": {"hymn": {"tempi": {}, "parts": {"melody": {"n_files": 9, "n_families": 9}}}}}"#;
        let repertoire = Repertoire::from_json(text).unwrap();
        let hymn = Some(Style::Hymn);
        assert_eq!(offered(&repertoire, hymn, &[Part::Drums, Part::Melody]), Ok(vec![Part::Melody]));
        let error = offered(&repertoire, hymn, &[Part::Drums]).unwrap_err();
        assert!(error.contains("hymn") && error.contains("melody"), "{error}");
        assert!(offered(&repertoire, None, &[]).unwrap_err().contains("switch on"));
    }

    #[test]
    fn nothing_can_be_continued_or_varied_before_there_is_a_phrase() {
        for ask in [
            Ask::Verb(Verb::Continue),
            Ask::Verb(Verb::Vary),
            Ask::Verb(Verb::Respond),
            Ask::Verb(Verb::Accompany),
        ] {
            let error = task_builder().job(&MODEL, ask, None, 1).unwrap_err();
            assert!(error.contains("press Generate first"), "{error}");
        }
    }
}
