//! Where a random workload begins: accounts, allowances with every kind of window, and a little money.

use ledger::admin::{AdministrativeRequest, CreateAccount, CreateAllowance};
use ledger::allowance::{AllowanceTerms, Measure, Period, Stretch, Window, WindowFlags};
use ledger::limits::{AMOUNT_MAX, SECOND_MICROS};
use ledger::{AccountFlags, AccountId, AllowanceId, Asset, Request, Transfer, TransferId, id};

/// When the first entry is executed, in milliseconds: a few minutes before a midnight, UTC, and a new month.
pub(super) const START_MILLIS: u64 = 1_772_323_000_000;

/// Accounts that exist from the beginning.
pub(super) const ACCOUNTS: u8 = 8;
/// Allowances that exist from the beginning.
pub(super) const ALLOWANCES: u8 = 8;

/// The account with this number. Account 0 is the system's; 7 is not there at first.
pub(super) fn account_id(number: u8) -> AccountId {
    AccountId(id::derived("ledger workload: accounts", &[&[number]]))
}

/// The allowance with this number.
pub(super) fn allowance_id(number: u8) -> AllowanceId {
    AllowanceId(id::derived("ledger workload: allowances", &[&[number]]))
}

/// The accounts, the allowances, and some money on every account.
pub(super) fn opening() -> Vec<Request> {
    let accounts = (0..ACCOUNTS - 1).map(create_account);
    let allowances = (0..ALLOWANCES).map(create_allowance);
    let changes = accounts.chain(allowances).map(Request::Administrative);
    let fund = |(number, amount): (u8, u64)| Transfer {
        id: TransferId(id::derived("ledger workload: opening", &[&[number]])),
        debit_account: account_id(0),
        credit_account: account_id(number),
        amount,
        asset: Asset::USDB,
        code: 1,
        ..Transfer::default()
    };
    let funds = [(1, 400), (2, 200), (3, 100)].map(fund).to_vec();
    changes.chain([Request::Transfers(funds)]).collect()
}

/// 0 the system, 1 and 2 paying under allowances, 3 and 4 without, 5 that may not be owed, 6 of another asset.
pub(super) fn create_account(number: u8) -> AdministrativeRequest {
    let limited = AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS;
    let (asset, flags) = match number {
        0 => (Asset::USDB, AccountFlags::SYSTEM),
        1 | 2 => (Asset::USDB, limited.with(AccountFlags::DEBITS_NEED_ALLOWANCE)),
        5 => (Asset::USDB, AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS),
        6 => (Asset::BTC, AccountFlags::SYSTEM),
        7 => (Asset::BTC, limited),
        _ => (Asset::USDB, limited),
    };
    AdministrativeRequest::CreateAccount(CreateAccount {
        id: account_id(number),
        reference: [number; 16],
        asset,
        code: 1,
        flags,
    })
}

/// Which allowance of an account a payment names.
pub(super) fn own_allowance(owner: u8, which: u8) -> AllowanceId {
    let own: &[u8] = match owner {
        1 => &[0, 1, 2, 3],
        2 => &[4, 5],
        3 => &[6, 7],
        _ => &[],
    };
    let index = usize::from(which).checked_rem(own.len());
    index.and_then(|index| own.get(index)).map_or(AllowanceId::NONE, |number| allowance_id(*number))
}

/// Account 1 has four levels, 0 above 1 above 2 above 3; account 2 has two, 4 above 5; account 3 has 6 and 7.
pub(super) fn create_allowance(number: u8) -> AdministrativeRequest {
    let (account, parent) = match number {
        0 => (1, None),
        1..=3 => (1, Some(number - 1)),
        4 => (2, None),
        5 => (2, Some(4)),
        _ => (3, None),
    };
    let terms = AllowanceTerms {
        id: allowance_id(number),
        account: account_id(account),
        parent: parent.map_or(AllowanceId::NONE, allowance_id),
        asset: Asset::USDB,
        starts_at: 0,
        ends_at: if number == 7 { START_MILLIS * 1_000 + 500 * SECOND_MICROS } else { u64::MAX },
        payment_max: if number == 3 { 45 } else { AMOUNT_MAX },
        utc_offset_seconds: i32::from(number) * 1_800,
        windows: windows(number),
    };
    AdministrativeRequest::CreateAllowance(CreateAllowance { terms })
}

pub(super) fn windows(number: u8) -> Vec<Window> {
    let amounts = |stretch, cap, flags| Window { stretch, measure: Measure::Amount, cap, flags };
    let counts =
        |stretch, cap| Window { stretch, measure: Measure::Count, cap, flags: WindowFlags::COUNT_DEFAULT };
    let (usual, none) = (WindowFlags::AMOUNT_DEFAULT, WindowFlags::NONE);
    let refunds = usual.with(WindowFlags::REFUND_RESTORES);
    let every = |length_seconds| Stretch::Fixed(Period::Length { anchor: 5, length_seconds });
    let rolling = |length_seconds| Stretch::Rolling { length_seconds };
    match number {
        0 => vec![amounts(Stretch::Fixed(Period::Day), 900, usual), counts(Stretch::Total, 40)],
        1 => vec![amounts(rolling(3_600), 500, refunds)],
        2 => vec![amounts(every(60), 300, refunds), counts(rolling(600), 5)],
        3 => vec![amounts(Stretch::Total, 2_000, refunds), amounts(rolling(60), 90, usual)],
        4 => vec![
            amounts(Stretch::Fixed(Period::Week), 1_000, none),
            counts(Stretch::Fixed(Period::Month), 100),
        ],
        5 => vec![amounts(rolling(120), 150, refunds), counts(every(10), 2)],
        6 => vec![amounts(every(3), 70, WindowFlags::REFUND_RESTORES)],
        _ => vec![],
    }
}
