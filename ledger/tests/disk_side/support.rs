//! What the tests of the disk side share: a journal on a fake disk, with entries that follow from their sequence.

use std::sync::Arc;

use ledger::disk::{Disk, FakeDisk};
use ledger::journal::{
    EntryBuffer, EntryCounts, EntryFields, EntryKind, Journal, JournalError, JournalId, JournalOptions,
    Recovered,
};

pub(crate) const PAGE: usize = 4_096;
pub(crate) const JOURNAL_ID: JournalId = JournalId(*b"journal of tests");

/// SplitMix64, so that a test's seed gives all its choices.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    pub(crate) fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }
}

pub(crate) fn options(segment_pages: usize, required_through: u64) -> JournalOptions {
    let segment_bytes = u64::try_from(segment_pages * PAGE).unwrap();
    JournalOptions { journal_id: JOURNAL_ID, segment_bytes, required_through }
}

pub(crate) fn open(disk: &FakeDisk, segment_pages: usize) -> Result<(Journal, Recovered), JournalError> {
    Journal::open(shared(disk), options(segment_pages, 0))
}

pub(crate) fn shared(disk: &FakeDisk) -> Arc<dyn Disk> {
    Arc::new(disk.clone())
}

pub(crate) fn fields(sequence: u64) -> EntryFields {
    EntryFields {
        kind: EntryKind::Batch,
        sequence,
        timestamp: sequence * 1_000,
        counts: EntryCounts { expiries: 1, requests: 2, transfers: 3 },
        state_root: [u8::try_from(sequence % 251).unwrap(); 32],
        state_root_sequence: sequence - 1,
    }
}

/// A body that follows from sequence and length, without a zero byte.
pub(crate) fn body(sequence: u64, length: usize) -> Vec<u8> {
    let mut random = Random(sequence);
    (0..length).map(|_| u8::try_from(random.next() % 255).unwrap() + 1).collect()
}

pub(crate) fn append(journal: &mut Journal, length: usize) -> Result<u64, JournalError> {
    let sequence = journal.last_sequence() + 1;
    append_body(journal, &body(sequence, length))?;
    Ok(sequence)
}

pub(crate) fn append_body(journal: &mut Journal, body: &[u8]) -> Result<(), JournalError> {
    let mut entry = EntryBuffer::new();
    entry.push(body);
    journal.append(fields(journal.last_sequence() + 1), &mut entry)?;
    Ok(())
}

/// Every entry from the oldest on, read forward; closing entries have an empty body.
pub(crate) fn read_all(journal: &Journal) -> Vec<(u64, Vec<u8>)> {
    let reader = journal.reader();
    let mut cursor = reader.cursor(reader.oldest_sequence());
    let mut entries = Vec::new();
    while let Some(entry) = cursor.next_entry().unwrap() {
        entries.push((entry.header.fields.sequence, entry.body.to_vec()));
    }
    entries
}

/// Seals every segment that can be, as the owner does, the id index aside.
pub(crate) fn seal_all(journal: &mut Journal) -> Result<usize, JournalError> {
    let archiver = journal.archiver();
    let mut sealed = 0;
    while let Some(archived) = journal.recyclable().into_iter().next() {
        journal.recycle(&archived)?;
        sealed += 1;
    }
    while let Some(ordinal) = archiver.next_sealable(u64::MAX) {
        let archived = archiver.archive(ordinal)?;
        journal.recycle(&archived)?;
        sealed += 1;
    }
    Ok(sealed)
}
