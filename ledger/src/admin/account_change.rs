//! Freezing, unfreezing, closing and reopening an account.

use crate::account::Account;
use crate::account_flags::AccountFlags;
use crate::id::AccountId;
use crate::status_table::status_table;

status_table! {
    /// What became of a request to change an account.
    AccountChangeStatus {
        /// Changed.
        Accepted = 0 "accepted",
        /// The account was so already.
        Unchanged = 30 "unchanged",
        /// There is no such account.
        AccountNotFound = 50 "account_not_found",
        /// A pending transfer from or to the account is open, so it cannot be closed.
        AccountHasPending = 53 "account_has_pending",
    }
}

/// What is done to the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountChange {
    /// No debit and no post any more, except to system accounts.
    Freeze,
    /// Debits again.
    Unfreeze,
    /// Nothing any more.
    Close,
    /// Everything again.
    Reopen,
}

/// A request to change an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangeAccount {
    /// Which one.
    pub account: AccountId,
    /// What is done to it.
    pub change: AccountChange,
}

impl AccountChange {
    /// The flags of an account after the change, or why it is not made.
    pub fn flags_after(self, account: &Account) -> Result<AccountFlags, AccountChangeStatus> {
        let flags = match self {
            Self::Freeze => account.flags.with(AccountFlags::FROZEN),
            Self::Unfreeze => account.flags.without(AccountFlags::FROZEN),
            Self::Close => account.flags.with(AccountFlags::CLOSED),
            Self::Reopen => account.flags.without(AccountFlags::CLOSED),
        };
        if flags == account.flags {
            return Err(AccountChangeStatus::Unchanged);
        }
        if self == Self::Close && account.has_pending() {
            return Err(AccountChangeStatus::AccountHasPending);
        }
        Ok(flags)
    }
}
