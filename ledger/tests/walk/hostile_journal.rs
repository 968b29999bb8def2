//! Walks over journals whose bytes are not what was written. None panics or goes on for ever, and what is found out is
//! named: in short entries every bit, in long ones what does not fit together.

use std::collections::BTreeMap;

use ledger::body::BodyFault;
use ledger::handle::{Direction, LedgerError, StatementLine, StatementQuery};
use ledger::journal::ENTRY_HEADER_BYTES;
use ledger::limits::WALK_STEPS_MAX;
use ledger::walk::{RecordAt, RecordedItem, Walk, WalkError};
use ledger::{Account, AccountId, OUTCOME_BYTES, Position, Request, TRANSFER_BYTES};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;

use crate::build::{START, account_id, create, transfer};
use crate::ledger_history::LedgerHistory;
use crate::pages::wide_history;

/// Transfers of the second entry, all of them pending ones of account 1.
const RESERVED: usize = 400;
/// Transfers of the third, which ends most of them.
const ENDS: usize = 320;
/// Where a header says how long the body is.
const BODY_LENGTH: std::ops::Range<usize> = 64..68;

fn at(sequence: u64, index: u32) -> Position {
    Position::new(sequence, index).unwrap()
}

/// The bytes of all files, put back when it goes.
struct Damage<'a> {
    history: &'a LedgerHistory,
    files: BTreeMap<String, Vec<u8>>,
}

impl<'a> Damage<'a> {
    fn to(history: &'a LedgerHistory) -> Self {
        Self { history, files: history.files() }
    }
}

impl Drop for Damage<'_> {
    fn drop(&mut self) {
        for (path, contents) in std::mem::take(&mut self.files) {
            self.history.disk.replace(&path, contents);
        }
    }
}

/// What a walk answers: lines, or an account.
type Answer = Result<(Vec<StatementLine>, Option<Account>), LedgerError>;

/// Everything that can be walked for an account.
fn walk_all(history: &LedgerHistory, account: AccountId) -> Vec<Answer> {
    let mut reader = history.reader();
    let mut walk = Walk::new(&mut reader);
    let sequence = history.sequence();
    let newest = history.newest(account, sequence);
    let mut results = Vec::new();
    for direction in [Direction::NewestFirst, Direction::OldestFirst] {
        let query = StatementQuery { direction, ..StatementQuery::newest(account, 1_000) };
        let page = walk.statement(&query, newest, sequence);
        results.push(page.map(|page| (in_order(page.lines, direction), None)));
    }
    let now = history.accounts(sequence)[&account];
    results.push(walk.account_at(now, 1, history.timestamp(1)).map(|account| (Vec::new(), account)));
    results
}

/// The lines, oldest first.
fn in_order(mut lines: Vec<StatementLine>, direction: Direction) -> Vec<StatementLine> {
    if direction == Direction::NewestFirst {
        lines.reverse();
    }
    assert!(lines.is_sorted_by(|one, next| one.position < next.position && one.timestamp <= next.timestamp));
    lines
}

fn is_unreadable(result: &Answer) -> bool {
    matches!(result, Err(LedgerError::Unreadable(_)))
}

/// A long entry's body: where the back-pointer of the payer or payee stands.
fn back_pointer(transfers: usize, index: usize, payee: bool) -> usize {
    transfers * TRANSFER_BYTES + index * OUTCOME_BYTES + if payee { 24 } else { 16 }
}

/// Where the record of an end stands.
fn end_record(index: usize) -> usize {
    ENDS * (TRANSFER_BYTES + OUTCOME_BYTES) + 4 + index * 12
}

