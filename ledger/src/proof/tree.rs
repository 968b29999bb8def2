//! The state tree: all accounts of the ledger as one Merkle-sum tree.
//!
//! The root is a function of the accounts alone: not of partitions, threads, the order of creation or the number of
//! updates on the way. No thread is started here; the work of the shards is handed out and may run anywhere.

use super::change::Change;
use super::key::SHARDS;
use super::shard::Shard;
use super::subtree::RootNode;
use super::top::Top;
use super::tree_error::TreeError;

/// All virtual shards and the tree above them. Holds no secret.
#[derive(Clone, Debug)]
pub struct StateTree {
    pub(super) shards: Vec<Shard>,
    pub(super) top: Top,
}

/// The changes of one virtual shard. Works of one update are independent of each other.
#[derive(Debug)]
pub struct ShardWork<'a> {
    shard: &'a mut Shard,
    changes: &'a mut [Change],
}

impl ShardWork<'_> {
    /// Writes the changes into the shard.
    ///
    /// # Errors
    /// Any [`TreeError`]; the tree must then be built anew.
    pub fn update(self) -> Result<(), TreeError> {
        self.shard.update(self.changes)
    }

    /// Replaces the shard by exactly the accounts of the changes.
    ///
    /// # Errors
    /// Any [`TreeError`]; the accounts cannot stand in one tree.
    pub fn rebuild(self) -> Result<(), TreeError> {
        *self.shard = Shard::rebuild(self.changes)?;
        Ok(())
    }
}

impl StateTree {
    /// A tree without accounts.
    #[must_use]
    pub fn new() -> Self {
        Self { shards: vec![Shard::default(); usize::from(SHARDS)], top: Top::empty() }
    }

    /// The tree of these accounts, each named once. For the start, and after an error.
    ///
    /// # Errors
    /// [`TreeError::AccountRepeated`], [`TreeError::SumOverflow`], [`TreeError::ShardFull`].
    pub fn build(accounts: &mut [Change]) -> Result<Self, TreeError> {
        let mut tree = Self::new();
        tree.works(accounts).into_iter().try_for_each(ShardWork::rebuild)?;
        tree.seal()?;
        Ok(tree)
    }

    /// Writes the accounts touched since the last update, each named once, and returns the new root.
    ///
    /// # Errors
    /// Any [`TreeError`]; the tree must then be built anew.
    pub fn update(&mut self, touched: &mut [Change]) -> Result<RootNode, TreeError> {
        self.works(touched).into_iter().try_for_each(ShardWork::update)?;
        self.seal()
    }

    /// Sorts changes by virtual shard and hands each shard its own. Run all of them, then [`seal`](Self::seal).
    #[must_use]
    pub fn works<'a>(&'a mut self, changes: &'a mut [Change]) -> Vec<ShardWork<'a>> {
        changes.sort_unstable_by_key(|change| change.key.shard());
        let mut groups = changes.chunk_by_mut(|one, next| one.key.shard() == next.key.shard()).peekable();
        let mut works = Vec::with_capacity(groups.size_hint().0);
        for (number, shard) in (0_u16..).zip(&mut self.shards) {
            let group =
                groups.next_if(|group| group.first().is_some_and(|change| change.key.shard() == number));
            works.extend(group.map(|changes| ShardWork { shard, changes }));
        }
        works
    }

    /// Hashes the upper tree over the shards as they are now.
    ///
    /// # Errors
    /// [`TreeError::SumOverflow`].
    pub fn seal(&mut self) -> Result<RootNode, TreeError> {
        self.top.refresh(self.shards.iter().map(Shard::subtree))
    }

    /// The root node of the last [`seal`](Self::seal).
    #[must_use]
    pub const fn root(&self) -> RootNode {
        self.top.root()
    }

    /// Number of accounts in the tree.
    #[must_use]
    pub fn accounts(&self) -> usize {
        self.shards.iter().map(Shard::accounts).fold(0, usize::saturating_add)
    }

    /// Bytes the shards keep on the heap.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let shards = self.shards.capacity().saturating_mul(size_of::<Shard>());
        self.shards.iter().map(Shard::heap_bytes).fold(shards, usize::saturating_add)
    }
}

impl Default for StateTree {
    fn default() -> Self {
        Self::new()
    }
}
