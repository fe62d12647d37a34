//! `descant-cli inspect`: shows the contents and measures of a MIDI file.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use descant::compose::library::shipped;
use descant::music::analysis::{harmony, recognise_chords, recognise_key, segment_keys};
use descant::music::measure::{PartControl, measure_mood, measure_part};
use descant::music::{ChordSpan, Key, Phrase, counted};
use descant::roll::{self, RollStyle};
use descant::smf;
use serde_json::json;

use crate::manner::{self, Manner};
use crate::plan;

/// Length of the window in which a change of key is recognised, in bars.
const KEY_WINDOW_BARS: u32 = 8;

#[derive(Args)]
pub struct InspectArgs {
    /// MIDI file.
    file: PathBuf,
    /// First bar to show, counted from 1.
    #[arg(long, default_value_t = 1)]
    from: u32,
    /// How many bars to show.
    #[arg(long, default_value_t = 16)]
    bars: u32,
    /// Picture of the piano roll to write.
    #[arg(long)]
    png: Option<PathBuf>,
    /// Print everything as JSON, and nothing else.
    #[arg(long)]
    json: bool,
}

/// Prints what is in a file. Longer than other functions: text and JSON name the same findings, side by side.
pub fn run(args: &InspectArgs, manner: Manner) -> anyhow::Result<()> {
    let name = args.file.display().to_string();
    plan::settle(args.png.as_deref(), &[&args.file], manner)?;
    let bytes = manner::read(&args.file)?;
    let score = smf::read(&bytes).with_context(|| name.clone())?;
    let (whole, warnings) = score.to_phrase(|_| Key::C_MAJOR)?;
    let first = whole
        .frame()
        .bar_idx(args.from)
        .with_context(|| format!("{name} has {}", counted(whole.frame().n_bars, "bar")))?;
    let phrase = whole.window(first, args.bars)?;
    let estimated = recognise_key(&phrase);
    let phrase = match estimated {
        Some(estimate) => phrase.in_key(estimate.key),
        None => phrase,
    };
    let chords_found = recognise_chords(&phrase);
    let confidence = |span: &ChordSpan| {
        let same = chords_found.iter().find(|chord| chord.span == *span);
        same.filter(|_| !phrase.progression().spans().contains(span)).map(|chord| chord.confidence)
    };
    let shown = phrase.clone().with_progression(harmony(&phrase));
    let chord_rows: Vec<(String, f64, f64, Option<f32>)> = shown
        .progression()
        .spans()
        .iter()
        .map(|span| {
            let symbol =
                span.chord.map_or("N.C.".to_owned(), |chord| chord.symbol(phrase.frame().key.spelling()));
            (symbol, span.onset.to_beats(), span.duration.to_beats(), confidence(span))
        })
        .collect();
    if let Some(png) = &args.png {
        manner.save(png, &roll::png(&shown, &RollStyle::default()))?;
    }
    let originality = shipped::fingerprints().check_all(&whole);
    let written = score.key_at(descant::music::TickInstant::ZERO);
    if args.json {
        let report = json!({
            "file": name,
            "n_bars": whole.frame().n_bars,
            "meter": whole.frame().meter.to_string(),
            "tempo": whole.frame().tempo,
            "key_written": written.map(|key| key.to_string()),
            "key_heard": estimated.map(|estimate| json!({"key": estimate.key.to_string(), "confidence": estimate.confidence})),
            "chords": chord_rows.iter().map(|(symbol, onset, duration, confidence)| json!({
                "symbol": symbol, "onset_beats": onset, "duration_beats": duration, "confidence": confidence,
            })).collect::<Vec<_>>(),
            "mood": measure_mood(&phrase).map(|mood| json!({"valence": mood.valence, "arousal": mood.arousal})),
            "parts": phrase.parts().map(|part| (part.name().to_owned(), part_json(&phrase, part))).collect::<serde_json::Map<_, _>>(),
            "originality": originality,
            "warnings": warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        });
        return manner::print(&format!("{report:#}\n"));
    }
    manner.print(format_args!("{}\n", roll::text(&shown, 100)))?;
    manner.print(text_report(&phrase, &chord_rows))?;
    let key = |key: Option<Key>| key.map_or("none".to_owned(), |key| key.to_string());
    let sure = estimated.map_or(0.0, |estimate| estimate.confidence);
    manner.print(format_args!(
        "key written: {}; recognised: {} ({sure:.2})\n",
        key(written),
        key(estimated.map(|estimate| estimate.key))
    ))?;
    let keys = segment_keys(&whole, KEY_WINDOW_BARS);
    let keys = keys
        .iter()
        .map(|span| format!("{} from bar {}", span.estimate.key, whole.frame().bar_number(span.first_bar)));
    manner.print(format_args!(
        "whole file: {}; {}\n",
        counted(whole.frame().n_bars, "bar"),
        keys.collect::<Vec<_>>().join(", ")
    ))?;
    manner.print(format_args!("{originality}\n"))?;
    for warning in warnings {
        manner.note(format_args!("note: {warning}"));
    }
    if let Some(png) = &args.png {
        manner.print(format_args!("wrote {}\n", png.display()))?;
    }
    Ok(())
}

fn part_json(phrase: &Phrase, part: descant::music::Part) -> serde_json::Value {
    let bars: Vec<u32> = (0..phrase.frame().n_bars_total()).collect();
    let measures = measure_part(phrase, part, &bars);
    let controls: serde_json::Map<String, serde_json::Value> = PartControl::ALL
        .into_iter()
        .filter_map(|control| Some((control.name().to_owned(), json!(measures?.get(control)))))
        .collect();
    json!({ "n_notes": phrase.notes(part).len(), "controls": controls })
}

fn text_report(phrase: &Phrase, chords: &[(String, f64, f64, Option<f32>)]) -> String {
    let bars: Vec<u32> = (0..phrase.frame().n_bars_total()).collect();
    let mut text = format!("{:<10} {:>6}", "part", "notes");
    text.extend(PartControl::ALL.map(|control| format!(" {:>11}", control.name())));
    text.push('\n');
    for part in phrase.parts() {
        text += &format!("{:<10} {:>6}", part.name(), phrase.notes(part).len());
        if let Some(measures) = measure_part(phrase, part, &bars) {
            text.extend(PartControl::ALL.map(|control| format!(" {:>11.2}", measures.get(control))));
        }
        text.push('\n');
    }
    if let Some(mood) = measure_mood(phrase) {
        text += &format!("mood: valence {:.2}, arousal {:.2}\n", mood.valence, mood.arousal);
    }
    let symbols = chords.iter().map(|(symbol, _, _, confidence)| match confidence {
        Some(confidence) => format!("{symbol} ({confidence:.2})"),
        None => symbol.clone(),
    });
    text + &format!("chords: {}\n", symbols.collect::<Vec<_>>().join(" · "))
}
