//! Administrative requests: their codes are pinned, and each is given by a table.

use ledger::admin::{
    AccountChange, AccountChangeStatus, AdministrativeRequest, AllowanceChangeStatus, AllowanceSwitch,
    AlterAllowance, ChangeAccount, CreateAccount, CreateAccountStatus, CreateAllowance,
    CreateAllowanceStatus, LedgerChange, LedgerChangeStatus, SwitchAllowance,
};
use ledger::allowance::{AllowanceTerms, Stretch};
use ledger::limits::{ALLOWANCE_WINDOWS_MAX, AMOUNT_MAX};
use ledger::model::Model;
use ledger::{
    AccountFlags, AccountId, AllowanceId, Asset, EntryError, Reply, Request, Transfer, TransferFlags,
};

use crate::build::{
    START, account_id, administer, after, allowance_id, amounts, create_account, create_allowance, submit,
    terms, transfer, transfer_id,
};

const LIMITED: AccountFlags = AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS;

/// The code and the word that a request is answered; whether it is accepted is whether anything has changed.
fn answer(model: &mut Model, request: AdministrativeRequest) -> (u16, &'static str) {
    let before = model.clone();
    let result = model.execute(START, &[Request::Administrative(request.clone())]).unwrap();
    let [Reply::Administrative(status)] = result.replies.as_slice() else { panic!("{result:?}") };
    let state = |model: &Model| {
        let mut plain = model.clone();
        // The sequence counts every entry; put both to the same one.
        while plain.sequence() < 1_000 {
            plain.execute(START, &[]).unwrap();
        }
        plain
    };
    assert_eq!(state(&before) != state(model), status.is_accepted(), "{request:?}");
    (status.code(), status.word())
}

#[test]
fn numbers_and_words_are_pinned() {
    let create_account: Vec<_> =
        CreateAccountStatus::ALL.iter().map(|one| (one.code(), one.word())).collect();
    assert_eq!(
        create_account,
        [
            (0, "accepted"),
            (11, "flags_unknown"),
            (12, "flags_conflict"),
            (13, "id_invalid"),
            (19, "asset_unknown"),
            (20, "code_zero"),
            (30, "exists"),
            (31, "exists_with_different_flags"),
            (37, "exists_with_different_asset"),
            (38, "exists_with_different_code"),
            (40, "exists_with_different_reference"),
        ]
    );
    let change_account: Vec<_> =
        AccountChangeStatus::ALL.iter().map(|one| (one.code(), one.word())).collect();
    assert_eq!(
        change_account,
        [(0, "accepted"), (30, "unchanged"), (50, "account_not_found"), (53, "account_has_pending"),]
    );
    let create: Vec<_> = CreateAllowanceStatus::ALL.iter().map(|one| (one.code(), one.word())).collect();
    assert_eq!(
        create,
        [
            (0, "accepted"),
            (13, "id_invalid"),
            (14, "too_many_windows"),
            (15, "window_invalid"),
            (21, "payment_max_out_of_range"),
            (22, "times_out_of_order"),
            (23, "utc_offset_out_of_range"),
            (30, "exists"),
            (31, "exists_with_different_terms"),
            (50, "account_not_found"),
            (52, "account_asset_differs"),
            (65, "account_closed"),
            (71, "parent_not_found"),
            (72, "parent_of_other_account"),
            (73, "parent_too_deep"),
        ]
    );
    let change: Vec<_> = AllowanceChangeStatus::ALL.iter().map(|one| (one.code(), one.word())).collect();
    assert_eq!(
        change,
        [
            (0, "accepted"),
            (14, "too_many_windows"),
            (15, "cap_out_of_range"),
            (21, "payment_max_out_of_range"),
            (30, "unchanged"),
            (71, "allowance_not_found"),
            (73, "allowance_revoked"),
            (74, "window_count_differs"),
            (75, "would_raise"),
        ]
    );
    let ledger: Vec<_> = LedgerChangeStatus::ALL.iter().map(|one| (one.code(), one.word())).collect();
    assert_eq!(ledger, [(0, "accepted"), (30, "unchanged")]);
}

#[test]
fn creating_an_account() {
    let good = create_account(1, LIMITED);
    let mut model = Model::new();
    let mut check = |request: CreateAccount, expected| {
        let answer = answer(&mut model, AdministrativeRequest::CreateAccount(request));
        assert_eq!(answer.1, expected, "{request:?}");
    };
    let flags = |flags| CreateAccount { flags, ..good };
    check(flags(LIMITED.with(AccountFlags::from_bits(1 << 15))), "flags_unknown");
    check(flags(AccountFlags::NONE), "flags_conflict");
    check(flags(LIMITED.with(AccountFlags::SYSTEM)), "flags_conflict");
    check(flags(LIMITED.with(AccountFlags::CREDITS_MUST_NOT_EXCEED_DEBITS)), "flags_conflict");
    check(flags(LIMITED.with(AccountFlags::FROZEN)), "flags_conflict");
    check(flags(LIMITED.with(AccountFlags::CLOSED)), "flags_conflict");
    check(CreateAccount { id: AccountId(1), ..good }, "id_invalid");
    check(CreateAccount { asset: Asset::from_number(3), ..good }, "asset_unknown");
    check(CreateAccount { code: 0, ..good }, "code_zero");
    check(good, "accepted");
    check(good, "exists");
    check(flags(LIMITED.with(AccountFlags::DEBITS_NEED_ALLOWANCE)), "exists_with_different_flags");
    check(CreateAccount { asset: Asset::BTC, ..good }, "exists_with_different_asset");
    check(CreateAccount { code: 2, ..good }, "exists_with_different_code");
    check(CreateAccount { reference: [1; 16], ..good }, "exists_with_different_reference");
}

