//! Builds shards of four-voice pieces on a grid of sixteenths, the form of a common benchmark (Bach chorales).
//!
//! The source is one JSON object with `train`, `valid` and `test`, each a list of pieces. A piece is a list of
//! sixteenths, a sixteenth is the MIDI pitches of four voices from the highest to the lowest, -1 for a rest.
//!
//! # Format
//!
//! The shards are those of [`super::shard`], in a vocabulary of their own. A token is a sixteenth: four slots with the
//! voices, which all count in the loss, each predicted from those before it; and a fifth with the place of the
//! sixteenth, counted from the start of the piece modulo 48, which is read and never predicted. A piece begins with a
//! token without voices. There is no end token, and no token has key, meter, fermatas or chords. A "note" of the index
//! is one voice at one sixteenth.
//!
//! The training split holds each piece in all transpositions that keep every voice within its range in that split; the
//! others hold each piece as it is.

use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::CorpusError;
use super::shard::{Record, Shard, ShardEntry, ShardManifest};
use crate::files;

/// Voices, from the highest to the lowest.
const VOICES: [&str; 4] = ["soprano", "alto", "tenor", "bass"];

/// Number of places of a sixteenth: the least common multiple of the sixteenths of bars of four and of three quarters.
const CYCLE: usize = 48;

/// Ids of a voice below its lowest pitch: none, and a rest.
const N_SPECIAL: u16 = 2;

/// Id of the place at the start of the piece; places of sixteenths follow.
const PLACE_START: u16 = 1;

/// Slots of a token that count, as bits of a loss byte.
const ALL_VOICES: u8 = 0b1111;

/// Context length of the network, more than the tokens of the longest piece.
const CONTEXT_LEN: usize = 1024;

/// Pitches of the voices at a sixteenth, -1 for a rest.
type Frame = [i16; 4];

/// The source file.
#[derive(Debug, Deserialize)]
struct Source {
    train: Vec<Vec<Frame>>,
    valid: Vec<Vec<Frame>>,
    test: Vec<Vec<Frame>>,
}

/// The manifest, with the fields that only this kind of shard has.
#[derive(Serialize)]
struct GridManifest {
    #[serde(flatten)]
    shards: ShardManifest,
    /// Number of slots, from the first, that count in the headline loss.
    headline_slots: usize,
}

/// Four voices and a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct GridToken([u16; 5]);

impl AsRef<[u16]> for GridToken {
    fn as_ref(&self) -> &[u16] {
        &self.0
    }
}

/// Writes the pieces of `source` as shards into `out`.
///
/// # Errors
///
/// A source that cannot be read or has another form, or an output that cannot be written.
pub fn build_grid_voices(source: &Path, out: &Path) -> Result<Vec<ShardEntry>, CorpusError> {
    let text = fs::read_to_string(source).map_err(|error| CorpusError::Io(source.to_owned(), error))?;
    let unreadable = |why: String| CorpusError::Manifest(source.to_owned(), why);
    let pieces: Source = serde_json::from_str(&text).map_err(|error| {
        unreadable(format!("{error}; wanted are train, valid and test, each pieces of four voices"))
    })?;
    let splits = [("train", &pieces.train), ("valid", &pieces.valid), ("test", &pieces.test)];
    let all = || splits.iter().flat_map(|(_, pieces)| pieces.iter().flatten().flatten().copied());
    let (lowest, highest) = range(all()).ok_or_else(|| unreadable("holds no notes".to_owned()))?.into_inner();
    if !(0..=127).contains(&lowest) || highest > 127 || all().any(|pitch| pitch < -1) {
        return Err(unreadable("holds pitches outside 0 to 127; a rest is -1".to_owned()));
    }
    let longest = splits.iter().flat_map(|(_, pieces)| pieces.iter().map(Vec::len)).max().unwrap_or(0);
    if longest >= CONTEXT_LEN {
        return Err(unreadable(format!("holds a piece of {longest} sixteenths; cut it below {CONTEXT_LEN}")));
    }
    super::build::claim_empty(out)?;
    let mut entries = Vec::new();
    let mut family = 0;
    for (name, pieces_of_split) in splits {
        let mut shard = Shard::default();
        for piece in pieces_of_split {
            let shifts: Vec<i16> =
                if name == "train" { shifts_in_range(piece, &pieces.train) } else { vec![0] };
            for (variant, shift) in (0..).zip(shifts) {
                let tokens: Vec<GridToken> = std::iter::once(GridToken([0, 0, 0, 0, PLACE_START]))
                    .chain((0..).zip(piece).map(|(place, frame)| token(*frame, shift, lowest, place)))
                    .collect();
                let mut loss = vec![ALL_VOICES; tokens.len()];
                loss[0] = 0;
                let n_notes = u32::try_from(piece.len() * VOICES.len()).unwrap_or(u32::MAX);
                shard.push_tokens(&tokens, &loss, record(n_notes, family, variant, shift == 0));
            }
            family += 1;
        }
        entries.push(shard.write(out, &format!("{name}-0000"), name)?);
    }
    let path = out.join("manifest.json");
    let text = serde_json::to_string_pretty(&manifest(&entries, lowest..=highest)).unwrap_or_default();
    files::replace(&path, text.as_bytes()).map_err(|error| CorpusError::Io(path, error))?;
    Ok(entries)
}

