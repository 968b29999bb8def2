//! The fixed records: where each field lies, and that whatever is written is read back and nothing else is.

use ledger::admin::{
    AccountChange, AdministrativeRequest, AllowanceSwitch, AlterAllowance, ChangeAccount, CreateAccount,
    CreateAllowance, LedgerChange, SwitchAllowance,
};
use ledger::allowance::{Allowance, AllowanceTerms, Measure, Period, Stretch, Window, WindowFlags};
use ledger::{
    Account, AccountFlags, AccountId, AllowanceId, Asset, Outcome, Pending, Position, Transfer,
    TransferFlags, TransferId, TransferStatus,
};
use proptest::prelude::*;

use crate::build::{START, account_id, allowance_id, amounts, counts, terms};

/// A record from fields of these lengths, each filled with its own number.
fn record<const LENGTH: usize>(fields: &[usize]) -> [u8; LENGTH] {
    let fill = |(number, length): (u8, &usize)| vec![number; *length];
    (1..).zip(fields).flat_map(fill).collect::<Vec<u8>>().try_into().unwrap()
}

const fn filled_u128(number: u8) -> u128 {
    u128::from_le_bytes([number; 16])
}

const fn filled_u64(number: u8) -> u64 {
    u64::from_le_bytes([number; 8])
}

const fn filled_u16(number: u8) -> u16 {
    u16::from_le_bytes([number; 2])
}

#[test]
fn a_transfer_lies_as_documented() {
    let record = record(&[16, 16, 16, 16, 16, 16, 8, 4, 2, 2, 2, 14]);
    let transfer = Transfer {
        id: TransferId(filled_u128(1)),
        debit_account: AccountId(filled_u128(2)),
        credit_account: AccountId(filled_u128(3)),
        pending_id: TransferId(filled_u128(4)),
        allowance_id: AllowanceId(filled_u128(5)),
        reference: [6; 16],
        amount: filled_u64(7),
        timeout_seconds: u32::from_le_bytes([8; 4]),
        asset: Asset::from_number(filled_u16(9)),
        code: filled_u16(10),
        flags: TransferFlags::from_bits(filled_u16(11)),
        reserved: [12; 14],
    };
    assert_eq!(transfer.encode(), record);
    assert_eq!(Transfer::decode(&record), transfer);
    assert_eq!(size_of::<Transfer>(), record.len(), "the struct wastes nothing");
}

#[test]
fn an_account_lies_as_documented() {
    let mut record = record(&[16, 16, 16, 16, 16, 16, 8, 8, 2, 2, 2, 10]);
    let flags = AccountFlags::SYSTEM.with(AccountFlags::FROZEN);
    record[116..118].copy_from_slice(&flags.bits().to_le_bytes());
    assert_eq!(Account::decode(&record), None, "reserved bytes are not zero");
    record[118..].fill(0);
    let account = Account {
        id: AccountId(filled_u128(1)),
        debits_pending: filled_u128(2),
        debits_posted: filled_u128(3),
        credits_pending: filled_u128(4),
        credits_posted: filled_u128(5),
        reference: [6; 16],
        last_position: Position::from_bits(filled_u64(7)),
        timestamp: filled_u64(8),
        asset: Asset::from_number(filled_u16(9)),
        code: filled_u16(10),
        flags,
    };
    assert_eq!(Account::decode(&record), Some(account));
    assert_eq!(account.encode(), record);
    record[117] = 1;
    assert_eq!(Account::decode(&record), None, "a flag is not known");
}

#[test]
fn an_outcome_lies_as_documented() {
    let mut record = record(&[2, 2, 4, 8, 8, 8]);
    record[..8].fill(0);
    let accepted = Outcome {
        status: TransferStatus::Accepted,
        amount: filled_u64(4),
        previous_debit: Position::from_bits(filled_u64(5)),
        previous_credit: Position::from_bits(filled_u64(6)),
    };
    assert_eq!(Outcome::decode(&record), Some(accepted));
    assert_eq!(accepted.encode(), record);
    for place in 2..8 {
        record[place] = 1;
        assert_eq!(Outcome::decode(&record), None, "byte {place} is reserved");
        record[place] = 0;
    }
    record[0] = 80;
    assert_eq!(Outcome::decode(&record), None, "what was refused moved nothing");
    record[0] = 9;
    assert_eq!(Outcome::decode(&record), None, "no such status");
    for status in TransferStatus::ALL {
        let outcome = Outcome::refused(*status);
        assert_eq!(Outcome::decode(&outcome.encode()), Some(outcome));
    }
}