#[test]
fn changing_an_account() {
    let mut model = Model::new();
    let mut check = |change, expected| {
        let request = ChangeAccount { account: account_id(1), change };
        assert_eq!(
            answer(&mut model, AdministrativeRequest::ChangeAccount(request)).1,
            expected,
            "{change:?}"
        );
        if expected == "account_not_found" {
            let create = AdministrativeRequest::CreateAccount(create_account(1, LIMITED));
            answer(&mut model, create);
        }
    };
    check(AccountChange::Freeze, "account_not_found");
    check(AccountChange::Unfreeze, "unchanged");
    check(AccountChange::Freeze, "accepted");
    check(AccountChange::Freeze, "unchanged");
    check(AccountChange::Close, "accepted");
    check(AccountChange::Close, "unchanged");
    check(AccountChange::Unfreeze, "accepted");
    check(AccountChange::Reopen, "accepted");
    check(AccountChange::Reopen, "unchanged");
}

#[test]
fn an_account_is_closed_only_with_nothing_pending() {
    let mut model = with_accounts();
    let close = |number| {
        let request = ChangeAccount { account: account_id(number), change: AccountChange::Close };
        AdministrativeRequest::ChangeAccount(request)
    };
    let reserve = Transfer { flags: TransferFlags::PENDING, timeout_seconds: 60, ..transfer(1, 0, 1, 5) };
    assert!(submit(&mut model, START, &[reserve])[0].status.is_accepted());
    assert_eq!(answer(&mut model, close(0)).1, "account_has_pending");
    assert_eq!(answer(&mut model, close(1)).1, "account_has_pending");
    let void = Transfer {
        id: transfer_id(2),
        pending_id: transfer_id(1),
        flags: TransferFlags::VOID,
        ..Transfer::default()
    };
    assert!(submit(&mut model, START, &[void])[0].status.is_accepted());
    assert_eq!(answer(&mut model, close(0)).1, "accepted");
    assert_eq!(answer(&mut model, close(1)).1, "accepted");
    assert_eq!(
        answer(&mut model, AdministrativeRequest::CreateAccount(create_account(1, LIMITED))).1,
        "exists"
    );
}

/// System account 0, and accounts 1 and 2 of which the second holds another asset.
fn with_accounts() -> Model {
    let mut model = Model::new();
    let other = CreateAccount { asset: Asset::BTC, ..create_account(2, LIMITED) };
    for request in [create_account(0, AccountFlags::SYSTEM), create_account(1, LIMITED), other] {
        administer(&mut model, START, Request::Administrative(AdministrativeRequest::CreateAccount(request)));
    }
    model
}

#[test]
fn creating_an_allowance() {
    let mut model = with_accounts();
    let window = amounts(Stretch::Total, 10);
    let good = AllowanceTerms { windows: vec![window; ALLOWANCE_WINDOWS_MAX], ..terms(1, 1) };
    let mut check = |terms: AllowanceTerms, expected| {
        let request = AdministrativeRequest::CreateAllowance(CreateAllowance { terms: terms.clone() });
        assert_eq!(answer(&mut model, request).1, expected, "{terms:?}");
    };
    let with = |change: &dyn Fn(&mut AllowanceTerms)| {
        let mut terms = good.clone();
        change(&mut terms);
        terms
    };
    check(with(&|one| one.id = AllowanceId(1)), "id_invalid");
    check(with(&|one| one.windows.push(window)), "too_many_windows");
    check(with(&|one| one.windows[7].cap = 1 << 63), "window_invalid");
    check(with(&|one| one.payment_max = AMOUNT_MAX + 1), "payment_max_out_of_range");
    check(with(&|one| one.starts_at = one.ends_at), "times_out_of_order");
    check(with(&|one| one.utc_offset_seconds = 18 * 3_600 + 1), "utc_offset_out_of_range");
    check(with(&|one| one.utc_offset_seconds = i32::MIN), "utc_offset_out_of_range");
    check(with(&|one| one.account = account_id(9)), "account_not_found");
    check(with(&|one| one.account = account_id(2)), "account_asset_differs");
    check(with(&|one| one.parent = allowance_id(9)), "parent_not_found");
    check(with(&|one| one.parent = one.id), "parent_not_found");
    check(good.clone(), "accepted");
    check(good.clone(), "exists");
    check(with(&|one| one.windows[0].cap = 9), "exists_with_different_terms");
    check(AllowanceTerms { parent: allowance_id(1), ..terms(2, 0) }, "parent_of_other_account");
    for level in 2..=4 {
        check(AllowanceTerms { parent: allowance_id(level - 1), ..terms(level, 1) }, "accepted");
    }
    check(AllowanceTerms { parent: allowance_id(4), ..terms(5, 1) }, "parent_too_deep");
    let close = ChangeAccount { account: account_id(1), change: AccountChange::Close };
    administer(&mut model, START, Request::Administrative(AdministrativeRequest::ChangeAccount(close)));
    let request = CreateAllowance { terms: terms(6, 1) };
    assert_eq!(answer(&mut model, AdministrativeRequest::CreateAllowance(request)).1, "account_closed");
}

