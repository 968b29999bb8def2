//! Entries that somebody changed and hashed again, with the whole chain behind them: hashes hold, and what was changed
//! is named all the same.

use std::sync::Arc;

use ledger::body::{BodyLayout, EXPIRY_BYTES, decode_entry};
use ledger::disk::{Disk, FakeDisk};
use ledger::journal::{EntryBuffer, EntryFields, EntryHeader, EntryKind, Journal, JournalId, JournalOptions};
use ledger::verify::DifferenceKind;
use ledger::{Entry, EntryPart, Outcome, Position, RecordedTransfer, TransferFlags, TransferStatus, id};

use crate::directories::{SEGMENT_BYTES, difference, live_directory, verify_good};
use crate::support::NOW;

/// An entry as it lies in the journal.
#[derive(Debug, Clone)]
struct Written {
    header: EntryHeader,
    body: Vec<u8>,
}

/// A journal to be written anew.
#[derive(Debug, Clone)]
struct Forgery {
    secret: Vec<u8>,
    entries: Vec<Written>,
}

impl Written {
    fn entry(&self) -> Entry {
        decode_entry(&self.header, &self.body).unwrap()
    }

    fn transfers(&self) -> Vec<RecordedTransfer> {
        let list = |part: EntryPart| match part {
            EntryPart::Transfers(transfers) => transfers,
            EntryPart::Administrative(_) => Vec::new(),
        };
        self.entry().parts.into_iter().flat_map(list).collect()
    }

    fn layout(&self) -> BodyLayout {
        BodyLayout::of(self.header.fields.counts).unwrap()
    }

