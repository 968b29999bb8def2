//! What stops payments, in what order things take effect, and what stands on a statement.

use ledger::admin::{AccountChange, AllowanceSwitch, LedgerChange};
use ledger::allowance::{AllowanceTerms, Stretch};
use ledger::model::Model;
use ledger::{AllowanceId, Bound, Position, Reply, Request, Transfer, TransferStatus as Status};
use rstest::rstest;

use crate::build::{
    START, account_id, administer, after, allowance_id, amounts, change_account, change_ledger, counts,
    create_allowance, ledger, post, reserve, statuses, submit, switch_allowance, terms, transfer,
    transfer_id, void,
};

/// What a freeze stops, and what it must not stop: paying a system account, being paid, and giving up a hold.
#[rstest]
#[case::account(change_account(1, AccountChange::Freeze), Status::DebitAccountFrozen, Status::Accepted)]
#[case::ledger(change_ledger(LedgerChange::Freeze), Status::LedgerFrozen, Status::LedgerFrozen)]
fn a_freeze_stops_debits_and_posts(#[case] freeze: Request, #[case] stopped: Status, #[case] credit: Status) {
    let mut model = ledger();
    submit(&mut model, START, &[reserve(1, 1, 2, 10), reserve(2, 1, 2, 10), reserve(3, 1, 0, 10)]);
    administer(&mut model, START, freeze);
    let sent = [
        transfer(11, 1, 2, 1),
        reserve(12, 1, 2, 1),
        post(13, 1, 10),
        transfer(14, 1, 0, 1),
        reserve(15, 1, 0, 1),
        post(16, 3, 10),
        transfer(17, 0, 1, 1),
        transfer(18, 2, 1, 1),
        void(19, 1),
    ];
    let good = Status::Accepted;
    let expected = [stopped, stopped, stopped, good, good, good, good, credit, good];
    assert_eq!(statuses(&submit(&mut model, START, &sent)), expected);
    assert_eq!(model.execute(after(60), &[]).unwrap().expired.len(), 2, "expiry goes on");
}

#[test]
fn a_closed_account_takes_nothing_and_gives_nothing() {
    let mut model = ledger();
    administer(&mut model, START, change_account(1, AccountChange::Close));
    let sent = [transfer(1, 1, 0, 1), transfer(2, 0, 1, 1)];
    let expected = [Status::DebitAccountClosed, Status::CreditAccountClosed];
    assert_eq!(statuses(&submit(&mut model, START, &sent)), expected);
    administer(&mut model, START, change_account(1, AccountChange::Reopen));
    assert!(submit(&mut model, START, &[transfer(3, 1, 0, 1)])[0].status.is_accepted());
}

#[rstest]
#[case::revoked(AllowanceSwitch::Revoke, Status::AllowanceRevoked)]
#[case::frozen(AllowanceSwitch::Freeze, Status::AllowanceFrozen)]
fn what_was_reserved_under_an_allowance_is_not_posted_once_one_above_is_stopped(
    #[case] switch: AllowanceSwitch,
    #[case] stopped: Status,
) {
    let mut model = ledger();
    let windows = vec![amounts(Stretch::Total, 50), counts(Stretch::Total, 5)];
    administer(&mut model, START, create_allowance(AllowanceTerms { windows, ..terms(1, 1) }));
    administer(
        &mut model,
        START,
        create_allowance(AllowanceTerms { parent: allowance_id(1), ..terms(2, 1) }),
    );
    let under = |transfer: Transfer| Transfer { allowance_id: allowance_id(2), ..transfer };
    submit(&mut model, START, &[under(reserve(1, 1, 2, 10)), under(reserve(2, 1, 2, 10))]);
    administer(&mut model, START, switch_allowance(1, switch));
    let sent = [post(3, 1, 10), under(transfer(4, 1, 2, 1)), void(5, 1)];
    assert_eq!(statuses(&submit(&mut model, START, &sent)), [stopped, stopped, Status::Accepted]);
    let used =
        |model: &Model| model.explain(allowance_id(1), START).iter().map(|one| one.used).collect::<Vec<_>>();
    assert_eq!(used(&model), [10, 1]);
    assert_eq!(model.execute(after(60), &[]).unwrap().expired.len(), 1);
    assert_eq!(used(&model), [0, 0]);
}

