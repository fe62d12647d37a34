//! `descant-cli eval --critique` and `--takes`: what the critique and the take board are worth.

use std::path::PathBuf;

use clap::Args;
use descant::eval::critique;
use indicatif::{ProgressBar, ProgressStyle};

use crate::model_args::ModelArgs;
use crate::output;

/// Seed of the phrases that are composed.
const SEED: u64 = 1;

/// Candidates of which the critique chooses.
const N_CANDIDATES: u32 = 8;

#[derive(Args)]
pub struct QualityArgs {
    /// Compose eight candidates for each of N prompts; compare the best by critique with the first drawn.
    #[arg(long, value_name = "N", requires = "corpus")]
    critique: Option<usize>,
    /// Folders of MIDI files whose held-out part is compared with.
    #[arg(long, value_name = "DIR", value_delimiter = ',')]
    corpus: Vec<PathBuf>,
}

impl QualityArgs {
    /// Measures what is asked for; whether anything was.
    pub fn run(&self, model: &ModelArgs) -> anyhow::Result<bool> {
        let Some(n_prompts) = self.critique else { return Ok(false) };
        let network = model.network()?;
        let bar = ProgressBar::new(u64::try_from(n_prompts)?)
            .with_style(ProgressStyle::with_template("{bar:40} {pos}/{len} prompts, {eta} left")?);
        let report = critique::measure(
            &network,
            &model.references()?,
            &self.corpus,
            (n_prompts, N_CANDIDATES),
            SEED,
            |n| bar.set_position(u64::try_from(n).unwrap_or(u64::MAX)),
        )?;
        bar.finish_and_clear();
        output::print(&format!("{report}\n"))?;
        Ok(true)
    }
}
