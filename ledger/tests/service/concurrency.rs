//! Many clients at once: what fits once is paid once, a full queue refuses and loses nothing, and what clients see is
//! one history.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ledger::disk::FakeDisk;
use ledger::handle::{Answer, Command, Handle, LedgerError};
use ledger::service::ServiceSettings;
use ledger::{EntryPart, Request, TransferStatus};
use tokio::task::JoinSet;

use crate::support::{
    NOW, TestClock, account_id, balance, create_accounts, fund, quiet, settings, start, statuses, transfer,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_payments_that_only_fit_once() {
    let (disk, clock) = (FakeDisk::new(1), TestClock::at(NOW));
    let ledger = start(&disk, &clock, quiet()).unwrap();
    let handle = ledger.handle();
    handle.submit(create_accounts(3)).await.unwrap();
    for round in 0..1_000_u64 {
        statuses(&handle, vec![transfer(10 * round, 0, 1, 10)]).await;
        let mut rivals = JoinSet::new();
        for rival in 1..3 {
            let handle = handle.clone();
            rivals.spawn(
                async move { statuses(&handle, vec![transfer(10 * round + rival, 1, 2, 10)]).await[0] },
            );
        }
        let mut seen = rivals.join_all().await;
        seen.sort_by_key(|status| status.code());
        assert_eq!(seen, [TransferStatus::Accepted, TransferStatus::DebitsWouldExceedCredits]);
    }
    assert_eq!((balance(&handle, 1).await, balance(&handle, 2).await), (0, 10_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_refuses_with_a_time_and_loses_nothing() {
    let (disk, clock) = (FakeDisk::new(1), TestClock::at(NOW));
    let small = ServiceSettings { queued_commands_max: 2, queued_transfers_max: 8, ..quiet() };
    let ledger = start(&disk, &clock, small).unwrap();
    let handle = ledger.handle();
    fund(&handle, 3, 100_000).await;
    let refused = Arc::new(AtomicU64::new(0));
    let mut clients = JoinSet::new();
    for client in 0..200 {
        let (handle, refused) = (handle.clone(), Arc::clone(&refused));
        clients.spawn(async move {
            let payments: Vec<_> = (0..4).map(|index| transfer(client * 4 + index, 1, 2, 1)).collect();
            loop {
                match handle.submit_transfers(payments.clone()).await {
                    Ok(replies) => break assert!(replies.iter().all(|one| one.status.is_accepted())),
                    Err(LedgerError::Busy { retry_after_ms }) => {
                        assert!((1..=5_000).contains(&retry_after_ms));
                        refused.fetch_add(1, Ordering::SeqCst);
                        tokio::task::yield_now().await;
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        });
    }
    clients.join_all().await;
    assert_eq!(balance(&handle, 2).await, 100_800);
    assert!(refused.load(Ordering::SeqCst) > 0, "the queue never was full");
}

/// One operation as a client saw it: between these two moments it happened, after this entry.
#[derive(Debug)]
struct Seen {
    began: u64,
    ended: u64,
    sequence: u64,
    /// What account 1 had, if it was read.
    balance: Option<u128>,
}

async fn operate(handle: &Handle, moments: &AtomicU64, number: u64) -> Seen {
    let command = if number.is_multiple_of(3) {
        Command::Accounts(vec![account_id(1)])
    } else {
        let payment = transfer(number, 1 + number % 2, 2 - number % 2, 1 + number % 5);
        Command::Submit(vec![Request::Transfers(vec![payment])])
    };
    let began = moments.fetch_add(1, Ordering::SeqCst);
    let answer = handle.ask(command).await.unwrap();
    let ended = moments.fetch_add(1, Ordering::SeqCst);
    match answer {
        Answer::Submitted { sequence, .. } => Seen { began, ended, sequence, balance: None },
        Answer::Accounts { sequence, accounts, .. } => {
            let account = accounts[0].unwrap();
            let balance = Some(account.credits_posted - account.debits_posted);
            Seen { began, ended, sequence, balance }
        }
        other => panic!("{other:?}"),
    }
}

/// What account 1 had after every entry, from the journal alone.
async fn balances(handle: &Handle) -> BTreeMap<u64, u128> {
    let (mut balances, mut balance) = (BTreeMap::from([(0, 0)]), 0_i128);
    let newest = handle.status().await.unwrap().sequence;
    let mut stream = handle.subscribe(1);
    while stream.next_sequence() <= newest {
        let entry = stream.next().await.unwrap().decode().unwrap();
        for part in &entry.parts {
            let EntryPart::Transfers(transfers) = part else { continue };
            for one in transfers.iter().filter(|one| one.outcome.status.is_accepted()) {
                let amount = i128::from(one.outcome.amount);
                let credit = if one.transfer.credit_account == account_id(1) { amount } else { 0 };
                let debit = if one.transfer.debit_account == account_id(1) { amount } else { 0 };
                balance += credit - debit;
            }
        }
        balances.insert(entry.sequence, u128::try_from(balance).unwrap());
    }
    balances
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_clients_see_is_one_history() {
    let (disk, clock) = (FakeDisk::new(1), TestClock::at(NOW));
    let ledger = start(&disk, &clock, settings()).unwrap();
    let handle = ledger.handle();
    fund(&handle, 3, 1_000).await;
    let moments = Arc::new(AtomicU64::new(0));
    let mut clients = JoinSet::new();
    for client in 0..16 {
        let (handle, moments) = (handle.clone(), Arc::clone(&moments));
        clients.spawn(async move {
            let mut seen = Vec::new();
            for step in 0..60 {
                seen.push(operate(&handle, &moments, 1 + client * 60 + step).await);
            }
            seen
        });
    }
    let mut history: Vec<Seen> = clients.join_all().await.into_iter().flatten().collect();
    let balances = balances(&handle).await;
    for seen in &history {
        let Some(balance) = seen.balance else { continue };
        assert_eq!(balances.get(&seen.sequence), Some(&balance), "{seen:?}");
    }
    // Whatever ended before another began stands before it in the order.
    history.sort_by_key(|seen| seen.began);
    let mut ends: Vec<(u64, u64)> = history.iter().map(|seen| (seen.ended, seen.sequence)).collect();
    ends.sort_unstable();
    let (mut ended, mut newest) = (ends.into_iter().peekable(), 0);
    for seen in &history {
        while let Some((_, sequence)) = ended.next_if(|(moment, _)| *moment < seen.began) {
            newest = newest.max(sequence);
        }
        assert!(seen.sequence >= newest, "{seen:?} is before what had ended");
    }
}
