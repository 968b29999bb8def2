//! The ledger's end: serves a [`Handle`] to gateways.

use std::collections::VecDeque;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::{AbortHandle, JoinError, JoinSet};
use tokio::time::{sleep, timeout};

use super::connection::{ConnectionFault, Desk, serve_connection};
use super::listener::{Arrival, Listener};
use super::settings::{ServerSettings, SettingsError};
use crate::handle::Handle;

/// How long nothing is accepted after the system could not: it has no descriptors left, most likely.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves gateways until `stop` is ready. Then nobody new is let in, commands in flight are answered, and what is not
/// answered within [`ServerSettings::drain_within`] is cut off. Dropping the future cuts everything off.
///
/// A gateway that is slow, silent or hostile costs its own connection and nobody else anything: connections, the
/// memory of each and every wait are bounded by the settings and by [`super::limits`].
///
/// # Errors
/// [`SettingsError`]; nothing was served then.
pub async fn serve(
    listener: Listener,
    handle: Handle,
    settings: ServerSettings,
    stop: impl Future<Output = ()>,
) -> Result<(), SettingsError> {
    settings.check()?;
    let (stopping, stopped) = watch::channel(false);
    let mut house = House::new(handle, settings, stopped);
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            Some(ended) = house.connections.join_next() => note(ended),
            arrival = accept(&listener) => house.let_in(arrival),
        }
    }
    // Nobody can connect any more, and the socket's file is gone.
    drop(listener);
    stopping.send_replace(true);
    house.drain().await;
    Ok(())
}

/// The connections of a server.
#[derive(Debug)]
struct House {
    desk: Arc<Desk>,
    stopped: watch::Receiver<bool>,
    connections: JoinSet<Result<(), ConnectionFault>>,
    /// The oldest first; those that are newcomers no more are taken out when there are too many.
    newcomers: VecDeque<Newcomer>,
}

/// A connection that may not have been welcomed yet.
#[derive(Debug)]
struct Newcomer {
    serving: AbortHandle,
    welcomed: Arc<AtomicBool>,
}

impl House {
    fn new(handle: Handle, settings: ServerSettings, stopped: watch::Receiver<bool>) -> Self {
        let desk = Desk { handle, settings, places: Semaphore::new(settings.connections) };
        Self { desk: Arc::new(desk), stopped, connections: JoinSet::new(), newcomers: VecDeque::new() }
    }

    /// Serves a new connection.
    fn let_in(&mut self, arrival: Arrival) {
        self.make_room();
        let (desk, mut stopped) = (Arc::clone(&self.desk), self.stopped.clone());
        let welcomed = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&welcomed);
        let serving = self
            .connections
            .spawn(async move { serve_connection(arrival, &desk, &mut stopped, &flag).await });
        self.newcomers.push_back(Newcomer { serving, welcomed });
    }

    /// Closes the oldest newcomer if there are as many as there may be.
    fn make_room(&mut self) {
        if self.newcomers.len() < self.desk.settings.connections {
            return;
        }
        self.newcomers.retain(Newcomer::is_one);
        if self.newcomers.len() >= self.desk.settings.connections
            && let Some(oldest) = self.newcomers.pop_front()
        {
            oldest.serving.abort();
        }
    }

    /// Waits for the connections to end, and cuts off those that do not.
    async fn drain(&mut self) {
        let ended = async {
            while let Some(ended) = self.connections.join_next().await {
                note(ended);
            }
        };
        if timeout(self.desk.settings.drain_within, ended).await.is_err() {
            tracing::warn!(
                connections = self.connections.len(),
                "cut off at the stop: commands took too long"
            );
        }
    }
}

impl Newcomer {
    /// Whether it is still one: not welcomed, and not gone.
    fn is_one(&self) -> bool {
        !self.welcomed.load(Ordering::Relaxed) && !self.serving.is_finished()
    }
}

/// The next connection. That the system cannot accept one is told and waited out: it ends when others do.
async fn accept(listener: &Listener) -> Arrival {
    loop {
        match listener.accept().await {
            Ok(arrival) => return arrival,
            // It was gone before it was accepted, which is its own affair.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::warn!(%error, "cannot accept a gateway: check the limit of open files");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Tells how a connection ended, if it was not by leave. Anybody can cause a fault, so it is no warning.
fn note(ended: Result<Result<(), ConnectionFault>, JoinError>) {
    match ended {
        Ok(Ok(())) => {}
        Ok(Err(fault @ ConnectionFault::NoPlace)) => tracing::warn!(%fault, "a gateway was turned away"),
        Ok(Err(fault)) => tracing::debug!(%fault, "a connection to the ledger ended"),
        Err(error) if error.is_cancelled() => tracing::debug!("a connection gave way before it said hello"),
        Err(error) => tracing::error!(%error, "serving a connection failed"),
    }
}
