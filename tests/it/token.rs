//! Conversion of phrases to tokens and back.

use descant::music::{Cell, Cells, Part, Phrase};
use descant::token::encode::{Quantised, VelocityView};
use descant::token::vocab::tone_id;
use descant::token::{Controls, Grammar, Harmony, Prompt, Repair, SLOT_SIZES, Slot, Symbol, Token, decode};
use proptest::prelude::*;

use crate::arbitrary::{cells, phrase_on_grid};

fn all_cells(phrase: &Phrase) -> Cells {
    let bars = 0..phrase.frame().n_bars_total();
    bars.flat_map(|bar| Part::ALL.map(|part| Cell { bar, part })).collect()
}

fn prompt(phrase: &Phrase, compose: Cells) -> Prompt {
    Prompt::new(phrase, compose, Controls::default(), Harmony::Composed).unwrap()
}

fn body(phrase: &Phrase, prompt: &Prompt) -> Vec<Token> {
    let view = Quantised::of(phrase, VelocityView::ALL);
    view.body(&prompt.plan()).into_iter().map(Symbol::to_token).collect()
}

/// Length of the shortest form of the prompt `symbols`: its prefix, the bars with a cell to compose, and `Compose`.
fn least_len(symbols: &[Symbol], prompt: &Prompt) -> usize {
    let planned: Vec<u32> = prompt.plan().bars.iter().map(|bar| bar.number).collect();
    let mut is_kept = true;
    let kept = symbols.iter().filter(|symbol| {
        match symbol {
            Symbol::Bar { number, .. } => is_kept = planned.contains(number),
            Symbol::Compose => is_kept = true,
            _ => {}
        }
        is_kept
    });
    kept.count()
}

proptest! {
    #[test]
    fn phrases_come_back_as_they_were(phrase in phrase_on_grid(16)) {
        let prompt = prompt(&phrase, all_cells(&phrase));
        let (again, repairs) = decode(&body(&phrase, &prompt), &phrase);
        prop_assert_eq!(repairs, vec![]);
        prop_assert_eq!(again, phrase);
    }

    #[test]
    fn a_selection_comes_back_and_nothing_else((phrase, compose) in phrase_on_grid(8).prop_flat_map(|phrase| {
        let cells = cells(&phrase);
        (Just(phrase), cells)
    })) {
        let prompt = prompt(&phrase, compose.clone());
        let (again, _) = decode(&body(&phrase, &prompt), &phrase);
        for cell in all_cells(&phrase) {
            let (composed, given) = (again.cell(cell), prompt.given().cell(cell));
            if compose.contains(&cell) {
                prop_assert_eq!(composed, phrase.cell(cell));
                prop_assert!(given.is_empty());
            } else {
                prop_assert!(composed.is_empty());
                prop_assert_eq!(given, phrase.cell(cell));
            }
        }
    }

    #[test]
    fn the_grammar_allows_every_body(phrase in phrase_on_grid(8)) {
        let prompt = prompt(&phrase, all_cells(&phrase));
        let mut grammar = Grammar::new(&prompt.plan());
        for token in body(&phrase, &prompt) {
            for slot in Slot::ALL {
                let before = &token.0[..slot.index()];
                prop_assert!(grammar.mask(slot, before).allows(token.0[slot.index()]), "{:?} {slot:?}", Symbol::from_token(token));
            }
            grammar.advance(token);
        }
        prop_assert!(grammar.is_complete());
        prop_assert!(grammar.mask(Slot::Kind, &[]).sole().is_none());
    }

    /// Whatever is drawn within the grammar ends and decodes; what needs a repair is only notes that reach past the
    /// phrase or MIDI's pitches, which are the business of constraints.
    #[test]
    fn whatever_the_grammar_allows_decodes(phrase in phrase_on_grid(4), draws in prop::collection::vec(any::<u32>(), 600)) {
        let prompt = prompt(&phrase, all_cells(&phrase));
        let mut grammar = Grammar::new(&prompt.plan());
        let mut body = Vec::new();
        let mut draws = draws.into_iter().cycle();
        while !grammar.is_complete() {
            let mut token = Token::default();
            for slot in Slot::ALL {
                let allowed: Vec<u16> = grammar.mask(slot, &token.0[..slot.index()]).allowed().collect();
                prop_assert!(!allowed.is_empty());
                let draw = usize::try_from(draws.next().unwrap()).unwrap();
                token.0[slot.index()] = allowed[draw % allowed.len()];
            }
            grammar.advance(token);
            body.push(token);
        }
        let (_, repairs) = decode(&body, &phrase);
        let is_range = |repair: &Repair| matches!(repair, Repair::Trimmed(_) | Repair::Incomplete(_));
        prop_assert!(repairs.iter().all(is_range), "{repairs:?}");
    }

    #[test]
    fn any_ids_decode(phrase in phrase_on_grid(2), ids in prop::collection::vec(prop::array::uniform4(0u16..400), 0..200)) {
        let body: Vec<Token> = ids.into_iter().map(Token).collect();
        let (decoded, _) = decode(&body, &phrase);
        prop_assert_eq!(decoded.frame(), phrase.frame());
    }

    #[test]
    fn a_prompt_says_what_is_given_and_fits((phrase, compose, limit) in phrase_on_grid(12).prop_flat_map(|phrase| {
        let cells = cells(&phrase);
        (Just(phrase), cells, 40usize..400)
    })) {
        let prompt = prompt(&phrase, compose.clone());
        let (symbols, n_dropped) = prompt.to_symbols(usize::MAX);
        prop_assert_eq!(n_dropped, 0);
        prop_assert_eq!((symbols.first(), symbols.last()), (Some(&Symbol::Begin), Some(&Symbol::Compose)));
        let n_notes = symbols.iter().filter(|symbol| matches!(symbol, Symbol::Note { .. })).count();
        prop_assert_eq!(n_notes, prompt.given().all_notes().count());
        let (tokens, n_dropped) = prompt.to_tokens(limit);
        let least = least_len(&symbols, &prompt);
        prop_assert!(tokens.len() <= limit.max(least), "{} of {limit}, least {least}", tokens.len());
        prop_assert!(n_dropped > 0 || tokens.len() == symbols.len());
        prop_assert!(tokens.iter().all(|token| token.0.iter().zip(SLOT_SIZES).all(|(&id, size)| id < size)));
    }
}

#[test]
fn pitch_is_relative_to_the_tonic() {
    use descant::token::Tone;
    let ids = [Tone::Pitched(-6), Tone::Pitched(132), Tone::Drum(27), Tone::Drum(87)].map(tone_id);
    assert_eq!(ids, [2, 140, 141, 201]);
}