/// What is written into the body of which entry, and whose statement cannot be read then.
fn damages(history: &LedgerHistory) -> Vec<(u64, u64, usize, Vec<u8>)> {
    let pointer = |position: Position| position.bits().to_le_bytes().to_vec();
    let mut damages = Vec::new();
    // Itself, forward, behind the end, before the beginning, and further on than an entry can be.
    let astray =
        [at(2, 200), at(2, 201), at(3, 0), at(9, 0), Position::from_bits(5), Position::from_bits(u64::MAX)];
    for position in astray {
        damages.push((1, 2, back_pointer(RESERVED, 200, false), pointer(position)));
    }
    // Statement entries of others, or of nobody.
    damages.push((3, 2, back_pointer(RESERVED, 200, true), pointer(at(2, 199))));
    damages.push((3, 2, back_pointer(RESERVED, 200, true), pointer(at(1, 0))));
    damages.push((1, 2, back_pointer(RESERVED, 200, false), pointer(at(1, 1))));
    let refused = *history.statements.refused.iter().find(|position| position.sequence() == 3).unwrap();
    let behind = refused.index() + 1..u64::try_from(ENDS).unwrap();
    let lines = history.statements.lines(account_id(1), 3);
    let is_line =
        |index: &u64| lines.iter().any(|line| line.position == at(3, u32::try_from(*index).unwrap()));
    let index = usize::try_from(behind.into_iter().find(is_line).unwrap()).unwrap();
    damages.push((1, 3, back_pointer(ENDS, index, false), pointer(refused)));
    // Ends of another pending transfer, of none, of what is later, of nothing; and none at all.
    for position in [at(2, 398), at(1, 0), at(3, 319), at(2, 400), at(9, 0), Position::NONE] {
        damages.push((1, 3, end_record(3) + 4, pointer(position)));
    }
    damages.push((1, 3, end_record(3), u32::MAX.to_le_bytes().to_vec()));
    damages.push((1, 3, end_record(0) - 4, u32::MAX.to_le_bytes().to_vec()));
    // The post of more than was reserved, and outcomes that there are not.
    damages.push((1, 2, 3 * TRANSFER_BYTES + 96, vec![0; 8]));
    damages.push((1, 2, back_pointer(RESERVED, 7, false) - 16, vec![0xff, 0xff]));
    damages.push((1, 2, back_pointer(RESERVED, 7, false) - 14, vec![1]));
    damages
}

#[test]
fn what_does_not_fit_together_is_found() {
    let mut history = wide_history(u64::try_from(RESERVED).unwrap());
    for sealed in [false, true] {
        if sealed {
            assert!(history.seal() > 0);
        }
        for account in [1, 2, 3] {
            assert!(walk_all(&history, account_id(account)).iter().all(Result::is_ok));
        }
        for (account, sequence, offset, bytes) in damages(&history) {
            let damage = Damage::to(&history);
            damage.history.overwrite(sequence, ENTRY_HEADER_BYTES + offset, &bytes);
            let results = walk_all(&history, account_id(account));
            assert!(results.iter().all(is_unreadable), "{bytes:?} at {sequence}/{offset}: {results:?}");
        }
    }
}

/// Oldest first, a statement that passes by the cursor does not go on behind it.
#[test]
fn a_statement_that_passes_by_the_cursor_is_found() {
    let history = wide_history(u64::try_from(RESERVED).unwrap());
    let account = account_id(1);
    let (direction, after, from) = (Direction::OldestFirst, at(2, 199), START + 1);
    let query = StatementQuery { direction, after, from, ..StatementQuery::newest(account, 5) };
    let page = || {
        let mut reader = history.reader();
        Walk::new(&mut reader).statement(&query, history.newest(account, 4), 4)
    };
    assert_eq!(page(), Ok(history.statements.page(&query, 4)));
    let pointer = at(2, 198).bits().to_le_bytes();
    history.overwrite(2, ENTRY_HEADER_BYTES + back_pointer(RESERVED, 200, false), &pointer);
    let page = page();
    assert!(matches!(page, Err(LedgerError::Unreadable(_))), "{page:?}");
}

#[test]
fn an_end_of_nothing_is_no_record() {
    let history = wide_history(u64::try_from(RESERVED).unwrap());
    let mut reader = history.reader();
    let record = RecordAt::read(&mut reader, at(3, 3)).unwrap();
    assert!(matches!(record.item, RecordedItem::Transfer(recorded) if recorded.ended == at(2, 3)));
    // The third end: there are a void and a post before it.
    history.overwrite(3, ENTRY_HEADER_BYTES + end_record(2) + 4, &[0; 8]);
    let record = RecordAt::read(&mut reader, at(3, 3));
    assert!(
        matches!(record, Err(WalkError::Body { sequence: 3, fault: BodyFault::EndsWrong })),
        "{record:?}"
    );
}

