//! A reference implementation of the network in candle's plain operations, with random weights.
//!
//! Written from the description, sharing nothing with the crate. Letters as in `model::transformer`; B batch.

use std::collections::HashMap;

use candle_core::{D, DType, Device, Result, Tensor};
use candle_nn::ops::{rms_norm, sigmoid, softmax_last_dim};
use candle_nn::rotary_emb::rope;

/// Sizes of a network.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub slots: [usize; 4],
    pub width: usize,
    pub n_layers: usize,
    pub n_heads: usize,
    pub n_kv_heads: usize,
    pub head_width: usize,
    pub hidden: usize,
    pub context_len: usize,
}

/// About what ships.
pub const FULL: Shape = Shape {
    slots: [215, 260, 200, 60],
    width: 192,
    n_layers: 8,
    n_heads: 6,
    n_kv_heads: 2,
    head_width: 32,
    hidden: 512,
    context_len: 2048,
};

/// Small, and with every size odd in some way: no multiple of a vector, a panel or a chunk.
pub const TINY: Shape = Shape {
    slots: [9, 70, 5, 3],
    width: 20,
    n_layers: 2,
    n_heads: 6,
    n_kv_heads: 2,
    head_width: 6,
    hidden: 33,
    context_len: 150,
};

pub const VOCAB_HASH: &str = "0123abcd";
const EPS: f32 = 1e-5;

/// A stream of numbers that look random.
pub struct Noise(pub u64);

impl Noise {
    pub fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        u32::try_from(self.0 >> 40).unwrap()
    }

    /// In -1..1.
    pub fn real(&mut self) -> f64 {
        f64::from(self.next()) / f64::from(1 << 23) - 1.0
    }

    pub fn tokens(&mut self, shape: &Shape, n: usize) -> Vec<[u32; 4]> {
        (0..n).map(|_| shape.slots.map(|n_ids| self.next() % u32::try_from(n_ids).unwrap())).collect()
    }
}

pub fn config_json(shape: &Shape) -> String {
    let Shape { slots, width, n_layers, n_heads, n_kv_heads, head_width, hidden, context_len } = shape;
    format!(
        r#"{{"name":"random","format":1,"vocab_hash":"{VOCAB_HASH}","slots":{slots:?},"width":{width},
        "n_layers":{n_layers},"n_heads":{n_heads},"n_kv_heads":{n_kv_heads},"head_width":{head_width},
        "hidden":{hidden},"context_len":{context_len},"rope_base":10000.0,"norm_eps":{EPS}}}"#
    )
}

/// Every key with its shape.
pub fn keys(shape: &Shape) -> Vec<(String, Vec<usize>)> {
    let (c, f) = (shape.width, shape.hidden);
    let (q, kv) = (shape.n_heads * shape.head_width, shape.n_kv_heads * shape.head_width);
    let mut keys = vec![("norm.weight".to_string(), vec![c])];
    for (s, n_ids) in shape.slots.iter().enumerate() {
        keys.push((format!("embed.{s}.weight"), vec![*n_ids, c]));
    }
    for i in 0..shape.n_layers {
        let of = [("attn_norm", vec![c]), ("q", vec![q, c]), ("k", vec![kv, c]), ("v", vec![kv, c])];
        let of = of.into_iter().chain([("o", vec![c, q]), ("mlp_norm", vec![c]), ("gate", vec![f, c])]);
        let of = of.chain([("up", vec![f, c]), ("down", vec![c, f])]);
        keys.extend(of.map(|(name, shape)| (format!("layers.{i}.{name}.weight"), shape)));
    }
    for s in 1..4 {
        let of = [("in_norm", vec![c]), ("up", vec![c, c]), ("down", vec![c, c]), ("out_norm", vec![c])];
        keys.extend(of.map(|(name, shape)| (format!("head.{s}.{name}.weight"), shape)));
    }
    keys
}

/// Random weights, half precision.
pub fn random(shape: &Shape, seed: u64) -> HashMap<String, Tensor> {
    let mut noise = Noise(seed);
    let tensor = |(key, shape): (String, Vec<usize>)| {
        let norm = shape.len() == 1;
        let scale = if norm { 0.2 } else { 1.7 / (*shape.last().unwrap() as f64).sqrt() };
        let numbers: Vec<_> = (0..shape.iter().product())
            .map(|_| noise.real() * scale + if norm { 1.0 } else { 0.0 })
            .collect();
        (key, Tensor::from_vec(numbers, shape, &Device::Cpu).unwrap().to_dtype(DType::F16).unwrap())
    };
    keys(shape).into_iter().map(tensor).collect()
}

