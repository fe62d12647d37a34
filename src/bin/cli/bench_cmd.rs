//! `descant-cli bench`: measures composing speed.

use clap::Args;
use descant::eval::speed;

use crate::manner::Manner;
use crate::model_args::ModelArgs;

#[derive(Args)]
pub struct BenchArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// Times each phrase is composed; medians are printed.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(5..))]
    runs: u16,
}

pub fn run(args: &BenchArgs, manner: Manner) -> anyhow::Result<()> {
    let speed = speed::measure(&args.model.open(manner)?, usize::from(args.runs))?;
    manner.print(format_args!("{speed}\n"))
}
