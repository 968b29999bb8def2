//! What a transfer asks for.

use crate::flag_set::flag_set;

flag_set! {
    /// Flags of a transfer. `PENDING`, `POST`, `VOID` and `RESTORE_ALLOWANCE` exclude each other.
    TransferFlags {
        /// Succeeds or fails together with the next one.
        LINKED = 0,
        /// Reserves the amount until it is posted, voided or expires.
        PENDING = 1,
        /// Moves all or a part of what a pending transfer reserved.
        POST = 2,
        /// Releases what a pending transfer reserved.
        VOID = 3,
        /// A refund: gives the amount back to the payee's allowance.
        RESTORE_ALLOWANCE = 4,
    }
}

impl TransferFlags {
    /// The flags that exclude each other: each says what kind of transfer it is.
    pub const KINDS: Self = Self::PENDING.with(Self::POST).with(Self::VOID).with(Self::RESTORE_ALLOWANCE);

    /// The flags that end a pending transfer.
    pub const ENDS: Self = Self::POST.with(Self::VOID);
}
