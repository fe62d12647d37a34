//! The output files of takes: MIDI, WAV, PNG, text and JSON.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use descant::compose::originality::Originality;
use descant::compose::{AskedGot, Model, asked_and_got};
use descant::music::{Part, Phrase, counted};
use descant::roll::{self, RollStyle};
use descant::session::{Receipt, Take};
use descant::smf::{self, WriteOptions};
use descant::synth;
use serde::Serialize;

use crate::manner::{self, Manner};
use crate::plan::{self, numbered};

/// Sample rate of rendered sound.
const SAMPLE_RATE: u32 = 48_000;

/// Columns of the piano roll in the terminal.
const TEXT_WIDTH: usize = 100;

/// Where to write.
#[derive(Args)]
pub struct OutputArgs {
    /// MIDI file to write; further takes get -2, -3 … before the extension. Without it a name that no file has.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Sound of the preview synth to write.
    #[arg(long)]
    pub wav: Option<PathBuf>,
    /// Picture of the piano roll to write.
    #[arg(long)]
    pub png: Option<PathBuf>,
    /// Print receipts and what was asked and got as JSON, and nothing else.
    #[arg(long)]
    pub json: bool,
}

/// The JSON of a take under `--json`.
#[derive(Serialize)]
struct TakeReport<'a> {
    midi: &'a Path,
    controls: Vec<AskedGot>,
    /// `None` if the model has no fingerprints of its training set.
    originality: Option<Originality>,
    remarks: &'a [String],
    receipt: &'a Receipt,
}

/// The files of a take.
struct TakeFiles {
    midi: PathBuf,
    wav: Option<PathBuf>,
    png: Option<PathBuf>,
}

impl TakeFiles {
    fn paths(&self) -> impl Iterator<Item = &Path> {
        let others = self.wav.iter().chain(&self.png).map(PathBuf::as_path);
        std::iter::once(self.midi.as_path()).chain(others)
    }
}

/// The output paths of all takes, checked before anything is composed.
pub struct Outputs {
    takes: Vec<TakeFiles>,
    is_json: bool,
    manner: Manner,
}

impl OutputArgs {
    /// The files of `n_takes` takes; without a name by the user, `usual` or the next free numbers after it.
    ///
    /// # Errors
    ///
    /// A path equals one of `inputs` or another output, or exists already.
    pub fn plan(
        &self,
        usual: &Path,
        n_takes: u32,
        inputs: &[&Path],
        manner: Manner,
    ) -> anyhow::Result<Outputs> {
        let n_takes = usize::try_from(n_takes)?;
        let counted = |path: &Path| (0..n_takes).map(|idx| numbered(path, idx)).collect();
        let midi: Vec<PathBuf> = match &self.out {
            Some(out) => counted(out),
            None if manner.force => counted(usual),
            None => plan::free(usual, n_takes),
        };
        let takes: Vec<TakeFiles> = (0..)
            .zip(midi)
            .map(|(idx, midi)| {
                let of_take = |path: &Option<PathBuf>| path.as_ref().map(|path| numbered(path, idx));
                TakeFiles { midi, wav: of_take(&self.wav), png: of_take(&self.png) }
            })
            .collect();
        plan::settle(takes.iter().flat_map(TakeFiles::paths), inputs, manner)?;
        Ok(Outputs { takes, is_json: self.json, manner })
    }
}

impl Outputs {
    /// Writes take number `idx` (from 0), composed by `model`: `midi` as the file, and `phrase` as sound, picture and text.
    pub fn write(
        &self,
        model: &Model,
        idx: usize,
        take: &Take,
        phrase: &Phrase,
        midi: &[u8],
    ) -> anyhow::Result<()> {
        let files = self.takes.get(idx).context("there are more takes than were asked for")?;
        self.manner.save(&files.midi, midi)?;
        if let Some(path) = &files.wav {
            self.manner.save(path, &wav(phrase)?)?;
        }
        if let Some(path) = &files.png {
            self.manner.save(path, &roll::png(phrase, &RollStyle::default()))?;
        }
        let task = &take.receipt.task;
        let controls = asked_and_got(task, &take.phrase);
        let known = model.fingerprints();
        let originality = known.map(|known| known.check(&take.phrase, &task.compose));
        if self.is_json {
            let (remarks, receipt) = (&take.remarks, &take.receipt);
            let report = TakeReport { midi: &files.midi, controls, originality, remarks, receipt };
            return manner::print(&format!("{}\n", serde_json::to_string(&report)?));
        }
        let mut text = format!("{}\n{}", roll::text(phrase, TEXT_WIDTH), summary(phrase, take, &controls));
        if let Some(originality) = originality {
            text += &format!("  {originality}\n");
        }
        for remark in &take.remarks {
            text += &format!("  but: {remark}\n");
        }
        for path in files.paths() {
            text += &format!("wrote {}\n", path.display());
        }
        self.manner.print(text + "\n")
    }

    /// Prints `text`, which comes in addition to the takes, unless the output is JSON or quiet.
    pub fn print(&self, text: &str) -> anyhow::Result<()> {
        if self.is_json { Ok(()) } else { self.manner.print(text) }
    }
}

/// The bytes of a phrase as it is played, as a MIDI file with its receipt.
pub fn to_midi(phrase: &Phrase, receipt: &Receipt) -> anyhow::Result<Vec<u8>> {
    let text = receipt.to_text();
    let sections = receipt.song.as_ref().map(|song| song.markers(phrase.frame())).unwrap_or_default();
    let title = Some("Descant".to_owned());
    let options = WriteOptions { title, texts: vec![text], sections, ..WriteOptions::default() };
    Ok(smf::write(&phrase.performed(), &options)?)
}

/// Style, key, tempo, seed and notes; then each control as asked and as measured.
fn summary(phrase: &Phrase, take: &Take, controls: &[AskedGot]) -> String {
    let (frame, receipt) = (phrase.frame(), &take.receipt);
    let counts: Vec<String> =
        phrase.parts().map(|part: Part| format!("{part} {}", phrase.notes(part).len())).collect();
    let style = receipt.task.controls.style.map_or("no style".to_owned(), |style| style.to_string());
    let mut text = format!(
        "{style}, {}, {}, {} bpm, {}, seed {}; notes: {}\n",
        frame.key,
        frame.meter,
        frame.tempo,
        counted(frame.n_bars, "bar"),
        receipt.seed,
        counts.join(", ")
    );
    let asked = controls.iter().filter_map(|row| Some((row, row.asked?)));
    for (row, asked) in asked {
        text += &format!("  {:<22} asked {asked:.2}, got {:.2}\n", row.control, row.got);
    }
    text
}

/// `path` with `-what` before the extension.
pub fn with_suffix(path: &Path, what: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{stem}-{what}.mid"))
}

/// `phrase` rendered by the preview synth, as the bytes of a WAV file.
fn wav(phrase: &Phrase) -> anyhow::Result<Vec<u8>> {
    let (left, right) = synth::render(phrase, SAMPLE_RATE);
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: SAMPLE_RATE,
        bits_per_sample: 24,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = Vec::new();
    let mut writer = hound::WavWriter::new(Cursor::new(&mut bytes), spec)?;
    for sample in left.iter().zip(&right).flat_map(|(left, right)| [*left, *right]) {
        writer.write_sample(to_24_bits(sample))?;
    }
    writer.finalize()?;
    Ok(bytes)
}

/// A sample of `-1.0..=1.0` as 24 bits.
fn to_24_bits(sample: f32) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "held in range; a float cast saturates")]
    {
        (sample.clamp(-1.0, 1.0) * 8_388_607.0).round() as i32
    }
}
