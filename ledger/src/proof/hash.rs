//! The four hashes of the state tree, each with its own BLAKE3 key so that no two kinds of input can collide.
//!
//! The keys are public: printable text, padded with zero bytes to 32. They are part of the format and never
//! change under the same version number. `FORMAT.md` gives the same table for other languages.

use super::leaf::SALTED_RECORD_BYTES;

/// 32 bytes of BLAKE3 output.
pub type Digest = [u8; 32];

/// The hash of a subtree without accounts. No input is known that hashes to it.
pub(super) const EMPTY: Digest = [0; 32];

const ACCOUNT_KEY: &[u8; 32] = b"ballast state account v1\0\0\0\0\0\0\0\0";
const LEAF_KEY: &[u8; 32] = b"ballast state leaf v1\0\0\0\0\0\0\0\0\0\0\0";
const NODE_KEY: &[u8; 32] = b"ballast state node v1\0\0\0\0\0\0\0\0\0\0\0";
const ROOT_KEY: &[u8; 32] = b"ballast state root v1\0\0\0\0\0\0\0\0\0\0\0";

/// Commits to an account's record and its salt without showing either.
pub(super) fn commitment(salted_record: &[u8; SALTED_RECORD_BYTES]) -> Digest {
    *blake3::keyed_hash(ACCOUNT_KEY, salted_record).as_bytes()
}

/// Binds a commitment to the place it may stand at, so that absence can be shown without showing the account.
pub(super) fn leaf(key_and_commitment: &[u8; 64]) -> Digest {
    *blake3::keyed_hash(LEAF_KEY, key_and_commitment).as_bytes()
}

/// Joins two subtrees: both hashes, then the sums of the left one.
pub(super) fn node(hashes_and_left_sums: &[u8; 128]) -> Digest {
    *blake3::keyed_hash(NODE_KEY, hashes_and_left_sums).as_bytes()
}

/// Closes the tree: the hash of the whole and the sums of the whole.
pub(super) fn root(hash_and_sums: &[u8; 96]) -> Digest {
    *blake3::keyed_hash(ROOT_KEY, hash_and_sums).as_bytes()
}

/// Writes `part` at the front of `rest` and returns what is left to fill.
pub(super) fn fill<'a>(rest: &'a mut [u8], part: &[u8]) -> &'a mut [u8] {
    let (head, tail) = rest.split_at_mut(part.len());
    head.copy_from_slice(part);
    tail
}
