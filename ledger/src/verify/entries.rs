//! Every entry of the journal in order: sealed segments from the archive, what follows from live segments.
//!
//! A sealed segment may lie in the journal's folder, too, until it is recycled. The live copy was read when the
//! journal was opened, hashes and chain, so here it is the archive that is read.

use std::collections::VecDeque;
use std::sync::Arc;

use super::difference::{At, DifferenceKind};
use super::directory::Directory;
use super::verify_error::{VerifyError, of_disk, of_journal};
use crate::disk::limits::{CURSOR_WINDOW_BYTES, PAGE_BYTES};
use crate::disk::{Disk, DiskError, DiskFile};
use crate::journal::{
    ArchivedSegment, CorruptReason, EntryHeader, EntryView, EntryWindow, JournalCursor, JournalError, Tail,
    body_of,
};

/// Reads forward from the first entry.
#[derive(Debug)]
pub(super) struct Entries {
    disk: Arc<dyn Disk>,
    archived: VecDeque<ArchivedSegment>,
    open: Option<OpenArchive>,
    window: EntryWindow,
    cursor: JournalCursor,
    tail: Tail,
}

/// The archive file that is being read.
#[derive(Debug)]
struct OpenArchive {
    segment: ArchivedSegment,
    file: Arc<dyn DiskFile>,
    offset: u64,
}

impl Entries {
    pub(super) fn new(directory: &Directory) -> Self {
        let behind_archive = directory.archived.last().map_or(0, ArchivedSegment::last_sequence);
        Self {
            disk: Arc::clone(&directory.disk),
            archived: directory.archived.iter().cloned().collect(),
            open: None,
            window: EntryWindow::new(directory.secret.journal_id, CURSOR_WINDOW_BYTES),
            cursor: directory.journal.reader().cursor(behind_archive.saturating_add(1)),
            tail: Tail::default(),
        }
    }

    /// The next entry, its hash and its place in the chain checked.
    pub(super) fn next_entry(&mut self) -> Result<Option<EntryView<'_>>, VerifyError> {
        self.open_next()?;
        if let Some(open) = &mut self.open {
            let header = open.read(&mut self.window, &self.tail)?;
            self.tail = Tail::of(&header);
            let offset = open.offset;
            open.offset = offset.saturating_add(header.padded_length());
            let entry = self.window.bytes(offset, header.padded_length()).map_err(of_archive)?;
            return Ok(Some(EntryView { header, body: body_of(&header, entry) }));
        }
        let Some(view) = self.cursor.next_entry().map_err(of_journal)? else { return Ok(None) };
        let sequence = view.header.fields.sequence;
        if !self.tail.is_continued_by(&view.header) {
            let at = At::entry(sequence, DifferenceKind::Journal);
            return Err(at.differs("an entry that continues the one before", "one that does not"));
        }
        self.tail = Tail::of(&view.header);
        Ok(Some(view))
    }

    /// Closes the archive file that was read to its end, and opens the next.
    fn open_next(&mut self) -> Result<(), VerifyError> {
        if let Some(open) = self.open.take_if(|open| open.offset >= open.segment.data_bytes()) {
            open.check_trailer(&self.tail)?;
        }
        if self.open.is_some() {
            return Ok(());
        }
        let Some(segment) = self.archived.pop_front() else { return Ok(()) };
        let file = self.disk.open(&segment.path()).map_err(of_archive)?;
        self.window.open(Arc::clone(&file), segment.data_bytes());
        self.open = Some(OpenArchive { segment, file, offset: 0 });
        Ok(())
    }
}

impl OpenArchive {
    /// The header of the entry at the offset, which the file's table has to name.
    fn read(&self, window: &mut EntryWindow, tail: &Tail) -> Result<EntryHeader, VerifyError> {
        let sequence = tail.next_sequence();
        let corrupt = |reason| {
            let (path, offset) = (self.segment.path(), self.offset);
            of_journal(JournalError::Corrupt { sequence, path, offset, reason })
        };
        let header = window.entry(self.offset).map_err(of_archive)?;
        let header = header.map_err(|fault| corrupt(CorruptReason::Fault(fault)))?;
        if !tail.is_continued_by(&header) {
            return Err(corrupt(CorruptReason::ChainBroken));
        }
        let is_first = sequence == self.segment.first_sequence();
        if is_first && header.fields.timestamp != self.segment.first_timestamp() {
            return Err(self.trailer_differs());
        }
        let named = self.segment.offset_of(self.file.as_ref(), sequence).map_err(of_journal)?;
        if named == self.offset {
            return Ok(header);
        }
        let at = At::entry(sequence, DifferenceKind::Journal);
        let (path, page) = (self.segment.path(), self.offset / PAGE_BYTES);
        let expected = format!("page {page} in the table of {path}");
        Err(at.differs(expected, format_args!("page {}", named / PAGE_BYTES)))
    }

    /// The trailer speaks of the last entry.
    fn check_trailer(&self, tail: &Tail) -> Result<(), VerifyError> {
        if self.segment.tail() == *tail { Ok(()) } else { Err(self.trailer_differs()) }
    }

    fn trailer_differs(&self) -> VerifyError {
        let at = At::entry(self.segment.last_sequence(), DifferenceKind::Journal);
        at.differs(format_args!("a trailer of {} that fits its entries", self.segment.path()), "another one")
    }
}

fn of_archive(error: DiskError) -> VerifyError {
    of_disk(At::directory(DifferenceKind::Journal), error)
}
