//! Reads words from left to right, keeping in mind what may still belong together.

use super::effect::{Effect, Heard, Weight};
use super::lexicon::{self, Entry, Sense, Stance};
use super::notation::{Reading, Sentence};
use super::wishes::Unknown;
use crate::music::measure::PartControl;
use crate::music::{Meter, Part};

/// Most words of one name in the lexicon.
const MAX_RUN: usize = 5;

/// Where tempo words are scaled from, in beats per minute.
const MIDDLE_TEMPO: f32 = 104.0;

/// What a control gets that is wanted by name alone, and the part that more of is wanted.
const NAMED_LEVEL: f32 = 0.75;

/// What was found in a text, each in its order.
#[derive(Debug, Default)]
pub(super) struct SelectionProgress {
    /// Everything that has an effect.
    pub heard: Vec<Heard>,
    /// Everything that is not understood.
    pub unknown: Vec<Unknown>,
    /// Words that were read as the nearest name.
    pub corrected: Vec<Corrected>,
}

/// A word with a typing error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Corrected {
    /// First byte in the text.
    pub start: usize,
    /// First byte after.
    pub end: usize,
    /// What it was read as.
    pub name: &'static str,
}

/// Reads `text`.
pub(super) fn hear(text: &str) -> SelectionProgress {
    let sentence = Sentence::new(text);
    let mut reader = Reader {
        text,
        sentence: &sentence,
        heard: Vec::new(),
        unknown: Vec::new(),
        corrected: Vec::new(),
        clause: Clause::default(),
    };
    reader.read();
    let Reader { heard, unknown, corrected, .. } = reader;
    SelectionProgress { heard, unknown, corrected }
}

struct Reader<'a, 't> {
    text: &'t str,
    sentence: &'a Sentence<'t>,
    heard: Vec<Heard>,
    unknown: Vec<Unknown>,
    corrected: Vec<Corrected>,
    clause: Clause,
}

/// What the words so far may do to those that follow before the next comma.
#[derive(Default)]
struct Clause {
    /// How following parts are meant, and the word that said so.
    stance: Option<(Stance, usize)>,
    /// The factor for the next word that has a degree, and its first word.
    degree: Option<(f32, usize)>,
    /// Levels that wait for a part, as places in `heard`.
    pending: Vec<usize>,
    /// The parts that pending levels belong to if none follows, and their first word.
    before: Option<(&'static [Part], usize)>,
    /// An article that the next part may be introduced by.
    article: Option<usize>,
    /// The parts of the clause, as places in `heard`.
    parts: Vec<usize>,
}

impl Reader<'_, '_> {
    fn read(&mut self) {
        let mut at = 0;
        let mut clause = 0;
        while let Some(word) = self.sentence.words().get(at) {
            if word.clause != clause {
                self.end_clause();
                clause = word.clause;
            }
            at = self.read_at(at).max(at + 1);
        }
        self.end_clause();
    }

    /// Reads what begins with the word at `at`; returns the first word after it.
    fn read_at(&mut self, at: usize) -> usize {
        let entry = self.entry_at(at);
        if let Some((entry, n_words)) = entry.filter(|&(_, n_words)| n_words > 1) {
            return self.read_entry(entry, at, at + n_words);
        }
        if let Some(reading) = self.sentence.number_at(at).or_else(|| self.sentence.key_at(at)) {
            return self.take_reading(reading);
        }
        if let Some((entry, n_words)) = entry {
            return self.read_entry(entry, at, at + n_words);
        }
        let word = self.sentence.lower(at, at);
        let is_filler = lexicon::is_filler(word) || !word.contains(char::is_alphanumeric);
        if !is_filler {
            self.report(at, at + 1, lexicon::nearest_name(word).map(str::to_owned));
        }
        if let ("and", Some((parts, first))) = (word, self.clause.before) {
            // "drums busier and the melody simpler"
            let pending = std::mem::take(&mut self.clause.pending);
            self.scope(&pending, parts, first, first + 1);
        } else if ["a", "an"].contains(&word) {
            self.clause.article = Some(at);
        } else if lexicon::BOUNDARIES.contains(&word) {
            self.end_scope();
        }
        if !lexicon::COPULAS.contains(&word) && self.clause.pending.is_empty() {
            self.clause.before = None;
        }
        at + 1
    }

    /// The longest name in the lexicon that begins with the word at `at`, and its length in words.
    fn entry_at(&self, at: usize) -> Option<(&'static Entry, usize)> {
        let run: Vec<&str> = (at..at + MAX_RUN)
            .map(|idx| self.sentence.lower(at, idx))
            .take_while(|word| !word.is_empty())
            .collect();
        let longest = (2..=run.len()).rev().find_map(|n| Some((lexicon::entry_of(&run[..n])?, n)));
        longest.or_else(|| Some((self.entry_of_word(run.first()?)?, 1)))
    }

