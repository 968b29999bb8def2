//! The projection of a random ledger: its accounts, statements in both directions and events, page by page.

use ledger::admin::{AccountChange, AdministrativeRequest, ChangeAccount, CreateAccount};
use ledger::handle::{Direction, StatementQuery, StatementSide};
use ledger::limits::{AMOUNT_WHOLE, SECOND_MICROS};
use ledger::projection::{LedgerEvent, Projection, StatementEntry, read};
use ledger::{AccountFlags, AccountId, Asset, Position, Request, Transfer, TransferFlags, TransferId, id};
use store::Store;

use crate::ledger_journal::{Journal, Served};
use crate::random::{Random, seeds};

/// More than one statement looks up, and not a multiple of what one writes.
const ACCOUNTS: u8 = 45;
const ENTRIES: u8 = 30;
const QUERIES: u32 = 60;
const START: u64 = 1_700_000_000_000_000;

fn account(number: u8) -> AccountId {
    AccountId(id::derived("conformance: accounts", &[&[number]]))
}

/// The ledger of a seed. Its first entry makes accounts and moves nothing.
fn journal(seed: u64) -> Journal {
    let mut random = Random::new(seed);
    let create = |number| CreateAccount {
        id: account(number),
        reference: [number; 16],
        asset: Asset::USDB,
        code: u16::from(number) + 1,
        flags: AccountFlags::SYSTEM,
    };
    let accounts = (0..ACCOUNTS).map(|number| AdministrativeRequest::CreateAccount(create(number)));
    let mut journal = Journal::of(&[(START, accounts.map(Request::Administrative).collect())]);
    let mut sent = Vec::new();
    for entry in 0..ENTRIES {
        let now = journal.model.timestamp() + u64::from(random.below(4)) * SECOND_MICROS;
        // Long ones and single transfers.
        let length = if random.below(3) == 0 { 1 } else { random.below(120) };
        let transfers = (0..length).map(|index| transfer(&mut random, &mut sent, [entry, index])).collect();
        let change = ChangeAccount { account: account(random.below(ACCOUNTS)), change: change(&mut random) };
        let change = Request::Administrative(AdministrativeRequest::ChangeAccount(change));
        journal.execute(now, &[Request::Transfers(transfers), change]);
    }
    journal.close(journal.model.timestamp());
    journal
}

fn change(random: &mut Random) -> AccountChange {
    random.choose(&[AccountChange::Freeze, AccountChange::Unfreeze])
}

/// A movement, a reservation, or the end of an earlier one, which may be refused.
fn transfer(random: &mut Random, sent: &mut Vec<TransferId>, name: [u8; 2]) -> Transfer {
    let payer = random.below(ACCOUNTS);
    let payee = (payer + 1 + random.below(ACCOUNTS - 1)) % ACCOUNTS;
    let transfer = Transfer {
        id: TransferId(id::derived("conformance: transfers", &[&name])),
        debit_account: account(payer),
        credit_account: account(payee),
        reference: [random.below(200); 16],
        amount: u64::from(random.below(100)) + 1,
        asset: Asset::USDB,
        code: u16::from(random.below(200)) + 1,
        ..Transfer::default()
    };
    match random.below(5) {
        0 | 1 => transfer,
        kind @ (3 | 4) if !sent.is_empty() => {
            let pending_id = sent[usize::from(random.below(u8::try_from(sent.len().min(250)).unwrap()))];
            let (flags, amount) = match (kind, random.below(2)) {
                (3, _) => (TransferFlags::VOID, 0),
                (_, 0) => (TransferFlags::POST, AMOUNT_WHOLE),
                _ => (TransferFlags::POST, 1),
            };
            let (id, reference) = (transfer.id, transfer.reference);
            Transfer { id, reference, pending_id, amount, flags, ..Transfer::default() }
        }
        _ => {
            sent.insert(0, transfer.id);
            let timeout_seconds = u32::from(random.below(20)) + 1;
            Transfer { flags: TransferFlags::PENDING, timeout_seconds, ..transfer }
        }
    }
}

/// Random pages of statements, most of them of the first accounts.
fn queries(seed: u64) -> Vec<StatementQuery> {
    let mut random = Random::new(seed);
    let mut time = move || START + u64::from(random.below(60)) * SECOND_MICROS;
    let mut random = Random::new(seed + 1);
    let query = |_| {
        let open = random.below(3) == 0;
        let (from, until) = if open { (0, u64::MAX) } else { (time(), time()) };
        let direction = random.choose(&[Direction::NewestFirst, Direction::OldestFirst]);
        let account = account(random.below(4));
        StatementQuery {
            account,
            from,
            until,
            direction,
            after: Position::NONE,
            limit: random.below(9).into(),
        }
    };
    (0..QUERIES).map(query).collect()
}

