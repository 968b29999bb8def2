//! Reading single flushed entries: for lookups by position, statements and searches by time.

use std::sync::Arc;

use super::catalog::{Location, SharedCatalog};
use super::cursor::JournalCursor;
use super::entry_header::{ENTRY_HEADER_BYTES, EntryFault, EntryHeader, JournalId};
use super::entry_window::EntryWindow;
use super::journal_error::{CorruptReason, JournalError};
use super::segment::{JOURNAL_FOLDER, segment_path};
use crate::disk::limits::PAGE_BYTES;
use crate::disk::{Disk, DiskFile, to_u64, to_usize};

/// An entry and its body.
#[derive(Debug, Clone, Copy)]
pub struct EntryView<'a> {
    /// The header, checked with the body.
    pub header: EntryHeader,
    /// The body, as it was encoded.
    pub body: &'a [u8],
}

/// Reads flushed entries beside the writer. A clone has a buffer of its own, so that each thread takes one.
#[derive(Debug)]
pub struct JournalReader {
    disk: Arc<dyn Disk>,
    catalog: SharedCatalog,
    journal_id: JournalId,
    window: EntryWindow,
    /// The archive file read last; walks stay in one for a while.
    opened: Option<(u64, Arc<dyn DiskFile>)>,
}

impl Clone for JournalReader {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.disk), self.catalog.clone(), self.journal_id)
    }
}

/// An entry's place in one file.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The live segment it is in, or `None` in the archive, whose files never change.
    pub(super) live: Option<u64>,
    pub(super) path: String,
    pub(super) file: Arc<dyn DiskFile>,
    pub(super) offset: u64,
    pub(super) end: u64,
}

impl JournalReader {
    pub(super) fn new(disk: Arc<dyn Disk>, catalog: SharedCatalog, journal_id: JournalId) -> Self {
        let window = EntryWindow::new(journal_id, PAGE_BYTES);
        Self { disk, catalog, journal_id, window, opened: None }
    }

    /// The last entry that can be read.
    #[must_use]
    pub fn flushed_through(&self) -> u64 {
        self.catalog.read().flushed_through
    }

    /// The first entry on this machine.
    #[must_use]
    pub fn oldest_sequence(&self) -> u64 {
        self.catalog.read().oldest_sequence()
    }

