//! A ledger that is measured: on a real disk, with the settings of production, in a folder of its own.

use std::path::Path;
use std::sync::Arc;

use ledger::disk::RealDisk;
use ledger::handle::Handle;
use ledger::service::{Environment, Running, SECRET_BYTES, ServiceClock, ServiceSettings};
use tokio::runtime::Runtime;

use super::workload::account_id;
use crate::{Failure, clock};

/// How the engine divides its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Division {
    /// Not at all: one transfer after the other.
    Sequential,
    /// Into partitions, each with a thread.
    Partitions(u16),
}

impl Division {
    pub(crate) fn settings(self) -> ServiceSettings {
        match self {
            Self::Sequential => ServiceSettings::sequential(),
            Self::Partitions(count) => ServiceSettings::for_threads(count.into()),
        }
    }

    pub(crate) const fn partitions(self) -> u16 {
        match self {
            Self::Sequential => 1,
            Self::Partitions(count) => count,
        }
    }
}

/// Starts, or starts again, the ledger in a folder. Secrets and seed are always the same, so that state roots can be
/// compared between runs; nothing of value is ever in such a ledger.
pub(crate) fn start(folder: &Path, settings: ServiceSettings) -> Result<Running, Failure> {
    let disk = Arc::new(RealDisk::open(folder).map_err(Failure::run)?);
    let clock = ServiceClock::new(|| u64::try_from(clock::unix_micros()).unwrap_or(0));
    let environment = Environment { disk, clock, secret: [7; SECRET_BYTES], seed: [9; 32] };
    Running::start(settings, environment).map_err(Failure::run)
}

/// A runtime to ask a ledger on the calling thread.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Failure::run)
}

/// Waits for a state root that covers everything that was answered, and gives it in hexadecimal.
pub(crate) async fn state_root(handle: &Handle) -> Result<String, Failure> {
    let proved = handle.prove(account_id(0)).await.map_err(Failure::run)?;
    let proved = proved.ok_or_else(|| Failure::run("the first account is gone"))?;
    Ok(hexadecimal(&proved.carried_by.fields.state_root))
}

/// Two digits for each byte.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
