//! A script that a ledger is driven through, and what must be so afterwards whatever happened to it.

use std::collections::BTreeMap;

use ledger::disk::FakeDisk;
use ledger::handle::{Handle, LedgerError};
use ledger::limits::SECOND_MICROS;
use ledger::{PendingState, Transfer, TransferFlags, TransferId, TransferReply, TransferStatus};

use crate::support::{TestClock, account_id, create_accounts, settings, start, transfer, transfer_id};

/// Accounts of the script, the system's included.
pub(crate) const ACCOUNTS: u64 = 6;

/// What clients were told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Every acknowledged transfer with its outcome.
    pub(crate) outcomes: BTreeMap<TransferId, (Transfer, TransferReply)>,
}

/// Submits the steps from `from` on, until all are done or the ledger fails; says how far it came.
pub(crate) async fn drive(handle: &Handle, clock: &TestClock, told: &mut Told, from: u64, to: u64) -> u64 {
    for step in from..to {
        clock.advance(SECOND_MICROS / 4);
        let transfers = step_transfers(step);
        let replies = match handle.submit_transfers(transfers.clone()).await {
            Ok(replies) => replies,
            Err(LedgerError::Stopped(_)) => return step,
            Err(error) => panic!("step {step}: {error}"),
        };
        for (transfer, reply) in transfers.into_iter().zip(replies) {
            let first = told.outcomes.entry(transfer.id).or_insert((transfer, reply));
            // Whatever is answered for an id later is what was answered first.
            assert_eq!(first.1.recorded, reply.recorded, "step {step}");
        }
    }
    to
}

/// Opens accounts and gives them money; safe to repeat.
pub(crate) async fn open(handle: &Handle) -> Result<(), LedgerError> {
    handle.submit(create_accounts(ACCOUNTS)).await?;
    let funds = (1..ACCOUNTS).map(|number| transfer(1_000_000 + number, 0, number, 1_000)).collect();
    handle.submit_transfers(funds).await.map(|_| ())
}

/// Payments, holds of two seconds, posts and voids of earlier holds, chains, and what is refused.
fn step_transfers(step: u64) -> Vec<Transfer> {
    let (from, to) = (1 + step % (ACCOUNTS - 1), 1 + (step + 2) % (ACCOUNTS - 1));
    let number = step * 10;
    let hold = Transfer {
        timeout_seconds: 2,
        flags: TransferFlags::PENDING,
        ..transfer(number, from, to, 5 + step % 7)
    };
    let end = |number, flags, amount| Transfer {
        id: transfer_id(number),
        pending_id: transfer_id(step.saturating_sub(1 + step % 3) * 10),
        amount,
        flags,
        ..Transfer::default()
    };
    let mut first = transfer(number + 3, from, to, 3);
    first.flags = first.flags.with(TransferFlags::LINKED);
    vec![
        hold,
        end(number + 1, TransferFlags::POST, 3),
        end(number + 2, TransferFlags::VOID, 0),
        first,
        transfer(number + 4, to, from, 4),
        transfer(number + 5, from, to, 100_000),
    ]
}

/// Starts the ledger again and checks everything that was told against it.
pub(crate) async fn check(disk: &FakeDisk, clock: &TestClock, told: &Told) {
    let ledger = start(disk, clock, settings()).unwrap();
    let handle = ledger.handle();
    for (id, (transfer, reply)) in &told.outcomes {
        let found = handle.transfer(*id).await.unwrap();
        let Some(recorded) = reply.recorded else {
            assert_eq!(found, None, "{transfer:?} left no trace");
            continue;
        };
        let found = found.unwrap_or_else(|| panic!("{transfer:?} was acknowledged and is lost"));
        assert_eq!((found.position, found.outcome), (recorded.position, recorded.outcome));
        assert_eq!(found.transfer, *transfer);
        if transfer.is(TransferFlags::PENDING) && recorded.outcome.status.is_accepted() {
            assert_ne!(found.state, PendingState::NotPending);
        }
    }
    conserved(&handle).await;
    assert!(ledger.stop().is_ok());
}

/// What was debited was credited, nothing that may not owe does, and statements add up to the totals.
pub(crate) async fn conserved(handle: &Handle) {
    let ids: Vec<_> = (0..ACCOUNTS).map(account_id).collect();
    let accounts: Vec<_> = handle.accounts(ids).await.unwrap().into_iter().flatten().collect();
    let sum = |total: fn(&ledger::Account) -> u128| accounts.iter().map(total).sum::<u128>();
    assert_eq!(sum(|one| one.debits_posted), sum(|one| one.credits_posted));
    assert_eq!(sum(|one| one.debits_pending), sum(|one| one.credits_pending));
    for account in accounts.iter().skip(1) {
        assert!(account.credits_posted >= account.debits_posted + account.debits_pending);
    }
}

/// Whether a status says that the transfer was executed now or before.
pub(crate) fn is_done(status: TransferStatus) -> bool {
    matches!(status, TransferStatus::Accepted | TransferStatus::Exists)
}
