//! The network compared with candle's plain operations and with itself in other batches; broken weight files.

use std::collections::HashMap;
use std::iter::zip;
use std::sync::Arc;

use candle_core::{DType, Tensor};
use descant::model::{ModelError, Network, Session, Token, Weights, nats};

use crate::plain::{FULL, Noise, Plain, Shape, TINY, VOCAB_HASH, config_json, ids, random, safetensors};

type Tensors = HashMap<String, Tensor>;

fn network(shape: &Shape, seed: u64) -> Network {
    let bytes = safetensors(&random(shape, seed));
    Network::new(Arc::new(Weights::from_bytes(&config_json(shape), &bytes, VOCAB_HASH).unwrap()))
}

/// Logits of all slots of the next token, which is `next`.
fn all_logits(session: &mut Session, candidate: usize, next: Token) -> Vec<f32> {
    (0..4).flat_map(|slot| session.slot_logits(slot, &[candidate], &[next]).unwrap().to_vec()).collect()
}

fn bits(x: &[f32]) -> Vec<u32> {
    x.iter().map(|x| x.to_bits()).collect()
}

/// Logits of each token but the first, read in pieces as long as `cuts` say in turn.
fn read_in(network: &Network, tokens: &[Token], cuts: &[usize]) -> Vec<f32> {
    let mut session = network.session(1, tokens.len()).unwrap();
    let (mut at, mut logits) = (0, Vec::new());
    for cut in cuts.iter().cycle() {
        let end = (at + cut).min(tokens.len());
        session.prefill(0, &tokens[at..end]).unwrap();
        at = end;
        let Some(next) = tokens.get(at) else { return logits };
        logits.extend(all_logits(&mut session, 0, *next));
    }
    logits
}

#[test]
fn agrees_with_plain_operations() {
    for (shape, n) in [(TINY, 90), (FULL, 40)] {
        let (network, tokens) = (network(&shape, 3), Noise(4).tokens(&shape, n));
        let plain = Plain::new(&shape, &random(&shape, 3)).unwrap();
        let u = plain.trunk(&ids(&tokens[..n - 1]).unsqueeze(0).unwrap(), &mut Vec::new(), 0).unwrap();
        let expect = plain.heads(&u.squeeze(0).unwrap(), &ids(&tokens[1..])).unwrap();
        let expect: Vec<Vec<Vec<f32>>> = expect.iter().map(|logits| logits.to_vec2().unwrap()).collect();

        let mut session = network.session(1, n).unwrap();
        for (t, next) in (0..).zip(&tokens[1..]) {
            session.step(&[0], &[tokens[t]]).unwrap();
            let got = all_logits(&mut session, 0, *next);
            let expect: Vec<_> = expect.iter().flat_map(|slot| slot[t].clone()).collect();
            let worst = zip(&got, &expect).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst < 1e-4 && got.len() == expect.len(), "token {t}: {worst}");
        }
        let losses = network.nats(&tokens, &vec![15; n]).unwrap();
        for (t, loss) in losses.iter().enumerate().skip(1) {
            for s in 0..4 {
                let expect = nats(&expect[s][t - 1], None, tokens[t][s]);
                assert!((loss[s] - expect).abs() < 1e-4, "token {t} slot {s}: {} {expect}", loss[s]);
            }
        }
    }
}

