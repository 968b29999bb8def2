//! How far a ledger is.

use crate::journal::EntryHash;

/// The newest durable entry, and what is known of the state behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LedgerStatus {
    /// The newest durable entry; zero if there is none.
    pub sequence: u64,
    /// Its time.
    pub timestamp: u64,
    /// Its hash.
    pub hash: EntryHash,
    /// The newest state root; zeros if there is none yet.
    pub state_root: [u8; 32],
    /// The entry after which it holds.
    pub state_root_sequence: u64,
    /// The entry of the newest snapshot.
    pub snapshot_sequence: u64,
    /// The last entry whose segment is sealed.
    pub sealed_through: u64,
    /// How many accounts there are.
    pub accounts: u64,
    /// How many pending transfers are open.
    pub open_pending: u64,
    /// Whether the ledger is frozen.
    pub frozen: bool,
    /// Transfers that wait to be executed.
    pub queued_transfers: u64,
}
