//! An open pending transfer: what it reserves, and until when.
//!
//! It ends exactly once: by a post, a void or its expiry. What it took from allowances lies in the windows of the
//! time it was accepted, so that time is all that has to be kept of them. Amounts are minor units, times
//! microseconds UTC.
//!
//! ```text
//!   0  id                16
//!  16  debit_account     16
//!  32  credit_account    16
//!  48  allowance_id      16   zero if there is none
//!  64  position           8
//!  72  amount             8
//!  80  timestamp          8
//!  88  expires_at         8
//! ```

use crate::id::{AccountId, AllowanceId, TransferId};
use crate::limits::{AMOUNT_WHOLE, SECOND_MICROS};
use crate::position::Position;
use crate::record::{field, put};
use crate::transfer::Transfer;

/// The length of a pending transfer's record.
pub const PENDING_BYTES: usize = 96;

/// A pending transfer that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    /// The id of the transfer that reserved.
    pub id: TransferId,
    /// Who pays.
    pub debit_account: AccountId,
    /// Who is paid.
    pub credit_account: AccountId,
    /// The allowance that was debited, with all above it.
    pub allowance_id: AllowanceId,
    /// Where the transfer stands.
    pub position: Position,
    /// What is reserved.
    pub amount: u64,
    /// When it was accepted.
    pub timestamp: u64,
    /// The first moment it can no longer be posted or voided.
    pub expires_at: u64,
}

/// How a pending transfer has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PendingEnd {
    /// All or a part was moved.
    Posted,
    /// Everything was released on request.
    Voided,
    /// Everything was released when its time was over.
    Expired,
}

impl Pending {
    /// What an accepted pending transfer reserves.
    #[must_use]
    pub fn of(transfer: &Transfer, position: Position, timestamp: u64) -> Self {
        let timeout = u64::from(transfer.timeout_seconds).saturating_mul(SECOND_MICROS);
        Self {
            id: transfer.id,
            debit_account: transfer.debit_account,
            credit_account: transfer.credit_account,
            allowance_id: transfer.allowance_id,
            position,
            amount: transfer.amount,
            timestamp,
            // Both are bounded far below a sum that would not fit.
            expires_at: timestamp.saturating_add(timeout),
        }
    }

    /// Whether it is past its end at `timestamp`, released or not.
    #[inline]
    #[must_use]
    pub const fn is_due(&self, timestamp: u64) -> bool {
        self.expires_at <= timestamp
    }

    /// The order in which pending transfers expire.
    #[must_use]
    pub const fn expiry_order(&self) -> (u64, Position) {
        (self.expires_at, self.position)
    }

    /// What a post that asks for `amount` moves; `None` if that is more than is reserved.
    #[inline]
    #[must_use]
    pub const fn posted_amount(&self, amount: u64) -> Option<u64> {
        match amount {
            AMOUNT_WHOLE => Some(self.amount),
            _ if amount <= self.amount => Some(amount),
            _ => None,
        }
    }

    /// Reads a record.
    #[must_use]
    pub fn decode(record: &[u8; PENDING_BYTES]) -> Self {
        Self {
            id: TransferId(u128::from_le_bytes(field::<0, 16, _>(record))),
            debit_account: AccountId(u128::from_le_bytes(field::<16, 16, _>(record))),
            credit_account: AccountId(u128::from_le_bytes(field::<32, 16, _>(record))),
            allowance_id: AllowanceId(u128::from_le_bytes(field::<48, 16, _>(record))),
            position: Position::from_bits(u64::from_le_bytes(field::<64, 8, _>(record))),
            amount: u64::from_le_bytes(field::<72, 8, _>(record)),
            timestamp: u64::from_le_bytes(field::<80, 8, _>(record)),
            expires_at: u64::from_le_bytes(field::<88, 8, _>(record)),
        }
    }

    /// Writes the record.
    #[must_use]
    pub fn encode(&self) -> [u8; PENDING_BYTES] {
        let mut record = [0; PENDING_BYTES];
        put::<0, 16, _>(&mut record, self.id.0.to_le_bytes());
        put::<16, 16, _>(&mut record, self.debit_account.0.to_le_bytes());
        put::<32, 16, _>(&mut record, self.credit_account.0.to_le_bytes());
        put::<48, 16, _>(&mut record, self.allowance_id.0.to_le_bytes());
        put::<64, 8, _>(&mut record, self.position.bits().to_le_bytes());
        put::<72, 8, _>(&mut record, self.amount.to_le_bytes());
        put::<80, 8, _>(&mut record, self.timestamp.to_le_bytes());
        put::<88, 8, _>(&mut record, self.expires_at.to_le_bytes());
        record
    }
}
