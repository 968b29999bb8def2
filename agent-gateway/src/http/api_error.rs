//! Why an operation refused: a public code and detail, and a private cause that only the log sees.

use api_types::ErrorCode;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::time::Duration;

/// A refusal on its way out. The problem layer turns it into the document.
#[derive(Debug, Clone)]
pub struct ApiError {
    pub(super) code: ErrorCode,
    pub(super) detail: String,
    pub(super) pointer: Option<String>,
    pub(super) retry_after: Option<Duration>,
    pub(super) member: Option<(&'static str, Value)>,
    challenge: Option<&'static str>,
}

impl ApiError {
    /// A refusal with this code; `detail` says what was wrong this time and is shown to the caller.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), pointer: None, retry_after: None, member: None, challenge: None }
    }

    /// A fault of ours: the cause goes to the log, the caller sees only the request id.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        Self::new(ErrorCode::Internal, "The cause is in the service's log under the request id.")
    }

    /// Names the member at fault by JSON pointer, or the query parameter by name.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// Says when trying again can help; becomes `Retry-After` and `retry_at`.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Names the scheme by which a caller can authenticate; becomes `WWW-Authenticate`, which a 401 has to carry.
    #[must_use]
    pub fn challenge(mut self, scheme: &'static str) -> Self {
        self.challenge = Some(scheme);
        self
    }

    /// Adds a member of this kind of problem, the failed checks for one.
    #[must_use]
    pub fn with_member(mut self, name: &'static str, value: Value) -> Self {
        self.member = Some((name, value));
        self
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_millis().div_ceil(1000).max(1);
            if let Ok(value) = HeaderValue::from_str(&seconds.to_string()) {
                response.headers_mut().insert(header::RETRY_AFTER, value);
            }
        }
        if let Some(scheme) = self.challenge {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(scheme));
        }
        response.extensions_mut().insert(self);
        response
    }
}
