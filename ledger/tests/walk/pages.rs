//! Pages of statements, compared with those of the slow model.

use ledger::handle::{Direction, LedgerError, StatementLine, StatementPage, StatementQuery};
use ledger::journal::JournalReader;
use ledger::limits::{AMOUNT_WHOLE, SECOND_MICROS};
use ledger::walk::Walk;
use ledger::{AccountId, Position, Request, Transfer, TransferFlags};
use proptest::prelude::*;

use crate::build::{START, account_id, create, end, reserve, transfer};
use crate::ledger_history::LedgerHistory;
use crate::workload::{Workload, workloads};

const DIRECTIONS: [Direction; 2] = [Direction::NewestFirst, Direction::OldestFirst];
const LIMITS: [u32; 5] = [0, 1, 2, 7, u32::MAX];

/// The history of a workload in segments that hold its longest entry and little more. Those that can be sealed are,
/// whenever so many entries were executed.
pub(crate) fn history_of(workload: &Workload, seal_every: usize) -> LedgerHistory {
    let entries = workload.entries();
    // A transfer takes 172 bytes with outcome and end, and 40 in the entry in which it expires.
    let longest = entries.iter().map(|(_, requests)| count(requests, |_| true)).max().unwrap();
    let expiring = entries.iter().map(|(_, requests)| count(requests, |one| one.is(TransferFlags::PENDING)));
    let bytes = longest * 172 + expiring.sum::<usize>() * 40;
    let mut history = LedgerHistory::new(u64::try_from(bytes / 4_096 + 3).unwrap());
    for (index, (timestamp, requests)) in entries.into_iter().enumerate() {
        if index % seal_every == 0 {
            history.seal();
        }
        history.execute(timestamp, &requests);
    }
    history
}

fn count(requests: &[Request], counts: impl Fn(&Transfer) -> bool) -> usize {
    let transfers = requests.iter().flat_map(|request| match request {
        Request::Transfers(transfers) => transfers.as_slice(),
        Request::Administrative(_) => &[],
    });
    transfers.filter(|transfer| counts(transfer)).count()
}

fn page(
    history: &LedgerHistory,
    (query, sequence, steps_max): (&StatementQuery, u64, u64),
) -> Result<StatementPage, LedgerError> {
    let newest = history.newest(query.account, sequence);
    Walk::bounded(&mut history.reader(), steps_max).statement(query, newest, sequence)
}

/// All lines of all pages, each of which has to be the model's.
fn read_all(history: &LedgerHistory, query: &StatementQuery, sequence: u64) -> Vec<StatementLine> {
    let mut reader = history.reader();
    let mut walk = Walk::new(&mut reader);
    let (mut query, mut lines) = (*query, Vec::new());
    loop {
        let page = walk.statement(&query, history.newest(query.account, sequence), sequence).unwrap();
        assert_eq!(page, history.statements.page(&query, sequence), "{query:?}");
        lines.extend(page.lines);
        let Some(next) = page.next else { return lines };
        query.after = next;
    }
}

/// Ranges that begin and end at, before and behind the times of entries.
fn ranges(history: &LedgerHistory) -> Vec<(u64, u64)> {
    let times: Vec<u64> = history.entries.iter().map(|entry| entry.timestamp).collect();
    let (first, middle, last) = (times[0], times[times.len() / 2], times[times.len() - 1]);
    vec![
        (0, u64::MAX),
        (middle, u64::MAX),
        (middle + 1, last),
        (first, middle),
        (0, middle + 1),
        (last, first),
    ]
}

