//! The flags for the seed and the number of takes.

use clap::Args;

/// Which takes.
#[derive(Args)]
pub struct TakeArgs {
    /// Seed; the same seed gives the same music.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// How many takes to compose, 1 to 16.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=16))]
    pub takes: u32,
}
