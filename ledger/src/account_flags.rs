//! What an account may do.

use crate::flag_set::flag_set;

flag_set! {
    /// Flags of an account. Exactly one of the two limits and `SYSTEM` is set; `FROZEN` and `CLOSED` change by
    /// administrative requests, the others never.
    AccountFlags {
        /// Debits, posted and pending, stay at or below posted credits: an account that may not owe.
        DEBITS_MUST_NOT_EXCEED_CREDITS = 0,
        /// Credits, posted and pending, stay at or below posted debits: an account that may not be owed.
        CREDITS_MUST_NOT_EXCEED_DEBITS = 1,
        /// No debit without an allowance, whoever asks.
        DEBITS_NEED_ALLOWANCE = 2,
        /// An account of the protocol itself, without a limit; the list of these is published.
        SYSTEM = 3,
        /// No debit and no post, except to a system account, so that repaying always works.
        FROZEN = 4,
        /// Nothing at all.
        CLOSED = 5,
    }
}

impl AccountFlags {
    /// What says how far an account may go: one of them is set, never two.
    pub const KINDS: Self =
        Self::DEBITS_MUST_NOT_EXCEED_CREDITS.with(Self::CREDITS_MUST_NOT_EXCEED_DEBITS).with(Self::SYSTEM);

    /// What an account is created without.
    pub const STATES: Self = Self::FROZEN.with(Self::CLOSED);
}
