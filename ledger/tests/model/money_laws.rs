//! The laws of money under random workloads, and what the place where entries are cut must not change.

use std::collections::BTreeMap;

use ledger::model::Model;
use ledger::{
    Account, AccountFlags, Entry, EntryPart, EntryResult, Position, RecordedExpiry, RecordedTransfer, Reply,
    Request, Transfer, TransferStatus, check_chain, units,
};
use proptest::prelude::*;

use crate::laws::Auditor;
use crate::statements::Statements;
use crate::workload::workloads;

/// Executes entries from nothing, and gives what each is answered.
fn run(entries: &[(u64, Vec<Request>)]) -> (Model, Vec<Vec<Reply>>) {
    let mut model = Model::new();
    let replies =
        entries.iter().map(|(timestamp, requests)| model.execute(*timestamp, requests).unwrap().replies);
    let replies = replies.collect();
    (model, replies)
}

/// The same requests, cut into entries of one unit each.
fn cut_finely(entries: &[(u64, Vec<Request>)]) -> Vec<(u64, Vec<Request>)> {
    let unit = |unit: &[Transfer]| Request::Transfers(unit.to_vec());
    let pieces = |request: &Request| match request {
        Request::Transfers(transfers) => units(transfers).map(unit).collect(),
        Request::Administrative(_) => vec![request.clone()],
    };
    let mut cut = Vec::new();
    for (timestamp, requests) in entries {
        // What is due expires although nothing else happens.
        cut.push((*timestamp, Vec::new()));
        cut.extend(requests.iter().flat_map(pieces).map(|piece| (*timestamp, vec![piece])));
    }
    cut
}

/// Every status and amount, without positions.
fn verdicts(replies: &[Vec<Reply>]) -> Vec<(u16, u64)> {
    let verdicts = |reply: &Reply| match reply {
        Reply::Administrative(status) => vec![(status.code(), 0)],
        Reply::Transfers(replies) => replies
            .iter()
            .map(|reply| (reply.status.code(), reply.recorded.map_or(0, |recorded| recorded.outcome.amount)))
            .collect(),
    };
    replies.iter().flatten().flat_map(verdicts).collect()
}

