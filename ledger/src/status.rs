//! The status of a transfer: 0, or why it was refused.
//!
//! Where several apply the lowest number is given. Static codes and those of a known id leave no trace; a
//! refusal that depends on the state uses up the id and is its outcome for ever.

use crate::status_table::status_table;

status_table! {
    /// What became of a transfer.
    TransferStatus {
        /// Executed.
        Accepted = 0 "accepted",

        /// The request ends before the chain does. On the last leg.
        ChainOpen = 1 "chain_open",
        /// The chain has too many legs. On the first leg too many.
        ChainTooLong = 2 "chain_too_long",
        /// Two legs of the chain have one id. On the second of them.
        ChainRepeatsId = 3 "chain_repeats_id",
        /// Another leg of the chain failed and carries the reason.
        LinkedTransferFailed = 4 "linked_transfer_failed",

        /// A reserved byte is not zero.
        ReservedNotZero = 10 "reserved_not_zero",
        /// A flag has no meaning.
        FlagsUnknown = 11 "flags_unknown",
        /// Two flags exclude each other, or a refund names no allowance.
        FlagsConflict = 12 "flags_conflict",
        /// The id is neither version 7 nor version 8.
        IdInvalid = 13 "id_invalid",
        /// The payer's id is neither version 7 nor version 8.
        DebitAccountIdInvalid = 16 "debit_account_id_invalid",
        /// The payee's id is neither version 7 nor version 8.
        CreditAccountIdInvalid = 17 "credit_account_id_invalid",
        /// Payer and payee are one account.
        AccountsEqual = 18 "accounts_equal",
        /// There is no such asset.
        AssetUnknown = 19 "asset_unknown",
        /// The code is zero.
        CodeZero = 20 "code_zero",
        /// The amount is zero or above the largest; of a void, not zero.
        AmountOutOfRange = 21 "amount_out_of_range",
        /// The timeout of a pending transfer is too short or too long.
        TimeoutOutOfRange = 22 "timeout_out_of_range",
        /// A transfer that is not pending has a timeout.
        TimeoutNotAllowed = 23 "timeout_not_allowed",
        /// A post or void names no pending transfer.
        PendingIdMissing = 24 "pending_id_missing",
        /// A transfer that is no post and no void names a pending transfer.
        PendingIdNotAllowed = 25 "pending_id_not_allowed",
        /// A post or void carries an asset or a code.
        FieldNotAllowed = 26 "field_not_allowed",
        /// A post or void names an allowance.
        AllowanceNotAllowed = 27 "allowance_not_allowed",

        /// The same transfer has its outcome already, which comes with the reply.
        Exists = 30 "exists",
        /// The id is known with other flags.
        ExistsWithDifferentFlags = 31 "exists_with_different_flags",
        /// The id is known with another pending id.
        ExistsWithDifferentPendingId = 32 "exists_with_different_pending_id",
        /// The id is known with another timeout.
        ExistsWithDifferentTimeout = 33 "exists_with_different_timeout",
        /// The id is known with another payer.
        ExistsWithDifferentDebitAccount = 34 "exists_with_different_debit_account",
        /// The id is known with another payee.
        ExistsWithDifferentCreditAccount = 35 "exists_with_different_credit_account",
        /// The id is known with another amount.
        ExistsWithDifferentAmount = 36 "exists_with_different_amount",
        /// The id is known with another asset.
        ExistsWithDifferentAsset = 37 "exists_with_different_asset",
        /// The id is known with another code.
        ExistsWithDifferentCode = 38 "exists_with_different_code",
        /// The id is known with another allowance.
        ExistsWithDifferentAllowance = 39 "exists_with_different_allowance",
        /// The id is known with another reference.
        ExistsWithDifferentReference = 40 "exists_with_different_reference",

        /// The id is not known, and was made too long ago to be new.
        IdTooOld = 41 "id_too_old",
        /// The id is not known, and was made too far ahead of the ledger's time.
        IdInFuture = 42 "id_in_future",

        /// There is no such payer.
        DebitAccountNotFound = 50 "debit_account_not_found",
        /// There is no such payee.
        CreditAccountNotFound = 51 "credit_account_not_found",
        /// An account holds another asset.
        AccountAssetDiffers = 52 "account_asset_differs",

        /// No transfer is known under the pending id.
        PendingNotFound = 55 "pending_not_found",
        /// The transfer under the pending id reserved nothing: it was not pending, or was refused.
        PendingNotPending = 56 "pending_not_pending",
        /// The payer is not that of the pending transfer.
        PendingDebitAccountDiffers = 57 "pending_debit_account_differs",
        /// The payee is not that of the pending transfer.
        PendingCreditAccountDiffers = 58 "pending_credit_account_differs",
        /// The pending transfer has been posted.
        PendingAlreadyPosted = 59 "pending_already_posted",
        /// The pending transfer has been voided.
        PendingAlreadyVoided = 60 "pending_already_voided",
        /// The pending transfer is past its end.
        PendingAlreadyExpired = 61 "pending_already_expired",
        /// The amount is above what is reserved.
        PostExceedsPending = 62 "post_exceeds_pending",

        /// The payer is closed.
        DebitAccountClosed = 65 "debit_account_closed",
        /// The payee is closed.
        CreditAccountClosed = 66 "credit_account_closed",
        /// The payer is frozen, and the payee is not a system account.
        DebitAccountFrozen = 67 "debit_account_frozen",
        /// The ledger is frozen, and neither account is a system account.
        LedgerFrozen = 68 "ledger_frozen",

        /// The payer pays only under an allowance.
        AllowanceRequired = 70 "allowance_required",
        /// There is no such allowance.
        AllowanceNotFound = 71 "allowance_not_found",
        /// The allowance is not the payer's; in a refund, not the payee's.
        AllowanceOfOtherAccount = 72 "allowance_of_other_account",
        /// The allowance or one above it is revoked.
        AllowanceRevoked = 73 "allowance_revoked",
        /// The allowance or one above it has not begun or has ended.
        AllowanceNotInForce = 74 "allowance_not_in_force",
        /// The amount is above the largest payment of the allowance or one above it.
        AllowancePaymentExceeded = 75 "allowance_payment_exceeded",
        /// The amount does not fit a window of the allowance or one above it.
        AllowanceAmountExceeded = 76 "allowance_amount_exceeded",
        /// A window of the allowance or one above it holds no further payment.
        AllowanceCountExceeded = 77 "allowance_count_exceeded",
        /// The allowance or one above it is frozen.
        AllowanceFrozen = 78 "allowance_frozen",

        /// The payer has not that much.
        DebitsWouldExceedCredits = 80 "debits_would_exceed_credits",
        /// The payee may not be given that much.
        CreditsWouldExceedDebits = 81 "credits_would_exceed_debits",
        /// A total would not fit its field.
        TotalOverflow = 82 "total_overflow",
    }
}

/// What a status depends on, which says what it leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusClass {
    /// The transfer was executed.
    Success,
    /// The form of the chain, or another leg of it.
    Chain,
    /// The bytes and the entry's time.
    Static,
    /// The outcome that the id has already.
    KnownId,
    /// The state at the transfer's place in the order.
    State,
}

impl TransferStatus {
    /// What the status depends on.
    #[must_use]
    pub const fn class(self) -> StatusClass {
        match self.code() {
            0 => StatusClass::Success,
            1..=4 => StatusClass::Chain,
            10..=27 | 41..=42 => StatusClass::Static,
            30..=40 => StatusClass::KnownId,
            _ => StatusClass::State,
        }
    }

    /// Whether a unit that ends with this status uses up the ids of all its legs. A chain ends with the status of
    /// its first failing leg, never with [`Self::LinkedTransferFailed`].
    #[inline]
    #[must_use]
    pub const fn consumes_id(self) -> bool {
        matches!(self.class(), StatusClass::Success | StatusClass::State)
    }

    /// Whether the transfer was executed now.
    #[inline]
    #[must_use]
    pub const fn is_accepted(self) -> bool {
        matches!(self, Self::Accepted)
    }
}