#[test]
fn pieces_of_a_prompt_change_no_bit() {
    for (shape, n) in [(TINY, 150), (FULL, 36)] {
        let (network, tokens) = (network(&shape, 5), Noise(6).tokens(&shape, n));
        let one_by_one = read_in(&network, &tokens, &[1]);
        let per_token = shape.slots.iter().sum::<usize>();
        let last = &one_by_one[one_by_one.len() - per_token..];
        for cuts in [&[n - 1][..], &[2, 3, 31], &[32], &[33, 7], &[64, 65]] {
            let mut got = read_in(&network, &tokens[..n - 1], cuts);
            // The last piece ends before the last token, wherever the cuts fall.
            let mut session = network.session(1, n).unwrap();
            session.prefill(0, &tokens[..n - 1]).unwrap();
            got.extend(all_logits(&mut session, 0, tokens[n - 1]));
            assert_eq!(bits(&got[got.len() - per_token..]), bits(last), "{cuts:?}");
            let mut at = 0;
            for (cut, got) in zip(cuts.iter().cycle(), got.chunks(per_token)) {
                at = (at + cut).min(n - 1);
                assert_eq!(
                    bits(got),
                    bits(&one_by_one[(at - 1) * per_token..][..per_token]),
                    "{cuts:?} at {at}"
                );
            }
        }
    }
}

#[test]
fn a_candidate_is_the_same_alone_and_in_any_batch() {
    for (shape, prompt, n) in [(TINY, 40, 60), (FULL, 20, 4)] {
        let network = network(&shape, 7);
        let prompt = Noise(8).tokens(&shape, prompt);
        let futures: Vec<_> = (0..9).map(|b| Noise(100 + b).tokens(&shape, n)).collect();
        let alone: Vec<Vec<Vec<u32>>> = futures
            .iter()
            .map(|tokens| {
                let mut session = network.session(1, shape.context_len).unwrap();
                session.prefill(0, &prompt).unwrap();
                let logits = tokens.iter().map(|token| {
                    let logits = bits(&all_logits(&mut session, 0, *token));
                    session.step(&[0], &[*token]).unwrap();
                    logits
                });
                logits.collect()
            })
            .collect();
        for n_candidates in [2, 3, 8, 9] {
            let mut session = network.session(n_candidates, prompt.len() + n).unwrap();
            session.prefill(0, &prompt).unwrap();
            session.broadcast();
            let mut noise = Noise(9);
            // Candidates advance at their own pace, in an order of their own.
            while (0..n_candidates).any(|b| session.n_tokens(b) < prompt.len() + n) {
                let mut who: Vec<usize> = (0..n_candidates)
                    .filter(|b| session.n_tokens(*b) < prompt.len() + n && !noise.next().is_multiple_of(4))
                    .collect();
                if noise.next().is_multiple_of(2) {
                    who.reverse();
                }
                let at: Vec<_> = who.iter().map(|b| session.n_tokens(*b) - prompt.len()).collect();
                let tokens: Vec<_> = zip(&who, &at).map(|(b, at)| futures[*b][*at]).collect();
                let mut got = vec![Vec::new(); who.len()];
                for slot in 0..4 {
                    let logits = session.slot_logits(slot, &who, &tokens).unwrap();
                    for (got, logits) in zip(&mut got, logits.chunks(shape.slots[slot])) {
                        got.extend(bits(logits));
                    }
                }
                for (row, (b, at)) in zip(&who, &at).enumerate() {
                    assert_eq!(got[row], alone[*b][*at], "candidate {b} of {n_candidates}, token {at}");
                }
                session.step(&who, &tokens).unwrap();
            }
        }
    }
}

#[test]
fn slots_may_be_skipped_and_taken_back() {
    let network = network(&TINY, 11);
    let mut session = network.session(1, 10).unwrap();
    session.prefill(0, &Noise(12).tokens(&TINY, 5)).unwrap();
    let next = [3, 4, 2, 1];
    let third = session.slot_logits(3, &[0], &[next]).unwrap().to_vec();
    let in_turn = all_logits(&mut session, 0, next);
    assert_eq!(bits(&third), bits(&in_turn[in_turn.len() - 3..]));
    let other = session.slot_logits(3, &[0], &[[3, 5, 2, 1]]).unwrap().to_vec();
    assert_ne!(bits(&third), bits(&other));
    assert_eq!(bits(&third), bits(session.slot_logits(3, &[0], &[[3, 4, 2, 0]]).unwrap()));
}

