//! Every value that can go over the wire, at random. Records with room for nonsense get it: what a transfer asks for
//! is judged by the ledger, not by the wire.

use ledger::admin::{
    AccountChange, AccountChangeStatus, AdministrativeRequest, AdministrativeStatus, AllowanceChangeStatus,
    AllowanceSwitch, AlterAllowance, ChangeAccount, CreateAccount, CreateAccountStatus, CreateAllowance,
    CreateAllowanceStatus, LedgerChange, LedgerChangeStatus, SwitchAllowance,
};
use ledger::allowance::{
    Allowance, AllowanceCondition, AllowanceTerms, Measure, Period, Stretch, Window, WindowFlags, WindowUse,
};
use ledger::handle::{
    AccountAt, AllowanceAt, Answer, Command, Direction, LedgerError, LedgerStatus, ProvedAccount, RawEntry,
    StatementEvent, StatementLine, StatementPage, StatementQuery, StatementSide, TransferRecord,
};
use ledger::journal::{EntryCounts, EntryFields, EntryHash, EntryHeader, EntryKind};
use ledger::limits::ALLOWANCE_WINDOWS_MAX;
use ledger::proof::{
    AccountProof, AssetSums, Leaf, PATH_LEVELS_MAX, PATH_LEVELS_MIN, Path, RootNode, Salt, Subtree, Sums,
};
use ledger::{
    Account, AccountFlags, AccountId, AllowanceId, Asset, Bound, Outcome, PendingEnd, PendingState, Position,
    Recorded, Reply, Request, Transfer, TransferId, TransferReply, TransferStatus,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// Any command.
pub(crate) fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        vec(request(), 0..6).prop_map(Command::Submit),
        vec(account_id(), 0..20).prop_map(Command::Accounts),
        (account_id(), any::<u64>()).prop_map(|(account, sequence)| Command::AccountAt { account, sequence }),
        allowance_id().prop_map(Command::Allowance),
        transfer_id().prop_map(Command::Transfer),
        query().prop_map(Command::Statement),
        account_id().prop_map(Command::Prove),
        any::<u64>().prop_map(|from| Command::Entries { from }),
        Just(Command::Status),
    ]
}

/// Any answer, or why there is none.
pub(crate) fn answered() -> impl Strategy<Value = Result<Answer, LedgerError>> {
    prop_oneof![3 => answer().prop_map(Ok), 1 => ledger_error().prop_map(Err)]
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        (any::<u64>(), any::<u64>(), vec(reply(), 0..6))
            .prop_map(|(sequence, timestamp, replies)| Answer::Submitted { sequence, timestamp, replies }),
        (any::<u64>(), any::<u64>(), vec(option::of(account()), 0..20))
            .prop_map(|(sequence, timestamp, accounts)| Answer::Accounts { sequence, timestamp, accounts }),
        option::of(
            (account(), any::<u64>(), any::<u64>())
                .prop_map(|(account, sequence, timestamp)| { AccountAt { account, sequence, timestamp } })
        )
        .prop_map(Answer::AccountAt),
        option::of(allowance_at()).prop_map(Answer::Allowance),
        (any::<u64>(), option::of(transfer_record()))
            .prop_map(|(sequence, record)| Answer::Transfer { sequence, record }),
        page().prop_map(Answer::Statement),
        option::of(proved().prop_map(Box::new)).prop_map(Answer::Proved),
        vec(raw_entry(), 0..5).prop_map(Answer::Entries),
        status().prop_map(Answer::Status),
    ]
}

/// Any error, with text of up to a thousand characters.
pub(crate) fn ledger_error() -> impl Strategy<Value = LedgerError> {
    let text = || "\\PC{0,200}";
    prop_oneof![
        any::<u64>().prop_map(|retry_after_ms| LedgerError::Busy { retry_after_ms }),
        any::<(usize, usize)>().prop_map(|(count, most)| LedgerError::TooMany { count, most }),
        any::<(u64, u64)>().prop_map(|(asked, newest)| LedgerError::SequenceAhead { asked, newest }),
        account_id().prop_map(LedgerError::CursorUnknown),
        any::<u64>().prop_map(|steps| LedgerError::TooFarBack { steps }),
        text().prop_map(LedgerError::Stopped),
        text().prop_map(LedgerError::ConnectionLost),
        text().prop_map(LedgerError::Unreadable),
        text().prop_map(LedgerError::Protocol),
    ]
}

