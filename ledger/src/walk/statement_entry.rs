//! One statement entry, read from the journal and seen from its account.

use super::open_entry::OpenEntry;
use super::record_at::{RecordAt, RecordedItem};
use super::walk_error::WalkError;
use crate::handle::{StatementEvent, StatementLine, StatementSide};
use crate::journal::JournalReader;
use crate::{AccountId, Position, RecordedExpiry, RecordedTransfer, Transfer, TransferId};

/// A statement entry of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StatementEntry {
    /// What the account's holder sees.
    pub(super) line: StatementLine,
    /// The account's statement entry before this one.
    pub(super) previous: Position,
}

/// What stands on the statements of both accounts.
#[derive(Debug, Clone, Copy)]
struct BothSides {
    debit: (AccountId, Position),
    credit: (AccountId, Position),
    event: StatementEvent,
}

/// Reads statement entries. The entry read last stays open, and so does that of the pending transfer named last.
#[derive(Debug)]
pub(super) struct StatementReader<'a> {
    pub(super) journal: &'a mut JournalReader,
    entry: Option<OpenEntry>,
    pending_entry: Option<OpenEntry>,
}

impl<'a> StatementReader<'a> {
    pub(super) const fn new(journal: &'a mut JournalReader) -> Self {
        Self { journal, entry: None, pending_entry: None }
    }

    /// The statement entry at a position; `None` if what stands there is none of this account.
    pub(super) fn read(
        &mut self,
        account: AccountId,
        position: Position,
    ) -> Result<Option<StatementEntry>, WalkError> {
        let entry = OpenEntry::turn_to(&mut self.entry, self.journal, position.sequence())?;
        let Some(record) = entry.record_at(self.journal, position)? else { return Ok(None) };
        let Some(both) = self.both_sides(&record)? else { return Ok(None) };
        let Some(entry) = both.seen_from(account, &record) else { return Ok(None) };
        let leads_back =
            entry.previous < position && (entry.previous.is_none() || entry.previous.sequence() > 0);
        if leads_back { Ok(Some(entry)) } else { Err(WalkError::leads_astray(position)) }
    }

    /// Both sides of what was accepted, or has expired; `None` of what was refused.
    fn both_sides(&mut self, record: &RecordAt) -> Result<Option<BothSides>, WalkError> {
        match record.item {
            RecordedItem::Transfer(recorded) if recorded.outcome.status.is_accepted() => {
                self.transfer(&recorded).map(Some)
            }
            RecordedItem::Transfer(_) => Ok(None),
            RecordedItem::Expiry(expiry) => self.expiry(&expiry).map(Some),
        }
    }

    fn transfer(&mut self, recorded: &RecordedTransfer) -> Result<BothSides, WalkError> {
        let RecordedTransfer { transfer, outcome, ended } = *recorded;
        let (accounts, reserved) = if transfer.ends_pending() {
            let pending = self.pending(ended, transfer.pending_id)?;
            if outcome.amount > pending.amount {
                return Err(WalkError::other_record(ended));
            }
            (pending, pending.amount)
        } else {
            (transfer, 0)
        };
        Ok(BothSides {
            debit: (accounts.debit_account, outcome.previous_debit),
            credit: (accounts.credit_account, outcome.previous_credit),
            event: StatementEvent::Transfer { transfer, outcome, reserved },
        })
    }

    fn expiry(&mut self, expiry: &RecordedExpiry) -> Result<BothSides, WalkError> {
        let pending = self.pending(expiry.position, expiry.id)?;
        Ok(BothSides {
            debit: (pending.debit_account, expiry.previous_debit),
            credit: (pending.credit_account, expiry.previous_credit),
            event: StatementEvent::Expiry { pending_id: expiry.id, reserved: pending.amount },
        })
    }

    /// The pending transfer at this position, which has to have this id.
    fn pending(&mut self, position: Position, id: TransferId) -> Result<Transfer, WalkError> {
        let entry = OpenEntry::turn_to(&mut self.pending_entry, self.journal, position.sequence())?;
        let record = entry.record_at(self.journal, position)?;
        match record.filter(|record| record.item.is_reservation()).map(|record| record.item) {
            Some(RecordedItem::Transfer(recorded)) if recorded.transfer.id == id => Ok(recorded.transfer),
            _ => Err(WalkError::other_record(position)),
        }
    }
}

impl BothSides {
    fn seen_from(&self, account: AccountId, record: &RecordAt) -> Option<StatementEntry> {
        let Self { debit, credit, event } = *self;
        let (side, previous, counterparty) = if debit.0 == account {
            (StatementSide::Debit, debit.1, credit.0)
        } else if credit.0 == account {
            (StatementSide::Credit, credit.1, debit.0)
        } else {
            return None;
        };
        let RecordAt { position, timestamp, .. } = *record;
        Some(StatementEntry {
            line: StatementLine { position, timestamp, side, counterparty, event },
            previous,
        })
    }
}
