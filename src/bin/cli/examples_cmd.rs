//! `descant-cli examples`: listening examples of every style.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use descant::compose;
use descant::eval;
use descant::music::counted;
use descant::roll::{self, RollStyle};
use descant::token::Style;
use indicatif::ProgressStyle;

use crate::manner::Manner;
use crate::model_args::ModelArgs;
use crate::{output, plan};

#[derive(Args)]
pub struct ExamplesArgs {
    /// Folder for the examples: a folder a style, a MIDI file and a picture an example.
    #[arg(long, default_value = "assets/examples")]
    out: PathBuf,
    /// Styles, separated by commas; all that the model offers, if not given.
    #[arg(long, value_delimiter = ',')]
    styles: Vec<Style>,
    /// Examples of each style, 1 to 99.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=99))]
    each: u64,
    #[command(flatten)]
    model: ModelArgs,
}

pub fn run(args: &ExamplesArgs, manner: Manner) -> anyhow::Result<()> {
    let model = args.model.open(manner)?;
    let repertoire = model.repertoire();
    let styles = if args.styles.is_empty() { repertoire.styles().collect() } else { args.styles.clone() };
    for style in &styles {
        let folder = args.out.join(style.name());
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make {}; check the folder", folder.display()))?;
    }
    let path = |style: &Style, seed: u64, extension: &str| {
        args.out.join(style.name()).join(format!("{seed:02}.{extension}"))
    };
    let of_style =
        |style| (1..=args.each).flat_map(move |seed| ["mid", "png"].map(|of| path(style, seed, of)));
    let paths: Vec<PathBuf> = styles.iter().flat_map(of_style).collect();
    let model_files = args.model.files();
    let inputs: Vec<&Path> = model_files.iter().map(PathBuf::as_path).collect();
    plan::settle(paths.iter().map(PathBuf::as_path), &inputs, manner)?;
    let n_styles = u64::try_from(styles.len()).unwrap_or(0);
    let bar = manner.bar();
    bar.set_length(n_styles * args.each);
    bar.set_style(ProgressStyle::with_template("{bar:40} example {pos}/{len}, {eta} left")?);
    let pictures = RollStyle { bar_width: 96, row_height: 6, scale: 1 };
    for style in styles {
        let parts = repertoire.usual_parts(Some(style));
        repertoire.check(style, &parts)?;
        for seed in 1..=args.each {
            let task = eval::default_task(&model, style, seed)?;
            let judges = model.judges(&task, []);
            for take in compose::best_of(&model, &task, seed, 1, &judges, |_| ControlFlow::Continue(()))? {
                let midi = output::to_midi(&take.phrase, &take.receipt)?;
                manner.save(&path(&style, seed, "mid"), &midi)?;
                manner.save(&path(&style, seed, "png"), &roll::png(&take.phrase, &pictures))?;
            }
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    manner.print(format_args!(
        "wrote {} to {}\n",
        counted(n_styles * args.each, "example"),
        args.out.display()
    ))
}
