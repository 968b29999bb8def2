//! Writing a body, straight from what was executed.

use super::layout::{END_BYTES, ENDS_COUNT_BYTES, EXPIRY_BYTES, encode_end, encode_expiry};
use crate::disk::to_u32;
use crate::engine::EntryOutcome;
use crate::journal::{EntryBuffer, EntryCounts};
use crate::{OUTCOME_BYTES, RecordedExpiry, Request, TRANSFER_BYTES};

/// Puts the body of an executed entry into an empty buffer and says what it counts. `requests` are those the entry
/// was executed with.
pub fn encode_entry(outcome: &EntryOutcome, requests: &[Request], buffer: &mut EntryBuffer) -> EntryCounts {
    for expiry in &outcome.expired {
        buffer.push(&encode_expiry(&RecordedExpiry::from(expiry)));
    }
    encode_transfers(outcome, requests, buffer);
    encode_ends(outcome, requests, buffer);
    EntryCounts {
        expiries: to_u32(outcome.expired.len()),
        transfers: to_u32(outcome.outcomes.len()),
        requests: encode_requests(outcome, requests, buffer),
    }
}

fn encode_transfers(outcome_of: &EntryOutcome, requests: &[Request], buffer: &mut EntryBuffer) {
    let count = outcome_of.outcomes.len();
    let transfer_bytes = count.saturating_mul(TRANSFER_BYTES);
    let records = buffer.extend_zeroed(transfer_bytes.saturating_add(count.saturating_mul(OUTCOME_BYTES)));
    let (transfers, outcomes) = records.split_at_mut(transfer_bytes);
    let places = transfers.chunks_exact_mut(TRANSFER_BYTES).zip(outcomes.chunks_exact_mut(OUTCOME_BYTES));
    for ((transfer, outcome), recorded) in places.zip(outcome_of.recorded_transfers(requests)) {
        transfer.copy_from_slice(&recorded.transfer.encode());
        outcome.copy_from_slice(&recorded.outcome.encode());
    }
}

fn encode_ends(outcome: &EntryOutcome, requests: &[Request], buffer: &mut EntryBuffer) {
    buffer.push(&to_u32(outcome.ended.len()).to_le_bytes());
    if outcome.ended.is_empty() {
        return;
    }
    for (index, recorded) in (0_u32..).zip(outcome.recorded_transfers(requests)) {
        if !recorded.ended.is_none() {
            buffer.push(&encode_end(index, recorded.ended));
        }
    }
}

/// Writes the accepted administrative requests, each with its place, and counts them.
fn encode_requests(outcome: &EntryOutcome, requests: &[Request], buffer: &mut EntryBuffer) -> u32 {
    let (mut place, mut count) = (0_u32, 0_u32);
    let mut answers = outcome.uses_ids();
    let mut statuses = outcome.administrative.iter();
    let mut record = Vec::new();
    for request in requests {
        match request {
            Request::Transfers(transfers) => {
                let recorded = answers.by_ref().take(transfers.len()).filter(|uses_id| *uses_id).count();
                place = place.saturating_add(to_u32(recorded));
            }
            Request::Administrative(request) => {
                if statuses.next().is_some_and(|status| status.is_accepted()) {
                    record.clear();
                    request.encode(&mut record);
                    buffer.push(&place.to_le_bytes());
                    buffer.push(&record);
                    count = count.saturating_add(1);
                }
            }
        }
    }
    count
}

/// A body's length never leaves what an entry may take: the largest is checked when the program is compiled.
const _: () = {
    use crate::disk::limits::ENTRY_BYTES_MAX;
    use crate::limits::{ENTRY_EXPIRIES_MAX, ENTRY_TRANSFERS_MAX};
    let transfers = ENTRY_TRANSFERS_MAX * (TRANSFER_BYTES + OUTCOME_BYTES + END_BYTES);
    let records = transfers + ENTRY_EXPIRIES_MAX * EXPIRY_BYTES + ENDS_COUNT_BYTES;
    // Administrative requests are at most about 1.3 KiB each and there are at most 1,024 of them.
    assert!((records as u64) < ENTRY_BYTES_MAX - 1_024 * 1_400);
};
