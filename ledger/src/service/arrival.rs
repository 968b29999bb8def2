//! What arrives at the ledger, before it has a place in the order.

use tokio::sync::oneshot;

use crate::handle::StatementQuery;
use crate::handle::{Answer, Command, LedgerError};
use crate::id_index::SealedBatch;
use crate::limits::{ENTRY_ADMINISTRATIVE_MAX, ENTRY_TRANSFERS_MAX};
use crate::{AccountId, AllowanceId, Request, TransferId};

/// Where an answer goes. Dropping it tells the asker that the ledger has stopped.
pub(super) type ReplyTo = oneshot::Sender<Result<Answer, LedgerError>>;

/// One thing that wants a place in the order.
#[derive(Debug)]
pub(super) enum Arrival {
    Submission(Submission),
    Read {
        read: Read,
        reply: ReplyTo,
    },
    /// Ids that are in runs now. It goes the way of the submissions, so that whatever was prepared before the runs
    /// were there is executed before the ids are forgotten.
    Forget(Box<SealedBatch>),
}

/// Requests that are executed in one entry.
#[derive(Debug)]
pub(super) struct Submission {
    pub(super) requests: Vec<Request>,
    pub(super) size: Size,
    pub(super) reply: ReplyTo,
}

/// A question about the state.
#[derive(Debug, Clone)]
pub(super) enum Read {
    Accounts(Vec<AccountId>),
    AccountAt { account: AccountId, sequence: u64 },
    Allowance(AllowanceId),
    Transfer(TransferId),
    Statement(StatementQuery),
    Prove(AccountId),
}

/// How much of an entry something takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Size {
    pub(super) transfers: usize,
    pub(super) administrative: usize,
}

impl Size {
    pub(super) fn of(requests: &[Request]) -> Self {
        let mut size = Self::default();
        for request in requests {
            match request {
                Request::Transfers(transfers) => {
                    size.transfers = size.transfers.saturating_add(transfers.len());
                }
                Request::Administrative(_) => size.administrative = size.administrative.saturating_add(1),
            }
        }
        size
    }

    pub(super) const fn plus(self, other: Self) -> Self {
        Self {
            transfers: self.transfers.saturating_add(other.transfers),
            administrative: self.administrative.saturating_add(other.administrative),
        }
    }

    pub(super) const fn minus(self, other: Self) -> Self {
        Self {
            transfers: self.transfers.saturating_sub(other.transfers),
            administrative: self.administrative.saturating_sub(other.administrative),
        }
    }

    pub(super) const fn fits_entry(self) -> bool {
        self.transfers <= ENTRY_TRANSFERS_MAX && self.administrative <= ENTRY_ADMINISTRATIVE_MAX
    }
}

/// Whether one entry can execute these requests.
pub(super) fn check_size(requests: &[Request]) -> Result<Size, LedgerError> {
    let size = Size::of(requests);
    if size.transfers > ENTRY_TRANSFERS_MAX {
        return Err(LedgerError::TooMany { count: size.transfers, most: ENTRY_TRANSFERS_MAX });
    }
    let count = requests.len();
    // A request without transfers has no place of its own, so that empty ones cannot make an entry long, either.
    if size.administrative > ENTRY_ADMINISTRATIVE_MAX || count > Command::REQUESTS_MAX {
        return Err(LedgerError::TooMany { count, most: ENTRY_ADMINISTRATIVE_MAX });
    }
    Ok(size)
}