fn account_id() -> impl Strategy<Value = AccountId> {
    any::<u128>().prop_map(AccountId)
}

fn allowance_id() -> impl Strategy<Value = AllowanceId> {
    any::<u128>().prop_map(AllowanceId)
}

fn transfer_id() -> impl Strategy<Value = TransferId> {
    any::<u128>().prop_map(TransferId)
}

fn position() -> impl Strategy<Value = Position> {
    any::<u64>().prop_map(Position::from_bits)
}

pub(crate) fn transfer() -> impl Strategy<Value = Transfer> {
    vec(any::<u8>(), 128).prop_map(|record| Transfer::decode(&record.try_into().unwrap()))
}

fn request() -> impl Strategy<Value = Request> {
    prop_oneof![
        vec(transfer(), 0..10).prop_map(Request::Transfers),
        administrative().prop_map(Request::Administrative),
    ]
}

/// An administrative request that its record has room for.
pub(crate) fn administrative() -> impl Strategy<Value = AdministrativeRequest> {
    use AdministrativeRequest as Admin;
    let account_changes =
        [AccountChange::Freeze, AccountChange::Unfreeze, AccountChange::Close, AccountChange::Reopen];
    let switches = [AllowanceSwitch::Revoke, AllowanceSwitch::Freeze, AllowanceSwitch::Unfreeze];
    prop_oneof![
        create_account().prop_map(Admin::CreateAccount),
        (account_id(), prop::sample::select(account_changes.to_vec()))
            .prop_map(|(account, change)| Admin::ChangeAccount(ChangeAccount { account, change })),
        terms().prop_map(|terms| Admin::CreateAllowance(CreateAllowance { terms })),
        alter().prop_map(Admin::AlterAllowance),
        (allowance_id(), prop::sample::select(switches.to_vec()))
            .prop_map(|(allowance, switch)| Admin::SwitchAllowance(SwitchAllowance { allowance, switch })),
        prop_oneof![Just(LedgerChange::Freeze), Just(LedgerChange::Unfreeze)].prop_map(Admin::ChangeLedger),
    ]
}

fn create_account() -> impl Strategy<Value = CreateAccount> {
    let numbers = any::<(u16, u16, u16)>();
    (account_id(), any::<[u8; 16]>(), numbers).prop_map(|(id, reference, (asset, code, flags))| {
        let (asset, flags) = (Asset::from_number(asset), AccountFlags::from_bits(flags));
        CreateAccount { id, reference, asset, code, flags }
    })
}

fn alter() -> impl Strategy<Value = AlterAllowance> {
    let caps = vec(any::<u64>(), 0..=ALLOWANCE_WINDOWS_MAX);
    (allowance_id(), any::<bool>(), any::<(u64, u64)>(), caps).prop_map(
        |(allowance, only_lower, (ends_at, payment_max), caps)| AlterAllowance {
            allowance,
            only_lower,
            ends_at,
            payment_max,
            caps,
        },
    )
}

/// Terms that their record has room for.
pub(crate) fn terms() -> impl Strategy<Value = AllowanceTerms> {
    let ids = (allowance_id(), account_id(), allowance_id());
    let windows = vec(window(), 0..=ALLOWANCE_WINDOWS_MAX);
    (ids, any::<(u16, u64, u64, u64, i32)>(), windows).prop_map(
        |((id, account, parent), (asset, starts_at, ends_at, payment_max, utc_offset_seconds), windows)| {
            let asset = Asset::from_number(asset);
            AllowanceTerms {
                id,
                account,
                parent,
                asset,
                starts_at,
                ends_at,
                payment_max,
                utc_offset_seconds,
                windows,
            }
        },
    )
}

fn window() -> impl Strategy<Value = Window> {
    let stretch = prop_oneof![
        Just(Stretch::Total),
        prop::sample::select(vec![Period::Day, Period::Week, Period::Month]).prop_map(Stretch::Fixed),
        any::<(u64, u64)>().prop_map(|(anchor, length_seconds)| {
            Stretch::Fixed(Period::Length { anchor, length_seconds })
        }),
        any::<u64>().prop_map(|length_seconds| Stretch::Rolling { length_seconds }),
    ];
    let measure = prop_oneof![Just(Measure::Amount), Just(Measure::Count)];
    (stretch, measure, any::<u64>(), any::<u16>()).prop_map(|(stretch, measure, cap, flags)| Window {
        stretch,
        measure,
        cap,
        flags: WindowFlags::from_bits(flags),
    })
}

