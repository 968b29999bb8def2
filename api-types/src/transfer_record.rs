//! A transfer as a batch carries it: 128 bytes, the ledger's own record.
//!
//! ```text
//!   0  id                16   a UUID of version 7 or 8
//!  16  debit_account     16   who pays; a post or void may leave one account zero
//!  32  credit_account    16   who is paid
//!  48  pending_id        16   of a post or void, else zero
//!  64  allowance_id      16   or zero
//!  80  reference         16   the sender's own, not read
//!  96  amount             8   minor units; a post may say 2^64 - 1 for all, a void says zero
//! 104  timeout_seconds    4   of a pending transfer, else zero
//! 108  asset              2   1: USDb, in micro-dollars; 2: BTC, in sats; zero in a post or void
//! 110  code               2   the sender's own, not zero; zero in a post or void
//! 112  flags              2   1 linked, 2 pending, 4 post, 8 void, 16 restore_allowance
//! 114  reserved          14   zero
//! ```
//!
//! Numbers are little-endian; an id is the number whose big-endian bytes are its UUID's.

use crate::record::put;
use uuid::Uuid;

/// A request to move, reserve or release an amount. [`Uuid::nil`] stands for no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TransferRecord {
    /// Its id: the same one is never executed twice.
    pub id: Uuid,
    /// Who pays.
    pub debit_account: Uuid,
    /// Who is paid.
    pub credit_account: Uuid,
    /// The pending transfer that a post or void ends.
    pub pending_id: Uuid,
    /// The allowance that it debits, or gives back to.
    pub allowance_id: Uuid,
    /// What its sender wants to find it by.
    pub reference: [u8; 16],
    /// How much, in minor units of the asset.
    pub amount: u64,
    /// How long a pending transfer stays open.
    pub timeout_seconds: u32,
    /// In which asset.
    pub asset: u16,
    /// What it is for, as its sender numbers it.
    pub code: u16,
    /// What is asked for: the constants of this type, added up.
    pub flags: u16,
}

impl TransferRecord {
    /// The length of the record.
    pub const BYTES: usize = 128;

    /// The number of USDb.
    pub const USDB: u16 = 1;
    /// The number of BTC.
    pub const BTC: u16 = 2;

    /// Succeeds or fails together with the next one.
    pub const LINKED: u16 = 1;
    /// Reserves the amount until it is posted, voided or expires.
    pub const PENDING: u16 = 2;
    /// Moves all or a part of what a pending transfer reserved.
    pub const POST: u16 = 4;
    /// Releases what a pending transfer reserved.
    pub const VOID: u16 = 8;
    /// A refund: gives the amount back to the payee's allowance.
    pub const RESTORE_ALLOWANCE: u16 = 16;

    /// The amount of a post that means all of the pending transfer.
    pub const WHOLE: u64 = u64::MAX;

    /// Writes the record.
    #[must_use]
    pub fn encode(&self) -> [u8; Self::BYTES] {
        let mut record = [0; Self::BYTES];
        put::<0, 16, _>(&mut record, self.id.as_u128().to_le_bytes());
        put::<16, 16, _>(&mut record, self.debit_account.as_u128().to_le_bytes());
        put::<32, 16, _>(&mut record, self.credit_account.as_u128().to_le_bytes());
        put::<48, 16, _>(&mut record, self.pending_id.as_u128().to_le_bytes());
        put::<64, 16, _>(&mut record, self.allowance_id.as_u128().to_le_bytes());
        put::<80, 16, _>(&mut record, self.reference);
        put::<96, 8, _>(&mut record, self.amount.to_le_bytes());
        put::<104, 4, _>(&mut record, self.timeout_seconds.to_le_bytes());
        put::<108, 2, _>(&mut record, self.asset.to_le_bytes());
        put::<110, 2, _>(&mut record, self.code.to_le_bytes());
        put::<112, 2, _>(&mut record, self.flags.to_le_bytes());
        record
    }
}
