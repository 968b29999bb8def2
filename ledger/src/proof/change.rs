//! One account's new state, hashed and ready for its shard.
//!
//! Making a change is the costly and stateless half of an update: five BLAKE3 blocks, no access to the tree. The
//! thread that owns the account makes it, so no account has to be copied or shared.

use super::hash::Digest;
use super::key::AccountKey;
use super::leaf::{Leaf, TreeKey, leaf_digest};
use super::sums::Balance;
use super::tree_error::TreeError;

/// A leaf to be written at the next update.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    pub(super) key: AccountKey,
    pub(super) digest: Digest,
    pub(super) balance: Balance,
    pub(super) created: bool,
}

impl Change {
    /// An account that was not in the tree at the last update.
    ///
    /// # Errors
    /// [`TreeError::AssetUnknown`].
    pub fn created(key: &TreeKey, leaf: &Leaf) -> Result<Self, TreeError> {
        Self::new(key, leaf, true)
    }

    /// An account that was in the tree at the last update.
    ///
    /// # Errors
    /// [`TreeError::AssetUnknown`].
    pub fn updated(key: &TreeKey, leaf: &Leaf) -> Result<Self, TreeError> {
        Self::new(key, leaf, false)
    }

    fn new(tree_key: &TreeKey, leaf: &Leaf, created: bool) -> Result<Self, TreeError> {
        let balance = leaf.balance().ok_or(TreeError::AssetUnknown { asset: leaf.asset })?;
        let key = AccountKey::of(leaf.id);
        let digest = leaf_digest(&key, &leaf.commitment(&tree_key.salt(leaf.id)));
        Ok(Self { key, digest, balance, created })
    }
}
