//! A service without a ledger: for what does not depend on one.

use agent_gateway::Clock;
use agent_gateway::http::Settings;
use agent_gateway::integrator_keys::{Finding, IntegratorKeys, KeySource};
use api_types::{Check, UuidText, VersionInfo};
use jiff::Timestamp;
use ledger::handle::{Ask, Asking, Command, Handle, LedgerError};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

const CLOCK: Clock = Clock { now: || Timestamp::UNIX_EPOCH, uptime: || Duration::ZERO };

pub(crate) const PROXY: [u8; 4] = [10, 0, 0, 1];

/// These tests move no money.
#[derive(Debug)]
struct Nothing;

impl Ask for Nothing {
    fn ask(&self, _: Command) -> Asking<'_> {
        Box::pin(async { Err(LedgerError::Stopped("there is none".to_owned())) })
    }
}

impl KeySource for Nothing {
    fn find(&self, _: uuid::Uuid, _: uuid::Uuid) -> Finding<'_> {
        Box::pin(async { Ok(None) })
    }
}

/// The settings of a service with these checks.
pub(crate) fn settings(checks: Vec<Check>) -> Settings {
    let (sender, readiness) = watch::channel(checks);
    // Whoever checks goes on for as long as the service does.
    std::mem::forget(sender);
    Settings {
        clock: CLOCK,
        public_url: "https://api.example".to_owned(),
        version: VersionInfo {
            version: "0.0.0".to_owned(),
            commit: "test".to_owned(),
            api_version: agent_gateway::API_VERSION.to_owned(),
            network: "regtest".to_owned(),
            instance: UuidText(uuid::Uuid::nil()),
            livemode: false,
        },
        readiness,
        ledger: Handle::new(Arc::new(Nothing)),
        integrator_keys: IntegratorKeys::new(Arc::new(Nothing), CLOCK),
        trusted_proxies: vec![PROXY.into()],
        concurrency: 8,
        public_requests_per_minute: NonZeroU32::new(1000).unwrap(),
        batch_requests_per_minute: NonZeroU32::new(2).unwrap(),
    }
}
