//! Windows of allowances inside one batch: what is given back counts if its stretch of time still does.

use ledger::TransferStatus::{Accepted, AllowanceAmountExceeded};
use ledger::admin::{AdministrativeRequest, CreateAllowance};
use ledger::allowance::{AllowanceTerms, Measure, Period, Stretch, Window, WindowFlags};
use ledger::engine::{Engine, KnownIds};
use ledger::limits::{AMOUNT_MAX, SECOND_MICROS};
use ledger::{AllowanceId, Asset, Request, Transfer, id};

use crate::build::{START, account, account_id, end, execute, reserve, statuses, transfer};
use crate::harness::{Division, ROUNDS};

fn allowance_id() -> AllowanceId {
    AllowanceId(id::derived("engine test: allowances", &[b"one"]))
}

/// Account 1 with plenty, and an allowance of 10 over one stretch.
fn engine_with(stretch: Stretch, rounds_max: u32) -> Engine {
    let flags = WindowFlags::AMOUNT_DEFAULT;
    let terms = AllowanceTerms {
        id: allowance_id(),
        account: account_id(1),
        parent: AllowanceId::NONE,
        asset: Asset::USDB,
        starts_at: 0,
        ends_at: u64::MAX,
        payment_max: AMOUNT_MAX,
        utc_offset_seconds: 0,
        windows: vec![Window { stretch, measure: Measure::Amount, cap: 10, flags }],
    };
    let mut engine = Division::partitioned(3, 1, rounds_max).engine(4);
    [account(1, 1_000), account(2, 0)].iter().for_each(|one| engine.load_account(one));
    let create = Request::Administrative(AdministrativeRequest::CreateAllowance(CreateAllowance { terms }));
    let outcome = engine.execute(START, &[create].into(), &KnownIds::none()).unwrap();
    assert!(outcome.administrative[0].is_accepted());
    engine
}

fn under(transfer: Transfer) -> Transfer {
    Transfer { allowance_id: allowance_id(), ..transfer }
}

#[test]
fn a_void_gives_back_while_the_stretch_counts() {
    let fixed = Stretch::Fixed(Period::Length { anchor: START, length_seconds: 10 });
    // One slice is a second, and 61 of them count.
    let rolling = Stretch::Rolling { length_seconds: 60 };
    let cases = [
        (Stretch::Total, 50, true),
        (fixed, 0, true),
        (fixed, 9, true),
        (fixed, 10, false),
        (rolling, 0, true),
        (rolling, 60, true),
        (rolling, 61, false),
    ];
    for (stretch, seconds, counts) in cases {
        for rounds_max in ROUNDS {
            let mut engine = engine_with(stretch, rounds_max);
            let hold = Transfer { timeout_seconds: 1_000, ..under(reserve(1, 1, 2, 10)) };
            assert_eq!(statuses(&execute(&mut engine, START, vec![hold])), [Accepted]);
            let first = under(transfer(2, 1, 2, 10));
            let transfers = vec![first, end(3, 1, None), under(transfer(4, 1, 2, 10))];
            let outcome = execute(&mut engine, START + seconds * SECOND_MICROS, transfers);
            // While the hold counts the first does not fit and the second does; after that the first one does.
            let expected = if counts {
                [AllowanceAmountExceeded, Accepted, Accepted]
            } else {
                [Accepted, Accepted, AllowanceAmountExceeded]
            };
            assert_eq!(statuses(&outcome), expected, "{stretch:?} after {seconds} s, {rounds_max} rounds");
        }
    }
}
