//! What a take is written to: MIDI, WAV, PNG, text and JSON.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use descant::compose::originality::Originality;
use descant::compose::{AskedGot, asked_and_got, shipped};
use descant::music::{Part, Phrase};
use descant::roll::{self, RollStyle};
use descant::session::{Receipt, Take};
use descant::smf::{self, WriteOptions};
use descant::synth;
use serde::Serialize;

/// Sample rate of rendered sound.
const SAMPLE_RATE: u32 = 48_000;

/// Columns of the piano roll in the terminal.
const TEXT_WIDTH: usize = 100;

/// Where to write.
#[derive(Args)]
pub struct OutputArgs {
    /// MIDI file to write; further takes get -2, -3 … before the extension.
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

/// What is printed of a take under `--json`.
#[derive(Serialize)]
struct TakeReport<'a> {
    midi: &'a Path,
    controls: Vec<AskedGot>,
    originality: Originality,
    remarks: &'a [String],
    receipt: &'a Receipt,
}

impl OutputArgs {
    /// Refuses to write over the file that is worked on.
    pub fn check(&self, input: &Path) -> anyhow::Result<()> {
        let same = |out: &PathBuf| {
            out.canonicalize().ok().is_some_and(|out| input.canonicalize().is_ok_and(|input| input == out))
        };
        if self.out.as_ref().is_some_and(same) {
            bail!("{} would be overwritten; give another file as --out", input.display());
        }
        Ok(())
    }

    /// Writes take number `idx` (from 0): `midi` as the file, `usual` if the user named none, and `phrase` as sound,
    /// picture and text.
    pub fn write(
        &self,
        usual: &Path,
        idx: usize,
        take: &Take,
        phrase: &Phrase,
        midi: &[u8],
    ) -> anyhow::Result<()> {
        let path = numbered(self.out.as_deref().unwrap_or(usual), idx);
        save(&path, midi)?;
        if let Some(wav) = &self.wav {
            write_wav(&numbered(wav, idx), phrase)?;
        }
        if let Some(png) = &self.png {
            save(&numbered(png, idx), &roll::png(phrase, &RollStyle::default()))?;
        }
        let task = &take.receipt.task;
        let controls = asked_and_got(task, &take.phrase);
        let originality = shipped::fingerprints().check(&take.phrase, &task.compose);
        if self.json {
            let (remarks, receipt) = (&take.remarks, &take.receipt);
            let report = TakeReport { midi: &path, controls, originality, remarks, receipt };
            return print(&format!("{}\n", serde_json::to_string(&report)?));
        }
        print(&format!("{}\n{}", roll::text(phrase, TEXT_WIDTH), summary(phrase, &controls)))?;
        print(&format!("  {originality}\n"))?;
        for remark in &take.remarks {
            print(&format!("  but: {remark}\n"))?;
        }
        print(&format!("wrote {}\n\n", path.display()))
    }
}

/// The bytes of a phrase as a MIDI file with its receipt.
pub fn to_midi(phrase: &Phrase, receipt: &Receipt) -> anyhow::Result<Vec<u8>> {
    let text = receipt.to_text();
    Ok(smf::write(
        phrase,
        &WriteOptions { title: Some("Descant".to_owned()), texts: vec![text], ..WriteOptions::default() },
    )?)
}

/// Key, tempo and notes; then what was asked beside what was got.
pub fn summary(phrase: &Phrase, controls: &[AskedGot]) -> String {
    let frame = phrase.frame();
    let counts: Vec<String> =
        phrase.parts().map(|part: Part| format!("{part} {}", phrase.notes(part).len())).collect();
    let mut text = format!(
        "{}, {}, {:.0} bpm, {} bars; notes: {}\n",
        frame.key,
        frame.meter,
        frame.tempo,
        frame.n_bars,
        counts.join(", ")
    );
    let asked = controls.iter().filter_map(|row| Some((row, row.asked?)));
    for (row, asked) in asked {
        text += &format!("  {:<22} asked {asked:.2}, got {:.2}\n", row.control, row.got);
    }
    text
}

/// Prints to standard output; a closed pipe is an error like any other.
pub fn print(text: &str) -> anyhow::Result<()> {
    std::io::stdout().lock().write_all(text.as_bytes()).context("cannot print")
}

/// Writes a file.
pub fn save(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(path, bytes).with_context(|| format!("cannot write {}; check the folder", path.display()))
}

/// `path` with `-what` before the extension.
pub fn beside(path: &Path, what: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{stem}-{what}.mid"))
}

/// `path` for take 0; `name-2.ext` for take 1, and so on.
pub fn numbered(path: &Path, idx: usize) -> PathBuf {
    if idx == 0 {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let extension =
        path.extension().map(|extension| format!(".{}", extension.to_string_lossy())).unwrap_or_default();
    path.with_file_name(format!("{stem}-{}{extension}", idx + 1))
}

fn write_wav(path: &Path, phrase: &Phrase) -> anyhow::Result<()> {
    let context = || format!("cannot write {}; check the folder", path.display());
    let (left, right) = synth::render(phrase, SAMPLE_RATE);
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate: SAMPLE_RATE,
        bits_per_sample: 24,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).with_context(context)?;
    for sample in left.iter().zip(&right).flat_map(|(left, right)| [*left, *right]) {
        writer.write_sample(to_24_bits(sample)).with_context(context)?;
    }
    writer.finalize().with_context(context)
}

/// A sample of `-1.0..=1.0` as 24 bits.
fn to_24_bits(sample: f32) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "held in range; a float cast saturates")]
    {
        (sample.clamp(-1.0, 1.0) * 8_388_607.0).round() as i32
    }
}