#[test]
fn altering_an_allowance() {
    let mut model = with_accounts();
    let windows = vec![amounts(Stretch::Total, 10), amounts(Stretch::Total, 20)];
    let original = AllowanceTerms { ends_at: after(100), payment_max: 5, windows, ..terms(1, 1) };
    administer(&mut model, START, create_allowance(original.clone()));
    let same = AlterAllowance {
        allowance: allowance_id(1),
        only_lower: false,
        ends_at: after(100),
        payment_max: 5,
        caps: vec![10, 20],
    };
    let lower = AlterAllowance { only_lower: true, ..same.clone() };
    let mut check = |request: AlterAllowance, expected| {
        let answer = answer(&mut model, AdministrativeRequest::AlterAllowance(request.clone()));
        assert_eq!(answer.1, expected, "{request:?}");
    };
    check(AlterAllowance { caps: vec![1; 9], ..same.clone() }, "too_many_windows");
    check(AlterAllowance { caps: vec![1 << 63, 1], ..same.clone() }, "cap_out_of_range");
    check(AlterAllowance { payment_max: 1 << 63, ..same.clone() }, "payment_max_out_of_range");
    check(same.clone(), "unchanged");
    check(AlterAllowance { allowance: allowance_id(2), ..same.clone() }, "allowance_not_found");
    check(AlterAllowance { caps: vec![10], ..same.clone() }, "window_count_differs");
    check(AlterAllowance { caps: vec![10, 21], ..lower.clone() }, "would_raise");
    check(AlterAllowance { payment_max: 6, ..lower.clone() }, "would_raise");
    check(AlterAllowance { ends_at: after(101), ..lower.clone() }, "would_raise");
    check(AlterAllowance { caps: vec![9, 20], ..lower }, "accepted");
    check(
        AlterAllowance { caps: vec![9, 21], payment_max: 6, ends_at: after(101), ..same.clone() },
        "accepted",
    );
    // What was altered is still what was created.
    let again = AdministrativeRequest::CreateAllowance(CreateAllowance { terms: original });
    assert_eq!(answer(&mut model, again).1, "exists");
    let switch = |switch| {
        AdministrativeRequest::SwitchAllowance(SwitchAllowance { allowance: allowance_id(1), switch })
    };
    assert_eq!(answer(&mut model, switch(AllowanceSwitch::Revoke)).1, "accepted");
    assert_eq!(answer(&mut model, switch(AllowanceSwitch::Revoke)).1, "unchanged");
    assert_eq!(answer(&mut model, AdministrativeRequest::AlterAllowance(same)).1, "allowance_revoked");
    let missing = SwitchAllowance { allowance: allowance_id(2), switch: AllowanceSwitch::Freeze };
    assert_eq!(answer(&mut model, AdministrativeRequest::SwitchAllowance(missing)).1, "allowance_not_found");
}

#[test]
fn freezing_the_ledger() {
    let mut model = Model::new();
    for (change, expected) in [
        (LedgerChange::Unfreeze, "unchanged"),
        (LedgerChange::Freeze, "accepted"),
        (LedgerChange::Freeze, "unchanged"),
        (LedgerChange::Unfreeze, "accepted"),
    ] {
        assert_eq!(answer(&mut model, AdministrativeRequest::ChangeLedger(change)).1, expected, "{change:?}");
    }
}

#[test]
fn an_entry_that_is_none_changes_nothing() {
    let mut model = with_accounts();
    let before = model.clone();
    let many = Request::Transfers(vec![Transfer::default(); 8_191]);
    let changes =
        vec![Request::Administrative(AdministrativeRequest::ChangeLedger(LedgerChange::Freeze)); 1_025];
    let cases = [
        (START - 1, vec![], EntryError::TimestampWentBack { timestamp: START - 1, previous: START }),
        (u64::MAX, vec![], EntryError::TimestampOutOfRange(u64::MAX)),
        (START, vec![many], EntryError::TooManyTransfers(8_191)),
        (START, changes, EntryError::TooManyAdministrative(1_025)),
    ];
    for (timestamp, requests, expected) in cases {
        assert_eq!(model.execute(timestamp, &requests), Err(expected));
    }
    assert_eq!(model, before);
}
