//! `descant-cli bench`.

use clap::Args;
use descant::eval::speed;

use crate::model_args::ModelArgs;
use crate::output;

#[derive(Args)]
pub struct BenchArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// Times each phrase is composed; medians are printed.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(5..))]
    runs: u16,
}

pub fn run(args: &BenchArgs) -> anyhow::Result<()> {
    let speed = speed::measure(&args.model.network()?, usize::from(args.runs))?;
    output::print(&format!("{speed}\n"))
}
