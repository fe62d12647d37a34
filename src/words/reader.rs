//! Reads a text from left to right and finds the effects of its words; a clause keeps what may still apply to later words.

use super::effect::{Effect, Finding, Weight};
use super::lexicon::{self, Entry, Sense, Stance};
use super::notation::{Reading, Sentence};
use super::settings::Unknown;
use crate::music::measure::PartControl;
use crate::music::{Meter, Part};

/// Most words of one name in the lexicon.
const MAX_RUN: usize = 5;

/// The neutral tempo from which a degree scales tempo words, in beats per minute.
const MIDDLE_TEMPO: f32 = 104.0;

/// The level of a control that is named without a value, and the density of a part after "more"; `0.0..=1.0`.
const NAMED_LEVEL: f32 = 0.75;

/// What was found in a text, each list in the order of reading.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// The words that have an effect.
    pub found: Vec<Finding>,
    /// The words that are not understood.
    pub unknown: Vec<Unknown>,
    /// Words that were read as the nearest name.
    pub corrected: Vec<Corrected>,
}

/// A word with a typing error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Corrected {
    /// First byte in the text.
    pub start: usize,
    /// First byte after it.
    pub end: usize,
    /// The name it was read as.
    pub name: &'static str,
}

/// Finds the effects of the words of `text`.
pub(super) fn read(text: &str) -> Findings {
    let sentence = Sentence::new(text);
    let mut reader = Reader {
        text,
        sentence: &sentence,
        found: Vec::new(),
        unknown: Vec::new(),
        corrected: Vec::new(),
        clause: Clause::default(),
    };
    reader.read();
    let Reader { found, unknown, corrected, .. } = reader;
    Findings { found, unknown, corrected }
}

struct Reader<'a, 't> {
    text: &'t str,
    sentence: &'a Sentence<'t>,
    found: Vec<Finding>,
    unknown: Vec<Unknown>,
    corrected: Vec<Corrected>,
    clause: Clause,
}