#[test]
fn truncating_forgets() {
    let network = network(&TINY, 13);
    let tokens = Noise(14).tokens(&TINY, 100);
    let mut fresh = network.session(1, 100).unwrap();
    fresh.prefill(0, &tokens[..70]).unwrap();
    let mut session = network.session(2, 100).unwrap();
    session.prefill(1, &tokens).unwrap();
    session.truncate(1, 66);
    assert!(matches!(session.slot_logits(0, &[1], &[[0; 4]]), Err(ModelError::Call(_))));
    session.prefill(1, &tokens[66..70]).unwrap();
    assert_eq!(session.n_tokens(1), 70);
    assert_eq!(bits(&all_logits(&mut session, 1, [1; 4])), bits(&all_logits(&mut fresh, 0, [1; 4])));
}

#[test]
fn a_full_context_is_an_error_and_changes_nothing() {
    let network = network(&TINY, 15);
    assert!(matches!(network.session(1, 151), Err(ModelError::ContextFull { n_tokens: 151, capacity: 150 })));
    let tokens = Noise(16).tokens(&TINY, 151);
    assert!(matches!(network.nats(&tokens, &[0; 151]), Err(ModelError::ContextFull { .. })));
    let mut session = network.session(2, 10).unwrap();
    session.prefill(0, &tokens[..10]).unwrap();
    let before = all_logits(&mut session, 0, tokens[10]);
    assert!(matches!(session.step(&[1, 0], &tokens[..2]), Err(ModelError::ContextFull { n_tokens: 11, .. })));
    assert!(matches!(session.prefill(1, &tokens[..11]), Err(ModelError::ContextFull { .. })));
    assert_eq!((session.n_tokens(0), session.n_tokens(1)), (10, 0));
    assert_eq!(bits(&before), bits(&all_logits(&mut session, 0, tokens[10])));
}

#[test]
fn wrong_calls_are_errors() {
    let network = network(&TINY, 17);
    let mut session = network.session(2, 10).unwrap();
    let id = |result: Result<(), ModelError>| matches!(result, Err(ModelError::Id { .. }));
    let call = |result: Result<(), ModelError>| matches!(result, Err(ModelError::Call(_)));
    assert!(id(session.prefill(0, &[[0; 4], [9, 0, 0, 0]])));
    assert_eq!(session.n_tokens(0), 0);
    assert!(id(session.step(&[0, 1], &[[0; 4], [0, 0, 0, u32::MAX]])));
    assert_eq!(session.n_tokens(0), 0);
    assert!(call(session.step(&[0, 0], &[[0; 4]; 2])));
    assert!(call(session.step(&[2], &[[0; 4]])));
    assert!(call(session.step(&[0], &[])));
    assert!(call(session.prefill(5, &[[0; 4]])));
    assert!(call(session.slot_logits(0, &[0], &[[0; 4]]).map(|_| ())));
    session.step(&[0], &[[0; 4]]).unwrap();
    assert!(call(session.slot_logits(4, &[0], &[[0; 4]]).map(|_| ())));
    assert!(id(session.slot_logits(1, &[0], &[[9, 0, 0, 0]]).map(|_| ())));
    assert!(session.slot_logits(1, &[0], &[[8, 99, 99, 99]]).is_ok());
    assert!(call(network.session(0, 10).map(|_| ())));
    assert!(call(network.nats(&[[0; 4]], &[]).map(|_| ())));
    assert!(id(network.nats(&[[0; 4], [0, 70, 0, 0]], &[15, 15]).map(|_| ())));
}

