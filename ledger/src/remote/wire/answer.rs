//! Answers on the wire.

use super::codec::{Wire, WireReader, put_list, wire_struct};
use crate::disk::to_u32;
use crate::handle::{Answer, Command, LedgerStatus, ProvedAccount, RawEntry};
use crate::journal::EntryHash;
use crate::limits::ENTRY_TRANSFERS_MAX;
use crate::remote::limits::ANSWER_BYTES_MAX;
use crate::{AllowanceId, Bound, Outcome, Position, Recorded, Reply, TransferReply, TransferStatus};

const TRANSFERS: u8 = 1;
const ADMINISTRATIVE: u8 = 2;

wire_struct!(Recorded { position: Position, outcome: Outcome });
wire_struct!(Bound { allowance_id: AllowanceId, window: Option<usize>, observed: i128, limit: i128 });
wire_struct!(TransferReply { status: TransferStatus, recorded: Option<Recorded>, bound: Option<Bound> });

wire_struct!(LedgerStatus {
    sequence: u64,
    timestamp: u64,
    hash: EntryHash,
    state_root: [u8; 32],
    state_root_sequence: u64,
    snapshot_sequence: u64,
    sealed_through: u64,
    accounts: u64,
    open_pending: u64,
    frozen: bool,
    queued_transfers: u64,
});

/// The number of an answer's kind in its frame: that of the command, and 100.
pub(super) const fn kind(answer: &Answer) -> u16 {
    match answer {
        Answer::Submitted { .. } => 101,
        Answer::Accounts { .. } => 102,
        Answer::AccountAt(_) => 103,
        Answer::Allowance(_) => 104,
        Answer::Transfer { .. } => 105,
        Answer::Statement(_) => 106,
        Answer::Proved(_) => 107,
        Answer::Entries(_) => 108,
        Answer::Status(_) => 109,
    }
}

/// Writes the body of an answer.
pub(super) fn put(answer: &Answer, bytes: &mut Vec<u8>) {
    match answer {
        Answer::Submitted { sequence, timestamp, replies } => {
            sequence.put(bytes);
            timestamp.put(bytes);
            put_replies(replies, bytes);
        }
        Answer::Accounts { sequence, timestamp, accounts } => {
            sequence.put(bytes);
            timestamp.put(bytes);
            put_list(bytes, accounts);
        }
        Answer::AccountAt(account) => account.put(bytes),
        Answer::Allowance(allowance) => allowance.put(bytes),
        Answer::Transfer { sequence, record } => {
            sequence.put(bytes);
            record.put(bytes);
        }
        Answer::Statement(page) => page.put(bytes),
        Answer::Proved(proved) => proved.put(bytes),
        Answer::Entries(entries) => put_list(bytes, fitting(entries)),
        Answer::Status(status) => status.put(bytes),
    }
}

/// Reads the body of an answer of this kind; `Some(None)` if there is no such kind.
pub(super) fn take(kind: u16, body: &[u8]) -> Option<Option<Answer>> {
    let known = (101..=109).contains(&kind);
    if known { WireReader::whole(body, |reader| take_known(kind, reader)).map(Some) } else { Some(None) }
}

fn take_known(kind: u16, reader: &mut WireReader<'_>) -> Option<Answer> {
    Some(match kind {
        101 => {
            let (sequence, timestamp) = (u64::take(reader)?, u64::take(reader)?);
            Answer::Submitted { sequence, timestamp, replies: take_replies(reader)? }
        }
        102 => {
            let (sequence, timestamp) = (u64::take(reader)?, u64::take(reader)?);
            Answer::Accounts { sequence, timestamp, accounts: reader.list(Command::ACCOUNTS_MAX)? }
        }
        103 => Answer::AccountAt(Wire::take(reader)?),
        104 => Answer::Allowance(Wire::take(reader)?),
        105 => {
            let sequence = u64::take(reader)?;
            Answer::Transfer { sequence, record: Wire::take(reader)? }
        }
        106 => Answer::Statement(Wire::take(reader)?),
        107 => Answer::Proved(Wire::take(reader)?),
        108 => Answer::Entries(reader.list(ANSWER_BYTES_MAX)?),
        109 => Answer::Status(LedgerStatus::take(reader)?),
        _ => return None,
    })
}

/// As many of the entries as one answer holds, at least one: who follows the journal asks on behind them.
fn fitting(entries: &[RawEntry]) -> &[RawEntry] {
    let mut length = 4_usize;
    let fits = |entry: &&RawEntry| {
        length = length.saturating_add(entry.wire_length());
        length <= ANSWER_BYTES_MAX
    };
    let count = entries.iter().take_while(fits).count();
    entries.get(..count).unwrap_or(entries)
}

fn put_replies(replies: &[Reply], bytes: &mut Vec<u8>) {
    to_u32(replies.len()).put(bytes);
    for reply in replies {
        match reply {
            Reply::Transfers(some) => {
                TRANSFERS.put(bytes);
                put_list(bytes, some);
            }
            Reply::Administrative(status) => {
                ADMINISTRATIVE.put(bytes);
                status.put(bytes);
            }
        }
    }
}

/// Reads replies to no more transfers, all together, than a submission can have: in memory they are much larger than
/// the fewest bytes that can stand for them.
fn take_replies(reader: &mut WireReader<'_>) -> Option<Vec<Reply>> {
    const FEWEST_BYTES: usize = 5;
    let count = reader.count(FEWEST_BYTES, Command::REQUESTS_MAX)?;
    let mut room = ENTRY_TRANSFERS_MAX;
    let mut replies = Vec::with_capacity(count);
    for _ in 0..count {
        let reply = match u8::take(reader)? {
            TRANSFERS => {
                let some: Vec<TransferReply> = reader.list(room)?;
                room = room.saturating_sub(some.len());
                Reply::Transfers(some)
            }
            ADMINISTRATIVE => Reply::Administrative(Wire::take(reader)?),
            _ => return None,
        };
        replies.push(reply);
    }
    Some(replies)
}

impl Wire for Box<ProvedAccount> {
    const LEAST: usize = <ProvedAccount as Wire>::LEAST;

    fn put(&self, bytes: &mut Vec<u8>) {
        self.as_ref().put(bytes);
    }

    fn take(reader: &mut WireReader<'_>) -> Option<Self> {
        ProvedAccount::take(reader).map(Self::new)
    }
}

/// About how long the answer's body is, so that the usual one is written without moving it.
pub(super) fn usual_length(answer: &Answer) -> usize {
    const REPLY_BYTES: usize = 48;
    const ACCOUNT_BYTES: usize = 129;
    let replies = |reply: &Reply| match reply {
        Reply::Transfers(some) => some.len().saturating_mul(REPLY_BYTES),
        Reply::Administrative(_) => REPLY_BYTES,
    };
    match answer {
        Answer::Submitted { replies: list, .. } => list.iter().map(replies).fold(0, usize::saturating_add),
        Answer::Accounts { accounts, .. } => accounts.len().saturating_mul(ACCOUNT_BYTES),
        Answer::Entries(entries) => {
            fitting(entries).iter().map(RawEntry::wire_length).fold(0, usize::saturating_add)
        }
        _ => 256,
    }
}
