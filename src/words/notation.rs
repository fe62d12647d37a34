//! Cuts a text into words, and reads musical notation in it: keys, meters, tempi and counts of bars.

use super::effect::Effect;
use super::lexicon::{self, NUMERALS};
use super::settings::Words;
use crate::music::pitch::split_pitch_class;
use crate::music::{Meter, Mode, PitchClass};

/// A word of the text and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word<'t> {
    /// As written.
    pub text: &'t str,
    /// In lower case, without apostrophes.
    pub lower: String,
    /// First byte in the text.
    pub start: usize,
    /// The index of its clause: how many commas and the like come before it.
    pub clause: usize,
}

impl Word<'_> {
    /// First byte after it.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// A text as words.
pub(super) struct Sentence<'t> {
    words: Vec<Word<'t>>,
    /// Whether the text has no lower-case letter, so that capitals carry no meaning.
    is_shouted: bool,
}

/// The words `first..next` read as notation, and their effects.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    pub first: usize,
    pub next: usize,
    /// The effects; for a value out of range the nearest possible one, in words.
    pub result: Result<Vec<Effect>, String>,
}

impl<'t> Sentence<'t> {
    pub fn new(text: &'t str) -> Self {
        let mut words = Vec::new();
        let (mut start, mut clause) = (None, 0);
        let mut chars = text.char_indices().peekable();
        let mut before = ' ';
        while let Some((at, c)) = chars.next() {
            let after = chars.peek().map_or(' ', |&(_, c)| c);
            let is_between_digits = before.is_ascii_digit() && after.is_ascii_digit();
            let joins_words = !before.is_whitespace() && !after.is_whitespace();
            let is_word = match c {
                '.' | '/' => is_between_digits || (c == '.' && after.is_ascii_digit()),
                '&' | '\'' | '’' => joins_words,
                '#' | '♯' | '♭' | '%' => true,
                _ => c.is_alphanumeric(),
            };
            if is_word {
                start = start.or(Some(at));
            } else {
                push_words(&mut words, text, start.take(), at, clause);
                match c {
                    '&' | '+' | '@' => push_words(&mut words, text, Some(at), at + 1, clause),
                    _ => clause += usize::from(",;.!?()[]{}\"|\n".contains(c)),
                }
            }
            before = c;
        }
        push_words(&mut words, text, start, text.len(), clause);
        Self { words, is_shouted: !text.chars().any(char::is_lowercase) }
    }

    pub fn words(&self) -> &[Word<'t>] {
        &self.words
    }

