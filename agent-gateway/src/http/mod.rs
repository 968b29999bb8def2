//! Routes, layers and documents.

mod api_error;
mod batch;
mod cross_origin;
mod docs;
mod events;
mod guard;
mod health;
mod json;
mod observe;
mod openapi;
mod payment_batches;
mod payment_transfers;
mod problem;
mod query;
mod rate_limit;
mod request_id;
mod security_headers;
mod transfer_batches;

pub use api_error::ApiError;
pub use events::event_stream;
pub use json::Json;
pub use query::NoQuery;

use crate::integrator_keys::IntegratorKeys;
use crate::{API_VERSION, Clock, limits};
use api_types::{Check, VersionInfo};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use ledger::handle::Handle;
use rate_limit::RateLimits;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use tokio::sync::watch;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What the service is told by the program around it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The time.
    pub clock: Clock,
    /// Where callers reach the service, without a slash at the end: `https://api.example`.
    pub public_url: String,
    /// Which program this is.
    pub version: VersionInfo,
    /// The newest result of every readiness check.
    pub readiness: watch::Receiver<Vec<Check>>,
    /// Proxies whose `X-Forwarded-For` names the caller.
    pub trusted_proxies: Vec<IpAddr>,
    /// The ledger.
    pub ledger: Handle,
    /// The keys with which integrators sign.
    pub integrator_keys: IntegratorKeys,
    /// Requests in flight at once; one more is shed with 503.
    pub concurrency: usize,
    /// Requests a minute that one address may send to public routes.
    pub public_requests_per_minute: NonZeroU32,
    /// Batches a minute that one address may send.
    pub batch_requests_per_minute: NonZeroU32,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Ballast",
        version = API_VERSION,
        description = "Lock bitcoin, mint a dollar (`USDb`), and give AI agents exactly as much spending power as you choose.\n\n\
                       Every answer that is not a success is a problem document (RFC 9457) whose `code` is the contract; \
                       `/docs/errors/{code}` explains each.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
        contact(name = "The Ballast developers"),
    ),
    servers((url = "/", description = "This service")),
    tags(
        (name = "service", description = "The service itself: alive, ready, which version."),
        (name = "batches", description = "Many transfers under one signature, for integrators."),
    ),
)]
struct Document;

fn operations() -> OpenApiRouter<Arc<Settings>> {
    let batches = OpenApiRouter::new()
        .routes(routes!(transfer_batches::create_transfer_batch))
        .routes(routes!(payment_batches::create_payment_batch));
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(health::get_health))
        .routes(routes!(health::get_readiness))
        .routes(routes!(health::get_version))
        .merge(batch::bounded(batches))
}

/// The OpenAPI document of every operation.
#[must_use]
pub fn document() -> utoipa::openapi::OpenApi {
    let mut document = operations().into_openapi();
    openapi::complete(&mut document);
    document
}

/// The OpenAPI document as it is committed and served: indented, with a newline at the end.
///
/// # Errors
/// When the document cannot be written as JSON, which no value of its types brings about.
pub fn document_json() -> Result<String, serde_json::Error> {
    document().to_pretty_json().map(|text| text + "\n")
}

/// The whole service: every operation, the documents, all layers.
///
/// # Errors
/// See [`document_json`].
pub fn router(settings: Settings) -> Result<Router, serde_json::Error> {
    let settings = Arc::new(settings);
    let (operations, _) = operations().with_state(Arc::clone(&settings)).split_for_parts();
    Ok(layered(&settings, operations.merge(docs::routes(document_json()?))))
}

/// Puts the layers of the crate documentation around some routes. Public so that tests can mount routes
/// that panic, hang or stream behind the very layers the product runs.
pub fn layered(settings: &Arc<Settings>, routes: Router) -> Router {
    let rate_limits = RateLimits::start(settings);
    let in_flight = guard::InFlight::new(settings.concurrency);
    // The last layer added is the outermost.
    routes
        .fallback(guard::unknown_route)
        .method_not_allowed_fallback(guard::unknown_method)
        .layer(DefaultBodyLimit::max(limits::BODY_BYTES))
        .layer(from_fn_with_state(rate_limits, rate_limit::by_address))
        .layer(from_fn_with_state(in_flight, guard::shed_load))
        .layer(from_fn(guard::limit_time))
        .layer(from_fn(guard::limit_head))
        .layer(docs::compression())
        .layer(from_fn(docs::offer_gzip))
        .layer(guard::catch_panic())
        .layer(from_fn(cross_origin::allow_reads))
        .layer(from_fn_with_state(Arc::clone(settings), security_headers::add))
        .layer(from_fn_with_state(Arc::clone(settings), problem::render))
        .layer(from_fn_with_state(Arc::clone(settings), observe::request))
        .layer(from_fn_with_state(Arc::clone(settings), request_id::assign))
}
