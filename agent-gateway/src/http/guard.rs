//! The cheap refusals: unknown routes, oversized heads, too many requests at once, too much time, panics.

use super::ApiError;
use super::problem::echo;
use crate::limits;
use api_types::ErrorCode;
use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{Method, Uri, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;

pub(super) async fn unknown_route(method: Method, uri: Uri) -> ApiError {
    ApiError::new(
        ErrorCode::NotFound,
        format!("No operation at {} {}.", echo(method.as_str()), echo(uri.path())),
    )
}

pub(super) async fn unknown_method(method: Method, uri: Uri) -> ApiError {
    ApiError::new(
        ErrorCode::MethodNotAllowed,
        format!("{} does not take {}.", echo(uri.path()), echo(method.as_str())),
    )
}

pub(super) async fn limit_head(request: Request, next: Next) -> Response {
    let url_bytes = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if url_bytes > limits::URL_BYTES {
        let detail = format!("The URL has {url_bytes} bytes, the limit is {}.", limits::URL_BYTES);
        return ApiError::new(ErrorCode::UrlTooLong, detail).into_response();
    }
    let fields = request.headers().len();
    let bytes: usize =
        request.headers().iter().map(|(name, value)| name.as_str().len().saturating_add(value.len())).sum();
    if fields > limits::HEADER_FIELDS || bytes > limits::HEADER_BYTES {
        let detail = format!(
            "{fields} header fields of {bytes} bytes, the limits are {} and {}.",
            limits::HEADER_FIELDS,
            limits::HEADER_BYTES
        );
        return ApiError::new(ErrorCode::HeadersTooLarge, detail).into_response();
    }
    if !names_one_host(&request) {
        return ApiError::new(ErrorCode::InvalidHost, "HTTP/1.1 asks for exactly one valid Host field.")
            .into_response();
    }
    next.run(request).await
}

/// RFC 9112, section 3.2. Later versions name the host elsewhere.
fn names_one_host(request: &Request) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.as_bytes().is_empty() || Authority::try_from(host.as_bytes()).is_ok(),
        (None, _) => request.version() != Version::HTTP_11,
        (Some(_), Some(_)) => false,
    }
}

/// Room for requests in flight.
#[derive(Debug, Clone)]
pub(super) struct InFlight(Arc<Semaphore>);

impl InFlight {
    pub(super) fn new(requests: usize) -> Self {
        Self(Arc::new(Semaphore::new(requests)))
    }
}

/// Refuses instead of queueing: a queue in front of a service at its limit only makes every answer late.
pub(super) async fn shed_load(State(in_flight): State<InFlight>, request: Request, next: Next) -> Response {
    match in_flight.0.try_acquire() {
        Ok(_place) => next.run(request).await,
        Err(_) => ApiError::new(ErrorCode::Overloaded, "Too many requests are in flight.")
            .retry_after(limits::SHED_RETRY)
            .into_response(),
    }
}

/// Bounds the time until the head of the answer; an event stream may go on for as long as it likes.
pub(super) async fn limit_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(limits::REQUEST_TIME, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::new(
            ErrorCode::TimedOut,
            format!("The operation did not end within {} s.", limits::REQUEST_TIME.as_secs()),
        )
        .retry_after(limits::SHED_RETRY)
        .into_response(),
    }
}

pub(super) fn catch_panic() -> CatchPanicLayer<fn(Box<dyn Any + Send>) -> Response> {
    CatchPanicLayer::custom(answer_panic as fn(Box<dyn Any + Send>) -> Response)
}

fn answer_panic(payload: Box<dyn Any + Send>) -> Response {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    ApiError::internal(format!("panic: {}", text.as_deref().unwrap_or("no message"))).into_response()
}
