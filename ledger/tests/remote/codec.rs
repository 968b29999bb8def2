//! The codecs: every value comes back, and no bytes do harm.

use ledger::admin::{AdministrativeRequest, AlterAllowance, CreateAllowance};
use ledger::allowance::{Measure, Stretch, Window, WindowFlags};
use ledger::handle::{Answer, Command, LedgerError, RawEntry};
use ledger::journal::{EntryCounts, EntryFields, EntryHash, EntryHeader, EntryKind};
use ledger::limits::{ALLOWANCE_WINDOWS_MAX, ENTRY_ADMINISTRATIVE_MAX, ENTRY_TRANSFERS_MAX};
use ledger::remote::limits::{ADMINISTRATIVE_BYTES_MAX, ANSWER_BYTES_MAX, COMMAND_BYTES_MAX, TEXT_BYTES_MAX};
use ledger::remote::wire::{
    FRAME_HEAD_BYTES, FrameHead, WireFault, decode_answer, decode_command, encode_answer, encode_command,
};
use ledger::{AllowanceId, Bound, Recorded, Reply, Request, Transfer, TransferReply, TransferStatus};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::strategies::{administrative, answered, command, terms, transfer_reply};

/// Head and body of a frame, held against each other.
fn open(frame: &[u8]) -> (FrameHead, &[u8]) {
    let (head, body) = frame.split_first_chunk::<FRAME_HEAD_BYTES>().unwrap();
    let head = FrameHead::decode(head);
    assert_eq!(usize::try_from(head.length).unwrap(), body.len());
    (head, body)
}

fn round_trip_command(command: &Command) -> Command {
    let frame = encode_command(7, command).unwrap();
    let (head, body) = open(&frame);
    assert_eq!(head.number, 7);
    assert_eq!(head.command_length(), Ok(body.len()));
    decode_command(head.kind, body).unwrap()
}

fn round_trip_answer(answered: &Result<Answer, LedgerError>) -> Result<Answer, LedgerError> {
    let frame = encode_answer(9, answered);
    let (head, body) = open(&frame);
    assert_eq!(head.number, 9);
    assert_eq!(head.answer_length(), Ok(body.len()));
    decode_answer(head.kind, body).unwrap()
}

/// Bytes that no writer may have made: either they are nothing, or exactly what would be written for what they say.
fn check_command_bytes(kind: u16, body: &[u8]) {
    if let Ok(command) = decode_command(kind, body) {
        match encode_command(1, &command) {
            Ok(frame) => assert_eq!(open(&frame).1, body),
            Err(error) => assert!(matches!(error, LedgerError::TooMany { .. })),
        }
    }
}

