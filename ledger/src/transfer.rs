//! A transfer request: one debit and one credit of the same amount, as a client sends and the journal keeps it.
//!
//! The struct is the record, field by field, and may hold anything: [`crate::check_static`] says what is wrong
//! with it. Amounts are minor units of the asset.
//!
//! ```text
//!   0  id                16
//!  16  debit_account     16
//!  32  credit_account    16
//!  48  pending_id        16
//!  64  allowance_id      16
//!  80  reference         16   opaque
//!  96  amount             8
//! 104  timeout_seconds    4
//! 108  asset              2
//! 110  code               2
//! 112  flags              2
//! 114  reserved          14   zero
//! ```

use crate::asset::Asset;
use crate::id::{AccountId, AllowanceId, TransferId};
use crate::record::{field, put};
use crate::transfer_flags::TransferFlags;

/// The length of a transfer's record.
pub const TRANSFER_BYTES: usize = 128;

/// A request to move, reserve or release an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(C)]
pub struct Transfer {
    /// Its id: the same one is never executed twice.
    pub id: TransferId,
    /// Who pays. A post or void may leave it zero.
    pub debit_account: AccountId,
    /// Who is paid. A post or void may leave it zero.
    pub credit_account: AccountId,
    /// The pending transfer that a post or void ends, else zero.
    pub pending_id: TransferId,
    /// The payer's allowance that is debited, or, in a refund, the payee's that is given back to; else zero.
    pub allowance_id: AllowanceId,
    /// What its sender wants to find it by; the ledger never reads it.
    pub reference: [u8; 16],
    /// How much. A post may say [`crate::limits::AMOUNT_WHOLE`], a void says zero.
    pub amount: u64,
    /// How long a pending transfer stays open, else zero.
    pub timeout_seconds: u32,
    /// In which asset. Zero in a post or void.
    pub asset: Asset,
    /// What it is for, as its sender numbers it. Zero in a post or void.
    pub code: u16,
    /// What is asked for.
    pub flags: TransferFlags,
    /// Zero.
    pub reserved: [u8; 14],
}

impl Transfer {
    /// Whether a flag is set.
    #[inline]
    #[must_use]
    pub const fn is(&self, flag: TransferFlags) -> bool {
        self.flags.contains(flag)
    }

    /// Whether it ends a pending transfer, and takes accounts, asset and code from there.
    #[inline]
    #[must_use]
    pub const fn ends_pending(&self) -> bool {
        self.flags.intersects(TransferFlags::ENDS)
    }

    /// Reads a record. Every record can be read; [`crate::check_static`] judges it.
    #[inline]
    #[must_use]
    pub fn decode(record: &[u8; TRANSFER_BYTES]) -> Self {
        Self {
            id: TransferId(u128::from_le_bytes(field::<0, 16, _>(record))),
            debit_account: AccountId(u128::from_le_bytes(field::<16, 16, _>(record))),
            credit_account: AccountId(u128::from_le_bytes(field::<32, 16, _>(record))),
            pending_id: TransferId(u128::from_le_bytes(field::<48, 16, _>(record))),
            allowance_id: AllowanceId(u128::from_le_bytes(field::<64, 16, _>(record))),
            reference: field::<80, 16, _>(record),
            amount: u64::from_le_bytes(field::<96, 8, _>(record)),
            timeout_seconds: u32::from_le_bytes(field::<104, 4, _>(record)),
            asset: Asset::from_number(u16::from_le_bytes(field::<108, 2, _>(record))),
            code: u16::from_le_bytes(field::<110, 2, _>(record)),
            flags: TransferFlags::from_bits(u16::from_le_bytes(field::<112, 2, _>(record))),
            reserved: field::<114, 14, _>(record),
        }
    }

    /// Writes the record.
    #[inline]
    #[must_use]
    pub fn encode(&self) -> [u8; TRANSFER_BYTES] {
        let mut record = [0; TRANSFER_BYTES];
        put::<0, 16, _>(&mut record, self.id.0.to_le_bytes());
        put::<16, 16, _>(&mut record, self.debit_account.0.to_le_bytes());
        put::<32, 16, _>(&mut record, self.credit_account.0.to_le_bytes());
        put::<48, 16, _>(&mut record, self.pending_id.0.to_le_bytes());
        put::<64, 16, _>(&mut record, self.allowance_id.0.to_le_bytes());
        put::<80, 16, _>(&mut record, self.reference);
        put::<96, 8, _>(&mut record, self.amount.to_le_bytes());
        put::<104, 4, _>(&mut record, self.timeout_seconds.to_le_bytes());
        put::<108, 2, _>(&mut record, self.asset.number().to_le_bytes());
        put::<110, 2, _>(&mut record, self.code.to_le_bytes());
        put::<112, 2, _>(&mut record, self.flags.bits().to_le_bytes());
        put::<114, 14, _>(&mut record, self.reserved);
        record
    }
}
