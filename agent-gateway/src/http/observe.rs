//! One span and one set of metrics for each request. Neither holds a header, a body or a query: what is not
//! recorded cannot leak.

use super::Settings;
use super::request_id::CurrentRequestId;
use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;
use tracing::Instrument;

/// Counts requests by `method`, `route` and `status`.
const REQUESTS: &str = "ballast_http_requests_total";
/// Time until the head of the answer, by `method` and `route`.
const SECONDS: &str = "ballast_http_request_seconds";

pub(super) async fn request(State(settings): State<Arc<Settings>>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let method = known(request.method());
    let id = request.extensions().get::<CurrentRequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let span = tracing::info_span!("request", request_id = %id, method, route);
    let started = (settings.clock.uptime)();
    async move {
        let response = next.run(request).await;
        let status = response.status().as_u16();
        let elapsed = (settings.clock.uptime)().saturating_sub(started);
        tracing::info!(status, elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX), "answered");
        metrics::counter!(REQUESTS, "method" => method, "route" => route.clone(), "status" => status.to_string())
            .increment(1);
        metrics::histogram!(SECONDS, "method" => method, "route" => route).record(elapsed);
        response
    }
    .instrument(span)
    .await
}

/// The method as a label. Callers can invent methods, and every label value costs memory for ever.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "OTHER",
    }
}
