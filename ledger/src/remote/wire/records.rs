//! The parts that commands and answers share: ids, the ledger's records, and statuses by their numbers.

use super::codec::{Wire, WireReader, wire_struct, wire_through};
use crate::admin::{
    AccountChangeStatus, AdministrativeStatus, AllowanceChangeStatus, CreateAccountStatus,
    CreateAllowanceStatus, LedgerChangeStatus,
};
use crate::allowance::{Allowance, WINDOW_BYTES, Window, WindowUse};
use crate::handle::{AccountAt, AllowanceAt, TransferRecord};
use crate::journal::EntryHash;
use crate::limits::ALLOWANCE_WINDOWS_MAX;
use crate::{
    ACCOUNT_BYTES, Account, AccountId, AllowanceId, OUTCOME_BYTES, Outcome, PendingEnd, PendingState,
    Position, TRANSFER_BYTES, Transfer, TransferId, TransferStatus,
};

wire_through!(AccountId, u128, |id| id.0, |number| Some(AccountId(number)));
wire_through!(TransferId, u128, |id| id.0, |number| Some(TransferId(number)));
wire_through!(AllowanceId, u128, |id| id.0, |number| Some(AllowanceId(number)));
wire_through!(Position, u64, |position| position.bits(), |bits| Some(Position::from_bits(bits)));
wire_through!(EntryHash, [u8; 32], |hash| hash.0, |bytes| Some(EntryHash(bytes)));
wire_through!(Transfer, [u8; TRANSFER_BYTES], Transfer::encode, |record| Some(Transfer::decode(&record)));
wire_through!(Outcome, [u8; OUTCOME_BYTES], Outcome::encode, |record| Outcome::decode(&record));
wire_through!(Account, [u8; ACCOUNT_BYTES], Account::encode, |record| Account::decode(&record));
wire_through!(Window, [u8; WINDOW_BYTES], Window::encode, |record| Window::decode(&record));
wire_through!(TransferStatus, u16, |status| status.code(), TransferStatus::from_code);
wire_through!(PendingState, u8, |state| pending_state_code(*state), pending_state);

wire_struct!(AccountAt { account: Account, sequence: u64, timestamp: u64 });
wire_struct!(WindowUse { window: Window, used: i128 });
wire_struct!(TransferRecord {
    position: Position,
    timestamp: u64,
    transfer: Transfer,
    outcome: Outcome,
    ended: Position,
    state: PendingState,
});

const fn pending_state_code(state: PendingState) -> u8 {
    match state {
        PendingState::NotPending => 0,
        PendingState::Open => 1,
        PendingState::Ended(PendingEnd::Posted) => 2,
        PendingState::Ended(PendingEnd::Voided) => 3,
        PendingState::Ended(PendingEnd::Expired) => 4,
    }
}

const fn pending_state(code: u8) -> Option<PendingState> {
    match code {
        0 => Some(PendingState::NotPending),
        1 => Some(PendingState::Open),
        2 => Some(PendingState::Ended(PendingEnd::Posted)),
        3 => Some(PendingState::Ended(PendingEnd::Voided)),
        4 => Some(PendingState::Ended(PendingEnd::Expired)),
        _ => None,
    }
}

/// The kind of request the status is of, then its number there.
impl Wire for AdministrativeStatus {
    const LEAST: usize = 4;

    fn put(&self, bytes: &mut Vec<u8>) {
        let kind: u16 = match self {
            Self::CreateAccount(_) => 1,
            Self::ChangeAccount(_) => 2,
            Self::CreateAllowance(_) => 3,
            Self::ChangeAllowance(_) => 4,
            Self::ChangeLedger(_) => 5,
        };
        kind.put(bytes);
        self.code().put(bytes);
    }

    fn take(reader: &mut WireReader<'_>) -> Option<Self> {
        let kind = u16::take(reader)?;
        let code = u16::take(reader)?;
        match kind {
            1 => CreateAccountStatus::from_code(code).map(Self::CreateAccount),
            2 => AccountChangeStatus::from_code(code).map(Self::ChangeAccount),
            3 => CreateAllowanceStatus::from_code(code).map(Self::CreateAllowance),
            4 => AllowanceChangeStatus::from_code(code).map(Self::ChangeAllowance),
            5 => LedgerChangeStatus::from_code(code).map(Self::ChangeLedger),
            _ => None,
        }
    }
}

/// The allowance as a snapshot keeps it, then what is used of each window.
impl Wire for AllowanceAt {
    const LEAST: usize = 0;

    fn put(&self, bytes: &mut Vec<u8>) {
        self.allowance.encode(bytes);
        super::codec::put_list(bytes, &self.uses);
        self.sequence.put(bytes);
        self.timestamp.put(bytes);
    }

    fn take(reader: &mut WireReader<'_>) -> Option<Self> {
        Some(Self {
            allowance: reader.record(Allowance::decode)?,
            uses: reader.list(ALLOWANCE_WINDOWS_MAX)?,
            sequence: u64::take(reader)?,
            timestamp: u64::take(reader)?,
        })
    }
}
