//! Writes every answer of 400 or more as one problem document.
//!
//! It stands outside all other layers but the request id, so whoever refused (an operation, an extractor,
//! the router, a limit, a caught panic) the caller reads the same form.

use super::request_id::CurrentRequestId;
use super::{ApiError, Settings};
use crate::clock::rfc3339;
use crate::limits;
use api_types::{ErrorCode, Problem};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

pub(super) async fn render(State(settings): State<Arc<Settings>>, request: Request, next: Next) -> Response {
    let instance = echo(request.uri().path());
    let request_id =
        request.extensions().get::<CurrentRequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let mut response = next.run(request).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let error = response
        .extensions_mut()
        .remove::<ApiError>()
        .unwrap_or_else(|| ApiError::new(code_of(status), plain(status)));
    match document(&settings, &error, instance, request_id) {
        Ok(body) => replace_body(response, &error, body),
        Err(cause) => {
            tracing::error!(%cause, "problem document could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn document(
    settings: &Settings,
    error: &ApiError,
    instance: String,
    request_id: String,
) -> Result<Vec<u8>, serde_json::Error> {
    let code = error.code;
    let retry_at = error.retry_after.and_then(|wait| (settings.clock.now)().checked_add(wait).ok());
    let problem = Problem {
        kind: format!("{}/docs/errors/{}", settings.public_url, code.as_str()),
        title: code.title().to_owned(),
        status: code.status(),
        code,
        detail: error.detail.clone(),
        instance,
        pointer: error.pointer.clone(),
        request_id,
        retryable: code.retry().is_some(),
        retry_with: code.retry(),
        retry_at: retry_at.map(rfc3339),
        hint: code.advice().to_owned(),
    };
    let Some((name, value)) = error.member.as_deref() else { return serde_json::to_vec(&problem) };
    let mut document = serde_json::to_value(&problem)?;
    if let Some(members) = document.as_object_mut() {
        members.insert((*name).to_owned(), value.clone());
    }
    serde_json::to_vec(&document)
}

/// Keeps the headers that say something about the refusal (`Allow`, `Retry-After`, ...), replaces the rest.
fn replace_body(response: Response, error: &ApiError, body: Vec<u8>) -> Response {
    let (mut parts, _) = response.into_parts();
    parts.status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_ENCODING);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(Problem::MEDIA_TYPE));
    Response::from_parts(parts, Body::from(body))
}

/// The code for a refusal that came from a library and carries only a status.
fn code_of(status: StatusCode) -> ErrorCode {
    match status {
        StatusCode::NOT_FOUND => ErrorCode::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => ErrorCode::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => ErrorCode::BodyTooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ErrorCode::UnsupportedMediaType,
        status if status.is_client_error() => ErrorCode::InvalidField,
        _ => ErrorCode::Internal,
    }
}

/// A caller's own text, fit to be repeated: short, and without what could confuse a reader.
pub(super) fn echo(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_graphic() { c } else { '?' };
    text.chars().take(limits::ECHO_CHARACTERS).map(plain).collect()
}

fn plain(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("The request was refused.")
}
