//! Whom a database belongs to.
//!
//! Invariant: a database is made for one network and never changes it.

/// The identity of a database, written once. Times are microseconds UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// The id of this installation.
    pub id: [u8; 16],
    /// The Bitcoin network: `mainnet`, `testnet4`, `signet` or `regtest`.
    pub network: String,
    /// When the database was claimed.
    pub created_at: i64,
}
