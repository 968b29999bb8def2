//! What an account has that nothing judges and nothing changes. It lies apart, so that what transfers read and change
//! is one cache line for each account.

use crate::Account;

/// The rest of an account, without gaps.
#[derive(Debug, Clone, Copy)]
#[repr(C, packed)]
pub(super) struct AccountDetail {
    pub(super) reference: [u8; 16],
    pub(super) timestamp: u64,
    pub(super) code: u16,
}

impl AccountDetail {
    pub(super) const fn of(account: &Account) -> Self {
        Self { reference: account.reference, timestamp: account.timestamp, code: account.code }
    }
}

const _: () = assert!(size_of::<AccountDetail>() == 26);
