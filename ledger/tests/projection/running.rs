//! Running: batches of any length, two at once, refusals on the way, lag.

use ledger::handle::{Direction, Handle};
use ledger::projection::{Lag, Projection, ProjectionError, read};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use store::Store;

use crate::databases::{Database, fresh};
use crate::journal::{Journal, Served};
use crate::rows::{Rows, assert_same_as_model};
use crate::workload::workloads;

/// A random workload, always the same for a number.
pub(crate) fn journal(number: usize, entries: usize) -> Journal {
    let mut runner = TestRunner::deterministic();
    let strategy = workloads(entries, 4).prop_filter("long", |one| one.entries.len() == entries);
    let workload = (0..=number).map(|_| strategy.new_tree(&mut runner).unwrap().current()).last().unwrap();
    Journal::of(&workload.entries())
}

/// Runs until an entry was projected.
pub(crate) async fn run_to(store: &Store, handle: Handle, sequence: u64) -> Result<(), ProjectionError> {
    let projection = Projection::new(store.clone(), handle);
    let mut reached = projection.reached();
    let stop = async {
        reached.wait_for(|reached| reached.sequence >= sequence).await.unwrap();
    };
    projection.run(stop).await
}

fn newest(journal: &Journal) -> u64 {
    journal.entries.last().unwrap().header.fields.sequence
}

#[tokio::test]
async fn rows_are_those_of_the_model_for_answers_of_any_length() {
    let mut journal = journal(0, 12);
    journal.close(journal.model.timestamp());
    for at_once in [1, 2, 5, usize::MAX] {
        for Database { store, .. } in &fresh().await {
            let handle = Served::handle(&journal.entries, at_once);
            run_to(store, handle, newest(&journal)).await.unwrap();
            assert_same_as_model(store, &journal).await;
        }
    }
}

#[tokio::test]
async fn two_at_once_write_what_one_writes() {
    let journal = journal(1, 20);
    for Database { store, .. } in &fresh().await {
        let runs = [1, 3, 1]
            .map(|at_once| run_to(store, Served::handle(&journal.entries, at_once), newest(&journal)));
        let [first, second, third] = runs;
        let (first, second, third) = tokio::join!(first, second, third);
        first.and(second).and(third).unwrap();
        assert_same_as_model(store, &journal).await;
    }
}

#[tokio::test]
async fn a_ledger_that_refuses_for_a_while_is_asked_again() {
    let journal = journal(2, 4);
    for Database { store, .. } in &fresh().await {
        let handle = Served::refusing(&journal.entries, 1, 3);
        run_to(store, handle, newest(&journal)).await.unwrap();
        assert_same_as_model(store, &journal).await;
    }
}

#[tokio::test]
async fn a_rebuild_ends_in_the_same_rows_also_under_one_that_runs() {
    let journal = journal(3, 8);
    for Database { store, .. } in &fresh().await {
        let handle = Served::handle(&journal.entries, 2);
        run_to(store, handle.clone(), newest(&journal)).await.unwrap();
        let before = Rows::of(store).await;
        let projection = Projection::new(store.clone(), handle.clone());
        projection.rebuild().await.unwrap();
        let cleared = Rows::of(store).await;
        assert_eq!(cleared, Rows { projection: vec![(0, 0, vec![0; 32])], ..Rows::default() });
        // Half of it, then again.
        run_to(store, handle.clone(), 4).await.unwrap();
        projection.rebuild().await.unwrap();
        run_to(store, handle.clone(), newest(&journal)).await.unwrap();
        assert_eq!(Rows::of(store).await, before);

        projection.rebuild().await.unwrap();
        let mut reached = projection.reached();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let run = projection.run(async { stopped.await.unwrap() });
        let disturb = async {
            reached.wait_for(|reached| reached.sequence >= 3).await.unwrap();
            projection.rebuild().await.unwrap();
            reached.wait_for(|reached| reached.sequence < 3).await.unwrap();
            reached.wait_for(|reached| reached.sequence == newest(&journal)).await.unwrap();
            stop.send(()).unwrap();
        };
        tokio::join!(run, disturb).0.unwrap();
        assert_eq!(Rows::of(store).await, before);
    }
}

#[tokio::test]
async fn lag_is_what_the_ledger_has_and_the_tables_do_not() {
    let journal = journal(4, 6);
    let timestamp = |index: usize| journal.entries[index].header.fields.timestamp;
    for Database { store, .. } in &fresh().await {
        let handle = Served::handle(&journal.entries, 1);
        let projection = Projection::new(store.clone(), handle.clone());
        let lag = projection.lag().await.unwrap();
        assert_eq!(lag, Lag { entries: newest(&journal), micros: timestamp(journal.entries.len() - 1) });
        run_to(store, Served::handle(&journal.entries[..3], 1), 3).await.unwrap();
        let lag = projection.lag().await.unwrap();
        let micros = timestamp(journal.entries.len() - 1) - timestamp(2);
        assert_eq!(lag, Lag { entries: newest(&journal) - 3, micros });
        run_to(store, handle, newest(&journal)).await.unwrap();
        assert_eq!(projection.lag().await.unwrap(), Lag { entries: 0, micros: 0 });
    }
}

#[tokio::test]
async fn a_page_that_is_empty_has_no_next() {
    let journal = journal(5, 3);
    for Database { store, .. } in &fresh().await {
        run_to(store, Served::handle(&journal.entries, 9), newest(&journal)).await.unwrap();
        let account = journal.model.accounts().next().unwrap().id;
        let whole = ledger::handle::StatementQuery::newest(account, 5);
        let queries = [
            ledger::handle::StatementQuery { limit: 0, ..whole },
            ledger::handle::StatementQuery { until: 0, ..whole },
            ledger::handle::StatementQuery { from: u64::MAX, ..whole },
            ledger::handle::StatementQuery { direction: Direction::OldestFirst, from: u64::MAX, ..whole },
            ledger::handle::StatementQuery { account: ledger::AccountId(5), ..whole },
        ];
        for query in queries {
            let page = read::statement(store, &query).await.unwrap();
            assert_eq!((page.entries, page.next), (Vec::new(), None), "{query:?}");
            assert_eq!(page.sequence, newest(&journal));
        }
    }
}
