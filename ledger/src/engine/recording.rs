//! What an executed entry leaves in the journal.

use super::entry_outcome::EntryOutcome;
use crate::{Entry, EntryPart, RecordedExpiry, RecordedTransfer, Request};

impl Entry {
    /// What an executed entry records. `requests` are those it was executed with.
    #[must_use]
    pub fn of(outcome: &EntryOutcome, requests: &[Request]) -> Self {
        let mut parts = Vec::new();
        let mut transfers = Vec::new();
        let mut answers = outcome.uses_ids();
        let mut administrative = outcome.administrative.iter();
        let mut recorded = outcome.recorded_transfers(requests);
        for request in requests {
            match request {
                Request::Transfers(list) => {
                    let new = answers.by_ref().take(list.len()).filter(|uses_id| *uses_id).count();
                    transfers.extend(recorded.by_ref().take(new));
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
        let expired = outcome.expired.iter().map(RecordedExpiry::from).collect();
        Self { sequence: outcome.sequence, timestamp: outcome.timestamp, expired, parts }
    }
}

/// Ends the stretch of transfers, if there is one.
fn close(parts: &mut Vec<EntryPart>, transfers: &mut Vec<RecordedTransfer>) {
    if !transfers.is_empty() {
        parts.push(EntryPart::Transfers(std::mem::take(transfers)));
    }
}
