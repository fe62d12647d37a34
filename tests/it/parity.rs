//! Logits as the training code computes them, on a tiny model.

use std::path::Path;

use candle_core::safetensors::load;
use candle_core::{Device, Tensor};
use descant::model::{Network, Weights, nats};

/// Written by `models/training/export.py --tiny tests/data/parity`.
const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/parity");

#[test]
fn logits_agree_with_training() {
    let folder = Path::new(FIXTURE);
    let network = Network::new(Weights::from_folder(folder, "tiny").unwrap());
    let fixture = load(folder.join("parity.safetensors"), &Device::Cpu).unwrap();
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
