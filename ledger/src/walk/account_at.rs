//! An account as it was after an earlier entry: what came later is undone, newest first.
//!
//! Whether it was there already is told by its time, which is that of the entry that created it. Only where entries of
//! that same time follow is this not enough; then they are searched for the request.

use super::open_entry::OpenEntry;
use super::trail::Trail;
use super::walk::Walk;
use super::walk_error::WalkError;
use crate::admin::AdministrativeRequest;
use crate::handle::{LedgerError, StatementEvent, StatementLine, StatementSide};
use crate::{Account, TransferFlags};

impl Walk<'_> {
    /// The account as it was after the entry `at`, made at `timestamp`: all four totals and the last position. Flags
    /// stay those of now. `None` if a later entry created it. `account` is its state after any later durable entry.
    ///
    /// # Errors
    /// [`LedgerError::TooFarBack`] if that needs too many steps, [`LedgerError::Unreadable`] if the journal does not
    /// hold, or the totals are not the sum of the statement entries.
    pub fn account_at(
        &mut self,
        account: Account,
        at: u64,
        timestamp: u64,
    ) -> Result<Option<Account>, LedgerError> {
        if account.timestamp > timestamp {
            return Ok(None);
        }
        let (then, undone_from) = self.undo(account, at)?;
        // Whoever has a statement entry is there, and whoever is older than the entry was created before it.
        if account.timestamp < timestamp || !then.last_position.is_none() {
            return Ok(Some(then));
        }
        let through = undone_from.unwrap_or_else(|| self.reader.journal.flushed_through());
        let is_later = self.is_created_in(&account, (at.saturating_add(1), through))?;
        Ok((!is_later).then_some(then))
    }

    /// Undoes every statement entry behind the entry `at`, and says which entry the oldest of them is in.
    fn undo(&mut self, account: Account, at: u64) -> Result<(Account, Option<u64>), LedgerError> {
        let differ = || WalkError::TotalsDiffer(account.id);
        let mut trail = Trail::new(account.id, account.last_position, self.steps_max);
        let (mut then, mut undone_from) = (account, None);
        while trail.next().sequence() > at {
            let Some(entry) = trail.step(&mut self.reader)? else { return Err(self.too_far_back()) };
            then = before(&then, &entry.line).ok_or_else(differ)?;
            undone_from = Some(entry.line.position.sequence());
        }
        then.last_position = trail.next();
        if !then.last_position.is_none() {
            // It is shown, so it has to be what it is said to be.
            trail.read_next(&mut self.reader)?;
        } else if !is_empty(&then) {
            return Err(differ().into());
        }
        Ok((then, undone_from))
    }

    /// Whether one of these entries created the account, among those made at the account's time.
    fn is_created_in(&mut self, account: &Account, (from, through): (u64, u64)) -> Result<bool, LedgerError> {
        for (step, sequence) in (0..).zip(from..=through) {
            if step == self.steps_max {
                return Err(self.too_far_back());
            }
            let header = self.reader.journal.read_header(sequence).map_err(WalkError::from)?;
            if header.fields.timestamp > account.timestamp {
                return Ok(false);
            }
            if header.fields.counts.requests > 0 && self.creates(account, sequence)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn creates(&mut self, account: &Account, sequence: u64) -> Result<bool, WalkError> {
        let mut requests = OpenEntry::open(self.reader.journal, sequence)?.requests(self.reader.journal)?;
        Ok(requests.any(|request| match request {
            AdministrativeRequest::CreateAccount(create) => create.id == account.id,
            _ => false,
        }))
    }
}

/// The account's totals before this statement entry; `None` if they cannot have been.
fn before(account: &Account, line: &StatementLine) -> Option<Account> {
    let (reserved, released, posted) = match line.event {
        StatementEvent::Transfer { transfer, outcome, .. } if transfer.is(TransferFlags::PENDING) => {
            (outcome.amount, 0, 0)
        }
        StatementEvent::Transfer { outcome, reserved, .. } => (0, reserved, outcome.amount),
        StatementEvent::Expiry { reserved, .. } => (0, reserved, 0),
    };
    let mut then = *account;
    let (pending, moved) = match line.side {
        StatementSide::Debit => (&mut then.debits_pending, &mut then.debits_posted),
        StatementSide::Credit => (&mut then.credits_pending, &mut then.credits_posted),
    };
    *pending = pending.checked_sub(reserved.into())?.checked_add(released.into())?;
    *moved = moved.checked_sub(posted.into())?;
    Some(then)
}

/// Whether nothing was ever moved or reserved.
const fn is_empty(account: &Account) -> bool {
    let posted = account.debits_posted | account.credits_posted;
    let pending = account.debits_pending | account.credits_pending;
    posted | pending == 0
}
