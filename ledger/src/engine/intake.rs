//! Step 0: what can be said of a transfer without any state, by any thread.

use super::partition_key::PartitionKey;
use super::run::Run;
use crate::{Transfer, TransferStatus, check_age, check_static};

/// Hashes and static codes of one transfer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Intake {
    pub(super) id_hash: u64,
    pub(super) debit_hash: u64,
    pub(super) credit_hash: u64,
    /// What is wrong with its bytes.
    pub(super) fault: Option<TransferStatus>,
    /// Why its id cannot be new.
    pub(super) age: Option<TransferStatus>,
}

impl Intake {
    #[inline]
    fn of(transfer: &Transfer, key: PartitionKey, timestamp: u64) -> Self {
        Self {
            id_hash: key.hash(transfer.id.0),
            debit_hash: key.hash(transfer.debit_account.0),
            credit_hash: key.hash(transfer.credit_account.0),
            fault: check_static(transfer),
            age: check_age(transfer.id, timestamp),
        }
    }
}

/// Looks at one of `shares` equal stretches of the run's transfers.
pub(super) fn take_in(run: &Run, share: usize, shares: usize, intakes: &mut Vec<Intake>) {
    let bound = |share: usize| run.run_transfers.saturating_mul(share).checked_div(shares).unwrap_or(0);
    let (from, to) = (bound(share), bound(share.saturating_add(1)));
    let transfers = run.transfer_lists().flatten().skip(from).take(to.saturating_sub(from));
    intakes.clear();
    intakes.extend(transfers.map(|transfer| Intake::of(transfer, run.key, run.timestamp)));
}
