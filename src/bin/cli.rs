//! `descant-cli`: composing, infilling, corpora and evaluation from the command line.

#[path = "cli/bench_cmd.rs"]
mod bench_cmd;
#[path = "cli/compose_cmd.rs"]
mod compose_cmd;
#[path = "cli/corpus_cmd.rs"]
mod corpus_cmd;
#[path = "cli/edit_cmd.rs"]
mod edit_cmd;
#[path = "cli/eval_cmd.rs"]
mod eval_cmd;
#[path = "cli/examples_cmd.rs"]
mod examples_cmd;
#[path = "cli/inspect_cmd.rs"]
mod inspect_cmd;
#[path = "cli/manner.rs"]
mod manner;
#[path = "cli/model_args.rs"]
mod model_args;
#[cfg(all(test, feature = "plugin"))]
#[path = "cli/one_task.rs"]
mod one_task;
#[path = "cli/output.rs"]
mod output;
#[path = "cli/plan.rs"]
mod plan;
#[path = "cli/replay_cmd.rs"]
mod replay_cmd;
#[path = "cli/settings_args.rs"]
mod settings_args;
#[path = "cli/song_cmd.rs"]
mod song_cmd;
#[path = "cli/source.rs"]
mod source;
#[path = "cli/take_args.rs"]
mod take_args;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use manner::Manner;

/// Composes, infills and inspects MIDI phrases, offline.
#[derive(Parser)]
#[command(name = "descant-cli", version, about, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    manner: Manner,
}

const EXAMPLES: &str = "Examples:
  descant-cli compose \"calm folk in G, 8 bars\" --out idea.mid --wav idea.wav
  descant-cli compose --style pop --key \"D minor\" --chords \"Dm7 | Bbmaj7 | F | C7\" --out idea.mid
  descant-cli continue idea.mid --bars 4 --out longer.mid
  descant-cli recompose idea.mid --bars 3-4 --part melody --out other.mid
  descant-cli vary idea.mid --by 30 --keep rhythm --out varied.mid
  descant-cli respond idea.mid --bars 4 --out answered.mid
  descant-cli compose \"rock in E\" --form \"A A' B A\" --section-bars 8 --out song.mid
  descant-cli inspect idea.mid";

#[derive(Subcommand)]
enum Command {
    /// Compose a phrase from nothing, or over your own chords.
    Compose(Box<compose_cmd::ComposeArgs>),
    /// Compose bars after the end of a MIDI file.
    Continue(Box<edit_cmd::ContinueArgs>),
    /// Compose a selection of a MIDI file anew, or add a part to it; everything else stays as it is.
    Recompose(Box<edit_cmd::RecomposeArgs>),
    /// Compose some of the notes of a MIDI file anew, keeping their rhythm or their pitches if you like.
    Vary(Box<edit_cmd::VaryArgs>),
    /// Compose an answer to what a MIDI file plays, or an accompaniment.
    Respond(Box<edit_cmd::RespondArgs>),
    /// Compose again what a receipt describes, and say whether it comes out the same.
    Replay(replay_cmd::ReplayArgs),
    /// Show what is in a MIDI file: measured controls, key, chords and piano roll.
    Inspect(inspect_cmd::InspectArgs),
    /// Turn a folder of MIDI files into training shards.
    #[command(subcommand)]
    Corpus(corpus_cmd::CorpusCommand),
    /// Measure a model on held-out music, compared with a counted n-gram.
    Eval(eval_cmd::EvalArgs),
    /// Compose listening examples of every style, as MIDI files and pictures.
    Examples(examples_cmd::ExamplesArgs),
    /// Measure how fast the model composes here.
    Bench(bench_cmd::BenchArgs),
}

fn main() -> ExitCode {
    let Cli { command, manner } = Cli::parse();
    match run(command, manner) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", message(&error));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command, manner: Manner) -> anyhow::Result<()> {
    match command {
        Command::Compose(args) => compose_cmd::run(&args, manner),
        Command::Continue(args) => edit_cmd::run_continue(&args, manner),
        Command::Recompose(args) => edit_cmd::run_recompose(&args, manner),
        Command::Vary(args) => edit_cmd::run_vary(&args, manner),
        Command::Respond(args) => edit_cmd::run_respond(&args, manner),
        Command::Replay(args) => replay_cmd::run(&args, manner),
        Command::Inspect(args) => inspect_cmd::run(&args, manner),
        Command::Corpus(command) => corpus_cmd::run(command, manner),
        Command::Eval(args) => eval_cmd::run(&args, manner),
        Command::Examples(args) => examples_cmd::run(&args, manner),
        Command::Bench(args) => bench_cmd::run(&args, manner),
    }
}

/// The error and its causes, `: ` between them, without repetitions and without a backtrace.
fn message(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |text, cause| {
        let cause = cause.to_string();
        match text.as_str() {
            "" => cause,
            said if said.contains(&cause) => text,
            said => format!("{said}: {cause}"),
        }
    })
}
