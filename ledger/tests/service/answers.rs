//! What every command is answered, and when.

use ledger::admin::{AdministrativeRequest, CreateAllowance};
use ledger::allowance::{AllowanceTerms, Measure, Period, Stretch, Window, WindowFlags};
use ledger::disk::FakeDisk;
use ledger::handle::{
    Answer, Command, Direction, LedgerError, StatementEvent, StatementLine, StatementPage, StatementQuery,
};
use ledger::limits::{ENTRY_TRANSFERS_MAX, SECOND_MICROS};
use ledger::proof::{StateRoot, verify_account};
use ledger::{
    AllowanceId, Asset, PendingEnd, PendingState, Request, Transfer, TransferFlags, TransferStatus,
};

use crate::support::{
    NOW, TestClock, account_id, balance, create_accounts, fund, quiet, settings, start, statuses, transfer,
    transfer_id,
};

#[tokio::test]
async fn a_transfer_is_executed_once_and_found_by_its_id() {
    let (disk, clock) = (FakeDisk::new(1), TestClock::at(NOW));
    let ledger = start(&disk, &clock, quiet()).unwrap();
    let handle = ledger.handle();
    fund(&handle, 3, 100).await;
    let payment = transfer(1, 1, 2, 30);
    assert_eq!(statuses(&handle, vec![payment]).await, [TransferStatus::Accepted]);
    assert_eq!(statuses(&handle, vec![payment, payment]).await, [TransferStatus::Exists; 2]);
    assert_eq!((balance(&handle, 1).await, balance(&handle, 2).await), (70, 130));
    let found = handle.transfer(payment.id).await.unwrap().unwrap();
    assert_eq!((found.transfer, found.outcome.amount), (payment, 30));
    assert_eq!(found.state, PendingState::NotPending);
    assert_eq!(handle.transfer(transfer_id(99)).await.unwrap(), None);
    let other = Transfer { amount: 31, ..payment };
    assert_eq!(statuses(&handle, vec![other]).await, [TransferStatus::ExistsWithDifferentAmount]);
    ledger.stop().unwrap();
}

#[tokio::test]
async fn what_leaves_no_trace_makes_no_entry() {
    let (disk, clock) = (FakeDisk::new(1), TestClock::at(NOW));
    let ledger = start(&disk, &clock, quiet()).unwrap();
    let handle = ledger.handle();
    fund(&handle, 3, 100).await;
    let payment = transfer(1, 1, 2, 30);
    statuses(&handle, vec![payment]).await;
    let before = handle.status().await.unwrap();
    let malformed = Transfer { code: 0, ..transfer(2, 1, 2, 30) };
    assert_eq!(
        statuses(&handle, vec![malformed, payment]).await,
        [TransferStatus::CodeZero, TransferStatus::Exists]
    );
    assert_eq!(statuses(&handle, Vec::new()).await, []);
    handle.submit(create_accounts(3)).await.unwrap();
    assert_eq!(handle.status().await.unwrap().sequence, before.sequence);
    assert_eq!(statuses(&handle, vec![transfer(2, 1, 2, 1)]).await, [TransferStatus::Accepted]);
    assert_eq!(handle.status().await.unwrap().sequence, before.sequence + 1);
}

#[tokio::test]
async fn a_pending_transfer_expires_without_traffic() {
    let (disk, clock) = (FakeDisk::new(1), TestClock::at(NOW));
    let ledger = start(&disk, &clock, quiet()).unwrap();
    let handle = ledger.handle();
    fund(&handle, 3, 100).await;
    let hold = Transfer { timeout_seconds: 60, flags: TransferFlags::PENDING, ..transfer(1, 1, 2, 30) };
    assert_eq!(statuses(&handle, vec![hold]).await, [TransferStatus::Accepted]);
    assert_eq!(handle.transfer(hold.id).await.unwrap().unwrap().state, PendingState::Open);
    let made = handle.status().await.unwrap().sequence;
    clock.advance(60 * SECOND_MICROS);
    let entries = handle.entries(made + 1).await.unwrap();
    let expired = entries[0].decode().unwrap().expired;
    assert_eq!(expired.len(), 1);
    let state = handle.transfer(hold.id).await.unwrap().unwrap().state;
    assert_eq!(state, PendingState::Ended(PendingEnd::Expired));
    let post = Transfer {
        id: transfer_id(2),
        pending_id: hold.id,
        amount: 30,
        flags: TransferFlags::POST,
        ..Transfer::default()
    };
    assert_eq!(statuses(&handle, vec![post]).await, [TransferStatus::PendingAlreadyExpired]);
    assert_eq!(handle.account(account_id(1)).await.unwrap().unwrap().debits_pending, 0);
}

