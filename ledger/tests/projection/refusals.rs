//! What ends a run by name: another journal, an older one, rows of another past. Nothing is written then.

use ledger::body::BodyFault;
use ledger::handle::{LedgerError, RawEntry};
use ledger::journal::EntryHash;
use ledger::projection::{FoldFault, Projection, ProjectionError};

use crate::databases::{Database, fresh};
use crate::journal::Served;
use crate::rows::Rows;
use crate::running::{journal, run_to};

/// Projects all of `first`, then runs on `second`, which has to be refused.
async fn refused(first: &[RawEntry], second: &[RawEntry], check: impl Fn(&ProjectionError) -> bool) {
    for Database { store, .. } in &fresh().await {
        Projection::new(store.clone(), Served::handle(first, 2)).rebuild().await.unwrap();
        let length = u64::try_from(first.len()).unwrap();
        run_to(store, Served::handle(first, 2), length).await.unwrap();
        let before = Rows::of(store).await;
        let error = run_to(store, Served::handle(second, 2), u64::MAX).await.unwrap_err();
        assert!(check(&error), "{error}");
        assert_eq!(Rows::of(store).await, before, "{error}");
    }
}

#[tokio::test]
async fn an_older_journal_is_refused() {
    let entries = journal(0, 6).entries;
    let is_ahead =
        |error: &ProjectionError| matches!(error, ProjectionError::DatabaseAhead { projected: 7, newest: 5 });
    refused(&entries, &entries[..5], is_ahead).await;
    let is_ahead =
        |error: &ProjectionError| matches!(error, ProjectionError::DatabaseAhead { projected: 7, newest: 0 });
    refused(&entries, &[], is_ahead).await;
}

#[tokio::test]
async fn another_journal_is_refused_before_and_behind_what_was_projected() {
    let (entries, others) = (journal(0, 6).entries, journal(1, 8).entries);
    let is_other = |error: &ProjectionError| matches!(error, ProjectionError::OtherJournal { sequence: 4 });
    refused(&entries[..4], &others, is_other).await;
    // It is the same up to there, and does not follow.
    let mut forked = entries.clone();
    forked[4].header.previous_hash = EntryHash([7; 32]);
    refused(&entries[..4], &forked, is_other).await;
    let is_other = |error: &ProjectionError| matches!(error, ProjectionError::OtherJournal { sequence: 0 });
    forked[0].header.previous_hash = EntryHash([7; 32]);
    refused(&[], &forked, is_other).await;
}

#[tokio::test]
async fn an_entry_out_of_order_or_malformed_is_refused() {
    let entries = journal(0, 6).entries;
    let mut skipping = entries.clone();
    skipping.remove(5);
    let is_protocol =
        |error: &ProjectionError| matches!(error, ProjectionError::Ledger(LedgerError::Protocol(_)));
    refused(&entries[..4], &skipping, is_protocol).await;
    let mut malformed = entries.clone();
    malformed[4].body.push(0);
    let is_malformed = |error: &ProjectionError| {
        matches!(error, ProjectionError::EntryMalformed { sequence: 5, fault: BodyFault::LengthWrong })
    };
    refused(&entries[..4], &malformed, is_malformed).await;
}

#[tokio::test]
async fn rows_that_somebody_changed_are_refused() {
    let journal = journal(0, 6);
    for database in &fresh().await {
        let store = &database.store;
        run_to(store, Served::handle(&journal.entries[..4], 9), 4).await.unwrap();
        database.run("UPDATE account_balance SET last_position = last_position + 1").await;
        let before = Rows::of(store).await;
        let error = run_to(store, Served::handle(&journal.entries, 9), u64::MAX).await.unwrap_err();
        let broken = matches!(
            error,
            ProjectionError::DoesNotFit { sequence: 5.., fault: FoldFault::StatementBroken(_) }
        );
        assert!(broken, "{error}");
        assert_eq!(Rows::of(store).await, before);
        database.run("DELETE FROM account_balance").await;
        let error = run_to(store, Served::handle(&journal.entries, 9), u64::MAX).await.unwrap_err();
        let missing =
            matches!(error, ProjectionError::DoesNotFit { fault: FoldFault::AccountMissing(_), .. });
        assert!(missing, "{error}");
    }
}