/// The manifest of the shards `entries`, whose pitches are in `range`.
fn manifest(entries: &[ShardEntry], range: RangeInclusive<i16>) -> GridManifest {
    let (lowest, highest) = range.into_inner();
    let n_pitches = u16::try_from(highest - lowest + 1).unwrap_or(0);
    let place_size = PLACE_START + 1 + u16::try_from(CYCLE).unwrap_or(0);
    let voice_size = N_SPECIAL + n_pitches;
    let slots = vec![voice_size, voice_size, voice_size, voice_size, place_size];
    let vocab = format!("grid voices 1; slots {slots:?}; lowest {lowest}");
    GridManifest {
        shards: ShardManifest {
            format: 1,
            vocab_hash: Sha256::digest(vocab).iter().take(8).map(|byte| format!("{byte:02x}")).collect(),
            slots,
            context_len: CONTEXT_LEN,
            seed: 0,
            styles: vec!["grid voices".to_owned()],
            parts: vec!["voices".to_owned()],
            groups: vec!["voices".to_owned(), "harmony".to_owned()],
            tasks: vec!["predict".to_owned()],
            sources: vec!["grid voices".to_owned()],
            shards: entries.to_vec(),
        },
        headline_slots: VOICES.len(),
    }
}

/// The semitones by which `piece` can be moved so that every voice stays within its range in `pieces`.
fn shifts_in_range(piece: &[Frame], pieces: &[Vec<Frame>]) -> Vec<i16> {
    let room = (0..VOICES.len()).map(|voice| {
        let own = range(piece.iter().map(|frame| frame[voice]))?;
        let widest = range(pieces.iter().flatten().map(|frame| frame[voice]))?;
        Some(widest.start() - own.start()..=widest.end() - own.end())
    });
    let room = room.flatten().fold(-12..=11, |room: RangeInclusive<i16>, own| {
        *room.start().max(own.start())..=*room.end().min(own.end())
    });
    room.collect()
}

/// The lowest to the highest of `pitches`, rests left out; `None` if there are only rests.
fn range(pitches: impl Iterator<Item = i16>) -> Option<RangeInclusive<i16>> {
    pitches
        .filter(|&pitch| pitch >= 0)
        .map(|pitch| pitch..=pitch)
        .reduce(|range, pitch| *range.start().min(pitch.start())..=*range.end().max(pitch.end()))
}

fn token(frame: Frame, shift: i16, lowest: i16, place: usize) -> GridToken {
    let id = |pitch: i16| match u16::try_from(pitch) {
        Ok(_) => N_SPECIAL + u16::try_from(pitch + shift - lowest).unwrap_or(0),
        Err(_) => N_SPECIAL - 1,
    };
    let [soprano, alto, tenor, bass] = frame.map(id);
    let place = PLACE_START + 1 + u16::try_from(place % CYCLE).unwrap_or(0);
    GridToken([soprano, alto, tenor, bass, place])
}

fn record(n_notes: u32, family: u32, variant: u8, is_headline: bool) -> Record {
    Record {
        offset: 0,
        n_tokens: 0,
        n_notes,
        styles: 1,
        parts: 1,
        task: 0,
        is_headline,
        variant,
        family,
        source: 0,
    }
}
