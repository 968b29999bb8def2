//! Rows by dense slots that know what has changed of them.
//!
//! Every change is noted by one *dirty* bit, and all rows, or the dirty ones, can be *captured*: handed out as they
//! were at one moment while they go on changing. Invariant: whatever is captured was copied before its first change
//! behind that moment.

use super::convert::number;
use super::pages::Pages;
use super::row_capture::{Captured, RowCapture, Wanted};
use super::slot_bits::SlotBits;

/// Rows of one kind.
#[derive(Debug)]
pub(super) struct Rows<T> {
    pages: Pages<T>,
    /// What was added or changed since the last capture began.
    dirty: SlotBits,
    /// The first slot of those that were added since then.
    created_from: u32,
    capture: Option<RowCapture<T>>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { pages: Pages::default(), dirty: SlotBits::default(), created_from: 0, capture: None }
    }
}

impl<T: Clone> Rows<T> {
    #[inline]
    pub(super) fn get(&self, slot: u32) -> Option<&T> {
        self.pages.get(slot)
    }

    /// A row that is changed.
    #[inline]
    pub(super) fn get_mut(&mut self, slot: u32) -> Option<&mut T> {
        if self.capture.is_some() {
            self.keep(slot);
        }
        self.dirty.insert(slot);
        self.get_unnoticed(slot)
    }

    /// A row of which nothing changes that anybody captures it for.
    #[inline]
    pub(super) fn get_unnoticed(&mut self, slot: u32) -> Option<&mut T> {
        self.pages.get_mut(slot)
    }

    /// Adds a row and says where it lies.
    pub(super) fn push(&mut self, row: T) -> u32 {
        let slot = self.pages.push(row);
        self.dirty.make_room(slot);
        self.dirty.insert(slot);
        slot
    }

    pub(super) fn len(&self) -> usize {
        self.pages.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.pages.iter()
    }

    /// Whether a row was added or changed since the last capture began.
    pub(super) fn is_dirty(&self, slot: u32) -> bool {
        self.dirty.contains(slot)
    }

    /// How many were.
    pub(super) fn dirty_len(&self) -> usize {
        self.dirty.len()
    }

    /// Undoes changes: the row is what it was, and as dirty as it was.
    pub(super) fn put_back(&mut self, slot: u32, row: T, dirty: bool) {
        if let Some(kept) = self.get_mut(slot) {
            *kept = row;
        }
        if !dirty {
            self.dirty.remove(slot);
        }
    }

    /// Captures the rows as they are now. From here on none is dirty. One that is on is abandoned.
    pub(super) fn begin_capture(&mut self, wanted: Wanted) {
        self.abandon_capture();
        let rows = self.len();
        let dirty = std::mem::replace(&mut self.dirty, SlotBits::none_of(rows));
        let created_from = std::mem::replace(&mut self.created_from, number(rows));
        self.capture = Some(RowCapture::new(wanted, rows, dirty, created_from));
    }

    /// Hands out captured rows in no order, at most `budget`, which is lowered by one for each. Says whether none is
    /// left, as if there is no capture. To be ended by one of the following.
    pub(super) fn capture_some(&mut self, budget: &mut usize, mut give: impl FnMut(Captured<T>)) -> bool {
        let Some(capture) = &mut self.capture else { return true };
        while *budget > 0 {
            let Some(captured) = capture.next(|slot| self.pages.get(slot).cloned()) else {
                return true;
            };
            give(captured);
            *budget = budget.saturating_sub(1);
        }
        false
    }

    /// Ends a capture of which everything was handed out.
    pub(super) fn end_capture(&mut self) {
        self.capture = None;
    }

    /// Ends a capture as if it had never begun: what was dirty is dirty again.
    pub(super) fn abandon_capture(&mut self) {
        if let Some(capture) = self.capture.take() {
            let (dirty, created_from) = capture.into_beginning();
            self.dirty.insert_all(&dirty);
            self.created_from = created_from;
        }
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.pages.memory_bytes().saturating_add(self.dirty.memory_bytes())
    }

