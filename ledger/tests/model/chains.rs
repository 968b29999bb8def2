//! Chains are one unit, and an id has one outcome.

use ledger::allowance::{AllowanceTerms, Stretch};
use ledger::limits::{CHAIN_LEGS_MAX, ID_AGE_MAX_MICROS};
use ledger::{Account, Bound, Outcome, Reply, Request, Transfer, TransferFlags, TransferStatus as Status};

use crate::build::{
    START, administer, after, allowance_id, amounts, create_allowance, ledger, linked, post, reserve,
    statuses, submit, terms, totals, transfer, transfer_id, void,
};

#[test]
fn a_chain_sees_its_own_credits_and_is_one_unit() {
    let mut model = ledger();
    // Account 2 can pay 150 only with what the first leg brings.
    let chain = [linked(transfer(1, 1, 2, 60)), transfer(2, 2, 3, 150)];
    assert_eq!(statuses(&submit(&mut model, START, &chain)), [Status::Accepted, Status::Accepted]);
    assert_eq!(totals(&model, 3), [0, 0, 0, 250]);
}

#[test]
fn a_refused_chain_undoes_everything_and_uses_up_every_id() {
    let mut model = ledger();
    administer(
        &mut model,
        START,
        create_allowance(AllowanceTerms { windows: vec![amounts(Stretch::Total, 100)], ..terms(1, 1) }),
    );
    submit(&mut model, START, &[reserve(1, 1, 2, 10)]);
    let before: Vec<Account> = model.accounts().copied().collect();
    let open: Vec<_> = model.open_pending().copied().collect();
    let paid = Transfer { allowance_id: allowance_id(1), ..transfer(2, 1, 2, 20) };
    let held = Transfer { allowance_id: allowance_id(1), ..reserve(3, 1, 2, 20) };
    let chain = [
        linked(paid),
        linked(held),
        linked(post(4, 3, 5)),
        linked(void(5, 1)),
        linked(transfer(6, 3, 4, 101)),
        transfer(7, 4, 3, 1),
    ];
    let replies = submit(&mut model, START, &chain);
    let other = Status::LinkedTransferFailed;
    assert_eq!(statuses(&replies), [other, other, other, other, Status::DebitsWouldExceedCredits, other]);
    assert_eq!(replies[4].bound, Some(Bound::of_account(101, 100)));
    assert_eq!(model.accounts().copied().collect::<Vec<_>>(), before);
    assert_eq!(model.open_pending().copied().collect::<Vec<_>>(), open);
    assert_eq!(model.explain(allowance_id(1), START)[0].used, 0);
    assert_eq!(model.transfer(transfer_id(1)).unwrap().end, None);
    // Every leg is known now, with what it was answered.
    for (transfer, reply) in chain.iter().zip(&replies) {
        let known = model.transfer(transfer.id).unwrap();
        assert_eq!(known.recorded.outcome, Outcome::refused(reply.status));
        assert_eq!(Some(known.recorded), reply.recorded);
    }
    // A part of the chain sent alone is another transfer; the whole chain exists.
    assert!(statuses(&submit(&mut model, START, &chain)).iter().all(|status| *status == Status::Exists));
    let alone = Transfer { flags: TransferFlags::NONE, ..paid };
    assert_eq!(statuses(&submit(&mut model, START, &[alone])), [Status::ExistsWithDifferentFlags]);
}

#[test]
fn the_longest_chain_is_accepted_and_one_leg_more_is_not() {
    let chain = |legs: u64| -> Vec<Transfer> {
        (1..=legs).map(|leg| linked(transfer(leg, 1, 2, 1))).chain([transfer(0, 1, 2, 1)]).collect()
    };
    let most = u64::try_from(CHAIN_LEGS_MAX).unwrap();
    let mut model = ledger();
    let replies = submit(&mut model, START, &chain(most));
    assert_eq!(replies[CHAIN_LEGS_MAX].status, Status::ChainTooLong);
    assert_eq!(model.transfers().count(), 0, "a malformed chain uses up nothing");
    assert!(submit(&mut model, START, &chain(most - 1)).iter().all(|reply| reply.status.is_accepted()));
}