fn queries(history: &LedgerHistory, account: AccountId) -> Vec<StatementQuery> {
    let mut queries = Vec::new();
    for direction in DIRECTIONS {
        for (from, until) in ranges(history) {
            for limit in LIMITS {
                let after = Position::NONE;
                queries.push(StatementQuery { account, from, until, direction, after, limit });
            }
        }
    }
    queries
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn pages_are_those_of_the_model_after_every_entry(
        workload in workloads(10, 12),
        seal_every in 1..5_usize,
    ) {
        let history = history_of(&workload, seal_every);
        for sequence in [history.sequence(), history.sequence() / 2 + 1] {
            for account in history.accounts(history.sequence()).keys() {
                for query in queries(&history, *account) {
                    let lines = read_all(&history, &query, sequence);
                    prop_assert_eq!(lines, history.statements.all(&query, sequence));
                }
            }
        }
    }

    /// A walk that may make few steps gives the same lines newest first, in more pages, and says so oldest first.
    #[test]
    fn bounded_steps_lose_nothing(
        workload in workloads(8, 8),
        steps_max in 0_u64..6,
        limit in 1_u32..5,
    ) {
        let history = history_of(&workload, 2);
        let sequence = history.sequence();
        for account in history.accounts(sequence).keys() {
            for (from, until) in ranges(&history) {
                let query = StatementQuery { from, until, limit, ..StatementQuery::newest(*account, 0) };
                prop_assert_eq!(
                    in_few_steps(&history, query, steps_max),
                    history.statements.all(&query, sequence)
                );
                let query = StatementQuery { direction: Direction::OldestFirst, ..query };
                let lines = history.statements.lines(*account, sequence);
                let older = lines.partition_point(|line| line.timestamp < from);
                let steps = lines.len() - older + usize::from(older > 0);
                let result = page(&history, (&query, sequence, steps_max));
                if u64::try_from(steps).unwrap() > steps_max.max(1) {
                    prop_assert_eq!(result, Err(LedgerError::TooFarBack { steps: steps_max.max(1) }));
                } else {
                    prop_assert_eq!(result.unwrap(), history.statements.page(&query, sequence));
                }
            }
        }
    }

    /// Newest first, pages show what was there when the first one was read; oldest first, what is there in the end.
    #[test]
    fn entries_appended_between_pages_change_no_line(
        workload in workloads(10, 8),
        begin in 1..9_usize,
        limit in 1_u32..6,
    ) {
        let entries = workload.entries();
        for direction in DIRECTIONS {
            for number in 0..7 {
                let mut history = LedgerHistory::new(16);
                let mut rest = entries.iter();
                rest.by_ref().take(begin).for_each(|(time, requests)| history.execute(*time, requests));
                let first = history.sequence();
                let account = *history.accounts(first).keys().nth(number).unwrap();
                let mut query = StatementQuery { direction, ..StatementQuery::newest(account, limit) };
                let (mut lines, mut last) = (Vec::new(), first);
                let mut reader = history.reader();
                let mut walk = Walk::new(&mut reader);
                loop {
                    let (newest, sequence) = (history.newest(account, history.sequence()), history.sequence());
                    let page = walk.statement(&query, newest, sequence).unwrap();
                    prop_assert_eq!(page.sequence, history.sequence());
                    lines.extend(page.lines);
                    let Some(next) = page.next else { break };
                    query.after = next;
                    if let Some((time, requests)) = rest.next() {
                        history.execute(*time, requests);
                        history.seal();
                    }
                    last = history.sequence();
                }
                let shown = if direction == Direction::NewestFirst { first } else { last };
                prop_assert_eq!(lines, history.statements.all(&query, shown));
            }
        }
    }
}

fn in_few_steps(history: &LedgerHistory, mut query: StatementQuery, steps_max: u64) -> Vec<StatementLine> {
    let mut lines = Vec::new();
    loop {
        let page = page(history, (&query, history.sequence(), steps_max)).unwrap();
        assert!(page.lines.len() <= usize::try_from(query.limit).unwrap());
        lines.extend(page.lines);
        let Some(next) = page.next else { return lines };
        assert!(query.after.is_none() || next < query.after, "every page goes on");
        query.after = next;
    }
}

/// Entries far longer than what is read of one at once: many transfers reserve, most end, the rest expires.
pub(crate) fn wide_history(transfers: u64) -> LedgerHistory {
    let mut history = LedgerHistory::new(transfers / 20 + 2);
    let fund = transfer(0, 0, 1, transfers * 100);
    let opening = [create(0), create(1), create(2), create(3), Request::Transfers(vec![fund])];
    history.execute(START, &opening);
    let numbers = 1..=transfers;
    let reserves = numbers.clone().map(|number| reserve(number, 1, 2 + number % 2, 1 + number % 50));
    history.execute(START + 1, &[Request::Transfers(reserves.collect())]);
    let ends = numbers.filter(|number| number % 5 != 0).map(|number| wide_end(number, transfers));
    history.execute(START + 1, &[create(4), Request::Transfers(ends.collect()), create(5)]);
    let last = transfer(10 * transfers, 2, 4, 1);
    history.execute(START + 90 * SECOND_MICROS, &[Request::Transfers(vec![last])]);
    history
}

/// Ends most, and repeats one now and then, which is refused.
fn wide_end(number: u64, transfers: u64) -> Transfer {
    let id = transfers + number;
    match number % 7 {
        0 => end(id, number - 1, Some(1)),
        1 => end(id, number, None),
        2 => end(id, number, Some(1)),
        3 => transfer(id, 1, 3, 1),
        _ => end(id, number, Some(AMOUNT_WHOLE)),
    }
}

#[test]
fn long_entries_are_read_in_stretches() {
    let mut history = wide_history(2_000);
    assert!(history.statements.refused.len() > 100);
    for sealed in [false, true] {
        if sealed {
            assert!(history.seal() > 0);
        }
        for number in 0..5 {
            let account = account_id(number);
            for direction in DIRECTIONS {
                for limit in [900, u32::MAX] {
                    let query = StatementQuery { direction, ..StatementQuery::newest(account, limit) };
                    let lines = read_all(&history, &query, history.sequence());
                    assert_eq!(lines, history.statements.all(&query, history.sequence()));
                }
            }
        }
    }
    let mut reader: JournalReader = history.reader();
    let unlimited = StatementQuery::newest(account_id(1), u32::MAX);
    let page = Walk::new(&mut reader).statement(&unlimited, history.newest(account_id(1), 4), 4).unwrap();
    assert_eq!(page.lines.len(), 1_000, "the longest page");
}
