//! The sequential model: what the ledger does, as plainly as it can be said.
//!
//! One transfer after the other, one map for each kind of thing. It defines the truth: whatever executes entries in
//! parallel must give the same statuses, amounts, back-pointers, expiries and totals, and `verify` executes the
//! journal with it again.

mod administer;
mod allowance;
mod effects;
mod rules;
mod state;
mod unit;

use crate::allowance::WindowUse;
use crate::chain::units;
use crate::entry_error::{EntryError, next_sequence};
use crate::limits::ENTRY_EXPIRIES_MAX;
use crate::reply::{EntryResult, Reply, TransferReply};
use crate::request::Request;
use crate::{
    Account, AccountId, AllowanceId, Expiry, KnownTransfer, Pending, Position, Transfer, TransferId,
};
use state::State;

/// Where in the order an expiry or a unit is executed.
#[derive(Debug, Clone, Copy)]
struct Place {
    sequence: u64,
    timestamp: u64,
    /// The index of its first leg in the entry: expiries come first, then the transfers that the entry records.
    index: u32,
}

impl Place {
    /// The position of a leg. Entries are bounded so that every sequence and index has one.
    fn position(self, leg: usize) -> Position {
        let leg = u32::try_from(leg).unwrap_or(u32::MAX);
        Position::new(self.sequence, self.index.saturating_add(leg)).unwrap_or(Position::NONE)
    }

    /// Goes on behind so many positions. An entry has far fewer than an index has numbers.
    fn advance(&mut self, positions: usize) {
        self.index = self.index.saturating_add(u32::try_from(positions).unwrap_or(u32::MAX));
    }
}

/// The ledger, executed one transfer at a time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Model {
    state: State,
    sequence: u64,
    timestamp: u64,
}

impl Model {
    /// A ledger without accounts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Executes the next entry: what is due expires, then the requests one after the other.
    ///
    /// # Errors
    /// An [`EntryError`] if this cannot be the next entry. Then nothing has changed.
    pub fn execute(&mut self, timestamp: u64, requests: &[Request]) -> Result<EntryResult, EntryError> {
        let sequence = next_sequence((self.sequence, self.timestamp), timestamp, requests)?;
        let mut place = Place { sequence, timestamp, index: 0 };
        let expired = self.expire(&mut place);
        let replies = requests.iter().map(|request| self.answer(request, &mut place)).collect();
        (self.sequence, self.timestamp) = (sequence, timestamp);
        Ok(EntryResult { sequence, expired, replies })
    }

    /// Goes on behind an entry that executes nothing, not even what is due: that of a clean stop.
    pub(crate) const fn pass(&mut self, sequence: u64, timestamp: u64) {
        (self.sequence, self.timestamp) = (sequence, timestamp);
    }

    /// Puts an account there as it is, with whatever totals it has: for a ledger that begins with a snapshot.
    pub fn load_account(&mut self, account: Account) {
        self.state.accounts.insert(account.id, account);
    }

    /// The account with this id.
    #[must_use]
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.state.accounts.get(&id)
    }

    /// All accounts, in the order of their ids.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.state.accounts.values()
    }

    /// The transfer that used up this id.
    #[must_use]
    pub fn transfer(&self, id: TransferId) -> Option<&KnownTransfer> {
        self.state.transfers.get(&id)
    }

    /// All transfers whose ids are used up, in the order of their ids.
    pub fn transfers(&self) -> impl Iterator<Item = &KnownTransfer> {
        self.state.transfers.values()
    }

    /// All open pending transfers, in the order in which they expire.
    pub fn open_pending(&self) -> impl Iterator<Item = &Pending> {
        self.state.pending.values()
    }

    /// What is used of every window of an allowance at `timestamp`; nothing if there is no such allowance.
    #[must_use]
    pub fn explain(&self, id: AllowanceId, timestamp: u64) -> Vec<WindowUse> {
        self.state.allowances.get(&id).map_or_else(Vec::new, |allowance| allowance.explain(timestamp))
    }

    /// The sequence of the newest entry; zero if there is none.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The timestamp of the newest entry; zero if there is none.
    #[must_use]
    pub const fn timestamp(&self) -> u64 {
        self.timestamp
    }

    fn expire(&mut self, place: &mut Place) -> Vec<Expiry> {
        let due = self.state.pending.values().take_while(|pending| pending.is_due(place.timestamp));
        let due: Vec<Pending> = due.take(ENTRY_EXPIRIES_MAX).copied().collect();
        let mut expire = |pending| {
            let expiry = self.state.expire(pending, place.position(0), place.timestamp);
            place.advance(1);
            expiry
        };
        due.into_iter().map(&mut expire).collect()
    }

    fn answer(&mut self, request: &Request, place: &mut Place) -> Reply {
        match request {
            Request::Administrative(request) => {
                Reply::Administrative(self.state.administer(request, place.timestamp))
            }
            Request::Transfers(transfers) => {
                let replies = units(transfers).flat_map(|unit| self.answer_unit(unit, place));
                Reply::Transfers(replies.collect())
            }
        }
    }

    fn answer_unit(&mut self, unit: &[Transfer], place: &mut Place) -> Vec<TransferReply> {
        if let Some(replies) = self.state.answer_without_executing(unit, place.timestamp) {
            return replies;
        }
        let replies = self.state.execute_unit(unit, *place);
        place.advance(unit.len());
        replies
    }
}
