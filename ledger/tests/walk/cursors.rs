//! Cursors that name no statement entry of the account.

use std::collections::BTreeSet;

use ledger::Position;
use ledger::handle::{Direction, LedgerError, StatementQuery};
use ledger::walk::Walk;
use proptest::prelude::*;

use crate::ledger_history::LedgerHistory;
use crate::pages::history_of;
use crate::workload::workloads;

/// Positions of every kind: of accepted and refused transfers, of expiries, and of nothing.
fn positions(history: &LedgerHistory) -> BTreeSet<Position> {
    let mut positions: BTreeSet<_> = history.statements.refused.iter().copied().collect();
    for account in history.accounts(history.sequence()).keys() {
        let lines = history.statements.lines(*account, history.sequence());
        positions.extend(lines.iter().map(|line| line.position));
    }
    for sequence in 1..=history.sequence() + 2 {
        positions.extend([0, 1, 200, (1 << 20) - 1].map(|index| Position::new(sequence, index).unwrap()));
    }
    positions.extend([1, (1 << 20) - 1, u64::MAX].map(Position::from_bits));
    positions
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, ..ProptestConfig::default() })]

    #[test]
    fn only_statement_entries_of_the_account_are_cursors(workload in workloads(6, 4), seal_every in 1..5_usize) {
        let mut history = history_of(&workload, seal_every);
        history.close();
        let mut reader = history.reader();
        let mut walk = Walk::new(&mut reader);
        for sequence in [history.sequence() / 2 + 1, history.sequence()] {
            for account in history.accounts(history.sequence()).keys() {
                let lines = history.statements.lines(*account, sequence);
                for after in positions(&history) {
                    for direction in [Direction::NewestFirst, Direction::OldestFirst] {
                        let query = StatementQuery { after, direction, ..StatementQuery::newest(*account, 3) };
                        let page = walk.statement(&query, history.newest(*account, sequence), sequence);
                        if lines.iter().any(|line| line.position == after) {
                            prop_assert_eq!(page, Ok(history.statements.page(&query, sequence)));
                        } else {
                            prop_assert_eq!(page, Err(LedgerError::CursorUnknown(*account)), "{:?}", query);
                        }
                    }
                }
            }
        }
    }
}
