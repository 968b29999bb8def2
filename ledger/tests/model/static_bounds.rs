//! The edges of what a transfer's bytes may say, and ids by their age.

use ledger::limits::{AMOUNT_MAX, AMOUNT_WHOLE, ID_AGE_MAX_MICROS, ID_AHEAD_MAX_MICROS, TIMEOUT_SECONDS_MAX};
use ledger::{
    AccountId, AllowanceId, Asset, Transfer, TransferFlags, TransferId, TransferStatus as Status, check_age,
    check_static, id,
};

use crate::build::{START, account_id, allowance_id, post, reserve, transfer, transfer_id, void};

fn flags(flags: TransferFlags, transfer: Transfer) -> Transfer {
    Transfer { flags, ..transfer }
}

#[test]
fn amounts_are_from_one_to_the_largest() {
    let out = Some(Status::AmountOutOfRange);
    let cases = [(0, out), (1, None), (AMOUNT_MAX, None), (AMOUNT_MAX + 1, out), (AMOUNT_WHOLE, out)];
    for (amount, expected) in cases {
        assert_eq!(check_static(&transfer(1, 1, 2, amount)), expected, "{amount}");
        assert_eq!(check_static(&reserve(1, 1, 2, amount)), expected, "{amount}");
    }
    let cases = [
        (0, out),
        (1, None),
        (AMOUNT_MAX, None),
        (AMOUNT_MAX + 1, out),
        (AMOUNT_WHOLE - 1, out),
        (AMOUNT_WHOLE, None),
    ];
    for (amount, expected) in cases {
        assert_eq!(check_static(&post(1, 2, amount)), expected, "a post of {amount}");
    }
    for (amount, expected) in [(0, None), (1, out), (AMOUNT_WHOLE, out)] {
        assert_eq!(check_static(&Transfer { amount, ..void(1, 2) }), expected, "a void of {amount}");
    }
}

#[test]
fn only_a_pending_transfer_has_a_timeout() {
    let out = Some(Status::TimeoutOutOfRange);
    for (timeout_seconds, expected) in
        [(0, out), (1, None), (TIMEOUT_SECONDS_MAX, None), (TIMEOUT_SECONDS_MAX + 1, out), (u32::MAX, out)]
    {
        let pending = Transfer { timeout_seconds, ..reserve(1, 1, 2, 1) };
        assert_eq!(check_static(&pending), expected, "{timeout_seconds}");
    }
    for other in [transfer(1, 1, 2, 1), post(1, 2, 1), void(1, 2)] {
        let timed = Transfer { timeout_seconds: 1, ..other };
        assert_eq!(check_static(&timed), Some(Status::TimeoutNotAllowed), "{timed:?}");
    }
}

#[test]
fn a_transfer_is_of_one_kind() {
    let kinds =
        [TransferFlags::PENDING, TransferFlags::POST, TransferFlags::VOID, TransferFlags::RESTORE_ALLOWANCE];
    for (index, one) in kinds.iter().enumerate() {
        for other in &kinds[index + 1..] {
            let both =
                Transfer { allowance_id: allowance_id(1), ..flags(one.with(*other), transfer(1, 1, 2, 1)) };
            assert_eq!(check_static(&both), Some(Status::FlagsConflict), "{one:?} and {other:?}");
        }
        let good = [reserve(1, 1, 2, 1), post(1, 2, 1), void(1, 2), refund()][index];
        assert_eq!(check_static(&flags(one.with(TransferFlags::LINKED), good)), None, "{one:?}");
    }
    for bit in 5..16 {
        let unknown = flags(TransferFlags::from_bits(1 << bit), transfer(1, 1, 2, 1));
        assert_eq!(check_static(&unknown), Some(Status::FlagsUnknown), "bit {bit}");
    }
}

fn refund() -> Transfer {
    Transfer {
        allowance_id: allowance_id(1),
        ..flags(TransferFlags::RESTORE_ALLOWANCE, transfer(1, 1, 2, 1))
    }
}

