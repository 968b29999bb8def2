//! State that is loaded, totals near their end, many expiries, and calls that are refused.

use std::sync::Arc;

use ledger::TransferStatus::{Accepted, PendingAlreadyExpired, TotalOverflow};
use ledger::engine::{Engine, EngineError, KnownIds};
use ledger::limits::{ENTRY_EXPIRIES_MAX, SECOND_MICROS};
use ledger::model::Model;
use ledger::{
    Account, AccountFlags, Entry, EntryError, EntryPart, KnownTransfer, Outcome, Position, Recorded,
    RecordedExpiry, RecordedTransfer, Transfer,
};
use proptest::prelude::*;

use crate::build::{
    START, account, account_id, batch, end, execute, load, reserve, statuses, transfer, transfer_id,
};
use crate::harness::{Division, PARTITIONS, cases, known_ids};
use crate::workload::workloads;

/// Everything a snapshot holds, put into another engine.
fn copy(engine: &Engine, division: Division) -> Engine {
    let mut other = division.engine(99);
    other.resume(engine.sequence(), engine.timestamp(), engine.is_frozen());
    engine.accounts().for_each(|account| other.load_account(&account));
    engine.open_pending().for_each(|pending| other.load_pending(*pending));
    // The one above comes first.
    let mut allowances: Vec<_> = engine.allowances().cloned().collect();
    while !allowances.is_empty() {
        allowances.retain(|one| {
            let parent = one.terms().parent;
            let waits = !parent.is_none() && other.allowance(parent).is_none();
            if !waits {
                other.load_allowance(one.clone());
            }
            waits
        });
    }
    other
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(150), ..ProptestConfig::default() })]

    #[test]
    fn a_copy_goes_on_as_the_original_does(
        workload in workloads(4, 4),
        at in 1_usize..5,
        partitions in prop::sample::select(&PARTITIONS[..]),
    ) {
        let mut model = Model::new();
        let mut engine = Division::partitioned(2, 1, 4).engine(1);
        for (number, (timestamp, requests)) in workload.entries().into_iter().enumerate() {
            if number == at {
                engine = copy(&engine, Division::partitioned(partitions, 1, 1));
            }
            let requests = Arc::from(requests);
            let known = known_ids(&model, &engine, &requests);
            let outcome = engine.execute(timestamp, &requests, &known).unwrap();
            prop_assert_eq!(outcome.result(&requests), model.execute(timestamp, &requests).unwrap());
        }
    }
}

#[test]
fn a_total_never_overflows_and_says_so_in_time() {
    let flags = AccountFlags::SYSTEM;
    let system = |number, credits| Account { flags, ..account(number, credits) };
    let rows = [system(1, 0), system(2, u128::MAX - 10), system(3, 0)];
    for division in [Division::partitioned(3, 2, 4), Division::sequential(1)] {
        let (mut engine, mut model) = (division.engine(1), Model::new());
        load(&mut engine, &mut model, &rows);
        let requests = batch(vec![
            transfer(1, 1, 2, 8),
            transfer(2, 1, 2, 3),
            reserve(3, 1, 2, 2),
            transfer(4, 3, 2, 1),
        ]);
        let outcome = engine.execute(START, &requests, &KnownIds::none()).unwrap();
        assert_eq!(statuses(&outcome), [Accepted, TotalOverflow, Accepted, TotalOverflow]);
        assert_eq!(outcome.result(&requests), model.execute(START, &requests).unwrap());
        assert!(engine.accounts().eq(model.accounts().copied()));
    }
}

#[test]
fn more_may_be_due_than_one_entry_releases() {
    let most = u64::try_from(ENTRY_EXPIRIES_MAX).unwrap();
    let (mut engine, mut model) = (Division::partitioned(3, 1, 4).engine(1), Model::new());
    load(&mut engine, &mut model, &[account(1, 1 << 40), account(2, 0)]);
    let late = START + 60 * SECOND_MICROS;
    let reserved = |from: u64, to: u64| (from..to).map(|number| reserve(number, 1, 2, 1)).collect();
    let ends = vec![end(20_000, 0, None), end(20_001, most + 5, None)];
    for (timestamp, transfers) in
        [(START, reserved(0, most)), (START, reserved(most, most + 9)), (late, ends), (late, Vec::new())]
    {
        let requests = batch(transfers);
        let known = known_ids(&model, &engine, &requests);
        let outcome = engine.execute(timestamp, &requests, &known).unwrap();
        assert_eq!(outcome.result(&requests), model.execute(timestamp, &requests).unwrap());
        assert!(engine.accounts().eq(model.accounts().copied()));
        if outcome.sequence == 3 {
            assert_eq!(statuses(&outcome), [PendingAlreadyExpired, PendingAlreadyExpired]);
            assert_eq!((outcome.expired.len(), engine.open_pending().count()), (ENTRY_EXPIRIES_MAX, 9));
            assert_eq!(engine.next_expiry(), Some(late));
        }
    }
    assert_eq!(engine.next_expiry(), None);
}

#[test]
fn what_cannot_be_the_next_entry_changes_nothing() {
    let mut engine = Division::partitioned(2, 2, 4).engine(1);
    [account(1, 5), account(2, 0)].iter().for_each(|one| engine.load_account(one));
    execute(&mut engine, START, vec![transfer(1, 1, 2, 1)]);
    let refused = engine.execute(START - 1, &batch(vec![transfer(2, 1, 2, 1)]), &KnownIds::none());
    assert!(matches!(refused, Err(EngineError::Entry(EntryError::TimestampWentBack { .. }))));
    let outcome = execute(&mut engine, START, vec![transfer(2, 1, 2, 1)]);
    assert_eq!((outcome.sequence, statuses(&outcome)), (2, vec![Accepted]));
}