    fn put(&mut self, at: u64, bytes: &[u8]) {
        let at = usize::try_from(at).unwrap();
        self.body[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn put_outcome(&mut self, index: u64, outcome: Outcome) {
        self.put(self.layout().outcome(index).unwrap(), &outcome.encode());
    }

    fn sequence(&self) -> u64 {
        self.header.fields.sequence
    }

    /// The index of a transfer in the entry.
    fn index(&self, transfer: u64) -> u64 {
        u64::from(self.header.fields.counts.expiries) + transfer
    }
}

impl Forgery {
    fn options(&self) -> JournalOptions {
        let journal_id = JournalId(self.secret[8..24].try_into().unwrap());
        JournalOptions { journal_id, segment_bytes: SEGMENT_BYTES, required_through: 0 }
    }

    fn of(disk: &FakeDisk) -> Self {
        let mut forgery = Self { secret: disk.contents("secret/ledger").unwrap(), entries: Vec::new() };
        let shared: Arc<dyn Disk> = Arc::new(disk.clone());
        let (journal, _) = Journal::open(shared, forgery.options()).unwrap();
        let mut cursor = journal.reader().cursor(1);
        while let Some(view) = cursor.next_entry().unwrap() {
            forgery.entries.push(Written { header: view.header, body: view.body.to_vec() });
        }
        forgery
    }

    /// Writes the entries one behind the other; every hash holds.
    fn write(&self) -> FakeDisk {
        let disk = FakeDisk::new(1);
        disk.replace("secret/ledger", self.secret.clone());
        let shared: Arc<dyn Disk> = Arc::new(disk.clone());
        let (mut journal, _) = Journal::open(shared, self.options()).unwrap();
        for (sequence, written) in (1..).zip(&self.entries) {
            let mut buffer = EntryBuffer::new();
            buffer.push(&written.body);
            journal.append(EntryFields { sequence, ..written.header.fields }, &mut buffer).unwrap();
            journal.flush().unwrap();
        }
        disk
    }

    /// The first transfer, from the entry with this number on, that is of this kind.
    fn find(&self, from: usize, is: impl Fn(&RecordedTransfer) -> bool) -> (usize, u64, RecordedTransfer) {
        let entries = self.entries.iter().enumerate().skip(from);
        let mut found = entries.flat_map(|(number, written)| {
            let transfers = written.transfers().into_iter().zip(0_u64..);
            transfers.map(move |(recorded, index)| (number, index, recorded))
        });
        found.find(|(_, _, recorded)| is(recorded)).expect("the script has such a transfer")
    }

    /// The first entry, from this number on, that is of this kind.
    fn find_entry(&self, from: usize, is: impl Fn(&Written) -> bool) -> usize {
        let found = self.entries.iter().enumerate().skip(from).find(|(_, written)| is(written));
        found.expect("the script has such an entry").0
    }

    /// Verification names this place and kind.
    #[track_caller]
    fn is_named(&self, sequence: u64, index: Option<u64>, kind: DifferenceKind) {
        let found = difference(&self.write());
        assert_eq!((found.sequence, found.index, found.kind), (sequence, index, kind), "{found}");
        assert_ne!(found.expected, found.found);
    }
}

/// One of the payments that stand alone, each behind another one.
fn is_payment(recorded: &RecordedTransfer) -> bool {
    let plain = recorded.transfer.flags == TransferFlags::NONE && recorded.transfer.amount == 1;
    is_accepted(recorded) && plain
}

fn is_accepted(recorded: &RecordedTransfer) -> bool {
    recorded.outcome.status.is_accepted()
}

async fn forgery() -> Forgery {
    Forgery::of(&live_directory().await)
}

#[tokio::test]
async fn what_is_written_as_it_was_verifies() {
    let forgery = forgery().await;
    let report = verify_good(&forgery.write(), true);
    assert_eq!(report.entries, forgery.entries.len() as u64);
    assert!(report.roots_compared > 1 && report.expiries > 0);
}

#[tokio::test]
async fn an_outcome_that_was_another_is_named() {
    let good = forgery().await;
    let (number, index, recorded) = good.find(10, is_payment);
    let earlier = Position::new(1, 0).unwrap();
    let accepted = recorded.outcome;
    let changes = [
        Outcome::refused(TransferStatus::DebitsWouldExceedCredits),
        Outcome { amount: accepted.amount + 1, ..accepted },
        Outcome { amount: 0, ..accepted },
        Outcome { previous_debit: earlier, ..accepted },
        Outcome { previous_credit: earlier, ..accepted },
        Outcome { previous_debit: Position::NONE, ..accepted },
        Outcome {
            previous_debit: accepted.previous_credit,
            previous_credit: accepted.previous_debit,
            ..accepted
        },
    ];
    for change in changes {
        let mut forgery = good.clone();
        let written = &mut forgery.entries[number];
        written.put_outcome(index, change);
        let (sequence, index) = (written.sequence(), written.index(index));
        forgery.is_named(sequence, Some(index), DifferenceKind::Outcome);
    }
}

#[tokio::test]
async fn a_refusal_made_an_acceptance_or_another_refusal_is_named() {
    let good = forgery().await;
    let refused = TransferStatus::DebitsWouldExceedCredits;
    let (number, index, recorded) = good.find(10, |recorded| recorded.outcome.status == refused);
    let amount = recorded.transfer.amount;
    for change in [
        Outcome { status: TransferStatus::Accepted, amount, ..Outcome::refused(refused) },
        Outcome::refused(TransferStatus::DebitAccountFrozen),
    ] {
        let mut forgery = good.clone();
        let written = &mut forgery.entries[number];
        written.put_outcome(index, change);
        let (sequence, index) = (written.sequence(), written.index(index));
        forgery.is_named(sequence, Some(index), DifferenceKind::Outcome);
    }
}

/// Request and outcome both say more: the entry itself holds, and the next state root does not.
#[tokio::test]
async fn an_amount_changed_in_request_and_outcome_is_found_by_the_next_root() {
    let mut forgery = forgery().await;
    let (number, index, recorded) = forgery.find(10, is_payment);
    let sequence = forgery.entries[number].sequence();
    let written = &mut forgery.entries[number];
    let more = recorded.outcome.amount + 1;
    let transfer = ledger::Transfer { amount: more, ..recorded.transfer };
    written.put(written.layout().transfer(index).unwrap(), &transfer.encode());
    written.put_outcome(index, Outcome { amount: more, ..recorded.outcome });
    let carrier = forgery.find_entry(number, |written| written.header.fields.state_root_sequence >= sequence);
    forgery.is_named(forgery.entries[carrier].sequence(), None, DifferenceKind::StateRoot);
}

#[tokio::test]
async fn an_expiry_that_is_missing_or_another_is_named() {
    let good = forgery().await;
    let number = good.find_entry(0, |written| written.header.fields.counts.expiries > 0);
    let sequence = good.entries[number].sequence();

    let mut missing = good.clone();
    let written = &mut missing.entries[number];
    written.body.drain(..EXPIRY_BYTES);
    written.header.fields.counts.expiries -= 1;
    missing.is_named(sequence, Some(0), DifferenceKind::Expiry);

    // Its id, its position, and both statement entries before it.
    for byte in [0, 16, 24, 32] {
        let mut changed = good.clone();
        changed.entries[number].body[byte] ^= 1;
        changed.is_named(sequence, Some(0), DifferenceKind::Expiry);
    }

    // The same expiry once more, an entry later.
    let mut twice = good.clone();
    let expiry = good.entries[number].body[..EXPIRY_BYTES].to_vec();
    let next = good.find_entry(number + 1, |written| written.header.fields.kind == EntryKind::Batch);
    let written = &mut twice.entries[next];
    let index = u64::from(written.header.fields.counts.expiries);
    let at = usize::try_from(index).unwrap() * EXPIRY_BYTES;
    written.body.splice(at..at, expiry);
    written.header.fields.counts.expiries += 1;
    twice.is_named(good.entries[next].sequence(), Some(index), DifferenceKind::Expiry);
}

#[tokio::test]
async fn an_id_used_twice_is_named() {
    let good = forgery().await;
    let (number, index, recorded) = good.find(12, is_payment);
    let (_, _, earlier) = good.find(2, is_payment);
    let entry_before = good.entries[number].transfers();
    let same_entry = entry_before[usize::try_from(index).unwrap() - 1].transfer.id;
    for id in [earlier.transfer.id, same_entry] {
        let mut forgery = good.clone();
        let written = &mut forgery.entries[number];
        let transfer = ledger::Transfer { id, ..recorded.transfer };
        written.put(written.layout().transfer(index).unwrap(), &transfer.encode());
        let (sequence, index) = (written.sequence(), written.index(index));
        forgery.is_named(sequence, Some(index), DifferenceKind::Id);
    }
}

#[tokio::test]
async fn an_id_that_could_not_be_used_at_that_time_is_named() {
    let good = forgery().await;
    let (number, index, recorded) = good.find(12, is_payment);
    let millis = NOW / 1_000;
    let day = 86_400_000;
    for made_at in [millis - 8 * day, millis + day] {
        let mut forgery = good.clone();
        let written = &mut forgery.entries[number];
        let transfer =
            ledger::Transfer { id: ledger::TransferId(id::timed(made_at, 5)), ..recorded.transfer };
        written.put(written.layout().transfer(index).unwrap(), &transfer.encode());
        let (sequence, index) = (written.sequence(), written.index(index));
        forgery.is_named(sequence, Some(index), DifferenceKind::Id);
    }
}

#[tokio::test]
async fn what_nobody_could_have_asked_for_is_named() {
    let good = forgery().await;
    let (number, index, recorded) = good.find(12, is_payment);
    let strange = [
        ledger::Transfer { code: 0, ..recorded.transfer },
        ledger::Transfer { reserved: [1; 14], ..recorded.transfer },
        ledger::Transfer { credit_account: recorded.transfer.debit_account, ..recorded.transfer },
    ];
    for transfer in strange {
        let mut forgery = good.clone();
        let written = &mut forgery.entries[number];
        written.put(written.layout().transfer(index).unwrap(), &transfer.encode());
        let (sequence, index) = (written.sequence(), written.index(index));
        forgery.is_named(sequence, Some(index), DifferenceKind::Outcome);
    }
}

#[tokio::test]
async fn an_end_of_another_pending_transfer_is_named() {
    let mut forgery = forgery().await;
    let (number, index, recorded) =
        forgery.find(5, |recorded| is_accepted(recorded) && recorded.transfer.ends_pending());
    let written = &mut forgery.entries[number];
    let other = Position::new(recorded.ended.sequence(), 7).unwrap();
    let at = written.layout().ends_count_at() + 4 + 4;
    written.put(at, &other.bits().to_le_bytes());
    let (sequence, index) = (written.sequence(), written.index(index));
    forgery.is_named(sequence, Some(index), DifferenceKind::End);
}

#[tokio::test]
async fn a_wrong_root_is_named_in_the_entry_that_carries_it() {
    let good = forgery().await;
    let first = good.find_entry(0, |written| written.header.fields.state_root_sequence > 0);
    let of = good.entries[first].header.fields.state_root_sequence;
    for (number, change) in [(first, 0), (first, 31)] {
        let mut forgery = good.clone();
        forgery.entries[number].header.fields.state_root[change] ^= 1;
        forgery.is_named(good.entries[number].sequence(), None, DifferenceKind::StateRoot);
    }
    // The root of another entry, a root where there is none, and two roots of one entry.
    let mut other = good.clone();
    let next = good.find_entry(first, |written| written.header.fields.state_root_sequence > of);
    other.entries[next].header.fields.state_root = good.entries[first].header.fields.state_root;
    other.is_named(good.entries[next].sequence(), None, DifferenceKind::StateRoot);
    let mut none = good.clone();
    none.entries[0].header.fields.state_root = [9; 32];
    none.is_named(1, None, DifferenceKind::StateRoot);
    let again = first + 1;
    if good.entries[again].header.fields.state_root_sequence == of {
        let mut two = good.clone();
        two.entries[again].header.fields.state_root[5] ^= 1;
        two.is_named(good.entries[again].sequence(), None, DifferenceKind::StateRoot);
    }
}

#[tokio::test]
async fn an_administrative_request_that_would_be_refused_is_named() {
    let mut forgery = forgery().await;
    let number = forgery.find_entry(0, |written| written.header.fields.counts.requests > 1);
    let written = &mut forgery.entries[number];
    // Place, kind and id: the second account gets the id of the first.
    let at = usize::try_from(written.layout().ends_count_at()).unwrap() + 4;
    let record = (written.body.len() - at) / usize::try_from(written.header.fields.counts.requests).unwrap();
    let id: Vec<u8> = written.body[at + 6..at + 22].to_vec();
    written.body[at + record + 6..at + record + 22].copy_from_slice(&id);
    let sequence = written.sequence();
    forgery.is_named(sequence, None, DifferenceKind::Request);
}

#[tokio::test]
async fn a_body_that_no_ledger_writes_is_named() {
    let good = forgery().await;
    let (number, _, _) = good.find(8, is_payment);
    let sequence = good.entries[number].sequence();
    let mut longer = good.clone();
    longer.entries[number].body.push(0);
    longer.is_named(sequence, None, DifferenceKind::Body);
    let mut counts = good.clone();
    counts.entries[number].header.fields.counts.transfers += 1;
    counts.is_named(sequence, None, DifferenceKind::Body);
}

#[tokio::test]
async fn a_transfer_or_an_entry_left_out_is_named() {
    let good = forgery().await;
    // Whole entries: those behind it take its place in the order.
    for number in [4, 9, 15] {
        let mut forgery = good.clone();
        forgery.entries.remove(number);
        for (sequence, written) in (1_u64..).zip(&mut forgery.entries) {
            let fields = &mut written.header.fields;
            fields.state_root_sequence = fields.state_root_sequence.min(sequence - 1);
        }
        let found = difference(&forgery.write());
        assert!(found.sequence > number as u64, "{found}");
        assert!(found.sequence <= number as u64 + 4, "{found}");
    }
    // A time that was another: what expires is another, or the order is.
    let mut late = good.clone();
    let number = good.find_entry(0, |written| written.header.fields.counts.expiries > 0);
    let before = good.entries[number - 1].header.fields.timestamp;
    late.entries[number].header.fields.timestamp = before;
    let found = difference(&late.write());
    assert_eq!(
        (found.sequence, found.kind),
        (good.entries[number].sequence(), DifferenceKind::Expiry),
        "{found}"
    );
}