#[test]
fn a_pending_transfer_lies_as_documented() {
    let record = record(&[16, 16, 16, 16, 8, 8, 8, 8]);
    let pending = Pending {
        id: TransferId(filled_u128(1)),
        debit_account: AccountId(filled_u128(2)),
        credit_account: AccountId(filled_u128(3)),
        allowance_id: AllowanceId(filled_u128(4)),
        position: Position::from_bits(filled_u64(5)),
        amount: filled_u64(6),
        timestamp: filled_u64(7),
        expires_at: filled_u64(8),
    };
    assert_eq!(Pending::decode(&record), pending);
    assert_eq!(pending.encode(), record);
}

/// One window of every kind, with its number.
fn windows() -> Vec<(u16, Window)> {
    let length = Period::Length { anchor: 5, length_seconds: 60 };
    vec![
        (1, amounts(Stretch::Total, 10)),
        (2, counts(Stretch::Fixed(length), 10)),
        (3, amounts(Stretch::Fixed(Period::Day), 10)),
        (4, amounts(Stretch::Fixed(Period::Week), 10)),
        (5, counts(Stretch::Fixed(Period::Month), 10)),
        (6, Window { flags: WindowFlags::KNOWN, ..amounts(Stretch::Rolling { length_seconds: 60 }, 10) }),
    ]
}

#[test]
fn a_window_lies_as_documented() {
    for (kind, window) in windows() {
        let record = window.encode();
        let measure = if window.measure == Measure::Amount { 1_u16 } else { 2 };
        assert_eq!(record[..2], kind.to_le_bytes());
        assert_eq!(record[2..4], measure.to_le_bytes());
        assert_eq!(record[4..6], window.flags.bits().to_le_bytes());
        assert_eq!(record[8..16], 10_u64.to_le_bytes());
        assert_eq!(Window::decode(&record), Some(window));
        assert!(window.is_valid());
    }
    let length = windows()[1].1.encode();
    assert_eq!(length[16..24], 60_u64.to_le_bytes());
    assert_eq!(length[24..32], 5_u64.to_le_bytes());
}

#[test]
fn a_window_has_no_second_spelling() {
    let total = amounts(Stretch::Total, 10).encode();
    for place in [6, 7, 16, 24, 31] {
        let mut other = total;
        other[place] = 1;
        assert_eq!(Window::decode(&other), None, "byte {place}");
    }
    for (place, number) in [(0, 0), (0, 7), (2, 0), (2, 3)] {
        let mut other = total;
        other[place] = number;
        assert_eq!(Window::decode(&other), None, "{number} at {place}");
    }
}

#[test]
fn a_window_without_a_meaning_is_not_valid() {
    let rolling = |length_seconds| amounts(Stretch::Rolling { length_seconds }, 10);
    let fixed =
        |anchor, length_seconds| amounts(Stretch::Fixed(Period::Length { anchor, length_seconds }), 10);
    let total = amounts(Stretch::Total, 10);
    let cases = [
        rolling(0),
        rolling(59),
        rolling(61),
        rolling(3_660 * 86_400 + 60),
        fixed(0, 0),
        fixed(0, 3_660 * 86_400 + 1),
        fixed(u64::MAX, 1),
        Window { cap: 1 << 63, ..total },
        Window { flags: WindowFlags::from_bits(1 << 4), ..total },
    ];
    cases.iter().for_each(|window| assert!(!window.is_valid(), "{window:?}"));
    [rolling(60), rolling(3_660 * 86_400), fixed(0, 1), fixed(5, 3_660 * 86_400)]
        .iter()
        .for_each(|window| assert!(window.is_valid(), "{window:?}"));
}

