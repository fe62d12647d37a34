//! `descant-cli bench`.

use std::path::PathBuf;

use clap::Args;
use descant::compose::shipped;
use descant::eval::speed;
use descant::model::{Network, Weights};
use descant::token::vocab_hash;

#[derive(Args)]
pub struct BenchArgs {
    /// Folder of a model to time instead of the one that ships.
    #[arg(long)]
    model: Option<PathBuf>,
    /// Times each phrase is composed; medians are printed.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(5..))]
    runs: u16,
}

pub fn run(args: BenchArgs) -> anyhow::Result<()> {
    let network = match &args.model {
        Some(dir) => Network::new(Weights::from_folder(dir, &vocab_hash())?),
        None => shipped::network()?,
    };
    let speed = speed::measure(&network, usize::from(args.runs))?;
    #[expect(clippy::print_stdout, reason = "the table is the output")]
    {
        println!("{speed}");
    }
    Ok(())
}
