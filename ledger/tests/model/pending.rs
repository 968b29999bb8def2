//! Pending transfers: what they reserve, and the one way in which each ends.

use ledger::limits::{AMOUNT_WHOLE, ENTRY_EXPIRIES_MAX};
use ledger::{Account, AccountFlags, Bound, PendingEnd, Reply, Request, Transfer, TransferStatus as Status};
use rstest::rstest;

use crate::build::{
    START, account, after, ledger, linked, post, reserve, statuses, submit, totals, transfer, transfer_id,
    void,
};

/// How a pending transfer of 40 ends, and the totals of payer and payee then.
#[rstest]
#[case::whole(post(2, 1, AMOUNT_WHOLE), [0, 40, 0, 100], [0, 0, 0, 140], PendingEnd::Posted, 40)]
#[case::all_of_it(post(2, 1, 40), [0, 40, 0, 100], [0, 0, 0, 140], PendingEnd::Posted, 40)]
#[case::part(post(2, 1, 15), [0, 15, 0, 100], [0, 0, 0, 115], PendingEnd::Posted, 15)]
#[case::void(void(2, 1), [0, 0, 0, 100], [0, 0, 0, 100], PendingEnd::Voided, 0)]
fn a_pending_transfer_ends_once(
    #[case] end: Transfer,
    #[case] payer: [u128; 4],
    #[case] payee: [u128; 4],
    #[case] how: PendingEnd,
    #[case] moved: u64,
) {
    let mut model = ledger();
    submit(&mut model, START, &[reserve(1, 1, 2, 40)]);
    assert_eq!([totals(&model, 1), totals(&model, 2)], [[40, 0, 0, 100], [0, 0, 40, 100]]);
    let replies = submit(&mut model, after(59), &[end]);
    assert_eq!(statuses(&replies), [Status::Accepted]);
    assert_eq!(replies[0].recorded.unwrap().outcome.amount, moved);
    assert_eq!([totals(&model, 1), totals(&model, 2)], [payer, payee]);
    assert_eq!(model.transfer(transfer_id(1)).unwrap().end, Some(how));
    let again = match how {
        PendingEnd::Posted => Status::PendingAlreadyPosted,
        _ => Status::PendingAlreadyVoided,
    };
    for timestamp in [after(59), after(60)] {
        let number = timestamp - START;
        let replies = submit(&mut model, timestamp, &[post(number, 1, 1), void(number + 1, 1)]);
        assert_eq!(statuses(&replies), [again, again]);
    }
    assert_eq!([totals(&model, 1), totals(&model, 2)], [payer, payee]);
}

#[test]
fn a_pending_transfer_expires_at_its_end_and_not_before() {
    let mut model = ledger();
    submit(&mut model, START, &[reserve(1, 1, 2, 40)]);
    assert_eq!(model.execute(after(60) - 1, &[]).unwrap().expired, []);
    assert_eq!(totals(&model, 1), [40, 0, 0, 100]);
    let result = model.execute(after(60), &[Request::Transfers(vec![post(2, 1, 40)])]).unwrap();
    assert_eq!(result.expired.iter().map(|one| one.pending.id).collect::<Vec<_>>(), [transfer_id(1)]);
    let [Reply::Transfers(replies)] = result.replies.as_slice() else { panic!("{result:?}") };
    assert_eq!(statuses(replies), [Status::PendingAlreadyExpired]);
    assert_eq!([totals(&model, 1), totals(&model, 2)], [[0, 0, 0, 100], [0, 0, 0, 100]]);
    assert_eq!(model.transfer(transfer_id(1)).unwrap().end, Some(PendingEnd::Expired));
}

