//! Many at once: each id is executed once, and a queue that is full says when to come again.

use crate::real::{FUNDS, GatedDisk, Real, small};
use crate::support::*;
use api_types::TransferResult;
use ledger::service::ServiceSettings;
use std::sync::Arc;
use tokio::task::JoinSet;

const CLIENTS: u64 = 50;
const IDS: u64 = 200;

/// Fifty clients send overlapping ranges of the same payments, in JSON and in binary.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn overlapping_ids_of_fifty_clients_execute_once() {
    let real = Real::start().await;
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let router = real.router.clone();
        clients.spawn(async move {
            let numbers = (0..IDS / 2).map(|step| (client * 7 + step) % IDS);
            if client % 2 == 0 {
                let transfers: Vec<_> = numbers.map(|number| transfer(number, 1, 2, 1)).collect();
                let (status, _, body) = post_binary(&router, binary(&transfers)).await;
                assert_eq!(status, 200);
                let (records, _) = body.as_chunks::<{ TransferResult::BYTES }>();
                records.iter().map(|record| TransferResult::decode(record).status).collect::<Vec<_>>()
            } else {
                let payments = numbers.map(|number| payment(number, 1, 2, "0.000001")).collect();
                let (status, _, body) = post_json(&router, json(payments)).await;
                assert_eq!(status, 200);
                let answer: api_types::PaymentBatchResult = serde_json::from_slice(&body).unwrap();
                answer.results.iter().map(|result| result.code).collect()
            }
        });
    }
    let codes: Vec<u16> = clients.join_all().await.concat();
    let accepted = codes.iter().filter(|code| **code == TransferResult::ACCEPTED).count();
    let existed = codes.iter().filter(|code| **code == TransferResult::EXISTS).count();
    assert_eq!(u64::try_from(accepted), Ok(IDS));
    assert_eq!(accepted + existed, codes.len());
    assert_eq!(real.balance(1).await, u128::from(FUNDS - IDS));
}

/// The disk takes its time, the queue fills: some are told to come again, and those who do are served.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_full_queue_says_when_to_come_again() {
    const SENT: u64 = 200;
    let (disk, gate) = GatedDisk::new();
    let settings = ServiceSettings { queued_commands_max: 4, entries_ahead_max: 1, ..small() };
    let real = Real::start_on(Arc::new(disk), settings).await;
    gate.close();
    let mut sending = JoinSet::new();
    for number in 0..SENT {
        let router = real.router.clone();
        sending
            .spawn(async move { (number, post_binary(&router, binary(&[transfer(number, 1, 2, 1)])).await) });
    }
    // Nothing is answered but refusals while nothing can be flushed.
    let mut refused = Vec::new();
    let (number, (status, headers, body)) = sending.join_next().await.unwrap().unwrap();
    assert_eq!(status, 429);
    let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&problem["code"], &problem["retry_with"]), (&"ledger_busy".into(), &"same_key".into()));
    assert!(headers["retry-after"].to_str().unwrap().parse::<u64>().unwrap() >= 1);
    assert!(problem["retry_at"].is_string());
    refused.push(number);
    gate.open();
    while let Some(ended) = sending.join_next().await {
        match ended.unwrap() {
            (_, (status, ..)) if status == 200 => {}
            (number, (status, ..)) => {
                assert_eq!(status, 429);
                refused.push(number);
            }
        }
    }
    for number in refused {
        assert_eq!(post_binary(&real.router, binary(&[transfer(number, 1, 2, 1)])).await.0, 200);
    }
    assert_eq!(real.balance(1).await, u128::from(FUNDS - SENT));
}
