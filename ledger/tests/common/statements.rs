//! Statements, walked along their back-pointers: whoever begins with the newest statement entry of an account meets
//! every change of its totals, so the totals behind each earlier entry follow from those of now.

use std::collections::BTreeMap;

use ledger::{Account, AccountId, Entry, EntryPart, Position, RecordedTransfer, TransferFlags};

/// What one position did to both accounts.
#[derive(Debug, Clone, Copy)]
struct Line {
    /// Payer and payee, and what stood on their statements before.
    accounts: [AccountId; 2],
    previous: [Position; 2],
    pending: i128,
    posted: i128,
}

/// Everything that was recorded, and the accounts behind each entry.
#[derive(Debug, Default)]
pub(crate) struct Statements {
    lines: BTreeMap<Position, Line>,
    states: Vec<(u64, BTreeMap<AccountId, Account>)>,
}

impl Statements {
    /// Takes in an entry with the accounts as they are behind it.
    pub(crate) fn entry(&mut self, entry: &Entry, accounts: impl Iterator<Item = Account>) {
        let transfers = entry.parts.iter().flat_map(|part| match part {
            EntryPart::Transfers(transfers) => transfers.as_slice(),
            EntryPart::Administrative(_) => &[],
        });
        let mut positions = entry.positions();
        for (expiry, position) in entry.expired.iter().zip(&mut positions) {
            let previous = [expiry.previous_debit, expiry.previous_credit];
            let line = Line { previous, posted: 0, ..self.end_of(expiry.position) };
            self.lines.insert(position, line);
        }
        for (transfer, position) in transfers.zip(positions) {
            if transfer.outcome.status.is_accepted() {
                let line = self.line(transfer);
                self.lines.insert(position, line);
            }
        }
        self.states.push((entry.sequence, accounts.map(|account| (account.id, account)).collect()));
    }

    fn line(&self, recorded: &RecordedTransfer) -> Line {
        let RecordedTransfer { transfer, outcome, ended } = recorded;
        let previous = [outcome.previous_debit, outcome.previous_credit];
        let amount = i128::from(outcome.amount);
        if transfer.ends_pending() {
            return Line { previous, posted: amount, ..self.end_of(*ended) };
        }
        assert!(ended.is_none(), "{transfer:?} ends nothing");
        let pending = transfer.is(TransferFlags::PENDING);
        let (pending, posted) = if pending { (amount, 0) } else { (0, amount) };
        Line { accounts: [transfer.debit_account, transfer.credit_account], previous, pending, posted }
    }

    /// The end of the pending transfer at a position: everything is released.
    fn end_of(&self, pending: Position) -> Line {
        let made = self.lines.get(&pending).unwrap_or_else(|| panic!("{pending:?} reserves nothing"));
        assert!(made.pending > 0, "{pending:?} reserves nothing");
        Line { pending: -made.pending, ..*made }
    }

    /// Walks the statement of every account, and compares with what its totals were behind each entry.
    pub(crate) fn check(&self) {
        let Some((_, newest)) = self.states.last() else { return };
        for (id, account) in newest {
            let mut walk = Walk { totals: totals(account), next: account.last_position };
            for (sequence, accounts) in self.states.iter().rev() {
                while walk.next.sequence() > *sequence {
                    walk.back(*id, &self.lines[&walk.next]);
                }
                let then = accounts.get(id).map_or(Walk::default(), |account| Walk {
                    totals: totals(account),
                    next: account.last_position,
                });
                assert_eq!(walk, then, "{id:?} behind the entry {sequence}");
            }
            while !walk.next.is_none() {
                walk.back(*id, &self.lines[&walk.next]);
            }
            assert_eq!(walk, Walk::default(), "{id:?} at the beginning");
        }
    }
}

/// A place on a statement: the totals there, and the statement entry that made them so.
#[derive(Debug, Default, PartialEq, Eq)]
struct Walk {
    totals: [i128; 4],
    next: Position,
}

impl Walk {
    /// One statement entry back.
    fn back(&mut self, account: AccountId, line: &Line) {
        let side = line.accounts.iter().position(|one| *one == account).expect("it is its statement");
        self.totals[2 * side] -= line.pending;
        self.totals[2 * side + 1] -= line.posted;
        assert!(line.previous[side] < self.next, "a walk only goes back");
        self.next = line.previous[side];
    }
}

/// Debits pending and posted, credits pending and posted.
fn totals(account: &Account) -> [i128; 4] {
    let totals =
        [account.debits_pending, account.debits_posted, account.credits_pending, account.credits_posted];
    totals.map(|total| i128::try_from(total).unwrap())
}
