//! `descant-cli replay`.

use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use descant::compose;
use descant::session::{Receipt, Take};
use descant::smf;

use crate::model_args::ModelArgs;
use crate::output::{self, OutputArgs};

#[derive(Args)]
pub struct ReplayArgs {
    /// A receipt as JSON, or a MIDI file that Descant wrote.
    receipt: PathBuf,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &ReplayArgs) -> anyhow::Result<()> {
    let name = args.receipt.display().to_string();
    let bytes = std::fs::read(&args.receipt).with_context(|| format!("cannot read {name}"))?;
    let score = bytes.starts_with(b"MThd").then(|| smf::read(&bytes)).transpose()?;
    let text = match &score {
        Some(score) => {
            score.texts().find(|text| text.starts_with(Receipt::TEXT_PREFIX)).with_context(|| {
                format!("{name} has no receipt; give a file that `descant-cli compose` wrote")
            })?
        }
        None => String::from_utf8_lossy(&bytes).into_owned(),
    };
    let receipt = Receipt::from_json(&text)?;
    let network = args.model.network()?;
    if receipt.model_hash != network.model_hash() {
        eprintln!("note: composed by model {}, replayed by {}", receipt.model_hash, network.model_hash());
    }
    let takes = receipt.take..receipt.take.saturating_add(1);
    let composed =
        compose::compose(&network, &receipt.task, receipt.seed, takes, |_| ControlFlow::Continue(()))?;
    let take: &Take = composed.first().context("a receipt names one take")?;
    if let Some(score) = &score {
        let (written, _) = score.to_phrase(|_| take.phrase.frame().key)?;
        let n_written = written.all_notes().count();
        let n_same =
            written.all_notes().filter(|(part, note)| take.phrase.notes(*part).contains(note)).count();
        if n_same == n_written && n_written == take.phrase.all_notes().count() {
            eprintln!("the same {n_written} notes as in {name}");
        } else {
            eprintln!("{n_same} of the {n_written} notes in {name} came out the same");
        }
    }
    let midi = output::to_midi(&take.phrase, &take.receipt)?;
    args.output.write(0, take, &take.phrase, &midi)
}
