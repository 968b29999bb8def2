//! One span and one set of metrics for each request. Neither holds a header, a body or a query: what is not
//! recorded cannot leak.

use super::Settings;
use super::request_id::CurrentRequestId;
use crate::Clock;
use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;
use std::time::Duration;
use tracing::Instrument;

/// Counts requests by `method`, `route` and `status`, which is `none` when the caller did not wait.
const REQUESTS: &str = "ballast_http_requests_total";
/// Time until the head of the answer, by `method` and `route`.
const SECONDS: &str = "ballast_http_request_seconds";

pub(super) async fn request(State(settings): State<Arc<Settings>>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let method = known(request.method());
    let id = request.extensions().get::<CurrentRequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let span = tracing::info_span!("request", request_id = %id, method, route);
    let mut answer =
        Answer { method, route, status: None, started: (settings.clock.uptime)(), clock: settings.clock };
    async move {
        let response = next.run(request).await;
        answer.status = Some(response.status().as_u16());
        drop(answer);
        response
    }
    .instrument(span)
    .await
}

/// Recorded when it is dropped: with the answer, or when the caller went away before there was one.
struct Answer {
    method: &'static str,
    route: String,
    status: Option<u16>,
    started: Duration,
    clock: Clock,
}

impl Drop for Answer {
    fn drop(&mut self) {
        let status = self.status.map_or_else(|| "none".to_owned(), |status| status.to_string());
        let elapsed = (self.clock.uptime)().saturating_sub(self.started);
        let elapsed_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        tracing::info!(status, elapsed_us, "answered");
        let (method, route) = (self.method, std::mem::take(&mut self.route));
        metrics::counter!(REQUESTS, "method" => method, "route" => route.clone(), "status" => status)
            .increment(1);
        metrics::histogram!(SECONDS, "method" => method, "route" => route).record(elapsed);
    }
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
