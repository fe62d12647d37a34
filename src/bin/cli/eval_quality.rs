//! `descant-cli eval --critique` and `--takes`: what the critique and the take board are worth.

use std::path::PathBuf;

use clap::Args;
use descant::eval::{critique, takes};
use descant::token::Style;
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
    /// Compose N boards of takes of each style on offer; how far apart they are beside real phrases.
    #[arg(long, value_name = "N", conflicts_with = "critique")]
    takes: Option<u32>,
    /// Styles of the boards, separated by commas; all on offer, if not given.
    #[arg(long, value_name = "STYLES", value_delimiter = ',', requires = "takes")]
    styles: Vec<Style>,
    /// Folders of MIDI files whose held-out part is compared with.
    #[arg(long, value_name = "DIR", value_delimiter = ',')]
    corpus: Vec<PathBuf>,
}

impl QualityArgs {
    /// Measures what is asked for; whether anything was.
    pub fn run(&self, model: &ModelArgs) -> anyhow::Result<bool> {
        match (self.critique, self.takes) {
            (Some(n_prompts), _) => self.critique(model, n_prompts)?,
            (None, Some(n_generates)) => self.takes(model, n_generates)?,
            (None, None) => return Ok(false),
        }
        Ok(true)
    }

    fn critique(&self, model: &ModelArgs, n_prompts: usize) -> anyhow::Result<()> {
        let network = model.network()?;
        let bar = bar(n_prompts, "prompts")?;
        let report = critique::measure(
            &network,
            &model.references()?,
            &self.corpus,
            (n_prompts, N_CANDIDATES),
            SEED,
            |n| bar.set_position(u64::try_from(n).unwrap_or(u64::MAX)),
        )?;
        bar.finish_and_clear();
        output::print(&format!("{report}\n"))
    }

    fn takes(&self, model: &ModelArgs, n_generates: u32) -> anyhow::Result<()> {
        let (network, repertoire) = (model.network()?, model.repertoire()?);
        let styles = if self.styles.is_empty() { repertoire.styles().collect() } else { self.styles.clone() };
        let bar = bar(styles.len() * usize::try_from(n_generates)?, "boards")?;
        let tick = |n: usize| bar.set_position(u64::try_from(n).unwrap_or(u64::MAX));
        let report = takes::measure(&network, &model.references()?, &repertoire, &styles, n_generates, tick)?;
        bar.finish_and_clear();
        output::print(&format!("{report}\n"))
    }
}

fn bar(n: usize, what: &str) -> anyhow::Result<ProgressBar> {
    let style = ProgressStyle::with_template(&format!("{{bar:40}} {{pos}}/{{len}} {what}, {{eta}} left"))?;
    Ok(ProgressBar::new(u64::try_from(n)?).with_style(style))
}