/// Everything but positions.
fn balances(model: &Model) -> Vec<Account> {
    model.accounts().map(|account| Account { last_position: Position::NONE, ..*account }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn every_law_holds_after_every_entry(workload in workloads(24, 6)) {
        let mut model = Model::new();
        let mut auditor = Auditor::default();
        for (timestamp, requests) in workload.entries() {
            let result = model.execute(timestamp, &requests).unwrap();
            auditor.entry(timestamp, &requests, &result, model.accounts());
        }
    }

    #[test]
    fn where_entries_are_cut_changes_nothing_but_positions(workload in workloads(16, 6)) {
        let entries = workload.entries();
        let (whole, whole_replies) = run(&entries);
        let (cut, cut_replies) = run(&cut_finely(&entries));
        prop_assert_eq!(verdicts(&whole_replies), verdicts(&cut_replies));
        prop_assert_eq!(balances(&whole), balances(&cut));
    }

    #[test]
    fn the_same_entries_give_the_same_ledger(workload in workloads(8, 6)) {
        let entries = workload.entries();
        prop_assert_eq!(run(&entries), run(&entries));
    }

    #[test]
    fn sending_everything_again_changes_nothing(workload in workloads(12, 6)) {
        let entries = workload.entries();
        let (mut model, _) = run(&entries);
        let before = model.clone();
        for request in entries.iter().flat_map(|(_, requests)| requests) {
            let Request::Transfers(sent) = request else { continue };
            let replies = model.execute(before.timestamp(), std::slice::from_ref(request)).unwrap().replies;
            let [Reply::Transfers(replies)] = replies.as_slice() else { panic!("{replies:?}") };
            let mut replies = replies.iter();
            for unit in units(sent) {
                let replies: Vec<_> = replies.by_ref().take(unit.len()).collect();
                if is_known(unit, &before) {
                    prop_assert!(replies.iter().all(|reply| reply.status == TransferStatus::Exists));
                } else {
                    prop_assert!(replies.iter().all(|reply| !reply.status.consumes_id()));
                }
            }
        }
        prop_assert_eq!(balances(&model), balances(&before));
    }

    #[test]
    fn a_statement_walk_gives_the_totals_behind_every_entry(workload in workloads(24, 6)) {
        let (mut model, mut statements) = (Model::new(), Statements::default());
        for (timestamp, requests) in workload.entries() {
            let result = model.execute(timestamp, &requests).unwrap();
            statements.entry(&recorded(&model, timestamp, &requests, &result), model.accounts().copied());
        }
        statements.check();
    }
}

/// What the journal keeps of an entry, without administrative requests.
fn recorded(model: &Model, timestamp: u64, requests: &[Request], result: &EntryResult) -> Entry {
    let mut transfers = Vec::new();
    for (request, reply) in requests.iter().zip(&result.replies) {
        let (Request::Transfers(sent), Reply::Transfers(replies)) = (request, reply) else { continue };
        let new = sent.iter().zip(replies).filter(|(_, reply)| reply.status != TransferStatus::Exists);
        let new = new.filter_map(|(transfer, reply)| Some((transfer, reply.recorded?.outcome)));
        transfers.extend(new.map(|(transfer, outcome)| {
            let pending = model.transfer(transfer.pending_id).filter(|_| outcome.status.is_accepted());
            let ended = pending.map_or(Position::NONE, |pending| pending.recorded.position);
            RecordedTransfer { transfer: *transfer, outcome, ended }
        }));
    }
    let expired = result.expired.iter().map(RecordedExpiry::from).collect();
    Entry { sequence: result.sequence, timestamp, expired, parts: vec![EntryPart::Transfers(transfers)] }
}

/// Whether every leg of a well-formed unit has its outcome.
fn is_known(unit: &[Transfer], model: &Model) -> bool {
    let known = |leg: &Transfer| model.transfer(leg.id).is_some_and(|known| known.transfer == *leg);
    check_chain(unit).is_none() && unit.iter().all(known)
}

/// The workload is worth something only if everything happens in it.
#[test]
fn the_workload_reaches_every_corner() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<TransferStatus, usize> = BTreeMap::new();
    let mut expired = 0;
    let mut limited = 0;
    for _ in 0..200 {
        let workload = workloads(24, 6).new_tree(&mut runner).unwrap().current();
        let mut model = Model::new();
        for (timestamp, requests) in workload.entries() {
            let result = model.execute(timestamp, &requests).unwrap();
            expired += result.expired.len();
            let replies = result.replies.iter().filter_map(|reply| match reply {
                Reply::Transfers(replies) => Some(replies),
                Reply::Administrative(_) => None,
            });
            replies.flatten().for_each(|reply| *seen.entry(reply.status).or_default() += 1);
        }
        limited +=
            model.accounts().filter(|one| one.is(AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS)).count();
    }
    println!("{seen:#?}, {expired} expired");
    assert!(expired > 100 && limited > 0);
    // What random requests do not hit has its test among the status codes.
    let unlikely = [
        TransferStatus::ChainTooLong,
        TransferStatus::FlagsUnknown,
        TransferStatus::FlagsConflict,
        TransferStatus::DebitAccountIdInvalid,
        TransferStatus::CreditAccountIdInvalid,
        TransferStatus::AssetUnknown,
        TransferStatus::TimeoutOutOfRange,
        TransferStatus::PendingIdMissing,
        TransferStatus::PendingIdNotAllowed,
        TransferStatus::FieldNotAllowed,
        TransferStatus::AllowanceNotAllowed,
        TransferStatus::IdInFuture,
        TransferStatus::TotalOverflow,
    ];
    let known = 31..=40;
    let missing: Vec<_> = TransferStatus::ALL
        .iter()
        .filter(|one| !seen.contains_key(one) && !unlikely.contains(one) && !known.contains(&one.code()))
        .collect();
    assert!(missing.is_empty(), "{missing:?} never happens");
}