#[test]
fn a_malformed_leg_leaves_the_whole_chain_new() {
    let mut model = ledger();
    // The first leg would be refused by the state, which is not looked at.
    let legs = [linked(transfer(1, 1, 2, 101)), Transfer { code: 0, ..transfer(2, 1, 2, 1) }];
    let expected = [Status::LinkedTransferFailed, Status::CodeZero];
    assert_eq!(statuses(&submit(&mut model, START, &legs)), expected);
    assert_eq!(model.transfers().count(), 0);
    // An id too old, beside one that is new.
    let late = START + ID_AGE_MAX_MICROS + 1_000;
    let derived =
        Transfer { id: ledger::TransferId(ledger::id::derived("test", &[])), ..transfer(0, 1, 2, 1) };
    let replies = submit(&mut model, late, &[linked(derived), transfer(1, 1, 2, 1)]);
    assert_eq!(statuses(&replies), [Status::LinkedTransferFailed, Status::IdTooOld]);
    assert_eq!(model.transfers().count(), 0);
}

#[test]
fn a_chain_of_known_and_new_ids_is_refused_for_ever() {
    let mut model = ledger();
    submit(&mut model, START, &[transfer(1, 1, 2, 1), linked(transfer(2, 1, 2, 1)), transfer(3, 1, 2, 1)]);
    let chain = [linked(transfer(4, 1, 2, 1)), linked(transfer(2, 1, 2, 1)), transfer(1, 1, 2, 5)];
    let expected = [Status::LinkedTransferFailed, Status::Exists, Status::ExistsWithDifferentAmount];
    for timestamp in [START, after(60), START + 2 * ID_AGE_MAX_MICROS] {
        assert_eq!(statuses(&submit(&mut model, timestamp, &chain)), expected);
        assert!(model.transfer(transfer_id(4)).is_none());
    }
    assert_eq!(totals(&model, 1), [0, 3, 0, 100]);
}

#[test]
fn a_known_id_gets_its_first_outcome_at_any_age() {
    let mut model = ledger();
    let sent = [transfer(1, 1, 2, 30), transfer(2, 1, 2, 500), transfer(1, 1, 2, 30)];
    let replies = submit(&mut model, START, &sent);
    let expected = [Status::Accepted, Status::DebitsWouldExceedCredits, Status::Exists];
    assert_eq!(statuses(&replies), expected);
    assert_eq!(replies[2].recorded, replies[0].recorded);
    let late = START + 100 * ID_AGE_MAX_MICROS;
    // By now the second could be paid; its outcome stays.
    submit(&mut model, START, &[transfer(9, 0, 1, 1_000)]);
    let again = submit(&mut model, late, &sent);
    assert_eq!(statuses(&again), [Status::Exists; 3]);
    assert_eq!([again[0].recorded, again[1].recorded], [replies[0].recorded, replies[1].recorded]);
    assert_eq!(totals(&model, 2), [0, 0, 0, 130]);
}

#[test]
fn a_malformed_transfer_leaves_its_id_new() {
    let mut model = ledger();
    let sent = [Transfer { amount: 0, ..transfer(1, 1, 2, 1) }, transfer(1, 1, 2, 1)];
    assert_eq!(statuses(&submit(&mut model, START, &sent)), [Status::AmountOutOfRange, Status::Accepted]);
}

#[test]
fn a_chain_ends_with_its_request() {
    let mut model = ledger();
    let requests = [
        Request::Transfers(vec![transfer(1, 1, 2, 1), linked(transfer(2, 1, 2, 1))]),
        Request::Transfers(vec![transfer(3, 1, 2, 1)]),
    ];
    let result = model.execute(START, &requests).unwrap();
    let [Reply::Transfers(first), Reply::Transfers(second)] = result.replies.as_slice() else {
        panic!("{result:?}");
    };
    assert_eq!(statuses(first), [Status::Accepted, Status::ChainOpen]);
    assert_eq!(statuses(second), [Status::Accepted]);
}