    /// The word at `at` if it stands in the clause of word `of`.
    pub fn near(&self, of: usize, at: usize) -> Option<&Word<'t>> {
        let clause = self.words.get(of)?.clause;
        self.words.get(at).filter(|word| word.clause == clause)
    }

    /// As [`Self::near`], in lower case; empty if there is none.
    pub fn lower(&self, of: usize, at: usize) -> &str {
        self.near(of, at).map_or("", |word| word.lower.as_str())
    }

    /// As [`Self::lower`], `back` words before `of`.
    fn lower_before(&self, of: usize, back: usize) -> &str {
        of.checked_sub(back).map_or("", |at| self.lower(of, at))
    }

    /// The key that begins with the note name at `at`.
    pub fn key_at(&self, at: usize) -> Option<Reading> {
        let word = self.words.get(at)?;
        let (mut tonic, rest) = split_pitch_class(word.text)?;
        let first = match (self.lower_before(at, 2), self.lower_before(at, 1)) {
            ("key", "of") => at - 2,
            (_, "in" | "key") => at - 1,
            _ => at,
        };
        let is_led = first < at;
        let mut next = at + 1;
        let mut is_altered = rest.is_empty() && word.text.chars().count() > 1;
        if rest.is_empty() && !is_altered {
            let semitones = match self.lower(at, next) {
                "sharp" => 1,
                "flat" => 11,
                _ => 0,
            };
            if semitones > 0 {
                (tonic, is_altered, next) = (tonic.up(semitones), true, next + 1);
            }
        }
        let mode = if rest.is_empty() {
            let (mode, n_words) = self.mode_at(at, next).unzip();
            next += n_words.unwrap_or(0);
            mode
        } else {
            Some(suffix_mode(rest)?)
        };
        let is_capital = word.text.starts_with(char::is_uppercase) && !self.is_shouted;
        let may_be_article = word.lower == "a" && (!is_capital || at == 0);
        let follower = self.lower(at, next);
        let is_followed = !follower.is_empty() && !ends_key(follower);
        let is_key = if !rest.is_empty() {
            // "am" is a verb, "fm" a kind of synthesis.
            is_led || is_capital || !matches!(word.lower.as_str(), "am" | "fm")
        } else if !may_be_article {
            is_led || mode.is_some() || is_altered
        } else if is_led && mode.is_some() {
            !["key", "mode", "mood", "scale", "feel", "vibe", "way", "style"].contains(&follower)
        } else {
            (is_led || mode.is_some()) && !is_followed
        };
        is_key.then(|| Reading { first, next, result: Ok(key_effects(tonic, mode)) })
    }

    /// The mode named from word `at` on, in the clause of word `of`, and how many words name it.
    fn mode_at(&self, of: usize, at: usize) -> Option<(Mode, usize)> {
        let run = [self.lower(of, at), self.lower(of, at + 1)];
        (1..=2).rev().filter(|&n| !run[n - 1].is_empty()).find_map(|n| {
            let entry = lexicon::entry_of(&run[..n])?;
            entry.senses.iter().find_map(|sense| match sense {
                lexicon::Sense::Mode(mode) => Some((*mode, n)),
                _ => None,
            })
        })
    }

    /// The tempo, meter or length that begins with the number at `at`.
    pub fn number_at(&self, at: usize) -> Option<Reading> {
        let word = self.words.get(at)?;
        if word.lower.contains('/') {
            let reads = word.lower.starts_with(|c: char| c.is_ascii_digit());
            let result = word.lower.parse::<Meter>().map_err(|_| nearest_meter(&word.lower));
            let result = result.map(|meter| vec![Effect::Meter(meter)]);
            return reads.then_some(Reading { first: at, next: at + 1, result });
        }
        let number = number(&word.lower)?;
        if is_bars(self.lower(at, at + 1)) {
            return Some(Reading { first: at, next: at + 2, result: bars(number) });
        }
        let (first, is_tempo) = self.tempo_lead(at);
        // "80-90 bpm", "80 to 90 bpm"
        let joint = usize::from(["to", "and", "or"].contains(&self.lower(at, at + 1)));
        let upper = self::number(self.lower(at, at + 1 + joint));
        if let Some(upper) = upper.filter(|_| self.n_bpm_words(at, at + 2 + joint) > 0) {
            let next = at + 2 + joint + self.n_bpm_words(at, at + 2 + joint);
            return Some(Reading { first, next, result: tempo(f32::midpoint(number, upper)) });
        }
        let n_bpm_words = self.n_bpm_words(at, at + 1);
        let is_digits = word.lower.starts_with(|c: char| c.is_ascii_digit());
        if n_bpm_words > 0 || (is_tempo && is_digits) {
            return Some(Reading { first, next: at + 1 + n_bpm_words, result: tempo(number) });
        }
        if self.lower_before(at, 1) == "in"
            && let Some(meter) = counted_meter(number)
        {
            return Some(Reading { first: at - 1, next: at + 1, result: Ok(vec![Effect::Meter(meter)]) });
        }
        // A bare number in the range of a metronome.
        (is_digits && (40.0..=250.0).contains(&number)).then(|| Reading {
            first: at,
            next: at + 1,
            result: tempo(number),
        })
    }

    /// The level given from word `at` on as "0.3" or "30%", in the clause of word `of`.
    pub fn level_at(&self, of: usize, at: usize) -> Option<f32> {
        let text = self.lower(of, at);
        let value = match text.strip_suffix('%') {
            Some(percent) => decimal(percent)? / 100.0,
            None => decimal(text)?,
        };
        (0.0..=1.0).contains(&value).then_some(value)
    }

    /// The first of the words that announce the number at `at` as a tempo, and whether there are any.
    fn tempo_lead(&self, at: usize) -> (usize, bool) {
        let mut first = at;
        for back in 1.. {
            match self.lower_before(at, back) {
                "at" | "@" | "tempo" | "bpm" => first = at - back,
                "around" | "about" | "roughly" | "of" | "is" | "a" => {}
                _ => break,
            }
        }
        (first, first < at)
    }

    fn n_bpm_words(&self, of: usize, at: usize) -> usize {
        match [self.lower(of, at), self.lower(of, at + 1), self.lower(of, at + 2)] {
            ["beats", "per", "minute"] => 3,
            ["bpm", ..] => 1,
            _ => 0,
        }
    }
}

