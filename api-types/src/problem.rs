//! The one form of every answer that is not a success (RFC 9457, `application/problem+json`).

use crate::{ErrorCode, Retry};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A problem document. `code` is the contract; `title` is fixed for each code; `detail` may change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "type": "https://api.example/docs/errors/not_found", "title": "There is nothing here, or it is not yours",
    "status": 404, "code": "not_found", "detail": "No operation at GET /v1/nothing.", "instance": "/v1/nothing",
    "pointer": null, "request_id": "req_01j2wfb800e008000000001ayd", "retryable": false, "retry_with": null,
    "retry_at": null, "hint": "Check the path and the id; /docs lists every operation."
}))]
pub struct Problem {
    /// The page that explains the code.
    #[serde(rename = "type")]
    #[schema(format = "uri")]
    pub kind: String,
    /// What the code means, for people.
    pub title: String,
    /// The HTTP status, repeated.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What went wrong, for programs.
    pub code: ErrorCode,
    /// What went wrong this time.
    pub detail: String,
    /// The path of the request.
    pub instance: String,
    /// A JSON pointer to the member at fault, or the name of a query parameter.
    pub pointer: Option<String>,
    /// The id of the request, also in the header `X-Request-Id`: name it when you report a problem.
    pub request_id: String,
    /// Whether the same request may succeed later without anyone changing it.
    pub retryable: bool,
    /// Which idempotency key the next attempt takes.
    pub retry_with: Option<Retry>,
    /// The earliest time at which trying again can help (RFC 3339 UTC).
    #[schema(format = DateTime)]
    pub retry_at: Option<String>,
    /// One sentence a program or a person can act on.
    pub hint: String,
}

impl Problem {
    /// The media type of a problem document.
    pub const MEDIA_TYPE: &'static str = "application/problem+json";
}
