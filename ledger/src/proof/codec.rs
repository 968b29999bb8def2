//! Proofs as bytes. Every field has a fixed place, every number is little-endian, and one proof has one encoding.
//!
//! Reading is for hostile input: the length is checked against what the count announces before anything is kept,
//! nothing longer than [`PROOF_BYTES_MAX`] is looked at, and every bit pattern of the right length is a proof that
//! the verifier then accepts or refuses.

use super::account_proof::{AbsenceProof, AccountProof, PATH_LEVELS_MAX, PATH_LEVELS_MIN, Path, PathEnd};
use super::hash::Digest;
use super::key::AccountKey;
use super::leaf::{Leaf, Salt};
use super::subtree::{RootNode, SUBTREE_BYTES, Subtree};
use super::sums::{ASSETS, AssetSums, SUMS_BYTES, Sums};

/// No encoded proof is longer: header, id, another account's key, commitment and sums, count, path, root node.
pub const PROOF_BYTES_MAX: usize = 6 + 16 + 32 + 32 + SUMS_BYTES + 1 + (PATH_LEVELS_MAX + 1) * SUBTREE_BYTES;

const MAGIC: [u8; 4] = *b"BSTP";
const VERSION: u8 = 1;
const ACCOUNT: u8 = 1;
const ABSENCE_AT_NOBODY: u8 = 2;
const ABSENCE_AT_OTHER: u8 = 3;

/// Why bytes are not a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The input ends inside a field, or is longer than a proof can be.
    #[error("the proof is {length} bytes long, which fits no path; fetch it again")]
    WrongLength {
        /// Bytes received.
        length: usize,
    },
    /// The input does not begin like a proof.
    #[error("this is not a proof: it does not begin with BSTP")]
    NotAProof,
    /// Another version of the format.
    #[error("the proof has format version {version}; this program reads version 1")]
    UnknownVersion {
        /// Version received.
        version: u8,
    },
    /// Not the kind of proof that was asked for.
    #[error("the proof is of kind {kind}, which is not the kind asked for")]
    WrongKind {
        /// Kind received.
        kind: u8,
    },
    /// More levels than a key has bits.
    #[error("the proof's path has more than 256 levels")]
    PathTooLong,
}

impl AccountProof {
    /// Writes the proof.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = header(ACCOUNT);
        bytes.extend(self.leaf.to_bytes());
        bytes.extend(self.salt.0);
        put_path(&mut bytes, &self.path, &self.root);
        bytes
    }

    /// Reads a proof; it still has to be verified.
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (kind, mut reader) = Reader::open(bytes)?;
        if kind != ACCOUNT {
            return Err(DecodeError::WrongKind { kind });
        }
        let leaf = reader.leaf()?;
        let salt = Salt(reader.take()?);
        let (path, root) = reader.path()?;
        Ok(Self { leaf, salt, path, root })
    }
}

impl AbsenceProof {
    /// Writes the proof.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes;
        match &self.end {
            PathEnd::Nobody => {
                bytes = header(ABSENCE_AT_NOBODY);
                bytes.extend(self.id.to_le_bytes());
            }
            PathEnd::Other { key, commitment, sums } => {
                bytes = header(ABSENCE_AT_OTHER);
                bytes.extend(self.id.to_le_bytes());
                bytes.extend(key.as_bytes());
                bytes.extend(commitment);
                bytes.extend(sums.to_bytes());
            }
        }
        put_path(&mut bytes, &self.path, &self.root);
        bytes
    }

    /// Reads a proof; it still has to be verified.
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (kind, mut reader) = Reader::open(bytes)?;
        let id = reader.u128()?;
        let end = match kind {
            ABSENCE_AT_NOBODY => PathEnd::Nobody,
            ABSENCE_AT_OTHER => PathEnd::Other {
                key: AccountKey::from_bytes(reader.take()?),
                commitment: reader.take()?,
                sums: reader.sums()?,
            },
            _ => return Err(DecodeError::WrongKind { kind }),
        };
        let (path, root) = reader.path()?;
        Ok(Self { id, end, path, root })
    }
}

fn header(kind: u8) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend([VERSION, kind]);
    bytes
}

/// The count leaves out the levels that every path has, so that it fits one byte.
fn put_path(bytes: &mut Vec<u8>, path: &Path, root: &RootNode) {
    let inside_shard = path.siblings().len().saturating_sub(PATH_LEVELS_MIN);
    bytes.push(u8::try_from(inside_shard).unwrap_or(u8::MAX));
    for sibling in path.siblings() {
        bytes.extend(sibling.to_bytes());
    }
    bytes.extend(root.0.to_bytes());
}

/// Takes fields off the front of the input.
struct Reader<'a> {
    rest: &'a [u8],
    length: usize,
}

impl<'a> Reader<'a> {
    fn open(bytes: &'a [u8]) -> Result<(u8, Self), DecodeError> {
        let length = bytes.len();
        if length > PROOF_BYTES_MAX {
            return Err(DecodeError::WrongLength { length });
        }
        let mut reader = Reader { rest: bytes, length };
        let magic: [u8; 4] = reader.take()?;
        let [version, kind] = reader.take()?;
        match (magic, version) {
            (MAGIC, VERSION) => Ok((kind, reader)),
            (MAGIC, _) => Err(DecodeError::UnknownVersion { version }),
            _ => Err(DecodeError::NotAProof),
        }
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (field, rest) =
            self.rest.split_first_chunk().ok_or(DecodeError::WrongLength { length: self.length })?;
        self.rest = rest;
        Ok(*field)
    }

    fn u128(&mut self) -> Result<u128, DecodeError> {
        self.take().map(u128::from_le_bytes)
    }

    fn u16(&mut self) -> Result<u16, DecodeError> {
        self.take().map(u16::from_le_bytes)
    }

    fn leaf(&mut self) -> Result<Leaf, DecodeError> {
        Ok(Leaf {
            id: self.u128()?,
            debits_pending: self.u128()?,
            debits_posted: self.u128()?,
            credits_pending: self.u128()?,
            credits_posted: self.u128()?,
            reference: self.take()?,
            asset: self.u16()?,
            code: self.u16()?,
            flags: self.u16()?,
        })
    }

    fn sums(&mut self) -> Result<Sums, DecodeError> {
        let mut by_asset = [AssetSums::default(); ASSETS.len()];
        for sums in &mut by_asset {
            *sums = AssetSums { owed: self.u128()?, owing: self.u128()? };
        }
        Ok(Sums::new(by_asset))
    }

    fn subtree(&mut self) -> Result<Subtree, DecodeError> {
        let hash: Digest = self.take()?;
        Ok(Subtree { hash, sums: self.sums()? })
    }

    /// The path, the root node, and the end of the input.
    fn path(mut self) -> Result<(Path, RootNode), DecodeError> {
        let [inside_shard] = self.take()?;
        let levels = PATH_LEVELS_MIN.saturating_add(usize::from(inside_shard));
        if levels > PATH_LEVELS_MAX {
            return Err(DecodeError::PathTooLong);
        }
        let expected = levels.saturating_add(1).saturating_mul(SUBTREE_BYTES);
        if self.rest.len() != expected {
            return Err(DecodeError::WrongLength { length: self.length });
        }
        let siblings = (0..levels).map(|_| self.subtree()).collect::<Result<Vec<_>, _>>()?;
        let path = Path::new(siblings).ok_or(DecodeError::PathTooLong)?;
        Ok((path, RootNode(self.subtree()?)))
    }
}