#[tokio::test]
async fn an_allowance_tells_what_is_used_and_refuses_with_what_it_saw() {
    let (disk, clock) = (FakeDisk::new(1), TestClock::at(NOW));
    let ledger = start(&disk, &clock, quiet()).unwrap();
    let handle = ledger.handle();
    fund(&handle, 3, 100).await;
    let id = AllowanceId(ledger::id::derived("ledger service tests: allowances", &[]));
    assert_eq!(handle.allowance(id).await.unwrap(), None);
    let (measure, flags) = (Measure::Amount, WindowFlags::AMOUNT_DEFAULT);
    let daily = Window { stretch: Stretch::Fixed(Period::Day), measure, cap: 50, flags };
    let terms = AllowanceTerms {
        id,
        account: account_id(1),
        parent: AllowanceId::NONE,
        asset: Asset::USDB,
        starts_at: 0,
        ends_at: u64::MAX,
        payment_max: 40,
        utc_offset_seconds: 0,
        windows: vec![daily],
    };
    let create = AdministrativeRequest::CreateAllowance(CreateAllowance { terms });
    handle.submit(vec![Request::Administrative(create)]).await.unwrap();
    let pay = |number, amount| Transfer { allowance_id: id, ..transfer(number, 1, 2, amount) };
    assert_eq!(statuses(&handle, vec![pay(1, 30)]).await, [TransferStatus::Accepted]);
    let refused = handle.submit_transfers(vec![pay(2, 21), pay(3, 41)]).await.unwrap();
    assert_eq!(refused[0].status, TransferStatus::AllowanceAmountExceeded);
    assert_eq!(refused[0].bound.map(|bound| bound.limit), Some(50));
    assert_eq!(refused[1].status, TransferStatus::AllowancePaymentExceeded);
    let explained = handle.allowance(id).await.unwrap().unwrap();
    assert_eq!((explained.uses[0].used, explained.uses[0].left()), (30, 20));
    ledger.stop().unwrap();
    let ledger = start(&disk, &clock, quiet()).unwrap();
    let again = ledger.handle().allowance(id).await.unwrap().unwrap();
    assert_eq!((again.allowance, again.uses), (explained.allowance, explained.uses));
}

#[tokio::test]
async fn a_statement_and_an_earlier_state_are_read_from_the_journal() {
    let (disk, clock) = (FakeDisk::new(1), TestClock::at(NOW));
    let ledger = start(&disk, &clock, quiet()).unwrap();
    let handle = ledger.handle();
    fund(&handle, 3, 100).await;
    let mut states = Vec::new();
    for number in 0..5 {
        statuses(&handle, vec![transfer(number, 1, 2, 1 + number)]).await;
        let sequence = handle.status().await.unwrap().sequence;
        states.push((sequence, handle.account(account_id(1)).await.unwrap()));
        clock.advance(SECOND_MICROS);
    }
    for (sequence, state) in states {
        let then = handle.account_at(account_id(1), sequence).await.unwrap();
        assert_eq!(then.map(|then| (then.account, then.sequence)), state.map(|state| (state, sequence)));
    }
    let page = handle.statement(StatementQuery::newest(account_id(1), 2)).await.unwrap();
    let amounts = |page: &StatementPage| -> Vec<u64> {
        let amount = |line: &StatementLine| match line.event {
            StatementEvent::Transfer { outcome, .. } => outcome.amount,
            StatementEvent::Expiry { reserved, .. } => reserved,
        };
        page.lines.iter().map(amount).collect()
    };
    assert_eq!(amounts(&page), [5, 4]);
    let query = StatementQuery { after: page.next.unwrap(), ..StatementQuery::newest(account_id(1), 100) };
    assert_eq!(amounts(&handle.statement(query).await.unwrap()), [3, 2, 1, 100]);
    let (direction, from) = (Direction::OldestFirst, NOW + SECOND_MICROS);
    let query = StatementQuery { direction, from, ..StatementQuery::newest(account_id(1), 2) };
    assert_eq!(amounts(&handle.statement(query).await.unwrap()), [2, 3]);
    let nobody = handle.statement(StatementQuery::newest(account_id(77), 2)).await.unwrap();
    assert_eq!((nobody.lines.len(), nobody.next), (0, None));
}

#[tokio::test]
async fn a_submission_that_no_entry_holds_is_refused_before_it_is_queued() {
    let (disk, clock) = (FakeDisk::new(1), TestClock::at(NOW));
    let ledger = start(&disk, &clock, quiet()).unwrap();
    let handle = ledger.handle();
    let (count, most) = (ENTRY_TRANSFERS_MAX + 1, ENTRY_TRANSFERS_MAX);
    let refused = handle.submit_transfers(vec![Transfer::default(); count]).await;
    assert_eq!(refused.unwrap_err(), LedgerError::TooMany { count, most });
    let empty = vec![Request::Transfers(Vec::new()); Command::REQUESTS_MAX + 1];
    assert!(matches!(handle.submit(empty).await, Err(LedgerError::TooMany { .. })));
    let ids = vec![account_id(1); Command::ACCOUNTS_MAX + 1];
    assert!(matches!(handle.accounts(ids).await, Err(LedgerError::TooMany { .. })));
    let ahead = handle.account_at(account_id(1), 9).await;
    assert_eq!(ahead.unwrap_err(), LedgerError::SequenceAhead { asked: 9, newest: 0 });
}

