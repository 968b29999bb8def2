//! SIGINT and SIGTERM: the first asks to stop, the second ends the process at once.

use crate::Failure;
use crate::failure::INTERRUPTED;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Listens from now on. The first signal cancels the token that this returns; whoever holds it ends in order.
/// The second one waits for nobody: what lies in temporary folders stays there.
pub(crate) fn stop_token() -> Result<CancellationToken, Failure> {
    let open = |kind| signal(kind).map_err(|error| Failure::setup(format!("signals: {error}")));
    let (mut interrupt, mut terminate) = (open(SignalKind::interrupt())?, open(SignalKind::terminate())?);
    let stop = CancellationToken::new();
    let first = stop.clone();
    tokio::spawn(async move {
        either(&mut interrupt, &mut terminate).await;
        tracing::info!("stopping; a second signal ends the process at once");
        first.cancel();
        either(&mut interrupt, &mut terminate).await;
        tracing::warn!("second signal: ending at once, temporary files stay");
        std::process::exit(INTERRUPTED.into());
    });
    Ok(stop)
}

async fn either(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
