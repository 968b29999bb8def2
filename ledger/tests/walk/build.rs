//! Requests, said shortly.

use ledger::admin::{AdministrativeRequest, CreateAccount};
use ledger::{AccountFlags, AccountId, Asset, Request, Transfer, TransferFlags, TransferId, id};

/// When the first entry is executed.
pub(crate) const START: u64 = 1_772_323_000_000_000;

/// Account 0 is the system's, and the others may not owe.
pub(crate) fn account_id(number: u64) -> AccountId {
    AccountId(id::derived("walk test: accounts", &[&number.to_le_bytes()]))
}

pub(crate) fn transfer_id(number: u64) -> TransferId {
    TransferId(id::derived("walk test: transfers", &[&number.to_le_bytes()]))
}

pub(crate) fn create(number: u64) -> Request {
    let limited = AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS;
    Request::Administrative(AdministrativeRequest::CreateAccount(CreateAccount {
        id: account_id(number),
        reference: [0; 16],
        asset: Asset::USDB,
        code: 1,
        flags: if number == 0 { AccountFlags::SYSTEM } else { limited },
    }))
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
