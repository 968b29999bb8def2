//! What can be said about a transfer from its own bytes, its id's known outcome and the entry's time.
//!
//! Nothing here looks at accounts. The checks stand in the order of their codes, so the first that fails is the
//! lowest. A transfer refused here leaves no trace: its id is not used up.

use crate::id::{self, IdAge};
use crate::limits::{AMOUNT_MAX, AMOUNT_WHOLE, TIMEOUT_SECONDS_MAX, TIMEOUT_SECONDS_MIN};
use crate::record::is_zero;
use crate::status::TransferStatus as Status;
use crate::transfer::Transfer;
use crate::transfer_flags::TransferFlags;
use crate::{Asset, TransferId};

/// What is wrong with a transfer by its bytes alone; `None` if nothing is.
#[must_use]
pub fn check_static(transfer: &Transfer) -> Option<Status> {
    check_form(transfer).or_else(|| {
        if transfer.ends_pending() { check_end_of_pending(transfer) } else { check_movement(transfer) }
    })
}

/// Whether an id that is not known may be new in an entry of this time; `None` if it may.
#[inline]
#[must_use]
pub fn check_age(id: TransferId, timestamp: u64) -> Option<Status> {
    match id::age(id.0, timestamp) {
        IdAge::Acceptable => None,
        IdAge::TooOld => Some(Status::IdTooOld),
        IdAge::InFuture => Some(Status::IdInFuture),
    }
}

/// What a transfer is answered whose id is known from `known`: `exists`, or the first field that differs.
#[must_use]
pub fn compare_known(transfer: &Transfer, known: &Transfer) -> Status {
    if transfer.flags != known.flags {
        Status::ExistsWithDifferentFlags
    } else if transfer.pending_id != known.pending_id {
        Status::ExistsWithDifferentPendingId
    } else if transfer.timeout_seconds != known.timeout_seconds {
        Status::ExistsWithDifferentTimeout
    } else if transfer.debit_account != known.debit_account {
        Status::ExistsWithDifferentDebitAccount
    } else if transfer.credit_account != known.credit_account {
        Status::ExistsWithDifferentCreditAccount
    } else if transfer.amount != known.amount {
        Status::ExistsWithDifferentAmount
    } else if transfer.asset != known.asset {
        Status::ExistsWithDifferentAsset
    } else if transfer.code != known.code {
        Status::ExistsWithDifferentCode
    } else if transfer.allowance_id != known.allowance_id {
        Status::ExistsWithDifferentAllowance
    } else if transfer.reference != known.reference {
        Status::ExistsWithDifferentReference
    } else {
        Status::Exists
    }
}

/// Codes 10 to 13: what does not depend on the kind of transfer.
fn check_form(transfer: &Transfer) -> Option<Status> {
    if !is_zero(&transfer.reserved) {
        return Some(Status::ReservedNotZero);
    }
    if transfer.flags.has_unknown() {
        return Some(Status::FlagsUnknown);
    }
    if flags_conflict(transfer) {
        return Some(Status::FlagsConflict);
    }
    (!transfer.id.is_valid()).then_some(Status::IdInvalid)
}

/// A transfer is of one kind at most. A refund says whose allowance gets the amount back.
fn flags_conflict(transfer: &Transfer) -> bool {
    transfer.flags.intersection(TransferFlags::KINDS).count() > 1
        || (transfer.is(TransferFlags::RESTORE_ALLOWANCE) && transfer.allowance_id.is_none())
}

/// Codes 16 to 27 of a transfer that moves or reserves.
fn check_movement(transfer: &Transfer) -> Option<Status> {
    if !transfer.debit_account.is_valid() {
        return Some(Status::DebitAccountIdInvalid);
    }
    if !transfer.credit_account.is_valid() {
        return Some(Status::CreditAccountIdInvalid);
    }
    if transfer.debit_account == transfer.credit_account {
        return Some(Status::AccountsEqual);
    }
    if !transfer.asset.is_known() {
        return Some(Status::AssetUnknown);
    }
    if transfer.code == 0 {
        return Some(Status::CodeZero);
    }
    if transfer.amount == 0 || transfer.amount > AMOUNT_MAX {
        return Some(Status::AmountOutOfRange);
    }
    if let Some(status) = check_timeout(transfer) {
        return Some(status);
    }
    (!transfer.pending_id.is_none()).then_some(Status::PendingIdNotAllowed)
}

/// Codes 22 and 23.
fn check_timeout(transfer: &Transfer) -> Option<Status> {
    if transfer.is(TransferFlags::PENDING) {
        let in_range = (TIMEOUT_SECONDS_MIN..=TIMEOUT_SECONDS_MAX).contains(&transfer.timeout_seconds);
        return (!in_range).then_some(Status::TimeoutOutOfRange);
    }
    (transfer.timeout_seconds != 0).then_some(Status::TimeoutNotAllowed)
}

/// Codes 16 to 27 of a post or void, which take accounts, asset, code and allowance from the pending transfer.
fn check_end_of_pending(transfer: &Transfer) -> Option<Status> {
    if !transfer.debit_account.is_none() && !transfer.debit_account.is_valid() {
        return Some(Status::DebitAccountIdInvalid);
    }
    if !transfer.credit_account.is_none() && !transfer.credit_account.is_valid() {
        return Some(Status::CreditAccountIdInvalid);
    }
    if !transfer.debit_account.is_none() && transfer.debit_account == transfer.credit_account {
        return Some(Status::AccountsEqual);
    }
    if !end_amount_in_range(transfer) {
        return Some(Status::AmountOutOfRange);
    }
    if transfer.timeout_seconds != 0 {
        return Some(Status::TimeoutNotAllowed);
    }
    if transfer.pending_id.is_none() {
        return Some(Status::PendingIdMissing);
    }
    if transfer.asset != Asset::NONE || transfer.code != 0 {
        return Some(Status::FieldNotAllowed);
    }
    (!transfer.allowance_id.is_none()).then_some(Status::AllowanceNotAllowed)
}

/// A post says how much or all, a void says nothing.
fn end_amount_in_range(transfer: &Transfer) -> bool {
    if transfer.is(TransferFlags::VOID) {
        return transfer.amount == 0;
    }
    (1..=AMOUNT_MAX).contains(&transfer.amount) || transfer.amount == AMOUNT_WHOLE
}