fn query() -> impl Strategy<Value = StatementQuery> {
    let direction = prop_oneof![Just(Direction::NewestFirst), Just(Direction::OldestFirst)];
    (account_id(), any::<(u64, u64, u32)>(), direction, position()).prop_map(
        |(account, (from, until, limit), direction, after)| StatementQuery {
            account,
            from,
            until,
            direction,
            after,
            limit,
        },
    )
}

fn account() -> impl Strategy<Value = Account> {
    let totals = any::<(u128, u128, u128, u128)>();
    let rest = (any::<[u8; 16]>(), position(), any::<u64>(), any::<(u16, u16)>());
    (account_id(), totals, rest, 0..=AccountFlags::KNOWN.bits()).prop_map(
        |(id, totals, (reference, last_position, timestamp, (asset, code)), flags)| Account {
            id,
            debits_pending: totals.0,
            debits_posted: totals.1,
            credits_pending: totals.2,
            credits_posted: totals.3,
            reference,
            last_position,
            timestamp,
            asset: Asset::from_number(asset),
            code,
            flags: AccountFlags::from_bits(flags),
        },
    )
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let accepted = (any::<u64>(), position(), position());
    let accepted = accepted.prop_map(|(amount, previous_debit, previous_credit)| Outcome {
        status: TransferStatus::Accepted,
        amount,
        previous_debit,
        previous_credit,
    });
    prop_oneof![
        accepted,
        transfer_status().prop_filter_map("accepted", |status| {
            (!status.is_accepted()).then(|| Outcome::refused(status))
        })
    ]
}

fn transfer_status() -> impl Strategy<Value = TransferStatus> {
    prop::sample::select(TransferStatus::ALL)
}

fn reply() -> impl Strategy<Value = Reply> {
    prop_oneof![
        vec(transfer_reply(), 0..10).prop_map(Reply::Transfers),
        administrative_status().prop_map(Reply::Administrative),
    ]
}

/// Any reply to a transfer.
pub(crate) fn transfer_reply() -> impl Strategy<Value = TransferReply> {
    let recorded = (position(), outcome()).prop_map(|(position, outcome)| Recorded { position, outcome });
    let bound = (allowance_id(), any::<(Option<usize>, i128, i128)>()).prop_map(
        |(allowance_id, (window, observed, limit))| Bound { allowance_id, window, observed, limit },
    );
    (transfer_status(), option::of(recorded), option::of(bound))
        .prop_map(|(status, recorded, bound)| TransferReply { status, recorded, bound })
}

fn administrative_status() -> impl Strategy<Value = AdministrativeStatus> {
    use AdministrativeStatus as Status;
    prop_oneof![
        prop::sample::select(CreateAccountStatus::ALL).prop_map(Status::CreateAccount),
        prop::sample::select(AccountChangeStatus::ALL).prop_map(Status::ChangeAccount),
        prop::sample::select(CreateAllowanceStatus::ALL).prop_map(Status::CreateAllowance),
        prop::sample::select(AllowanceChangeStatus::ALL).prop_map(Status::ChangeAllowance),
        prop::sample::select(LedgerChangeStatus::ALL).prop_map(Status::ChangeLedger),
    ]
}

fn allowance_at() -> impl Strategy<Value = AllowanceAt> {
    let taken = vec((0..10_000_u64, 0..4_000_000_000_000_u64), 0..5);
    let condition = any::<(bool, bool)>();
    (terms(), condition, taken, any::<(u64, u64)>()).prop_map(
        |(terms, (revoked, frozen), taken, (sequence, timestamp))| {
            let mut allowance = Allowance::new(terms, 1_000_000);
            allowance.set_condition(AllowanceCondition { revoked, frozen });
            taken.iter().for_each(|(amount, time)| allowance.take(*amount, *time));
            let uses: Vec<WindowUse> = allowance.explain(timestamp).collect();
            AllowanceAt { allowance, uses, sequence, timestamp }
        },
    )
}

fn transfer_record() -> impl Strategy<Value = TransferRecord> {
    let ends = [PendingEnd::Posted, PendingEnd::Voided, PendingEnd::Expired].map(PendingState::Ended);
    let states: Vec<_> = [PendingState::NotPending, PendingState::Open].into_iter().chain(ends).collect();
    let places = (position(), position());
    (places, any::<u64>(), transfer(), outcome(), prop::sample::select(states)).prop_map(
        |((position, ended), timestamp, transfer, outcome, state)| TransferRecord {
            position,
            timestamp,
            transfer,
            outcome,
            ended,
            state,
        },
    )
}

