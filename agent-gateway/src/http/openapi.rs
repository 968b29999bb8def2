//! What is true of every operation and therefore written once: the refusals of the layers, and who may call.

use api_types::{ErrorCode, Problem};
use utoipa::openapi::path::Operation;
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

/// Adds to every operation what the layers can answer, and says that it needs no token unless it says itself
/// that it does.
pub(super) fn complete(document: &mut OpenApi) {
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        for code in OF_LAYERS {
            answer(operation, code);
        }
        operation.security.get_or_insert_default();
    }
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
