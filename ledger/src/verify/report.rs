//! What a verification without a difference has seen.

use std::collections::BTreeMap;

use crate::journal::EntryHash;
use crate::limits::SECOND_MICROS;
use crate::proof::StateRoot;
use crate::{Asset, TransferStatus};

/// What is owed in one asset, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Supply {
    /// The asset.
    pub asset: Asset,
    /// What all accounts with more credits than debits are owed: the supply.
    pub owed: u128,
    /// What `system` accounts owe. What is missing to `owed` is owed by accounts that may not be owed.
    pub owed_by_system: u128,
}

/// The figures of a directory that holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VerifyReport {
    /// Entries executed again, those of clean stops included.
    pub entries: u64,
    /// The hash of the last one.
    pub last_hash: EntryHash,
    /// The timestamp of the last one.
    pub last_timestamp: u64,
    /// Transfers that used up their ids.
    pub transfers: u64,
    /// Transfers by what became of them.
    pub by_status: BTreeMap<TransferStatus, u64>,
    /// Administrative requests.
    pub requests: u64,
    /// Pending transfers that expired.
    pub expiries: u64,
    /// Pending transfers that are open at the end.
    pub open_pending: u64,
    /// Accounts at the end.
    pub accounts: u64,
    /// Allowances at the end.
    pub allowances: u64,
    /// Bytes of entries, padding included.
    pub bytes: u64,
    /// Sealed segments in the archive.
    pub sealed_segments: u64,
    /// State roots of headers that were computed again, each once.
    pub roots_compared: u64,
    /// The state root after the last entry.
    pub state_root: Option<StateRoot>,
    /// Snapshots compared with the state executed again.
    pub snapshots_compared: u64,
    /// Ids in the sealed part of the id index, each looked up.
    pub sealed_ids: u64,
    /// Statements walked to their beginnings.
    pub statements_walked: u64,
    /// Statements of the sample that are longer than was asked to be read.
    pub statements_left_out: u64,
    /// What is owed, for each asset with an account.
    pub supply: Vec<Supply>,
    /// Entries behind the end of the journal that were never acknowledged: a start cuts them.
    pub torn_entries: u64,
    /// Whether the sequential model agreed, too.
    pub with_model: bool,
}

impl VerifyReport {
    /// Transfers that were accepted.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.by_status.get(&TransferStatus::Accepted).copied().unwrap_or(0)
    }

    /// Transfers that were refused.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.transfers.saturating_sub(self.accepted())
    }

    /// Transfers a second, by the time that the caller measured.
    #[must_use]
    pub fn transfers_per_second(&self, elapsed_micros: u64) -> u64 {
        let micros = u128::from(self.transfers).saturating_mul(u128::from(SECOND_MICROS));
        u64::try_from(micros.checked_div(u128::from(elapsed_micros)).unwrap_or(0)).unwrap_or(u64::MAX)
    }
}
