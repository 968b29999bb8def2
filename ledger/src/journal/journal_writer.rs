//! The one writer of the journal.

use std::mem;
use std::sync::Arc;

use super::archive::{ArchivedSegment, SegmentArchiver};
use super::catalog::{LiveSegment, SharedCatalog};
use super::entry_buffer::EntryBuffer;
use super::entry_header::{EntryCounts, EntryFields, EntryHash, EntryHeader, EntryKind, padded_length};
use super::journal_error::JournalError;
use super::reader::JournalReader;
use super::recovery::{JournalOptions, Recovered, Recovery};
use super::segment::{JOURNAL_FOLDER, PreparedSegment, SegmentPreparer, segment_path};
use super::tail::Tail;
use crate::disk::limits::{ENTRY_BYTES_MAX, LIVE_SEGMENTS_MAX, READY_SEGMENTS_MAX, SEQUENCE_MAX};
use crate::disk::{Disk, DiskError, DiskFile, to_u32, to_u64};

/// The journal, open for appending. There is one per data folder.
#[derive(Debug)]
pub struct Journal {
    disk: Arc<dyn Disk>,
    preparer: SegmentPreparer,
    options: JournalOptions,
    catalog: SharedCatalog,
    current: CurrentSegment,
    tail: Tail,
    flushed_through: u64,
    /// Files written since the last flush: more than one only when a group crosses into the next segment.
    unflushed: Vec<Arc<dyn DiskFile>>,
    failed: bool,
}

/// Where the next entry goes.
#[derive(Debug)]
struct CurrentSegment {
    ordinal: u64,
    file: Arc<dyn DiskFile>,
    used: u64,
}

impl Journal {
    /// Recovers the journal, or begins an empty one, and says what was found.
    pub fn open(disk: Arc<dyn Disk>, options: JournalOptions) -> Result<(Self, Recovered), JournalError> {
        let (catalog, tail, ordinal, report) = Recovery::run(Arc::clone(&disk), options)?.into_parts();
        let segment = catalog.live.iter().find(|segment| segment.ordinal == ordinal);
        let path = segment_path(JOURNAL_FOLDER, ordinal);
        let segment = segment.ok_or(JournalError::SegmentMalformed { path })?;
        let current = CurrentSegment { ordinal, file: Arc::clone(&segment.file), used: segment.used };
        let preparer = SegmentPreparer::new(Arc::clone(&disk), options.segment_bytes);
        let journal = Self {
            disk,
            preparer,
            options,
            catalog: SharedCatalog::new(catalog),
            current,
            tail,
            flushed_through: tail.sequence,
            unflushed: Vec::new(),
            failed: false,
        };
        Ok((journal, report))
    }

    /// The last entry appended; 0 in an empty journal.
    #[must_use]
    pub fn last_sequence(&self) -> u64 {
        self.tail.sequence
    }

    /// The timestamp of the last entry appended.
    #[must_use]
    pub fn last_timestamp(&self) -> u64 {
        self.tail.timestamp
    }

    /// The hash of the last entry appended.
    #[must_use]
    pub fn last_hash(&self) -> EntryHash {
        self.tail.hash
    }

    /// The last entry that is durable.
    #[must_use]
    pub fn flushed_through(&self) -> u64 {
        self.flushed_through
    }

    /// Writes an entry behind the last one, empties the buffer and returns the header. Not durable before
    /// [`Journal::flush`].
    pub fn append(
        &mut self,
        fields: EntryFields,
        entry: &mut EntryBuffer,
    ) -> Result<EntryHeader, JournalError> {
        self.check_usable()?;
        self.check_fields(&fields)?;
        let body_length = entry.body().len();
        let length = padded_length(to_u64(body_length));
        let bound = ENTRY_BYTES_MAX.min(self.options.segment_bytes);
        if length > bound {
            return Err(JournalError::EntryTooLong { length, bound });
        }
        if self.current.used.saturating_add(length) > self.options.segment_bytes {
            self.next_segment()?;
        }
        let header = EntryHeader {
            fields,
            body_length: to_u32(body_length),
            flushed_through: self.flushed_through,
            previous_hash: self.tail.hash,
            hash: EntryHash::default(),
        };
        let (header, bytes) = entry
            .seal(self.options.journal_id, header)
            .ok_or(JournalError::EntryTooLong { length, bound })?;
        let written = self.current.file.write_at(self.current.used, bytes);
        self.final_unless_done(written)?;
        entry.clear();
        self.record(&header);
        Ok(header)
    }

    /// Makes everything appended durable; only then may it be answered or read. Returns the last durable entry.
    pub fn flush(&mut self) -> Result<u64, JournalError> {
        self.check_usable()?;
        for file in mem::take(&mut self.unflushed) {
            let flushed = file.flush();
            self.final_unless_done(flushed)?;
        }
        self.flushed_through = self.tail.sequence;
        self.catalog.write().flushed_through = self.flushed_through;
        Ok(self.flushed_through)
    }

    /// Ends the journal cleanly: flushes, then writes and flushes the entry that says so.
    pub fn close(
        mut self,
        timestamp: u64,
        state_root: [u8; 32],
        state_root_sequence: u64,
    ) -> Result<(), JournalError> {
        self.flush()?;
        let sequence = self.tail.next_sequence();
        let counts = EntryCounts::default();
        let kind = EntryKind::Closing;
        let fields = EntryFields { kind, sequence, timestamp, counts, state_root, state_root_sequence };
        self.append(fields, &mut EntryBuffer::new())?;
        self.flush()?;
        Ok(())
    }

    /// A reader of flushed entries, for any thread.
    #[must_use]
    pub fn reader(&self) -> JournalReader {
        JournalReader::new(Arc::clone(&self.disk), self.catalog.clone(), self.options.journal_id)
    }

