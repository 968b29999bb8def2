//! A ledger in memory behind a real server, and gateways to it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use ledger::admin::{AdministrativeRequest, CreateAccount};
use ledger::handle::{Answer, Ask, Asking, Command, Handle, LedgerError, LedgerStatus, TransferRecord};
use ledger::model::Model;
use ledger::remote::wire::{ClientHello, HELLO_BYTES, ServerHello};
use ledger::remote::{
    Endpoint, LedgerId, Listener, Remote, RemoteSettings, ServerSettings, SettingsError, serve,
};
use ledger::{
    AccountFlags, AccountId, Asset, EntryError, KnownTransfer, PendingState, Position, Request, Transfer,
    TransferId, id,
};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

/// The time of the first entry, in milliseconds.
const START_MILLIS: u64 = 1_770_000_000_000;

/// The ledger that is served, unless a test says otherwise.
pub(crate) fn ledger_id(number: u8) -> LedgerId {
    LedgerId::from_bytes([number; 16]).unwrap()
}

/// The account with this number; 0 is the system's.
pub(crate) fn account_id(number: u64) -> AccountId {
    AccountId(id::derived("ledger remote tests: accounts", &[&number.to_le_bytes()]))
}

/// The transfer with this number.
pub(crate) fn transfer_id(number: u64) -> TransferId {
    TransferId(id::timed(START_MILLIS, number.into()))
}

/// A transfer from the system to an account.
pub(crate) fn transfer(number: u64, credit: u64, amount: u64) -> Transfer {
    Transfer {
        id: transfer_id(number),
        debit_account: account_id(0),
        credit_account: account_id(credit),
        amount,
        asset: Asset::USDB,
        code: 1,
        ..Transfer::default()
    }
}

/// A request to create an account.
pub(crate) fn create_account(number: u64) -> Request {
    let limited = AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS;
    let flags = if number == 0 { AccountFlags::SYSTEM } else { limited };
    let (id, asset) = (account_id(number), Asset::USDB);
    let create = CreateAccount { id, reference: [0; 16], asset, code: 1, flags };
    Request::Administrative(AdministrativeRequest::CreateAccount(create))
}

/// The sequential model as a ledger that answers. It can be busy, and it can be held up.
#[derive(Debug)]
pub(crate) struct ModelLedger {
    model: Mutex<Model>,
    busy: AtomicU64,
    open: watch::Sender<bool>,
    asked: watch::Sender<u64>,
    answered: AtomicU64,
    failing: Mutex<Option<LedgerError>>,
}

impl ModelLedger {
    /// A ledger with the system's account and three others.
    pub(crate) fn new() -> Arc<Self> {
        let mut model = Model::new();
        let accounts: Vec<Request> = (0..4).map(create_account).collect();
        model.execute(START_MILLIS * 1_000, &accounts).unwrap();
        Arc::new(Self {
            model: Mutex::new(model),
            busy: AtomicU64::new(0),
            open: watch::Sender::new(true),
            asked: watch::Sender::new(0),
            answered: AtomicU64::new(0),
            failing: Mutex::new(None),
        })
    }

    /// What it knows.
    pub(crate) fn model(&self) -> MutexGuard<'_, Model> {
        self.model.lock().unwrap()
    }

    /// Answers so many of the commands that come from now on with `Busy`.
    pub(crate) fn be_busy(&self, times: u64) {
        self.busy.store(times, Ordering::SeqCst);
    }

    /// Holds commands up, or lets them go on.
    pub(crate) fn hold(&self, held: bool) {
        self.open.send_replace(!held);
    }

    /// Waits until so many commands have come.
    pub(crate) async fn was_asked(&self, times: u64) {
        self.asked.subscribe().wait_for(|asked| *asked >= times).await.unwrap();
    }

    /// How many commands have come.
    pub(crate) fn asked(&self) -> u64 {
        *self.asked.borrow()
    }

    /// How many commands were answered.
    pub(crate) fn answered(&self) -> u64 {
        self.answered.load(Ordering::SeqCst)
    }

    /// Answers every command that comes from now on with this error.
    pub(crate) fn fail_from_now_on(&self, error: LedgerError) {
        *self.failing.lock().unwrap() = Some(error);
    }

    async fn answer(&self, command: Command) -> Result<Answer, LedgerError> {
        let is_busy = |left: u64| left.checked_sub(1);
        let busy = self.busy.fetch_update(Ordering::SeqCst, Ordering::SeqCst, is_busy).is_ok();
        let failing = self.failing.lock().unwrap().clone();
        self.asked.send_modify(|asked| *asked += 1);
        self.open.subscribe().wait_for(|open| *open).await.unwrap();
        if busy {
            return Err(LedgerError::Busy { retry_after_ms: 3 });
        }
        if let Some(error) = failing {
            return Err(error);
        }
        if let Command::Entries { .. } = command {
            tokio::time::sleep(Duration::from_secs(Command::ENTRIES_WAIT_SECONDS)).await;
        }
        let answer = answer(&mut self.model(), command);
        self.answered.fetch_add(1, Ordering::SeqCst);
        answer
    }
}

