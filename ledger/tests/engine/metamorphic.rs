//! What must not matter: the order of units that have nothing to do with each other, and where requests end.

use std::collections::BTreeMap;
use std::sync::Arc;

use ledger::engine::{Engine, KnownIds};
use ledger::{Account, Position, Request, Transfer, TransferId, TransferStatus};
use proptest::prelude::*;

use crate::build::{START, account, end, linked, reserve, transfer};
use crate::harness::{Division, PARTITIONS, cases};

/// Groups of three accounts; units of different groups have nothing to do with each other.
const GROUPS: u64 = 6;

/// A unit of a group: single transfers, chains, holds with their ends.
fn unit() -> impl Strategy<Value = (u64, u8, u64)> {
    (0..GROUPS, 0_u8..6, 1_u64..40)
}

fn legs((group, kind, amount): (u64, u8, u64), number: u64) -> Vec<Transfer> {
    let [a, b, c] = [3 * group, 3 * group + 1, 3 * group + 2];
    let next = |leg: u64| 10 * number + leg;
    match kind {
        0 => vec![transfer(next(0), a, b, amount)],
        1 => vec![transfer(next(0), b, c, amount)],
        2 => vec![transfer(next(0), c, a, amount)],
        3 => vec![linked(transfer(next(0), a, b, amount)), transfer(next(1), b, c, amount + 3)],
        4 => vec![linked(reserve(next(0), b, a, amount)), end(next(1), next(0), Some(amount / 2 + 1))],
        _ => vec![reserve(next(0), c, b, amount)],
    }
}

/// What does not depend on places: balances, and what each transfer was answered.
type Seen = (Vec<Account>, BTreeMap<TransferId, (TransferStatus, u64)>);

fn run(requests: Vec<Vec<Transfer>>, division: Division) -> Seen {
    let mut engine = division.engine(2);
    (0..3 * GROUPS).for_each(|number| engine.load_account(&account(number, 30)));
    let ids: Vec<_> = requests.iter().flatten().map(|transfer| transfer.id).collect();
    let requests: Arc<[Request]> = requests.into_iter().map(Request::Transfers).collect();
    let outcome = engine.execute(START, &requests, &KnownIds::none()).unwrap();
    let amount = |reply: &ledger::TransferReply| reply.recorded.map_or(0, |recorded| recorded.outcome.amount);
    let answers = outcome.transfer_replies().map(|reply| (reply.status, amount(&reply)));
    (balances(&engine), ids.into_iter().zip(answers).collect())
}

fn balances(engine: &Engine) -> Vec<Account> {
    engine.accounts().map(|account| Account { last_position: Position::NONE, ..account }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(300), ..ProptestConfig::default() })]

    #[test]
    fn units_that_share_no_account_may_change_places(
        units in prop::collection::vec(unit(), 1..40),
        order in prop::collection::vec(any::<u16>(), 40),
        partitions in prop::sample::select(&PARTITIONS[..]),
    ) {
        let numbered: Vec<_> = (0..).zip(&units).map(|(number, unit)| (unit.0, legs(*unit, number))).collect();
        // The groups are mixed anew; within a group the order stays.
        let mut mixed: Vec<_> = numbered.iter().zip(&order).collect();
        let rank = |group: u64| order[usize::try_from(group).unwrap()];
        mixed.sort_by_key(|((group, _), _)| rank(*group));
        let division = Division::partitioned(partitions, 1, 4);
        let straight = run(vec![numbered.iter().flat_map(|(_, legs)| legs.clone()).collect()], division);
        let other = run(vec![mixed.iter().flat_map(|((_, legs), _)| legs.clone()).collect()], division);
        prop_assert_eq!(straight, other);
    }

    #[test]
    fn requests_may_end_between_any_units(
        units in prop::collection::vec(unit(), 1..40),
        partitions in prop::sample::select(&PARTITIONS[..]),
    ) {
        let numbered: Vec<_> = (0..).zip(&units).map(|(number, unit)| legs(*unit, number)).collect();
        let division = Division::partitioned(partitions, 1, 4);
        prop_assert_eq!(run(vec![numbered.concat()], division), run(numbered, division));
    }
}
