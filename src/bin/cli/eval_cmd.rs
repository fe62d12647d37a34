//! `descant-cli eval`: measures a model and writes a card of all results.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::bail;
use clap::{Args, ValueEnum};
use descant::compose::Model;
use descant::compose::originality::Fingerprints;
use descant::corpus::manifest::Split;
use descant::eval::held_out::{HeldOut, Kind};
use descant::eval::report::{LossReport, Seconds};
use descant::eval::{
    EvalError, Report, critique, decoding, discriminator, following, loss, methods, moods, ngram,
    originality, silence, styles, takes,
};
use descant::session::Task;
use descant::token::{Style, vocab_hash};
use indicatif::{ProgressBar, ProgressStyle};

use crate::manner::Manner;
use crate::model_args::ModelArgs;
use crate::plan;

/// Seed of everything that is composed.
const SEED: u64 = 1;

/// Phrases a control over its range.
const N_CONTROLS: usize = 1000;

/// Phrases a control for each way to follow it.
const N_METHODS: usize = 200;

/// Phrases that are looked for in the training set.
const N_ORIGINALITY: usize = 1000;

/// Pairs for each half of mood.
const N_MOOD_PAIRS: usize = 250;

/// Phrases of each mood and style in which parts may fall silent.
const N_SILENCES: usize = 8;

/// Boards of takes of each style.
const N_BOARDS: usize = 20;

/// Prompts of the critique, and candidates for each.
const N_PROMPTS: usize = 500;
const N_CANDIDATES: u32 = 8;

/// Frames of each style that every point of the grid is composed in.
const N_FRAMES: usize = 6;

/// Boards of each style that the discriminator learns from.
const N_LEARNED_BOARDS: usize = 16;

/// Composed phrases of each style that the classifier is asked about.
const N_PER_STYLE: usize = 40;

#[derive(Args)]
pub struct EvalArgs {
    /// Folder of shards, as `corpus build` writes it, to measure held-out losses on.
    shards: Option<PathBuf>,
    /// Folders of MIDI files, whose held-out part the critique is proved on, and whose styles are distinguished.
    #[arg(long, value_name = "DIR", value_delimiter = ',')]
    corpus: Vec<PathBuf>,
    #[command(flatten)]
    model: ModelArgs,
    /// What to measure, separated by commas; everything that there is music for, if not given.
    #[arg(long, value_name = "SECTIONS", value_delimiter = ',')]
    only: Vec<Section>,
    /// Share of the phrases of a full card that is composed, above 0: 0.05 takes minutes.
    #[arg(long, value_name = "SHARE", default_value_t = 1.0, value_parser = share)]
    size: f64,
    /// Styles of the boards of takes and of the moods, separated by commas; all on offer, if not given.
    #[arg(long, value_delimiter = ',')]
    styles: Vec<Style>,
    /// Most held-out windows of a family.
    #[arg(long, default_value_t = 4)]
    per_family: usize,
    /// File for the table that the section `decoding` comes to: decoding.json of a model.
    #[arg(long, value_name = "FILE", requires = "corpus")]
    decoding: Option<PathBuf>,
    /// File for the table that the section `discriminator` comes to: discriminator.json of a model.
    #[arg(long, value_name = "FILE", requires = "corpus")]
    discriminator: Option<PathBuf>,
    /// Also write everything to FILE as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// A section of the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Section {
    /// Held-out nats per note, compared with the n-gram floor; needs SHARDS.
    Losses,
    /// Asked and got of every control and of the mood, one knob at a time, share in key.
    Controls,
    /// Longest run shared with the training set.
    Originality,
    /// Distances of takes on a board and of boards.
    Takes,
    /// First to pass the critique against first drawn; needs --corpus.
    Critique,
    /// Whether styles are distinguished, in held-out music and in what is composed; needs --corpus.
    Styles,
    /// Moods turned, and how often parts fall silent in them; only if named.
    Moods,
    /// Prefix, selection and steering side by side; only if named.
    Methods,
    /// How widely each slot of each part is to be drawn, found by a grid; needs --corpus; only if named. With --decoding the
    /// table is written, to be put next to the weights.
    Decoding,
    /// What tells composed phrases from real ones, and what choosing by it is worth; needs --corpus; only if named. With
    /// --discriminator the table is written, to be put next to the weights.
    Discriminator,
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "give a number such as 0.1".to_owned())?;
    if share > 0.0 && share <= 100.0 {
        Ok(share)
    } else {
        Err("give a share above 0, such as 0.1".to_owned())
    }
}