    /// The entry of one word, which may be written wrongly.
    fn entry_of_word(&self, word: &str) -> Option<&'static Entry> {
        let is_filler = || lexicon::is_filler(word);
        lexicon::entry_of_word(word)
            .or_else(|| (!is_filler()).then(|| lexicon::entry_mistyped(word)).flatten())
    }

    fn take_reading(&mut self, reading: Reading) -> usize {
        let Reading { first, next, result } = reading;
        self.end_scope();
        match result {
            Ok(effects) => {
                for effect in effects {
                    let weight = match effect {
                        Effect::Tonic(_) | Effect::Mode(_) => Weight::Word,
                        _ => Weight::Number,
                    };
                    self.hear(first, next, effect, weight);
                }
            }
            Err(possible) => self.report(first, next, Some(possible)),
        }
        next
    }

    /// Takes the meanings of `entry`, whose name is the words `first..next`; returns the first word after what was read.
    fn read_entry(&mut self, entry: &Entry, first: usize, next: usize) -> usize {
        let senses = &entry.senses;
        if next == first + 1 && lexicon::entry_of_word(self.sentence.lower(first, first)).is_none() {
            let (start, end) = (self.start_of(first), self.end_of(next));
            self.corrected.push(Corrected { start, end, name: entry.name });
        }
        let has_style = senses.iter().any(|sense| matches!(sense, Sense::Style(_) | Sense::Flavour(_)));
        let (factor, start) = self.clause.degree.unwrap_or((1.0, first));
        let scaled = |value| scaled(value, factor);
        // "less jazz" asks for no style that could be named, and "less jig" for no meter either.
        if factor < 0.0 && senses.iter().any(|sense| matches!(sense, Sense::Style(_))) {
            self.report(start, next, None);
            self.clause.degree = None;
            return next;
        }
        // The degree is one of the words only where it changes something.
        let said = if senses.iter().any(is_matter_of_degree) { start } else { first };
        let weight = if has_style { Weight::Hint } else { Weight::Word };
        let mut after = next;
        for &sense in senses {
            match sense {
                // "less romantic" speaks of the mood.
                Sense::Flavour(_) if factor < 0.0 => {}
                Sense::Style(style) => {
                    self.end_scope();
                    self.hear(said, next, Effect::Style(style), Weight::Word);
                }
                Sense::Flavour(style) => self.hear(said, next, Effect::Style(style), Weight::Hint),
                Sense::Mood(valence, arousal) => {
                    self.hear(start, next, Effect::Mood(scaled(valence), scaled(arousal)), weight);
                }
                Sense::Mode(mode) => self.hear(said, next, Effect::Mode(mode), weight),
                Sense::Pace(slowest, fastest) => {
                    let tempo = f32::midpoint(slowest, fastest);
                    let tempo = (MIDDLE_TEMPO * (tempo / MIDDLE_TEMPO).powf(factor)).round();
                    self.hear(start, next, Effect::Tempo(tempo), weight);
                }
                Sense::Meter(numerator, denominator) => {
                    let meter = Meter::new(numerator, denominator).unwrap_or(Meter::COMMON);
                    self.hear(said, next, Effect::Meter(meter), weight);
                }
                Sense::Performance(percent) => {
                    // "not quantised" is as people play, and "less loose" is straighter.
                    let percent = match (factor < 0.0, percent) {
                        (false, percent) => percent,
                        (true, 0..100) => 100,
                        (true, _) => 50,
                    };
                    self.hear(start, next, Effect::Performance(percent), weight);
                }
                Sense::Bars(n_bars) => self.hear(said, next, Effect::Bars(n_bars), weight),
                Sense::Ending(ending) => self.hear(said, next, Effect::Ending(ending), weight),
                Sense::Parts(stance, parts) => self.take_parts(stance, parts, first, next),
                Sense::Level(control, value) => {
                    self.hear(start, next, Effect::Level(None, control, scaled(value)), weight);
                    self.clause.pending.push(self.heard.len() - 1);
                }
                Sense::Dial(control) => after = self.take_dial(control, first, next),
                Sense::Degree(factor) => {
                    let (so_far, start) = self.clause.degree.unwrap_or((1.0, first));
                    self.clause.degree = Some((so_far * factor, start));
                }
                Sense::Not(factor) => after = self.take_negation(factor, first, next),
                Sense::Stance(stance) => self.take_stance(stance, first, next),
            }
        }
        let keeps_degree = matches!(senses.first(), Some(Sense::Degree(_) | Sense::Not(_)));
        let keeps_scope = senses.iter().any(|sense| {
            matches!(
                sense,
                Sense::Level(..) | Sense::Dial(_) | Sense::Mood(..) | Sense::Degree(_) | Sense::Parts(..)
            )
        });
        if !keeps_degree {
            self.clause.degree = None;
        }
        if !keeps_scope && self.clause.pending.is_empty() {
            self.clause.before = None;
        }
        after
    }

