#![doc = include_str!("../README.md")]

mod error_code;
mod health;
mod id;
mod problem;

pub use error_code::{ErrorCode, Retry};
pub use health::{Check, Health, HealthStatus, NotReady, Readiness, ReadinessProblem, VersionInfo};
pub use id::{Id, Kind, ParseIdError, Request, RequestId};
pub use problem::Problem;
