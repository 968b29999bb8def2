//! Short ways to say accounts, transfers, allowances and requests.

use ledger::admin::{
    AccountChange, AdministrativeRequest, AllowanceSwitch, ChangeAccount, CreateAccount, CreateAllowance,
    LedgerChange, SwitchAllowance,
};
use ledger::allowance::{Allowance, AllowanceTerms, Measure, Stretch, Window, WindowFlags};
use ledger::limits::{AMOUNT_MAX, SECOND_MICROS};
use ledger::model::Model;
use ledger::{
    Account, AccountFlags, AccountId, AllowanceId, Asset, Reply, Request, Transfer, TransferFlags,
    TransferId, TransferReply, TransferStatus as Status, id,
};

/// The time at which tests begin, in milliseconds.
pub(crate) const START_MILLIS: u64 = 1_770_000_000_000;

/// The time at which tests begin.
pub(crate) const START: u64 = START_MILLIS * 1_000;

/// A number of seconds after the beginning.
pub(crate) const fn after(seconds: u64) -> u64 {
    START + seconds * SECOND_MICROS
}

/// The account with this number.
pub(crate) fn account_id(number: u64) -> AccountId {
    AccountId(id::derived("ledger tests: accounts", &[&number.to_le_bytes()]))
}

/// The allowance with this number.
pub(crate) fn allowance_id(number: u64) -> AllowanceId {
    AllowanceId(id::derived("ledger tests: allowances", &[&number.to_le_bytes()]))
}

/// The transfer with this number, made by a client at the beginning.
pub(crate) fn transfer_id(number: u64) -> TransferId {
    TransferId(id::timed(START_MILLIS, number.into()))
}

/// An account with these flags and nothing on it.
pub(crate) fn account(number: u64, flags: AccountFlags) -> Account {
    create_account(number, flags).account(START)
}

/// A request to create an account with these flags.
pub(crate) fn create_account(number: u64, flags: AccountFlags) -> CreateAccount {
    CreateAccount { id: account_id(number), reference: [0; 16], asset: Asset::USDB, code: 1, flags }
}

/// A transfer between two accounts, with an id of its own.
pub(crate) fn transfer(number: u64, debit: u64, credit: u64, amount: u64) -> Transfer {
    Transfer {
        id: transfer_id(number),
        debit_account: account_id(debit),
        credit_account: account_id(credit),
        amount,
        asset: Asset::USDB,
        code: 1,
        ..Transfer::default()
    }
}

/// The terms of an allowance of an account that allows everything always.
pub(crate) fn terms(number: u64, owner: u64) -> AllowanceTerms {
    AllowanceTerms {
        id: allowance_id(number),
        account: account_id(owner),
        parent: AllowanceId::NONE,
        asset: Asset::USDB,
        starts_at: 0,
        ends_at: u64::MAX,
        payment_max: AMOUNT_MAX,
        utc_offset_seconds: 0,
        windows: Vec::new(),
    }
}

/// A window of amounts with the default restore rules.
pub(crate) fn amounts(stretch: Stretch, cap: u64) -> Window {
    Window { stretch, measure: Measure::Amount, cap, flags: WindowFlags::AMOUNT_DEFAULT }
}

/// A window of counts with the default restore rules.
pub(crate) fn counts(stretch: Stretch, cap: u64) -> Window {
    Window { stretch, measure: Measure::Count, cap, flags: WindowFlags::COUNT_DEFAULT }
}

/// A request to create an allowance.
pub(crate) fn create_allowance(terms: AllowanceTerms) -> Request {
    Request::Administrative(AdministrativeRequest::CreateAllowance(CreateAllowance { terms }))
}

/// A request to switch an allowance.
pub(crate) fn switch_allowance(number: u64, switch: AllowanceSwitch) -> Request {
    let request = SwitchAllowance { allowance: allowance_id(number), switch };
    Request::Administrative(AdministrativeRequest::SwitchAllowance(request))
}

/// Executes transfers as one request and one entry.
pub(crate) fn submit(model: &mut Model, timestamp: u64, transfers: &[Transfer]) -> Vec<TransferReply> {
    let result = model.execute(timestamp, &[Request::Transfers(transfers.to_vec())]).unwrap();
    let [Reply::Transfers(replies)] = result.replies.as_slice() else {
        panic!("one request has one reply of its kind: {result:?}");
    };
    replies.clone()
}

/// Executes an administrative request that must be accepted.
pub(crate) fn administer(model: &mut Model, timestamp: u64, request: Request) {
    let result = model.execute(timestamp, std::slice::from_ref(&request)).unwrap();
    let accepted =
        matches!(result.replies.as_slice(), [Reply::Administrative(status)] if status.is_accepted());
    assert!(accepted, "{request:?} was answered {result:?}");
}

pub(crate) const LIMITED: AccountFlags = AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS;

/// System account 0, and accounts 1 to 4 with 100 each.
pub(crate) fn ledger() -> Model {
    let mut model = Model::new();
    model.load_account(Account { debits_posted: 400, ..account(0, AccountFlags::SYSTEM) });
    (1..=4)
        .for_each(|number| model.load_account(Account { credits_posted: 100, ..account(number, LIMITED) }));
    model
}

pub(crate) fn linked(transfer: Transfer) -> Transfer {
    Transfer { flags: transfer.flags.with(TransferFlags::LINKED), ..transfer }
}

pub(crate) fn reserve(number: u64, debit: u64, credit: u64, amount: u64) -> Transfer {
    Transfer { flags: TransferFlags::PENDING, timeout_seconds: 60, ..transfer(number, debit, credit, amount) }
}

pub(crate) fn post(number: u64, pending: u64, amount: u64) -> Transfer {
    let (id, pending_id) = (transfer_id(number), transfer_id(pending));
    Transfer { id, pending_id, amount, flags: TransferFlags::POST, ..Transfer::default() }
}

pub(crate) fn void(number: u64, pending: u64) -> Transfer {
    Transfer { flags: TransferFlags::VOID, ..post(number, pending, 0) }
}

pub(crate) fn statuses(replies: &[TransferReply]) -> Vec<Status> {
    replies.iter().map(|reply| reply.status).collect()
}

/// Debits pending and posted, credits pending and posted.
pub(crate) fn totals(model: &Model, number: u64) -> [u128; 4] {
    let account = model.account(account_id(number)).unwrap();
    [account.debits_pending, account.debits_posted, account.credits_pending, account.credits_posted]
}

pub(crate) fn change_account(number: u64, change: AccountChange) -> Request {
    let request = ChangeAccount { account: account_id(number), change };
    Request::Administrative(AdministrativeRequest::ChangeAccount(request))
}

pub(crate) fn change_ledger(change: LedgerChange) -> Request {
    Request::Administrative(AdministrativeRequest::ChangeLedger(change))
}

/// An allowance with one window, as if created at the beginning.
pub(crate) fn with_window(window: Window) -> Allowance {
    Allowance::new(AllowanceTerms { windows: vec![window], ..terms(1, 1) }, START)
}

pub(crate) fn used(allowance: &Allowance, timestamp: u64) -> i128 {
    allowance.explain(timestamp).next().unwrap().used
}
