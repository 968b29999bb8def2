//! The byte form of executed entries comes back from the journal as it was written, whole and record by record.

use ledger::body::decode_entry;
use ledger::walk::{RecordAt, RecordedItem, WalkError};
use ledger::{Entry, EntryPart, Position};
use proptest::prelude::*;

use crate::ledger_history::LedgerHistory;
use crate::pages::{history_of, wide_history};
use crate::reencode::reencode;
use crate::workload::workloads;

/// What stands at each position of an entry.
fn items(entry: &Entry) -> Vec<RecordedItem> {
    let transfers = entry.parts.iter().flat_map(|part| match part {
        EntryPart::Transfers(transfers) => transfers.as_slice(),
        EntryPart::Administrative(_) => &[],
    });
    let expiries = entry.expired.iter().copied().map(RecordedItem::Expiry);
    expiries.chain(transfers.copied().map(RecordedItem::Transfer)).collect()
}

fn check(history: &LedgerHistory) {
    let mut reader = history.reader();
    for entry in &history.entries {
        let view = reader.read(entry.sequence).unwrap();
        assert_eq!(decode_entry(&view.header, view.body).as_ref(), Ok(entry));
        assert_eq!((view.header.fields.counts, view.body.to_vec()), reencode(entry));
        let items = items(entry);
        for (item, position) in items.iter().zip(entry.positions()) {
            let record = RecordAt { position, timestamp: entry.timestamp, item: *item };
            assert_eq!(RecordAt::read(&mut reader, position).unwrap(), record);
        }
        let behind = Position::new(entry.sequence, u32::try_from(items.len()).unwrap()).unwrap();
        assert!(matches!(RecordAt::read(&mut reader, behind), Err(WalkError::NoRecord { .. })));
    }
    let ahead = Position::new(history.sequence() + 1, 0).unwrap();
    assert!(matches!(RecordAt::read(&mut reader, ahead), Err(WalkError::Journal(_))));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, ..ProptestConfig::default() })]

    #[test]
    fn what_was_executed_comes_back(workload in workloads(8, 20), seal_every in 1..5_usize) {
        check(&history_of(&workload, seal_every));
    }
}

#[test]
fn long_entries_come_back() {
    let mut history = wide_history(1_500);
    check(&history);
    assert!(history.seal() > 0);
    check(&history);
}
