//! The 176 bytes in front of every entry.
//!
//! ```text
//!   0  journal_id            16   not hashed: secret of this data folder, the same in every entry
//!  16  hash                  32   BLAKE3 of everything from here to the end of the body
//!  48  magic                  8
//!  56  format                 2
//!  58  kind                   2
//!  60  reserved               4   zero
//!  64  body_length            4
//!  68  expiries               4
//!  72  requests               4
//!  76  transfers              4
//!  80  sequence               8
//!  88  timestamp              8
//!  96  flushed_through        8
//! 104  state_root_sequence    8
//! 112  state_root            32
//! 144  previous_hash         32
//! 176  body, then zeros to the end of the page
//! ```
//!
//! Recovery looks for entries at every page of a segment, and bodies hold bytes that clients chose. The journal id
//! keeps a body from passing for an entry: it is handed in, never shown and not part of the hash, so a proof can
//! publish the hashed header without it.

use crate::disk::limits::{ENTRY_BYTES_MAX, PAGE_BYTES, SEQUENCE_MAX};
use crate::disk::{FieldReader, FieldWriter, to_u64, to_usize};

/// The header's length in front of the body.
pub const ENTRY_HEADER_BYTES: usize = 176;

/// Where the hashed part begins.
const HASHED_FROM: usize = 48;
const MAGIC: [u8; 8] = *b"BALLASTJ";
const FORMAT: u16 = 1;
/// Padding is always shorter than a page.
static ZERO_PAGE: [u8; 4_096] = [0; 4_096];

/// Marks the entries of one data folder. It must not be guessable by a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalId(pub [u8; 16]);

/// The BLAKE3 hash of an entry: what the next entry names as the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EntryHash(pub [u8; 32]);

/// What an entry is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// Expiries, administrative requests, transfers and outcomes.
    Batch,
    /// The end of a clean stop; its body is empty.
    Closing,
}

impl EntryKind {
    fn code(self) -> u16 {
        match self {
            Self::Batch => 1,
            Self::Closing => 2,
        }
    }

    fn from_code(code: u16) -> Option<Self> {
        match code {
            1 => Some(Self::Batch),
            2 => Some(Self::Closing),
            _ => None,
        }
    }
}

/// How many records of each sort the body holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EntryCounts {
    /// Pending transfers released at the start of the entry.
    pub expiries: u32,
    /// Administrative requests.
    pub requests: u32,
    /// Transfers that consumed an id, each with its outcome.
    pub transfers: u32,
}

/// What the sequencer gives an entry; the journal adds the rest of the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryFields {
    /// What the entry is for.
    pub kind: EntryKind,
    /// One more than that of the entry before.
    pub sequence: u64,
    /// Microseconds UTC, never before that of the entry before.
    pub timestamp: u64,
    /// Records in the body.
    pub counts: EntryCounts,
    /// The newest state root computed, zeros if there is none.
    pub state_root: [u8; 32],
    /// The entry after which the root holds.
    pub state_root_sequence: u64,
}

/// A header whose hash holds over itself and the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryHeader {
    /// What the sequencer gave.
    pub fields: EntryFields,
    /// The length of the body, without padding.
    pub body_length: u32,
    /// The newest entry known to be durable when this one was written.
    pub flushed_through: u64,
    /// The hash of the entry before; zeros in the first.
    pub previous_hash: EntryHash,
    /// The hash of this entry.
    pub hash: EntryHash,
}

/// Why bytes are not an entry of this journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryFault {
    /// The page does not begin as an entry of this journal does.
    #[error("no entry begins here")]
    NotAnEntry,
    /// Written by a program with another entry format.
    #[error("entry format {0} is not known; start the program version that wrote it")]
    FormatUnknown(u16),
    /// A header field has a value that no writer gives it.
    #[error("the header is malformed")]
    HeaderMalformed,
    /// The length does not fit the segment or the bound.
    #[error("the entry is longer than it can be")]
    TooLong,
    /// The hash does not hold.
    #[error("the hash does not hold")]
    HashDiffers,
    /// A byte after the body is not zero.
    #[error("the padding is not zero")]
    PaddingNotZero,
}

impl EntryHeader {
    /// The entry's length in the segment: header and body, padded to whole pages.
    #[must_use]
    pub fn padded_length(&self) -> u64 {
        padded_length(u64::from(self.body_length))
    }

