//! What a snapshot is of: the 96 bytes behind its table.

use super::snapshot_error::SnapshotFault;
use crate::disk::{FieldReader, FieldWriter};
use crate::journal::EntryHash;

pub(super) const HEADER_BYTES: usize = 96;
const MAGIC: [u8; 8] = *b"BALLASTS";
const FORMAT: u16 = 1;

/// The entry after which the state is as the snapshot says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SnapshotHeader {
    /// The last entry applied.
    pub sequence: u64,
    /// Its timestamp, in microseconds.
    pub timestamp: u64,
    /// Its hash, which the next entry must name.
    pub chain_hash: EntryHash,
    /// The state root after it.
    pub state_root: [u8; 32],
}

impl SnapshotHeader {
    pub(super) fn encode(&self) -> Vec<u8> {
        FieldWriter::default()
            .array(&MAGIC)
            .u16(FORMAT)
            .array(&[0; 6])
            .u64(self.sequence)
            .u64(self.timestamp)
            .array(&self.chain_hash.0)
            .array(&self.state_root)
            .finish()
    }

    pub(super) fn decode(bytes: &[u8; HEADER_BYTES]) -> Result<Self, SnapshotFault> {
        let mut reader = FieldReader::new(bytes);
        if reader.array() != Some(MAGIC) {
            return Err(SnapshotFault::Malformed);
        }
        let format = reader.u16().ok_or(SnapshotFault::Malformed)?;
        if format != FORMAT {
            return Err(SnapshotFault::FormatUnknown(format));
        }
        Self::decode_fields(&mut reader).ok_or(SnapshotFault::Malformed)
    }

    fn decode_fields(reader: &mut FieldReader<'_>) -> Option<Self> {
        reader.zeros::<6>()?;
        let (sequence, timestamp) = (reader.u64()?, reader.u64()?);
        let (chain_hash, state_root) = (EntryHash(reader.array()?), reader.array()?);
        Some(Self { sequence, timestamp, chain_hash, state_root })
    }
}