impl Ask for ModelLedger {
    fn ask(&self, command: Command) -> Asking<'_> {
        Box::pin(self.answer(command))
    }
}

fn answer(model: &mut Model, command: Command) -> Result<Answer, LedgerError> {
    let sequence = model.sequence();
    Ok(match command {
        Command::Submit(requests) => {
            let timestamp = model.timestamp() + 1_000;
            let result = model.execute(timestamp, &requests).map_err(too_many)?;
            Answer::Submitted { sequence: result.sequence, timestamp, replies: result.replies }
        }
        Command::Accounts(ids) => {
            let accounts = ids.iter().map(|id| model.account(*id).copied()).collect();
            Answer::Accounts { sequence, timestamp: model.timestamp(), accounts }
        }
        Command::Transfer(id) => Answer::Transfer { sequence, record: model.transfer(id).map(record) },
        Command::Entries { .. } => Answer::Entries(Vec::new()),
        Command::Status => {
            let (timestamp, accounts) = (model.timestamp(), 4);
            Answer::Status(LedgerStatus { sequence, timestamp, accounts, ..LedgerStatus::default() })
        }
        other => return Err(LedgerError::Unreadable(format!("{other:?} of a model"))),
    })
}

fn too_many(_: EntryError) -> LedgerError {
    LedgerError::TooMany { count: 0, most: 0 }
}

fn record(known: &KnownTransfer) -> TransferRecord {
    TransferRecord {
        position: known.recorded.position,
        timestamp: known.timestamp,
        transfer: known.transfer,
        outcome: known.recorded.outcome,
        ended: Position::NONE,
        state: PendingState::NotPending,
    }
}

/// A server in this process.
#[derive(Debug)]
pub(crate) struct Server {
    stop: Option<oneshot::Sender<()>>,
    done: JoinHandle<Result<(), SettingsError>>,
}

impl Server {
    /// Serves a ledger at a listener.
    pub(crate) fn start(listener: Listener, ask: Arc<dyn Ask>, settings: ServerSettings) -> Self {
        let (stop, stopped) = oneshot::channel();
        let stopped = async move { stopped.await.unwrap_or(()) };
        let done = tokio::spawn(serve(listener, Handle::new(ask), settings, stopped));
        Self { stop: Some(stop), done }
    }

    /// Serves a ledger at a path.
    pub(crate) async fn at(path: &Path, ask: Arc<dyn Ask>, settings: ServerSettings) -> Self {
        Self::start(Listener::unix(path).await.unwrap(), ask, settings)
    }

    /// Asks it to stop.
    pub(crate) fn begin_stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
    }

    /// Stops it and waits for the end.
    pub(crate) async fn stop(mut self) {
        if self.stop.is_some() {
            self.begin_stop();
        }
        self.done.await.unwrap().unwrap();
    }
}

/// A folder for sockets.
#[derive(Debug)]
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// A path in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

/// How the test's servers are set up.
pub(crate) fn server_settings() -> ServerSettings {
    ServerSettings::new(ledger_id(1))
}

/// How the test's gateways are set up: they try again at once.
pub(crate) fn remote_settings() -> RemoteSettings {
    RemoteSettings {
        pause_first: Duration::from_millis(1),
        pause_most: Duration::from_millis(20),
        ..RemoteSettings::new(7)
    }
}

/// A gateway to a Unix socket.
pub(crate) fn remote(path: &Path, settings: RemoteSettings) -> Arc<Remote> {
    Arc::new(Remote::new(Endpoint::Unix(path.to_owned()), settings).unwrap())
}

/// A connection that says hello and then does what a test wants.
pub(crate) async fn welcomed(path: &Path) -> UnixStream {
    let mut stream = UnixStream::connect(path).await.unwrap();
    stream.write_all(&ClientHello { ledger: None }.encode()).await.unwrap();
    let mut hello = [0; HELLO_BYTES];
    stream.read_exact(&mut hello).await.unwrap();
    assert_eq!(ServerHello::decode(&hello).unwrap().refused, None);
    stream
}

/// Waits until the other side has closed, and gives what came before.
pub(crate) async fn until_closed(stream: &mut UnixStream) -> Vec<u8> {
    let mut rest = Vec::new();
    match stream.read_to_end(&mut rest).await {
        Ok(_) => rest,
        Err(error) => panic!("the connection broke: {error}"),
    }
}
