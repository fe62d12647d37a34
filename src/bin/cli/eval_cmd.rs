//! `descant-cli eval`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use descant::compose::shipped;
use descant::corpus::manifest::Split;
use descant::eval::held_out::{HeldOut, Kind};
use descant::eval::originality::{self, OriginalityReport};
use descant::eval::report::LossReport;
use descant::eval::{EvalError, Report, following, loss, ngram};
use descant::model::Network;
use descant::token::vocab_hash;
use indicatif::{ProgressBar, ProgressStyle};

use crate::eval_quality::QualityArgs;
use crate::model_args::ModelArgs;
use crate::output;

/// Seed of the phrases that controls are measured on.
const CONTROL_SEED: u64 = 1;

/// Seed of the phrases whose originality is measured.
const ORIGINALITY_SEED: u64 = 2;

#[derive(Args)]
pub struct EvalArgs {
    /// Folder of shards, as `corpus build` writes it, to measure held-out losses on.
    #[arg(required_unless_present_any = ["controls", "critique", "takes", "originality"])]
    shards: Option<PathBuf>,
    #[command(flatten)]
    model: ModelArgs,
    /// Most held-out windows of a family.
    #[arg(long, default_value_t = 4)]
    per_family: usize,
    /// Compose N phrases a control, asked over its range, and compare what was asked with what came.
    #[arg(long, value_name = "N")]
    controls: Option<usize>,
    /// Compose N phrases and look for the longest run of notes that each shares with the training set.
    #[arg(long, value_name = "N")]
    originality: Option<usize>,
    #[command(flatten)]
    quality: QualityArgs,
    /// Also write everything to FILE as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

pub fn run(args: &EvalArgs) -> anyhow::Result<()> {
    if args.quality.run(&args.model)? {
        return Ok(());
    }
    let network = args.model.network()?;
    let losses = args.shards.as_deref().map(|dir| losses(&network, dir, args.per_family)).transpose()?;
    let controls = match args.controls {
        Some(n) => {
            let repertoire = args.model.repertoire()?;
            let bar = bar(following::n_in_all(n), "phrases and pairs")?;
            let following = following::measure(&network, &repertoire, n, CONTROL_SEED, |done| {
                bar.set_position(count(done))
            })?;
            bar.finish_and_clear();
            Some(following)
        }
        None => None,
    };
    let originality = args.originality.map(|n_phrases| share_of(&network, args, n_phrases)).transpose()?;
    let report = Report {
        model: network.config().name.clone(),
        model_hash: network.model_hash().to_owned(),
        vocab_hash: vocab_hash(),
        losses,
        controls,
        originality,
    };
    output::print(&format!(
        "{report}
"
    ))?;
    if let Some(path) = &args.json {
        let text = serde_json::to_string_pretty(&report)?;
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
        eprintln!("wrote {}", path.display());
    }
    Ok(())
}

fn share_of(network: &Network, args: &EvalArgs, n_phrases: usize) -> anyhow::Result<OriginalityReport> {
    let (repertoire, fingerprints) = (args.model.repertoire()?, shipped::fingerprints());
    let bar = bar(n_phrases, "phrases")?;
    let report =
        originality::measure(network, &repertoire, fingerprints, n_phrases, ORIGINALITY_SEED, |n| {
            bar.set_position(count(n))
        })?;
    bar.finish_and_clear();
    Ok(report)
}

fn losses(network: &Network, dir: &Path, per_family: usize) -> anyhow::Result<LossReport> {
    let shards = HeldOut::open(dir)?;
    let headlines = shards.windows(Split::Valid, Kind::Headline, per_family)?;
    if headlines.is_empty() {
        return Err(EvalError::NoWindows("held-out").into());
    }
    let tasks = shards.windows(Split::Valid, Kind::Tasks, per_family)?;
    let train = shards.windows(Split::Train, Kind::Headline, usize::MAX)?;

    let progress = bar(0, "steps of the floor")?;
    let floor = ngram::floor(train, &headlines, |n_done, n_steps| {
        progress.set_length(count(n_steps));
        progress.set_position(count(n_done));
    })?;
    progress.finish_and_clear();
    let progress = bar(headlines.len() + tasks.len(), "windows")?;
    let model = loss::of_network(network, &headlines, |n| progress.set_position(count(n)))?;
    let task_nats = loss::of_network(network, &tasks, |n| progress.set_position(count(headlines.len() + n)))?;
    progress.finish_and_clear();
    Ok(LossReport::new(&shards, per_family, (&headlines, &model, &floor), (&tasks, &task_nats)))
}

fn bar(n: usize, what: &str) -> anyhow::Result<ProgressBar> {
    let style = ProgressStyle::with_template(&format!("{{bar:40}} {{pos}}/{{len}} {what}, {{eta}} left"))?;
    Ok(ProgressBar::new(count(n)).with_style(style))
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