/// The effects of a tonic with or without a mode.
fn key_effects(tonic: PitchClass, mode: Option<Mode>) -> Vec<Effect> {
    [Some(Effect::Tonic(tonic)), mode.map(Effect::Mode)].into_iter().flatten().collect()
}

/// Adds the word `text[start..end]`, or two where a unit follows a number without a space: "82bpm".
fn push_words<'t>(words: &mut Vec<Word<'t>>, text: &'t str, start: Option<usize>, end: usize, clause: usize) {
    let Some((start, word)) = start.and_then(|start| Some((start, text.get(start..end)?))) else { return };
    let n_digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let unit = word.get(n_digits..).unwrap_or_default().to_lowercase();
    let cut = if n_digits > 0 && (unit == "bpm" || is_bars(&unit)) { n_digits } else { word.len() };
    for (at, text) in [(0, &word[..cut]), (cut, &word[cut..])] {
        if !text.is_empty() {
            let lower = match text {
                "&" | "+" => "and".to_owned(),
                _ => text.to_lowercase().replace(['\'', '’'], ""),
            };
            words.push(Word { text, lower, start: start + at, clause });
        }
    }
}

/// The mode that a suffix of a note name stands for: "m", "maj".
fn suffix_mode(suffix: &str) -> Option<Mode> {
    match suffix {
        "m" => Some(Mode::Minor),
        _ if ["min", "minor"].contains(&suffix.to_lowercase().as_str()) => Some(Mode::Minor),
        _ if ["maj", "major"].contains(&suffix.to_lowercase().as_str()) => Some(Mode::Major),
        _ => None,
    }
}

/// Whether `word` ends a key, so that an "a" before it is a note name and no article.
fn ends_key(word: &str) -> bool {
    lexicon::BOUNDARIES.contains(&word)
        || ["and", "with", "but", "no", "without", "only", "plus", "by"].contains(&word)
        || number(word).is_some()
}

fn is_bars(word: &str) -> bool {
    ["bar", "bars", "measure", "measures"].contains(&word)
}

/// A number in digits or as a word up to sixteen.
fn number(word: &str) -> Option<f32> {
    let numeral = (1_u8..).zip(NUMERALS).find(|(_, name)| *name == word).map(|(n, _)| f32::from(n));
    numeral.or_else(|| decimal(word))
}

/// A number in digits alone.
fn decimal(word: &str) -> Option<f32> {
    let is_plain = word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    is_plain.then(|| word.parse().ok()).flatten()
}

fn tempo(number: f32) -> Result<Vec<Effect>, String> {
    let (slowest, fastest) = Words::TEMPI;
    if (slowest..=fastest).contains(&number) {
        Ok(vec![Effect::Tempo(number)])
    } else {
        Err(format!("{} bpm", number.clamp(slowest, fastest)))
    }
}

fn bars(number: f32) -> Result<Vec<Effect>, String> {
    let mut n_bars = 1_u8;
    while u32::from(n_bars) < Words::MAX_BARS && f32::from(n_bars) + 0.5 < number {
        n_bars += 1;
    }
    let effect = Effect::Bars(n_bars.into());
    if (f32::from(n_bars) - number).abs() < 0.01 { Ok(vec![effect]) } else { Err(effect.to_string()) }
}

/// The meter that "in five" means.
fn counted_meter(number: f32) -> Option<Meter> {
    const COUNTED: [(f32, u8, u8); 8] = [
        (2.0, 2, 4),
        (3.0, 3, 4),
        (4.0, 4, 4),
        (5.0, 5, 4),
        (6.0, 6, 8),
        (7.0, 7, 8),
        (9.0, 9, 8),
        (12.0, 12, 8),
    ];
    let (_, numerator, denominator) =
        COUNTED.into_iter().find(|(count, ..)| (count - number).abs() < 0.01)?;
    Meter::new(numerator, denominator)
}

fn nearest_meter(text: &str) -> String {
    let meters = Meter::all().map(|meter| meter.to_string());
    meters.min_by_key(|meter| strsim::damerau_levenshtein(meter, text)).unwrap_or_default()
}
