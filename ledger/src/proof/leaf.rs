//! What the state root says about one account, and the salt that keeps it from being guessed.
//!
//! A leaf holds what the account *is*. `last_position` and `timestamp` are left out: they say when it became so,
//! the chain hash of the journal covers them, and without them the root does not depend on where batches were cut.

use super::hash::{self, Digest, fill};
use super::key::AccountKey;
use super::subtree::Subtree;
use super::sums::Balance;

/// Encoded size of a [`Leaf`].
pub const RECORD_BYTES: usize = 102;
const SALT_BYTES: usize = 16;
pub(super) const SALTED_RECORD_BYTES: usize = 118;

/// Context string of the derivation of the salt key; part of the format.
const SALT_CONTEXT: &str = "ballast ledger state tree, account salt, v1";

/// The part of an account that the state root commits to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leaf {
    /// Account id.
    pub id: u128,
    /// Reserved on the debit side, in minor units of the asset.
    pub debits_pending: u128,
    /// Final on the debit side.
    pub debits_posted: u128,
    /// Reserved on the credit side.
    pub credits_pending: u128,
    /// Final on the credit side.
    pub credits_posted: u128,
    /// The opaque reference the account was created with.
    pub reference: [u8; 16],
    /// Asset number.
    pub asset: u16,
    /// What kind of account it is.
    pub code: u16,
    /// Account flags.
    pub flags: u16,
}

impl Leaf {
    /// The record that is hashed and that stands in a proof; every number little-endian.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; RECORD_BYTES] {
        let mut bytes = [0; RECORD_BYTES];
        let mut rest = bytes.as_mut_slice();
        let totals = [self.debits_pending, self.debits_posted, self.credits_pending, self.credits_posted];
        rest = fill(rest, &self.id.to_le_bytes());
        for total in totals {
            rest = fill(rest, &total.to_le_bytes());
        }
        rest = fill(rest, &self.reference);
        for number in [self.asset, self.code, self.flags] {
            rest = fill(rest, &number.to_le_bytes());
        }
        debug_assert!(rest.is_empty(), "the record is filled to its last byte");
        bytes
    }

    pub(super) fn balance(&self) -> Option<Balance> {
        Balance::of(self.asset, self.debits_posted, self.credits_posted)
    }

    /// What the account's place in the tree holds; nothing if the format does not know its asset.
    #[must_use]
    pub fn subtree(&self, salt: &Salt) -> Option<Subtree> {
        let hash = leaf_digest(&AccountKey::of(self.id), &self.commitment(salt));
        Some(Subtree { hash, sums: self.balance()?.sums() })
    }

    pub(super) fn commitment(&self, salt: &Salt) -> Digest {
        let mut bytes = [0; SALTED_RECORD_BYTES];
        let rest = fill(&mut bytes, &self.to_bytes());
        fill(rest, &salt.0);
        hash::commitment(&bytes)
    }
}

/// The hash of a leaf from its two parts.
pub(super) fn leaf_digest(key: &AccountKey, commitment: &Digest) -> Digest {
    let mut bytes = [0; 64];
    let rest = fill(&mut bytes, key.as_bytes());
    fill(rest, commitment);
    hash::leaf(&bytes)
}

/// Sixteen bytes that only the operator and the account's holder know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Salt(pub [u8; SALT_BYTES]);

/// The secret from which all salts of a ledger derive.
///
/// The state root depends on it: replicas of one ledger share it, and re-executing a journal needs it.
#[derive(Clone)]
pub struct TreeKey {
    salt_key: [u8; 32],
}

impl TreeKey {
    /// Derives the salt key from the ledger's secret.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        Self { salt_key: blake3::derive_key(SALT_CONTEXT, secret) }
    }

    /// The salt of an account: the first half of a keyed hash of its id.
    #[must_use]
    pub fn salt(&self, id: u128) -> Salt {
        let hash = blake3::keyed_hash(&self.salt_key, &id.to_le_bytes());
        let mut salt = [0; SALT_BYTES];
        let (half, _) = hash.as_bytes().split_at(SALT_BYTES);
        salt.copy_from_slice(half);
        Salt(salt)
    }
}

impl std::fmt::Debug for TreeKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TreeKey(***)")
    }
}
