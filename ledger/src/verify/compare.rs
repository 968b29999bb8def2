//! An entry of the journal against what executing its requests again gave.

use super::difference::{At, DifferenceKind, place};
use super::verify_error::VerifyError;
use crate::disk::to_u64;
use crate::engine::EntryOutcome;
use crate::{Entry, EntryPart, Outcome, Position, RecordedExpiry, RecordedTransfer, TransferStatus};

/// The transfers of an entry, in order.
pub(super) fn transfers_of(entry: &Entry) -> impl Iterator<Item = &RecordedTransfer> {
    entry.parts.iter().flat_map(|part| match part {
        EntryPart::Transfers(transfers) => transfers.as_slice(),
        EntryPart::Administrative(_) => &[],
    })
}

/// The entry records exactly what was executed again. All of its requests had an effect, so each has to have it again.
pub(super) fn compare(entry: &Entry, outcome: &EntryOutcome) -> Result<(), VerifyError> {
    compare_expiries(entry, outcome)?;
    compare_transfers(entry, outcome)?;
    compare_requests(entry, outcome)
}

fn compare_expiries(entry: &Entry, outcome: &EntryOutcome) -> Result<(), VerifyError> {
    let mut again = outcome.expired.iter().map(RecordedExpiry::from);
    let mut recorded = entry.expired.iter().copied();
    for index in 0_u64.. {
        let (expected, found) = (again.next(), recorded.next());
        if expected != found {
            let at = At::index(entry.sequence, index, DifferenceKind::Expiry);
            return Err(at.differs(expiry_words(expected), expiry_words(found)));
        }
        if expected.is_none() {
            break;
        }
    }
    Ok(())
}

fn compare_transfers(entry: &Entry, outcome: &EntryOutcome) -> Result<(), VerifyError> {
    let (mut outcomes, mut ended) = (outcome.outcomes.iter(), outcome.ended.iter());
    let first_index = to_u64(entry.expired.len());
    for ((index, recorded), uses_id) in (0..).zip(transfers_of(entry)).zip(outcome.uses_ids()) {
        let again = if uses_id { outcomes.next() } else { None };
        let Some(again) = again else { return Err(leaves_no_trace(entry, outcome, (index, recorded))) };
        let ends = recorded.transfer.ends_pending() && again.status.is_accepted();
        let end = if ends { ended.next().copied() } else { None }.unwrap_or(Position::NONE);
        let at = |kind| At::index(entry.sequence, first_index.saturating_add(to_u64(index)), kind);
        if *again != recorded.outcome {
            let differs = at(DifferenceKind::Outcome);
            return Err(differs.differs(outcome_words(again), outcome_words(&recorded.outcome)));
        }
        if end != recorded.ended {
            return Err(at(DifferenceKind::End).differs(place(end), place(recorded.ended)));
        }
    }
    Ok(())
}

/// A transfer that is recorded, and would not be if it were executed again.
fn leaves_no_trace(
    entry: &Entry,
    outcome: &EntryOutcome,
    (index, recorded): (usize, &RecordedTransfer),
) -> VerifyError {
    let status = outcome.transfer_replies().nth(index).map(|reply| reply.status);
    let kind = match status {
        Some(TransferStatus::IdTooOld | TransferStatus::IdInFuture | TransferStatus::Exists) => {
            DifferenceKind::Id
        }
        Some(status) if status.class() == crate::StatusClass::KnownId => DifferenceKind::Id,
        _ => DifferenceKind::Outcome,
    };
    let index = to_u64(entry.expired.len()).saturating_add(to_u64(index));
    let expected = format!("no record, because of {}", status.map_or("nothing", TransferStatus::word));
    At::index(entry.sequence, index, kind).differs(expected, outcome_words(&recorded.outcome))
}

fn compare_requests(entry: &Entry, outcome: &EntryOutcome) -> Result<(), VerifyError> {
    let refused = (0..).zip(&outcome.administrative).find(|(_, status)| !status.is_accepted());
    let Some((number, status)) = refused else { return Ok(()) };
    let (number, word): (u64, _) = (number, status.word());
    let found = format!("request {number} of the entry as accepted");
    Err(At::entry(entry.sequence, DifferenceKind::Request).differs(word, found))
}

fn expiry_words(expiry: Option<RecordedExpiry>) -> String {
    expiry.map_or("none".to_owned(), |expiry| {
        let RecordedExpiry { id, position, previous_debit, previous_credit } = expiry;
        let (debit, credit) = (place(previous_debit), place(previous_credit));
        format!("that of {:032x} from {}, after {debit} and {credit}", id.0, place(position))
    })
}

fn outcome_words(outcome: &Outcome) -> String {
    let Outcome { status, amount, previous_debit, previous_credit } = outcome;
    if !status.is_accepted() {
        return status.word().to_owned();
    }
    format!("{status} with amount {amount}, after {} and {}", place(*previous_debit), place(*previous_credit))
}
