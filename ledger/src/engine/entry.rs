//! A journal entry as the engine replays it: requests with what became of them.

use super::entry_outcome::EntryOutcome;
use crate::admin::AdministrativeRequest;
use crate::{Outcome, Request, Transfer, TransferId};

/// What one entry recorded, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its sequence.
    pub sequence: u64,
    /// Its time.
    pub timestamp: u64,
    /// The pending transfers that expired at its start.
    pub expired: Vec<TransferId>,
    /// What was executed. Only what changed the state or used up an id is here.
    pub parts: Vec<EntryPart>,
}

/// A stretch of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryPart {
    /// An accepted administrative request.
    Administrative(AdministrativeRequest),
    /// Transfers with their outcomes. Chains are whole.
    Transfers(Vec<(Transfer, Outcome)>),
}

impl Entry {
    /// What an executed entry records. `requests` are those it was executed with.
    #[must_use]
    pub fn of(outcome: &EntryOutcome, requests: &[Request]) -> Self {
        let mut parts = Vec::new();
        let mut transfers = Vec::new();
        let mut answers = outcome.uses_ids();
        let mut administrative = outcome.administrative.iter();
        let mut recorded = outcome.recorded(requests);
        for request in requests {
            match request {
                Request::Transfers(list) => {
                    let new = answers.by_ref().take(list.len()).filter(|uses_id| *uses_id).count();
                    transfers
                        .extend(recorded.by_ref().take(new).map(|(transfer, outcome)| (*transfer, *outcome)));
                }
                Request::Administrative(request) => {
                    if administrative.next().is_some_and(|status| status.is_accepted()) {
                        close(&mut parts, &mut transfers);
                        parts.push(EntryPart::Administrative(request.clone()));
                    }
                }
            }
        }
        close(&mut parts, &mut transfers);
        let expired = outcome.expired.iter().map(|pending| pending.id).collect();
        Self { sequence: outcome.sequence, timestamp: outcome.timestamp, expired, parts }
    }
}

/// Ends the stretch of transfers, if there is one.
fn close(parts: &mut Vec<EntryPart>, transfers: &mut Vec<(Transfer, Outcome)>) {
    if !transfers.is_empty() {
        parts.push(EntryPart::Transfers(std::mem::take(transfers)));
    }
}
