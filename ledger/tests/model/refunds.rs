//! Refunds: whose allowance gets an amount back, and that nothing stops it from coming back.

use ledger::AccountFlags;
use ledger::admin::AllowanceSwitch;
use ledger::allowance::{AllowanceTerms, Stretch, Window, WindowFlags};
use ledger::model::Model;
use ledger::{Account, Transfer, TransferFlags, TransferStatus as Status};

use crate::build::{
    LIMITED, START, account, administer, after, allowance_id, amounts, counts, create_allowance, ledger,
    statuses, submit, switch_allowance, terms, totals, transfer,
};

/// Account 1 with allowance 1 above allowance 2, of which 60 is used by a payment to account 2.
fn paid() -> Model {
    let mut model = ledger();
    let restores = Window { flags: WindowFlags::REFUND_RESTORES, ..amounts(Stretch::Total, 60) };
    let root = AllowanceTerms {
        windows: vec![restores, amounts(Stretch::Total, 1_000)],
        ends_at: after(60),
        payment_max: 60,
        ..terms(1, 1)
    };
    let lower = AllowanceTerms {
        parent: allowance_id(1),
        windows: vec![restores, counts(Stretch::Total, 9)],
        ..terms(2, 1)
    };
    administer(&mut model, START, create_allowance(root));
    administer(&mut model, START, create_allowance(lower));
    let payment = Transfer { allowance_id: allowance_id(2), ..transfer(1, 1, 2, 60) };
    assert_eq!(statuses(&submit(&mut model, START, &[payment])), [Status::Accepted]);
    assert_eq!(used(&model), [60, 60, 60, 1]);
    model
}

/// What is used of the windows of both allowances.
fn used(model: &Model) -> Vec<i128> {
    [1, 2]
        .into_iter()
        .flat_map(|number| model.explain(allowance_id(number), START))
        .map(|one| one.used)
        .collect()
}

fn refund(number: u64, debit: u64, credit: u64, amount: u64, allowance: u64) -> Transfer {
    Transfer {
        flags: TransferFlags::RESTORE_ALLOWANCE,
        allowance_id: allowance_id(allowance),
        ..transfer(number, debit, credit, amount)
    }
}

#[test]
fn a_refund_gives_back_at_every_level_where_the_mandate_says_so() {
    let mut model = paid();
    assert_eq!(statuses(&submit(&mut model, START, &[refund(2, 2, 1, 25, 2)])), [Status::Accepted]);
    assert_eq!(used(&model), [35, 60, 35, 1]);
    assert_eq!(totals(&model, 1), [0, 60, 0, 125]);
    // Above what was paid, and from somebody else: what was used goes below zero.
    assert_eq!(statuses(&submit(&mut model, START, &[refund(3, 3, 1, 61, 1)])), [Status::Accepted]);
    assert_eq!(used(&model), [-26, 60, 35, 1]);
}

#[test]
fn a_refund_names_the_allowance_of_whom_it_pays() {
    let mut model = paid();
    let sent = [refund(2, 1, 2, 1, 1), refund(3, 2, 3, 1, 1), refund(4, 2, 1, 1, 9)];
    let other = Status::AllowanceOfOtherAccount;
    assert_eq!(statuses(&submit(&mut model, START, &sent)), [other, other, Status::AllowanceNotFound]);
    assert_eq!(used(&model), [60, 60, 60, 1]);
}

#[test]
fn an_account_that_pays_only_under_allowances_sends_no_refund() {
    let mut model = paid();
    let flags = LIMITED.with(AccountFlags::DEBITS_NEED_ALLOWANCE);
    model.load_account(Account { credits_posted: 100, ..account(2, flags) });
    assert_eq!(statuses(&submit(&mut model, START, &[refund(2, 2, 1, 1, 2)])), [Status::AllowanceRequired]);
}

#[test]
fn nothing_stops_a_refund_to_an_allowance_that_has_ended() {
    let mut model = paid();
    administer(&mut model, START, switch_allowance(1, AllowanceSwitch::Freeze));
    administer(&mut model, START, switch_allowance(2, AllowanceSwitch::Revoke));
    let replies = submit(&mut model, after(60), &[refund(2, 2, 1, 100, 2)]);
    assert_eq!(statuses(&replies), [Status::Accepted], "above the largest payment, frozen, revoked and over");
    assert_eq!(used(&model), [-40, 60, -40, 1]);
}
