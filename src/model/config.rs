//! The shape of a network, read from `config.json` and checked once.

use serde::{Deserialize, Serialize};

use super::{ModelError, SLOTS};

/// The layout of `config.json` this version reads.
const FORMAT: u32 = 1;

/// What `config.json` holds. The values of a loaded configuration have been checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelConfig {
    /// The model's name, for people.
    pub name: String,
    /// Layout of this file and of the weights' keys; 1.
    pub format: u32,
    /// Hash of the vocabulary the weights were trained with.
    pub vocab_hash: String,
    /// Ids of each slot's vocabulary, `1..=65536`, one a slot.
    pub slots: Vec<usize>,
    /// C: numbers that stand for one token, `1..=4096`.
    pub width: usize,
    /// Layers, `1..=64`.
    pub n_layers: usize,
    /// H: query heads, `1..=64`, a multiple of `n_kv_heads`.
    pub n_heads: usize,
    /// G: key-value heads.
    pub n_kv_heads: usize,
    /// D: numbers of one head, even, `2..=256`.
    pub head_width: usize,
    /// F: numbers inside a layer's second half, `1..=16384`.
    pub hidden: usize,
    /// Most compound tokens attended to, `1..=65536`.
    pub context_len: usize,
    /// Base of the rotary angles, above 1.
    pub rope_base: f64,
    /// Added to the mean square in norms, above 0, at most 0.1.
    pub norm_eps: f32,
}

impl ModelConfig {
    /// Reads and checks the text of a `config.json`.
    ///
    /// # Errors
    ///
    /// [`ModelError::Config`] names the first value that is missing or out of range.
    pub fn from_json(text: &str) -> Result<Self, ModelError> {
        let config: Self = serde_json::from_str(text).map_err(|e| ModelError::Config(e.to_string()))?;
        config.check().map_err(ModelError::Config)?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        if self.format != FORMAT {
            return Err(format!(
                "format {} cannot be read by this version, which reads {FORMAT}",
                self.format
            ));
        }
        if self.slots.len() != SLOTS {
            return Err(format!("slots has {} vocabularies, not {SLOTS}", self.slots.len()));
        }
        for n_ids in &self.slots {
            within("slots", *n_ids, 1, 65536)?;
        }
        within("width", self.width, 1, 4096)?;
        within("n_layers", self.n_layers, 1, 64)?;
        within("n_heads", self.n_heads, 1, 64)?;
        within("n_kv_heads", self.n_kv_heads, 1, self.n_heads)?;
        within("head_width", self.head_width, 2, 256)?;
        within("hidden", self.hidden, 1, 16384)?;
        within("context_len", self.context_len, 1, 65536)?;
        if !self.n_heads.is_multiple_of(self.n_kv_heads) {
            return Err(format!(
                "n_heads {} is not a multiple of n_kv_heads {}",
                self.n_heads, self.n_kv_heads
            ));
        }
        if !self.head_width.is_multiple_of(2) {
            return Err(format!("head_width {} is odd, and rotary positions need pairs", self.head_width));
        }
        if !(self.rope_base > 1.0 && self.rope_base.is_finite()) {
            return Err(format!("rope_base {} is not above 1", self.rope_base));
        }
        if !(self.norm_eps > 0.0 && self.norm_eps <= 0.1) {
            return Err(format!("norm_eps {} is not in (0, 0.1]", self.norm_eps));
        }
        Ok(())
    }
}

fn within(name: &str, value: usize, least: usize, most: usize) -> Result<(), String> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(format!("{name} {value} is not in {least}..={most}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"name":"descant-1","format":1,"vocab_hash":"ab","slots":[9,8,7,6],"width":16,"n_layers":2,
        "n_heads":4,"n_kv_heads":2,"head_width":4,"hidden":24,"context_len":64,"rope_base":10000.0,"norm_eps":1e-5}"#;

    #[test]
    fn reads_what_training_writes() {
        let config = ModelConfig::from_json(GOOD).unwrap();
        assert_eq!((config.slots, config.width, config.norm_eps), (vec![9, 8, 7, 6], 16, 1e-5));
    }

    #[test]
    fn names_the_value_that_is_wrong() {
        for (from, to, expect) in [
            ("\"format\":1", "\"format\":2", "format 2"),
            ("[9,8,7,6]", "[9,8,7]", "slots has 3"),
            ("[9,8,7,6]", "[9,8,7,0]", "slots 0"),
            ("\"width\":16", "\"width\":0", "width 0"),
            ("\"width\":16", "\"width\":-1", "invalid value"),
            ("\"n_layers\":2", "\"n_layers\":65", "n_layers 65"),
            ("\"n_kv_heads\":2", "\"n_kv_heads\":3", "not a multiple"),
            ("\"n_kv_heads\":2", "\"n_kv_heads\":0", "n_kv_heads 0"),
            ("\"head_width\":4", "\"head_width\":5", "head_width 5 is odd"),
            ("\"context_len\":64", "\"context_len\":99999999", "context_len"),
            ("\"rope_base\":10000.0", "\"rope_base\":1.0", "rope_base"),
            ("\"norm_eps\":1e-5", "\"norm_eps\":0", "norm_eps"),
            ("\"hidden\":24,", "", "hidden"),
            ("{", "", "config.json"),
        ] {
            let error = ModelConfig::from_json(&GOOD.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.contains(expect), "{to}: {error}");
        }
    }
}