    #[cold]
    fn keep(&mut self, slot: u32) {
        if let Some(capture) = &mut self.capture {
            capture.keep(slot, || self.pages.get(slot).cloned());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::{Rows, Wanted};

    /// What happens to rows.
    #[derive(Debug, Clone)]
    enum Step {
        Push,
        Change(u32),
        /// Changed, and put back.
        Undo(u32),
        Begin(Wanted),
        Take(usize),
        Abandon,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => Just(Step::Push),
            12 => any::<u32>().prop_map(Step::Change),
            4 => any::<u32>().prop_map(Step::Undo),
            2 => prop_oneof![Just(Wanted::All), Just(Wanted::Dirty)].prop_map(Step::Begin),
            8 => (0_usize..6).prop_map(Step::Take),
            1 => Just(Step::Abandon),
        ]
    }

    /// A row with whether it is dirty and created.
    type Seen = (u64, bool, bool);

    /// The same with maps.
    #[derive(Debug, Default)]
    struct Shadow {
        rows: BTreeMap<u32, Seen>,
        /// What a capture has to hand out, and how the rows were when it began.
        wanted: Option<(BTreeMap<u32, Seen>, BTreeMap<u32, Seen>)>,
    }

    impl Shadow {
        fn begin(&mut self, wanted: Wanted) {
            self.abandon();
            let mut handed_out = self.rows.clone();
            handed_out.retain(|_, row| wanted == Wanted::All || row.1);
            self.wanted = Some((handed_out, self.rows.clone()));
            self.rows.values_mut().for_each(|row| (row.1, row.2) = (false, false));
        }

        fn abandon(&mut self) {
            let Some((_, before)) = self.wanted.take() else { return };
            for (slot, row) in &mut self.rows {
                // What was added since is created anyway.
                let (_, dirty, created) = before.get(slot).copied().unwrap_or(*row);
                (row.1, row.2) = (row.1 || dirty, row.2 || created);
            }
        }
    }

    proptest! {
        #[test]
        fn a_capture_is_what_the_rows_were(steps in prop::collection::vec(step(), 1..120)) {
            let (mut rows, mut shadow) = (Rows::default(), Shadow::default());
            // Every value is another one, so a row is known by it.
            for (step, value) in steps.into_iter().zip(1_u64..) {
                let at = |slot: u32| slot.checked_rem(u32::try_from(rows.len()).unwrap()).unwrap_or(0);
                match step {
                    Step::Push => {
                        let slot = rows.push(value);
                        shadow.rows.insert(slot, (value, true, true));
                    }
                    Step::Change(slot) => {
                        let slot = at(slot);
                        if let Some(row) = rows.get_mut(slot) {
                            *row = value;
                            shadow.rows.entry(slot).and_modify(|row| (row.0, row.1) = (value, true));
                        }
                    }
                    Step::Undo(slot) => {
                        let slot = at(slot);
                        let dirty = rows.is_dirty(slot);
                        if let Some(before) = rows.get(slot).copied() {
                            rows.get_mut(slot).into_iter().for_each(|row| *row = value);
                            rows.put_back(slot, before, dirty);
                        }
                    }
                    Step::Begin(wanted) => {
                        rows.begin_capture(wanted);
                        shadow.begin(wanted);
                    }
                    Step::Take(budget) => {
                        let mut left = budget;
                        let mut taken = Vec::new();
                        let complete = rows.capture_some(&mut left, |one| taken.push((one.slot, (one.row, one.dirty, one.created))));
                        prop_assert_eq!(taken.len(), budget.checked_sub(left).unwrap());
                        let mut none = BTreeMap::new();
                        let wanted = shadow.wanted.as_mut().map_or(&mut none, |(wanted, _)| wanted);
                        for (slot, row) in taken {
                            prop_assert_eq!(wanted.remove(&slot), Some(row));
                        }
                        prop_assert!(!complete || wanted.is_empty());
                        prop_assert!(complete || left == 0);
                        if complete {
                            rows.end_capture();
                            shadow.wanted = None;
                        }
                    }
                    Step::Abandon => {
                        rows.abandon_capture();
                        shadow.abandon();
                    }
                }
                let dirty = shadow.rows.values().filter(|row| row.1).count();
                prop_assert_eq!(rows.dirty_len(), dirty);
                prop_assert!(shadow.rows.iter().all(|(slot, row)| rows.get(*slot) == Some(&row.0)));
            }
        }
    }
}
