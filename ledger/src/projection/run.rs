//! Following the ledger: takes entries, projects them batch by batch, tries again what may yet succeed.

use std::future::ready;
use std::pin::{Pin, pin};

use store::{ErrorKind, Store};
use tokio::sync::watch;

use super::batch::Batch;
use super::changes::{Changes, Needs};
use super::fold::Fold;
use super::limits::{RETRY_PAUSE_MAX, RETRY_PAUSE_MIN};
use super::projection_error::ProjectionError;
use super::reached::{Lag, Reached};
use super::{read, store as tables};
use crate::Entry;
use crate::handle::{Handle, LedgerError};

/// Why following ended without a failure.
enum End {
    /// It was asked to stop.
    Stopped,
    /// The tables are, or may be, at another entry than the one projected last: they have to be read again.
    TablesMoved,
}

/// The consumer that keeps the tables of a database up to date with a ledger.
///
/// Two of them on one database do each other no harm: of two that project the same entries one writes, and the other
/// goes on behind it.
#[derive(Debug)]
pub struct Projection {
    store: Store,
    handle: Handle,
    reached: watch::Sender<Reached>,
}

impl Projection {
    /// A projection of this ledger into this database, which has to be migrated.
    #[must_use]
    pub fn new(store: Store, handle: Handle) -> Self {
        Self { store, handle, reached: watch::Sender::new(Reached::default()) }
    }

    /// How far it has got since [`Projection::run`] was called; to wait for an entry, or to wake up who reads events.
    #[must_use]
    pub fn reached(&self) -> watch::Receiver<Reached> {
        self.reached.subscribe()
    }

    /// How far the tables are behind the ledger, also when they are written by another process.
    ///
    /// # Errors
    /// [`ProjectionError::Store`] or [`ProjectionError::Ledger`].
    pub async fn lag(&self) -> Result<Lag, ProjectionError> {
        // In this order: the other one could find the projection ahead.
        let reached = read::reached(&self.store).await?;
        Ok(reached.lag(&self.handle.status().await?))
    }

    /// Projects entries until `stop` is ready: a signal, which is only looked at between two transactions. A process
    /// that ends anywhere loses nothing either, since the next run goes on from what is committed.
    ///
    /// # Errors
    /// A [`ProjectionError`] that trying again would not mend.
    pub async fn run(&self, stop: impl Future<Output = ()>) -> Result<(), ProjectionError> {
        let mut stop = pin!(stop);
        let mut pause = RETRY_PAUSE_MIN;
        loop {
            let before = *self.reached.borrow();
            match self.follow(stop.as_mut()).await {
                Ok(End::Stopped) => return Ok(()),
                Ok(End::TablesMoved) => {}
                Err(error) if is_transient(&error) => {
                    if *self.reached.borrow() != before {
                        pause = RETRY_PAUSE_MIN;
                    }
                    tracing::warn!(%error, ?pause, "the projection waits and tries again");
                    if happens_within(stop.as_mut(), tokio::time::sleep(pause)).await {
                        return Ok(());
                    }
                    pause = pause.saturating_mul(2).min(RETRY_PAUSE_MAX);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Deletes every row and goes back to the first entry, in one transaction: after a crash everything is as it was,
    /// or empty. [`Projection::run`] writes the rows again; one that runs meanwhile notices, and begins again.
    ///
    /// # Errors
    /// [`ProjectionError::Store`]; then nothing was deleted.
    pub async fn rebuild(&self) -> Result<(), ProjectionError> {
        Ok(tables::clear(&self.store).await?)
    }

    /// Reads how far the tables are, makes sure that they are this ledger's, and goes on from there.
    async fn follow(&self, mut stop: Pin<&mut impl Future<Output = ()>>) -> Result<End, ProjectionError> {
        tables::begin(&self.store).await?;
        let mut at = read::reached(&self.store).await?;
        self.check_journal(&at).await?;
        self.reached.send_replace(at);
        loop {
            let next = self.handle.entries(at.sequence.saturating_add(1));
            let entries = tokio::select! {
                biased;
                () = stop.as_mut() => return Ok(End::Stopped),
                entries = next => entries?,
            };
            let mut rest = entries.as_slice();
            while let Some(batch) = Batch::take(at, &mut rest)? {
                if !self.project(&batch).await? {
                    return Ok(End::TablesMoved);
                }
                at = batch.to;
                self.reached.send_replace(at);
                if happens_within(stop.as_mut(), ready(())).await {
                    return Ok(End::Stopped);
                }
            }
            if entries.is_empty() {
                // Nothing came for a while: somebody may have moved the tables, or the journal is another one.
                return Ok(End::TablesMoved);
            }
        }
    }

    /// The journal has the entry that was reached.
    async fn check_journal(&self, at: &Reached) -> Result<(), ProjectionError> {
        if at.sequence == 0 {
            return Ok(());
        }
        let newest = self.handle.status().await?.sequence;
        if newest < at.sequence {
            return Err(ProjectionError::DatabaseAhead { projected: at.sequence, newest });
        }
        let entries = self.handle.entries(at.sequence).await?;
        let found = entries.first().map(|entry| (entry.header.fields.sequence, entry.header.hash));
        if found == Some((at.sequence, at.hash)) {
            return Ok(());
        }
        Err(ProjectionError::OtherJournal { sequence: at.sequence })
    }

    /// Projects a batch in one transaction. False: the tables are not where it begins, and nothing was written.
    async fn project(&self, batch: &Batch) -> Result<bool, ProjectionError> {
        self.store
            .write(async |transaction| {
                if !tables::advance(transaction, &batch.from, &batch.to).await? {
                    return Ok(false);
                }
                let needs = Needs::of(&batch.entries);
                let known = tables::known(transaction.engine(), needs).await?;
                let changes = fold(Fold::new(known), &batch.entries)?;
                tables::write(transaction, &changes).await?;
                Ok(true)
            })
            .await
    }
}

fn fold(mut fold: Fold, entries: &[Entry]) -> Result<Changes, ProjectionError> {
    for entry in entries {
        let does_not_fit = |fault| ProjectionError::DoesNotFit { sequence: entry.sequence, fault };
        fold.entry(entry).map_err(does_not_fit)?;
    }
    Ok(fold.changes())
}

/// Whether `stop` is ready before, or when, the other one is. It is not to be asked again once it was.
async fn happens_within(stop: Pin<&mut impl Future<Output = ()>>, other: impl Future<Output = ()>) -> bool {
    tokio::select! {
        biased;
        () = stop => true,
        () = other => false,
    }
}

/// Whether the same may succeed later: what is refused for a reason in the rows, in the entries or in a statement
/// never will.
fn is_transient(error: &ProjectionError) -> bool {
    match error {
        ProjectionError::Store(error) => is_transient_kind(error.kind()),
        ProjectionError::Ledger(error) => matches!(
            error,
            LedgerError::Busy { .. } | LedgerError::Stopped(_) | LedgerError::ConnectionLost(_)
        ),
        ProjectionError::DatabaseAhead { .. }
        | ProjectionError::OtherJournal { .. }
        | ProjectionError::DoesNotFit { .. }
        | ProjectionError::EntryMalformed { .. }
        | ProjectionError::TooMany { .. } => false,
    }
}

fn is_transient_kind(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Conflict
            | ErrorKind::Busy
            | ErrorKind::TimedOut
            | ErrorKind::Unreachable
            | ErrorKind::ReadOnly
            | ErrorKind::Full
    )
}