#[test]
fn headers_that_cannot_be_are_found() {
    let history = wide_history(u64::try_from(RESERVED).unwrap());
    for (offset, bytes) in [
        (64, vec![0; 4]),
        (64, vec![0xff; 4]),
        (64, 20_000_u32.to_le_bytes().to_vec()),
        (68, vec![0xff; 4]),
        (76, vec![0xff; 4]),
        (80, 3_u64.to_le_bytes().to_vec()),
        (88, vec![0xff; 8]),
    ] {
        let damage = Damage::to(&history);
        damage.history.overwrite(2, offset, &bytes);
        let results = walk_all(&history, account_id(1));
        assert!(results.iter().all(is_unreadable), "{bytes:?} at {offset}: {results:?}");
    }
}

/// A statement that is cut short is found where all of it is undone: the totals do not end at zero.
#[test]
fn totals_that_do_not_add_up_are_found() {
    let history = wide_history(u64::try_from(RESERVED).unwrap());
    let account = history.accounts(4)[&account_id(2)];
    let undo = || {
        let mut reader = history.reader();
        Walk::new(&mut reader).account_at(account, 1, history.timestamp(1))
    };
    assert_eq!(undo(), Ok(Some(history.accounts(1)[&account.id])));
    for (offset, bytes) in [
        (back_pointer(RESERVED, 201, true), Position::NONE.bits().to_le_bytes()),
        (back_pointer(RESERVED, 201, false) - 8, 1_000_000_u64.to_le_bytes()),
    ] {
        let damage = Damage::to(&history);
        damage.history.overwrite(2, ENTRY_HEADER_BYTES + offset, &bytes);
        let result = undo();
        assert!(
            matches!(&result, Err(LedgerError::Unreadable(text)) if text.contains("totals")),
            "{result:?}"
        );
    }
}

/// Every bit of a short entry is under its hash. Only where it says to be longer it is read in stretches, which hold.
#[test]
fn every_bit_of_a_short_entry_counts() {
    let mut history = LedgerHistory::new(4);
    history.execute(START, &[create(0), create(1)]);
    history.execute(START + 1, &[Request::Transfers(vec![transfer(1, 0, 1, 5)])]);
    let intact = walk_all(&history, account_id(1));
    let length = ENTRY_HEADER_BYTES + TRANSFER_BYTES + OUTCOME_BYTES + 4;
    let (path, contents) = history.files().into_iter().next().unwrap();
    for bit in 0..length * 8 {
        let mut damaged = contents.clone();
        damaged[4_096 + bit / 8] ^= 1 << (bit % 8);
        history.disk.replace(&path, damaged);
        let results = walk_all(&history, account_id(1));
        let longer = BODY_LENGTH.contains(&(bit / 8)) && results == intact;
        assert!(longer || results.iter().all(is_unreadable), "bit {bit}: {results:?}");
    }
}

/// Whatever is flipped, in headers, bodies and the tables of sealed segments: an answer in order or a named fault.
#[test]
fn no_bytes_make_a_walk_panic_or_go_round() {
    let mut history = wide_history(u64::try_from(RESERVED).unwrap());
    history.seal();
    let too_far = Err(LedgerError::TooFarBack { steps: WALK_STEPS_MAX });
    let walk_flipped = |flips: Vec<(Index, Index, u32)>| {
        let damage = Damage::to(&history);
        let mut files: Vec<_> = damage.files.clone().into_iter().collect();
        for (file, place, bit) in flips {
            let (_, contents) = file.get_mut(&mut files);
            *place.get_mut(contents) ^= 1_u8 << bit;
        }
        files.into_iter().for_each(|(path, contents)| history.disk.replace(&path, contents));
        for result in (0..4).flat_map(|account| walk_all(&history, account_id(account))) {
            assert!(result.is_ok() || is_unreadable(&result) || result == too_far, "{result:?}");
        }
        Ok(())
    };
    let config = ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() };
    let flips = vec((any::<Index>(), any::<Index>(), 0..8_u32), 1..60);
    TestRunner::new(config).run(&flips, walk_flipped).unwrap();
}
