//! The end of a run file, from which it is opened.
//!
//! ```text
//! pages     4,096 each   records
//! starts       16 each   the first id of every page
//! filter        8 each   words of the membership filter
//! trailer     200
//! ```

use super::id_filter::words_for;
use super::id_hash::HashKey;
use super::id_record::RunFamily;
use super::run_page::RECORDS_PER_PAGE;
use crate::disk::limits::{PAGE_BYTES, RUN_IDS_MAX};
use crate::disk::{FieldReader, FieldWriter, to_u64};

pub(super) const TRAILER_BYTES: usize = 200;
pub(super) const START_BYTES: usize = 16;
const MAGIC: [u8; 8] = *b"BALLASTI";
const FORMAT: u16 = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RunTrailer {
    pub(super) family: RunFamily,
    pub(super) count: u64,
    pub(super) smallest: u128,
    pub(super) largest: u128,
    /// The count that the filter was made for: of a merge it is known only at the end, and then lower.
    pub(super) filter_ids: u64,
    pub(super) filter_key: HashKey,
    pub(super) starts_hash: [u8; 32],
    pub(super) filter_hash: [u8; 32],
}

impl RunTrailer {
    pub(super) fn pages(&self) -> u64 {
        self.count.div_ceil(to_u64(RECORDS_PER_PAGE))
    }

    pub(super) fn starts_at(&self) -> u64 {
        self.pages().saturating_mul(PAGE_BYTES)
    }

    pub(super) fn filter_at(&self) -> u64 {
        self.starts_at().saturating_add(self.pages().saturating_mul(to_u64(START_BYTES)))
    }

    pub(super) fn filter_words(&self) -> u64 {
        words_for(self.filter_ids)
    }

    pub(super) fn file_bytes(&self) -> u64 {
        let filter_end = self.filter_at().saturating_add(self.filter_words().saturating_mul(8));
        filter_end.saturating_add(to_u64(TRAILER_BYTES))
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        FieldWriter::default()
            .array(&MAGIC)
            .u16(FORMAT)
            .u8(self.family.code())
            .array(&[0; 29])
            .u64(self.count)
            .u64(self.filter_ids)
            .u128(self.smallest)
            .u128(self.largest)
            .array(&self.filter_key.to_bytes())
            .array(&self.starts_hash)
            .array(&self.filter_hash)
            .hash()
            .finish()
    }

    /// Reads the trailer of a file of this length.
    pub(super) fn decode(trailer: &[u8; TRAILER_BYTES], file_bytes: u64) -> Option<Self> {
        let (fields, hash) = trailer.split_last_chunk::<32>()?;
        if blake3::hash(fields).as_bytes() != hash {
            return None;
        }
        let mut reader = FieldReader::new(fields);
        let known = reader.array() == Some(MAGIC) && reader.u16() == Some(FORMAT);
        known.then_some(())?;
        let family = RunFamily::from_code(reader.u8()?)?;
        reader.zeros::<29>()?;
        let (count, filter_ids) = (reader.u64()?, reader.u64()?);
        let (smallest, largest) = (reader.u128()?, reader.u128()?);
        let filter_key = HashKey::new(reader.array()?);
        let (starts_hash, filter_hash) = (reader.array()?, reader.array()?);
        let trailer =
            Self { family, count, smallest, largest, filter_ids, filter_key, starts_hash, filter_hash };
        let bounded = (1..=RUN_IDS_MAX).contains(&count) && (count..=RUN_IDS_MAX).contains(&filter_ids);
        (bounded && trailer.file_bytes() == file_bytes).then_some(trailer)
    }
}
