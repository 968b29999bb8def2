//! The fixed upper tree: twelve levels over the 4,096 virtual shards.
//!
//! Unlike the inside of a shard it never collapses: a node with two empty halves is hashed like any other, so the
//! path of every account begins with exactly twelve levels.

use super::key::{SHARD_BITS, SHARDS};
use super::subtree::{RootNode, Subtree};
use super::tree_error::TreeError;

/// All levels, the shards' subtrees first, the root node last.
#[derive(Clone, Debug)]
pub(super) struct Top {
    levels: Vec<Vec<Subtree>>,
    root: RootNode,
}

impl Top {
    /// The tree over shards without accounts.
    pub(super) fn empty() -> Self {
        let mut width = usize::from(SHARDS);
        let mut node = Subtree::EMPTY;
        let mut levels = vec![vec![node; width]];
        while width > 1 {
            width /= 2;
            node = node.join_empty();
            levels.push(vec![node; width]);
        }
        Self { levels, root: RootNode(node) }
    }

    pub(super) const fn root(&self) -> RootNode {
        self.root
    }

    /// The shard's subtree as it was hashed last.
    pub(super) fn shard(&self, shard: u16) -> Option<Subtree> {
        self.levels.first()?.get(usize::from(shard)).copied()
    }

    /// What stands beside the path from the root to a shard, the root's level first.
    pub(super) fn siblings(&self, shard: u16) -> Option<Vec<Subtree>> {
        let below_root = self.levels.iter().take(usize::from(SHARD_BITS));
        let mut siblings = (0..u32::from(SHARD_BITS))
            .zip(below_root)
            .map(|(up, level)| level.get(usize::from(shard.checked_shr(up)? ^ 1)).copied())
            .collect::<Option<Vec<_>>>()?;
        siblings.reverse();
        Some(siblings)
    }

    /// Takes the shards' subtrees and hashes what is above those that changed.
    pub(super) fn refresh(&mut self, shards: impl Iterator<Item = Subtree>) -> Result<RootNode, TreeError> {
        let mut levels = self.levels.iter_mut();
        let mut below = levels.next().ok_or(TreeError::Inconsistent)?;
        let mut changed: Vec<bool> =
            below.iter_mut().zip(shards).map(|(kept, new)| replace(kept, new)).collect();
        for level in levels {
            let halves = below.chunks_exact(2).zip(changed.chunks_exact(2));
            changed = level
                .iter_mut()
                .zip(halves)
                .map(|(node, (halves, changed))| rejoin(node, halves, changed))
                .collect::<Result<_, _>>()?;
            below = level;
        }
        self.root = RootNode(*below.first().ok_or(TreeError::Inconsistent)?);
        Ok(self.root)
    }
}

fn replace(kept: &mut Subtree, new: Subtree) -> bool {
    let changed = *kept != new;
    *kept = new;
    changed
}

fn rejoin(node: &mut Subtree, halves: &[Subtree], changed: &[bool]) -> Result<bool, TreeError> {
    match (halves, changed) {
        (_, [false, false]) => Ok(false),
        ([left, right], _) => {
            *node = left.join(right).ok_or(TreeError::SumOverflow)?;
            Ok(true)
        }
        _ => Err(TreeError::Inconsistent),
    }
}
