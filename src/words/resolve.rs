//! Turns the findings of the reader into [`Words`]; of findings that contradict each other, the one of highest weight
//! counts.

use super::effect::{Effect, Finding};
use super::lexicon::Stance;
use super::reader::Findings;
use super::settings::{Understood, Words};
use crate::music::Part;

/// What the findings in `text` ask for together.
pub(super) fn resolve(text: &str, findings: Findings) -> Words {
    let Findings { found, unknown, corrected } = findings;
    let slice = |finding: &Finding| text.get(finding.start..finding.end).unwrap_or_default().to_owned();
    let mut words = Words { unknown, ..Words::default() };
    let mut moods: Vec<(f32, f32)> = Vec::new();
    for one in &found {
        let winner = found
            .iter()
            .filter(|other| other.effect.contradicts(one.effect))
            .max_by_key(|other| other.weight)
            .filter(|winner| winner.effect != one.effect);
        let mut effect = one.effect.to_string();
        for word in corrected.iter().filter(|word| one.start <= word.start && word.end <= one.end) {
            let written = text.get(word.start..word.end).unwrap_or_default();
            effect += &format!("; {written:?} read as {:?}", word.name);
        }
        match winner {
            Some(winner) => effect += &format!("; overruled by {:?}", slice(winner)),
            None => one.effect.enter(&mut words, &mut moods),
        }
        let understood = Understood { words: slice(one), effect };
        // What is said twice counts where it is said last.
        words.understood.retain(|earlier| *earlier != understood);
        words.understood.push(understood);
    }
    if let Some((valence, arousal)) = middle(moods) {
        (words.valence, words.arousal) = (Some(valence), Some(arousal));
    }
    let stance = |part: Part| {
        let stances = found.iter().filter_map(move |finding| match finding.effect {
            Effect::Part(found_part, stance) if found_part == part => Some(stance),
            _ => None,
        });
        // "only" outlives a later bare mention of the part.
        stances.reduce(|earlier, later| match (earlier, later) {
            (Stance::Only, Stance::Named | Stance::With) => Stance::Only,
            (Stance::Named, Stance::With) => Stance::Named,
            _ => later,
        })
    };
    let having = |wanted: Stance| -> Vec<Part> {
        Part::ALL.into_iter().filter(|&part| stance(part) == Some(wanted)).collect()
    };
    words.without = having(Stance::Without);
    words.parts = having(Stance::Only);
    if words.parts.is_empty() {
        words.parts = having(Stance::Named);
        words.with = having(Stance::With);
    }
    words
}

/// The mean of `moods`, whatever their order; `None` if there are none.
fn middle(mut moods: Vec<(f32, f32)>) -> Option<(f32, f32)> {
    moods.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let (n, valence, arousal) = moods
        .iter()
        .fold((0.0, 0.0, 0.0), |(n, valence, arousal), mood| (n + 1.0, valence + mood.0, arousal + mood.1));
    (n > 0.0).then(|| (valence / n, arousal / n))
}
