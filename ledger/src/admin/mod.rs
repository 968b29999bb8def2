//! Administrative requests: what changes accounts, allowances and the ledger itself, but moves no money.
//!
//! Each stands alone in the order, between runs of transfers, and takes effect at its place. Requests carry no id
//! of their own: creating names the id of what is created, and every other request sets what it names, so a
//! repeated one finds nothing to change. Only an accepted one is journaled; every other leaves no trace.
//!
//! A record is the number of its kind (2 bytes), then the fields:
//!
//! | kind | request | fields |
//! |---|---|---|
//! | 1 | create account | [`CreateAccount`] |
//! | 2 | change account | id 16, change 2 (1 freeze, 2 unfreeze, 3 close, 4 reopen) |
//! | 3 | create allowance | [`crate::allowance::AllowanceTerms`] |
//! | 4 | alter allowance | id 16, ends_at 8, payment_max 8, flags 2 (1 only lower), cap count 2, caps 8 each |
//! | 5 | switch allowance | id 16, switch 2 (1 revoke, 2 freeze, 3 unfreeze) |
//! | 6 | change ledger | change 2 (1 freeze, 2 unfreeze) |

mod account_change;
mod allowance_change;
mod create_account;
mod create_allowance;
mod ledger_change;

pub use account_change::{AccountChange, AccountChangeStatus, ChangeAccount};
pub use allowance_change::{AllowanceChangeStatus, AllowanceSwitch, AlterAllowance, SwitchAllowance};
pub use create_account::{CreateAccount, CreateAccountStatus};
pub use create_allowance::{CreateAllowance, CreateAllowanceStatus};
pub use ledger_change::{LedgerChange, LedgerChangeStatus};

use crate::allowance::AllowanceTerms;
use crate::id::{AccountId, AllowanceId};

/// A request that changes what payments are judged by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdministrativeRequest {
    /// A new account.
    CreateAccount(CreateAccount),
    /// An account frozen, unfrozen, closed or reopened.
    ChangeAccount(ChangeAccount),
    /// A new allowance.
    CreateAllowance(CreateAllowance),
    /// Other bounds of an allowance.
    AlterAllowance(AlterAllowance),
    /// An allowance revoked, frozen or unfrozen.
    SwitchAllowance(SwitchAllowance),
    /// The ledger frozen or unfrozen.
    ChangeLedger(LedgerChange),
}

/// What became of an administrative request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdministrativeStatus {
    /// Of a request to create an account.
    CreateAccount(CreateAccountStatus),
    /// Of a request to change an account.
    ChangeAccount(AccountChangeStatus),
    /// Of a request to create an allowance.
    CreateAllowance(CreateAllowanceStatus),
    /// Of a request to alter or switch an allowance.
    ChangeAllowance(AllowanceChangeStatus),
    /// Of a request to freeze or unfreeze the ledger.
    ChangeLedger(LedgerChangeStatus),
}

impl AdministrativeStatus {
    /// The number, in the enum of its kind of request; 0 is accepted in all of them.
    #[must_use]
    pub const fn code(self) -> u16 {
        match self {
            Self::CreateAccount(status) => status.code(),
            Self::ChangeAccount(status) => status.code(),
            Self::CreateAllowance(status) => status.code(),
            Self::ChangeAllowance(status) => status.code(),
            Self::ChangeLedger(status) => status.code(),
        }
    }

    /// The word, as it stands in replies.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::CreateAccount(status) => status.word(),
            Self::ChangeAccount(status) => status.word(),
            Self::CreateAllowance(status) => status.word(),
            Self::ChangeAllowance(status) => status.word(),
            Self::ChangeLedger(status) => status.word(),
        }
    }

    /// Whether the state was changed, so that the request is journaled.
    #[must_use]
    pub const fn is_accepted(self) -> bool {
        self.code() == 0
    }
}