/// One administrative request of every sort.
fn requests() -> Vec<AdministrativeRequest> {
    use AdministrativeRequest as Request;
    let windows = windows().into_iter().map(|(_, window)| window).collect();
    let terms =
        AllowanceTerms { parent: allowance_id(4), utc_offset_seconds: -3_600, windows, ..terms(3, 1) };
    let account = account_id(1);
    let alter = AlterAllowance {
        allowance: allowance_id(3),
        only_lower: true,
        ends_at: START,
        payment_max: 7,
        caps: vec![1, 2, 3],
    };
    let change = |change| Request::ChangeAccount(ChangeAccount { account, change });
    let switch = |switch| Request::SwitchAllowance(SwitchAllowance { allowance: allowance_id(3), switch });
    vec![
        Request::CreateAccount(CreateAccount {
            id: account,
            reference: [9; 16],
            asset: Asset::BTC,
            code: 3,
            flags: AccountFlags::SYSTEM,
        }),
        change(AccountChange::Freeze),
        change(AccountChange::Unfreeze),
        change(AccountChange::Close),
        change(AccountChange::Reopen),
        Request::CreateAllowance(CreateAllowance { terms }),
        Request::AlterAllowance(AlterAllowance { only_lower: false, caps: Vec::new(), ..alter.clone() }),
        Request::AlterAllowance(alter),
        switch(AllowanceSwitch::Revoke),
        switch(AllowanceSwitch::Freeze),
        switch(AllowanceSwitch::Unfreeze),
        Request::ChangeLedger(LedgerChange::Freeze),
        Request::ChangeLedger(LedgerChange::Unfreeze),
    ]
}

#[test]
fn administrative_requests_come_back_one_behind_the_other() {
    let mut bytes = Vec::new();
    requests().iter().for_each(|request| request.encode(&mut bytes));
    let mut rest = bytes.as_slice();
    for request in requests() {
        let (decoded, behind) = AdministrativeRequest::decode(rest).unwrap();
        assert_eq!(decoded, request);
        rest = behind;
    }
    assert!(rest.is_empty());
}

#[test]
fn administrative_requests_are_pinned() {
    let lengths = |request: &AdministrativeRequest| {
        let mut bytes = Vec::new();
        request.encode(&mut bytes);
        (u16::from_le_bytes([bytes[0], bytes[1]]), bytes.len(), bytes[bytes.len() - 2])
    };
    let pinned: Vec<_> = requests().iter().map(lengths).collect();
    assert_eq!(
        pinned,
        [
            (1, 40, 8),
            (2, 20, 1),
            (2, 20, 2),
            (2, 20, 3),
            (2, 20, 4),
            (3, 274, 0),
            (4, 38, 0),
            (4, 62, 0),
            (5, 20, 1),
            (5, 20, 2),
            (5, 20, 3),
            (6, 4, 1),
            (6, 4, 2),
        ]
    );
}

#[test]
fn a_cut_record_is_none() {
    for request in requests() {
        let mut bytes = Vec::new();
        request.encode(&mut bytes);
        for length in 0..bytes.len() {
            assert_eq!(AdministrativeRequest::decode(&bytes[..length]), None, "{request:?} cut at {length}");
        }
    }
    let windows = windows().into_iter().map(|(_, window)| window).collect();
    let mut bytes = Vec::new();
    Allowance::new(AllowanceTerms { windows, ..terms(1, 1) }, START).encode(&mut bytes);
    for length in 0..bytes.len() {
        assert_eq!(Allowance::decode(&bytes[..length]), None, "cut at {length}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_as_what_writes_them_or_as_nothing(bytes in prop::collection::vec(any::<u8>(), 0..512), kind in 0_u8..8) {
        let mut bytes = bytes;
        if let Some(first) = bytes.first_chunk_mut() {
            *first = [kind, 0];
        }
        if let Some((request, rest)) = AdministrativeRequest::decode(&bytes) {
            let mut again = Vec::new();
            request.encode(&mut again);
            again.extend_from_slice(rest);
            prop_assert_eq!(again, bytes);
        } else if let Some((allowance, rest)) = Allowance::decode(&bytes) {
            let mut again = Vec::new();
            allowance.encode(&mut again);
            again.extend_from_slice(rest);
            prop_assert_eq!(again, bytes);
        }
    }
}
