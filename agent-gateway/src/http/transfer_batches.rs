//! `POST /v1/transfer-batches`: transfers of an integrator in binary, one signature for all of them.

use super::batch::{Executed, SEQUENCE, admit, execute, read_body};
use super::{ApiError, NoQuery, Settings};
use crate::batch::{AuthenticBatch, SignedBatch};
use crate::limits;
use api_types::{ErrorCode, Problem, RecordedOutcome, TransferResult};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use ledger::TransferReply;
use std::sync::Arc;

const OCTETS: &str = "application/octet-stream";

/// Execute a batch of transfers
///
/// The body is a header record of 128 bytes, then 1 to 8,190 transfer records of 128 bytes; the answer has one
/// result record of 48 bytes for each, in their order. Numbers are little-endian; an id is the number whose
/// big-endian bytes are its UUID's.
///
/// **Header**: `magic` 8 (`BALBATCH`) · `version` 2 (1) · `kind` 2 (1) · `count` 4 · `account` 16 · `key` 16 ·
/// `made_at` 8 (microseconds UTC) · `reserved` 8 (zero) · `signature` 64. The signature is Ed25519 over a digest:
/// BLAKE3 in key derivation mode with the context `ballast 2026-12 signed batch v1`, over the BLAKE3 hash of the
/// network's word, the 16 bytes of the instance's UUID (both from `/version`), the first 64 bytes of the header, and
/// the records.
///
/// **Transfer**: `id` 16 · `debit_account` 16 · `credit_account` 16 · `pending_id` 16 · `allowance_id` 16 ·
/// `reference` 16 · `amount` 8 (micro-dollars or sats) · `timeout_seconds` 4 · `asset` 2 (1 USDb, 2 BTC) · `code` 2 ·
/// `flags` 2 (1 linked, 2 pending, 4 post, 8 void, 16 restore_allowance) · `reserved` 14 (zero).
///
/// **Result**: `outcome_status` 2 · zero 6 · `outcome_amount` 8 · `previous_debit` 8 · `previous_credit` 8 ·
/// `position` 8 (sequence of the ledger's entry times 2^20, plus the index in it) · `status` 2 · zero 6. The first 32
/// bytes are the outcome of the id, for ever; `status` is what this request is answered now: 0 accepted, 30 exists
/// (the outcome is the first one), else why not. With `position` zero there is no outcome: the id is not used up, or is
/// known with other fields.
///
/// Every transfer debits the account of the key; a post or void names it as payer or payee. If one does not, nothing is
/// executed. Otherwise the answer is 200, each transfer with a status of its own. Legs with `linked` succeed or fail
/// together; the transfers of a batch are executed in one entry, in their order.
///
/// **Sending again is safe**: an id is executed once, for ever. After 429, 503 or no answer at all send the same ids
/// again, signed anew if five minutes have passed; what was done answers `exists` with its first outcome. No
/// `Idempotency-Key` is needed.
///
/// Checks in this order, the first that fails is reported: media type, size, length, header, count, time (300 s back, 60
/// s ahead), key, revocation, signature, accounts.
#[utoipa::path(
    post, path = "/v1/transfer-batches", operation_id = "create_transfer_batch", tag = "batches",
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "Header and transfer records."),
    responses(
        (status = 200, description = "One result record of 48 bytes for each transfer.", body = Vec<u8>, content_type = "application/octet-stream",
            headers(("Ballast-Sequence" = u64, description = "The ledger's entry that holds for this answer."))),
        (status = 400, description = "`invalid_batch_length`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("batch_signature" = [])),
    extensions(("x-rate-class" = json!("batch"))),
)]
pub(super) async fn create_transfer_batch(
    State(settings): State<Arc<Settings>>,
    _: NoQuery,
    request: Request,
) -> Result<([(HeaderName, HeaderValue); 2], Vec<u8>), ApiError> {
    require_octets(request.headers())?;
    let bytes = read_body(request, ErrorCode::InvalidBatchLength).await?;
    let batch = SignedBatch::of_transfers(bytes)?;
    let read = |batch: AuthenticBatch| Ok(batch.own(batch.records(), limits::BATCH_TRANSFERS)?);
    let transfers = admit(&settings, batch, read).await?;
    let executed = execute(&settings, transfers).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(OCTETS)),
        (SEQUENCE, HeaderValue::from(executed.sequence)),
    ];
    Ok((headers, results(&executed)))
}