/// Measures the sections that are asked for. Longer than other functions: a line for each section.
pub fn run(args: &EvalArgs, manner: Manner) -> anyhow::Result<()> {
    let files = args.model.files();
    let outputs: Vec<&Path> = [&args.json, &args.decoding, &args.discriminator]
        .into_iter()
        .filter_map(|path| path.as_deref())
        .collect();
    plan::settle(outputs, &files.iter().map(PathBuf::as_path).collect::<Vec<_>>(), manner)?;
    let is_asked = |section: Section| args.only.contains(&section);
    if is_asked(Section::Losses) && args.shards.is_none() {
        bail!("losses are measured on shards: name their folder, as `descant-cli corpus build` wrote it");
    }
    let of_held_out = [Section::Critique, Section::Styles, Section::Decoding, Section::Discriminator];
    if of_held_out.into_iter().any(is_asked) && args.corpus.is_empty() {
        bail!(
            "critique, styles, decoding and discriminator are measured on held-out music: name its folders with --corpus"
        );
    }
    let wants = |section: Section| is_asked(section) || args.only.is_empty();
    let bench = Bench { model: args.model.open(manner)?, size: args.size, manner };
    if is_asked(Section::Originality) && bench.model.fingerprints().is_none() {
        bail!(
            "originality is measured by fingerprints of the training set: put fingerprints.bin into the model's folder"
        );
    }
    let mut seconds = Seconds::default();
    let mut report = Report {
        model: bench.model.network().config().name.clone(),
        model_hash: bench.model.network().model_hash().to_owned(),
        vocab_hash: vocab_hash(),
        ..Report::default()
    };
    if let Some(dir) = args.shards.as_deref().filter(|_| wants(Section::Losses)) {
        report.losses = Some(timed(&mut seconds.losses, || bench.losses(dir, args.per_family))?);
    }
    if wants(Section::Controls) {
        report.controls = Some(timed(&mut seconds.controls, || bench.controls())?);
    }
    if let Some(known) = bench.model.fingerprints().filter(|_| wants(Section::Originality)) {
        report.originality = Some(timed(&mut seconds.originality, || bench.originality(known))?);
    }
    if wants(Section::Takes) {
        report.takes = Some(timed(&mut seconds.takes, || bench.takes(&args.styles))?);
    }
    if wants(Section::Critique) && !args.corpus.is_empty() {
        report.critique = Some(timed(&mut seconds.critique, || bench.critique(&args.corpus))?);
    }
    if wants(Section::Styles) && !args.corpus.is_empty() {
        report.styles = Some(timed(&mut seconds.styles, || bench.styles(&args.corpus))?);
    }
    if is_asked(Section::Moods) {
        report.moods = Some(timed(&mut seconds.moods, || bench.moods(&args.styles))?);
    }
    if is_asked(Section::Methods) {
        report.methods = Some(timed(&mut seconds.methods, || bench.methods())?);
    }
    if is_asked(Section::Decoding) {
        let found = timed(&mut seconds.decoding, || bench.decoding(&args.corpus))?;
        save_asked(manner, args.decoding.as_deref(), || Ok(found.table.to_json()))?;
        report.decoding = Some(found);
    }
    if is_asked(Section::Discriminator) {
        let found = timed(&mut seconds.discriminator, || bench.discriminator(&args.corpus))?;
        save_asked(manner, args.discriminator.as_deref(), || Ok(found.table.to_json()))?;
        report.discriminator = Some(found);
    }
    report.seconds = seconds;
    manner.print(format_args!("{report}\n"))?;
    save_asked(manner, args.json.as_deref(), || Ok(serde_json::to_string_pretty(&report)?))
}

