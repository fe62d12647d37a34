//! The file format of fingerprints.
//!
//! # Format
//!
//! `DFPR`, the length of the header in bytes (`u32`, little-endian), the header as JSON, and the filter: a descriptor
//! of `DESCRIPTOR_LEN` bytes and one byte per slot. The same corpus and options give the same bytes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use xorf::{BinaryFuse8, BinaryFuse8Ref, DmaSerializable, Filter, FilterRef};

use super::run_counts::RunCounts;
use crate::music::{Part, counted};

/// Magic bytes at the start of the file.
const MAGIC: &[u8; 4] = b"DFPR";

/// The format that this version writes and reads.
pub const FORMAT: u32 = 1;

/// Bytes of the filter's descriptor: a seed of eight bytes, and three numbers of four.
const DESCRIPTOR_LEN: usize = BinaryFuse8::DESCRIPTOR_LEN;

/// Offset of the header.
const HEADER_START: usize = MAGIC.len() + size_of::<u32>();

/// Most bytes of a header.
const MAX_HEADER_LEN: usize = 1 << 16;

/// Allowed lengths of a gram, in notes.
pub const GRAM_NOTES: std::ops::RangeInclusive<usize> = 4..=16;

/// Why fingerprints cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FingerprintError {
    /// Another kind of file, or one that was cut off.
    #[error(
        "no file of fingerprints, or the first part of one; write it again with `descant-cli corpus fingerprint`"
    )]
    NoFingerprints,
    /// A file of another version.
    #[error(
        "the fingerprints have format {0}, this version reads {FORMAT}; write them again with \
         `descant-cli corpus fingerprint`"
    )]
    Format(u32),
    /// The contents of the header are invalid.
    #[error(
        "the header of the fingerprints says {0}; write them again with `descant-cli corpus fingerprint`"
    )]
    Header(String),
    /// The filter does not match the header.
    #[error("the fingerprints are damaged; install the model again")]
    Damaged,
    /// No filter can be built from the grams.
    #[error("no filter can be made of {}; give a corpus with more melodies", counted(.0, "gram"))]
    Grams(usize),
}

/// The header of a file of fingerprints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT`].
    pub format: u32,
    /// Notes of a gram.
    pub n_notes: usize,
    /// Grams shared by more families than this are left out as common property.
    pub max_families: u32,
    /// Hash of the corpus.
    pub corpus: String,
    /// Grams in the filter.
    pub n_grams: usize,
    /// Number of grams left out as common property.
    pub n_common: usize,
    /// SHA-256 of the filter, in hexadecimal.
    pub sha256: String,
    /// Longest run allowed, in notes, by part.
    pub limits: BTreeMap<Part, u32>,
    /// The longest run that held-out windows of eight bars share with the training set, by part.
    pub held_out: BTreeMap<Part, RunCounts>,
}

/// The filter: an approximate set of grams, a false one in 256.
///
/// # Source
///
/// T. M. Graf and D. Lemire, "Binary Fuse Filters: Fast and Smaller Than Xor Filters", ACM JEA 27, 2022.
#[derive(Debug, Clone)]
pub struct GramFilter {
    bytes: Cow<'static, [u8]>,
    /// Offset of the filter in `bytes`.
    start: usize,
}

impl GramFilter {
    /// A filter of `grams`, which have no duplicates.
    ///
    /// # Errors
    ///
    /// There are too few grams.
    pub fn new(grams: &[u64]) -> Result<Self, FingerprintError> {
        let bad = FingerprintError::Grams(grams.len());
        if grams.is_empty() {
            return Err(bad);
        }
        let filter = BinaryFuse8::try_from(grams).map_err(|_| bad)?;
        let mut bytes = vec![0; DESCRIPTOR_LEN];
        filter.dma_copy_descriptor_to(&mut bytes);
        bytes.extend_from_slice(filter.dma_fingerprints());
        Ok(Self { bytes: Cow::Owned(bytes), start: 0 })
    }

    /// Descriptor and slots.
    fn as_bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// For each of `grams`, whether the filter contains it.
    pub fn hits(&self, grams: impl Iterator<Item = u64>) -> Vec<bool> {
        let (descriptor, slots) = self.as_bytes().split_at(DESCRIPTOR_LEN);
        let filter = BinaryFuse8Ref::from_dma(descriptor, slots);
        grams.map(|gram| filter.contains(&gram)).collect()
    }

    pub(super) fn sha256(&self) -> String {
        Sha256::digest(self.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether all slots exist that a look-up may read.
    ///
    /// # Source
    ///
    /// Graf and Lemire, section 4: a look-up reads one slot in each of three neighbouring segments; segments are a
    /// power of two long.
    fn is_sound(&self) -> bool {
        let Some((descriptor, slots)) = self.as_bytes().split_at_checked(DESCRIPTOR_LEN) else {
            return false;
        };
        let number = |at: usize| {
            let bytes = descriptor.get(at..at + 4).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok());
            bytes.map_or(0, u32::from_le_bytes)
        };
        let (segment_len, mask, n_starts) = (number(8), number(12), number(16));
        let n_slots = u64::from(n_starts) + 2 * u64::from(segment_len);
        segment_len.is_power_of_two()
            && mask == segment_len - 1
            && n_starts > 0
            && n_starts.is_multiple_of(segment_len)
            && u64::try_from(slots.len()).is_ok_and(|len| len == n_slots)
    }
}

/// The contents of a file.
pub fn to_bytes(header: &Header, filter: &GramFilter) -> Vec<u8> {
    let header = serde_json::to_vec(header).unwrap_or_default();
    let header_len = u32::try_from(header.len()).unwrap_or(u32::MAX);
    [MAGIC, header_len.to_le_bytes().as_slice(), &header, filter.as_bytes()].concat()
}

/// Reads a file; the filter's bytes are used in place.
///
/// # Errors
///
/// The bytes are not a complete file of this version.
pub fn from_bytes(bytes: Cow<'static, [u8]>) -> Result<(Header, GramFilter), FingerprintError> {
    let (header, start) = read_header(&bytes)?;
    let filter = GramFilter { bytes, start };
    if !filter.is_sound() || filter.sha256() != header.sha256 {
        return Err(FingerprintError::Damaged);
    }
    Ok((header, filter))
}

fn read_header(bytes: &[u8]) -> Result<(Header, usize), FingerprintError> {
    #[derive(Deserialize)]
    struct Version {
        format: u32,
    }
    let rest = bytes.strip_prefix(MAGIC).ok_or(FingerprintError::NoFingerprints)?;
    let (len, rest) = rest.split_first_chunk::<4>().ok_or(FingerprintError::NoFingerprints)?;
    let len = usize::try_from(u32::from_le_bytes(*len)).unwrap_or(usize::MAX);
    let text = rest.get(..len).filter(|text| text.len() <= MAX_HEADER_LEN);
    let text = text.ok_or(FingerprintError::NoFingerprints)?;
    let unreadable =
        |error: serde_json::Error| FingerprintError::Header(format!("nothing that can be read ({error})"));
    let Version { format } = serde_json::from_slice(text).map_err(unreadable)?;
    if format != FORMAT {
        return Err(FingerprintError::Format(format));
    }
    let header: Header = serde_json::from_slice(text).map_err(unreadable)?;
    if !GRAM_NOTES.contains(&header.n_notes) {
        return Err(FingerprintError::Header(format!("that grams have {}", counted(header.n_notes, "note"))));
    }
    Ok((header, HEADER_START + len))
}
