//! Accounts as they were after every entry.

use ledger::handle::LedgerError;
use ledger::walk::Walk;
use ledger::{Account, Request};
use proptest::prelude::*;

use crate::build::{START, account_id, create, transfer};
use crate::ledger_history::LedgerHistory;
use crate::pages::{history_of, wide_history};
use crate::workload::workloads;

/// Every state that can be asked for, from every later one.
fn check_all(history: &LedgerHistory) {
    let mut reader = history.reader();
    let mut walk = Walk::new(&mut reader);
    for later in 1..=history.sequence() {
        for account in history.accounts(later).values() {
            for at in 1..=later {
                let then = walk.account_at(*account, at, history.timestamp(at));
                let expected = history.accounts(at).get(&account.id);
                // Flags are those of now.
                let expected = expected.map(|then| Account { flags: account.flags, ..*then });
                assert_eq!(then, Ok(expected), "{:?} of {later} at {at}", account.id);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn states_are_those_of_the_model(workload in workloads(10, 10), seal_every in 1..5_usize) {
        check_all(&history_of(&workload, seal_every));
    }
}

#[test]
fn long_entries_are_undone() {
    let mut history = wide_history(1_000);
    check_all(&history);
    assert!(history.seal() > 0);
    check_all(&history);
}

/// Accounts that are created, and used at once, among entries of one time.
#[test]
fn creation_among_entries_of_the_same_time_is_found() {
    let mut history = LedgerHistory::new(4);
    history.execute(START, &[create(0), create(1)]);
    for number in 2..12 {
        let pay =
            |number: u64, amount| Request::Transfers(vec![transfer(10 * number + amount, 0, number, amount)]);
        let timestamp = START + number / 6;
        history.execute(timestamp, &[pay(1, number)]);
        history.execute(timestamp, &[create(number)]);
        history.execute(timestamp, &[]);
        if number % 3 == 0 {
            history.execute(timestamp, &[pay(number, 1)]);
        }
        if number % 4 == 0 {
            history.execute(timestamp, &[create(100 + number), pay(100 + number, 1)]);
        }
    }
    check_all(&history);
    assert!(history.seal() > 0);
    check_all(&history);
}

#[test]
fn walks_that_are_too_long_are_refused() {
    let history = wide_history(400);
    let account = history.accounts(4)[&account_id(1)];
    let steps = u64::try_from(history.statements.lines(account.id, 4).len()).unwrap();
    let undone = steps - u64::try_from(history.statements.lines(account.id, 1).len()).unwrap();
    let at = |steps_max| {
        Walk::bounded(&mut history.reader(), steps_max).account_at(account, 1, history.timestamp(1))
    };
    assert_eq!(at(undone - 1), Err(LedgerError::TooFarBack { steps: undone - 1 }));
    assert_eq!(at(undone), Ok(Some(history.accounts(1)[&account.id])));
}

/// The search for the entry that created an account is bounded, too.
#[test]
fn a_long_search_among_entries_of_one_time_is_refused() {
    let mut history = LedgerHistory::new(16);
    (0..9).for_each(|_| history.execute(START, &[]));
    history.execute(START, &[create(0)]);
    (0..2).for_each(|_| history.execute(START + 1, &[]));
    let account = history.accounts(12)[&account_id(0)];
    let at = |steps_max, at| Walk::bounded(&mut history.reader(), steps_max).account_at(account, at, START);
    assert_eq!(at(9, 1), Ok(None));
    assert_eq!(at(8, 1), Err(LedgerError::TooFarBack { steps: 8 }));
    assert_eq!(at(1, 10), Ok(Some(account)));
}
