//! `POST /v1/payment-batches`: payments of an integrator in JSON, one signature for all of them.

use super::batch::{Executed, SEQUENCE, admit, execute, read_body, refuse};
use super::payment_transfers::{PaymentTransfers, result_of};
use super::{ApiError, NoQuery, Settings, json};
use crate::batch::{BatchRefusal, SignedBatch};
use crate::clock::rfc3339;
use crate::limits;
use api_types::{BatchHeader, ErrorCode, PaymentBatch, PaymentBatchResult, Problem};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use ledger::{AccountId, Asset};
use std::sync::Arc;

/// Execute a batch of payments
///
/// The same as a transfer batch in JSON, at most 1,000 payments. The header record (of kind 2) travels in the field
/// `Ballast-Batch`, in base64url without padding; the signature is over the digest of `create_transfer_batch`, with the
/// bytes of this body, as they are sent, in place of the records.
///
/// An `amount` is in whole units of its `asset`, `USDb`; bitcoin is `amount_sats`. A post without either moves all of
/// what is reserved; it takes its asset from the pending payment, so an amount given in the other one is refused. Every
/// payment debits the account of the key; a post or void names it as payer or payee. If one does not, nothing is
/// executed. Otherwise the answer is 200, each payment with a `status` and `code` of its own, also where all were
/// refused.
///
/// **Sending again is safe**: an id is executed once, for ever. After 429, 503 or no answer at all send the same ids
/// again, signed anew if five minutes have passed; what was done answers `exists` with its first outcome. No
/// `Idempotency-Key` is needed.
///
/// Checks in this order, the first that fails is reported: media type, size, header, count, time (300 s back, 60 s
/// ahead), key, revocation, signature, JSON, amounts and members, accounts.
#[utoipa::path(
    post, path = "/v1/payment-batches", operation_id = "create_payment_batch", tag = "batches",
    params(("Ballast-Batch" = String, Header, description = "The header record of 128 bytes in base64url without padding.",
        min_length = 171, max_length = 171)),
    request_body(content = PaymentBatch, content_type = "application/json", description = "The payments."),
    responses(
        (status = 200, description = "What became of each payment.", body = PaymentBatchResult,
            headers(("Ballast-Sequence" = u64, description = "The ledger's entry that holds for this answer."))),
        (status = 400, description = "`malformed_json`; `unknown_field`; `missing_field`; `invalid_field`; `invalid_amount`",
            body = Problem, content_type = "application/problem+json"),
    ),
    security(("batch_signature" = [])),
    extensions(("x-rate-class" = json!("batch"))),
)]
pub(super) async fn create_payment_batch(
    State(settings): State<Arc<Settings>>,
    _: NoQuery,
    request: Request,
) -> Result<([(HeaderName, HeaderValue); 1], axum::Json<PaymentBatchResult>), ApiError> {
    json::require_json(request.headers())?;
    let header = header_of(request.headers())?;
    let body = read_body(request, ErrorCode::MalformedJson).await?;
    let batch = SignedBatch::of_payments(&header, body)?;
    let (payments, own, account) = admit(&settings, batch, |batch| {
        let PaymentBatch { payments } = json::parse(batch.body())?;
        let payments = PaymentTransfers::read(payments)?;
        let own = batch.own(payments.transfers(), limits::BATCH_PAYMENTS).map_err(point_at)?;
        Ok((payments, own, batch.account()))
    })
    .await?;
    let asset = if payments.has_posts() { asset_of(&settings, account).await? } else { None };
    payments.check_posts(asset)?;
    let executed = execute(&settings, own).await?;
    let sequence = [(SEQUENCE, HeaderValue::from(executed.sequence))];
    Ok((sequence, axum::Json(answer(&settings, &payments, asset, &executed)?)))
}

/// A refusal, with a pointer to the payment it is about.
fn point_at(refusal: BatchRefusal) -> ApiError {
    let error = ApiError::from(refusal);
    match refusal {
        BatchRefusal::OtherAccount { index } => error.at(format!("/payments/{index}")),
        _ => error,
    }
}

/// The one header record of the batch, as text.
fn header_of(headers: &HeaderMap) -> Result<String, ApiError> {
    let refuse = |why: &str| {
        ApiError::new(ErrorCode::InvalidBatchHeader, format!("The field Ballast-Batch {why}."))
            .at("Ballast-Batch")
    };
    let mut values = headers.get_all(BatchHeader::FIELD).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(refuse("is missing, or is there more than once"));
    };
    value.to_str().map(str::to_owned).map_err(|_| refuse("is not text"))
}

/// What the account counts in, if it is there. It never changes.
async fn asset_of(settings: &Settings, account: AccountId) -> Result<Option<Asset>, ApiError> {
    let account = settings.ledger.account(account).await.map_err(refuse)?;
    Ok(account.map(|account| account.asset))
}

fn answer(
    settings: &Settings,
    payments: &PaymentTransfers,
    asset: Option<Asset>,
    executed: &Executed,
) -> Result<PaymentBatchResult, ApiError> {
    let micros = i64::try_from(executed.timestamp).map_err(ApiError::internal)?;
    let results =
        payments.items().zip(&executed.replies).map(|(payment, reply)| result_of(payment, reply, asset));
    Ok(PaymentBatchResult {
        object: "payment_batch".to_owned(),
        livemode: settings.version.livemode,
        sequence: executed.sequence,
        executed_at: rfc3339(Timestamp::from_microsecond(micros).map_err(ApiError::internal)?),
        results: results.collect::<Result<_, _>>()?,
    })
}
