//! `/healthz`, `/readyz`, `/version`: the service about itself.

use super::{ApiError, NoQuery, Settings};
use api_types::{Check, ErrorCode, Health, HealthStatus, Problem, Readiness, ReadinessProblem, VersionInfo};
use axum::extract::State;
use std::sync::Arc;

/// Is the process alive?
///
/// Touches nothing else: neither database nor disk. For the supervisor that restarts a dead process.
#[utoipa::path(
    get, path = "/healthz", operation_id = "get_health", tag = "service",
    responses(
        (status = 200, description = "The process is alive.", body = Health),
        (status = 400, description = "`unknown_field`: the operation has no query parameters.", body = Problem, content_type = "application/problem+json"),
    ),
    extensions(("x-rate-class" = json!("public"))),
)]
pub(super) async fn get_health(_: NoQuery) -> axum::Json<Health> {
    axum::Json(Health { status: HealthStatus::Ok })
}

/// Does the service take work?
///
/// Lists every check with what was seen and since when; one that fails makes the answer 503. For the load
/// balancer that sends requests elsewhere.
#[utoipa::path(
    get, path = "/readyz", operation_id = "get_readiness", tag = "service",
    responses(
        (status = 200, description = "Every check holds.", body = Readiness),
        (status = 400, description = "`unknown_field`: the operation has no query parameters.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`not_ready` with the checks; `overloaded` or `timed_out` without", body = ReadinessProblem, content_type = "application/problem+json"),
    ),
    extensions(("x-rate-class" = json!("public"))),
)]
pub(super) async fn get_readiness(
    _: NoQuery,
    State(settings): State<Arc<Settings>>,
) -> Result<axum::Json<Readiness>, ApiError> {
    // What nobody checks any more is not known to hold.
    if settings.readiness.has_changed().is_err() {
        return Err(not_ready("the checks have stopped", &[]));
    }
    let checks = settings.readiness.borrow().clone();
    let failed: Vec<_> = checks.iter().filter(|check| !check.ok).map(|check| check.name.as_str()).collect();
    if failed.is_empty() && !checks.is_empty() {
        return Ok(axum::Json(Readiness { checks }));
    }
    let why = if checks.is_empty() { "no check has run yet".to_owned() } else { failed.join(", ") };
    Err(not_ready(&why, &checks))
}

fn not_ready(why: &str, checks: &[Check]) -> ApiError {
    match serde_json::to_value(checks) {
        Ok(checks) => {
            ApiError::new(ErrorCode::NotReady, format!("Not ready: {why}.")).with_member("checks", checks)
        }
        Err(error) => ApiError::internal(error),
    }
}

/// Which program is this?
///
/// Version, commit and network. `livemode` is true only on mainnet: everywhere else the money is play money.
#[utoipa::path(
    get, path = "/version", operation_id = "get_version", tag = "service",
    responses(
        (status = 200, description = "The program that answers.", body = VersionInfo),
        (status = 400, description = "`unknown_field`: the operation has no query parameters.", body = Problem, content_type = "application/problem+json"),
    ),
    extensions(("x-rate-class" = json!("public"))),
)]
pub(super) async fn get_version(
    _: NoQuery,
    State(settings): State<Arc<Settings>>,
) -> axum::Json<VersionInfo> {
    axum::Json(settings.version.clone())
}
