//! When a window gets back what was taken from it.

use crate::flag_set::flag_set;

flag_set! {
    /// The restore rules of a window. Counts are given back by void and expiry only.
    WindowFlags {
        /// A void gives back what its pending transfer took.
        RESTORE_ON_VOID = 0,
        /// An expiry gives back what its pending transfer took.
        RESTORE_ON_EXPIRE = 1,
        /// A post of a part gives back the rest.
        RESTORE_ON_PARTIAL_POST = 2,
        /// A refund gives back its amount.
        REFUND_RESTORES = 3,
    }
}

impl WindowFlags {
    /// What a window of amounts has unless its mandate says otherwise.
    pub const AMOUNT_DEFAULT: Self =
        Self::RESTORE_ON_VOID.with(Self::RESTORE_ON_EXPIRE).with(Self::RESTORE_ON_PARTIAL_POST);

    /// What a window of counts has unless its mandate says otherwise.
    pub const COUNT_DEFAULT: Self = Self::RESTORE_ON_VOID.with(Self::RESTORE_ON_EXPIRE);

    /// What would have no effect on a window of counts.
    pub const AMOUNT_ONLY: Self = Self::RESTORE_ON_PARTIAL_POST.with(Self::REFUND_RESTORES);
}
