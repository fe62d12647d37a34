//! Benchmarks of the steps of composing: prefill, a decode step, a draw, a mask, and conversion of phrases to tokens
//! and back.
//!
//! The network has random weights, on which the cost of a step does not depend.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss, reason = "a benchmark fails as tests do")]

use std::sync::Arc;

use descant::model::{DrawKey, Network, Sampler, SamplingParams, Session, Token, Weights};
use descant::music::{
    Cell, Frame, Key, Meter, Note, Part, Phrase, Pitch, Progression, TickDuration, TickInstant,
};
use descant::token::encode::{Quantised, VelocityView};
use descant::token::{self, Controls, Grammar, Harmony, Prompt, Slot, Symbol};
use divan::Bencher;
use plain::{FULL, Noise, Plain, config_json, ids, random, safetensors};

#[allow(dead_code, reason = "shared with the tests, which use all of it")]
#[path = "../it/plain.rs"]
mod plain;

/// Tokens of the prompt: some sixteen bars of five parts.
const PROMPT_LEN: usize = 500;

fn main() {
    divan::main();
}

fn network() -> Network {
    let bytes = safetensors(&random(&FULL, 1));
    Network::new(Arc::new(Weights::from_bytes(&config_json(&FULL), &bytes, plain::VOCAB_HASH).unwrap()))
}

/// A session of `n` candidates that have read the prompt, their numbers, and a token for each.
fn batch(n: usize) -> (Session, Vec<usize>, Vec<Token>) {
    let mut session = network().session(n, PROMPT_LEN + 1).unwrap();
    session.prefill(0, &Noise(2).tokens(&FULL, PROMPT_LEN)).unwrap();
    session.broadcast();
    (session, (0..n).collect(), Noise(3).tokens(&FULL, n))
}

/// Takes the last step back, so that each one is timed at the same place.
fn take_back(session: &mut Session) {
    (0..session.n_candidates()).for_each(|candidate| session.truncate(candidate, PROMPT_LEN));
}

#[divan::bench]
fn prefill(bencher: Bencher) {
    let network = network();
    let prompt = Noise(2).tokens(&FULL, PROMPT_LEN);
    bencher
        .counter(divan::counter::ItemsCount::new(PROMPT_LEN))
        .with_inputs(|| network.session(1, PROMPT_LEN).unwrap())
        .bench_refs(|session| session.prefill(0, &prompt).unwrap());
}

/// The trunk alone.
#[divan::bench(args = [1, 2, 4, 8])]
fn step(bencher: Bencher, n: usize) {
    let (mut session, who, tokens) = batch(n);
    bencher.bench_local(|| {
        take_back(&mut session);
        session.step(&who, &tokens).unwrap();
    });
}

/// The trunk and the logits of all four slots.
#[divan::bench(args = [1, 2, 4, 8])]
fn step_and_slots(bencher: Bencher, n: usize) {
    let (mut session, who, tokens) = batch(n);
    bencher.bench_local(|| {
        take_back(&mut session);
        session.step(&who, &tokens).unwrap();
        for slot in 0..4 {
            divan::black_box(session.slot_logits(slot, &who, &tokens).unwrap());
        }
    });
}

/// The trunk in candle's plain operations, for comparison.
#[divan::bench(args = [1, 8], sample_count = 30)]
fn step_in_candle(bencher: Bencher, n: usize) {
    let plain = Plain::new(&FULL, &random(&FULL, 1)).unwrap();
    let prompt = ids(&Noise(2).tokens(&FULL, PROMPT_LEN)).unsqueeze(0).unwrap().repeat((n, 1, 1)).unwrap();
    let mut cache = Vec::new();
    plain.trunk(&prompt, &mut cache, 0).unwrap();
    let next = prompt.narrow(1, 0, 1).unwrap();
    // candle never writes into keys and values that it has: a copy of the list is the cache before the step.
    bencher
        .with_inputs(|| cache.clone())
        .bench_local_values(|mut cache| plain.trunk(&next, &mut cache, PROMPT_LEN).unwrap());
}

#[divan::bench]
fn sample_slot(bencher: Bencher) {
    let mut noise = Noise(4);
    let logits: Vec<f32> = (0..FULL.slots[1]).map(|_| noise.next() as f32 / (1 << 22) as f32).collect();
    let forbidden: Vec<bool> = (0..FULL.slots[1]).map(|id| id % 2 == 0).collect();
    let params = SamplingParams { temperature: 0.95, top_k: 0, top_p: 0.95 };
    let mut sampler = Sampler::new();
    let mut step = 0;
    bencher.bench_local(|| {
        step += 1;
        sampler.draw(&logits, &forbidden, &params, DrawKey { seed: 1, take: 0, step, slot: 1 })
    });
}

/// Eight bars of melody and bass in eighths.
fn phrase() -> Phrase {
    let frame = Frame::new(Meter::COMMON, 8, Key::C_MAJOR, 120.0);
    let line = |low: u32| -> Vec<Note> {
        let pitch = |at: u32| Pitch::clamped(i32::try_from(low + at * 7 % 12).unwrap());
        let at = |eighth: u32| TickInstant::from_steps(6 * eighth);
        (0..64).map(|eighth| Note::new(at(eighth), TickDuration::from_steps(6), pitch(eighth), 80)).collect()
    };
    let mut parts: [Vec<Note>; 5] = Default::default();
    parts[Part::Bass.index()] = line(36);
    parts[Part::Melody.index()] = line(60);
    Phrase::new(frame, Progression::default(), parts).unwrap()
}

/// The request that `phrase` answers.
fn prompt(phrase: &Phrase) -> Prompt {
    let bars = 0..phrase.frame().n_bars_total();
    let cells = bars.flat_map(|bar| phrase.parts().map(move |part| Cell { bar, part })).collect();
    Prompt::new(phrase, cells, Controls::default(), Harmony::Off).unwrap()
}

fn encoded(phrase: &Phrase, prompt: &Prompt) -> Vec<token::Token> {
    let body = Quantised::of(phrase, VelocityView::ALL).body(&prompt.plan());
    body.into_iter().map(Symbol::to_token).collect()
}

/// The masks of the four slots of a note.
#[divan::bench]
fn grammar_mask(bencher: Bencher) {
    let phrase = phrase();
    let prompt = prompt(&phrase);
    let mut grammar = Grammar::new(&prompt.plan());
    let body = encoded(&phrase, &prompt);
    body[..5].iter().for_each(|token| grammar.advance(*token));
    let next = body[5];
    bencher.bench_local(|| {
        Slot::ALL.map(|slot| grammar.mask(divan::black_box(slot), &next.0[..slot.index()]).sole())
    });
}

#[divan::bench]
fn encode_phrase(bencher: Bencher) {
    let phrase = phrase();
    let prompt = prompt(&phrase);
    bencher.bench_local(|| encoded(divan::black_box(&phrase), &prompt));
}

#[divan::bench]
fn decode_phrase(bencher: Bencher) {
    let phrase = phrase();
    let prompt = prompt(&phrase);
    let body = encoded(&phrase, &prompt);
    bencher.bench_local(|| token::decode(divan::black_box(&body), prompt.given()));
}
