//! Reading a body. No bytes make it panic, or take more memory than the counts of the header allow.

use super::body_fault::BodyFault;
use super::layout::{BodyLayout, END_BYTES, ENDS_COUNT_BYTES, EXPIRY_BYTES, decode_end, decode_expiry};
use crate::admin::AdministrativeRequest;
use crate::disk::{to_u32, to_usize};
use crate::journal::{EntryCounts, EntryHeader, EntryKind};
use crate::{Entry, EntryPart};
use crate::{OUTCOME_BYTES, Outcome, Position, RecordedTransfer, TRANSFER_BYTES, Transfer};

/// The entry with this header and body.
///
/// # Errors
/// A [`BodyFault`] if the body is not one that [`super::encode_entry`] writes.
pub fn decode_entry(header: &EntryHeader, body: &[u8]) -> Result<Entry, BodyFault> {
    let counts = header.fields.counts;
    if header.fields.kind == EntryKind::Closing {
        return empty(header, body);
    }
    BodyLayout::of(counts).ok_or(BodyFault::CountOutOfRange)?;
    let mut rest = body;
    let expiries = take(&mut rest, counts.expiries, EXPIRY_BYTES)?;
    let transfers = take(&mut rest, counts.transfers, TRANSFER_BYTES)?;
    let outcomes = take(&mut rest, counts.transfers, OUTCOME_BYTES)?;
    let ends_count = take(&mut rest, 1, ENDS_COUNT_BYTES)?.first_chunk().copied().map(u32::from_le_bytes);
    let ends_count = ends_count.filter(|count| *count <= counts.transfers).ok_or(BodyFault::EndsWrong)?;
    let ends = take(&mut rest, ends_count, END_BYTES)?;
    let expired = expiries.as_chunks().0.iter().map(decode_expiry).collect();
    let recorded = decode_transfers(transfers, outcomes, ends)?;
    let parts = decode_parts(recorded, rest, counts.requests)?;
    Ok(Entry { sequence: header.fields.sequence, timestamp: header.fields.timestamp, expired, parts })
}

/// The entry of a clean stop.
fn empty(header: &EntryHeader, body: &[u8]) -> Result<Entry, BodyFault> {
    if !body.is_empty() || header.fields.counts != EntryCounts::default() {
        return Err(BodyFault::LengthWrong);
    }
    let (sequence, timestamp) = (header.fields.sequence, header.fields.timestamp);
    Ok(Entry { sequence, timestamp, expired: Vec::new(), parts: Vec::new() })
}

/// The next `count` records of `length` bytes.
fn take<'a>(rest: &mut &'a [u8], count: u32, length: usize) -> Result<&'a [u8], BodyFault> {
    let bytes = to_usize(u64::from(count)).saturating_mul(length);
    let (records, behind) = rest.split_at_checked(bytes).ok_or(BodyFault::LengthWrong)?;
    *rest = behind;
    Ok(records)
}

fn decode_transfers(
    transfers: &[u8],
    outcomes: &[u8],
    ends: &[u8],
) -> Result<Vec<RecordedTransfer>, BodyFault> {
    let (transfers, outcomes) = (transfers.as_chunks().0, outcomes.as_chunks().0);
    let mut ends = ends.as_chunks().0.iter().map(decode_end);
    let mut recorded = Vec::with_capacity(transfers.len());
    for (index, (transfer, outcome)) in (0_u32..).zip(transfers.iter().zip(outcomes)) {
        let transfer = Transfer::decode(transfer);
        let outcome = Outcome::decode(outcome).ok_or(BodyFault::OutcomeMalformed(index))?;
        let ended = if transfer.ends_pending() && outcome.status.is_accepted() {
            let end = ends.next().filter(|(at, position)| *at == index && !position.is_none());
            end.ok_or(BodyFault::EndsWrong)?.1
        } else {
            Position::NONE
        };
        recorded.push(RecordedTransfer { transfer, outcome, ended });
    }
    if ends.next().is_some() { Err(BodyFault::EndsWrong) } else { Ok(recorded) }
}

/// Puts the administrative requests to their places between the transfers.
fn decode_parts(
    recorded: Vec<RecordedTransfer>,
    mut requests: &[u8],
    count: u32,
) -> Result<Vec<EntryPart>, BodyFault> {
    let mut parts = Vec::new();
    let mut done = 0_u32;
    let mut recorded = recorded.into_iter();
    for index in 0..count {
        let malformed = BodyFault::RequestMalformed(index);
        let (place, record) = requests.split_first_chunk().ok_or(malformed)?;
        let place = u32::from_le_bytes(*place);
        let before = place.checked_sub(done).filter(|count| *count <= to_u32(recorded.len()));
        let before = to_usize(u64::from(before.ok_or(malformed)?));
        if before > 0 {
            parts.push(EntryPart::Transfers(recorded.by_ref().take(before).collect()));
        }
        done = place;
        let (request, behind) = AdministrativeRequest::decode(record).ok_or(malformed)?;
        parts.push(EntryPart::Administrative(request));
        requests = behind;
    }
    if !requests.is_empty() {
        return Err(BodyFault::LengthWrong);
    }
    if recorded.len() > 0 {
        parts.push(EntryPart::Transfers(recorded.collect()));
    }
    Ok(parts)
}