impl AdministrativeRequest {
    /// Writes the record behind `bytes`.
    pub fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.kind().to_le_bytes());
        match self {
            Self::CreateAccount(request) => bytes.extend_from_slice(&request.encode()),
            Self::ChangeAccount(request) => {
                bytes.extend_from_slice(&request.account.0.to_le_bytes());
                bytes.extend_from_slice(&account_change_code(request.change).to_le_bytes());
            }
            Self::CreateAllowance(request) => request.terms.encode(bytes),
            Self::AlterAllowance(request) => request.encode(bytes),
            Self::SwitchAllowance(request) => {
                bytes.extend_from_slice(&request.allowance.0.to_le_bytes());
                bytes.extend_from_slice(&allowance_switch_code(request.switch).to_le_bytes());
            }
            Self::ChangeLedger(change) => bytes.extend_from_slice(&ledger_change_code(*change).to_le_bytes()),
        }
    }

    /// Reads a record from the front of `bytes`, and says what is behind it; `None` if it is cut or malformed.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (kind, rest) = take_u16(bytes)?;
        match kind {
            1 => {
                let (record, rest) = rest.split_first_chunk()?;
                Some((Self::CreateAccount(CreateAccount::decode(record)), rest))
            }
            2 => {
                let (account, code, rest) = take_id_and_code(rest)?;
                let change = account_change(code)?;
                Some((Self::ChangeAccount(ChangeAccount { account: AccountId(account), change }), rest))
            }
            3 => {
                let (terms, rest) = AllowanceTerms::decode(rest)?;
                Some((Self::CreateAllowance(CreateAllowance { terms }), rest))
            }
            4 => AlterAllowance::decode(rest).map(|(request, rest)| (Self::AlterAllowance(request), rest)),
            5 => {
                let (allowance, code, rest) = take_id_and_code(rest)?;
                let switch = allowance_switch(code)?;
                let request = SwitchAllowance { allowance: AllowanceId(allowance), switch };
                Some((Self::SwitchAllowance(request), rest))
            }
            6 => {
                let (code, rest) = take_u16(rest)?;
                Some((Self::ChangeLedger(ledger_change(code)?), rest))
            }
            _ => None,
        }
    }

    const fn kind(&self) -> u16 {
        match self {
            Self::CreateAccount(_) => 1,
            Self::ChangeAccount(_) => 2,
            Self::CreateAllowance(_) => 3,
            Self::AlterAllowance(_) => 4,
            Self::SwitchAllowance(_) => 5,
            Self::ChangeLedger(_) => 6,
        }
    }
}

fn take_u16(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u16::from_le_bytes(*number), rest))
}

fn take_id_and_code(bytes: &[u8]) -> Option<(u128, u16, &[u8])> {
    let (id, rest) = bytes.split_first_chunk()?;
    let (code, rest) = take_u16(rest)?;
    Some((u128::from_le_bytes(*id), code, rest))
}

const fn account_change_code(change: AccountChange) -> u16 {
    match change {
        AccountChange::Freeze => 1,
        AccountChange::Unfreeze => 2,
        AccountChange::Close => 3,
        AccountChange::Reopen => 4,
    }
}

const fn account_change(code: u16) -> Option<AccountChange> {
    match code {
        1 => Some(AccountChange::Freeze),
        2 => Some(AccountChange::Unfreeze),
        3 => Some(AccountChange::Close),
        4 => Some(AccountChange::Reopen),
        _ => None,
    }
}

const fn allowance_switch_code(switch: AllowanceSwitch) -> u16 {
    match switch {
        AllowanceSwitch::Revoke => 1,
        AllowanceSwitch::Freeze => 2,
        AllowanceSwitch::Unfreeze => 3,
    }
}

const fn allowance_switch(code: u16) -> Option<AllowanceSwitch> {
    match code {
        1 => Some(AllowanceSwitch::Revoke),
        2 => Some(AllowanceSwitch::Freeze),
        3 => Some(AllowanceSwitch::Unfreeze),
        _ => None,
    }
}

const fn ledger_change_code(change: LedgerChange) -> u16 {
    match change {
        LedgerChange::Freeze => 1,
        LedgerChange::Unfreeze => 2,
    }
}

const fn ledger_change(code: u16) -> Option<LedgerChange> {
    match code {
        1 => Some(LedgerChange::Freeze),
        2 => Some(LedgerChange::Unfreeze),
        _ => None,
    }
}
