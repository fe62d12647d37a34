//! A project in few bytes: hosts save it every few minutes.
//!
//! # Format
//!
//! `{"format":2,"packed":"…"}`. Packed is the JSON of format 1, its notes in columns, deflated with a checksum (zlib, RFC
//! 1950) and written in base 64 (RFC 4648, section 4).

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde_json::Value;

use super::StateError;
use crate::music::{Note, NoteColumns};
use crate::session::Takes;

/// More text than any project has, in bytes: packed data may claim to be longer than memory.
const MAX_TEXT_BYTES: u64 = 64 << 20;

/// `text` in few bytes.
pub(super) fn pack(text: &str) -> std::io::Result<String> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes())?;
    Ok(STANDARD.encode(encoder.finish()?))
}

/// What [`pack`] made `packed` of.
pub(super) fn unpack(packed: &str) -> Result<String, StateError> {
    let damaged = |why: &str| StateError::Damaged(format!("its packed form {why}"));
    let deflated = STANDARD.decode(packed).map_err(|error| damaged(&error.to_string()))?;
    let mut decoder = ZlibDecoder::new(&*deflated);
    let mut bytes = Vec::new();
    let read = decoder.by_ref().take(MAX_TEXT_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| damaged(&error.to_string()))?;
    if u64::try_from(bytes.len()).is_ok_and(|n_bytes| n_bytes > MAX_TEXT_BYTES) {
        return Err(damaged("is too large"));
    }
    if u64::try_from(deflated.len()).is_ok_and(|n_bytes| n_bytes != decoder.total_in()) {
        return Err(damaged("goes on after its end"));
    }
    String::from_utf8(bytes).map_err(|_| damaged("is not text"))
}

/// `takes` with their notes in columns; `None` if they have no form in JSON.
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

/// `part`, if it is the notes of one.
fn put_part_in_columns(part: &mut Value) {
    let Ok(notes) = serde_json::from_value::<Vec<Note>>(part.clone()) else { return };
    if let Some(columns) = serde_json::to_value(NoteColumns::new(&notes)).ok().filter(|_| !notes.is_empty()) {
        *part = columns;
    }
}
