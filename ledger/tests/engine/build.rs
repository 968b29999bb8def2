//! Accounts and transfers, said shortly.

use std::sync::Arc;

use ledger::engine::{Engine, EntryOutcome, KnownIds};
use ledger::model::Model;
use ledger::{
    Account, AccountFlags, AccountId, Asset, Position, Request, Transfer, TransferFlags, TransferId,
    TransferStatus, id,
};

/// When the first entry is executed.
pub(crate) const START: u64 = 1_772_323_000_000_000;

pub(crate) fn account_id(number: u64) -> AccountId {
    AccountId(id::derived("engine test: accounts", &[&number.to_le_bytes()]))
}

pub(crate) fn transfer_id(number: u64) -> TransferId {
    TransferId(id::derived("engine test: transfers", &[&number.to_le_bytes()]))
}

/// An account that may not owe, with this much.
pub(crate) fn account(number: u64, credits: u128) -> Account {
    Account {
        id: account_id(number),
        debits_pending: 0,
        debits_posted: 0,
        credits_pending: 0,
        credits_posted: credits,
        reference: [0; 16],
        last_position: Position::NONE,
        timestamp: 1,
        asset: Asset::USDB,
        code: 1,
        flags: AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS,
    }
}

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

pub(crate) fn reserve(number: u64, debit: u64, credit: u64, amount: u64) -> Transfer {
    let flags = TransferFlags::PENDING;
    Transfer { flags, timeout_seconds: 60, ..transfer(number, debit, credit, amount) }
}

/// A post of this amount, or a void if there is none.
pub(crate) fn end(number: u64, pending: u64, amount: Option<u64>) -> Transfer {
    let flags = if amount.is_some() { TransferFlags::POST } else { TransferFlags::VOID };
    let (id, pending_id) = (transfer_id(number), transfer_id(pending));
    Transfer { id, pending_id, flags, amount: amount.unwrap_or(0), ..Transfer::default() }
}

pub(crate) fn linked(transfer: Transfer) -> Transfer {
    Transfer { flags: transfer.flags.with(TransferFlags::LINKED), ..transfer }
}

/// One request.
pub(crate) fn batch(transfers: Vec<Transfer>) -> Arc<[Request]> {
    Arc::from([Request::Transfers(transfers)])
}

/// Executes one request of transfers whose ids are new.
pub(crate) fn execute(engine: &mut Engine, timestamp: u64, transfers: Vec<Transfer>) -> EntryOutcome {
    engine.execute(timestamp, &batch(transfers), &KnownIds::none()).unwrap()
}

pub(crate) fn statuses(outcome: &EntryOutcome) -> Vec<TransferStatus> {
    outcome.transfer_replies().map(|reply| reply.status).collect()
}

/// Puts the same accounts into both.
pub(crate) fn load(engine: &mut Engine, model: &mut Model, accounts: &[Account]) {
    for account in accounts {
        engine.load_account(account);
        model.load_account(*account);
    }
}
