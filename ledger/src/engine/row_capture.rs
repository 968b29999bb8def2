//! The rows as they were at one moment, handed out while they go on changing: a row is copied before it is changed
//! for the first time, and those that nobody changes are copied one after the other.

use super::slot_bits::SlotBits;

/// Which rows are captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of them.
    All,
    /// Those that were added or changed since the last capture began.
    Dirty,
}

/// A row as it was when the capture began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Captured<T> {
    pub(super) slot: u32,
    pub(super) row: T,
    /// Whether it was added or changed since the capture before began.
    pub(super) dirty: bool,
    /// Whether it was added since then.
    pub(super) created: bool,
}

/// A capture that is not complete.
#[derive(Debug)]
pub(super) struct RowCapture<T> {
    /// What has not been copied yet.
    wanted: SlotBits,
    /// What was dirty when it began.
    dirty: SlotBits,
    /// The first slot of those that were created between the capture before and this one.
    created_from: u32,
    /// The word of `wanted` that the sweep has come to.
    swept: usize,
    /// What was copied because it was about to change.
    outbox: Vec<Captured<T>>,
}

impl<T> RowCapture<T> {
    /// Begins with `rows` rows, those of which from `created_from` on are new.
    pub(super) fn new(wanted: Wanted, rows: usize, dirty: SlotBits, created_from: u32) -> Self {
        let wanted = match wanted {
            Wanted::All => SlotBits::first(rows),
            Wanted::Dirty => dirty.clone(),
        };
        Self { wanted, dirty, created_from, swept: 0, outbox: Vec::new() }
    }

    /// Copies a row that is about to change, if that has not been done.
    pub(super) fn keep(&mut self, slot: u32, row: impl FnOnce() -> Option<T>) {
        if self.wanted.remove(slot)
            && let Some(row) = row()
        {
            self.outbox.push(self.captured(slot, row));
        }
    }

    /// The next row; nothing if there is none left. `row` copies one that has not changed.
    pub(super) fn next(&mut self, row: impl Fn(u32) -> Option<T>) -> Option<Captured<T>> {
        self.outbox.pop().or_else(|| {
            let slot = self.wanted.take_next(&mut self.swept)?;
            Some(self.captured(slot, row(slot)?))
        })
    }

    /// What was dirty when it began, and the first slot of those that were new.
    pub(super) fn into_beginning(self) -> (SlotBits, u32) {
        (self.dirty, self.created_from)
    }

    fn captured(&self, slot: u32, row: T) -> Captured<T> {
        Captured { slot, row, dirty: self.dirty.contains(slot), created: slot >= self.created_from }
    }
}
