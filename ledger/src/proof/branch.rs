//! The nodes a shard remembers, so that an update costs one path and not the whole shard.
//!
//! Every node with more than [`SMALL_ROWS`] accounts has one *branch*; smaller subtrees are folded from their rows
//! each time. Branches lie in one list in preorder: a branch, those of its left half, those of its right half. They
//! are a cache and nothing else: the root is the same with all of them forgotten.

use super::hash::{Digest, EMPTY};
use super::key::{PLACE_END, Place};
use super::span::Span;
use super::subtree::Subtree;
use super::sums::{ASSETS, AssetSums, Sums};
use super::tree_error::TreeError;

/// Subtrees of at most this many accounts have no branch. More of them: less memory, more hashing per change.
const SMALL_ROWS: usize = 8;

/// A remembered node and the shape of what is below it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Branch {
    /// [`EMPTY`] while the node is forgotten: it changed, or one of its sums does not fit u64.
    hash: Digest,
    /// `owed` and `owing` of each asset.
    sums: [[u64; 2]; ASSETS.len()],
    left_rows: u32,
    left_branches: u32,
}

impl Branch {
    fn forgotten(left_rows: usize) -> Result<Self, TreeError> {
        let left_rows = u32::try_from(left_rows).map_err(|_| TreeError::ShardFull)?;
        Ok(Self { hash: EMPTY, sums: Default::default(), left_rows, left_branches: 0 })
    }

    /// The node, unless it is forgotten.
    pub(super) fn held(&self) -> Option<Subtree> {
        let sums = self.sums.map(|[owed, owing]| AssetSums { owed: owed.into(), owing: owing.into() });
        (self.hash != EMPTY).then_some(Subtree { hash: self.hash, sums: Sums::new(sums) })
    }

    fn left_rows(&self) -> Result<usize, TreeError> {
        usize::try_from(self.left_rows).map_err(|_| TreeError::ShardFull)
    }

    fn left_branches(&self) -> Result<usize, TreeError> {
        usize::try_from(self.left_branches).map_err(|_| TreeError::ShardFull)
    }

    fn split<'a>(&self, below: &'a mut [Self]) -> Result<(&'a mut [Self], &'a mut [Self]), TreeError> {
        below.split_at_mut_checked(self.left_branches()?).ok_or(TreeError::Inconsistent)
    }

    fn hold(&mut self, node: &Subtree) {
        self.hash = node.hash;
        for (kept, sums) in self.sums.iter_mut().zip(node.sums.0) {
            match (u64::try_from(sums.owed), u64::try_from(sums.owing)) {
                (Ok(owed), Ok(owing)) => *kept = [owed, owing],
                _ => self.hash = EMPTY,
            }
        }
    }
}

/// The branches of the left and of the right half of the first one.
pub(super) fn halves(branches: &[Branch]) -> Result<(&[Branch], &[Branch]), TreeError> {
    match branches {
        [] => Ok((&[], &[])),
        [branch, below @ ..] => {
            below.split_at_checked(branch.left_branches()?).ok_or(TreeError::Inconsistent)
        }
    }
}

/// The few rows among which those with a place must be: the index of the first, and their number.
pub(super) fn find(
    branches: &[Branch],
    rows: usize,
    place: Place,
    level: u16,
) -> Result<(usize, usize), TreeError> {
    let [branch, ..] = branches else {
        return Ok((0, rows));
    };
    let (left, right) = halves(branches)?;
    let left_rows = branch.left_rows()?;
    let below = level.saturating_add(1);
    if !place.bit(level) {
        return find(left, left_rows, place, below);
    }
    let right_rows = rows.checked_sub(left_rows).ok_or(TreeError::Inconsistent)?;
    let (first, count) = find(right, right_rows, place, below)?;
    Ok((first.checked_add(left_rows).ok_or(TreeError::Inconsistent)?, count))
}

/// Forgets every node above a changed row.
pub(super) fn forget(branches: &mut [Branch], place: Place, level: u16) -> Result<(), TreeError> {
    let [branch, below @ ..] = branches else {
        return Ok(());
    };
    branch.hash = EMPTY;
    let (left, right) = branch.split(below)?;
    let half = if place.bit(level) { right } else { left };
    forget(half, place, level.saturating_add(1))
}

/// Hash and sums of a span; forgotten nodes are hashed and held again.
pub(super) fn refresh(branches: &mut [Branch], span: Span<'_>) -> Result<Subtree, TreeError> {
    let [branch, below @ ..] = branches else {
        return span.fold();
    };
    if let Some(held) = branch.held() {
        return Ok(held);
    }
    let (left_branches, right_branches) = branch.split(below)?;
    let (left, right) = span.split_at(branch.left_rows()?)?;
    let left = refresh(left_branches, left)?;
    let node = left.join(&refresh(right_branches, right)?).ok_or(TreeError::SumOverflow)?;
    branch.hold(&node);
    Ok(node)
}

/// Writes the branches of a span after accounts were added at `created` (ascending). What no new account stands
/// under is copied from the branches the span had before.
pub(super) fn reshape(
    span: Span<'_>,
    created: &[Place],
    before: &[Branch],
    after: &mut Vec<Branch>,
) -> Result<(), TreeError> {
    if created.is_empty() {
        after.extend_from_slice(before);
        return Ok(());
    }
    if span.rows.len() <= SMALL_ROWS || span.level >= PLACE_END {
        return Ok(());
    }
    let (left, right) = span.split()?;
    let (left_before, right_before) = halves(before)?;
    let left_created = created.partition_point(|place| !place.bit(span.level));
    let (left_created, right_created) =
        created.split_at_checked(left_created).ok_or(TreeError::Inconsistent)?;
    let position = after.len();
    after.push(Branch::forgotten(left.rows.len())?);
    reshape(left, left_created, left_before, after)?;
    let left_branches = after.get(position..).map_or(0, <[Branch]>::len).saturating_sub(1);
    let left_branches = u32::try_from(left_branches).map_err(|_| TreeError::ShardFull)?;
    after.get_mut(position).ok_or(TreeError::Inconsistent)?.left_branches = left_branches;
    reshape(right, right_created, right_before, after)
}
