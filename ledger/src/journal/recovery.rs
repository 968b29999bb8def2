//! Finding the end of the journal at the start, and refusing when what was durable cannot be read.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::archive::{ARCHIVE_FOLDER, ArchivedSegment, open_archive};
use super::catalog::{Catalog, LiveSegment};
use super::entry_header::{EntryFault, EntryHash, EntryHeader, EntryKind, JournalId};
use super::entry_window::EntryWindow;
use super::journal_error::{CorruptReason, JournalError};
use super::segment::{
    JOURNAL_FOLDER, SegmentPreparer, check_segment_bytes, list_ordinals, remove_prepared, segment_path,
    write_zeros,
};
use super::tail::Tail;
use crate::disk::Disk;
use crate::disk::limits::{PAGE_BYTES, SCAN_WINDOW_BYTES};

/// What a journal is opened with; the first two must be the same at every start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JournalOptions {
    /// Marks the entries of this data folder.
    pub journal_id: JournalId,
    /// The length of a segment, a multiple of the page: [`crate::disk::limits::SEGMENT_BYTES`] outside of tests.
    pub segment_bytes: u64,
    /// The newest entry that a snapshot or an anchor holds to be durable; 0 if there is none. A journal that ends
    /// before it is refused, not cut.
    pub required_through: u64,
}

/// What recovery found and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recovered {
    /// The last entry; 0 in an empty journal.
    pub last_sequence: u64,
    /// Its timestamp.
    pub last_timestamp: u64,
    /// Its hash.
    pub last_hash: EntryHash,
    /// Whether it is the closing entry of a clean stop.
    pub closed: bool,
    /// Entries read and checked in live segments.
    pub entries: u64,
    /// Bytes read and checked in live segments.
    pub bytes: u64,
    /// Segments in which something never acknowledged was cut.
    pub segments_cut: usize,
    /// Entries of the last flush group, written and flushed again.
    pub entries_rewritten: u64,
}

/// A journal brought to a state in which it can go on.
pub(super) struct Recovery {
    disk: Arc<dyn Disk>,
    options: JournalOptions,
    window: EntryWindow,
    archived: Vec<ArchivedSegment>,
    segments: Vec<LiveSegment>,
    /// The segment that holds the last entry, or the first one.
    current: usize,
    tail: Tail,
    report: Recovered,
}

impl Recovery {
    /// Reads everything that is not sealed, cuts what was never acknowledged and makes the rest durable.
    pub(super) fn run(disk: Arc<dyn Disk>, options: JournalOptions) -> Result<Self, JournalError> {
        let mut recovery = Self::open(disk, options)?;
        let fault = recovery.read_chain()?;
        let dirty = recovery.look_beyond(fault)?;
        recovery.refuse_if_required(fault)?;
        // After this point the tail is decided: what follows it was never acknowledged.
        recovery.cut(&dirty)?;
        recovery.rewrite_last_group(&dirty)?;
        recovery.ensure_segment()?;
        Ok(recovery)
    }

    pub(super) fn into_parts(self) -> (Catalog, Tail, u64, Recovered) {
        let current = self.segments.get(self.current).map_or(1, |segment| segment.ordinal);
        let report = Recovered {
            last_sequence: self.tail.sequence,
            last_timestamp: self.tail.timestamp,
            last_hash: self.tail.hash,
            ..self.report
        };
        let live = VecDeque::from(self.segments);
        let catalog = Catalog { archived: self.archived, live, flushed_through: self.tail.sequence };
        (catalog, self.tail, current, report)
    }

    fn open(disk: Arc<dyn Disk>, options: JournalOptions) -> Result<Self, JournalError> {
        check_segment_bytes(options.segment_bytes)?;
        disk.create_folder(JOURNAL_FOLDER)?;
        disk.create_folder(ARCHIVE_FOLDER)?;
        remove_prepared(disk.as_ref())?;
        let archived = open_archive(disk.as_ref())?;
        let mut segments = Vec::new();
        for ordinal in list_ordinals(disk.as_ref(), JOURNAL_FOLDER)? {
            let path = segment_path(JOURNAL_FOLDER, ordinal);
            let file = disk.open(&path)?;
            if file.length()? != options.segment_bytes {
                return Err(JournalError::SegmentMalformed { path });
            }
            segments.push(LiveSegment::new(ordinal, file));
        }
        let first = segments.first().map(|segment| segment.ordinal);
        let tail = chain_before(first, &archived)?;
        let window = EntryWindow::new(options.journal_id, SCAN_WINDOW_BYTES);
        let report = Recovered::default();
        Ok(Self { disk, options, window, archived, segments, current: 0, tail, report })
    }

    /// Follows the chain through the segments, and says what is wrong where it ends.
    fn read_chain(&mut self) -> Result<EntryFault, JournalError> {
        let mut end = EntryFault::NotAnEntry;
        for index in 0..self.segments.len() {
            let before = self.report.entries;
            let fault = self.read_segment(index)?;
            let continued = self.report.entries > before;
            if index > 0 && !continued {
                break;
            }
            (self.current, end) = (index, fault);
        }
        Ok(end)
    }

    fn read_segment(&mut self, index: usize) -> Result<EntryFault, JournalError> {
        let Some(segment) = self.segments.get_mut(index) else { return Ok(EntryFault::NotAnEntry) };
        self.window.open(Arc::clone(&segment.file), self.options.segment_bytes);
        loop {
            let header = match self.window.entry(segment.used)? {
                Ok(header) if self.tail.is_continued_by(&header) => header,
                Ok(_) => return Ok(EntryFault::NotAnEntry),
                Err(fault) => return Ok(fault),
            };
            segment.push(header.fields.sequence, header.padded_length());
            self.tail = Tail::of(&header);
            self.report.closed = header.fields.kind == EntryKind::Closing;
            self.report.entries = self.report.entries.saturating_add(1);
            self.report.bytes = self.report.bytes.saturating_add(header.padded_length());
        }
    }

