//! A gateway over a ledger that is fake or real, and batches for it.

use agent_gateway::Clock;
use agent_gateway::http::{Settings, router};
use agent_gateway::integrator_keys::{
    Finding, IntegratorKey, IntegratorKeys, KeySource, KeyStoreError, PublicKey,
};
use api_types::{
    AssetWord, BatchDomain, BatchHeader, BatchKind, BatchPayment, PaymentBatch, TransferRecord, UuidText,
    VersionInfo,
};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode, Version};
use ed25519_dalek::{Signer, SigningKey};
use http_body_util::BodyExt;
use jiff::Timestamp;
use ledger::handle::{Answer, Ask, Asking, Command, Handle, LedgerError};
use ledger::{Outcome, Position, Recorded, Reply, TransferReply, TransferStatus, id};
use std::cell::Cell;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tower::ServiceExt;
use uuid::Uuid;

/// 2026-12-01, in microseconds.
pub(crate) const NOW: u64 = 1_796_000_000_000_000;

thread_local! {
    static UPTIME: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

pub(crate) const CLOCK: Clock = Clock {
    now: || Timestamp::from_microsecond(i64::try_from(NOW).unwrap()).unwrap(),
    uptime: || UPTIME.get(),
};

/// Lets time pass for the tests of this thread.
pub(crate) fn advance(by: Duration) {
    UPTIME.set(UPTIME.get() + by);
}

pub(crate) fn domain() -> BatchDomain {
    BatchDomain { network: "regtest".to_owned(), instance: Uuid::from_u128(0x1234) }
}

pub(crate) fn uuid(number: u64) -> Uuid {
    Uuid::from_u128(id::derived("gateway batch tests", &[&number.to_le_bytes()]))
}

/// Whose batches the tests send: account 1.
pub(crate) fn account() -> Uuid {
    uuid(1)
}

pub(crate) fn signing_key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

pub(crate) fn registered() -> IntegratorKey {
    IntegratorKey {
        id: uuid(900),
        account: account(),
        public_key: PublicKey::from_bytes(signing_key().verifying_key().as_bytes()).unwrap(),
        created_at: 0,
        revoked_at: None,
    }
}

/// Keys in memory that can be revoked, and a database that can fail.
#[derive(Debug)]
pub(crate) struct Keys {
    pub(crate) keys: Mutex<Vec<IntegratorKey>>,
    pub(crate) broken: Mutex<bool>,
    pub(crate) questions: AtomicUsize,
}

impl Keys {
    pub(crate) fn of(keys: Vec<IntegratorKey>) -> Arc<Self> {
        Arc::new(Self { keys: Mutex::new(keys), broken: Mutex::new(false), questions: AtomicUsize::new(0) })
    }
}

impl KeySource for Keys {
    fn find(&self, account: Uuid, key: Uuid) -> Finding<'_> {
        self.questions.fetch_add(1, Ordering::SeqCst);
        let found =
            self.keys.lock().unwrap().iter().copied().find(|one| (one.account, one.id) == (account, key));
        let broken = *self.broken.lock().unwrap();
        Box::pin(async move { if broken { Err(KeyStoreError::Malformed(key)) } else { Ok(found) } })
    }
}

/// A ledger that answers as it is told, and counts what it is asked.
#[derive(Debug, Default)]
pub(crate) struct FakeLedger {
    pub(crate) fault: Mutex<Option<LedgerError>>,
    pub(crate) answer: Mutex<Option<Answer>>,
    pub(crate) submissions: AtomicUsize,
}

impl FakeLedger {
    fn answer(&self, command: &Command) -> Result<Answer, LedgerError> {
        let Command::Submit(requests) = command else {
            return Ok(Answer::Accounts { sequence: 1, timestamp: NOW, accounts: vec![None] });
        };
        self.submissions.fetch_add(1, Ordering::SeqCst);
        if let Some(fault) = self.fault.lock().unwrap().clone() {
            return Err(fault);
        }
        if let Some(answer) = self.answer.lock().unwrap().clone() {
            return Ok(answer);
        }
        let [ledger::Request::Transfers(transfers)] = requests.as_slice() else { panic!("{requests:?}") };
        let accepted = |index| {
            let outcome = Outcome { amount: 1, ..Outcome::refused(TransferStatus::Accepted) };
            let position = Position::new(5, index).unwrap();
            TransferReply {
                status: TransferStatus::Accepted,
                recorded: Some(Recorded { position, outcome }),
                bound: None,
            }
        };
        let replies = (0..transfers.len()).map(|index| accepted(u32::try_from(index).unwrap())).collect();
        Ok(Answer::Submitted { sequence: 5, timestamp: NOW, replies: vec![Reply::Transfers(replies)] })
    }
}

impl Ask for FakeLedger {
    fn ask(&self, command: Command) -> Asking<'_> {
        let answer = self.answer(&command);
        Box::pin(async { answer })
    }
}

