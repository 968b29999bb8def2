//! Bodies that nobody wrote: none makes the decoder panic, and what can be read is what would have been written.

use ledger::body::{BodyFault, decode_entry};
use ledger::journal::{EntryCounts, EntryFields, EntryHash, EntryHeader, EntryKind};
use ledger::{OUTCOME_BYTES, Outcome, Position, TRANSFER_BYTES, Transfer, TransferFlags, TransferStatus};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::pages::history_of;
use crate::reencode::reencode;
use crate::workload::workloads;

fn header(kind: EntryKind, counts: EntryCounts) -> EntryHeader {
    let (state_root, state_root_sequence) = ([0; 32], 6);
    let (sequence, timestamp) = (7, 1_000);
    EntryHeader {
        fields: EntryFields { kind, sequence, timestamp, counts, state_root, state_root_sequence },
        body_length: 0,
        flushed_through: 6,
        previous_hash: EntryHash::default(),
        hash: EntryHash::default(),
    }
}

/// Reads a body; if that goes, writing it again gives the same bytes and counts.
fn check(counts: EntryCounts, body: &[u8]) -> Result<(), BodyFault> {
    let entry = decode_entry(&header(EntryKind::Batch, counts), body)?;
    assert_eq!(reencode(&entry), (counts, body.to_vec()));
    Ok(())
}

fn counts(max: u32) -> impl Strategy<Value = EntryCounts> {
    let count = move || prop_oneof![8 => 0..=max, 1 => any::<u32>()];
    (count(), count(), count()).prop_map(|(expiries, requests, transfers)| EntryCounts {
        expiries,
        requests,
        transfers,
    })
}

