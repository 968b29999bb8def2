//! The id of a request: taken from the caller when it is harmless, made otherwise, echoed always.
//!
//! It is for tracing only and never influences a decision.

use super::Settings;
use api_types::RequestId;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;
use uuid::Uuid;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");
const LENGTH_MAX: usize = 64;

/// The id of the request at hand, for layers and operations.
#[derive(Debug, Clone)]
pub(super) struct CurrentRequestId(pub(super) String);

pub(super) async fn assign(
    State(settings): State<Arc<Settings>>,
    mut request: Request,
    next: Next,
) -> Response {
    let given =
        request.headers().get(&HEADER).and_then(|value| value.to_str().ok()).filter(|text| is_plain(text));
    let id = given.map_or_else(|| fresh(&settings), str::to_owned);
    request.extensions_mut().insert(CurrentRequestId(id.clone()));
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

fn is_plain(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    (1..=LENGTH_MAX).contains(&text.len()) && text.bytes().all(plain)
}

fn fresh(settings: &Settings) -> String {
    let now = (settings.clock.now)();
    // Before 1970 there were no requests; a clock that says so still gets an id.
    let seconds = u64::try_from(now.as_second()).unwrap_or(0);
    let nanoseconds = u32::try_from(now.subsec_nanosecond()).unwrap_or(0);
    let timestamp = uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanoseconds);
    RequestId::new(Uuid::new_v7(timestamp)).to_string()
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn only_short_plain_ids_are_taken() {
        for good in ["a", "req_01J2", "A-b.c_9", &"x".repeat(64)] {
            assert!(is_plain(good), "{good}");
        }
        for bad in ["", " ", "a b", "a\"b", "<script>", "\u{e9}", "a\u{0}", &"x".repeat(65)] {
            assert!(!is_plain(bad), "{bad}");
        }
    }
}
