//! What the prover hands out: an account, or its absence, with the path to the root.
//!
//! Nothing in these types has been checked but their size; only [`verify`](super::verify) says what holds. A proof
//! shows of other accounts the sums of the subtrees beside the path. The nearest of them may be a single account:
//! its balance is then visible, not whose it is.

use super::hash::Digest;
use super::key::{AccountKey, KEY_BITS, SHARD_BITS};
use super::leaf::{Leaf, Salt};
use super::subtree::{RootNode, Subtree};

/// Levels a path has at least: those of the fixed upper tree.
pub const PATH_LEVELS_MIN: usize = SHARD_BITS as usize;

/// Levels a path has at most: two keys differ in one of 256 bits.
pub const PATH_LEVELS_MAX: usize = KEY_BITS as usize;

/// What stands beside the path from the root to an account, the root's level first.
///
/// Invariant: between [`PATH_LEVELS_MIN`] and [`PATH_LEVELS_MAX`] subtrees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(Vec<Subtree>);

impl Path {
    /// Takes the siblings if their number is possible.
    #[must_use]
    pub fn new(siblings: Vec<Subtree>) -> Option<Self> {
        (PATH_LEVELS_MIN..=PATH_LEVELS_MAX).contains(&siblings.len()).then_some(Self(siblings))
    }

    /// The siblings, the root's level first.
    #[must_use]
    pub fn siblings(&self) -> &[Subtree] {
        &self.0
    }
}

/// Shows that an account stands in the tree as it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountProof {
    /// The account.
    pub leaf: Leaf,
    /// Its salt; showing it gives away nothing about other accounts.
    pub salt: Salt,
    /// The way to the root.
    pub path: Path,
    /// The root node, and so the totals of the ledger.
    pub root: RootNode,
}

/// Shows that no account with an id stands in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbsenceProof {
    /// The id that no account has.
    pub id: u128,
    /// What stands where the path ends.
    pub end: PathEnd,
    /// The way to the root.
    pub path: Path,
    /// The root node.
    pub root: RootNode,
}

/// What stands where the path of an absent account ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathEnd {
    /// The empty subtree.
    Nobody,
    /// The leaf of another account, shown without its contents.
    Other {
        /// Hash of the other account's id.
        key: AccountKey,
        /// Commitment to its contents.
        commitment: Digest,
        /// Its sums.
        sums: super::sums::Sums,
    },
}
