//! One virtual shard: its accounts in the order of their keys, and the nodes above them.
//!
//! Invariant between updates: `subtree` is the fold of all rows, and every branch that is not forgotten holds the
//! fold of its own rows. Memory is 48 bytes per account for the row and about 13 for branches.

use super::branch::{self, Branch};
use super::change::Change;
use super::key::{Place, SHARD_BITS};
use super::row::{Exceptions, Row};
use super::span::Span;
use super::subtree::Subtree;
use super::sums::Sums;
use super::tree_error::TreeError;

/// The accounts of one virtual shard as a Merkle-sum tree.
#[derive(Clone, Debug)]
pub(super) struct Shard {
    rows: Vec<Row>,
    exceptions: Exceptions,
    branches: Vec<Branch>,
    subtree: Subtree,
}

impl Shard {
    pub(super) const fn subtree(&self) -> Subtree {
        self.subtree
    }

    pub(super) const fn accounts(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn span(&self) -> (Span<'_>, &[Branch]) {
        (Span::of_shard(&self.rows, &self.exceptions), &self.branches)
    }

    /// Bytes on the heap, the two side tables aside.
    pub(super) const fn heap_bytes(&self) -> usize {
        let rows = self.rows.capacity().saturating_mul(size_of::<Row>());
        rows.saturating_add(self.branches.capacity().saturating_mul(size_of::<Branch>()))
    }

    /// A shard of exactly these accounts.
    pub(super) fn rebuild(changes: &mut [Change]) -> Result<Self, TreeError> {
        sort(changes)?;
        let rows: Vec<Row> = changes.iter().map(Row::of).collect();
        let places: Vec<Place> = rows.iter().map(Row::place).collect();
        let mut shard = Self { rows, exceptions: Exceptions::of(changes), ..Self::default() };
        shard.reshape(&places)?;
        shard.refresh()?;
        Ok(shard)
    }

    /// Writes the new states of some accounts.
    pub(super) fn update(&mut self, changes: &mut [Change]) -> Result<(), TreeError> {
        sort(changes)?;
        if changes.windows(2).any(|pair| matches!(pair, [one, next] if share_new_place(one, next))) {
            return Err(TreeError::PlaceShared);
        }
        let rows = changes.iter().map(|change| self.locate(change)).collect::<Result<Vec<_>, _>>()?;
        self.check_sums(changes, &rows)?;
        // After this point the update must succeed.
        for (change, row) in changes.iter().zip(rows) {
            self.write(change, row)?;
        }
        self.insert(changes.iter().filter(|change| change.created))?;
        self.refresh()
    }

    /// The row of a known account; nothing for a created one.
    fn locate(&self, change: &Change) -> Result<Option<usize>, TreeError> {
        let place = change.key.place();
        let (first, count) = branch::find(&self.branches, self.rows.len(), place, SHARD_BITS)?;
        let mut near = self.rows.iter().enumerate().skip(first).take(count);
        let found = near.find_map(|(index, row)| (row.place() == place).then_some(index));
        if change.created {
            return found.map_or(Ok(None), |_| Err(TreeError::PlaceShared));
        }
        let row = match self.exceptions.shared.get(&place) {
            None => found,
            Some(keys) => found
                .zip(keys.binary_search(&change.key).ok())
                .and_then(|(run, in_run)| run.checked_add(in_run)),
        };
        row.map(Some).ok_or(TreeError::AccountUnknown)
    }

    /// The sums only grow on the way up, so if those of the whole shard fit, all fit.
    fn check_sums(&self, changes: &[Change], rows: &[Option<usize>]) -> Result<(), TreeError> {
        let before = rows.iter().flatten().filter_map(|row| self.rows.get(*row));
        let kept = before
            .map(|row| row.balance(&self.exceptions).sums())
            .try_fold(self.subtree.sums, Sums::checked_sub);
        let kept = kept.ok_or(TreeError::Inconsistent)?;
        let after = changes.iter().map(|change| change.balance.sums()).try_fold(kept, Sums::checked_add);
        after.map(|_| ()).ok_or(TreeError::SumOverflow)
    }

    fn write(&mut self, change: &Change, row: Option<usize>) -> Result<(), TreeError> {
        if let Some(row) = row {
            let row = self.rows.get_mut(row).ok_or(TreeError::Inconsistent)?;
            self.exceptions.drop_amount(row);
            *row = Row::of(change);
            branch::forget(&mut self.branches, change.key.place(), SHARD_BITS)?;
        }
        self.exceptions.note_amount(change);
        Ok(())
    }

    fn insert<'a>(&mut self, created: impl Iterator<Item = &'a Change>) -> Result<(), TreeError> {
        let created: Vec<Row> = created.map(Row::of).collect();
        if created.is_empty() {
            return Ok(());
        }
        let places: Vec<Place> = created.iter().map(Row::place).collect();
        self.rows.reserve_exact(created.len());
        self.rows.extend(created);
        // Two ascending runs, which the stable sort merges; rows that share a place keep the order of their keys.
        self.rows.sort_by_key(Row::place);
        self.reshape(&places)
    }

    fn reshape(&mut self, created: &[Place]) -> Result<(), TreeError> {
        let mut branches = Vec::new();
        branch::reshape(
            Span::of_shard(&self.rows, &self.exceptions),
            created,
            &self.branches,
            &mut branches,
        )?;
        branches.shrink_to_fit();
        self.branches = branches;
        Ok(())
    }

    fn refresh(&mut self) -> Result<(), TreeError> {
        self.subtree = branch::refresh(&mut self.branches, Span::of_shard(&self.rows, &self.exceptions))?;
        Ok(())
    }
}

impl Default for Shard {
    fn default() -> Self {
        let (rows, branches) = (Vec::new(), Vec::new());
        Self { rows, exceptions: Exceptions::default(), branches, subtree: Subtree::EMPTY }
    }
}

fn sort(changes: &mut [Change]) -> Result<(), TreeError> {
    changes.sort_unstable_by_key(|change| change.key);
    let repeated = changes.windows(2).any(|pair| matches!(pair, [one, next] if one.key == next.key));
    if repeated { Err(TreeError::AccountRepeated) } else { Ok(()) }
}

fn share_new_place(one: &Change, next: &Change) -> bool {
    one.created && next.created && one.key.place() == next.key.place()
}

#[cfg(test)]
#[path = "shard_tests.rs"]
mod tests;