/// Writes `text` to `path`, if given, and prints the path.
fn save_asked(
    manner: Manner,
    path: Option<&Path>,
    text: impl FnOnce() -> anyhow::Result<String>,
) -> anyhow::Result<()> {
    let Some(path) = path else { return Ok(()) };
    manner.save(path, text()?.as_bytes())?;
    manner.note(format_args!("wrote {}", path.display()));
    Ok(())
}

/// The result of `work` and the seconds that it took.
fn timed<T>(seconds: &mut Option<f64>, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    let start = Instant::now();
    let result = work()?;
    *seconds = Some(start.elapsed().as_secs_f64());
    Ok(result)
}

/// The model to measure, and the scale of the measurement.
struct Bench {
    model: Model,
    size: f64,
    manner: Manner,
}

impl Bench {
    /// `n` phrases in full, at least one.
    fn scaled(&self, n: usize) -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share of some thousand phrases"
        )]
        let scaled = (n as f64 * self.size).round() as usize;
        scaled.max(1)
    }

    fn bar(&self, n: usize, what: &str) -> anyhow::Result<ProgressBar> {
        let style =
            ProgressStyle::with_template(&format!("{{bar:40}} {{pos}}/{{len}} {what}, {{eta}} left"))?;
        let bar = self.manner.bar().with_style(style);
        bar.set_length(count(n));
        Ok(bar)
    }

    fn controls(&self) -> anyhow::Result<following::Following> {
        let n = self.scaled(N_CONTROLS);
        let bar = self.bar(following::n_in_all(n), "phrases and pairs")?;
        let tick = |n_done| bar.set_position(count(n_done));
        let following = following::measure(&self.model, self.model.repertoire(), n, SEED, tick)?;
        bar.finish_and_clear();
        Ok(following)
    }

    fn moods(&self, styles: &[Style]) -> anyhow::Result<moods::MoodReport> {
        let composer = |task: &Task, seed: u64| methods::Method::Steered.compose(&self.model, task, seed);
        let styles =
            if styles.is_empty() { self.model.repertoire().styles().collect() } else { styles.to_vec() };
        let (n_pairs, n_phrases) = (self.scaled(N_MOOD_PAIRS), self.scaled(N_SILENCES));
        let n_moods = silence::MOODS.len();
        let bar = self.bar(2 * n_pairs + n_moods * styles.len() * n_phrases, "phrases and pairs")?;
        let tick = |n_done| bar.set_position(count(n_done));
        let turned = moods::turn(&composer, self.model.repertoire(), n_pairs, SEED + 2, tick)?;
        let silence = silence::measure(&composer, self.model.repertoire(), &styles, n_phrases, |n_done| {
            bar.set_position(count(2 * n_pairs + n_done));
        })?;
        bar.finish_and_clear();
        Ok(moods::MoodReport { turned, silence })
    }

    fn methods(&self) -> anyhow::Result<methods::Methods> {
        let n = self.scaled(N_METHODS);
        let bar = self.bar(methods::n_in_all(n), "phrases")?;
        let tick = |n_done| bar.set_position(count(n_done));
        let methods = methods::measure(&self.model, self.model.repertoire(), n, SEED, tick)?;
        bar.finish_and_clear();
        Ok(methods)
    }

    fn decoding(&self, corpus: &[PathBuf]) -> anyhow::Result<decoding::DecodingReport> {
        let n_frames = self.scaled(N_FRAMES);
        let bar = self.bar(0, "phrases")?;
        let tick = |n_done, n_in_all| {
            bar.set_length(count(n_in_all));
            bar.set_position(count(n_done));
        };
        let report = decoding::calibrate(&self.model, self.model.repertoire(), corpus, n_frames, SEED, tick)?;
        bar.finish_and_clear();
        Ok(report)
    }

    fn discriminator(&self, corpus: &[PathBuf]) -> anyhow::Result<discriminator::DiscriminatorReport> {
        let n_boards = self.scaled(N_LEARNED_BOARDS);
        let bar = self.bar(0, "boards")?;
        let tick = |n_done, n_in_all| {
            bar.set_length(count(n_in_all));
            bar.set_position(count(n_done));
        };
        let report = discriminator::fit(&self.model, corpus, n_boards, SEED, tick)?;
        bar.finish_and_clear();
        Ok(report)
    }

    fn originality(&self, known: &Fingerprints) -> anyhow::Result<originality::OriginalityReport> {
        let n = self.scaled(N_ORIGINALITY);
        let bar = self.bar(n, "phrases")?;
        let tick = |n_done| bar.set_position(count(n_done));
        let report = originality::measure(&self.model, self.model.repertoire(), known, n, SEED, tick)?;
        bar.finish_and_clear();
        Ok(report)
    }

    fn takes(&self, styles: &[Style]) -> anyhow::Result<takes::TakesReport> {
        let styles =
            if styles.is_empty() { self.model.repertoire().styles().collect() } else { styles.to_vec() };
        let n_boards = u32::try_from(self.scaled(N_BOARDS))?;
        let bar = self.bar(styles.len() * self.scaled(N_BOARDS), "boards")?;
        let tick = |n_done| bar.set_position(count(n_done));
        let report = takes::measure(
            &self.model,
            self.model.references(),
            self.model.repertoire(),
            &styles,
            n_boards,
            tick,
        )?;
        bar.finish_and_clear();
        Ok(report)
    }

    fn critique(&self, corpus: &[PathBuf]) -> anyhow::Result<critique::CritiqueReport> {
        let n_prompts = self.scaled(N_PROMPTS);
        let bar = self.bar(n_prompts, "prompts")?;
        let tick = |n_done| bar.set_position(count(n_done));
        let asked = (n_prompts, N_CANDIDATES);
        let report = critique::measure(&self.model, self.model.references(), corpus, asked, SEED, tick)?;
        bar.finish_and_clear();
        Ok(report)
    }

    fn styles(&self, corpus: &[PathBuf]) -> anyhow::Result<styles::StyleReport> {
        let progress = self.bar(0, "steps")?;
        let tick = |n_done, n_steps| {
            progress.set_length(count(n_steps));
            progress.set_position(count(n_done));
        };
        let (classifier, report) = styles::measure(corpus, SEED, tick)?;
        let n_each = self.scaled(N_PER_STYLE);
        let composed =
            styles::ask_of_composed(&classifier, &self.model, self.model.repertoire(), n_each, SEED, tick)?;
        progress.finish_and_clear();
        Ok(styles::StyleReport { composed, ..report })
    }

    fn losses(&self, dir: &Path, per_family: usize) -> anyhow::Result<LossReport> {
        let shards = HeldOut::open(dir)?;
        let headlines = shards.windows(Split::Valid, Kind::Headline, per_family)?;
        if headlines.is_empty() {
            return Err(EvalError::NoWindows("held-out").into());
        }
        let tasks = shards.windows(Split::Valid, Kind::Tasks, per_family)?;
        let train = shards.windows(Split::Train, Kind::Headline, usize::MAX)?;

        let progress = self.bar(0, "steps of the floor")?;
        let floor = ngram::floor(train, &headlines, |n_done, n_steps| {
            progress.set_length(count(n_steps));
            progress.set_position(count(n_done));
        })?;
        progress.finish_and_clear();
        let progress = self.bar(headlines.len() + tasks.len(), "windows")?;
        let model = loss::of_network(self.model.network(), &headlines, |n| progress.set_position(count(n)))?;
        let task_nats = loss::of_network(self.model.network(), &tasks, |n| {
            progress.set_position(count(headlines.len() + n))
        })?;
        progress.finish_and_clear();
        Ok(LossReport::new(&shards, per_family, (&headlines, &model, &floor), (&tasks, &task_nats)))
    }
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
