//! Statements of what the engine records, in whatever way it was executed.

use std::sync::Arc;

use ledger::TransferStatus::{Accepted, PendingAlreadyPosted};
use ledger::engine::KnownIds;
use ledger::limits::SECOND_MICROS;
use ledger::model::Model;
use ledger::{Entry, Position};
use proptest::prelude::*;

use crate::build::{START, account, batch, end, linked, reserve, statuses, transfer, transfer_id};
use crate::harness::{Division, PARTITIONS, cases, known_ids};
use crate::statements::Statements;
use crate::workload::workloads;

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(150), ..ProptestConfig::default() })]

    #[test]
    fn a_statement_walk_gives_the_totals_behind_every_entry(
        workload in workloads(8, 5),
        partitions in prop::sample::select(&PARTITIONS[..]),
        sequential in any::<bool>(),
    ) {
        let division =
            if sequential { Division::sequential(partitions) } else { Division::partitioned(partitions, 1, 4) };
        let (mut engine, mut model, mut statements) = (division.engine(1), Model::new(), Statements::default());
        for (timestamp, requests) in workload.entries() {
            let requests = Arc::from(requests);
            let known = known_ids(&model, &engine, &requests);
            let outcome = engine.execute(timestamp, &requests, &known).unwrap();
            model.execute(timestamp, &requests).unwrap();
            statements.entry(&Entry::of(&outcome, &requests), engine.accounts());
        }
        statements.check();
    }
}

#[test]
fn expiries_have_the_first_positions_and_ends_name_what_they_ended() {
    let at = |sequence, index| Position::new(sequence, index).unwrap();
    for division in [Division::sequential(2), Division::partitioned(3, 1, 0), Division::partitioned(2, 2, 4)]
    {
        let mut engine = division.engine(1);
        [account(1, 100), account(2, 0), account(3, 0)].iter().for_each(|one| engine.load_account(one));
        let holds = (1..=4).map(|number| reserve(number, 1, 2, 10));
        let later = ledger::Transfer { timeout_seconds: 600, ..reserve(5, 1, 3, 10) };
        engine.execute(START, &batch(holds.chain([later]).collect()), &KnownIds::none()).unwrap();
        // Two end before their time.
        let early = batch(vec![end(11, 3, Some(4)), transfer(12, 1, 2, 1), end(13, 1, None)]);
        let outcome = engine.execute(START, &early, &KnownIds::none()).unwrap();
        assert_eq!(outcome.ended, [at(1, 2), at(1, 0)]);
        // Two expire; a chain is undone behind an end that then happens otherwise.
        let late = batch(vec![
            linked(end(21, 5, None)),
            transfer(22, 2, 1, 1_000),
            reserve(23, 1, 3, 2),
            end(24, 5, Some(10)),
            end(25, 5, None),
            end(26, 23, None),
        ]);
        let outcome = engine.execute(START + 60 * SECOND_MICROS, &late, &KnownIds::none()).unwrap();
        assert_eq!(statuses(&outcome)[2..], [Accepted, Accepted, PendingAlreadyPosted, Accepted]);
        assert_eq!(outcome.ended, [at(1, 4), at(3, 4)]);
        let expired: Vec<_> = outcome.expired.iter().map(|one| one.pending.id).collect();
        assert_eq!(expired, [transfer_id(2), transfer_id(4)]);
        let previous = outcome.expired.iter().map(|one| [one.previous_debit, one.previous_credit]);
        assert_eq!(previous.collect::<Vec<_>>(), [[at(2, 2); 2], [at(3, 0); 2]]);
        let places: Vec<_> =
            outcome.transfer_replies().map(|reply| reply.recorded.unwrap().position).collect();
        assert_eq!(places, (2..8).map(|index| at(3, index)).collect::<Vec<_>>());
        assert_eq!(outcome.outcomes[2].previous_debit, at(3, 1));
        let ended: Vec<_> = outcome.recorded_transfers(&late).map(|recorded| recorded.ended).collect();
        let none = Position::NONE;
        assert_eq!(ended, [none, none, none, at(1, 4), none, at(3, 4)]);
    }
}
