//! Batches against the running program: what was acknowledged survives a kill, and a revoked key is good for nothing.

use crate::account_keys::{account_key, lines, public_key};
use crate::harness::{Running, configuration, folder, output};
use api_types::{
    AssetWord, BatchDomain, BatchPayment, ErrorCode, PaymentBatch, TransferRecord, TransferResult, UuidText,
};
use ballast::clock::unix_micros;
use client::{BatchKey, Client, Error, SignedTransfers};
use ed25519_dalek::SigningKey;
use ledger::admin::{AdministrativeRequest, CreateAccount};
use ledger::disk::RealDisk;
use ledger::service::{Environment, Running as RunningLedger, ServiceClock, ServiceSettings};
use ledger::{AccountFlags, AccountId, Asset, Request, Transfer, id};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

fn uuid(number: u64) -> Uuid {
    Uuid::from_u128(id::derived("ballast batch tests", &[&number.to_le_bytes()]))
}

fn now() -> u64 {
    u64::try_from(unix_micros()).unwrap()
}

fn transfer(number: u64, from: u64, to: u64) -> TransferRecord {
    TransferRecord {
        id: uuid(1_000 + number),
        debit_account: uuid(from),
        credit_account: uuid(to),
        amount: 5,
        asset: TransferRecord::USDB,
        code: 1,
        ..TransferRecord::default()
    }
}

/// Accounts 0 (the system's), 1 and 2, made before the service starts: no operation makes accounts yet.
async fn open_accounts(data: &Path) {
    let folder = data.join("ledger");
    fs::create_dir(&folder).unwrap();
    let environment = Environment {
        disk: Arc::new(RealDisk::open(folder).unwrap()),
        clock: ServiceClock::new(now),
        secret: [7; 48],
        seed: [9; 32],
    };
    let ledger = RunningLedger::start(ServiceSettings::for_threads(1), environment).unwrap();
    let create = |number| {
        let flags = match number {
            0 => AccountFlags::SYSTEM,
            _ => AccountFlags::DEBITS_MUST_NOT_EXCEED_CREDITS,
        };
        let id = AccountId(uuid(number).as_u128());
        let account = CreateAccount { id, reference: [0; 16], asset: Asset::USDB, code: 1, flags };
        Request::Administrative(AdministrativeRequest::CreateAccount(account))
    };
    ledger.handle().submit((0..3).map(create).collect()).await.unwrap();
    let funds = TransferRecord { amount: 1_000_000, ..transfer(999, 0, 1) };
    let replies = ledger.handle().submit_transfers(vec![Transfer::decode(&funds.encode())]).await.unwrap();
    assert!(replies[0].status.is_accepted());
    ledger.stop().unwrap();
}

/// A data directory with accounts and a key, and what signs with it.
async fn prepared(folder: &Path) -> (String, BatchKey<SigningKey>) {
    let config = configuration(folder, "");
    assert!(output(&["migrate", "--config", &config]).status.success());
    open_accounts(&folder.join("data")).await;
    let account = UuidText(uuid(1)).to_string();
    let added = lines(&account_key(&config, &["add", "--account", &account, "--key", &public_key(5)]));
    let id = added[0][0].parse().unwrap();
    (config, BatchKey { account: uuid(1), id, signer: SigningKey::from_bytes(&[5; 32]) })
}

fn client(running: &Running) -> Client {
    Client::new(format!("http://{}", running.address)).unwrap()
}

async fn statuses(client: &Client, batch: &SignedTransfers) -> Vec<u16> {
    client.send_transfers(batch).await.unwrap().results.iter().map(|result| result.status).collect()
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    let (folder, _) = folder();
    let (config, key) = prepared(folder.path()).await;
    let mut running = Running::start(&config);
    let domain = client(&running).batch_domain().await.unwrap();
    let transfers: Vec<_> = (0..100).map(|number| transfer(number, 1, 2)).collect();
    let batch = key.sign_transfers(&domain, now(), &transfers).unwrap();
    let first = client(&running).send_transfers(&batch).await.unwrap();
    assert!(first.results.iter().all(|result| result.status == TransferResult::ACCEPTED), "{first:?}");
    running.child.kill().unwrap();
    running.ended();

    let mut running = Running::start(&config);
    assert!(running.recovered["transfers_replayed"].as_u64().unwrap() > 100, "{}", running.recovered);
    assert_eq!(client(&running).batch_domain().await.unwrap(), domain, "the instance is for ever");
    let again = client(&running).send_transfers(&batch).await.unwrap();
    for (again, first) in again.results.iter().zip(&first.results) {
        assert_eq!((again.status, again.recorded), (TransferResult::EXISTS, first.recorded));
    }
    in_json_too(&client(&running), &key, &domain).await;
    running.signal("TERM");
    assert_eq!(running.ended(), Some(0));

    let running = Running::start(&config);
    assert_eq!(statuses(&client(&running), &batch).await, [TransferResult::EXISTS; 100]);
}

/// The first transfer of the batch, and a new one, as payments.
async fn in_json_too(client: &Client, key: &BatchKey<SigningKey>, domain: &BatchDomain) {
    let payment = |number: u64| BatchPayment {
        id: UuidText(uuid(1_000 + number)),
        debit_account: Some(UuidText(uuid(1))),
        credit_account: Some(UuidText(uuid(2))),
        pending_id: None,
        allowance_id: None,
        reference: None,
        amount: Some("0.000005".to_owned()),
        amount_sats: None,
        asset: Some(AssetWord::Usdb),
        code: Some(1),
        timeout_seconds: None,
        flags: Vec::new(),
    };
    let batch = PaymentBatch { payments: vec![payment(0), payment(100)] };
    let answer = client.send_payments(&key.sign_payments(domain, now(), &batch).unwrap()).await.unwrap();
    let statuses: Vec<_> = answer.results.iter().map(|result| result.status.as_str()).collect();
    assert_eq!(statuses, ["exists", "accepted"]);
    assert_eq!(answer.results[1].sequence, Some(answer.sequence));
}

#[tokio::test]
async fn a_key_is_good_for_its_account_until_it_is_revoked() {
    let (folder, _) = folder();
    let (config, key) = prepared(folder.path()).await;
    let running = Running::start(&config);
    let client = client(&running);
    let domain = client.batch_domain().await.unwrap();
    let refused = async |batch: &SignedTransfers| match client.send_transfers(batch).await {
        Ok(_) => None,
        Err(Error::Refused(refusal)) => refusal.known_code(),
        Err(error) => panic!("{error}"),
    };
    let foreign = key.sign_transfers(&domain, now(), &[transfer(1, 2, 1)]).unwrap();
    assert_eq!(refused(&foreign).await, Some(ErrorCode::BatchAccountDiffers));
    let elsewhere = BatchDomain { instance: uuid(77), ..domain.clone() };
    let misdirected = key.sign_transfers(&elsewhere, now(), &[transfer(1, 1, 2)]).unwrap();
    assert_eq!(refused(&misdirected).await, Some(ErrorCode::InvalidBatchSignature));
    let batch = key.sign_transfers(&domain, now(), &[transfer(1, 1, 2)]).unwrap();
    assert_eq!(refused(&batch).await, None);

    let account = UuidText(uuid(1)).to_string();
    let revoke = ["revoke", "--account", &account, "--key", &public_key(5)];
    assert!(account_key(&config, &revoke).status.success());
    let code = loop {
        if let Some(code) = refused(&batch).await {
            break code;
        }
    };
    assert_eq!(code, ErrorCode::KeyRevoked);
}
