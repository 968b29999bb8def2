#![doc = include_str!("../README.md")]

mod batch_header;
mod error_code;
mod health;
mod id;
mod payment_batch;
mod problem;
mod record;
mod transfer_record;
mod transfer_result;
mod uuid_text;

pub use batch_header::{BatchDomain, BatchHeader, BatchHeaderError, BatchKind};
pub use error_code::{ErrorCode, Retry};
pub use health::{Check, Health, HealthStatus, NotReady, Readiness, ReadinessProblem, VersionInfo};
pub use id::{Id, Kind, ParseIdError, Request, RequestId};
pub use payment_batch::{
    AssetWord, BatchPayment, PaymentBatch, PaymentBatchResult, PaymentFlag, PaymentResult,
};
pub use problem::Problem;
pub use transfer_record::TransferRecord;
pub use transfer_result::{RecordedOutcome, TransferResult};
pub use uuid_text::{ParseUuidError, UuidText};