    /// Looks at every page after the end for what an older or newer write left there, and returns the segments
    /// that hold something to be cut.
    fn look_beyond(&mut self, fault: EntryFault) -> Result<BTreeSet<usize>, JournalError> {
        let mut dirty = BTreeSet::new();
        for index in self.current..self.segments.len() {
            let Some(segment) = self.segments.get(index) else { break };
            let (mut offset, file) = (segment.used, Arc::clone(&segment.file));
            self.window.open(file, self.options.segment_bytes);
            while offset < self.options.segment_bytes {
                let (length, found) = self.look_at(offset, fault)?;
                offset = offset.saturating_add(length);
                if found {
                    dirty.insert(index);
                }
            }
        }
        Ok(dirty)
    }

    /// Looks at one page: how far to go on from it, and whether it must be cut.
    fn look_at(&mut self, offset: u64, fault: EntryFault) -> Result<(u64, bool), JournalError> {
        let expected = self.tail.next_sequence();
        let header = match self.window.header(offset)? {
            Ok(header) => header,
            Err(unknown @ EntryFault::FormatUnknown(_)) => {
                return Err(self.corrupt(CorruptReason::Fault(unknown)));
            }
            Err(_) => return Ok((PAGE_BYTES, false)),
        };
        let later = header.fields.sequence >= expected;
        if self.window.entry(offset)?.is_err() {
            return Ok((PAGE_BYTES, later));
        }
        if later {
            self.refuse_if_witness(&header, fault)?;
        }
        Ok((header.padded_length(), later))
    }

    fn refuse_if_witness(&self, later: &EntryHeader, fault: EntryFault) -> Result<(), JournalError> {
        let expected = self.tail.next_sequence();
        if later.flushed_through >= expected {
            let witness = later.fields.sequence;
            return Err(self.corrupt(CorruptReason::Witnessed { fault, witness }));
        }
        // An entry is written once, and cuts are zeroed before anything is appended: an intact entry with the
        // expected sequence that does not continue the chain comes from another history.
        if later.fields.sequence == expected {
            return Err(self.corrupt(CorruptReason::ChainBroken));
        }
        Ok(())
    }

    fn refuse_if_required(&self, fault: EntryFault) -> Result<(), JournalError> {
        let archived = self.archived.last().map_or(0, ArchivedSegment::last_sequence);
        if self.tail.sequence < self.options.required_through.max(archived) {
            return Err(self.corrupt(CorruptReason::Required(fault)));
        }
        Ok(())
    }

    /// The entry after the tail is corrupt.
    fn corrupt(&self, reason: CorruptReason) -> JournalError {
        let segment = self.segments.get(self.current);
        let (ordinal, offset) = segment.map_or((1, 0), |segment| (segment.ordinal, segment.used));
        let path = segment_path(JOURNAL_FOLDER, ordinal);
        JournalError::Corrupt { sequence: self.tail.next_sequence(), path, offset, reason }
    }

    fn cut(&mut self, dirty: &BTreeSet<usize>) -> Result<(), JournalError> {
        for segment in dirty.iter().filter_map(|index| self.segments.get(*index)) {
            write_zeros(segment.file.as_ref(), segment.used, self.options.segment_bytes)?;
            segment.file.flush()?;
        }
        self.report.segments_cut = dirty.len();
        Ok(())
    }

    /// After a failed flush the page cache may show what the disk does not hold, so whatever no later entry vouches
    /// for is written and flushed again.
    fn rewrite_last_group(&mut self, dirty: &BTreeSet<usize>) -> Result<(), JournalError> {
        for (index, segment) in self.segments.iter().enumerate() {
            let mut touched = dirty.contains(&index);
            self.window.open(Arc::clone(&segment.file), segment.used);
            let oldest = self.tail.flushed_through.saturating_add(1).max(segment.first_sequence);
            for sequence in oldest..=segment.last_sequence().unwrap_or(0) {
                let Some(offset) = segment.offset_of(sequence) else { break };
                let Ok(header) = self.window.header(offset)? else { break };
                let entry = self.window.bytes(offset, header.padded_length())?;
                segment.file.write_at(offset, entry)?;
                self.report.entries_rewritten = self.report.entries_rewritten.saturating_add(1);
                touched = true;
            }
            if touched {
                segment.file.flush()?;
            }
        }
        Ok(())
    }

    /// A journal without any segment gets its first one.
    fn ensure_segment(&mut self) -> Result<(), JournalError> {
        if self.segments.is_empty() {
            let ordinal = self.archived.last().map_or(0, ArchivedSegment::ordinal).saturating_add(1);
            let preparer = SegmentPreparer::new(Arc::clone(&self.disk), self.options.segment_bytes);
            let file = preparer.prepare()?.place(self.disk.as_ref(), ordinal)?;
            self.segments.push(LiveSegment::new(ordinal, file));
        }
        Ok(())
    }
}

/// The chain that the first live segment continues; with no live segment, that of the archive.
fn chain_before(first_live: Option<u64>, archived: &[ArchivedSegment]) -> Result<Tail, JournalError> {
    let ordinal = match (first_live, archived.last()) {
        (Some(1), _) | (None, None) => return Ok(Tail::default()),
        (None, Some(last)) => last.ordinal(),
        (Some(first), _) => first.saturating_sub(1),
    };
    let before = archived.iter().find(|one| one.ordinal() == ordinal);
    let missing = || JournalError::SegmentMalformed { path: segment_path(ARCHIVE_FOLDER, ordinal) };
    Ok(before.ok_or_else(missing)?.tail())
}
