//! Query parameters are read as strictly as bodies: what an operation does not know, it refuses.

use super::ApiError;
use api_types::ErrorCode;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;

/// An operation without query parameters.
#[derive(Debug, Clone, Copy)]
pub struct NoQuery;

impl<S: Sync> FromRequestParts<S> for NoQuery {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let Some(query) = parts.uri.query().filter(|query| !query.is_empty()) else { return Ok(Self) };
        let first = query.split(['&', '=']).next().unwrap_or_default();
        Err(ApiError::new(ErrorCode::UnknownField, "This operation has no query parameters.").at(first))
    }
}
