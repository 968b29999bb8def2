//! Sealed segments: immutable copies that are kept for ever.
//!
//! An archive file is the used part of a segment, then the first page of every entry (4 bytes each), then a
//! trailer of 176 bytes. Memory per sealed segment is that trailer; where an entry begins is read when it is
//! needed. A wrong entry in the table is found because the entry there has another sequence.

use std::sync::Arc;

use super::catalog::{Location, SharedCatalog};
use super::entry_header::{EntryHash, JournalId};
use super::entry_window::EntryWindow;
use super::journal_error::{CorruptReason, JournalError};
use super::segment::{list_ordinals, segment_name, segment_path};
use super::tail::Tail;
use crate::disk::limits::{PAGE_BYTES, SCAN_WINDOW_BYTES};
use crate::disk::{Disk, DiskFile, FieldReader, FieldWriter, FileWriter, to_u32, to_u64};

pub(super) const ARCHIVE_FOLDER: &str = "archive";
const MAGIC: [u8; 8] = *b"BALLASTA";
const FORMAT: u16 = 1;
const TRAILER_BYTES: usize = 176;
const TABLE_FIELD_BYTES: u64 = 4;

/// A sealed segment, durable in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedSegment {
    ordinal: u64,
    first_sequence: u64,
    count: u32,
    data_bytes: u64,
    first_timestamp: u64,
    last: Tail,
    previous_hash: EntryHash,
}

impl ArchivedSegment {
    /// Its place in the order of all segments; the first is 1.
    #[must_use]
    pub fn ordinal(&self) -> u64 {
        self.ordinal
    }

    /// The first entry in it.
    #[must_use]
    pub fn first_sequence(&self) -> u64 {
        self.first_sequence
    }

    /// The last entry in it.
    #[must_use]
    pub fn last_sequence(&self) -> u64 {
        self.last.sequence
    }

    /// When its first entry was made.
    #[must_use]
    pub fn first_timestamp(&self) -> u64 {
        self.first_timestamp
    }

    /// When its last entry was made.
    #[must_use]
    pub fn last_timestamp(&self) -> u64 {
        self.last.timestamp
    }

    pub(crate) fn tail(&self) -> Tail {
        self.last
    }

    pub(crate) fn data_bytes(&self) -> u64 {
        self.data_bytes
    }

    pub(crate) fn path(&self) -> String {
        segment_path(ARCHIVE_FOLDER, self.ordinal)
    }

    pub(super) fn is_continued_by(&self, next: &Self) -> bool {
        next.first_sequence == self.last.next_sequence() && next.previous_hash == self.last.hash
    }

    /// Where an entry begins in the file.
    pub(crate) fn offset_of(&self, file: &dyn DiskFile, sequence: u64) -> Result<u64, JournalError> {
        let index = sequence.saturating_sub(self.first_sequence);
        let mut page = [0; 4];
        file.read_at(self.data_bytes.saturating_add(index.saturating_mul(TABLE_FIELD_BYTES)), &mut page)?;
        Ok(u64::from(u32::from_le_bytes(page)).saturating_mul(PAGE_BYTES))
    }

    fn encode(&self) -> Vec<u8> {
        FieldWriter::default()
            .array(&MAGIC)
            .u16(FORMAT)
            .u16(0)
            .u32(self.count)
            .u64(self.ordinal)
            .u64(self.first_sequence)
            .u64(self.data_bytes)
            .u64(self.first_timestamp)
            .u64(self.last.sequence)
            .u64(self.last.timestamp)
            .u64(self.last.flushed_through)
            .u64(0)
            .array(&self.previous_hash.0)
            .array(&self.last.hash.0)
            .hash()
            .finish()
    }

    fn decode(trailer: &[u8; TRAILER_BYTES]) -> Option<Self> {
        let (fields, hash) = trailer.split_last_chunk::<32>()?;
        if blake3::hash(fields).as_bytes() != hash {
            return None;
        }
        let mut reader = FieldReader::new(fields);
        let known = reader.array() == Some(MAGIC) && reader.u16() == Some(FORMAT);
        known.then_some(())?;
        reader.zeros::<2>()?;
        let (count, ordinal, first_sequence) = (reader.u32()?, reader.u64()?, reader.u64()?);
        let (data_bytes, first_timestamp) = (reader.u64()?, reader.u64()?);
        let (sequence, timestamp, flushed_through) = (reader.u64()?, reader.u64()?, reader.u64()?);
        reader.zeros::<8>()?;
        let (previous_hash, hash) = (EntryHash(reader.array()?), EntryHash(reader.array()?));
        let last = Tail { sequence, timestamp, hash, flushed_through };
        let spans = first_sequence.checked_add(u64::from(count.checked_sub(1)?)) == Some(sequence);
        spans.then_some(Self {
            ordinal,
            first_sequence,
            count,
            data_bytes,
            first_timestamp,
            last,
            previous_hash,
        })
    }

    fn open(disk: &dyn Disk, ordinal: u64) -> Result<Self, JournalError> {
        let path = segment_path(ARCHIVE_FOLDER, ordinal);
        let malformed = || JournalError::SegmentMalformed { path: path.clone() };
        let file = disk.open(&path)?;
        let length = file.length()?;
        let trailer_at = length.checked_sub(to_u64(TRAILER_BYTES)).ok_or_else(malformed)?;
        let mut trailer = [0; TRAILER_BYTES];
        file.read_at(trailer_at, &mut trailer)?;
        let archived = Self::decode(&trailer).filter(|one| one.ordinal == ordinal).ok_or_else(malformed)?;
        let table_bytes = u64::from(archived.count).saturating_mul(TABLE_FIELD_BYTES);
        if archived.data_bytes.checked_add(table_bytes) != Some(trailer_at) {
            return Err(malformed());
        }
        Ok(archived)
    }
}

