//! A subtree as its parent sees it, and the root of the whole tree.
//!
//! Invariant of a verified tree: the sums of a subtree are the sums of its two halves. A node hashes both halves'
//! hashes and the left half's sums; the right half's are what its own leave, and its own are hashed one level up,
//! at the top by the state root. So the state root fixes hash and sums of every place in the tree.

use super::hash::{self, Digest, EMPTY, fill};
use super::sums::{SUMS_BYTES, Sums};

/// Encoded size of a [`Subtree`] and of a [`RootNode`].
pub const SUBTREE_BYTES: usize = 96;

/// Hash and sums of a subtree: nothing, one account, or two halves joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subtree {
    /// Zero bytes for no account, the leaf's hash for one, the node's hash for more.
    pub hash: Digest,
    /// What its accounts are owed and what they owe.
    pub sums: Sums,
}

impl Subtree {
    /// A subtree without accounts.
    pub const EMPTY: Self = Self { hash: EMPTY, sums: Sums::ZERO };

    /// Whether it claims to hold no account.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hash == EMPTY
    }

    /// The node above two halves; nothing if a sum does not fit u128.
    #[must_use]
    pub fn join(&self, right: &Self) -> Option<Self> {
        let sums = self.sums.checked_add(right.sums)?;
        Some(Self { hash: self.join_hash(right), sums })
    }

    /// The node above two halves without accounts, of which the fixed upper tree has many.
    pub(super) fn join_empty(&self) -> Self {
        Self { hash: self.join_hash(self), sums: Sums::ZERO }
    }

    fn join_hash(&self, right: &Self) -> Digest {
        let mut bytes = [0; 128];
        let rest = fill(&mut bytes, &self.hash);
        let rest = fill(rest, &right.hash);
        fill(rest, &self.sums.to_bytes());
        hash::node(&bytes)
    }

    /// Hash, then sums.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; SUBTREE_BYTES] {
        let mut bytes = [0; SUBTREE_BYTES];
        let rest = fill(&mut bytes, &self.hash);
        let sums: [u8; SUMS_BYTES] = self.sums.to_bytes();
        fill(rest, &sums);
        bytes
    }
}

/// The topmost node: its hash, and per asset what all accounts are owed and owe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RootNode(pub Subtree);

impl RootNode {
    /// What is signed, anchored and carried by entry headers: the hash of this node's bytes.
    #[must_use]
    pub fn state_root(&self) -> StateRoot {
        StateRoot(hash::root(&self.0.to_bytes()))
    }

    /// The totals of the ledger.
    #[must_use]
    pub const fn totals(&self) -> Sums {
        self.0.sums
    }
}

/// Commitment to the state of all accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateRoot(pub Digest);

impl std::fmt::Display for StateRoot {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}