    /// One entry, hash checked.
    pub fn read(&mut self, sequence: u64) -> Result<EntryView<'_>, JournalError> {
        let (place, header) = self.with_place(sequence, |reader, place| {
            reader.window.open(Arc::clone(&place.file), place.end);
            Ok(reader.window.entry(place.offset)?)
        })?;
        let entry = self.window.bytes(place.offset, header.padded_length())?;
        Ok(EntryView { header, body: body_of(&header, entry) })
    }

    /// A part of an entry's body, without reading and hashing the rest: for walks along back-pointers. Nothing
    /// vouches for these bytes, so what they say must be compared with what led to them.
    pub fn read_body_part(
        &mut self,
        sequence: u64,
        start: u64,
        part: &mut [u8],
    ) -> Result<EntryHeader, JournalError> {
        let (_, header) = self.with_place(sequence, |reader, place| {
            let header = match read_header(place, reader.journal_id)? {
                Ok(header) => header,
                Err(fault) => return Ok(Err(fault)),
            };
            if start.saturating_add(to_u64(part.len())) > u64::from(header.body_length) {
                return Ok(Err(EntryFault::TooLong));
            }
            let body_at = place.offset.saturating_add(to_u64(ENTRY_HEADER_BYTES));
            place.file.read_at(body_at.saturating_add(start), part)?;
            Ok(Ok(header))
        })?;
        Ok(header)
    }

    /// An entry's header, without reading the body; its hash is not checked.
    pub fn read_header(&mut self, sequence: u64) -> Result<EntryHeader, JournalError> {
        self.read_body_part(sequence, 0, &mut [])
    }

    /// The first flushed entry at or after a time; one more than the last if there is none.
    pub fn first_at_or_after(&mut self, timestamp: u64) -> Result<u64, JournalError> {
        let mut low = self.oldest_sequence();
        let mut high = self.flushed_through().saturating_add(1);
        while low < high {
            let middle = low.midpoint(high);
            if self.read_header(middle)?.fields.timestamp < timestamp {
                low = middle.saturating_add(1);
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// Reads forward from an entry, which may be one that is not flushed yet.
    #[must_use]
    pub fn cursor(&self, from_sequence: u64) -> JournalCursor {
        JournalCursor::new(self.clone(), self.journal_id, from_sequence)
    }

    /// Reads at an entry's place. A live segment may be recycled meanwhile, so the place is looked up again
    /// afterwards; the entry is then in the archive, which does not change.
    fn with_place(
        &mut self,
        sequence: u64,
        mut read: impl FnMut(&mut Self, &Place) -> Result<Result<EntryHeader, EntryFault>, JournalError>,
    ) -> Result<(Place, EntryHeader), JournalError> {
        loop {
            let place = self.place(sequence)?;
            let outcome = read(self, &place)?;
            if !self.still_at(sequence, &place) {
                continue;
            }
            return match outcome {
                Ok(header) if header.fields.sequence == sequence => Ok((place, header)),
                Ok(_) => Err(corrupt(sequence, &place, CorruptReason::ChainBroken)),
                Err(fault) => Err(corrupt(sequence, &place, CorruptReason::Fault(fault))),
            };
        }
    }

    pub(super) fn still_at(&self, sequence: u64, place: &Place) -> bool {
        let Some(ordinal) = place.live else { return true };
        let location = self.catalog.read().locate(sequence);
        matches!(location, Some(Location::Live { ordinal: now, .. }) if now == ordinal)
    }

    pub(super) fn place(&mut self, sequence: u64) -> Result<Place, JournalError> {
        let catalog = self.catalog.read();
        let (oldest, newest) = (catalog.oldest_sequence(), catalog.flushed_through);
        let location = catalog.locate(sequence).filter(|_| sequence <= newest);
        drop(catalog);
        match location.ok_or(JournalError::NotReadable { sequence, oldest, newest })? {
            Location::Live { ordinal, file, offset, end } => {
                let path = segment_path(JOURNAL_FOLDER, ordinal);
                Ok(Place { live: Some(ordinal), path, file, offset, end })
            }
            Location::Archived(segment) => {
                let file = self.open_archived(segment.ordinal(), &segment.path())?;
                let offset = segment.offset_of(file.as_ref(), sequence)?;
                Ok(Place { live: None, path: segment.path(), file, offset, end: segment.data_bytes() })
            }
        }
    }

    fn open_archived(&mut self, ordinal: u64, path: &str) -> Result<Arc<dyn DiskFile>, JournalError> {
        if let Some((opened, file)) = &self.opened
            && *opened == ordinal
        {
            return Ok(Arc::clone(file));
        }
        let file = self.disk.open(path)?;
        self.opened = Some((ordinal, Arc::clone(&file)));
        Ok(file)
    }
}

/// The header at a place, its hash not checked.
fn read_header(
    place: &Place,
    journal_id: JournalId,
) -> Result<Result<EntryHeader, EntryFault>, JournalError> {
    let mut header = [0; ENTRY_HEADER_BYTES];
    place.file.read_at(place.offset, &mut header)?;
    Ok(EntryHeader::decode(journal_id, &header))
}

pub(super) fn corrupt(sequence: u64, place: &Place, reason: CorruptReason) -> JournalError {
    JournalError::Corrupt { sequence, path: place.path.clone(), offset: place.offset, reason }
}

pub(crate) fn body_of<'a>(header: &EntryHeader, entry: &'a [u8]) -> &'a [u8] {
    let end = ENTRY_HEADER_BYTES.saturating_add(to_usize(u64::from(header.body_length)));
    entry.get(ENTRY_HEADER_BYTES..end).unwrap_or_default()
}