#[test]
fn expiries_go_by_time_then_place_and_are_bounded() {
    let mut model = ledger();
    let timeout = |one: Transfer, timeout_seconds| Transfer { timeout_seconds, ..one };
    let first =
        [timeout(reserve(1, 0, 1, 1), 10), timeout(reserve(2, 0, 1, 1), 5), timeout(reserve(3, 0, 1, 1), 10)];
    submit(&mut model, START, &first);
    submit(&mut model, after(5) - 1, &[timeout(reserve(4, 0, 1, 1), 1)]);
    let many: Vec<Transfer> = (0..u64::try_from(ENTRY_EXPIRIES_MAX).unwrap() - 4)
        .map(|number| timeout(reserve(100 + number, 0, 1, 1), 11))
        .collect();
    submit(&mut model, after(5) - 1, &many);
    let late = timeout(reserve(5, 0, 1, 1), 12);
    submit(&mut model, after(5) - 1, &[late]);
    let result = model.execute(after(20), &[Request::Transfers(vec![post(6, 5, 1)])]).unwrap();
    let ids: Vec<_> = result.expired.iter().map(|one| one.pending.id).collect();
    assert_eq!(ids.len(), ENTRY_EXPIRIES_MAX);
    let order = [2, 4, 1, 3, 100, 101].map(transfer_id);
    assert_eq!(ids[..6], order, "by the time of the end, then by position");
    // One was due and did not fit: it cannot be posted, and its money is released with the next entry.
    let [Reply::Transfers(replies)] = result.replies.as_slice() else { panic!("{result:?}") };
    assert_eq!(statuses(replies), [Status::PendingAlreadyExpired]);
    assert_eq!(totals(&model, 0)[0], 1);
    assert_eq!(model.execute(after(20), &[]).unwrap().expired.len(), 1);
    assert_eq!(totals(&model, 0)[0], 0);
}

#[test]
fn a_pending_transfer_can_end_where_it_begins() {
    let mut model = ledger();
    let sent = [
        reserve(1, 1, 2, 40),
        post(2, 1, 30),
        linked(reserve(3, 1, 2, 70)),
        linked(void(4, 3)),
        post(5, 3, 1),
    ];
    let other = Status::LinkedTransferFailed;
    let expected = [Status::Accepted, Status::Accepted, other, other, Status::PendingAlreadyVoided];
    assert_eq!(statuses(&submit(&mut model, START, &sent)), expected);
    // What was refused reserved nothing, and an id names nothing before it is used.
    let sent = [void(6, 3), void(7, 8), reserve(8, 1, 2, 1), post(9, 9, 1)];
    let expected =
        [Status::PendingNotPending, Status::PendingNotFound, Status::Accepted, Status::PendingNotFound];
    assert_eq!(statuses(&submit(&mut model, START, &sent)), expected);
    assert_eq!(totals(&model, 1), [1, 30, 0, 100]);
}

#[test]
fn what_is_pending_is_neither_spendable_nor_free() {
    let mut model = ledger();
    let sent = [reserve(1, 1, 2, 60), transfer(2, 1, 3, 41), transfer(3, 2, 3, 101), transfer(4, 1, 3, 40)];
    let replies = submit(&mut model, START, &sent);
    let short = Status::DebitsWouldExceedCredits;
    assert_eq!(statuses(&replies), [Status::Accepted, short, short, Status::Accepted]);
    assert_eq!(replies[1].bound, Some(Bound::of_account(41, 40)));
}

#[test]
fn an_account_that_may_not_be_owed_takes_back_what_it_gave() {
    let mut model = ledger();
    model.load_account(Account {
        debits_posted: 50,
        ..account(5, AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS)
    });
    let sent = [
        reserve(1, 1, 5, 30),
        transfer(2, 1, 5, 21),
        transfer(3, 1, 5, 20),
        void(4, 1),
        transfer(5, 1, 5, 31),
    ];
    let over = Status::CreditsWouldExceedDebits;
    let expected = [Status::Accepted, over, Status::Accepted, Status::Accepted, over];
    assert_eq!(statuses(&submit(&mut model, START, &sent)), expected);
}