    /// Copies full segments to the archive, on any thread.
    #[must_use]
    pub fn archiver(&self) -> SegmentArchiver {
        SegmentArchiver::new(Arc::clone(&self.disk), self.catalog.clone(), self.options.journal_id)
    }

    /// Writes new segments ahead of need, on any thread.
    #[must_use]
    pub fn preparer(&self) -> SegmentPreparer {
        self.preparer.clone()
    }

    /// Segments ready behind the current one. With none, the append that fills the current one waits while a new
    /// one is written.
    #[must_use]
    pub fn ready_segments(&self) -> usize {
        self.catalog.read().ready_count(self.current.ordinal)
    }

    /// Puts a prepared segment behind the last one.
    pub fn adopt(&mut self, prepared: PreparedSegment) -> Result<(), JournalError> {
        self.check_usable()?;
        let ordinal = self.next_ordinal();
        let placed = prepared.place(self.disk.as_ref(), ordinal);
        let file = self.final_unless_done(placed)?;
        self.catalog.write().live.push_back(LiveSegment::new(ordinal, file));
        Ok(())
    }

    /// The segments that are in the archive but were not recycled yet, oldest first, as after a crash between the two.
    #[must_use]
    pub fn recyclable(&self) -> Vec<ArchivedSegment> {
        let catalog = self.catalog.read();
        let full = catalog.live.iter().filter(|segment| segment.ordinal < self.current.ordinal);
        let archived = |ordinal: u64| catalog.archived.iter().rev().find(|one| one.ordinal() == ordinal);
        full.map_while(|segment| archived(segment.ordinal).cloned()).collect()
    }

    /// Takes the oldest segment, whose entries are in the archive and whose ids are in the id index, for new
    /// entries.
    pub fn recycle(&mut self, archived: &ArchivedSegment) -> Result<(), JournalError> {
        self.check_usable()?;
        let ordinal = archived.ordinal();
        if self.recyclable().first() != Some(archived) {
            return Err(JournalError::NotSealable { ordinal });
        }
        let path = segment_path(JOURNAL_FOLDER, ordinal);
        let enough = self.ready_segments() >= READY_SEGMENTS_MAX;
        let next = self.next_ordinal();
        // Readers must not find the segment here any more when the first new entry overwrites it.
        let taken = self.catalog.write().live.pop_front();
        let renamed = if enough {
            self.disk.remove(&path)
        } else {
            self.disk.rename(&path, &segment_path(JOURNAL_FOLDER, next))
        };
        let durable = renamed.and_then(|()| self.disk.flush_folder(JOURNAL_FOLDER));
        self.final_unless_done(durable)?;
        if let Some(segment) = taken.filter(|_| !enough) {
            self.catalog.write().live.push_back(LiveSegment::new(next, segment.file));
        }
        Ok(())
    }

    fn check_usable(&self) -> Result<(), JournalError> {
        if self.failed { Err(JournalError::Unusable) } else { Ok(()) }
    }

    fn check_fields(&self, fields: &EntryFields) -> Result<(), JournalError> {
        let (given, last) = (fields.sequence, self.tail.sequence);
        if given != self.tail.next_sequence() || given > SEQUENCE_MAX {
            return Err(JournalError::SequenceMismatch { given, last });
        }
        if fields.timestamp < self.tail.timestamp {
            return Err(JournalError::TimestampWentBack {
                given: fields.timestamp,
                last: self.tail.timestamp,
            });
        }
        if fields.state_root_sequence >= given {
            let (given, sequence) = (fields.state_root_sequence, given);
            return Err(JournalError::StateRootTooNew { given, sequence });
        }
        Ok(())
    }

    /// A failed change of the disk ends the journal: what is on the disk is no longer known.
    fn final_unless_done<T>(&mut self, outcome: Result<T, DiskError>) -> Result<T, JournalError> {
        self.failed |= outcome.is_err();
        Ok(outcome?)
    }

    fn record(&mut self, header: &EntryHeader) {
        let is_current = |file: &Arc<dyn DiskFile>| Arc::ptr_eq(file, &self.current.file);
        if !self.unflushed.last().is_some_and(is_current) {
            self.unflushed.push(Arc::clone(&self.current.file));
        }
        let length = header.padded_length();
        let mut catalog = self.catalog.write();
        if let Some(segment) = catalog.live.iter_mut().find(|segment| segment.ordinal == self.current.ordinal)
        {
            segment.push(header.fields.sequence, length);
        }
        self.current.used = self.current.used.saturating_add(length);
        self.tail = Tail::of(header);
    }

    fn next_ordinal(&self) -> u64 {
        self.catalog.read().live.back().map_or(0, |segment| segment.ordinal).saturating_add(1)
    }

    /// Goes on in the next segment, writing one if none is ready.
    fn next_segment(&mut self) -> Result<(), JournalError> {
        if self.ready_segments() == 0 {
            let count = self.catalog.read().live.len();
            if count >= LIVE_SEGMENTS_MAX {
                return Err(JournalError::SealingBehind { count });
            }
            let prepared = self.preparer.prepare();
            self.failed |= prepared.is_err();
            self.adopt(prepared?)?;
        }
        let ordinal = self.current.ordinal.saturating_add(1);
        let catalog = self.catalog.read();
        let file =
            catalog.live.iter().find(|segment| segment.ordinal == ordinal).map(|one| Arc::clone(&one.file));
        drop(catalog);
        let path = segment_path(JOURNAL_FOLDER, ordinal);
        let file = file.ok_or(JournalError::SegmentMalformed { path })?;
        self.current = CurrentSegment { ordinal, file, used: 0 };
        Ok(())
    }
}
