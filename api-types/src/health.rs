//! What the service says about itself: alive, ready, and which version.

use crate::{Problem, UuidText};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The process answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({ "status": "ok" }))]
pub struct Health {
    /// Always `ok`: a process that is not cannot answer.
    pub status: HealthStatus,
}

/// The only thing a process can say of its own life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthStatus {
    /// Alive.
    Ok,
}

/// Every check holds: the service takes work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({ "checks": [
    { "name": "database", "ok": true, "detail": "SQLite, writable", "since": "2026-12-01T09:30:00.000Z" }
] }))]
pub struct Readiness {
    /// All checks, in a fixed order.
    pub checks: Vec<Check>,
}

/// At least one check fails: a problem with the list of checks beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NotReady {
    /// The problem, with code `not_ready`.
    #[serde(flatten)]
    pub problem: Problem,
    /// All checks, in a fixed order.
    pub checks: Vec<Check>,
}

/// What `/readyz` answers with 503.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum ReadinessProblem {
    /// A check fails.
    NotReady(NotReady),
    /// The question itself was refused.
    Refused(Problem),
}

/// One thing the service needs before it takes work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Check {
    /// What is checked.
    pub name: String,
    /// Whether it holds.
    pub ok: bool,
    /// What was seen.
    pub detail: String,
    /// Since when `ok` has this value (RFC 3339 UTC).
    #[schema(format = DateTime)]
    pub since: String,
}

/// Which program answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "version": "0.1.0", "commit": "unknown", "api_version": "2026-12-01", "network": "regtest",
    "instance": "0190b8f5-a000-7000-8000-00000000abcd", "livemode": false
}))]
pub struct VersionInfo {
    /// The version of the program.
    pub version: String,
    /// The commit it was built from, or `unknown` outside a checkout.
    pub commit: String,
    /// The newest date that `Ballast-Version` can name.
    #[schema(format = Date)]
    pub api_version: String,
    /// The Bitcoin network it runs on.
    pub network: String,
    /// Which deployment it is: made at the first start, kept with the database. Signed batches name it.
    pub instance: UuidText,
    /// True only on mainnet: false means play money.
    pub livemode: bool,
}
