//! Commands on the wire.

use super::codec::{Wire, WireReader, put_list};
use crate::admin::AdministrativeRequest;
use crate::allowance::Window;
use crate::disk::{to_u32, to_usize};
use crate::handle::{Command, LedgerError, StatementQuery};
use crate::limits::{ALLOWANCE_WINDOWS_MAX, ENTRY_ADMINISTRATIVE_MAX, ENTRY_TRANSFERS_MAX};
use crate::{AccountId, AllowanceId, Request, TRANSFER_BYTES, Transfer, TransferId};

const TRANSFERS: u8 = 1;
const ADMINISTRATIVE: u8 = 2;
/// An administrative request with more windows or caps than its record has room for.
const OVERFULL: u8 = 3;

/// The number of a command's kind in its frame.
pub(super) const fn kind(command: &Command) -> u16 {
    match command {
        Command::Submit(_) => 1,
        Command::Accounts(_) => 2,
        Command::AccountAt { .. } => 3,
        Command::Allowance(_) => 4,
        Command::Transfer(_) => 5,
        Command::Statement(_) => 6,
        Command::Prove(_) => 7,
        Command::Entries { .. } => 8,
        Command::Status => 9,
    }
}

/// Refuses, as the ledger would, what is too large for one command.
pub(super) fn check(command: &Command) -> Result<(), LedgerError> {
    match command {
        Command::Submit(requests) => check_submission(requests),
        Command::Accounts(ids) => at_most(ids.len(), Command::ACCOUNTS_MAX),
        _ => Ok(()),
    }
}

fn check_submission(requests: &[Request]) -> Result<(), LedgerError> {
    let (mut transfers, mut administrative) = (0_usize, 0_usize);
    for request in requests {
        match request {
            Request::Transfers(some) => transfers = transfers.saturating_add(some.len()),
            Request::Administrative(_) => administrative = administrative.saturating_add(1),
        }
    }
    at_most(transfers, ENTRY_TRANSFERS_MAX)?;
    at_most(administrative, ENTRY_ADMINISTRATIVE_MAX)?;
    at_most(requests.len(), Command::REQUESTS_MAX)
}

const fn at_most(count: usize, most: usize) -> Result<(), LedgerError> {
    if count > most { Err(LedgerError::TooMany { count, most }) } else { Ok(()) }
}

/// Writes the body of a command.
pub(super) fn put(command: &Command, bytes: &mut Vec<u8>) {
    match command {
        Command::Submit(requests) => put_list(bytes, requests),
        Command::Accounts(ids) => put_list(bytes, ids),
        Command::AccountAt { account, sequence } => {
            account.put(bytes);
            sequence.put(bytes);
        }
        Command::Allowance(id) => id.put(bytes),
        Command::Transfer(id) => id.put(bytes),
        Command::Statement(query) => query.put(bytes),
        Command::Prove(account) => account.put(bytes),
        Command::Entries { from } => from.put(bytes),
        Command::Status => {}
    }
}

/// Reads the body of a command of this kind; `Some(None)` if there is no such kind.
pub(super) fn take(kind: u16, body: &[u8]) -> Option<Option<Command>> {
    let known = (1..=9).contains(&kind);
    if known { WireReader::whole(body, |reader| take_known(kind, reader)).map(Some) } else { Some(None) }
}

fn take_known(kind: u16, reader: &mut WireReader<'_>) -> Option<Command> {
    Some(match kind {
        1 => Command::Submit(reader.list(Command::REQUESTS_MAX)?),
        2 => Command::Accounts(reader.list(Command::ACCOUNTS_MAX)?),
        3 => {
            let account = AccountId::take(reader)?;
            Command::AccountAt { account, sequence: u64::take(reader)? }
        }
        4 => Command::Allowance(AllowanceId::take(reader)?),
        5 => Command::Transfer(TransferId::take(reader)?),
        6 => Command::Statement(StatementQuery::take(reader)?),
        7 => Command::Prove(AccountId::take(reader)?),
        8 => Command::Entries { from: u64::take(reader)? },
        9 => Command::Status,
        _ => return None,
    })
}

impl Wire for Request {
    const LEAST: usize = 3;

    fn put(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Transfers(transfers) => {
                TRANSFERS.put(bytes);
                to_u32(transfers.len()).put(bytes);
                bytes.reserve(transfers.len().saturating_mul(TRANSFER_BYTES));
                transfers.iter().for_each(|transfer| bytes.extend_from_slice(&transfer.encode()));
            }
            Self::Administrative(request) => {
                let sort = if is_overfull(request) { OVERFULL } else { ADMINISTRATIVE };
                sort.put(bytes);
                request.encode(bytes);
            }
        }
    }

    fn take(reader: &mut WireReader<'_>) -> Option<Self> {
        match u8::take(reader)? {
            TRANSFERS => take_transfers(reader).map(Self::Transfers),
            ADMINISTRATIVE => reader.record(AdministrativeRequest::decode).map(Self::Administrative),
            OVERFULL => {
                let request = reader.record(AdministrativeRequest::decode)?;
                overfull(request).map(Self::Administrative)
            }
            _ => None,
        }
    }
}

fn take_transfers(reader: &mut WireReader<'_>) -> Option<Vec<Transfer>> {
    let count = u32::take(reader)?;
    let records = reader.bytes(to_usize(u64::from(count)).saturating_mul(TRANSFER_BYTES))?;
    Some(records.as_chunks().0.iter().map(Transfer::decode).collect())
}

/// Whether the record would leave out a window or cap, and so be another request.
fn is_overfull(request: &AdministrativeRequest) -> bool {
    let count = match request {
        AdministrativeRequest::CreateAllowance(create) => create.terms.windows.len(),
        AdministrativeRequest::AlterAllowance(alter) => alter.caps.len(),
        _ => 0,
    };
    count > ALLOWANCE_WINDOWS_MAX
}

/// The request with one window or cap more than it may have. The ledger refuses it for their number, whatever they
/// say, so that one stands for all that the record left out.
fn overfull(mut request: AdministrativeRequest) -> Option<AdministrativeRequest> {
    match &mut request {
        AdministrativeRequest::CreateAllowance(create) => {
            let windows: &mut Vec<Window> = &mut create.terms.windows;
            windows.push(*windows.last()?);
        }
        AdministrativeRequest::AlterAllowance(alter) => alter.caps.push(*alter.caps.last()?),
        _ => return None,
    }
    is_overfull(&request).then_some(request)
}