fn page() -> impl Strategy<Value = StatementPage> {
    (vec(line(), 0..10), option::of(position()), any::<u64>())
        .prop_map(|(lines, next, sequence)| StatementPage { lines, next, sequence })
}

fn line() -> impl Strategy<Value = StatementLine> {
    let event = prop_oneof![
        (transfer(), outcome(), any::<u64>()).prop_map(|(transfer, outcome, reserved)| {
            StatementEvent::Transfer { transfer, outcome, reserved }
        }),
        (transfer_id(), any::<u64>())
            .prop_map(|(pending_id, reserved)| StatementEvent::Expiry { pending_id, reserved }),
    ];
    let side = prop_oneof![Just(StatementSide::Debit), Just(StatementSide::Credit)];
    (position(), any::<u64>(), side, account_id(), event).prop_map(
        |(position, timestamp, side, counterparty, event)| StatementLine {
            position,
            timestamp,
            side,
            counterparty,
            event,
        },
    )
}

fn proved() -> impl Strategy<Value = ProvedAccount> {
    let path = vec(subtree(), PATH_LEVELS_MIN..=PATH_LEVELS_MIN + 3);
    let longest = vec(subtree(), PATH_LEVELS_MAX);
    let path = prop_oneof![20 => path, 1 => longest];
    (account(), leaf(), any::<[u8; 16]>(), path, subtree(), any::<u64>(), header(0)).prop_map(
        |(account, leaf, salt, siblings, root, sequence, carried_by)| {
            let path = Path::new(siblings).unwrap();
            let proof = AccountProof { leaf, salt: Salt(salt), path, root: RootNode(root) };
            ProvedAccount { account, proof, sequence, carried_by }
        },
    )
}

fn leaf() -> impl Strategy<Value = Leaf> {
    account().prop_map(|account| Leaf {
        id: account.id.0,
        debits_pending: account.debits_pending,
        debits_posted: account.debits_posted,
        credits_pending: account.credits_pending,
        credits_posted: account.credits_posted,
        reference: account.reference,
        asset: account.asset.number(),
        code: account.code,
        flags: account.flags.bits(),
    })
}

fn subtree() -> impl Strategy<Value = Subtree> {
    (any::<[u8; 32]>(), any::<[(u128, u128); 2]>()).prop_map(|(hash, sums)| Subtree {
        hash,
        sums: Sums::new(sums.map(|(owed, owing)| AssetSums { owed, owing })),
    })
}

fn raw_entry() -> impl Strategy<Value = RawEntry> {
    vec(any::<u8>(), 0..300).prop_flat_map(|body| {
        header(body.len()).prop_map(move |header| RawEntry { header, body: body.clone() })
    })
}

fn header(body_length: usize) -> impl Strategy<Value = EntryHeader> {
    let kind = prop_oneof![Just(EntryKind::Batch), Just(EntryKind::Closing)];
    let counts = any::<(u32, u32, u32)>();
    (kind, counts, any::<(u64, u64, u64, u64)>(), any::<[[u8; 32]; 3]>()).prop_map(
        move |(kind, (expiries, requests, transfers), numbers, [state_root, previous, hash])| {
            let counts = EntryCounts { expiries, requests, transfers };
            let (sequence, timestamp, state_root_sequence, flushed_through) = numbers;
            EntryHeader {
                fields: EntryFields { kind, sequence, timestamp, counts, state_root, state_root_sequence },
                body_length: u32::try_from(body_length).unwrap(),
                flushed_through,
                previous_hash: EntryHash(previous),
                hash: EntryHash(hash),
            }
        },
    )
}

fn status() -> impl Strategy<Value = LedgerStatus> {
    let hashes = any::<[[u8; 32]; 2]>();
    (hashes, any::<[u64; 8]>(), any::<bool>()).prop_map(|([hash, state_root], numbers, frozen)| {
        let [sequence, timestamp, root, snapshot, sealed, accounts, open_pending, queued] = numbers;
        LedgerStatus {
            sequence,
            timestamp,
            hash: EntryHash(hash),
            state_root,
            state_root_sequence: root,
            snapshot_sequence: snapshot,
            sealed_through: sealed,
            accounts,
            open_pending,
            frozen,
            queued_transfers: queued,
        }
    })
}
