//! The shape of a network, read from `config.json` and checked once.

use serde::{Deserialize, Serialize};

use super::{ModelError, SLOTS};

/// The layout of `config.json` this version reads.
const FORMAT: u32 = 1;

/// Most numbers in the KV cache of a candidate: 64 MiB, eight times that of the model that ships. The limit is needed
/// because the size follows from the configuration alone, and nothing in the file of the weights bounds it.
const MAX_CACHED: usize = 1 << 24;

/// Most letters of a name.
const MAX_NAME: usize = 64;

/// Most letters of an unknown kind that are shown.
const MAX_SHOWN: usize = 40;

/// The kind of a network: its purpose, and so the code that runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Composes phrases token by token: [`Network`](super::Network). A configuration that names no kind is of this one.
    #[default]
    PhraseTransformer,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 1] = [Self::PhraseTransformer];

    /// The name in `config.json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PhraseTransformer => "phrase-transformer",
        }
    }

    /// The kind that the text of a `config.json` names.
    fn from_json(text: &str) -> Result<Self, ModelError> {
        let Named { kind } = serde_json::from_str(text).map_err(|e| ModelError::Config(e.to_string()))?;
        let Some(found) = kind else { return Ok(Self::default()) };
        Self::ALL.into_iter().find(|kind| kind.name() == found).ok_or_else(|| ModelError::UnknownKind {
            found: found.chars().filter(|letter| !letter.is_control()).take(MAX_SHOWN).collect(),
            known: Self::ALL.map(Self::name).join(", "),
        })
    }
}

/// The field that configurations of all kinds have.
#[derive(Deserialize)]
struct Named {
    kind: Option<String>,
}

/// The contents of `config.json`. The values of a loaded configuration are checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelConfig {
    /// The model's display name, `1..=64` letters.
    pub name: String,
    /// The kind of network.
    #[serde(default)]
    pub kind: Kind,
    /// Layout of this file and of the weights' keys; 1.
    pub format: u32,
    /// Hash of the vocabulary the weights were trained with.
    pub vocab_hash: String,
    /// Ids of each slot's vocabulary, `1..=65536`, one a slot.
    pub slots: Vec<usize>,
    /// C: width of the residual stream, `1..=4096`.
    pub width: usize,
    /// Layers, `1..=64`.
    pub n_layers: usize,
    /// H: query heads, `1..=64`, a multiple of `n_kv_heads`.
    pub n_heads: usize,
    /// G: key-value heads, `1..=n_heads`.
    pub n_kv_heads: usize,
    /// D: width of one head, even, `2..=256`.
    pub head_width: usize,
    /// F: inner width of the feed-forward half of a layer, `1..=16384`.
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
    /// [`ModelError::UnknownKind`] for another kind; [`ModelError::Config`] names the first value that is missing or
    /// out of range.
    pub fn from_json(text: &str) -> Result<Self, ModelError> {
        // The kind comes first, since other kinds have other values.
        Kind::from_json(text)?;
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
        if !(1..=MAX_NAME).contains(&self.name.chars().count()) || self.name.contains(char::is_control) {
            return Err(format!("the name is not of 1 to {MAX_NAME} letters"));
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
        let n_cached = [self.n_kv_heads, self.head_width, 2, self.context_len]
            .into_iter()
            .fold(self.n_layers, usize::saturating_mul);
        if n_cached > MAX_CACHED {
            return Err(format!(
                "n_layers, n_kv_heads, head_width and context_len ask for {n_cached} keys and values, and {MAX_CACHED} is the most"
            ));
        }
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
    fn a_kind_is_known_or_refused_before_anything_else() {
        let of_kind =
            |kind: &str| ModelConfig::from_json(&GOOD.replacen('{', &format!("{{\"kind\":{kind},"), 1));
        assert_eq!(ModelConfig::from_json(GOOD).unwrap().kind, Kind::PhraseTransformer);
        assert_eq!(of_kind("\"phrase-transformer\"").unwrap(), ModelConfig::from_json(GOOD).unwrap());
        let error = of_kind("\"chord-diffuser\"").unwrap_err().to_string();
        assert!(error.contains("a chord-diffuser") && error.contains("runs: phrase-transformer"), "{error}");
        // A configuration of another kind may have any other fields.
        let error = ModelConfig::from_json(r#"{"kind": "critic", "n_dims": 3}"#).unwrap_err();
        assert!(matches!(error, ModelError::UnknownKind { .. }), "{error}");
        let error = of_kind(&format!("\"{}\"", "a\\n".repeat(1000))).unwrap_err().to_string();
        assert!(error.len() < 200 && !error.contains('\n'), "{error}");
        assert!(matches!(of_kind("7").unwrap_err(), ModelError::Config(_)));
    }

    #[test]
    fn memory_that_no_file_holds_is_not_taken_on_its_word() {
        let with = |n_layers: usize, n_kv_heads: usize, context_len: usize| {
            ModelConfig::from_json(
                &GOOD
                    .replacen("\"n_layers\":2", &format!("\"n_layers\":{n_layers}"), 1)
                    .replacen(
                        "\"n_heads\":4,\"n_kv_heads\":2",
                        &format!("\"n_heads\":64,\"n_kv_heads\":{n_kv_heads}"),
                        1,
                    )
                    .replacen("\"head_width\":4", "\"head_width\":256", 1)
                    .replacen("\"context_len\":64", &format!("\"context_len\":{context_len}"), 1),
            )
        };
        // 64 × 2 × 256 × 2 × 256 is the most.
        assert!(with(64, 2, 256).is_ok());
        for (n_layers, n_kv_heads, context_len) in [(64, 2, 257), (64, 64, 65536), (1, 1, 32769)] {
            let error = with(n_layers, n_kv_heads, context_len).unwrap_err().to_string();
            assert!(error.contains("16777216 is the most"), "{error}");
        }
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
            ("\"name\":\"descant-1\"", "\"name\":\"\"", "the name"),
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
