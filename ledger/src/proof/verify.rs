//! Checks proofs against a state root that the caller trusts: one that was signed, or anchored in Bitcoin.
//!
//! Pure functions over plain values and BLAKE3: no tree, no secret, nothing else of the ledger. What is verified
//! comes out as a type that only this file can build. `FORMAT.md` says why the checks suffice.

use super::account_proof::{AbsenceProof, AccountProof, PATH_LEVELS_MIN, Path, PathEnd};
use super::key::{AccountKey, KEY_BITS};
use super::leaf::{Leaf, leaf_digest};
use super::subtree::{RootNode, StateRoot, Subtree};
use super::sums::Sums;

/// Why a proof shows nothing. The first failing check names it, in the order in which they are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The root node of the proof does not hash to the root that is trusted.
    #[error("the proof belongs to another state root; compare the sequence of both")]
    StateRootDiffers,
    /// The ledger as a whole is owed another sum than it owes.
    #[error(
        "what accounts are owed in asset {asset} differs from what accounts owe; the books do not balance"
    )]
    BooksDoNotBalance {
        /// Number of the asset.
        asset: u16,
    },
    /// The account's asset is not one that the format sums up.
    #[error("the account's asset {asset} is not in the state tree's format")]
    AssetUnknown {
        /// Number of the asset.
        asset: u16,
    },
    /// The account said to be another one is the one said to be absent.
    #[error("the account said to be absent ends its own path: it is present")]
    AccountPresent,
    /// The leaf that ends the path of an absent account belongs elsewhere.
    #[error("the other account's key does not lead to where the path ends")]
    OtherNotOnPath,
    /// An empty subtree with sums.
    #[error("an empty subtree at level {level} claims a sum")]
    EmptyWithSums {
        /// Level of the node above it, the root being 0.
        level: usize,
    },
    /// The last node of the path has one account or none and should not be there.
    #[error("the path is longer than the tree's canonical form allows")]
    NotCanonical,
    /// Adding up the path exceeds 128 bits.
    #[error("the sums along the path do not fit 128 bits")]
    SumOverflow,
    /// A hash on the path, the account, its salt or its place is not what the root commits to.
    #[error("the path's hashes do not lead to the root: something in the proof was changed")]
    HashDiffers,
    /// The sums on the path do not add up to the root's.
    #[error("the path's sums do not add up to the root's: a balance was changed or left out")]
    SumsDiffer,
    /// A verified account of another root.
    #[error("account {id:032x} was verified against another state root")]
    OtherRoot {
        /// The account.
        id: u128,
    },
    /// A system account that is not on the published list.
    #[error("account {id:032x} is not on the published list of system accounts")]
    NotPublished {
        /// The account.
        id: u128,
    },
    /// A system account that is counted twice.
    #[error("system account {id:032x} is listed twice")]
    ListedTwice {
        /// The account.
        id: u128,
    },
    /// Somebody beside the published system accounts owes.
    #[error("asset {asset}: accounts beside the published ones owe, or a published one is missing")]
    OwingUnexplained {
        /// Number of the asset.
        asset: u16,
    },
}

/// A root node that hashes to the trusted root and whose books balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifiedRoot {
    root: RootNode,
}

impl VerifiedRoot {
    /// Per asset what all accounts are owed, which is what all accounts owe.
    #[must_use]
    pub const fn totals(&self) -> Sums {
        self.root.totals()
    }
}

/// An account that stands in the tree exactly as it says, and whose balance is part of the totals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifiedAccount {
    leaf: Leaf,
    sums: Sums,
    root: VerifiedRoot,
}

impl VerifiedAccount {
    /// The account; compare its id with the one that was asked for.
    #[must_use]
    pub const fn leaf(&self) -> &Leaf {
        &self.leaf
    }

    /// The root it stands under.
    #[must_use]
    pub const fn root(&self) -> VerifiedRoot {
        self.root
    }
}

/// An id that no account in the tree has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerifiedAbsence {
    id: u128,
    root: VerifiedRoot,
}

impl VerifiedAbsence {
    /// The absent id; compare it with the one that was asked for.
    #[must_use]
    pub const fn id(&self) -> u128 {
        self.id
    }

    /// The root it is absent from.
    #[must_use]
    pub const fn root(&self) -> VerifiedRoot {
        self.root
    }
}