fn require_octets(headers: &HeaderMap) -> Result<(), ApiError> {
    let given = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    if given.eq_ignore_ascii_case(OCTETS.as_bytes()) {
        return Ok(());
    }
    Err(ApiError::new(ErrorCode::UnsupportedMediaType, format!("The Content-Type is not {OCTETS}.")))
}

fn results(executed: &Executed) -> Vec<u8> {
    executed.replies.iter().flat_map(|reply| result_of(reply).encode()).collect()
}

/// The reply in the form of the wire.
fn result_of(reply: &TransferReply) -> TransferResult {
    let recorded = reply.recorded.map(|recorded| RecordedOutcome {
        status: recorded.outcome.status.code(),
        amount: recorded.outcome.amount,
        previous_debit: recorded.outcome.previous_debit.bits(),
        previous_credit: recorded.outcome.previous_credit.bits(),
        position: recorded.position.bits(),
    });
    TransferResult { status: reply.status.code(), recorded }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::{OUTCOME_BYTES, Outcome, Position, Recorded, Transfer, TransferStatus};

    /// The first 32 bytes of a result are the ledger's own record of the outcome.
    #[test]
    fn a_result_begins_with_the_outcome() {
        for (status, amount) in [(TransferStatus::Accepted, 7), (TransferStatus::LedgerFrozen, 0)] {
            let outcome = Outcome {
                amount,
                previous_debit: Position::from_bits(amount * 3),
                previous_credit: Position::from_bits(amount * 5),
                ..Outcome::refused(status)
            };
            let position = Position::new(9, 2).unwrap();
            let recorded = Some(Recorded { position, outcome });
            let reply = TransferReply { status: TransferStatus::Exists, recorded, bound: None };
            let record = result_of(&reply).encode();
            assert_eq!(record[..OUTCOME_BYTES], outcome.encode());
            assert_eq!(record[OUTCOME_BYTES..40], position.bits().to_le_bytes());
            assert_eq!(record[40..], [30, 0, 0, 0, 0, 0, 0, 0]);
        }
    }

    /// The record that clients write is the one that the ledger reads.
    #[test]
    fn the_transfer_record_is_the_ledgers() {
        let id = |number: u128| uuid::Uuid::from_u128(number << 64 | 0x1234);
        let written = api_types::TransferRecord {
            id: id(1),
            debit_account: id(2),
            credit_account: id(3),
            pending_id: id(4),
            allowance_id: id(5),
            reference: [6; 16],
            amount: 0x0102_0304_0506_0708,
            timeout_seconds: 0x0a0b_0c0d,
            asset: api_types::TransferRecord::BTC,
            code: 0x0e0f,
            flags: 31,
        };
        let read = Transfer::decode(&written.encode());
        assert_eq!(read.encode(), written.encode());
        assert_eq!(
            (read.id.0, read.debit_account.0, read.credit_account.0, read.pending_id.0, read.allowance_id.0),
            (
                written.id.as_u128(),
                written.debit_account.as_u128(),
                written.credit_account.as_u128(),
                written.pending_id.as_u128(),
                written.allowance_id.as_u128()
            )
        );
        assert_eq!((read.reference, read.amount), (written.reference, written.amount));
        assert_eq!((read.timeout_seconds, read.code), (written.timeout_seconds, written.code));
        assert_eq!((read.asset, read.flags.bits()), (ledger::Asset::BTC, 31));
    }

    #[test]
    fn flags_have_the_ledgers_numbers() {
        use api_types::TransferRecord as Record;
        use ledger::TransferFlags as Flags;
        for (number, flag) in [
            (Record::LINKED, Flags::LINKED),
            (Record::PENDING, Flags::PENDING),
            (Record::POST, Flags::POST),
            (Record::VOID, Flags::VOID),
            (Record::RESTORE_ALLOWANCE, Flags::RESTORE_ALLOWANCE),
        ] {
            assert_eq!(number, flag.bits());
        }
        assert_eq!(Record::USDB, ledger::Asset::USDB.number());
        assert_eq!(Record::WHOLE, ledger::limits::AMOUNT_WHOLE);
        assert_eq!(TransferResult::EXISTS, TransferStatus::Exists.code());
    }
}
