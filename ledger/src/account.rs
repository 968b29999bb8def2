//! An account: the four totals of one holder in one asset.
//!
//! Totals are unsigned and only their differences are balances. Amounts are minor units of the asset, times are
//! microseconds UTC. Invariant: the sum of both debit totals fits `u128`, and so does that of both credit totals.
//!
//! ```text
//!   0  id                16
//!  16  debits_pending    16
//!  32  debits_posted     16
//!  48  credits_pending   16
//!  64  credits_posted    16
//!  80  reference         16   opaque
//!  96  last_position      8   newest statement entry
//! 104  timestamp          8   of the entry that created it
//! 112  asset              2
//! 114  code               2
//! 116  flags              2
//! 118  reserved          10   zero
//! ```

use crate::account_flags::AccountFlags;
use crate::asset::Asset;
use crate::id::AccountId;
use crate::position::Position;
use crate::record::{field, is_zero, put};

/// The length of an account's record.
pub const ACCOUNT_BYTES: usize = 128;

/// The holder of one asset's balances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Debits reserved by pending transfers.
    pub debits_pending: u128,
    /// Debits that are final.
    pub debits_posted: u128,
    /// Credits reserved by pending transfers: not spendable.
    pub credits_pending: u128,
    /// Credits that are final.
    pub credits_posted: u128,
    /// What its creator wants to find it by; the ledger never reads it.
    pub reference: [u8; 16],
    /// Its newest statement entry: an accepted transfer from or to it, or the expiry of one.
    pub last_position: Position,
    /// When it was created.
    pub timestamp: u64,
    /// What its totals count.
    pub asset: Asset,
    /// What it is for, as its creator numbers it.
    pub code: u16,
    /// What it may do.
    pub flags: AccountFlags,
}

impl Account {
    /// Whether a flag is set.
    #[inline]
    #[must_use]
    pub const fn is(&self, flag: AccountFlags) -> bool {
        self.flags.contains(flag)
    }

    /// How much more may be debited: `None` if debits have no limit. What is negative refuses every debit.
    #[inline]
    #[must_use]
    pub fn debit_headroom(&self) -> Option<u128> {
        let limited = self.is(AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS);
        let taken = || self.debits_posted.saturating_add(self.debits_pending);
        limited.then(|| self.credits_posted.saturating_sub(taken()))
    }

    /// How much more may be credited: `None` if credits have no limit.
    #[inline]
    #[must_use]
    pub fn credit_headroom(&self) -> Option<u128> {
        let limited = self.is(AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS);
        let taken = || self.credits_posted.saturating_add(self.credits_pending);
        limited.then(|| self.debits_posted.saturating_sub(taken()))
    }

    /// Whether a pending transfer from or to it is open.
    #[must_use]
    pub const fn has_pending(&self) -> bool {
        self.debits_pending != 0 || self.credits_pending != 0
    }

    /// Reads a record; `None` if a reserved byte is not zero or a flag has no meaning.
    #[must_use]
    pub fn decode(record: &[u8; ACCOUNT_BYTES]) -> Option<Self> {
        let account = Self {
            id: AccountId(u128::from_le_bytes(field::<0, 16, _>(record))),
            debits_pending: u128::from_le_bytes(field::<16, 16, _>(record)),
            debits_posted: u128::from_le_bytes(field::<32, 16, _>(record)),
            credits_pending: u128::from_le_bytes(field::<48, 16, _>(record)),
            credits_posted: u128::from_le_bytes(field::<64, 16, _>(record)),
            reference: field::<80, 16, _>(record),
            last_position: Position::from_bits(u64::from_le_bytes(field::<96, 8, _>(record))),
            timestamp: u64::from_le_bytes(field::<104, 8, _>(record)),
            asset: Asset::from_number(u16::from_le_bytes(field::<112, 2, _>(record))),
            code: u16::from_le_bytes(field::<114, 2, _>(record)),
            flags: AccountFlags::from_bits(u16::from_le_bytes(field::<116, 2, _>(record))),
        };
        let well_formed = is_zero(&field::<118, 10, _>(record)) && !account.flags.has_unknown();
        well_formed.then_some(account)
    }

    /// Writes the record.
    #[must_use]
    pub fn encode(&self) -> [u8; ACCOUNT_BYTES] {
        let mut record = [0; ACCOUNT_BYTES];
        put::<0, 16, _>(&mut record, self.id.0.to_le_bytes());
        put::<16, 16, _>(&mut record, self.debits_pending.to_le_bytes());
        put::<32, 16, _>(&mut record, self.debits_posted.to_le_bytes());
        put::<48, 16, _>(&mut record, self.credits_pending.to_le_bytes());
        put::<64, 16, _>(&mut record, self.credits_posted.to_le_bytes());
        put::<80, 16, _>(&mut record, self.reference);
        put::<96, 8, _>(&mut record, self.last_position.bits().to_le_bytes());
        put::<104, 8, _>(&mut record, self.timestamp.to_le_bytes());
        put::<112, 2, _>(&mut record, self.asset.number().to_le_bytes());
        put::<114, 2, _>(&mut record, self.code.to_le_bytes());
        put::<116, 2, _>(&mut record, self.flags.bits().to_le_bytes());
        record
    }
}
