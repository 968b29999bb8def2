//! Entries and proofs on the wire. What they say is not checked here: an entry's body by who reads it, a proof by who
//! verifies it.

use super::codec::{Wire, WireReader, wire_struct, wire_through};
use crate::disk::{to_u32, to_usize};
use crate::handle::{ProvedAccount, RawEntry};
use crate::journal::{EntryCounts, EntryFields, EntryHash, EntryHeader, EntryKind};
use crate::proof::{AccountProof, PROOF_BYTES_MAX};

wire_through!(EntryKind, u16, |kind| kind_code(*kind), kind);

wire_struct!(EntryCounts { expiries: u32, requests: u32, transfers: u32 });

wire_struct!(EntryFields {
    kind: EntryKind,
    sequence: u64,
    timestamp: u64,
    counts: EntryCounts,
    state_root: [u8; 32],
    state_root_sequence: u64,
});

wire_struct!(EntryHeader {
    fields: EntryFields,
    body_length: u32,
    flushed_through: u64,
    previous_hash: EntryHash,
    hash: EntryHash,
});

const fn kind_code(kind: EntryKind) -> u16 {
    match kind {
        EntryKind::Batch => 1,
        EntryKind::Closing => 2,
    }
}

const fn kind(code: u16) -> Option<EntryKind> {
    match code {
        1 => Some(EntryKind::Batch),
        2 => Some(EntryKind::Closing),
        _ => None,
    }
}

/// The header, then the length of the body and the body. A body that is not as long as its header says is carried
/// as it is.
impl Wire for RawEntry {
    const LEAST: usize = <EntryHeader as Wire>::LEAST + 4;

    fn put(&self, bytes: &mut Vec<u8>) {
        self.header.put(bytes);
        put_bytes(bytes, &self.body);
    }

    fn take(reader: &mut WireReader<'_>) -> Option<Self> {
        let header = EntryHeader::take(reader)?;
        let length = u32::take(reader)?;
        let body = reader.bytes(to_usize(u64::from(length)))?.to_vec();
        Some(Self { header, body })
    }
}

impl RawEntry {
    /// How long the entry is on the wire.
    pub(super) fn wire_length(&self) -> usize {
        Self::LEAST.saturating_add(self.body.len())
    }
}

/// A length, then the proof in its own form.
impl Wire for ProvedAccount {
    const LEAST: usize = 0;

    fn put(&self, bytes: &mut Vec<u8>) {
        self.account.put(bytes);
        put_bytes(bytes, &self.proof.encode());
        self.sequence.put(bytes);
        self.carried_by.put(bytes);
    }

    fn take(reader: &mut WireReader<'_>) -> Option<Self> {
        let account = Wire::take(reader)?;
        let length = to_usize(u64::from(u32::take(reader)?));
        let proof = (length <= PROOF_BYTES_MAX).then_some(length).and_then(|length| reader.bytes(length))?;
        let proof = AccountProof::decode(proof).ok()?;
        Some(Self { account, proof, sequence: u64::take(reader)?, carried_by: EntryHeader::take(reader)? })
    }
}

fn put_bytes(bytes: &mut Vec<u8>, field: &[u8]) {
    to_u32(field.len()).put(bytes);
    bytes.extend_from_slice(field);
}