/// What the words read so far mean for those that follow in the same clause; positions count words of the sentence.
#[derive(Default)]
struct Clause {
    /// The stance for the parts that follow, and the word that set it.
    stance: Option<(Stance, usize)>,
    /// The factor for the next word that can be scaled, and the first word of the degree.
    degree: Option<(f32, usize)>,
    /// Levels that wait for a part, as indices into `found`.
    pending: Vec<usize>,
    /// The parts that pending levels belong to if none follows, and their first word.
    before: Option<(&'static [Part], usize)>,
    /// An article that the next part may be introduced by.
    article: Option<usize>,
    /// The parts of the clause, as indices into `found`.
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
                    self.add(first, next, effect, weight);
                }
            }
            Err(possible) => self.report(first, next, Some(possible)),
        }
        next
    }

    /// Takes the meanings of `entry`, whose name is the words `first..next`; returns the first word after what was read.
    /// Longer than other functions: one arm for each sense.
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
                    self.add(said, next, Effect::Style(style), Weight::Word);
                }
                Sense::Flavour(style) => self.add(said, next, Effect::Style(style), Weight::Hint),
                Sense::Mood(valence, arousal) => {
                    self.add(start, next, Effect::Mood(scaled(valence), scaled(arousal)), weight);
                }
                Sense::Mode(mode) => self.add(said, next, Effect::Mode(mode), weight),
                Sense::Pace(slowest, fastest) => {
                    let tempo = f32::midpoint(slowest, fastest);
                    let tempo = (MIDDLE_TEMPO * (tempo / MIDDLE_TEMPO).powf(factor)).round();
                    self.add(start, next, Effect::Tempo(tempo), weight);
                }
                Sense::Meter(numerator, denominator) => {
                    let meter = Meter::new(numerator, denominator).unwrap_or(Meter::COMMON);
                    self.add(said, next, Effect::Meter(meter), weight);
                }
                Sense::Performance(percent) => {
                    // "not quantised" is as people play, and "less loose" is straighter.
                    let percent = match (factor < 0.0, percent) {
                        (false, percent) => percent,
                        (true, 0..100) => 100,
                        (true, _) => 50,
                    };
                    self.add(start, next, Effect::Performance(percent), weight);
                }
                Sense::Bars(n_bars) => self.add(said, next, Effect::Bars(n_bars), weight),
                Sense::Ending(ending) => self.add(said, next, Effect::Ending(ending), weight),
                Sense::Parts(stance, parts) => self.take_parts(stance, parts, first, next),
                Sense::Level(control, value) => {
                    self.add(start, next, Effect::Level(None, control, scaled(value)), weight);
                    self.clause.pending.push(self.found.len() - 1);
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

    /// Adds `parts`, and applies the pending levels to them.
    fn take_parts(&mut self, otherwise: Stance, parts: &'static [Part], first: usize, next: usize) {
        let degree = self.clause.degree.take();
        if let Some((factor, start)) = degree.filter(|&(factor, _)| !(0.0..=1.0).contains(&factor)) {
            // "less drums", "more bass"
            let value = scaled(NAMED_LEVEL, factor);
            self.add(start, next, Effect::Level(None, PartControl::Density, value), Weight::Word);
            self.clause.pending.push(self.found.len() - 1);
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
        if let Some(described) = pending.first().and_then(|&idx| self.found.get(idx)) {
            start = start.min(self.word_at(described.start));
        }
        for &part in parts {
            self.add(start, next, Effect::Part(part, stance), Weight::Word);
            self.clause.parts.push(self.found.len() - 1);
        }
        self.scope(&pending, parts, first, next);
        self.clause.article = None;
        self.clause.before = (stance != Stance::Without).then_some((parts, start));
    }

    /// Reads the name of a control with its value: the number after it, or the word before it.
    fn take_dial(&mut self, control: PartControl, first: usize, next: usize) -> usize {
        if let Some(value) = self.sentence.level_at(first, next) {
            self.add(first, next + 1, Effect::Level(None, control, value), Weight::Number);
            self.clause.pending.push(self.found.len() - 1);
            return next + 1;
        }
        // "low density", "wide range"
        let ends_before = |finding: &Finding| {
            self.sentence.words().get(first.wrapping_sub(1)).is_some_and(|word| word.end() == finding.end)
        };
        let end = self.end_of(next);
        if let Some(last) =
            self.clause.pending.last().and_then(|&idx| self.found.get(idx)).copied().filter(ends_before)
            && let Effect::Level(part, said @ (PartControl::Register | PartControl::Range), value) =
                last.effect
            && let Some(finding) = self.clause.pending.last().and_then(|&idx| self.found.get_mut(idx))
        {
            let control = if said == PartControl::Range { said } else { control };
            *finding = Finding { end, effect: Effect::Level(part, control, value), ..last };
            return next;
        }
        let (factor, start) = self.clause.degree.unwrap_or((1.0, first));
        let value = scaled(NAMED_LEVEL, factor);
        self.add(start, next, Effect::Level(None, control, value), Weight::Word);
        self.clause.pending.push(self.found.len() - 1);
        next
    }

    /// Reads a negation: "no drums", "not too busy", "no jazz".
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
            // Not in the lexicon: there is nothing to negate.
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

    /// Reads "with …" or "only …"; "only" may also stand after the parts it applies to.
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
            if let Some(finding) = self.found.get_mut(idx)
                && let Effect::Part(part, Stance::Named | Stance::With) = finding.effect
            {
                *finding = Finding { end, effect: Effect::Part(part, Stance::Only), ..*finding };
            }
        }
    }

    /// Applies the `pending` levels to `parts`, which the words `first..next` name.
    fn scope(&mut self, pending: &[usize], parts: &[Part], first: usize, next: usize) {
        let (start, end) = (self.start_of(first), self.end_of(next));
        for &idx in pending {
            let Some(finding) = self.found.get_mut(idx) else { continue };
            let Effect::Level(_, control, value) = finding.effect else { continue };
            let said = (finding.start, finding.end);
            (finding.start, finding.end) = (finding.start.min(start), finding.end.max(end));
            let finding = *finding;
            // Whatever else the same words do: "funky bass" is also a style.
            for other in self.found.iter_mut().filter(|other| (other.start, other.end) == said) {
                (other.start, other.end) = (finding.start, finding.end);
            }
            for (n, &part) in parts.iter().enumerate() {
                let scoped = Finding { effect: Effect::Level(Some(part), control, value), ..finding };
                match self.found.get_mut(idx).filter(|_| n == 0) {
                    Some(first) => *first = scoped,
                    None => self.found.push(scoped),
                }
            }
        }
    }

    /// Ends the reach of adjectives and degrees here; levels still pending apply to the parts before.
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

    fn add(&mut self, first: usize, next: usize, effect: Effect, weight: Weight) {
        let (start, end) = (self.start_of(first), self.end_of(next));
        self.found.push(Finding { start, end, effect, weight });
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
