//! Prints how many events a second the projection writes: full entries of movements between many accounts, then of
//! pending transfers and their posts, on SQLite and, where it is installed, on PostgreSQL.
//!
//! `cargo run --release -p ledger --example projection_figures [entries] [accounts]`. The time is that of the projection
//! alone; the ledger is in memory.
#![expect(clippy::print_stdout, reason = "printing is what this program is for")]
#![expect(clippy::disallowed_methods, reason = "it measures time and decides nothing by it")]

use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use ledger::admin::{AdministrativeRequest, CreateAccount};
use ledger::body::encode_entry;
use ledger::engine::{Engine, EngineSettings, KnownIds, PartitionKey};
use ledger::handle::{Answer, Ask, Asking, Command, Handle, LedgerStatus, RawEntry};
use ledger::journal::{EntryBuffer, EntryCounts, EntryFields, EntryHash, EntryHeader, EntryKind};
use ledger::projection::Projection;
use ledger::{AccountFlags, AccountId, Asset, Request, Transfer, TransferFlags, TransferId, id};
use store::dev_postgres::DevPostgres;
use store::{Location, Mode, Store};

type Outcome<T> = Result<T, Box<dyn Error>>;

const START: u64 = 1_770_000_000_000_000;
const FULL: u64 = 8_190;
const ADMINISTRATIVE: u64 = 1_024;

/// What the entries move.
#[derive(Debug, Clone, Copy)]
enum Mix {
    Movements,
    /// An entry of pending transfers, then one of their posts.
    PendingAndPosts,
}

/// The entries of a ledger, in memory.
#[derive(Debug)]
struct Entries(Vec<RawEntry>);

impl Ask for Entries {
    fn ask(&self, command: Command) -> Asking<'_> {
        Box::pin(async move {
            let Command::Entries { from } = command else { return Ok(Answer::Status(self.status())) };
            let behind = self.0.iter().filter(|entry| entry.header.fields.sequence >= from);
            let found: Vec<RawEntry> = behind.take(3).cloned().collect();
            if found.is_empty() {
                std::future::pending::<()>().await;
            }
            Ok(Answer::Entries(found))
        })
    }
}

impl Entries {
    fn status(&self) -> LedgerStatus {
        let sequence = self.0.last().map_or(0, |entry| entry.header.fields.sequence);
        LedgerStatus { sequence, ..LedgerStatus::default() }
    }

    fn push(&mut self, sequence: u64, counts: EntryCounts, body: &[u8]) -> Outcome<()> {
        let previous_hash = self.0.last().map_or(EntryHash::default(), |entry| entry.header.hash);
        let (state_root, state_root_sequence) = ([0; 32], 0);
        let kind = EntryKind::Batch;
        let fields =
            EntryFields { kind, sequence, timestamp: START, counts, state_root, state_root_sequence };
        let header = EntryHeader {
            fields,
            body_length: u32::try_from(body.len())?,
            flushed_through: 0,
            previous_hash,
            hash: EntryHash(*blake3::hash(body).as_bytes()),
        };
        self.0.push(RawEntry { header, body: body.to_vec() });
        Ok(())
    }
}

fn account(number: u64) -> AccountId {
    AccountId(id::derived("projection figures: accounts", &[&number.to_be_bytes()]))
}

fn creations(accounts: u64) -> Vec<Vec<Request>> {
    let create = |number| {
        Request::Administrative(AdministrativeRequest::CreateAccount(CreateAccount {
            id: account(number),
            reference: [0; 16],
            asset: Asset::USDB,
            code: 1,
            flags: AccountFlags::SYSTEM,
        }))
    };
    let firsts = (0..accounts.div_ceil(ADMINISTRATIVE)).map(|entry| entry * ADMINISTRATIVE);
    firsts.map(|first| (first..accounts.min(first + ADMINISTRATIVE)).map(create).collect()).collect()
}

