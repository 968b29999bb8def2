//! What both kinds of signed batches have in common: reading them within bounds, finding out whose they are, and
//! executing them.

use super::{ApiError, Settings, guard};
use crate::batch::{AuthenticBatch, BatchRefusal, OwnTransfers, SignedBatch};
use crate::limits;
use api_types::{BatchDomain, ErrorCode};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::middleware::from_fn_with_state;
use ledger::handle::{Answer, Command, LedgerError};
use ledger::{Reply, TransferReply};
use std::sync::Arc;
use std::time::Duration;
use utoipa_axum::router::OpenApiRouter;

/// Says which entry of the ledger an answer holds for.
pub(super) const SEQUENCE: HeaderName = HeaderName::from_static("ballast-sequence");

/// Counts transfers of batches by the `status` they were answered.
const TRANSFERS: &str = "ballast_batch_transfers_total";

/// Gives the routes of batches their own bounds: larger bodies, fewer at once.
pub(super) fn bounded(routes: OpenApiRouter<Arc<Settings>>) -> OpenApiRouter<Arc<Settings>> {
    let in_flight = guard::InFlight::new(limits::BATCHES_IN_FLIGHT);
    routes
        .layer(DefaultBodyLimit::max(limits::BATCH_BYTES))
        .layer(from_fn_with_state(in_flight, guard::shed_load))
}

/// The body. One that says it is too large is not read.
pub(super) async fn read_body(request: Request, broken: ErrorCode) -> Result<Bytes, ApiError> {
    let too_large = || {
        let detail = format!("The body is larger than the {} bytes of a batch.", limits::BATCH_BYTES);
        ApiError::new(ErrorCode::BodyTooLarge, detail)
    };
    if stated_length(request.headers()).is_some_and(|length| length > limits::BATCH_BYTES) {
        return Err(too_large());
    }
    Bytes::from_request(request, &()).await.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ => ApiError::new(broken, "The body ended before it was complete."),
    })
}

fn stated_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Whose batch it is, then what `read` makes of it. Time, then key, then signature, then content.
pub(super) async fn admit<T: Send + 'static>(
    settings: &Settings,
    batch: SignedBatch,
    read: impl FnOnce(AuthenticBatch) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    // Before 1970 no batch was made; a clock that says so takes none.
    let now = u64::try_from((settings.clock.now)().as_microsecond()).unwrap_or(0);
    batch.check_time(now)?;
    let key = settings.integrator_keys.find(batch.account(), batch.key()).await.map_err(|error| {
        tracing::warn!(%error, "keys cannot be looked up");
        ApiError::new(ErrorCode::KeysUnavailable, "The database does not answer.")
            .retry_after(limits::OUTAGE_RETRY)
    })?;
    let version = &settings.version;
    let domain = BatchDomain { network: version.network.clone(), instance: version.instance.0 };
    let large = batch.body_bytes() > limits::BATCH_BYTES_INLINE;
    let check = move || read(batch.authenticate(key.as_ref(), &domain)?);
    if !large {
        return check();
    }
    tokio::task::spawn_blocking(check).await.map_err(ApiError::internal)?
}

/// What the ledger answered.
#[derive(Debug)]
pub(super) struct Executed {
    pub(super) sequence: u64,
    pub(super) timestamp: u64,
    pub(super) replies: Vec<TransferReply>,
}

/// Executes the transfers in one entry, and waits until that is durable.
pub(super) async fn execute(settings: &Settings, transfers: OwnTransfers) -> Result<Executed, ApiError> {
    let transfers = transfers.into_transfers();
    let count = transfers.len();
    let command = Command::Submit(vec![ledger::Request::Transfers(transfers)]);
    let answer = settings.ledger.ask(command).await.map_err(refuse)?;
    let Answer::Submitted { sequence, timestamp, mut replies } = answer else {
        return Err(ApiError::internal(format!("the ledger answered {} to a submission", answer.kind())));
    };
    match (replies.pop(), replies.is_empty()) {
        (Some(Reply::Transfers(replies)), true) if replies.len() == count => {
            count_statuses(&replies);
            Ok(Executed { sequence, timestamp, replies })
        }
        _ => Err(ApiError::internal("the ledger's replies are not those to one request of transfers")),
    }
}

fn count_statuses(replies: &[TransferReply]) {
    // Nearly always all of them have one status: runs of equal ones are counted at once.
    for run in replies.chunk_by(|one, next| one.status == next.status) {
        if let Some(first) = run.first() {
            let count = u64::try_from(run.len()).unwrap_or(u64::MAX);
            metrics::counter!(TRANSFERS, "status" => first.status.word()).increment(count);
        }
    }
}

/// Why the ledger did not answer, as callers see it.
pub(super) fn refuse(error: LedgerError) -> ApiError {
    match error {
        LedgerError::Busy { retry_after_ms } => {
            ApiError::new(ErrorCode::LedgerBusy, "As many transfers wait as the ledger takes on.")
                .retry_after(Duration::from_millis(retry_after_ms))
        }
        LedgerError::Stopped(_) | LedgerError::ConnectionLost(_) => {
            tracing::warn!(%error, "the ledger does not answer");
            ApiError::new(ErrorCode::LedgerUnavailable, "The ledger has stopped, or cannot be reached.")
                .retry_after(limits::OUTAGE_RETRY)
        }
        other => ApiError::internal(other),
    }
}

/// What a client is told to do about a batch that nobody has vouched for.
const CHALLENGE: &str = "BallastBatch";

impl From<BatchRefusal> for ApiError {
    fn from(refusal: BatchRefusal) -> Self {
        let code = refusal.code();
        let error = Self::new(code, format!("The batch is refused: {refusal}."));
        if code.status() == StatusCode::UNAUTHORIZED.as_u16() { error.challenge(CHALLENGE) } else { error }
    }
}
