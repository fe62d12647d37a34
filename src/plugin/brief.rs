//! Parameters and the phrase at hand as a commission for the worker.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use crate::compose::SongTask;
use crate::compose::shipped::Repertoire;
use crate::music::analysis::settle_key;
use crate::music::{Frame, Meter, Part, Phrase, Progression};
use crate::params::choice::{PlayModeChoice, TempoSourceChoice};
use crate::params::{Brief, DescantParams};
use crate::session::{Commission, Form, Task, Wishes};
use crate::token::{Harmony, Style};
use crate::worker::{Ask, Assignment, Selection};

/// Turns what the user set into commissions.
///
/// # Threads
///
/// The audio thread tells the host's tempo, all others ask.
pub struct Briefing {
    params: Arc<DescantParams>,
    /// What the model can be asked for; read when first needed.
    repertoire: OnceLock<Repertoire>,
    /// Bits of the host's tempo in beats per minute; not a number if it gives none.
    host_tempo: AtomicU32,
    /// Index of the meter that calls are heard in, counted from 1; 0 for that of the parameter.
    call_meter: AtomicUsize,
}

impl Briefing {
    pub fn new(params: Arc<DescantParams>) -> Self {
        Self {
            params,
            repertoire: OnceLock::new(),
            host_tempo: AtomicU32::new(f32::NAN.to_bits()),
            call_meter: AtomicUsize::new(0),
        }
    }

    /// Remembers the host's tempo.
    ///
    /// *Real-time:* wait-free, no allocation.
    #[expect(clippy::cast_possible_truncation, reason = "a tempo needs no more than single precision")]
    pub fn hear_tempo(&self, tempo: Option<f64>) {
        let tempo = tempo.map_or(f32::NAN, |tempo| tempo as f32);
        self.host_tempo.store(tempo.to_bits(), Ordering::Relaxed);
    }

