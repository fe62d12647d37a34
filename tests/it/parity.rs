//! Logits equal those of the training code.

use std::fs;
use std::path::Path;

use candle_core::safetensors::load;
use candle_core::{Device, Tensor};
use descant::compose::library::shipped;
use descant::model::{Network, Weights, nats};

use crate::root;

/// Written by `models/training/export.py --tiny tests/data/parity`.
#[test]
fn a_tiny_network_agrees_with_training() {
    let folder = root().join("tests/data/parity");
    let config = fs::read_to_string(folder.join("config.json")).unwrap();
    let weights = fs::read(folder.join("model.safetensors")).unwrap();
    let weights = Weights::shared(&config, &weights, "tiny").unwrap();
    check(&Network::new(weights), &folder.join("parity.safetensors"));
}

/// Written by `models/training/export.py --fixture models/descant-1/model.safetensors`.
#[test]
fn the_shipped_network_agrees_with_training() {
    check(&shipped::network().unwrap(), &root().join("tests/data/parity/descant-1.safetensors"));
}

fn check(network: &Network, fixture: &Path) {
    let fixture = load(fixture, &Device::Cpu).unwrap();
    let table = |tensor: &Tensor| tensor.to_vec2::<f32>().unwrap();
    let ids: Vec<Vec<i64>> = fixture["ids"].to_vec2().unwrap();
    let tokens: Vec<[u32; 4]> =
        ids.iter().map(|ids| std::array::from_fn(|s| u32::try_from(ids[s]).unwrap())).collect();

    let losses = network.nats(&tokens, &vec![15; tokens.len()]).unwrap();
    let mut session = network.session(1, tokens.len()).unwrap();
    assert!(tokens.len() > 32, "the fixture must be longer than a chunk of a prompt");
    for slot in 0..4 {
        session.truncate(0, 0);
        let expect = table(&fixture[&format!("logits.{slot}")]); // (T-1, V)
        assert_eq!(expect.len(), tokens.len() - 1);
        for (t, expect) in expect.iter().enumerate() {
            session.step(&[0], &[tokens[t]]).unwrap();
            let next = tokens[t + 1];
            let got = session.slot_logits(slot, &[0], &[next]).unwrap();
            let worst = got.iter().zip(expect).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(worst < 1e-3 && got.len() == expect.len(), "slot {slot} after token {t}: off by {worst}");
            let loss = nats(expect, None, next[slot]);
            assert!((losses[t + 1][slot] - loss).abs() < 1e-3, "slot {slot} of token {}", t + 1);
        }
    }
}
