//! State that is loaded, totals near their end, many expiries, and calls that are refused.

use std::sync::Arc;

use ledger::TransferStatus::{Accepted, PendingAlreadyExpired, TotalOverflow};
use ledger::engine::{Engine, EngineError, Entry, EntryPart, KnownIds};
use ledger::limits::{ENTRY_EXPIRIES_MAX, SECOND_MICROS};
use ledger::model::Model;
use ledger::{Account, AccountFlags, EntryError, KnownTransfer, Outcome, Position, Recorded};
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

#[test]
fn a_record_that_does_not_follow_the_state_is_refused() {
    let accepted = |previous| Outcome { amount: 1, previous_debit: previous, ..Outcome::refused(Accepted) };
    let entry = |parts| Entry { sequence: 1, timestamp: START, expired: Vec::new(), parts };
    let of = |transfer, outcome| entry(vec![EntryPart::Transfers(vec![(transfer, outcome)])]);
    let none = Position::NONE;
    let other = Position::new(1, 0).unwrap();
    let cases = [
        Entry { sequence: 2, ..entry(Vec::new()) },
        Entry { expired: vec![transfer_id(5)], ..entry(Vec::new()) },
        of(transfer(1, 1, 9, 1), accepted(none)),
        of(transfer(1, 1, 2, 1), accepted(other)),
        of(end(1, 5, Some(1)), accepted(none)),
    ];
    for entry in cases {
        let mut engine = Division::sequential(2).engine(1);
        [account(1, 5), account(2, 0)].iter().for_each(|one| engine.load_account(one));
        engine.apply_recorded(&entry).unwrap_err();
        assert!(matches!(engine.apply_recorded(&entry), Err(EngineError::Failed)));
    }
    let mut engine = Division::sequential(2).engine(1);
    [account(1, 5), account(2, 0)].iter().for_each(|one| engine.load_account(one));
    engine.apply_recorded(&of(transfer(1, 1, 2, 1), accepted(none))).unwrap();
    assert_eq!(engine.account(account_id(2)).unwrap().credits_posted, 1);
}
