//! The state tree, its proofs, and who can check them.
//!
#![doc = include_str!("FORMAT.md")]

mod account_leaf;
mod account_proof;
mod branch;
mod change;
mod codec;
mod hash;
mod key;
mod leaf;
mod prove;
mod row;
mod shard;
mod span;
mod subtree;
mod sums;
mod top;
mod tree;
mod tree_error;
mod verify;

pub use account_proof::{AbsenceProof, AccountProof, PATH_LEVELS_MAX, PATH_LEVELS_MIN, Path, PathEnd};
pub use change::Change;
pub use codec::{DecodeError, PROOF_BYTES_MAX};
pub use hash::Digest;
pub use key::{AccountKey, KEY_BITS, SHARD_BITS, SHARDS};
pub use leaf::{Leaf, RECORD_BYTES, Salt, TreeKey};
pub use prove::{Neighbour, ProveError};
pub use subtree::{RootNode, SUBTREE_BYTES, StateRoot, Subtree};
pub use sums::{ASSETS, AssetSums, SUMS_BYTES, Sums};
pub use tree::{ShardWork, StateTree};
pub use tree_error::TreeError;
pub use verify::{
    ProofError, VerifiedAbsence, VerifiedAccount, VerifiedRoot, verify_absence, verify_account, verify_root,
    verify_supply,
};
