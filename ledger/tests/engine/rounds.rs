//! How many rounds batches need, and that those that need none of it get the same answers as those that need all.

use ledger::TransferStatus::{
    Accepted, DebitsWouldExceedCredits, LinkedTransferFailed, PendingAlreadyPosted,
};
use ledger::engine::Engine;

use crate::build::{START, account, account_id, end, execute, linked, load, reserve, statuses, transfer};
use crate::harness::{Division, PARTITIONS, ROUNDS, take_dirty};
use ledger::model::Model;
use ledger::{Account, Transfer, TransferFlags};

fn engine_with(division: Division, accounts: &[(u64, u128)]) -> Engine {
    let mut engine = division.engine(3);
    accounts.iter().for_each(|(number, credits)| engine.load_account(&account(*number, *credits)));
    engine
}

#[test]
fn of_two_payments_that_fit_once_the_first_is_accepted_a_thousand_times() {
    for threads in [1, 2] {
        let mut engine = engine_with(Division::partitioned(2, threads, 4), &[(1, 10_000), (2, 0), (3, 0)]);
        for time in 0..1_000 {
            // What is there fits one of both; the payees give back what they got.
            let pays = [transfer(4 * time, 1, 2, 10_000), transfer(4 * time + 1, 1, 3, 10_000)];
            let back = transfer(4 * time + 2, 2, 1, 10_000);
            let outcome = execute(&mut engine, START + time, [pays.as_slice(), &[back]].concat());
            assert_eq!(statuses(&outcome), [Accepted, DebitsWouldExceedCredits, Accepted]);
        }
    }
}

#[test]
fn a_hot_payee_needs_one_round_and_leaves_no_remainder() {
    let payers = (1..=500).map(|number| (number, 1_000));
    let accounts: Vec<_> = payers.chain([(0, 200)]).collect();
    let mut engine = engine_with(Division::partitioned(8, 2, 4), &accounts);
    // Everybody pays account 0, which pays now and then within what it had.
    let pays = |number: u64| match number % 50 {
        0 => transfer(number, 0, 1 + number % 500, 2),
        _ => transfer(number, 1 + number % 500, 0, 7),
    };
    let outcome = execute(&mut engine, START, (0..5_000).map(pays).collect());
    assert!(statuses(&outcome).iter().all(|status| *status == Accepted));
    assert_eq!((outcome.statistics.rounds, outcome.statistics.remainder_units), (1, 0));
    assert_eq!(outcome.statistics.partitioned_transfers, 5_000);
    let hot = engine.account(account_id(0)).unwrap();
    assert_eq!((hot.credits_posted, hot.debits_posted), (200 + 4_900 * 7, 100 * 2));
}

#[test]
fn money_that_is_handed_on_within_a_batch_is_there_for_the_next() {
    let empty = (1..=20).map(|number| (number, 0));
    let accounts: Vec<_> = empty.chain([(0, 5)]).collect();
    let hand_on = |number: u64| transfer(number, number, number + 1, 5);
    for partitions in PARTITIONS {
        for (rounds_max, remainder_units) in [(0, 20), (1, 19), (4, 16)] {
            let mut engine = engine_with(Division::partitioned(partitions, 1, rounds_max), &accounts);
            let outcome = execute(&mut engine, START, (0..20).map(hand_on).collect());
            assert!(statuses(&outcome).iter().all(|status| *status == Accepted));
            let statistics = outcome.statistics;
            assert_eq!((statistics.rounds, statistics.remainder_units), (rounds_max, remainder_units));
        }
    }
}

#[test]
fn a_take_that_may_fit_leaves_at_least_nothing() {
    let accounts = [(0, 5), (1, 0), (2, 0), (3, 0), (4, 0), (5, 5)];
    let mut engine = engine_with(Division::partitioned(3, 1, 2), &accounts);
    let transfers = vec![
        // Three hands on the way to account 3: not known after two rounds.
        transfer(1, 0, 1, 5),
        transfer(2, 1, 2, 5),
        transfer(3, 2, 3, 5),
        // May fit. Whether it does or not, what comes next is left to account 3.
        transfer(4, 3, 4, 5),
        transfer(5, 5, 3, 5),
        transfer(6, 3, 4, 5),
    ];
    let outcome = execute(&mut engine, START, transfers);
    assert!(statuses(&outcome).iter().all(|status| *status == Accepted));
    // The third hand and the one that may fit; the last one is certain.
    assert_eq!((outcome.statistics.rounds, outcome.statistics.remainder_units), (2, 2));
}

#[test]
fn a_no_beats_what_is_open() {
    for [poor, waiting] in [[4, 3], [3, 4]] {
        let accounts = [(0, 5), (1, 0), (2, 0), (3, 0), (4, 0)];
        let mut engine = engine_with(Division::partitioned(1, 1, 1), &accounts);
        let transfers = vec![
            transfer(1, 0, 1, 5),
            transfer(2, 1, waiting, 5),
            // One leg may fit, the other never does.
            linked(transfer(3, poor, 2, 1)),
            transfer(4, waiting, 2, 1),
            linked(transfer(5, waiting, 2, 1)),
            transfer(6, poor, 2, 1),
        ];
        let outcome = execute(&mut engine, START, transfers);
        assert_eq!((outcome.statistics.rounds, outcome.statistics.remainder_units), (1, 1));
    }
}