fn check_answer_bytes(kind: u16, body: &[u8]) {
    if let Ok(answered) = decode_answer(kind, body) {
        assert_eq!(open(&encode_answer(1, &answered)).1, body);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn every_command_comes_back(command in command()) {
        prop_assert_eq!(round_trip_command(&command), command);
    }

    #[test]
    fn every_answer_comes_back(answered in answered()) {
        prop_assert_eq!(round_trip_answer(&answered), answered);
    }

    #[test]
    fn a_command_that_is_cut_or_longer_is_none(command in command(), cut in any::<prop::sample::Index>()) {
        let frame = encode_command(1, &command).unwrap();
        let (head, body) = open(&frame);
        let longer = [body, &[0]].concat();
        prop_assert_eq!(decode_command(head.kind, &longer), Err(WireFault::Malformed(head.kind)));
        if !body.is_empty() {
            let cut = &body[..cut.index(body.len())];
            prop_assert_eq!(decode_command(head.kind, cut), Err(WireFault::Malformed(head.kind)));
        }
    }

    #[test]
    fn an_answer_that_is_cut_or_longer_is_none(answered in answered(), cut in any::<prop::sample::Index>()) {
        let frame = encode_answer(1, &answered);
        let (head, body) = open(&frame);
        let malformed = Err(WireFault::Malformed(head.kind));
        let longer = [body, &[0]].concat();
        prop_assert_eq!(decode_answer(head.kind, &longer), malformed.clone());
        prop_assert_eq!(decode_answer(head.kind, &body[..cut.index(body.len())]), malformed);
    }

    #[test]
    fn a_flipped_bit_is_found_or_is_another_value(
        command in command(), answered in answered(), bit in any::<prop::sample::Index>(),
    ) {
        let flip = |body: &[u8]| {
            let mut body = body.to_vec();
            if !body.is_empty() {
                let bit = bit.index(body.len() * 8);
                body[bit / 8] ^= 1 << (bit % 8);
            }
            body
        };
        let frame = encode_command(1, &command).unwrap();
        let (head, body) = open(&frame);
        check_command_bytes(head.kind, &flip(body));
        let frame = encode_answer(1, &answered);
        let (head, body) = open(&frame);
        check_answer_bytes(head.kind, &flip(body));
    }

    #[test]
    fn random_bytes_do_no_harm(kind in 0_u16..12, body in prop::collection::vec(any::<u8>(), 0..400)) {
        check_command_bytes(kind, &body);
        check_answer_bytes(kind + 100, &body);
        check_answer_bytes(199, &body);
    }

    #[test]
    fn a_body_of_another_kind_does_no_harm(command in command(), answered in answered(), kind in any::<u16>()) {
        let small = kind % 12;
        let command = encode_command(1, &command).unwrap();
        let answer = encode_answer(1, &answered);
        for body in [open(&command).1, open(&answer).1] {
            check_command_bytes(small, body);
            check_answer_bytes(small + 100, body);
            check_command_bytes(kind, body);
            check_answer_bytes(kind, body);
        }
    }

    #[test]
    fn every_head_comes_back(length in any::<u32>(), kind in any::<u16>(), number in any::<u64>()) {
        let head = FrameHead { length, kind, number };
        prop_assert_eq!(FrameHead::decode(&head.encode().try_into().unwrap()), head);
    }

    #[test]
    fn no_administrative_record_is_longer_than_its_bound(request in administrative()) {
        let mut record = Vec::new();
        request.encode(&mut record);
        prop_assert!(record.len() <= ADMINISTRATIVE_BYTES_MAX);
    }
}

#[test]
fn kinds_are_for_ever() {
    let commands = [
        Command::Submit(Vec::new()),
        Command::Accounts(Vec::new()),
        Command::AccountAt { account: ledger::AccountId(1), sequence: 1 },
        Command::Allowance(AllowanceId(1)),
        Command::Transfer(ledger::TransferId(1)),
        Command::Statement(ledger::handle::StatementQuery::newest(ledger::AccountId(1), 1)),
        Command::Prove(ledger::AccountId(1)),
        Command::Entries { from: 1 },
        Command::Status,
    ];
    for (kind, command) in (1..).zip(commands) {
        assert_eq!(open(&encode_command(1, &command).unwrap()).0.kind, kind, "{command:?}");
    }
    let status = encode_answer(1, &Ok(Answer::Status(ledger::handle::LedgerStatus::default())));
    assert_eq!(open(&status).0.kind, 109);
    assert_eq!(open(&encode_answer(1, &Err(LedgerError::TooFarBack { steps: 1 }))).0.kind, 199);
    for kind in [0, 10, 99, 100, 110, 198, 200, u16::MAX] {
        assert_eq!(decode_command(kind, &[]), Err(WireFault::KindUnknown(kind)));
        assert_eq!(decode_answer(kind, &[]), Err(WireFault::KindUnknown(kind)));
    }
}

/// The bytes of one transfer's submission, so that the layout is not changed by accident.
#[test]
fn the_layout_of_a_frame_is_for_ever() {
    let transfer = Transfer { amount: 0x0102, ..Transfer::default() };
    let frame = encode_command(0x0A0B, &Command::Submit(vec![Request::Transfers(vec![transfer])])).unwrap();
    let mut expected = vec![137, 0, 0, 0, 1, 0, 0x0B, 0x0A, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0];
    expected.extend(transfer.encode());
    assert_eq!(frame, expected);
    let busy = encode_answer(2, &Err(LedgerError::Busy { retry_after_ms: 3 }));
    assert_eq!(busy, [10, 0, 0, 0, 199, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0]);
}

fn runner() -> TestRunner {
    TestRunner::deterministic()
}

fn one<S: Strategy>(strategy: S) -> S::Value {
    strategy.new_tree(&mut runner()).unwrap().current()
}

#[test]
fn the_fullest_submission_fits_its_frame_and_comes_back() {
    let window = Window {
        stretch: Stretch::Total,
        measure: Measure::Count,
        cap: 1,
        flags: WindowFlags::COUNT_DEFAULT,
    };
    let mut terms = one(terms());
    terms.windows = vec![window; ALLOWANCE_WINDOWS_MAX];
    let administrative = AdministrativeRequest::CreateAllowance(CreateAllowance { terms });
    let mut requests = vec![Request::Administrative(administrative); ENTRY_ADMINISTRATIVE_MAX];
    let singles = Command::REQUESTS_MAX - ENTRY_ADMINISTRATIVE_MAX - 1;
    requests.extend((0..singles).map(|_| Request::Transfers(vec![Transfer::default()])));
    requests.push(Request::Transfers(vec![Transfer::default(); ENTRY_TRANSFERS_MAX - singles]));
    let command = Command::Submit(requests);
    let frame = encode_command(1, &command).unwrap();
    // All but the single bytes that administrative requests do not need in front.
    let length = frame.len() - FRAME_HEAD_BYTES;
    assert!(length <= COMMAND_BYTES_MAX && length + 4 * ENTRY_ADMINISTRATIVE_MAX == COMMAND_BYTES_MAX);
    assert_eq!(round_trip_command(&command), command);
}

#[test]
fn what_is_too_large_for_one_command_is_refused_as_the_ledger_refuses_it() {
    let accounts = Command::Accounts(vec![ledger::AccountId(1); Command::ACCOUNTS_MAX + 1]);
    let transfers = vec![Transfer::default(); ENTRY_TRANSFERS_MAX];
    let one_more = Request::Transfers(vec![Transfer::default()]);
    let freeze =
        Request::Administrative(AdministrativeRequest::ChangeLedger(ledger::admin::LedgerChange::Freeze));
    let cases = [
        (accounts, Command::ACCOUNTS_MAX + 1, Command::ACCOUNTS_MAX),
        (
            Command::Submit(vec![Request::Transfers(transfers), one_more]),
            ENTRY_TRANSFERS_MAX + 1,
            ENTRY_TRANSFERS_MAX,
        ),
        (
            Command::Submit(vec![freeze; ENTRY_ADMINISTRATIVE_MAX + 1]),
            ENTRY_ADMINISTRATIVE_MAX + 1,
            ENTRY_ADMINISTRATIVE_MAX,
        ),
        (
            Command::Submit(vec![Request::Transfers(Vec::new()); Command::REQUESTS_MAX + 1]),
            Command::REQUESTS_MAX + 1,
            Command::REQUESTS_MAX,
        ),
    ];
    for (command, count, most) in cases {
        assert_eq!(encode_command(1, &command), Err(LedgerError::TooMany { count, most }));
    }
}

/// A record has room for eight windows or caps and leaves further ones out: that would be another request, which the
/// ledger might accept.
#[test]
fn a_request_with_too_many_windows_is_still_one_when_it_arrives() {
    for count in [9, 10, 1_000] {
        let mut terms = one(terms());
        let window = Window {
            stretch: Stretch::Total,
            measure: Measure::Amount,
            cap: 5,
            flags: WindowFlags::AMOUNT_DEFAULT,
        };
        terms.windows = vec![window; count];
        let create = CreateAllowance { terms };
        let alter = AlterAllowance {
            allowance: AllowanceId(1),
            only_lower: true,
            ends_at: 1,
            payment_max: 1,
            caps: vec![3; count],
        };
        let command = Command::Submit(vec![
            Request::Administrative(AdministrativeRequest::CreateAllowance(create.clone())),
            Request::Administrative(AdministrativeRequest::AlterAllowance(alter.clone())),
        ]);
        let Command::Submit(arrived) = round_trip_command(&command) else { panic!("another command") };
        let [
            Request::Administrative(AdministrativeRequest::CreateAllowance(arrived_create)),
            Request::Administrative(AdministrativeRequest::AlterAllowance(arrived_alter)),
        ] = arrived.as_slice()
        else {
            panic!("other requests")
        };
        assert_eq!(arrived_create.check_static(), create.check_static());
        assert_eq!(arrived_alter.check_static(), alter.check_static());
        assert!(arrived_create.terms.windows.len() > 8 && arrived_alter.caps.len() > 8);
    }
}

#[test]
fn the_fullest_answers_fit_their_frame() {
    let full = TransferReply {
        recorded: Some(Recorded {
            position: ledger::Position::from_bits(1),
            outcome: ledger::Outcome::refused(TransferStatus::AllowanceAmountExceeded),
        }),
        bound: Some(Bound { allowance_id: AllowanceId(1), window: Some(1), observed: -1, limit: 1 }),
        status: TransferStatus::AllowanceAmountExceeded,
    };
    let replies = vec![Reply::Transfers(vec![full; ENTRY_TRANSFERS_MAX])];
    let submitted = Ok(Answer::Submitted { sequence: 1, timestamp: 2, replies });
    assert_eq!(round_trip_answer(&submitted), submitted);
}

#[test]
fn replies_to_more_transfers_than_a_submission_has_are_none() {
    let reply = TransferReply { status: TransferStatus::Accepted, recorded: None, bound: None };
    let half = Reply::Transfers(vec![reply; ENTRY_TRANSFERS_MAX / 2]);
    let submitted = |replies| encode_answer(1, &Ok(Answer::Submitted { sequence: 1, timestamp: 1, replies }));
    let fits = submitted(vec![half.clone(), half.clone()]);
    assert!(decode_answer(101, open(&fits).1).is_ok());
    let one_more = submitted(vec![half.clone(), half, Reply::Transfers(vec![one(transfer_reply())])]);
    assert_eq!(decode_answer(101, open(&one_more).1), Err(WireFault::Malformed(101)));
}

fn entry(sequence: u64, body_length: u32) -> RawEntry {
    let header = EntryHeader {
        fields: EntryFields {
            kind: EntryKind::Batch,
            sequence,
            timestamp: 1,
            counts: EntryCounts::default(),
            state_root: [0; 32],
            state_root_sequence: 0,
        },
        body_length,
        flushed_through: 0,
        previous_hash: EntryHash::default(),
        hash: EntryHash::default(),
    };
    RawEntry { header, body: vec![3; usize::try_from(body_length).unwrap()] }
}

/// An answer takes the entries that fit, and the longest one always fits.
#[test]
fn entries_are_left_for_the_next_answer_where_they_do_not_fit() {
    let longest = u32::try_from(ledger::disk::limits::ENTRY_BYTES_MAX).unwrap();
    let cases: [(Vec<RawEntry>, usize); 4] = [
        (vec![entry(1, longest)], 1),
        (vec![entry(1, longest), entry(2, longest), entry(3, 1)], 2),
        (vec![entry(1, longest), entry(2, longest), entry(3, 100_000)], 2),
        ((1..=60_000).map(|sequence| entry(sequence, 0)).collect(), ANSWER_BYTES_MAX / 150),
    ];
    for (entries, about) in cases {
        let Ok(Answer::Entries(arrived)) = round_trip_answer(&Ok(Answer::Entries(entries.clone()))) else {
            panic!("no entries")
        };
        assert!(arrived.len() >= about && arrived.len() <= about + 1, "{} of {about}", arrived.len());
        assert_eq!(arrived, entries[..arrived.len()]);
    }
}

#[test]
fn text_is_cut_between_characters() {
    let text = "é".repeat(TEXT_BYTES_MAX);
    let Err(LedgerError::Protocol(arrived)) =
        round_trip_answer(&Err(LedgerError::Protocol(format!("x{text}"))))
    else {
        panic!("another answer")
    };
    assert_eq!(arrived.len(), TEXT_BYTES_MAX - 1);
    assert!(text.starts_with(arrived.trim_start_matches('x')));
}

#[test]
fn a_length_beyond_the_bound_is_refused_before_the_body() {
    let long = |length| FrameHead { length, kind: 1, number: 1 };
    let most = |bytes: usize| u32::try_from(bytes).unwrap();
    assert!(long(most(COMMAND_BYTES_MAX)).command_length().is_ok());
    assert!(long(most(ANSWER_BYTES_MAX)).answer_length().is_ok());
    for length in [most(COMMAND_BYTES_MAX) + 1, u32::MAX] {
        let fault = WireFault::TooLong { length: length.into(), most: COMMAND_BYTES_MAX };
        assert_eq!(long(length).command_length(), Err(fault));
    }
    for length in [most(ANSWER_BYTES_MAX) + 1, u32::MAX] {
        let fault = WireFault::TooLong { length: length.into(), most: ANSWER_BYTES_MAX };
        assert_eq!(long(length).answer_length(), Err(fault));
    }
}