    /// Parts, with the levels that were waiting for them.
    fn take_parts(&mut self, otherwise: Stance, parts: &'static [Part], first: usize, next: usize) {
        let degree = self.clause.degree.take();
        if let Some((factor, start)) = degree.filter(|&(factor, _)| !(0.0..=1.0).contains(&factor)) {
            // "less drums", "more bass"
            let value = scaled(NAMED_LEVEL, factor);
            self.hear(start, next, Effect::Level(None, PartControl::Density, value), Weight::Word);
            self.clause.pending.push(self.heard.len() - 1);
        }
        let pending = std::mem::take(&mut self.clause.pending);
        let is_described = !pending.is_empty();
        // "no drums and busy bass": what is described is wanted.
        self.clause.stance.take_if(|(stance, _)| is_described && *stance == Stance::Without);
        let mut start = first;
        let stance = match (self.clause.stance, otherwise) {
            // "with solo piano", "only drumless"
            (Some((Stance::With | Stance::Only, _)), Stance::Only | Stance::Without) => otherwise,
            (Some((stance, said)), _) if stance != Stance::Named => {
                start = said;
                stance
            }
            (_, Stance::Named) if is_described => match self.clause.article {
                Some(article) => {
                    start = article;
                    Stance::Named
                }
                None => Stance::With,
            },
            (_, otherwise) => otherwise,
        };
        if let Some(described) = pending.first().and_then(|&idx| self.heard.get(idx)) {
            start = start.min(self.word_at(described.start));
        }
        for &part in parts {
            self.hear(start, next, Effect::Part(part, stance), Weight::Word);
            self.clause.parts.push(self.heard.len() - 1);
        }
        self.scope(&pending, parts, first, next);
        self.clause.article = None;
        self.clause.before = (stance != Stance::Without).then_some((parts, start));
    }

    /// The name of a control: a number behind it, or a word before it, says how much.
    fn take_dial(&mut self, control: PartControl, first: usize, next: usize) -> usize {
        if let Some(value) = self.sentence.level_at(first, next) {
            self.hear(first, next + 1, Effect::Level(None, control, value), Weight::Number);
            self.clause.pending.push(self.heard.len() - 1);
            return next + 1;
        }
        // "low density", "wide range"
        let ends_before = |heard: &Heard| {
            self.sentence.words().get(first.wrapping_sub(1)).is_some_and(|word| word.end() == heard.end)
        };
        let end = self.end_of(next);
        if let Some(last) =
            self.clause.pending.last().and_then(|&idx| self.heard.get(idx)).copied().filter(ends_before)
            && let Effect::Level(part, said @ (PartControl::Register | PartControl::Range), value) =
                last.effect
            && let Some(heard) = self.clause.pending.last().and_then(|&idx| self.heard.get_mut(idx))
        {
            let control = if said == PartControl::Range { said } else { control };
            *heard = Heard { end, effect: Effect::Level(part, control, value), ..last };
            return next;
        }
        let (factor, start) = self.clause.degree.unwrap_or((1.0, first));
        let value = scaled(NAMED_LEVEL, factor);
        self.hear(start, next, Effect::Level(None, control, value), Weight::Word);
        self.clause.pending.push(self.heard.len() - 1);
        next
    }

    /// "no drums", "not too busy", "no jazz".
    fn take_negation(&mut self, factor: f32, first: usize, next: usize) -> usize {
        self.end_scope();
        let mut at = next;
        while ["a", "an", "the", "any", "be", "have"].contains(&self.sentence.lower(first, at)) {
            at += 1;
        }
        if self.sentence.near(first, at).is_none() {
            return next;
        }
        let Some((entry, n_words)) = self.entry_at(at) else {
            // Nothing that can be taken away.
            let is_note_name = self.sentence.number_at(at).or_else(|| self.sentence.key_at(at));
            let end = is_note_name.map_or(at + 1, |reading| reading.next);
            let nearest = lexicon::nearest_name(self.sentence.lower(at, at)).map(|name| format!("no {name}"));
            self.report(first, end, nearest.filter(|_| end == at + 1));
            return end;
        };
        let senses = &entry.senses;
        if names_parts(entry) {
            self.clause.stance = Some((Stance::Without, first));
            return at;
        }
        let names_style = senses.iter().any(|sense| matches!(sense, Sense::Style(_)));
        if matches!(senses.first(), Some(Sense::Degree(_)))
            || senses.iter().any(is_matter_of_degree) && !names_style
        {
            self.clause.degree = Some((factor, first));
            return at;
        }
        if senses.iter().any(|sense| matches!(sense, Sense::Stance(_) | Sense::Not(_))) {
            return next;
        }
        self.report(first, at + n_words, None);
        at + n_words
    }

