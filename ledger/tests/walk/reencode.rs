//! The byte form of an entry once more, written from what the entry says: a body that can be read is exactly this.

use ledger::journal::EntryCounts;
use ledger::{Entry, EntryPart, RecordedTransfer};

/// The body and what it counts.
pub(crate) fn reencode(entry: &Entry) -> (EntryCounts, Vec<u8>) {
    let (mut body, mut requests) = (Vec::new(), Vec::new());
    let mut transfers: Vec<&RecordedTransfer> = Vec::new();
    let mut counts = EntryCounts { expiries: count(entry.expired.len()), ..EntryCounts::default() };
    for expiry in &entry.expired {
        body.extend(expiry.id.0.to_le_bytes());
        let positions = [expiry.position, expiry.previous_debit, expiry.previous_credit];
        positions.iter().for_each(|position| body.extend(position.bits().to_le_bytes()));
    }
    for part in &entry.parts {
        match part {
            EntryPart::Transfers(recorded) => transfers.extend(recorded),
            EntryPart::Administrative(request) => {
                requests.extend(count(transfers.len()).to_le_bytes());
                request.encode(&mut requests);
                counts.requests += 1;
            }
        }
    }
    counts.transfers = count(transfers.len());
    transfers.iter().for_each(|recorded| body.extend(recorded.transfer.encode()));
    transfers.iter().for_each(|recorded| body.extend(recorded.outcome.encode()));
    let ends: Vec<_> = (0_u32..).zip(&transfers).filter(|(_, recorded)| !recorded.ended.is_none()).collect();
    body.extend(count(ends.len()).to_le_bytes());
    for (index, recorded) in ends {
        body.extend(index.to_le_bytes());
        body.extend(recorded.ended.bits().to_le_bytes());
    }
    body.extend(requests);
    (counts, body)
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap()
}