pub(crate) fn gateway(ledger: Handle, keys: Arc<dyn KeySource>) -> Router {
    let (sender, readiness) = watch::channel(Vec::new());
    // Nobody asks for readiness here.
    drop(sender);
    let settings = Settings {
        clock: CLOCK,
        public_url: "https://api.example".to_owned(),
        version: VersionInfo {
            version: "0.0.0".to_owned(),
            commit: "test".to_owned(),
            api_version: agent_gateway::API_VERSION.to_owned(),
            network: domain().network,
            instance: UuidText(domain().instance),
            livemode: false,
        },
        readiness,
        ledger,
        integrator_keys: IntegratorKeys::new(keys, CLOCK),
        trusted_proxies: Vec::new(),
        concurrency: 1_000,
        public_requests_per_minute: NonZeroU32::new(1_000_000).unwrap(),
        batch_requests_per_minute: NonZeroU32::new(1_000_000).unwrap(),
    };
    router(settings).unwrap()
}

/// A gateway over a fake ledger, with account 1's key registered.
pub(crate) struct Faked {
    pub(crate) router: Router,
    pub(crate) ledger: Arc<FakeLedger>,
    pub(crate) keys: Arc<Keys>,
}

impl Faked {
    pub(crate) fn new() -> Self {
        let (ledger, keys) = (Arc::new(FakeLedger::default()), Keys::of(vec![registered()]));
        let handle = Handle::new(Arc::clone(&ledger) as Arc<dyn Ask>);
        let router = gateway(handle, Arc::clone(&keys) as Arc<dyn KeySource>);
        Self { router, ledger, keys }
    }

    pub(crate) fn submissions(&self) -> usize {
        self.ledger.submissions.load(Ordering::SeqCst)
    }
}

/// A header of account 1 that was made now.
pub(crate) fn header(kind: BatchKind, count: usize) -> BatchHeader {
    let (key, count) = (registered().id, u32::try_from(count).unwrap());
    BatchHeader { kind, count, account: account(), key, made_at: NOW }
}

/// The record of a header, signed with account 1's key.
pub(crate) fn signed(header: &BatchHeader, body: &[u8]) -> [u8; BatchHeader::BYTES] {
    header.encode(&signing_key().sign(&header.digest(&domain(), body)).to_bytes())
}

/// A whole binary batch of account 1.
pub(crate) fn binary(transfers: &[TransferRecord]) -> Vec<u8> {
    let records: Vec<u8> = transfers.iter().flat_map(TransferRecord::encode).collect();
    [signed(&header(BatchKind::Transfers, transfers.len()), &records).as_slice(), &records].concat()
}

/// The header field and the body of a batch of account 1 in JSON.
pub(crate) fn json(payments: Vec<BatchPayment>) -> (String, Vec<u8>) {
    let count = payments.len();
    let body = serde_json::to_vec(&PaymentBatch { payments }).unwrap();
    (field(&header(BatchKind::Payments, count), &body), body)
}

pub(crate) fn field(header: &BatchHeader, body: &[u8]) -> String {
    BatchHeader::to_text(&signed(header, body))
}

/// Account `from` pays account `to`.
pub(crate) fn transfer(number: u64, from: u64, to: u64, amount: u64) -> TransferRecord {
    TransferRecord {
        id: uuid(1_000_000 + number),
        debit_account: uuid(from),
        credit_account: uuid(to),
        amount,
        asset: TransferRecord::USDB,
        code: 1,
        ..TransferRecord::default()
    }
}

/// The same in JSON.
pub(crate) fn payment(number: u64, from: u64, to: u64, amount: &str) -> BatchPayment {
    BatchPayment {
        id: UuidText(uuid(1_000_000 + number)),
        debit_account: Some(UuidText(uuid(from))),
        credit_account: Some(UuidText(uuid(to))),
        pending_id: None,
        allowance_id: None,
        reference: None,
        amount: Some(amount.to_owned()),
        amount_sats: None,
        asset: Some(AssetWord::Usdb),
        code: Some(1),
        timeout_seconds: None,
        flags: Vec::new(),
    }
}

/// Status, headers and body of an answer.
pub(crate) type Answered = (StatusCode, HeaderMap, Bytes);

pub(crate) async fn post(
    router: &Router,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Answered {
    let request = Request::builder().version(Version::HTTP_2).method("POST").uri(path);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let response = router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    (status, headers, response.into_body().collect().await.unwrap().to_bytes())
}

pub(crate) async fn post_binary(router: &Router, body: impl Into<Body>) -> Answered {
    post(router, "/v1/transfer-batches", &[("content-type", "application/octet-stream")], body).await
}

pub(crate) async fn post_json(router: &Router, (field, body): (String, Vec<u8>)) -> Answered {
    let headers = [("content-type", "application/json"), (BatchHeader::FIELD, field.as_str())];
    post(router, "/v1/payment-batches", &headers, body).await
}
