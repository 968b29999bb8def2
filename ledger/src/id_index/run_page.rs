//! One page of a run: a hash, a count and up to 162 records, ascending by id.

use super::id_record::{IdRecord, RECORD_BYTES};
use crate::disk::limits::PAGE_BYTES;
use crate::disk::{FieldReader, FieldWriter, to_usize};

pub(super) const RECORDS_PER_PAGE: usize = 162;
const HASH_BYTES: usize = 32;

/// A page under construction.
pub(super) fn encode_page(records: &[IdRecord]) -> Vec<u8> {
    let count = u16::try_from(records.len()).unwrap_or(u16::MAX);
    let content =
        records.iter().fold(FieldWriter::default().u16(count), |fields, record| record.encode(fields));
    let mut content = content.finish();
    content.resize(to_usize(PAGE_BYTES).saturating_sub(HASH_BYTES), 0);
    FieldWriter::default().array(blake3::hash(&content).as_bytes()).array(&content).finish()
}

/// Reads a page, or `None` if its hash does not hold.
pub(super) fn decode_page(page: &[u8], records: &mut Vec<IdRecord>) -> Option<()> {
    records.clear();
    let (hash, content) = page.split_first_chunk::<HASH_BYTES>()?;
    if blake3::hash(content).as_bytes() != hash {
        return None;
    }
    let mut reader = FieldReader::new(content);
    let count = usize::from(reader.u16()?);
    if count > RECORDS_PER_PAGE {
        return None;
    }
    for _ in 0..count {
        records.push(IdRecord::decode(&mut reader)?);
    }
    Some(())
}

const _: () = assert!(HASH_BYTES + 2 + RECORDS_PER_PAGE * RECORD_BYTES <= 4_096);
