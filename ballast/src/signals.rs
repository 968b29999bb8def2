//! SIGINT and SIGTERM: the first asks to stop, the second ends the process at once.

use crate::Failure;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// What a shell calls a process that was interrupted.
const INTERRUPTED: i32 = 130;

/// Both signals, listened to from the moment this exists.
#[derive(Debug)]
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    pub(crate) fn listen() -> Result<Self, Failure> {
        let open = |kind| signal(kind).map_err(|error| Failure::setup(format!("signals: {error}")));
        Ok(Self { interrupt: open(SignalKind::interrupt())?, terminate: open(SignalKind::terminate())? })
    }

    /// Cancels `stop` at the first signal and waits for no second one: the process ends by itself, or here.
    pub(crate) fn watch(mut self, stop: CancellationToken) {
        tokio::spawn(async move {
            self.next().await;
            tracing::info!("stopping; a second signal ends the process at once");
            stop.cancel();
            self.next().await;
            tracing::warn!("second signal: ending at once");
            std::process::exit(INTERRUPTED);
        });
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
