//! Reading entries forward: for replay, projection and verification.

use std::sync::Arc;

use super::entry_header::{EntryFault, EntryHeader, JournalId};
use super::entry_window::EntryWindow;
use super::journal_error::{CorruptReason, JournalError};
use super::reader::{EntryView, JournalReader, Place, body_of, corrupt};
use super::tail::Tail;
use crate::disk::limits::CURSOR_WINDOW_BYTES;

/// A place in the journal that moves forward. It checks every hash and the chain from its first entry on.
#[derive(Debug)]
pub struct JournalCursor {
    reader: JournalReader,
    window: EntryWindow,
    next_sequence: u64,
    /// The entry before, once one was read.
    tail: Option<Tail>,
    place: Option<Place>,
}

impl JournalCursor {
    pub(super) fn new(reader: JournalReader, journal_id: JournalId, from_sequence: u64) -> Self {
        let window = EntryWindow::new(journal_id, CURSOR_WINDOW_BYTES);
        Self { reader, window, next_sequence: from_sequence, tail: None, place: None }
    }

    /// The entry that the next call returns, when it is flushed.
    #[must_use]
    pub fn next_sequence(&self) -> u64 {
        self.next_sequence
    }

    /// The next entry, or `None` while it is not flushed; ask again later.
    pub fn next_entry(&mut self) -> Result<Option<EntryView<'_>>, JournalError> {
        if self.next_sequence > self.reader.flushed_through() {
            return Ok(None);
        }
        let (place, header) = loop {
            let place = self.move_to_next()?;
            let outcome = self.window.entry(place.offset)?;
            match self.check(outcome) {
                Ok(header) => break (place, header),
                // A recycled segment may have been overwritten while it was read: look the entry up again.
                Err(_) if !self.reader.still_at(self.next_sequence, &place) => self.place = None,
                Err(reason) => return Err(corrupt(self.next_sequence, &place, reason)),
            }
        };
        self.tail = Some(Tail::of(&header));
        self.next_sequence = self.next_sequence.saturating_add(1);
        let offset = place.offset;
        self.place = Some(Place { offset: offset.saturating_add(header.padded_length()), ..place });
        let entry = self.window.bytes(offset, header.padded_length())?;
        Ok(Some(EntryView { header, body: body_of(&header, entry) }))
    }

    /// Goes on in the same file as long as it has entries, else finds the next file.
    fn move_to_next(&mut self) -> Result<Place, JournalError> {
        if let Some(place) = self.place.take().filter(|place| place.offset < place.end) {
            return Ok(place);
        }
        let place = self.reader.place(self.next_sequence)?;
        self.window.open(Arc::clone(&place.file), place.end);
        Ok(place)
    }

    fn check(&self, outcome: Result<EntryHeader, EntryFault>) -> Result<EntryHeader, CorruptReason> {
        let header = outcome.map_err(CorruptReason::Fault)?;
        let continues = match &self.tail {
            Some(tail) => tail.is_continued_by(&header),
            None => header.fields.sequence == self.next_sequence,
        };
        if continues { Ok(header) } else { Err(CorruptReason::ChainBroken) }
    }
}