#[tokio::test]
async fn submissions_of_many_clients_share_entries_and_get_their_own_replies() {
    let (disk, clock) = (FakeDisk::new(1), TestClock::at(NOW));
    let ledger = start(&disk, &clock, settings()).unwrap();
    let handle = ledger.handle();
    fund(&handle, 3, 1_000_000).await;
    let mut clients = tokio::task::JoinSet::new();
    for client in 0..50_u64 {
        let handle = handle.clone();
        clients.spawn(async move {
            for round in 0..20_u64 {
                // Two clients send the same transfer.
                let number = 10 + (client / 2) * 100 + round;
                let replies = handle.submit_transfers(vec![transfer(number, 1, 2, 1)]).await.unwrap();
                let status = replies[0].status;
                assert!(matches!(status, TransferStatus::Accepted | TransferStatus::Exists), "{status:?}");
                assert!(replies[0].recorded.unwrap().outcome.status.is_accepted());
            }
        });
    }
    clients.join_all().await;
    assert_eq!(balance(&handle, 2).await, 1_000_000 + 25 * 20);
    let status = ledger.stop().unwrap();
    assert_eq!(status.accounts, 3);
}

#[tokio::test]
async fn a_proof_holds_against_the_root_that_a_durable_entry_carries() {
    let (disk, clock) = (FakeDisk::new(1), TestClock::at(NOW));
    let ledger = start(&disk, &clock, quiet()).unwrap();
    let handle = ledger.handle();
    fund(&handle, 5, 100).await;
    let proved = handle.prove(account_id(3)).await.unwrap().unwrap();
    assert_eq!(proved.account.credits_posted, 100);
    assert_eq!(proved.carried_by.fields.state_root_sequence, proved.sequence);
    assert!(proved.carried_by.fields.sequence > proved.sequence);
    let root = StateRoot(proved.carried_by.fields.state_root);
    let verified = verify_account(&proved.proof, root).unwrap();
    assert_eq!(verified.leaf().id, account_id(3).0);
    let carried = handle.entries(proved.carried_by.fields.sequence).await.unwrap();
    assert_eq!(carried[0].header, proved.carried_by);
    assert_eq!(handle.prove(account_id(99)).await.unwrap(), None);
    // Nothing changed since: the same root serves.
    let again = handle.prove(account_id(3)).await.unwrap().unwrap();
    assert_eq!(again.carried_by.fields.state_root, proved.carried_by.fields.state_root);
}

#[tokio::test]
async fn time_never_goes_back() {
    let (disk, clock) = (FakeDisk::new(1), TestClock::at(NOW));
    let ledger = start(&disk, &clock, quiet()).unwrap();
    let handle = ledger.handle();
    fund(&handle, 3, 100).await;
    clock.set(NOW - 3_600 * SECOND_MICROS);
    assert_eq!(statuses(&handle, vec![transfer(1, 1, 2, 1)]).await, [TransferStatus::Accepted]);
    assert_eq!(handle.status().await.unwrap().timestamp, NOW);
    ledger.stop().unwrap();
    // Not even over a restart.
    let ledger = start(&disk, &clock, quiet()).unwrap();
    assert_eq!(statuses(&ledger.handle(), vec![transfer(2, 1, 2, 1)]).await, [TransferStatus::Accepted]);
    assert_eq!(ledger.handle().status().await.unwrap().timestamp, NOW);
}

#[tokio::test]
async fn every_entry_is_followed_once_and_in_order() {
    let (disk, clock) = (FakeDisk::new(1), TestClock::at(NOW));
    let ledger = start(&disk, &clock, settings()).unwrap();
    let handle = ledger.handle();
    let mut stream = handle.subscribe(1);
    let follower = tokio::spawn(async move {
        let mut amounts = 0;
        while amounts < 100 {
            let entry = stream.next().await.unwrap().decode().unwrap();
            for part in entry.parts {
                if let ledger::EntryPart::Transfers(transfers) = part {
                    amounts += transfers.iter().filter(|one| one.transfer.amount == 7).count();
                }
            }
        }
        amounts
    });
    fund(&handle, 3, 1_000).await;
    for number in 0..100 {
        statuses(&handle, vec![transfer(number, 1, 2, 7)]).await;
    }
    assert_eq!(follower.await.unwrap(), 100);
}

#[tokio::test]
async fn whoever_asks_a_stopped_ledger_is_told() {
    let (disk, clock) = (FakeDisk::new(1), TestClock::at(NOW));
    let ledger = start(&disk, &clock, settings()).unwrap();
    let handle = ledger.handle();
    fund(&handle, 3, 100).await;
    let status = ledger.stop().unwrap();
    assert!(matches!(handle.account(account_id(1)).await, Err(LedgerError::Stopped(_))));
    assert!(matches!(handle.entries(status.sequence + 9).await, Err(LedgerError::Stopped(_))));
    assert!(matches!(handle.ask(Command::Status).await, Ok(Answer::Status(_))));
}
