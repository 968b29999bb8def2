//! Makes proofs from the tree. The caller brings the account, since the tree remembers only its hash.

use super::account_proof::{AbsenceProof, AccountProof, Path, PathEnd};
use super::branch;
use super::change::Change;
use super::key::{AccountKey, Place};
use super::leaf::{Leaf, TreeKey};
use super::row::Row;
use super::shard::Shard;
use super::subtree::Subtree;
use super::tree::StateTree;
use super::tree_error::TreeError;

/// Why there is no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProveError {
    /// No account with this id stands in the tree.
    #[error("the account is not in the state tree; ask for a proof of absence")]
    AccountUnknown,
    /// The account was passed in another state than the root commits to.
    #[error("the account is not as the state root has it; pass its state as of the root's sequence")]
    AccountDiffers,
    /// Absence was asked for an account that is there.
    #[error("the account is in the state tree; ask for a proof of the account")]
    AccountPresent,
    /// Another account ends the path, and it is not the one passed.
    #[error("another account ends the path; pass the one that `neighbour` describes, as of the root")]
    NeighbourDiffers,
    /// A shard was changed after the root was computed.
    #[error("the state tree was changed after its last root; seal it first")]
    NotSealed,
    /// The tree cannot answer.
    #[error(transparent)]
    Tree(#[from] TreeError),
}

/// Describes the account whose leaf ends the path of another id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neighbour {
    shard: u16,
    place: Place,
}

impl Neighbour {
    /// Whether it describes the account with this id. More than one account matches only if ids were made for it.
    #[must_use]
    pub fn matches(&self, id: u128) -> bool {
        let key = AccountKey::of(id);
        key.shard() == self.shard && key.place() == self.place
    }
}

/// The way down to where a key belongs, and the row that stands there.
struct Descent {
    path: Path,
    end: Option<Row>,
}

impl StateTree {
    /// Shows that an account stands in the tree in exactly this state.
    ///
    /// # Errors
    /// [`ProveError::AccountUnknown`], [`ProveError::AccountDiffers`], [`ProveError::NotSealed`].
    pub fn prove(&self, key: &TreeKey, leaf: &Leaf) -> Result<AccountProof, ProveError> {
        let wanted = Change::updated(key, leaf)?;
        let Descent { path, end } = self.descend(&wanted.key)?;
        match end {
            Some(row) if row.digest == wanted.digest => {
                Ok(AccountProof { leaf: *leaf, salt: key.salt(leaf.id), path, root: self.root() })
            }
            Some(row) if row.place() == wanted.key.place() => Err(ProveError::AccountDiffers),
            _ => Err(ProveError::AccountUnknown),
        }
    }

    /// Whom to pass to [`prove_absence`](Self::prove_absence) as neighbour; nobody if the path ends empty.
    ///
    /// # Errors
    /// [`ProveError::NotSealed`].
    pub fn neighbour(&self, id: u128) -> Result<Option<Neighbour>, ProveError> {
        let key = AccountKey::of(id);
        let end = self.descend(&key)?.end;
        Ok(end.map(|row| Neighbour { shard: key.shard(), place: row.place() }))
    }

    /// Shows that no account with this id stands in the tree.
    ///
    /// # Errors
    /// [`ProveError::AccountPresent`], [`ProveError::NeighbourDiffers`], [`ProveError::NotSealed`].
    pub fn prove_absence(
        &self,
        tree_key: &TreeKey,
        id: u128,
        neighbour: Option<&Leaf>,
    ) -> Result<AbsenceProof, ProveError> {
        let Descent { path, end } = self.descend(&AccountKey::of(id))?;
        let end = match end {
            None => PathEnd::Nobody,
            Some(row) => other(tree_key, id, &row, neighbour.ok_or(ProveError::NeighbourDiffers)?)?,
        };
        Ok(AbsenceProof { id, end, path, root: self.root() })
    }

    fn descend(&self, key: &AccountKey) -> Result<Descent, ProveError> {
        let number = key.shard();
        let shard = self.shards.get(usize::from(number)).ok_or(TreeError::Inconsistent)?;
        if self.top.shard(number) != Some(shard.subtree()) {
            return Err(ProveError::NotSealed);
        }
        let mut siblings = self.top.siblings(number).ok_or(TreeError::Inconsistent)?;
        let end = descend(shard, key, &mut siblings)?;
        Ok(Descent { path: Path::new(siblings).ok_or(TreeError::Inconsistent)?, end })
    }
}

fn other(tree_key: &TreeKey, id: u128, row: &Row, neighbour: &Leaf) -> Result<PathEnd, ProveError> {
    let change = Change::updated(tree_key, neighbour)?;
    if change.digest != row.digest {
        return Err(ProveError::NeighbourDiffers);
    }
    if neighbour.id == id {
        return Err(ProveError::AccountPresent);
    }
    let commitment = neighbour.commitment(&tree_key.salt(neighbour.id));
    Ok(PathEnd::Other { key: change.key, commitment, sums: change.balance.sums() })
}

/// Adds what stands beside the way from the shard's root to where the key belongs.
fn descend(shard: &Shard, key: &AccountKey, siblings: &mut Vec<Subtree>) -> Result<Option<Row>, TreeError> {
    let (mut span, mut branches) = shard.span();
    loop {
        match span.rows {
            [] => return Ok(None),
            [row] => return Ok(Some(*row)),
            _ => {}
        }
        let turn_right = key.bit(span.level);
        let (left, right) = span.split()?;
        let (left_branches, right_branches) = branch::halves(branches)?;
        let (beside, branches_beside);
        (span, branches, beside, branches_beside) = if turn_right {
            (right, right_branches, left, left_branches)
        } else {
            (left, left_branches, right, right_branches)
        };
        siblings
            .push(branches_beside.first().and_then(branch::Branch::held).map_or_else(|| beside.fold(), Ok)?);
    }
}