#[test]
fn a_payment_fits_every_level_or_takes_from_none() {
    let mut model = ledger();
    let level = |number, parent, cap| AllowanceTerms {
        parent: if parent == 0 { AllowanceId::NONE } else { allowance_id(parent) },
        windows: vec![amounts(Stretch::Total, cap)],
        ..terms(number, 1)
    };
    for terms in [level(1, 0, 30), level(2, 1, 90), level(3, 2, 90), level(4, 3, 90)] {
        administer(&mut model, START, create_allowance(terms));
    }
    let under = |number, allowance, amount| Transfer {
        allowance_id: allowance_id(allowance),
        ..transfer(number, 1, 2, amount)
    };
    let replies = submit(&mut model, START, &[under(1, 4, 20), under(2, 3, 11), under(3, 3, 10)]);
    assert_eq!(statuses(&replies), [Status::Accepted, Status::AllowanceAmountExceeded, Status::Accepted]);
    let bound = Bound { allowance_id: allowance_id(1), window: Some(0), observed: 31, limit: 30 };
    assert_eq!(replies[1].bound, Some(bound));
    let used = [1, 2, 3, 4].map(|number| model.explain(allowance_id(number), START)[0].used);
    assert_eq!(used, [30, 30, 30, 20]);
}

#[test]
fn statements_go_back_from_the_newest() {
    let mut model = ledger();
    let sent = [transfer(1, 1, 2, 1), transfer(2, 1, 2, 500), reserve(3, 2, 1, 1), transfer(4, 3, 1, 1)];
    submit(&mut model, START, &sent);
    submit(&mut model, START, &[Transfer { amount: 0, ..transfer(5, 1, 2, 1) }, void(6, 3)]);
    let position = |sequence, index| Position::new(sequence, index).unwrap();
    let outcome = |number| model.transfer(transfer_id(number)).unwrap().recorded;
    let pointers = |number| {
        let recorded = outcome(number);
        (recorded.position, recorded.outcome.previous_debit, recorded.outcome.previous_credit)
    };
    assert_eq!(pointers(1), (position(1, 0), Position::NONE, Position::NONE));
    assert_eq!(pointers(2), (position(1, 1), Position::NONE, Position::NONE), "refused: on no statement");
    assert_eq!(pointers(3), (position(1, 2), position(1, 0), position(1, 0)));
    assert_eq!(pointers(4), (position(1, 3), Position::NONE, position(1, 2)));
    // The malformed one has no position; the void stands on the statements of both.
    assert_eq!(pointers(6), (position(2, 0), position(1, 2), position(1, 3)));
    assert_eq!(model.account(account_id(1)).unwrap().last_position, position(2, 0));
}

#[test]
fn a_change_takes_effect_at_its_place() {
    let mut model = ledger();
    let requests = [
        Request::Transfers(vec![transfer(1, 1, 2, 1)]),
        change_account(1, AccountChange::Freeze),
        Request::Transfers(vec![transfer(2, 1, 2, 1)]),
        change_account(1, AccountChange::Unfreeze),
        Request::Transfers(vec![transfer(3, 1, 2, 1)]),
    ];
    let result = model.execute(START, &requests).unwrap();
    let of_transfers = result.replies.iter().filter_map(|reply| match reply {
        Reply::Transfers(replies) => Some(statuses(replies)),
        Reply::Administrative(_) => None,
    });
    let expected = [Status::Accepted, Status::DebitAccountFrozen, Status::Accepted];
    assert_eq!(of_transfers.flatten().collect::<Vec<_>>(), expected);
}