/// Checks a root node: it is the trusted one, and per asset `owed` equals `owing`.
///
/// # Errors
/// [`ProofError::StateRootDiffers`], [`ProofError::BooksDoNotBalance`].
pub fn verify_root(root: RootNode, trusted: StateRoot) -> Result<VerifiedRoot, ProofError> {
    if root.state_root() != trusted {
        return Err(ProofError::StateRootDiffers);
    }
    let unbalanced = root.totals().by_asset().find(|(_, sums)| sums.owed != sums.owing);
    unbalanced.map_or(Ok(VerifiedRoot { root }), |(asset, _)| Err(ProofError::BooksDoNotBalance { asset }))
}

/// Checks that an account stands under the trusted root. Its sums are computed here from its totals, never taken
/// from the proof, so a verified account is counted in full.
///
/// # Errors
/// The first [`ProofError`] in their order.
pub fn verify_account(proof: &AccountProof, trusted: StateRoot) -> Result<VerifiedAccount, ProofError> {
    let root = verify_root(proof.root, trusted)?;
    let leaf = proof.leaf;
    let end = leaf.subtree(&proof.salt).ok_or(ProofError::AssetUnknown { asset: leaf.asset })?;
    check_path(&AccountKey::of(leaf.id), end, &proof.path, &proof.root)?;
    Ok(VerifiedAccount { leaf, sums: end.sums, root })
}

/// Checks that no account with the proof's id stands under the trusted root.
///
/// # Errors
/// The first [`ProofError`] in their order.
pub fn verify_absence(proof: &AbsenceProof, trusted: StateRoot) -> Result<VerifiedAbsence, ProofError> {
    let root = verify_root(proof.root, trusted)?;
    let key = AccountKey::of(proof.id);
    let end = match &proof.end {
        PathEnd::Nobody => Subtree::EMPTY,
        PathEnd::Other { key: other, .. } if *other == key => return Err(ProofError::AccountPresent),
        PathEnd::Other { key: other, .. } if !other.agrees(&key, proof.path.siblings().len()) => {
            return Err(ProofError::OtherNotOnPath);
        }
        PathEnd::Other { key: other, commitment, sums } => {
            Subtree { hash: leaf_digest(other, commitment), sums: *sums }
        }
    };
    check_path(&key, end, &proof.path, &proof.root)?;
    Ok(VerifiedAbsence { id: proof.id, root })
}

/// Checks that the published system accounts alone owe, so that what they owe is the supply. Returns it.
///
/// # Errors
/// [`ProofError::OtherRoot`], [`ProofError::NotPublished`], [`ProofError::ListedTwice`],
/// [`ProofError::SumOverflow`], [`ProofError::OwingUnexplained`].
pub fn verify_supply(
    root: VerifiedRoot,
    published: &[u128],
    accounts: &[VerifiedAccount],
) -> Result<Sums, ProofError> {
    let mut owing = Sums::ZERO;
    let mut before: Vec<u128> = Vec::new();
    for account in accounts {
        let id = account.leaf.id;
        if account.root != root {
            return Err(ProofError::OtherRoot { id });
        }
        if !published.contains(&id) {
            return Err(ProofError::NotPublished { id });
        }
        if before.contains(&id) {
            return Err(ProofError::ListedTwice { id });
        }
        before.push(id);
        owing = owing.checked_add(account.sums).ok_or(ProofError::SumOverflow)?;
    }
    let explained = owing.by_asset().zip(root.totals().by_asset());
    let mut unexplained = explained.filter(|((_, listed), (_, all))| listed.owing != all.owing);
    unexplained
        .next()
        .map_or(Ok(root.totals()), |((asset, _), _)| Err(ProofError::OwingUnexplained { asset }))
}

/// Climbs from the end of a path to the root.
fn check_path(key: &AccountKey, end: Subtree, path: &Path, root: &RootNode) -> Result<(), ProofError> {
    let siblings = path.siblings();
    let hollow = siblings.iter().position(|sibling| sibling.is_empty() && sibling.sums != Sums::ZERO);
    if let Some(level) = hollow {
        return Err(ProofError::EmptyWithSums { level });
    }
    let last_is_empty = siblings.last().is_some_and(Subtree::is_empty);
    if siblings.len() > PATH_LEVELS_MIN && last_is_empty {
        return Err(ProofError::NotCanonical);
    }
    let mut subtree = end;
    for (level, sibling) in (0..KEY_BITS).zip(siblings).rev() {
        let (left, right) = if key.bit(level) { (sibling, &subtree) } else { (&subtree, sibling) };
        subtree = left.join(right).ok_or(ProofError::SumOverflow)?;
    }
    if subtree.hash != root.0.hash {
        return Err(ProofError::HashDiffers);
    }
    if subtree.sums != root.0.sums { Err(ProofError::SumsDiffer) } else { Ok(()) }
}
