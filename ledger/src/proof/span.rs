//! A run of rows that stands under one node.
//!
//! Canonical form: no account is the empty subtree, one account is its leaf wherever the path ends, two or more
//! are a node whose halves are told apart by the next bit of the key. One half may be empty.

use super::key::{AccountKey, KEY_BITS, PLACE_END, SHARD_BITS};
use super::row::{Exceptions, Row};
use super::subtree::Subtree;
use super::tree_error::TreeError;

/// The accounts whose keys agree on the first `level` bits, in the order of their keys.
#[derive(Clone, Copy)]
pub(super) struct Span<'a> {
    pub(super) rows: &'a [Row],
    pub(super) level: u16,
    /// Whole keys of the rows, known below [`PLACE_END`] only.
    keys: &'a [AccountKey],
    pub(super) exceptions: &'a Exceptions,
}

impl<'a> Span<'a> {
    /// All accounts of a shard.
    pub(super) const fn of_shard(rows: &'a [Row], exceptions: &'a Exceptions) -> Self {
        Self { rows, level: SHARD_BITS, keys: &[], exceptions }
    }

    /// The left and the right half.
    pub(super) fn split(self) -> Result<(Self, Self), TreeError> {
        let keys = self.keys_if_needed();
        let left_rows = if self.level < PLACE_END {
            self.rows.partition_point(|row| !row.place().bit(self.level))
        } else if keys.len() == self.rows.len() && self.level < KEY_BITS {
            keys.partition_point(|key| !key.bit(self.level))
        } else {
            return Err(TreeError::Inconsistent);
        };
        Self { keys, ..self }.split_at(left_rows)
    }

    /// The halves, if the size of the left one is known.
    pub(super) fn split_at(self, left_rows: usize) -> Result<(Self, Self), TreeError> {
        let (left, right) = self.rows.split_at_checked(left_rows).ok_or(TreeError::Inconsistent)?;
        let (left_keys, right_keys) = self.keys.split_at_checked(left_rows).unwrap_or_default();
        let level = self.level.checked_add(1).ok_or(TreeError::Inconsistent)?;
        let left = Self { rows: left, level, keys: left_keys, ..self };
        Ok((left, Self { rows: right, level, keys: right_keys, ..self }))
    }

    /// Hash and sums from the rows alone.
    pub(super) fn fold(self) -> Result<Subtree, TreeError> {
        match self.rows {
            [] => Ok(Subtree::EMPTY),
            [row] => Ok(row.subtree(self.exceptions)),
            _ => {
                let (left, right) = self.split()?;
                left.fold()?.join(&right.fold()?).ok_or(TreeError::SumOverflow)
            }
        }
    }

    fn keys_if_needed(&self) -> &'a [AccountKey] {
        match self.rows {
            [row, ..] if self.level == PLACE_END => {
                self.exceptions.shared.get(&row.place()).map_or(&[], Vec::as_slice)
            }
            _ => self.keys,
        }
    }
}