    /// The bytes a proof publishes: everything the hash covers before the body.
    #[must_use]
    pub fn hashed_bytes(&self) -> Vec<u8> {
        let fields = &self.fields;
        FieldWriter::default()
            .array(&MAGIC)
            .u16(FORMAT)
            .u16(fields.kind.code())
            .u32(0)
            .u32(self.body_length)
            .u32(fields.counts.expiries)
            .u32(fields.counts.requests)
            .u32(fields.counts.transfers)
            .u64(fields.sequence)
            .u64(fields.timestamp)
            .u64(self.flushed_through)
            .u64(fields.state_root_sequence)
            .array(&fields.state_root)
            .array(&self.previous_hash.0)
            .finish()
    }

    /// Reads a header without looking at the body, so its hash is not checked yet.
    pub(crate) fn decode(journal_id: JournalId, page: &[u8]) -> Result<Self, EntryFault> {
        let mut reader = FieldReader::new(page);
        let ours = reader.array() == Some(journal_id.0);
        let hash = reader.array().map(EntryHash);
        let magic = reader.array() == Some(MAGIC);
        if !ours || !magic {
            return Err(EntryFault::NotAnEntry);
        }
        let format = reader.u16().ok_or(EntryFault::NotAnEntry)?;
        match format {
            FORMAT => {}
            // No program writes format 0: this is a header cut in the middle.
            0 => return Err(EntryFault::HeaderMalformed),
            _ => return Err(EntryFault::FormatUnknown(format)),
        }
        let hash = hash.ok_or(EntryFault::NotAnEntry)?;
        let header = Self::decode_hashed(&mut reader, hash).ok_or(EntryFault::HeaderMalformed)?;
        if header.padded_length() > ENTRY_BYTES_MAX {
            return Err(EntryFault::TooLong);
        }
        let sequences = [header.fields.sequence, header.flushed_through, header.fields.state_root_sequence];
        let [sequence, earlier @ ..] = sequences;
        let in_order = (1..=SEQUENCE_MAX).contains(&sequence) && earlier.iter().all(|one| *one < sequence);
        if in_order { Ok(header) } else { Err(EntryFault::HeaderMalformed) }
    }

    /// The fields after the format.
    fn decode_hashed(reader: &mut FieldReader<'_>, hash: EntryHash) -> Option<Self> {
        let kind = EntryKind::from_code(reader.u16()?)?;
        reader.zeros::<4>()?;
        let body_length = reader.u32()?;
        let counts =
            EntryCounts { expiries: reader.u32()?, requests: reader.u32()?, transfers: reader.u32()? };
        let (sequence, timestamp) = (reader.u64()?, reader.u64()?);
        let (flushed_through, state_root_sequence) = (reader.u64()?, reader.u64()?);
        let state_root = reader.array()?;
        let previous_hash = EntryHash(reader.array()?);
        let fields = EntryFields { kind, sequence, timestamp, counts, state_root, state_root_sequence };
        Some(Self { fields, body_length, flushed_through, previous_hash, hash })
    }

    /// Checks the whole entry, `padded_length` bytes of it.
    pub(super) fn verify(&self, entry: &[u8]) -> Result<(), EntryFault> {
        let body_end = ENTRY_HEADER_BYTES.saturating_add(to_usize(u64::from(self.body_length)));
        let (hashed, padding) = entry.split_at_checked(body_end).ok_or(EntryFault::TooLong)?;
        if hash_of(hashed) != Some(self.hash) {
            return Err(EntryFault::HashDiffers);
        }
        let zeros = ZERO_PAGE.get(..padding.len());
        if zeros == Some(padding) { Ok(()) } else { Err(EntryFault::PaddingNotZero) }
    }
}

/// Puts the header in front of the body that `entry` holds, without padding, and returns it with its hash.
pub(super) fn seal_entry(
    journal_id: JournalId,
    mut header: EntryHeader,
    entry: &mut [u8],
) -> Option<EntryHeader> {
    entry.get_mut(HASHED_FROM..ENTRY_HEADER_BYTES)?.copy_from_slice(&header.hashed_bytes());
    header.hash = hash_of(entry)?;
    entry.first_chunk_mut::<16>()?.copy_from_slice(&journal_id.0);
    entry.get_mut(16..HASHED_FROM)?.copy_from_slice(&header.hash.0);
    Some(header)
}

fn hash_of(entry: &[u8]) -> Option<EntryHash> {
    Some(EntryHash(*blake3::hash(entry.get(HASHED_FROM..)?).as_bytes()))
}

/// Header and body of this length, padded to whole pages.
pub(super) fn padded_length(body_length: u64) -> u64 {
    body_length
        .saturating_add(to_u64(ENTRY_HEADER_BYTES))
        .checked_next_multiple_of(PAGE_BYTES)
        .unwrap_or(u64::MAX)
}