#[test]
fn a_hold_can_be_ended_once_in_the_batch_that_made_it() {
    for rounds_max in ROUNDS {
        let mut engine = engine_with(Division::partitioned(3, 1, rounds_max), &[(1, 10), (2, 0), (3, 0)]);
        let transfers = vec![
            reserve(1, 1, 2, 10),
            // Nothing is left while it is reserved.
            transfer(2, 1, 3, 1),
            end(3, 1, Some(4)),
            end(4, 1, Some(4)),
            // What was not posted is free again.
            transfer(5, 1, 3, 6),
            transfer(6, 1, 3, 1),
        ];
        let outcome = execute(&mut engine, START, transfers);
        let expected = [
            Accepted,
            DebitsWouldExceedCredits,
            Accepted,
            PendingAlreadyPosted,
            Accepted,
            DebitsWouldExceedCredits,
        ];
        assert_eq!(statuses(&outcome), expected, "{rounds_max} rounds");
        assert_eq!(engine.open_pending().count(), 0);
    }
}

#[test]
fn a_chain_carries_the_code_of_its_first_failing_leg_and_leaves_nothing() {
    for rounds_max in ROUNDS {
        let mut engine = engine_with(Division::partitioned(8, 1, rounds_max), &[(1, 10), (2, 0), (3, 0)]);
        let before: Vec<_> = engine.accounts().collect();
        take_dirty(&mut engine);
        // The second leg spends what the first brings, the third what nobody has, the fourth fails for itself.
        let chain = vec![
            linked(transfer(1, 1, 2, 10)),
            linked(transfer(2, 2, 3, 10)),
            linked(transfer(3, 2, 1, 1)),
            transfer(4, 9, 1, 1),
        ];
        let outcome = execute(&mut engine, START, chain);
        let expected =
            [LinkedTransferFailed, LinkedTransferFailed, DebitsWouldExceedCredits, LinkedTransferFailed];
        assert_eq!(statuses(&outcome), expected, "{rounds_max} rounds");
        assert_eq!(engine.accounts().collect::<Vec<_>>(), before);
        assert_eq!(engine.dirty_accounts(), 0);
    }
}

/// A long batch over poor accounts, with chains and holds, made from a seed.
fn poor_batch(seed: u64, accounts: u64, transfers: u64) -> Vec<Transfer> {
    let mut state = seed;
    let mut below = |bound: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % bound
    };
    let mut made = |number: u64| {
        let debit = below(accounts);
        let credit = (debit + 1 + below(accounts - 1)) % accounts;
        let amount = 1 + below(30);
        let one = match below(10) {
            0 => reserve(number, debit, credit, amount),
            1 => end(number, number.saturating_sub(1 + below(12)), Some(amount)),
            2 => end(number, number.saturating_sub(1 + below(12)), None),
            _ => transfer(number, debit, credit, amount),
        };
        if below(3) == 0 { linked(one) } else { one }
    };
    let mut batch: Vec<_> = (0..transfers).map(&mut made).collect();
    if let Some(last) = batch.last_mut() {
        last.flags = last.flags.without(TransferFlags::LINKED);
    }
    batch
}

#[test]
fn long_batches_over_poor_accounts_are_the_models() {
    let near_end = u128::from(u64::MAX) - 30;
    for (seed, accounts, transfers, debits) in [
        (1, 5, 600, 0),
        (2, 40, 2_000, 0),
        (3, 400, 2_000, 0),
        (4, 5, 600, near_end),
        (5, 40, 2_000, near_end),
    ] {
        let divisions = [(2, 2, 4), (3, 1, 0), (64, 3, 1)]
            .map(|(partitions, threads, rounds_max)| Division::partitioned(partitions, threads, rounds_max));
        for division in divisions.into_iter().chain([Division::sequential(2)]) {
            let mut engine = division.engine(5);
            let mut model = Model::new();
            // Halves of totals are kept apart, so some totals begin where the lower one ends soon.
            let row = |number| Account { debits_posted: debits, ..account(number, debits + 25) };
            let rows: Vec<_> = (0..accounts).map(row).collect();
            load(&mut engine, &mut model, &rows);
            let requests = crate::build::batch(poor_batch(seed, accounts, transfers));
            let outcome = engine.execute(START, &requests, &ledger::engine::KnownIds::none()).unwrap();
            let expected = model.execute(START, &requests).unwrap();
            assert_eq!(outcome.result(&requests), expected);
            assert!(engine.accounts().eq(model.accounts().copied()));
            assert!(engine.open_pending().eq(model.open_pending()));
            let most = engine.accounts().map(|account| account.debits_posted).max();
            assert_eq!(most > Some(u128::from(u64::MAX)), debits == near_end);
        }
    }
}