/// The numbers of payer and payee, without a pattern.
fn parties(number: u64, accounts: u64) -> (AccountId, AccountId) {
    let payer = number.wrapping_mul(0x9E37_79B9_7F4A_7C15) % accounts;
    let apart = 1 + number.wrapping_mul(0xBF58_476D_1CE4_E5B9) % (accounts - 1);
    (account(payer), account((payer + apart) % accounts))
}

fn transfer_id(number: u64) -> TransferId {
    TransferId(id::timed(START / 1_000, u128::from(number)))
}

fn transfers(mix: Mix, entry: u64, accounts: u64) -> Vec<Request> {
    let transfer = |number| {
        let (debit_account, credit_account) = parties(number, accounts);
        let id = transfer_id(number);
        let (asset, code) = (Asset::USDB, 1);
        let movement =
            Transfer { id, debit_account, credit_account, amount: 5, asset, code, ..Transfer::default() };
        match mix {
            Mix::Movements => movement,
            Mix::PendingAndPosts if entry.is_multiple_of(2) => {
                Transfer { flags: TransferFlags::PENDING, timeout_seconds: 900, ..movement }
            }
            Mix::PendingAndPosts => Transfer {
                id,
                pending_id: transfer_id(number - FULL),
                amount: 3,
                flags: TransferFlags::POST,
                ..Transfer::default()
            },
        }
    };
    vec![Request::Transfers((entry * FULL..(entry + 1) * FULL).map(transfer).collect())]
}

fn entries(mix: Mix, entries: u64, accounts: u64) -> Outcome<(Entries, u64)> {
    let mut engine = Engine::new(EngineSettings::sequential(PartitionKey::new([1; 16])))?;
    let mut journal = Entries(Vec::new());
    let creations = creations(accounts);
    let created = u64::try_from(creations.len())?;
    for requests in creations.into_iter().chain((0..entries).map(|entry| transfers(mix, entry, accounts))) {
        let requests: Arc<[Request]> = requests.into();
        let outcome = engine.execute(START, &requests, &KnownIds::none())?;
        let mut buffer = EntryBuffer::new();
        let counts = encode_entry(&outcome, &requests, &mut buffer);
        journal.push(outcome.sequence, counts, buffer.body())?;
    }
    Ok((journal, created))
}

async fn measure(name: &str, store: &Store, mix: Mix, (count, accounts): (u64, u64)) -> Outcome<()> {
    let (journal, created) = entries(mix, count, accounts)?;
    let newest = created + count;
    let projection = Projection::new(store.clone(), Handle::new(Arc::new(journal)));
    projection.rebuild().await?;
    for (what, until, rows) in [("accounts", created, accounts), ("events", newest, count * FULL)] {
        let mut reached = projection.reached();
        let start = Instant::now();
        let stop = async {
            drop(reached.wait_for(|reached| reached.sequence >= until).await);
        };
        projection.run(stop).await?;
        let micros = start.elapsed().as_micros().max(1);
        let rate = u128::from(rows) * 1_000_000 / micros;
        println!("{name:<12}{:<18}{rows:>8} {what:<9}{rate:>8} /s", format!("{mix:?}"));
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |usual: u64| arguments.next().map_or(Ok(usual), |text| text.parse::<u64>());
    let sizes = (next(6)?, next(10_000)?.max(2));
    let directory = tempfile::tempdir_in(std::env::current_dir()?)?;
    let sqlite = Store::open(&Location::directory(directory.path()), Mode::Create).await?;
    let server = DevPostgres::start();
    let mut stores = vec![("SQLite", sqlite)];
    match &server {
        Ok(server) => {
            let location = server.create_database("figures", None)?;
            stores.push(("PostgreSQL", Store::open(&location, Mode::Existing).await?));
        }
        Err(error) => println!("SKIP postgres: {error}"),
    }
    for (name, store) in &stores {
        store.migrate().await?;
        for mix in [Mix::Movements, Mix::PendingAndPosts] {
            measure(name, store, mix, sizes).await?;
        }
        store.close().await;
    }
    Ok(())
}
