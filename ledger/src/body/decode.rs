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
    let (ends, requests) = split_ends(rest, counts.transfers)?;
    let expired = expiries.as_chunks().0.iter().map(decode_expiry).collect();
    let recorded = decode_transfers(transfers, outcomes, ends)?;
    let parts = put_in_order(recorded, decode_requests(requests, counts.requests)?)?;
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

/// Divides what follows the outcomes of so many transfers: the ends, for [`super::decode_end`], and the administrative
/// requests behind them, for [`decode_requests`].
///
/// # Errors
/// A [`BodyFault`] if there are more ends than transfers, or not as many as are counted.
pub fn split_ends(bytes: &[u8], transfers: u32) -> Result<(&[[u8; END_BYTES]], &[u8]), BodyFault> {
    let mut rest = bytes;
    let count = take(&mut rest, 1, ENDS_COUNT_BYTES)?.first_chunk().copied().map(u32::from_le_bytes);
    let count = count.filter(|count| *count <= transfers).ok_or(BodyFault::EndsWrong)?;
    let ends = take(&mut rest, count, END_BYTES)?.as_chunks().0;
    Ok((ends, rest))
}

/// The administrative requests, each with the number of transfers that stand before it.
///
/// # Errors
/// A [`BodyFault`] if one is malformed, or something stands behind the last.
pub fn decode_requests(bytes: &[u8], count: u32) -> Result<Vec<(u32, AdministrativeRequest)>, BodyFault> {
    let mut requests = Vec::new();
    let mut rest = bytes;
    for index in 0..count {
        let malformed = BodyFault::RequestMalformed(index);
        let (place, record) = rest.split_first_chunk().ok_or(malformed)?;
        let (request, behind) = AdministrativeRequest::decode(record).ok_or(malformed)?;
        requests.push((u32::from_le_bytes(*place), request));
        rest = behind;
    }
    if rest.is_empty() { Ok(requests) } else { Err(BodyFault::LengthWrong) }
}

fn decode_transfers(
    transfers: &[u8],
    outcomes: &[u8],
    ends: &[[u8; END_BYTES]],
) -> Result<Vec<RecordedTransfer>, BodyFault> {
    let (transfers, outcomes) = (transfers.as_chunks().0, outcomes.as_chunks().0);
    let mut ends = ends.iter().map(decode_end);
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
fn put_in_order(
    recorded: Vec<RecordedTransfer>,
    requests: Vec<(u32, AdministrativeRequest)>,
) -> Result<Vec<EntryPart>, BodyFault> {
    let mut parts = Vec::new();
    let mut done = 0_u32;
    let mut recorded = recorded.into_iter();
    for (index, (place, request)) in (0_u32..).zip(requests) {
        let before = place.checked_sub(done).filter(|count| *count <= to_u32(recorded.len()));
        let before = to_usize(u64::from(before.ok_or(BodyFault::RequestMalformed(index))?));
        if before > 0 {
            parts.push(EntryPart::Transfers(recorded.by_ref().take(before).collect()));
        }
        done = place;
        parts.push(EntryPart::Administrative(request));
    }
    if recorded.len() > 0 {
        parts.push(EntryPart::Transfers(recorded.collect()));
    }
    Ok(parts)
}