#[test]
fn only_what_counts_has_a_loss() {
    let network = network(&TINY, 18);
    let tokens = Noise(19).tokens(&TINY, 50);
    let all = network.nats(&tokens, &[15; 50]).unwrap();
    let bits: Vec<u8> = (0..50).map(|t| (t * 7) % 256).map(|t| u8::try_from(t).unwrap()).collect();
    let some = network.nats(&tokens, &bits).unwrap();
    for t in 0..50 {
        for s in 0..4 {
            let expect = if t > 0 && bits[t] >> s & 1 == 1 { all[t][s] } else { 0.0 };
            assert_eq!(some[t][s].to_bits(), expect.to_bits(), "token {t} slot {s}");
        }
    }
}

#[test]
fn weights_are_shared_and_named_by_their_bytes() {
    let (config, bytes) = (config_json(&TINY), safetensors(&random(&TINY, 20)));
    let a = Weights::shared(&config, &bytes, VOCAB_HASH).unwrap();
    let b = Weights::shared(&config, &bytes, VOCAB_HASH).unwrap();
    assert!(Arc::ptr_eq(&a, &b));
    assert!(a.model_hash().len() == 16 && a.model_hash().chars().all(|c| c.is_ascii_hexdigit()));
    let other = Weights::shared(&config, &safetensors(&random(&TINY, 21)), VOCAB_HASH).unwrap();
    assert_ne!(a.model_hash(), other.model_hash());
    let renamed = Weights::shared(&config.replace("random", "other"), &bytes, VOCAB_HASH).unwrap();
    assert!(!Arc::ptr_eq(&a, &renamed) && renamed.config().name == "other");
    let weak = Arc::downgrade(&a);
    drop((a, b));
    assert!(weak.upgrade().is_none(), "the last user frees them");
}

#[test]
fn broken_weights_say_what_is_wrong() {
    let good = random(&TINY, 22);
    let load =
        |tensors: &Tensors| Weights::from_bytes(&config_json(&TINY), &safetensors(tensors), VOCAB_HASH);
    let fails = |change: &dyn Fn(&mut Tensors), expect: &[&str]| {
        let mut tensors = good.clone();
        change(&mut tensors);
        let error = load(&tensors).unwrap_err().to_string();
        assert!(expect.iter().all(|part| error.contains(part)), "{error}");
    };
    load(&good).unwrap();
    for key in good.keys() {
        fails(&|t| drop(t.remove(key)), &["no tensor", key]);
        fails(&|t| drop(t.insert(key.clone(), t["embed.3.weight"].narrow(1, 1, 19).unwrap())), &[key, "19]"]);
        fails(&|t| drop(t.insert(key.clone(), t[key].to_dtype(DType::F32).unwrap())), &[key, "F32"]);
        fails(&|t| drop(t.insert(key.clone(), (&t[key] * f64::NAN).unwrap())), &[key, "not-a-number"]);
    }
    fails(
        &|t| drop(t.insert("layers.2.q.weight".into(), t["norm.weight"].clone())),
        &["unknown", "layers.2.q"],
    );
    let error =
        Weights::from_bytes(&config_json(&TINY), &safetensors(&good), "ffff").unwrap_err().to_string();
    assert!(error.contains("trained with another vocabulary (0123abcd, this version has ffff)"), "{error}");
}

#[test]
fn damaged_bytes_never_panic() {
    let (config, good) = (config_json(&TINY), safetensors(&random(&TINY, 23)));
    let header = usize::try_from(u64::from_le_bytes(good[..8].try_into().unwrap())).unwrap() + 8;
    let mut noise = Noise(24);
    for len in (0..header).step_by(7).chain([header, good.len() - 1]) {
        assert!(Weights::from_bytes(&config, &good[..len], VOCAB_HASH).is_err(), "cut at {len}");
    }
    for _ in 0..3000 {
        let mut bytes = good.clone();
        let at = usize::try_from(noise.next()).unwrap() % header;
        bytes[at] ^= 1 << (noise.next() % 8);
        // A flip may leave a valid file (in blank space): not panicking is what is asked.
        let _ = Weights::from_bytes(&config, &bytes, VOCAB_HASH);
    }
}