/// A number of bytes that looks like one of the records of a body, or like nothing.
fn records() -> impl Strategy<Value = Vec<u8>> {
    let flags = prop::sample::select(vec![
        TransferFlags::NONE,
        TransferFlags::POST,
        TransferFlags::VOID,
        TransferFlags::PENDING,
    ]);
    let transfer = flags.prop_map(|flags| Transfer { flags, ..Transfer::default() }.encode().to_vec());
    let statuses = prop::sample::select(vec![TransferStatus::Accepted, TransferStatus::PendingNotFound]);
    let outcome = statuses.prop_map(|status| Outcome::refused(status).encode().to_vec());
    let end = (0_u32..3, 0_u64..3).prop_map(|(index, position)| {
        [index.to_le_bytes().to_vec(), position.to_le_bytes().to_vec()].concat()
    });
    let number = (0_u32..4).prop_map(|number| number.to_le_bytes().to_vec());
    let request = (0_u32..3, 0_u16..8, vec(any::<u8>(), 0..60)).prop_map(|(place, kind, rest)| {
        [place.to_le_bytes().to_vec(), kind.to_le_bytes().to_vec(), rest].concat()
    });
    prop_oneof![transfer, outcome, end, number, request, vec(any::<u8>(), 0..200)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_read_as_they_would_be_written(
        counts in counts(3),
        bodies in vec(records(), 0..8),
    ) {
        // Most are faults; which one makes no difference here.
        let _ = check(counts, &bodies.concat());
    }

    /// As many transfers, outcomes, ends and small requests as are counted, with whatever they say.
    #[test]
    fn well_cut_bytes_are_read_as_they_would_be_written(
        transfers in vec((0_u16..8, any::<bool>(), any::<u8>()), 0..5),
        ends in vec((0_u32..6, 0_u64..3), 0..5),
        requests in vec((0_u32..6, 0_u16..4), 0..4),
    ) {
        let number = |length| u32::try_from(length).unwrap();
        let mut body = Vec::new();
        for (flags, _, amount) in &transfers {
            let flags = TransferFlags::from_bits(*flags);
            body.extend(Transfer { flags, amount: u64::from(*amount), ..Transfer::default() }.encode());
        }
        for (_, accepted, amount) in &transfers {
            let status = if *accepted { TransferStatus::Accepted } else { TransferStatus::PendingNotFound };
            let amount = if *accepted { u64::from(*amount) } else { 0 };
            body.extend(Outcome { amount, ..Outcome::refused(status) }.encode());
        }
        body.extend(number(ends.len()).to_le_bytes());
        for (index, position) in &ends {
            body.extend(index.to_le_bytes());
            body.extend(position.to_le_bytes());
        }
        for (place, change) in &requests {
            body.extend(place.to_le_bytes());
            body.extend([6, 0]);
            body.extend(change.to_le_bytes());
        }
        let counts =
            EntryCounts { expiries: 0, requests: number(requests.len()), transfers: number(transfers.len()) };
        let fits = check(counts, &body).is_ok();
        let ending = (0_u32..).zip(&transfers).filter(|(_, (flags, accepted, _))| {
            *accepted && TransferFlags::from_bits(*flags).intersects(TransferFlags::ENDS)
        });
        let places: Vec<u32> = requests.iter().map(|(place, _)| *place).collect();
        let expected = ending.map(|(index, _)| index).eq(ends.iter().map(|(index, _)| *index))
            && ends.iter().all(|(_, position)| *position != 0)
            && places.is_sorted()
            && places.iter().all(|place| *place <= counts.transfers)
            && requests.iter().all(|(_, change)| (1..=2).contains(change));
        prop_assert_eq!(fits, expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    /// Every truncation is a fault; every flipped bit is one, or says something else.
    #[test]
    fn damaged_bodies_are_found_or_say_what_they_say(workload in workloads(3, 3)) {
        let history = history_of(&workload, 1);
        for entry in &history.entries {
            let (counts, mut body) = reencode(entry);
            for length in 0..body.len() {
                prop_assert!(check(counts, &body[..length]).is_err(), "cut to {} bytes", length);
            }
            body.push(0);
            prop_assert!(check(counts, &body).is_err(), "one byte too long");
            body.pop();
            for bit in 0..body.len() * 8 {
                body[bit / 8] ^= 1 << (bit % 8);
                if let Ok(damaged) = decode_entry(&header(EntryKind::Batch, counts), &body) {
                    prop_assert_ne!((&damaged.parts, &damaged.expired), (&entry.parts, &entry.expired));
                    prop_assert_eq!(reencode(&damaged), (counts, body.clone()));
                }
                body[bit / 8] ^= 1 << (bit % 8);
            }
        }
    }
}

#[test]
fn counts_beyond_an_entry_are_refused_before_anything_is_read() {
    let none = EntryCounts::default();
    for counts in [
        EntryCounts { expiries: 8_191, ..none },
        EntryCounts { transfers: 8_191, ..none },
        EntryCounts { requests: 1_025, ..none },
        EntryCounts { expiries: u32::MAX, requests: u32::MAX, transfers: u32::MAX },
    ] {
        assert_eq!(check(counts, &[]), Err(BodyFault::CountOutOfRange));
    }
    let most = EntryCounts { expiries: 8_190, requests: 1_024, transfers: 8_190 };
    assert_eq!(check(most, &[0; 100]), Err(BodyFault::LengthWrong));
}

#[test]
fn each_fault_has_its_name() {
    let one = EntryCounts { transfers: 1, ..EntryCounts::default() };
    let body = |flags, outcome: [u8; OUTCOME_BYTES], behind: &[u8]| {
        let transfer: [u8; TRANSFER_BYTES] = Transfer { flags, ..Transfer::default() }.encode();
        [&transfer[..], &outcome[..], behind].concat()
    };
    let accepted = Outcome::refused(TransferStatus::Accepted).encode();
    let mut unknown = accepted;
    unknown[2] = 1;
    let (plain, post, no_ends) = (TransferFlags::NONE, TransferFlags::POST, [0; 4]);
    let end = |index: u32, position: Position| {
        [&1_u32.to_le_bytes()[..], &index.to_le_bytes(), &position.bits().to_le_bytes()].concat()
    };
    let somewhere = Position::new(1, 0).unwrap();
    for (body, result) in [
        (body(plain, accepted, &no_ends), Ok(())),
        (body(post, accepted, &end(0, somewhere)), Ok(())),
        (body(plain, unknown, &no_ends), Err(BodyFault::OutcomeMalformed(0))),
        (body(plain, accepted, &end(0, somewhere)), Err(BodyFault::EndsWrong)),
        (body(post, accepted, &no_ends), Err(BodyFault::EndsWrong)),
        (body(post, accepted, &end(1, somewhere)), Err(BodyFault::EndsWrong)),
        (body(post, accepted, &end(0, Position::NONE)), Err(BodyFault::EndsWrong)),
        (body(plain, accepted, &2_u32.to_le_bytes()), Err(BodyFault::EndsWrong)),
        (body(plain, accepted, &[0; 5]), Err(BodyFault::LengthWrong)),
    ] {
        assert_eq!(check(one, &body), result);
    }
    let request = EntryCounts { requests: 1, ..EntryCounts::default() };
    let early = [&no_ends[..], &0_u32.to_le_bytes(), &[6, 0, 1, 0]].concat();
    let beyond = [&no_ends[..], &1_u32.to_le_bytes(), &[6, 0, 1, 0]].concat();
    assert_eq!(check(request, &early), Ok(()));
    assert_eq!(check(request, &beyond), Err(BodyFault::RequestMalformed(0)));
    assert_eq!(check(request, &no_ends), Err(BodyFault::RequestMalformed(0)));
}

#[test]
fn a_clean_stop_has_no_body() {
    let none = EntryCounts::default();
    let entry = decode_entry(&header(EntryKind::Closing, none), &[]).unwrap();
    assert_eq!((entry.sequence, entry.parts.len(), entry.expired.len()), (7, 0, 0));
    assert_eq!(decode_entry(&header(EntryKind::Closing, none), &[0; 4]), Err(BodyFault::LengthWrong));
    let counts = EntryCounts { transfers: 1, ..none };
    assert_eq!(decode_entry(&header(EntryKind::Closing, counts), &[]), Err(BodyFault::LengthWrong));
}