/// The bytes of a safetensors file, as the format's description has them.
pub fn safetensors(tensors: &HashMap<String, Tensor>) -> Vec<u8> {
    let (mut header, mut data) = (Vec::new(), Vec::new());
    let mut keys: Vec<_> = tensors.keys().collect();
    keys.sort();
    for key in keys {
        let (tensor, start) = (&tensors[key], data.len());
        let dtype = match tensor.dtype() {
            DType::F16 => {
                let halves = tensor.flatten_all().unwrap().to_vec1::<half::f16>().unwrap();
                data.extend(halves.iter().flat_map(|x| x.to_le_bytes()));
                "F16"
            }
            _ => {
                let singles = tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
                data.extend(singles.iter().flat_map(|x| x.to_le_bytes()));
                "F32"
            }
        };
        let (shape, end) = (tensor.dims(), data.len());
        header.push(format!(
            r#""{key}":{{"dtype":"{dtype}","shape":{shape:?},"data_offsets":[{start},{end}]}}"#
        ));
    }
    let header = format!("{{{}}}", header.join(","));
    let mut bytes = u64::try_from(header.len()).unwrap().to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// The network.
pub struct Plain {
    shape: Shape,
    w: HashMap<String, Tensor>,
    /// (context_len, D/2)
    cos: Tensor,
    sin: Tensor,
}

/// Keys and values of each layer, (B, G, T, D).
pub type PlainCache = Vec<Option<(Tensor, Tensor)>>;

impl Plain {
    pub fn new(shape: &Shape, w: &HashMap<String, Tensor>) -> Result<Self> {
        let w = w.iter().map(|(key, t)| Ok((key.clone(), t.to_dtype(DType::F32)?))).collect::<Result<_>>()?;
        let (n, d) = (shape.context_len, shape.head_width);
        let angles: Vec<_> = (0..n)
            .flat_map(|pos| (0..d / 2).map(move |j| pos as f64 * 1e4f64.powf(-2.0 * j as f64 / d as f64)))
            .collect();
        let angles = Tensor::from_vec(angles, (n, d / 2), &Device::Cpu)?;
        let (cos, sin) = (angles.cos()?.to_dtype(DType::F32)?, angles.sin()?.to_dtype(DType::F32)?);
        Ok(Self { shape: *shape, w, cos, sin })
    }

    fn w(&self, key: &str) -> &Tensor {
        &self.w[&format!("{key}.weight")]
    }

    fn linear(&self, x: &Tensor, key: &str) -> Result<Tensor> {
        x.broadcast_matmul(&self.w(key).t()?)
    }

    /// `ids`: (B, T, S) → (B, T, C), normed. Appends to `cache`.
    pub fn trunk(&self, ids: &Tensor, cache: &mut PlainCache, pos: usize) -> Result<Tensor> {
        let Shape { width: c, n_layers, n_heads: h, n_kv_heads: g, head_width: d, .. } = self.shape;
        let (b, t, _) = ids.dims3()?;
        let mut x = Tensor::zeros((b, t, c), DType::F32, &Device::Cpu)?;
        for s in 0..4 {
            let ids = ids.narrow(D::Minus1, s, 1)?.flatten_all()?;
            x = (x + self.w(&format!("embed.{s}")).index_select(&ids, 0)?.reshape((b, t, c))?)?;
        }
        let (cos, sin) = (self.cos.narrow(0, pos, t)?, self.sin.narrow(0, pos, t)?);
        let hidden: Vec<f32> = (0..t)
            .flat_map(|i| (0..pos + t).map(move |j| if j > pos + i { f32::NEG_INFINITY } else { 0.0 }))
            .collect();
        let mask = Tensor::from_vec(hidden, (t, pos + t), &Device::Cpu)?;
        cache.resize(n_layers, None);
        for (i, cache) in cache.iter_mut().enumerate() {
            let key = |name: &str| format!("layers.{i}.{name}");
            let a = rms_norm(&x, self.w(&key("attn_norm")), EPS)?;
            let split = |x: Tensor, n| x.reshape((b, t, n, d))?.transpose(1, 2)?.contiguous(); // (B, n, T, D)
            let q = rope(&split(self.linear(&a, &key("q"))?, h)?, &cos, &sin)?;
            let mut k = rope(&split(self.linear(&a, &key("k"))?, g)?, &cos, &sin)?;
            let mut v = split(self.linear(&a, &key("v"))?, g)?;
            if let Some((old_k, old_v)) = cache {
                k = Tensor::cat(&[&*old_k, &k], 2)?;
                v = Tensor::cat(&[&*old_v, &v], 2)?;
            }
            *cache = Some((k.clone(), v.clone()));
            let q = q.reshape((b, g, h / g * t, d))?;
            let scores = (q.matmul(&k.t()?)? / (d as f64).sqrt())?.reshape((b, h, t, pos + t))?;
            let scores =
                softmax_last_dim(&scores.broadcast_add(&mask)?)?.reshape((b, g, h / g * t, pos + t))?;
            let y = scores.matmul(&v)?.reshape((b, h, t, d))?.transpose(1, 2)?.reshape((b, t, h * d))?;
            x = (x + self.linear(&y, &key("o"))?)?;
            let m = rms_norm(&x, self.w(&key("mlp_norm")), EPS)?;
            let m = (self.linear(&m, &key("gate"))?.silu()? * self.linear(&m, &key("up"))?)?;
            x = (x + self.linear(&m, &key("down"))?)?;
        }
        rms_norm(&x, self.w("norm"), EPS)
    }

    /// Logits of all slots. `u`: (N, C) from the trunk, `next`: (N, S) → S × (N, V).
    pub fn heads(&self, u: &Tensor, next: &Tensor) -> Result<Vec<Tensor>> {
        let mut logits = vec![self.linear(u, "embed.0")?];
        let mut u = u.clone();
        for s in 1..4 {
            let key = |name: &str| format!("head.{s}.{name}");
            let known = next.narrow(1, s - 1, 1)?.flatten_all()?;
            let z = (u + self.w(&format!("embed.{}", s - 1)).index_select(&known, 0)?)?;
            let inner = self.linear(&rms_norm(&z, self.w(&key("in_norm")), EPS)?, &key("up"))?;
            let inner = (&inner * sigmoid(&inner)?)?;
            u = (z + self.linear(&inner, &key("down"))?)?;
            logits.push(self.linear(&rms_norm(&u, self.w(&key("out_norm")), EPS)?, &format!("embed.{s}"))?);
        }
        Ok(logits)
    }
}

/// (N, S)
pub fn ids(tokens: &[[u32; 4]]) -> Tensor {
    Tensor::from_vec(tokens.concat(), (tokens.len(), 4), &Device::Cpu).unwrap()
}