fn page(query: &StatementQuery, entries: &[StatementEntry], next: Option<Position>) -> String {
    let shown: Vec<_> = entries.iter().map(|entry| (entry.account(), entry.counterparty(), entry)).collect();
    format!("{query:?} -> {shown:?}, then {next:?}")
}

pub(crate) async fn on_store(store: Store) -> Vec<String> {
    let mut lines = Vec::new();
    for seed in seeds() {
        let entries = journal(seed).entries;
        let projection = Projection::new(store.clone(), Served::handle(&entries, 11));
        projection.rebuild().await.unwrap();
        let mut reached = projection.reached();
        let stop = async {
            reached.wait_for(|reached| reached.sequence == entries.len() as u64).await.unwrap();
        };
        projection.run(stop).await.unwrap();
        lines.push(format!("seed {seed}: {:?}", read::reached(&store).await.unwrap().sequence));
        lines.push(format!("lag {:?}", projection.lag().await.unwrap().entries));

        let ids: Vec<_> = (0..=ACCOUNTS).map(account).collect();
        let found = read::accounts(&store, &ids).await.unwrap();
        lines.extend(found.accounts.iter().map(|account| format!("{account:?}")));
        for first in queries(seed) {
            let mut next = Some(first.after);
            while let Some(after) = next {
                let query = StatementQuery { after, ..first };
                let found = read::statement(&store, &query).await.unwrap();
                lines.push(page(&query, &found.entries, found.next));
                next = found.next;
            }
        }
        let events = read::events(&store, Position::from_bits(START), 100).await.unwrap().events;
        assert_eq!(events, [], "behind all of them");
        let mut after = Position::NONE;
        loop {
            let found = read::events(&store, after, 100).await.unwrap().events;
            let Some(last) = found.last() else { break };
            after = last.position;
            lines.extend(found.iter().map(|event| format!("{event:?}")));
        }
    }
    lines
}

pub(crate) fn on_model() -> Vec<String> {
    let mut lines = Vec::new();
    for seed in seeds() {
        let Journal { model, events, .. } = journal(seed);
        lines.push(format!("seed {seed}: {}", model.sequence()));
        lines.push("lag 0".to_owned());
        let ids = (0..=ACCOUNTS).map(account);
        lines.extend(ids.map(|id| format!("{:?}", model.account(id))));
        for first in queries(seed) {
            let mut next = Some(first.after);
            while let Some(after) = next {
                let query = StatementQuery { after, ..first };
                let mut entries = matching(&events, &query);
                let limit = usize::try_from(query.limit).unwrap();
                let more = entries.len() > limit;
                entries.truncate(limit);
                next = entries.last().filter(|_| more).map(|entry| entry.event.position);
                lines.push(page(&query, &entries, next));
            }
        }
        lines.extend(events.iter().map(|event| format!("{event:?}")));
    }
    lines
}

/// Everything that a statement has behind its cursor.
fn matching(events: &[LedgerEvent], query: &StatementQuery) -> Vec<StatementEntry> {
    let in_time = |event: &&LedgerEvent| (query.from..query.until).contains(&event.timestamp);
    let sides = events.iter().filter(in_time).flat_map(|event| {
        [StatementSide::Debit, StatementSide::Credit].map(|side| StatementEntry { side, event: *event })
    });
    let mut entries: Vec<_> = sides.filter(|entry| entry.account() == query.account).collect();
    let after = query.after;
    match query.direction {
        Direction::OldestFirst => entries.retain(|entry| entry.event.position > after),
        Direction::NewestFirst => {
            entries.reverse();
            entries.retain(|entry| after.is_none() || entry.event.position < after);
        }
    }
    entries
}

/// The journals are of use only if everything happens in them.
#[test]
fn every_kind_of_event_happens_for_each_seed() {
    for seed in seeds() {
        let journal = journal(seed);
        for kind in ledger::projection::EventKind::ALL {
            assert!(journal.events.iter().any(|event| event.kind == kind), "{kind:?} with seed {seed}");
        }
        assert!(journal.model.open_pending().count() > 0);
        assert!(journal.model.accounts().any(|account| account.is(AccountFlags::FROZEN)));
    }
    let lines = on_model();
    let pages = lines.iter().filter(|line| line.starts_with("StatementQuery"));
    assert!(pages.filter(|line| line.contains("then Some")).count() > 100);
}