    /// "with …"; "only …" also behind the parts it means.
    fn take_stance(&mut self, stance: Stance, first: usize, next: usize) {
        let names_parts = |at: usize| self.entry_at(at).is_some_and(|(entry, _)| names_parts(entry));
        let part_follows =
            (next..).take_while(|&at| self.sentence.near(first, at).is_some()).any(names_parts);
        self.end_scope();
        if part_follows || stance != Stance::Only {
            self.clause.stance = Some((stance, first));
            return;
        }
        let end = self.end_of(next);
        for &idx in &self.clause.parts {
            if let Some(heard) = self.heard.get_mut(idx)
                && let Effect::Part(part, Stance::Named | Stance::With) = heard.effect
            {
                *heard = Heard { end, effect: Effect::Part(part, Stance::Only), ..*heard };
            }
        }
    }

    /// Lets `pending` levels apply to `parts`, which the words `first..next` name.
    fn scope(&mut self, pending: &[usize], parts: &[Part], first: usize, next: usize) {
        let (start, end) = (self.start_of(first), self.end_of(next));
        for &idx in pending {
            let Some(heard) = self.heard.get_mut(idx) else { continue };
            let Effect::Level(_, control, value) = heard.effect else { continue };
            let said = (heard.start, heard.end);
            (heard.start, heard.end) = (heard.start.min(start), heard.end.max(end));
            let heard = *heard;
            // Whatever else the same words do: "funky bass" is also a style.
            for other in self.heard.iter_mut().filter(|other| (other.start, other.end) == said) {
                (other.start, other.end) = (heard.start, heard.end);
            }
            for (n, &part) in parts.iter().enumerate() {
                let scoped = Heard { effect: Effect::Level(Some(part), control, value), ..heard };
                match self.heard.get_mut(idx).filter(|_| n == 0) {
                    Some(first) => *first = scoped,
                    None => self.heard.push(scoped),
                }
            }
        }
    }

    /// Adjectives no longer reach over this place.
    fn end_scope(&mut self) {
        let pending = std::mem::take(&mut self.clause.pending);
        if let Some((parts, first)) = self.clause.before.take() {
            self.scope(&pending, parts, first, first + 1);
        }
        self.clause.degree = None;
        self.clause.article = None;
    }

    fn end_clause(&mut self) {
        self.end_scope();
        self.clause = Clause::default();
    }

    fn hear(&mut self, first: usize, next: usize, effect: Effect, weight: Weight) {
        let (start, end) = (self.start_of(first), self.end_of(next));
        self.heard.push(Heard { start, end, effect, weight });
    }

    fn report(&mut self, first: usize, next: usize, nearest: Option<String>) {
        let words = self.text.get(self.start_of(first)..self.end_of(next)).unwrap_or_default().to_owned();
        let unknown = Unknown { words, nearest };
        if !self.unknown.contains(&unknown) {
            self.unknown.push(unknown);
        }
    }

    /// First byte of the word at `at`.
    fn start_of(&self, at: usize) -> usize {
        self.sentence.words().get(at).map_or(self.text.len(), |word| word.start)
    }

    /// First byte after the words before `next`.
    fn end_of(&self, next: usize) -> usize {
        next.checked_sub(1).and_then(|at| self.sentence.words().get(at)).map_or(0, |word| word.end())
    }

    /// The word that begins at byte `start`.
    fn word_at(&self, start: usize) -> usize {
        self.sentence.words().partition_point(|word| word.start < start)
    }
}

/// `value` with its distance from the middle scaled by `factor`, in hundredths, `0.0..=1.0`.
fn scaled(value: f32, factor: f32) -> f32 {
    ((0.5 + (value - 0.5) * factor).clamp(0.0, 1.0) * 100.0).round() / 100.0
}

/// Whether a degree changes what the word does.
fn is_matter_of_degree(sense: &Sense) -> bool {
    matches!(
        sense,
        Sense::Mood(..) | Sense::Level(..) | Sense::Dial(_) | Sense::Pace(..) | Sense::Performance(_)
    )
}

fn names_parts(entry: &Entry) -> bool {
    entry.senses.iter().any(|sense| matches!(sense, Sense::Parts(..)))
}
