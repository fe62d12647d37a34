//! Compressed projects, since hosts save them every few minutes.
//!
//! # Format
//!
//! `{"format":5,"packed":"…"}`. The packed text is JSON of format 4 with notes in columns, compressed by bzip2 (version
//! 1.0) and encoded in base 64 (RFC 4648, section 4). Format 3 is packed like this from format 1; format 2 is the same
//! compressed by zlib (RFC 1950).

use std::io::{Read, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bzip2::Compression;
use bzip2::read::BzDecoder;
use bzip2::write::BzEncoder;
use flate2::read::ZlibDecoder;
use serde_json::Value;

use super::error::StateError;
use crate::music::{Note, NoteColumns};
use crate::session::Takes;

/// The longest text that is unpacked, in bytes: packed data may claim to be longer than memory.
const MAX_TEXT_BYTES: u64 = 64 << 20;

/// Compresses and encodes `text`.
pub(super) fn pack(text: &str) -> std::io::Result<String> {
    let mut encoder = BzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes())?;
    Ok(STANDARD.encode(encoder.finish()?))
}

/// Reverses [`pack`].
pub(super) fn unpack(packed: &str) -> Result<String, StateError> {
    let compressed = decode(packed)?;
    let mut decoder = BzDecoder::new(&*compressed);
    let text = read_text(&mut decoder)?;
    ended(compressed.len(), decoder.total_in())?;
    Ok(text)
}

/// Unpacks a project of format 2.
pub(super) fn inflate(packed: &str) -> Result<String, StateError> {
    let deflated = decode(packed)?;
    let mut decoder = ZlibDecoder::new(&*deflated);
    let text = read_text(&mut decoder)?;
    ended(deflated.len(), decoder.total_in())?;
    Ok(text)
}

fn decode(packed: &str) -> Result<Vec<u8>, StateError> {
    STANDARD.decode(packed).map_err(|error| damaged(&error.to_string()))
}

/// Reads `decoder` to its end, at most [`MAX_TEXT_BYTES`].
fn read_text(decoder: &mut impl Read) -> Result<String, StateError> {
    let mut bytes = Vec::new();
    let read = decoder.take(MAX_TEXT_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| damaged(&error.to_string()))?;
    if u64::try_from(bytes.len()).is_ok_and(|n_bytes| n_bytes > MAX_TEXT_BYTES) {
        return Err(damaged("is too large"));
    }
    String::from_utf8(bytes).map_err(|_| damaged("is not text"))
}

/// Checks that a decoder read all of its `n_bytes` input bytes.
fn ended(n_bytes: usize, n_read: u64) -> Result<(), StateError> {
    if u64::try_from(n_bytes).is_ok_and(|n_bytes| n_bytes == n_read) {
        return Ok(());
    }
    Err(damaged("goes on after its end"))
}

fn damaged(why: &str) -> StateError {
    StateError::Damaged(format!("its packed form {why}"))
}

/// `takes` as JSON with notes in columns; `None` if they cannot be serialised.
pub(super) fn in_columns(takes: &Takes) -> Option<Value> {
    let mut json = serde_json::to_value(takes).ok()?;
    put_in_columns(&mut json);
    Some(json)
}

fn put_in_columns(json: &mut Value) {
    match json {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_array_mut() {
                    Some(parts) if name == "parts" => parts.iter_mut().for_each(put_part_in_columns),
                    _ => put_in_columns(value),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(put_in_columns),
        _ => {}
    }
}

/// `part` as columns, if it is a list of notes.
fn put_part_in_columns(part: &mut Value) {
    let Ok(notes) = serde_json::from_value::<Vec<Note>>(part.clone()) else { return };
    if let Some(columns) = serde_json::to_value(NoteColumns::new(&notes)).ok().filter(|_| !notes.is_empty()) {
        *part = columns;
    }
}

#[cfg(test)]
pub(super) mod tests {
    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    /// `text` as projects of format 2 had it.
    pub fn deflate(text: &str) -> String {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        STANDARD.encode(encoder.finish().unwrap())
    }

    #[test]
    fn what_is_packed_comes_back_and_nothing_stands_after_it() {
        for text in ["", "{}", &"a project, ".repeat(100_000)] {
            assert_eq!(unpack(&pack(text).unwrap()).unwrap(), text);
            assert_eq!(inflate(&deflate(text)).unwrap(), text);
        }
        let longer = |packed: &str| STANDARD.encode([STANDARD.decode(packed).unwrap(), vec![0]].concat());
        assert!(unpack(&longer(&pack("{}").unwrap())).is_err());
        assert!(inflate(&longer(&deflate("{}"))).is_err());
    }
}
