//! What is true of every operation and therefore written once: the refusals of the layers, and who may call.

use api_types::{ErrorCode, Problem};
use ledger::TransferStatus;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, PathItem, Ref, RefOr, Response, ResponseBuilder};

/// What the layers answer before an operation is reached, or in its place.
const OF_LAYERS: [ErrorCode; 8] = [
    ErrorCode::InvalidHost,
    ErrorCode::UrlTooLong,
    ErrorCode::RateLimited,
    ErrorCode::HeadersTooLarge,
    ErrorCode::Internal,
    ErrorCode::Overloaded,
    ErrorCode::TimedOut,
    ErrorCode::UnknownField,
];

/// What every operation on signed batches can answer besides.
const OF_BATCHES: [ErrorCode; 13] = [
    ErrorCode::InvalidBatchHeader,
    ErrorCode::InvalidBatchCount,
    ErrorCode::BatchTooOld,
    ErrorCode::BatchInFuture,
    ErrorCode::UnknownKey,
    ErrorCode::InvalidBatchSignature,
    ErrorCode::KeyRevoked,
    ErrorCode::BatchAccountDiffers,
    ErrorCode::BodyTooLarge,
    ErrorCode::UnsupportedMediaType,
    ErrorCode::LedgerBusy,
    ErrorCode::KeysUnavailable,
    ErrorCode::LedgerUnavailable,
];

/// The name of the security scheme, and of the tag of its operations.
const BATCH_SIGNATURE: &str = "batch_signature";
const BATCHES: &str = "batches";

/// Adds to every operation what the layers can answer, and says that it needs no token unless it says itself
/// that it does.
pub(super) fn complete(document: &mut OpenApi) {
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        for code in OF_LAYERS {
            answer(operation, code);
        }
        if operation.tags.as_ref().is_some_and(|tags| tags.iter().any(|tag| tag == BATCHES)) {
            OF_BATCHES.into_iter().for_each(|code| answer(operation, code));
        }
        operation.security.get_or_insert_default();
    }
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(BATCH_SIGNATURE, batch_signature());
    let tags = document.tags.iter_mut().flatten();
    tags.filter(|tag| tag.name == BATCHES).for_each(|tag| tag.description = Some(about_batches()));
}

fn batch_signature() -> SecurityScheme {
    let about = "Ed25519 over a digest of header and body, by a key that the operator registered for the account \
                 (`ballast account-key add`). A payment batch carries the header record with the signature in this \
                 field; a transfer batch carries the same record at the beginning of its body and has no such field. \
                 `create_transfer_batch` describes record and digest.";
    SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description("Ballast-Batch", about)))
}

/// The statuses of transfers, from the ledger's own table.
fn about_batches() -> String {
    let about = "Many transfers under one signature, for integrators. What a transfer is answered:\n\n\
                 | code | status |\n|---|---|\n";
    let rows = TransferStatus::ALL.iter().map(|status| format!("| {} | `{status}` |\n", status.code()));
    about.to_owned() + &rows.collect::<String>()
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, options, head, patch, trace, .. } = path;
    [get, put, post, delete, options, head, patch, trace].into_iter().flatten()
}

/// Names the code under its status, beside what the operation itself says there.
fn answer(operation: &mut Operation, code: ErrorCode) {
    let word = format!("`{}`", code.as_str());
    let responses = &mut operation.responses.responses;
    let answer = responses.entry(code.status().to_string()).or_insert_with(|| RefOr::T(problem()));
    if let RefOr::T(answer) = answer
        && !answer.description.contains(&word)
    {
        let others = std::mem::take(&mut answer.description);
        answer.description = if others.is_empty() { word } else { format!("{others}; {word}") };
    }
}

fn problem() -> Response {
    let schema = Ref::from_schema_name("Problem");
    ResponseBuilder::new().content(Problem::MEDIA_TYPE, Content::new(Some(schema))).build()
}
