//! Why the state tree could not take a change.

/// After any of these, except [`AssetUnknown`](TreeError::AssetUnknown), build the tree anew from all accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// The format sums up a fixed list of assets.
    #[error("asset {asset} has no sums in the state tree; a new asset needs a new format version")]
    AssetUnknown {
        /// Number of the asset.
        asset: u16,
    },
    /// One update names an account twice.
    #[error("an account is changed twice in one update; pass its newest state once")]
    AccountRepeated,
    /// An account is passed as known but stands nowhere in the tree.
    #[error("a changed account is not in the tree; pass it as created, or rebuild the tree")]
    AccountUnknown,
    /// A created account has the shard and place of another one, and only a rebuild sees both keys.
    #[error("a created account shares its place with another one; rebuild the tree from all accounts")]
    PlaceShared,
    /// What accounts are owed, or what they owe, does not fit u128.
    #[error("the sum of balances does not fit 128 bits; the books are broken")]
    SumOverflow,
    /// A virtual shard holds as many accounts as its counters can count.
    #[error("a virtual shard holds 2^32 accounts and can take no more")]
    ShardFull,
    /// What the tree remembers of its shape contradicts its accounts.
    #[error("the state tree contradicts itself; rebuild it from all accounts and report this")]
    Inconsistent,
}