/// All sealed segments on this machine, oldest first; the oldest may have been moved away.
pub(crate) fn open_archive(disk: &dyn Disk) -> Result<Vec<ArchivedSegment>, JournalError> {
    let mut archived: Vec<ArchivedSegment> = Vec::new();
    for ordinal in list_ordinals(disk, ARCHIVE_FOLDER)? {
        let next = ArchivedSegment::open(disk, ordinal)?;
        if archived.last().is_some_and(|last| !last.is_continued_by(&next)) {
            return Err(JournalError::SegmentMalformed { path: next.path() });
        }
        archived.push(next);
    }
    Ok(archived)
}

/// Copies full segments to the archive, on any thread beside the writer.
#[derive(Debug, Clone)]
pub struct SegmentArchiver {
    disk: Arc<dyn Disk>,
    catalog: SharedCatalog,
    journal_id: JournalId,
}

impl SegmentArchiver {
    pub(super) fn new(disk: Arc<dyn Disk>, catalog: SharedCatalog, journal_id: JournalId) -> Self {
        Self { disk, catalog, journal_id }
    }

    /// The oldest segment that is full, flushed and covered by a snapshot at `snapshot_sequence`, with its last
    /// entry.
    #[must_use]
    pub fn next_sealable(&self, snapshot_sequence: u64) -> Option<u64> {
        let catalog = self.catalog.read();
        let archived = catalog.archived.last().map_or(0, ArchivedSegment::ordinal);
        let mut waiting = catalog.live.iter().skip_while(|one| one.ordinal <= archived);
        let (oldest, next) = (waiting.next()?, waiting.next()?);
        let covered = snapshot_sequence.min(catalog.flushed_through);
        // A next segment with an entry says that nothing will be appended to the oldest any more.
        let full = !next.pages.is_empty() && oldest.last_sequence()? <= covered;
        full.then_some(oldest.ordinal)
    }

    /// Copies a segment, checking every entry on the way, and makes the copy durable. The ids of its transfers go
    /// to the id index next; then [`super::Journal::recycle`] takes the segment.
    pub fn archive(&self, ordinal: u64) -> Result<ArchivedSegment, JournalError> {
        let (location, pages, tail) = self.source(ordinal)?;
        let Location::Live { file, end, .. } = location else {
            return Err(JournalError::NotSealable { ordinal });
        };
        let mut window = EntryWindow::new(self.journal_id, SCAN_WINDOW_BYTES);
        window.open(file, end);
        let mut copy = FileWriter::create(&self.disk, ARCHIVE_FOLDER, segment_name(ordinal))?;
        let archived = copy_entries(ordinal, &pages, tail, &mut window, &mut copy)?;
        for page in &pages {
            copy.append(&page.to_le_bytes())?;
        }
        copy.append(&archived.encode())?;
        copy.commit()?;
        self.catalog.write().archived.push(archived.clone());
        Ok(archived)
    }

    /// What has to be copied, and the chain before it.
    fn source(&self, ordinal: u64) -> Result<(Location, Vec<u32>, Option<Tail>), JournalError> {
        if self.next_sealable(u64::MAX) != Some(ordinal) {
            return Err(JournalError::NotSealable { ordinal });
        }
        let catalog = self.catalog.read();
        let segment = catalog.live.iter().find(|one| one.ordinal == ordinal);
        let segment = segment.ok_or(JournalError::NotSealable { ordinal })?;
        let file = Arc::clone(&segment.file);
        let location = Location::Live { ordinal, file, offset: 0, end: segment.used };
        let tail = match catalog.archived.last() {
            Some(archived) => Some(archived.tail()),
            None if segment.first_sequence == 1 => Some(Tail::default()),
            // The segments before were moved away; the chain begins here.
            None => None,
        };
        Ok((location, segment.pages.clone(), tail))
    }
}

fn copy_entries(
    ordinal: u64,
    pages: &[u32],
    mut tail: Option<Tail>,
    window: &mut EntryWindow,
    copy: &mut FileWriter,
) -> Result<ArchivedSegment, JournalError> {
    let mut archived: Option<ArchivedSegment> = None;
    for page in pages {
        let offset = u64::from(*page).saturating_mul(PAGE_BYTES);
        let corrupt = |sequence, reason| JournalError::Corrupt {
            sequence,
            path: segment_path(super::segment::JOURNAL_FOLDER, ordinal),
            offset,
            reason,
        };
        let expected = tail.map_or(0, |tail| tail.next_sequence());
        let header = window.entry(offset)?.map_err(|fault| corrupt(expected, CorruptReason::Fault(fault)))?;
        if tail.is_some_and(|tail| !tail.is_continued_by(&header)) {
            return Err(corrupt(expected, CorruptReason::ChainBroken));
        }
        copy.append(window.bytes(offset, header.padded_length())?)?;
        let first = archived.get_or_insert_with(|| ArchivedSegment {
            ordinal,
            first_sequence: header.fields.sequence,
            count: to_u32(pages.len()),
            data_bytes: 0,
            first_timestamp: header.fields.timestamp,
            last: Tail::default(),
            previous_hash: header.previous_hash,
        });
        first.last = Tail::of(&header);
        first.data_bytes = copy.offset();
        tail = Some(first.last);
    }
    archived.ok_or(JournalError::NotSealable { ordinal })
}