    /// The meter that calls and answers are in: the host's where its bars count and there is music of its meter, else that
    /// of the parameter. What is answered from now on is taken to be in it.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn hear_meter(&self, host: Option<Meter>) -> Meter {
        let follows = self.params.playing.mode.value() == PlayModeChoice::Host;
        let host = host.filter(|_| follows);
        self.call_meter.store(host.map_or(0, |meter| meter.index() + 1), Ordering::Relaxed);
        host.unwrap_or_else(|| self.params.composing.meter.value().0)
    }

    /// The styles that can be asked for.
    pub fn styles(&self) -> Vec<Style> {
        self.repertoire().styles().collect()
    }

    /// What `ask` asks for, given the phrase that is there.
    ///
    /// # Errors
    ///
    /// Why it cannot be composed, in words for the user.
    pub fn commission(&self, ask: Ask, phrase: Option<&Phrase>, seed: u64) -> Result<Assignment, String> {
        let Brief { frame, parts, wishes, variation, form } = self.params.brief(self.tempo());
        let phrase = || phrase.ok_or_else(|| "there is no phrase yet; press Generate first".to_owned());
        match ask {
            Ask::Generate => {
                let parts = self.offered(wishes.controls.style, &parts)?;
                if let Some(form) = form {
                    return song(form, frame, parts, wishes).map(Assignment::Song);
                }
                Commission::generate(frame, &parts, wishes)
            }
            Ask::Continue => Commission::continue_by(phrase()?, frame.n_bars, wishes),
            Ask::Vary | Ask::Evolve => Commission::vary(phrase()?, variation, seed, wishes),
            Ask::Respond(None) => {
                let phrase = phrase()?;
                Commission::respond(phrase, frame.n_bars, &phrase.parts().collect::<Vec<_>>(), wishes)
            }
            Ask::Respond(Some(selection)) => {
                let call = call(phrase()?, selection)?;
                Commission::respond(&call, selection.n_bars, &call.parts().collect::<Vec<_>>(), wishes)
            }
            Ask::Answer => {
                let parts = self.offered(wishes.controls.style, &parts)?;
                let n_bars = self.params.playing.answer.value().n_bars().unwrap_or(frame.n_bars);
                let heard_in =
                    self.call_meter.load(Ordering::Relaxed).checked_sub(1).and_then(Meter::from_index);
                let meter = heard_in.unwrap_or(frame.meter);
                let call = self.framed(phrase()?, Frame { n_bars, meter, ..frame })?;
                Commission::respond(&call, n_bars, &parts, wishes)
            }
            Ask::Accompany => {
                let parts = self.offered(wishes.controls.style, &parts)?;
                let phrase = phrase()?;
                if parts.iter().all(|part| !phrase.notes(*part).is_empty()) {
                    return Err(
                        "every part that is on is there already; switch on one that is not".to_owned()
                    );
                }
                Commission::accompany(phrase, &parts, wishes)
            }
            Ask::Recompose(selection) => Commission::recompose(phrase()?, &selection.cells(), wishes),
        }
        .map(Assignment::from)
        .map_err(|error| error.to_string())
    }

    /// What was played, in the time of `frame`, and in its key if the user has set one.
    fn framed(&self, played: &Phrase, frame: Frame) -> Result<Phrase, String> {
        let key = self.params.composing.tonic.value().0.map(|_| frame.key);
        let frame = Frame { key: settle_key(played, key), ..frame };
        let framed = Phrase::repaired(frame, Progression::default(), played.to_parts());
        framed.map(|(phrase, _)| phrase).map_err(|error| error.to_string())
    }

    /// Those of `parts` that there is music of `style` to learn from.
    fn offered(&self, style: Option<Style>, parts: &[Part]) -> Result<Vec<Part>, String> {
        if parts.is_empty() {
            return Err("no part is on; switch on at least one below the roll".to_owned());
        }
        let Some(style) = style else { return Ok(parts.to_vec()) };
        let has = self.repertoire().parts(style);
        let offered: Vec<Part> = parts.iter().copied().filter(|part| has.contains(part)).collect();
        if has.is_empty() {
            return self
                .repertoire()
                .check(style, parts)
                .map(|()| offered)
                .map_err(|error| error.to_string());
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

    /// The tempo that a phrase will be played at, in beats per minute.
    fn tempo(&self) -> f32 {
        let own = self.params.playing.tempo.value();
        let host = f32::from_bits(self.host_tempo.load(Ordering::Relaxed));
        // In host mode the phrase is played on the host's beats, whatever the source is set to.
        let follows = self.params.playing.mode.value() == PlayModeChoice::Host
            || self.params.playing.tempo_source.value() != TempoSourceChoice::Own;
        if follows && (20.0..=400.0).contains(&host) { host } else { own }
    }

    fn repertoire(&self) -> &Repertoire {
        self.repertoire.get_or_init(Repertoire::shipped)
    }
}

/// The bars of `phrase` that are answered.
fn call(phrase: &Phrase, selection: Selection) -> Result<Phrase, String> {
    phrase.window(selection.first_bar, selection.n_bars).map_err(|error| error.to_string())
}

/// A song of sections as long as the phrase would be, shorter if the whole were too long.
fn song(form: Form, frame: Frame, parts: Vec<Part>, wishes: Wishes) -> Result<SongTask, String> {
    let n_sections = u32::try_from(form.sections().len()).unwrap_or(u32::MAX);
    let n_bars = frame.n_bars.min(Form::MAX_BARS / n_sections).clamp(1, Task::MAX_BARS);
    let n_bars = form.section_bars(Some(n_bars)).map_err(|error| error.to_string())?;
    let section = Frame { n_bars, ..frame };
    let chords = form.chords(frame.key.mode.is_minor());
    let chords = chords.map(|text| Progression::parse_in(text, frame.key, frame.meter, n_bars)).transpose();
    let harmony = match chords.map_err(|error| error.to_string())? {
        Some(chords) => Harmony::Given(chords),
        None => wishes.harmony,
    };
    Ok(SongTask { form, section, parts, wishes: Wishes { harmony, ..wishes } })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn briefing() -> Briefing {
        Briefing::new(Arc::new(DescantParams::new(Arc::default())))
    }

    #[test]
    fn the_hosts_tempo_counts_where_it_gives_one() {
        let briefing = briefing();
        let tempo = || match briefing.commission(Ask::Generate, None, 1).unwrap() {
            Assignment::Phrase(commission) => commission.task.base.frame().tempo,
            Assignment::Song(song) => song.section.tempo,
        };
        assert_eq!(tempo(), 100.0);
        for (host, expected) in
            [(Some(87.0), 87.0), (Some(1e9), 100.0), (Some(f64::NAN), 100.0), (None, 100.0)]
        {
            briefing.hear_tempo(host);
            assert_eq!(tempo(), expected, "{host:?}");
        }
    }

    #[test]
    fn parts_that_a_style_lacks_are_left_out_or_named() {
        let briefing = briefing();
        let text =
            r#"{"styles": {"hymn": {"tempi": {}, "parts": {"melody": {"n_files": 9, "n_families": 9}}}}}"#;
        briefing.repertoire.set(Repertoire::from_json(text).unwrap()).unwrap();
        let hymn = Some(Style::Hymn);
        assert_eq!(briefing.offered(hymn, &[Part::Drums, Part::Melody]), Ok(vec![Part::Melody]));
        let error = briefing.offered(hymn, &[Part::Drums]).unwrap_err();
        assert!(error.contains("hymn") && error.contains("melody"), "{error}");
        assert!(briefing.offered(None, &[]).unwrap_err().contains("switch on"));
    }

    #[test]
    fn nothing_can_be_continued_or_varied_before_there_is_a_phrase() {
        for ask in [Ask::Continue, Ask::Vary, Ask::Respond(None), Ask::Accompany] {
            let error = briefing().commission(ask, None, 1).unwrap_err();
            assert!(error.contains("press Generate first"), "{error}");
        }
    }
}