#[test]
fn known_ids_that_are_not_those_of_the_state_stop_the_engine() {
    let mut engine = Division::partitioned(2, 1, 4).engine(1);
    [account(1, 5), account(2, 0)].iter().for_each(|one| engine.load_account(one));
    let outcome = Outcome { amount: 1, ..Outcome::refused(Accepted) };
    let recorded = Recorded { position: Position::new(1, 0).unwrap(), outcome };
    let open = KnownTransfer { transfer: reserve(7, 1, 2, 1), recorded, timestamp: START, end: None };
    let failed = engine.execute(START, &batch(vec![end(1, 7, None)]), &KnownIds::new(vec![open]));
    assert!(matches!(failed, Err(EngineError::KnownIdsDisagree(id)) if id == transfer_id(7)));
    let after = engine.execute(START, &batch(Vec::new()), &KnownIds::none());
    assert!(matches!(after, Err(EngineError::Failed)));
}

/// Two accounts and a hold of two that is made by the first entry.
fn with_a_hold() -> Engine {
    let mut engine = Division::sequential(2).engine(1);
    [account(1, 5), account(2, 0)].iter().for_each(|one| engine.load_account(one));
    execute(&mut engine, START, vec![reserve(7, 1, 2, 2)]);
    engine
}

const HOLD: Position = Position::from_bits(1 << 20);

fn expiry() -> RecordedExpiry {
    RecordedExpiry { id: transfer_id(7), position: HOLD, previous_debit: HOLD, previous_credit: HOLD }
}

fn recorded(transfer: Transfer, amount: u64) -> RecordedTransfer {
    let outcome =
        Outcome { amount, previous_debit: HOLD, previous_credit: HOLD, ..Outcome::refused(Accepted) };
    let ended = if transfer.ends_pending() { HOLD } else { Position::NONE };
    RecordedTransfer { transfer, outcome, ended }
}

fn second(timestamp: u64, expired: Vec<RecordedExpiry>, transfers: Vec<RecordedTransfer>) -> Entry {
    Entry { sequence: 2, timestamp, expired, parts: vec![EntryPart::Transfers(transfers)] }
}

#[test]
fn a_record_that_follows_the_state_is_applied() {
    let late = START + 60 * SECOND_MICROS;
    let refused = Outcome::refused(TotalOverflow);
    let refused =
        RecordedTransfer { outcome: refused, ended: Position::NONE, ..recorded(end(1, 7, None), 0) };
    let of = |transfer| second(START, Vec::new(), vec![transfer]);
    let cases = [
        (of(recorded(transfer(1, 1, 2, 1), 1)), [0, 2, 1]),
        (of(recorded(end(1, 7, Some(1)), 1)), [0, 0, 1]),
        (of(recorded(end(1, 7, None), 0)), [0, 0, 0]),
        (of(refused), [0, 2, 0]),
        (second(late, vec![expiry()], Vec::new()), [0, 0, 0]),
    ];
    for (entry, [debited, pending, credited]) in cases {
        let mut engine = with_a_hold();
        engine.apply_recorded(&entry).unwrap();
        let payee = engine.account(account_id(2)).unwrap();
        assert_eq!(
            [payee.debits_posted, payee.credits_pending, payee.credits_posted],
            [debited, pending, credited]
        );
    }
}

#[test]
fn a_record_that_does_not_follow_the_state_is_refused() {
    let late = START + 60 * SECOND_MICROS;
    let other = Position::new(1, 1).unwrap();
    let of = |transfer| second(START, Vec::new(), vec![transfer]);
    let expired = |expired| second(late, expired, Vec::new());
    let (pays, posts) = (recorded(transfer(1, 1, 2, 1), 1), recorded(end(1, 7, Some(1)), 1));
    let refused = RecordedTransfer { outcome: Outcome::refused(TotalOverflow), ..pays };
    let outcome = |outcome, transfer| of(RecordedTransfer { outcome, ..transfer });
    let cases = [
        Entry { sequence: 3, ..of(pays) },
        Entry { timestamp: START - 1, ..of(pays) },
        of(recorded(transfer(1, 1, 9, 1), 1)),
        outcome(Outcome { previous_debit: other, ..pays.outcome }, pays),
        outcome(Outcome { previous_credit: other, ..pays.outcome }, pays),
        of(RecordedTransfer { ended: HOLD, ..pays }),
        of(RecordedTransfer { ended: other, ..posts }),
        of(RecordedTransfer { ended: Position::NONE, ..posts }),
        of(recorded(end(1, 8, Some(1)), 1)),
        of(recorded(end(1, 7, Some(3)), 3)),
        of(RecordedTransfer { ended: HOLD, ..refused }),
        outcome(Outcome { amount: 1, ..refused.outcome }, refused),
        expired(vec![RecordedExpiry { id: transfer_id(8), ..expiry() }]),
        expired(vec![RecordedExpiry { position: other, ..expiry() }]),
        expired(vec![RecordedExpiry { previous_debit: other, ..expiry() }]),
        expired(vec![RecordedExpiry { previous_credit: other, ..expiry() }]),
        expired(vec![expiry(), expiry()]),
        second(late - 1, vec![expiry()], Vec::new()),
        second(late, vec![expiry()], vec![posts]),
    ];
    for entry in cases {
        let mut engine = with_a_hold();
        engine.apply_recorded(&entry).unwrap_err();
        assert!(matches!(engine.apply_recorded(&entry), Err(EngineError::Failed)), "{entry:?}");
    }
}