#[test]
fn a_refund_names_an_allowance() {
    let nobody = Transfer { allowance_id: AllowanceId::NONE, ..refund() };
    assert_eq!(check_static(&refund()), None);
    assert_eq!(check_static(&nobody), Some(Status::FlagsConflict));
}

#[test]
fn the_end_of_a_pending_transfer_says_little_else() {
    let debit_account = account_id(1);
    let credit_account = account_id(2);
    let bad = AccountId(1);
    for end in [post(1, 2, 1), void(1, 2)] {
        let cases = [
            (Transfer { debit_account, ..end }, None),
            (Transfer { credit_account, ..end }, None),
            (Transfer { debit_account, credit_account, ..end }, None),
            (Transfer { debit_account: bad, ..end }, Some(Status::DebitAccountIdInvalid)),
            (Transfer { credit_account: bad, ..end }, Some(Status::CreditAccountIdInvalid)),
            (Transfer { debit_account, credit_account: debit_account, ..end }, Some(Status::AccountsEqual)),
            (Transfer { pending_id: TransferId::NONE, ..end }, Some(Status::PendingIdMissing)),
            (Transfer { asset: Asset::USDB, ..end }, Some(Status::FieldNotAllowed)),
            (Transfer { asset: Asset::from_number(9), ..end }, Some(Status::FieldNotAllowed)),
            (Transfer { code: 1, ..end }, Some(Status::FieldNotAllowed)),
            (Transfer { allowance_id: allowance_id(1), ..end }, Some(Status::AllowanceNotAllowed)),
        ];
        for (transfer, expected) in cases {
            assert_eq!(check_static(&transfer), expected, "{transfer:?}");
        }
    }
}

#[test]
fn a_movement_names_two_accounts_one_asset_and_a_code() {
    let good = transfer(1, 1, 2, 1);
    let cases = [
        (Transfer { debit_account: AccountId::NONE, ..good }, Some(Status::DebitAccountIdInvalid)),
        (Transfer { credit_account: AccountId::NONE, ..good }, Some(Status::CreditAccountIdInvalid)),
        (Transfer { credit_account: good.debit_account, ..good }, Some(Status::AccountsEqual)),
        (Transfer { asset: Asset::NONE, ..good }, Some(Status::AssetUnknown)),
        (Transfer { asset: Asset::BTC, ..good }, None),
        (Transfer { code: u16::MAX, ..good }, None),
        (Transfer { pending_id: transfer_id(2), ..good }, Some(Status::PendingIdNotAllowed)),
        (Transfer { id: TransferId::NONE, ..good }, Some(Status::IdInvalid)),
        (Transfer { reference: [0xFF; 16], ..good }, None),
    ];
    for (transfer, expected) in cases {
        assert_eq!(check_static(&transfer), expected, "{transfer:?}");
    }
    for place in 0..14 {
        let mut reserved = [0; 14];
        reserved[place] = 1;
        assert_eq!(
            check_static(&Transfer { reserved, ..good }),
            Some(Status::ReservedNotZero),
            "byte {place}"
        );
    }
}

#[test]
fn a_new_id_is_neither_old_nor_of_the_future() {
    let timed = transfer_id(1);
    let derived = TransferId(id::derived("ledger tests: ages", &[]));
    let cases = [
        (START + ID_AGE_MAX_MICROS, None),
        (START + ID_AGE_MAX_MICROS + 1, Some(Status::IdTooOld)),
        (START - ID_AHEAD_MAX_MICROS, None),
        (START - ID_AHEAD_MAX_MICROS - 1, Some(Status::IdInFuture)),
    ];
    for (timestamp, expected) in cases {
        assert_eq!(check_age(timed, timestamp), expected, "{timestamp}");
        assert_eq!(check_age(derived, timestamp), None, "{timestamp}");
    }
}
