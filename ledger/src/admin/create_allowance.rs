//! Creating an allowance.

use crate::account::Account;
use crate::account_flags::AccountFlags;
use crate::allowance::{AllowanceTerms, Window};
use crate::limits::{ALLOWANCE_WINDOWS_MAX, AMOUNT_MAX, UTC_OFFSET_SECONDS_MAX};
use crate::status_table::status_table;

status_table! {
    /// What became of a request to create an allowance. The lowest number is given.
    CreateAllowanceStatus {
        /// The allowance is there now.
        Accepted = 0 "accepted",
        /// The id is neither version 7 nor version 8.
        IdInvalid = 13 "id_invalid",
        /// More windows than an allowance can have.
        TooManyWindows = 14 "too_many_windows",
        /// A window has a length, cap or flag that it cannot have.
        WindowInvalid = 15 "window_invalid",
        /// The largest payment is above the largest amount.
        PaymentMaxOutOfRange = 21 "payment_max_out_of_range",
        /// It ends before it begins.
        TimesOutOfOrder = 22 "times_out_of_order",
        /// The offset from UTC is larger than any.
        UtcOffsetOutOfRange = 23 "utc_offset_out_of_range",
        /// The same allowance was created already.
        Exists = 30 "exists",
        /// The id is known with other terms.
        ExistsWithDifferentTerms = 31 "exists_with_different_terms",
        /// There is no such account.
        AccountNotFound = 50 "account_not_found",
        /// The account holds another asset.
        AccountAssetDiffers = 52 "account_asset_differs",
        /// The account is closed.
        AccountClosed = 65 "account_closed",
        /// There is no such allowance above it.
        ParentNotFound = 71 "parent_not_found",
        /// The allowance above it is that of another account.
        ParentOfOtherAccount = 72 "parent_of_other_account",
        /// The allowance above it is at the lowest level.
        ParentTooDeep = 73 "parent_too_deep",
    }
}

/// A request to create an allowance. Its id has no age rule: allowances are never forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateAllowance {
    /// What it will say.
    pub terms: AllowanceTerms,
}

impl CreateAllowance {
    /// What is wrong with the request by its bytes alone; `None` if nothing is.
    #[must_use]
    pub fn check_static(&self) -> Option<CreateAllowanceStatus> {
        use CreateAllowanceStatus as Status;
        let terms = &self.terms;
        if !terms.id.is_valid() {
            return Some(Status::IdInvalid);
        }
        if terms.windows.len() > ALLOWANCE_WINDOWS_MAX {
            return Some(Status::TooManyWindows);
        }
        if !terms.windows.iter().all(Window::is_valid) {
            return Some(Status::WindowInvalid);
        }
        if terms.payment_max > AMOUNT_MAX {
            return Some(Status::PaymentMaxOutOfRange);
        }
        if terms.starts_at >= terms.ends_at {
            return Some(Status::TimesOutOfOrder);
        }
        let offset_fits = terms.utc_offset_seconds.unsigned_abs() <= UTC_OFFSET_SECONDS_MAX.unsigned_abs();
        (!offset_fits).then_some(Status::UtcOffsetOutOfRange)
    }

    /// What is wrong with its account; `None` if nothing is.
    #[must_use]
    pub fn check_account(&self, account: Option<&Account>) -> Option<CreateAllowanceStatus> {
        use CreateAllowanceStatus as Status;
        let Some(account) = account else {
            return Some(Status::AccountNotFound);
        };
        if account.asset != self.terms.asset {
            return Some(Status::AccountAssetDiffers);
        }
        account.is(AccountFlags::CLOSED).then_some(Status::AccountClosed)
    }
}
