//! Pages of other origins may read what is public, and nothing else: no credentials, no other method.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Paths that anybody may read: these, and what lies below those that end in a slash.
const PUBLIC: [&str; 6] = ["/healthz", "/readyz", "/version", "/openapi.json", "/docs", "/docs/"];

/// Stands outside of all that can refuse, so that a page can read a refusal, too.
pub(super) async fn allow_reads(request: Request, next: Next) -> Response {
    if !is_public(request.uri().path()) || !request.headers().contains_key(header::ORIGIN) {
        return next.run(request).await;
    }
    let mut response =
        if is_preflight(&request) { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    allow(response.headers_mut());
    response
}

fn is_public(path: &str) -> bool {
    PUBLIC.iter().any(|public| path == *public || (public.ends_with('/') && path.starts_with(public)))
}

fn is_preflight(request: &Request) -> bool {
    request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

fn allow(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET"));
}
