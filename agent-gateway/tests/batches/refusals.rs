//! Every malformed, strange or unlucky batch has its code, and none of them reaches the ledger.

use crate::support::*;
use agent_gateway::limits;
use api_types::{BatchDomain, BatchHeader, BatchKind, BatchPayment, ErrorCode, TransferRecord};
use axum::body::Body;
use ed25519_dalek::{Signer, SigningKey};
use ledger::handle::{Answer, LedgerError};
use serde_json::{Value, json as json_value};
use std::time::Duration;
use uuid::Uuid;

fn code_of(answered: &Answered) -> (u16, String, Value) {
    let problem: Value = serde_json::from_slice(&answered.2).unwrap();
    assert_eq!(answered.1["content-type"], "application/problem+json");
    assert_eq!(answered.0.as_u16(), problem["status"]);
    assert_eq!(answered.0 == 401, answered.1.contains_key("www-authenticate"), "{problem}");
    (answered.0.as_u16(), problem["code"].as_str().unwrap().to_owned(), problem)
}

#[track_caller]
fn assert_refused(case: &str, answered: &Answered, code: ErrorCode) -> Value {
    let (status, word, problem) = code_of(answered);
    assert_eq!((status, word.as_str()), (code.status(), code.as_str()), "{case}: {problem}");
    problem
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap()
}

fn two() -> Vec<TransferRecord> {
    vec![transfer(1, 1, 2, 5), transfer(2, 1, 3, 5)]
}

/// A batch of two transfers with another header, signed for it.
fn with_header(change: impl FnOnce(BatchHeader) -> BatchHeader) -> Vec<u8> {
    let records: Vec<u8> = two().iter().flat_map(TransferRecord::encode).collect();
    let header = change(header(BatchKind::Transfers, 2));
    [signed(&header, &records).as_slice(), &records].concat()
}

fn changed(at: usize, byte: u8) -> Vec<u8> {
    let mut batch = binary(&two());
    batch[at] = byte;
    batch
}

fn signed_by(key: &SigningKey, domain: &BatchDomain) -> Vec<u8> {
    let records: Vec<u8> = two().iter().flat_map(TransferRecord::encode).collect();
    let header = header(BatchKind::Transfers, 2);
    let signature = key.sign(&header.digest(domain, &records)).to_bytes();
    [header.encode(&signature).as_slice(), &records].concat()
}

#[tokio::test]
async fn every_malformed_binary_batch_has_its_code() {
    let good = binary(&two());
    let age = micros(limits::BATCH_AGE);
    let ahead = micros(limits::BATCH_AHEAD);
    let elsewhere = BatchDomain { network: "mainnet".to_owned(), ..domain() };
    let another = BatchDomain { instance: Uuid::from_u128(0x1235), ..domain() };
    let foreign = vec![transfer(1, 1, 2, 5), transfer(2, 2, 1, 5)];
    let nobody = vec![TransferRecord { flags: TransferRecord::VOID, ..TransferRecord::default() }];
    let cases: Vec<(&str, Vec<u8>, ErrorCode)> = vec![
        ("nothing", vec![], ErrorCode::InvalidBatchLength),
        ("half a header", good[..127].to_vec(), ErrorCode::InvalidBatchLength),
        ("a byte too few", good[..good.len() - 1].to_vec(), ErrorCode::InvalidBatchLength),
        ("a byte too many", [&good[..], &[0]].concat(), ErrorCode::InvalidBatchLength),
        ("another magic", changed(0, b'X'), ErrorCode::InvalidBatchHeader),
        ("a newer version", changed(8, 2), ErrorCode::InvalidBatchHeader),
        ("no kind", changed(10, 9), ErrorCode::InvalidBatchHeader),
        ("reserved bytes", changed(60, 1), ErrorCode::InvalidBatchHeader),
        ("the other kind", changed(10, 2), ErrorCode::InvalidBatchHeader),
        ("a record too few", good[..256].to_vec(), ErrorCode::InvalidBatchCount),
        ("a record too many", [&good[..], &[0; 128]].concat(), ErrorCode::InvalidBatchCount),
        ("no records", binary(&[]), ErrorCode::InvalidBatchCount),
        ("one more than an entry takes", binary(&vec![two()[0]; 8_191]), ErrorCode::InvalidBatchCount),
        (
            "another count",
            with_header(|header| BatchHeader { count: 3, ..header }),
            ErrorCode::InvalidBatchCount,
        ),
        (
            "too old",
            with_header(|header| BatchHeader { made_at: NOW - age - 1, ..header }),
            ErrorCode::BatchTooOld,
        ),
        ("of 1970", with_header(|header| BatchHeader { made_at: 0, ..header }), ErrorCode::BatchTooOld),
        (
            "in the future",
            with_header(|header| BatchHeader { made_at: NOW + ahead + 1, ..header }),
            ErrorCode::BatchInFuture,
        ),
        (
            "at the end of time",
            with_header(|header| BatchHeader { made_at: u64::MAX, ..header }),
            ErrorCode::BatchInFuture,
        ),
        (
            "another key",
            with_header(|header| BatchHeader { key: uuid(901), ..header }),
            ErrorCode::UnknownKey,
        ),
        (
            "another account",
            with_header(|header| BatchHeader { account: uuid(2), ..header }),
            ErrorCode::UnknownKey,
        ),
        (
            "another's signature",
            signed_by(&SigningKey::from_bytes(&[8; 32]), &domain()),
            ErrorCode::InvalidBatchSignature,
        ),
        ("another network", signed_by(&signing_key(), &elsewhere), ErrorCode::InvalidBatchSignature),
        ("another instance", signed_by(&signing_key(), &another), ErrorCode::InvalidBatchSignature),
        ("no signature", [&good[..64], &[0; 64], &good[128..]].concat(), ErrorCode::InvalidBatchSignature),
        ("another's money", binary(&foreign), ErrorCode::BatchAccountDiffers),
        ("nobody's pending transfer", binary(&nobody), ErrorCode::BatchAccountDiffers),
        ("more than the body may have", vec![0; limits::BATCH_BYTES + 1], ErrorCode::BodyTooLarge),
    ];
    let faked = Faked::new();
    for (case, body, code) in cases {
        assert_refused(case, &post_binary(&faked.router, body).await, code);
    }
    assert_eq!(faked.submissions(), 0);
}

#[tokio::test]
async fn times_are_taken_up_to_their_bounds() {
    let faked = Faked::new();
    let (age, ahead) = (micros(limits::BATCH_AGE), micros(limits::BATCH_AHEAD));
    for made_at in [NOW - age, NOW, NOW + ahead] {
        let body = with_header(|header| BatchHeader { made_at, ..header });
        assert_eq!(post_binary(&faked.router, body).await.0, 200);
    }
    assert_eq!(faked.submissions(), 3);
}

#[tokio::test]
async fn a_body_that_says_it_is_too_large_is_not_read() {
    let faked = Faked::new();
    let never = Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let length = (limits::BATCH_BYTES + 1).to_string();
    let headers = [("content-type", "application/octet-stream"), ("content-length", length.as_str())];
    let answered = post(&faked.router, "/v1/transfer-batches", &headers, never).await;
    assert_refused("stated length", &answered, ErrorCode::BodyTooLarge);
    let chunks = futures_util::stream::iter((0..17).map(|_| Ok::<_, std::io::Error>(vec![0_u8; 64 * 1024])));
    let answered = post_binary(&faked.router, Body::from_stream(chunks)).await;
    assert_refused("no stated length", &answered, ErrorCode::BodyTooLarge);
    let broken = futures_util::stream::iter([Err::<Vec<u8>, _>(std::io::Error::other("gone"))]);
    let answered = post_binary(&faked.router, Body::from_stream(broken)).await;
    assert_refused("broken off", &answered, ErrorCode::InvalidBatchLength);
}

#[tokio::test]
async fn media_types_are_held_to() {
    let faked = Faked::new();
    let (field, body) = json(vec![payment(1, 1, 2, "1.00")]);
    for (path, kind) in [
        ("/v1/transfer-batches", "application/json"),
        ("/v1/transfer-batches", "application/octet-stream; a=b"),
        ("/v1/payment-batches", "application/octet-stream"),
        ("/v1/payment-batches", "text/plain"),
    ] {
        let headers = [("content-type", kind), (BatchHeader::FIELD, field.as_str())];
        let answered = post(&faked.router, path, &headers, body.clone()).await;
        assert_refused(kind, &answered, ErrorCode::UnsupportedMediaType);
    }
    let answered = post_binary_at(&faked, "/v1/transfer-batches?dry=1").await;
    assert_refused("a parameter", &answered, ErrorCode::UnknownField);
    assert_eq!(faked.submissions(), 0);
}

async fn post_binary_at(faked: &Faked, path: &str) -> Answered {
    post(&faked.router, path, &[("content-type", "application/octet-stream")], binary(&two())).await
}

#[tokio::test]
async fn every_malformed_header_field_has_its_code() {
    let faked = Faked::new();
    let (field, body) = json(vec![payment(1, 1, 2, "1.00")]);
    let media = ("content-type", "application/json");
    let name = BatchHeader::FIELD;
    let header = header(BatchKind::Payments, 1);
    let as_field = |header: BatchHeader| crate::support::field(&header, &body);
    let cases: Vec<(&str, Vec<String>, ErrorCode)> = vec![
        ("missing", vec![], ErrorCode::InvalidBatchHeader),
        ("twice", vec![field.clone(), field.clone()], ErrorCode::InvalidBatchHeader),
        ("empty", vec![String::new()], ErrorCode::InvalidBatchHeader),
        ("padded", vec![format!("{field}=")], ErrorCode::InvalidBatchHeader),
        ("cut", vec![field.chars().take(170).collect()], ErrorCode::InvalidBatchHeader),
        (
            "the other kind",
            vec![as_field(BatchHeader { kind: BatchKind::Transfers, ..header })],
            ErrorCode::InvalidBatchHeader,
        ),
        ("none", vec![as_field(BatchHeader { count: 0, ..header })], ErrorCode::InvalidBatchCount),
        ("too many", vec![as_field(BatchHeader { count: 1_001, ..header })], ErrorCode::InvalidBatchCount),
        ("another count", vec![as_field(BatchHeader { count: 2, ..header })], ErrorCode::InvalidBatchCount),
        ("old", vec![as_field(BatchHeader { made_at: 1, ..header })], ErrorCode::BatchTooOld),
        ("another key", vec![as_field(BatchHeader { key: uuid(3), ..header })], ErrorCode::UnknownKey),
    ];
    for (case, fields, code) in cases {
        let fields = fields.iter().map(|field| (name, field.as_str()));
        let headers: Vec<_> = std::iter::once(media).chain(fields).collect();
        let answered = post(&faked.router, "/v1/payment-batches", &headers, body.clone()).await;
        assert_refused(case, &answered, code);
    }
    assert_eq!(faked.submissions(), 0);
}

/// A payment as JSON with one member set to something else, or removed with null.
fn with(member: &str, other: Value) -> Value {
    let mut payment = serde_json::to_value(payment(1, 1, 2, "1.00")).unwrap();
    match other {
        Value::Null => drop(payment.as_object_mut().unwrap().remove(member)),
        other => payment[member] = other,
    }
    payment
}

#[tokio::test]
async fn every_malformed_payment_has_its_code_and_pointer() {
    let faked = Faked::new();
    let good = with("code", json_value!(7));
    let sats = |payment: Value, amount: Value| {
        let mut payment = payment;
        payment["amount_sats"] = amount;
        payment
    };
    let cases: Vec<(Value, ErrorCode, &str)> = vec![
        (with("amount", json_value!("1.0000001")), ErrorCode::InvalidAmount, "/payments/1/amount"),
        (with("amount", json_value!("-1")), ErrorCode::InvalidAmount, "/payments/1/amount"),
        (with("amount", json_value!("1e3")), ErrorCode::InvalidAmount, "/payments/1/amount"),
        (with("amount", json_value!("01")), ErrorCode::InvalidAmount, "/payments/1/amount"),
        (with("amount", json_value!("1,00")), ErrorCode::InvalidAmount, "/payments/1/amount"),
        (with("amount", json_value!("1000000000000")), ErrorCode::InvalidAmount, "/payments/1/amount"),
        (with("amount", json_value!("")), ErrorCode::InvalidAmount, "/payments/1/amount"),
        (with("amount", json_value!(1)), ErrorCode::InvalidField, "/payments/1/amount"),
        (with("amount", Value::Null), ErrorCode::MissingField, "/payments/1/amount"),
        (with("asset", Value::Null), ErrorCode::MissingField, "/payments/1/asset"),
        (with("asset", json_value!("BTC")), ErrorCode::InvalidField, "/payments/1/asset"),
        (with("asset", json_value!("EUR")), ErrorCode::InvalidField, "/payments/1/asset"),
        (sats(good.clone(), json_value!(5)), ErrorCode::InvalidField, "/payments/1/amount_sats"),
        (sats(with("amount", Value::Null), json_value!(5)), ErrorCode::InvalidField, "/payments/1/asset"),
        (with("amount_sats", json_value!(-5)), ErrorCode::InvalidField, "/payments/1/amount_sats"),
        (with("id", json_value!("x")), ErrorCode::InvalidField, "/payments/1/id"),
        (
            with("id", json_value!("0190B8F5-A000-7000-8000-00000000ABCD")),
            ErrorCode::InvalidField,
            "/payments/1/id",
        ),
        (with("id", Value::Null), ErrorCode::MissingField, "/payments/1"),
        (with("debit_account", Value::Null), ErrorCode::MissingField, "/payments/1/debit_account"),
        (with("credit_account", Value::Null), ErrorCode::MissingField, "/payments/1/credit_account"),
        (with("code", Value::Null), ErrorCode::MissingField, "/payments/1/code"),
        (with("code", json_value!(65_536)), ErrorCode::InvalidField, "/payments/1/code"),
        (with("reference", json_value!("ab")), ErrorCode::InvalidField, "/payments/1/reference"),
        (with("reference", json_value!("A".repeat(32))), ErrorCode::InvalidField, "/payments/1/reference"),
        (with("reference", json_value!("+".repeat(32))), ErrorCode::InvalidField, "/payments/1/reference"),
        (with("flags", json_value!(["pending", "pending"])), ErrorCode::InvalidField, "/payments/1/flags"),
        (with("flags", json_value!(["fast"])), ErrorCode::InvalidField, "/payments/1/flags/0"),
        (with("timeout_seconds", json_value!(-1)), ErrorCode::InvalidField, "/payments/1/timeout_seconds"),
        (with("memo", json_value!("x")), ErrorCode::UnknownField, "/payments/1/memo"),
        (
            with("debit_account", json_value!(uuid(2).to_string())),
            ErrorCode::BatchAccountDiffers,
            "/payments/1",
        ),
    ];
    for (case, code, pointer) in cases {
        let body = json_value!({ "payments": [good, case] }).to_string().into_bytes();
        let field = field(&header(BatchKind::Payments, 2), &body);
        let answered = post_json(&faked.router, (field, body)).await;
        let problem = assert_refused(&case.to_string(), &answered, code);
        assert_eq!(problem["pointer"].as_str().unwrap_or_default(), pointer, "{case}");
    }
    assert_eq!(faked.submissions(), 0);
}

#[tokio::test]
async fn a_signed_body_that_is_no_json_is_refused() {
    let faked = Faked::new();
    let deep = format!("{}1{}", "[".repeat(33), "]".repeat(33));
    for (body, code) in [
        ("", ErrorCode::MalformedJson),
        ("{", ErrorCode::MalformedJson),
        (deep.as_str(), ErrorCode::MalformedJson),
        ("{}", ErrorCode::MissingField),
        (r#"{"payments":[],"payments":[]}"#, ErrorCode::UnknownField),
        (r#"{"payments":[],"linked":true}"#, ErrorCode::UnknownField),
        (r#"{"payments":[]}"#, ErrorCode::InvalidBatchCount),
    ] {
        let field = field(&header(BatchKind::Payments, 1), body.as_bytes());
        let answered = post_json(&faked.router, (field, body.as_bytes().to_vec())).await;
        assert_refused(body, &answered, code);
    }
    assert_eq!(faked.submissions(), 0);
}

#[tokio::test]
async fn more_payments_than_a_batch_takes_are_refused_before_they_are_read() {
    let faked = Faked::new();
    let (field, body) = json(vec![payment(1, 1, 2, "1.00"); 1_001]);
    assert_refused("1,001", &post_json(&faked.router, (field, body)).await, ErrorCode::InvalidBatchCount);
    let most: Vec<BatchPayment> = (0..1_000).map(|number| payment(number, 1, 2, "1.00")).collect();
    assert_eq!(post_json(&faked.router, json(most)).await.0, 200);
}

#[tokio::test]
async fn a_revoked_key_is_good_for_nothing() {
    let faked = Faked::new();
    faked.keys.keys.lock().unwrap()[0].revoked_at = Some(1);
    let answered = post_binary(&faked.router, binary(&two())).await;
    assert_refused("binary", &answered, ErrorCode::KeyRevoked);
    let answered = post_json(&faked.router, json(vec![payment(1, 1, 2, "1.00")])).await;
    assert_refused("JSON", &answered, ErrorCode::KeyRevoked);
    assert_eq!(faked.submissions(), 0);
}

#[tokio::test]
async fn what_cannot_be_checked_is_not_called_wrong() {
    let faked = Faked::new();
    *faked.keys.broken.lock().unwrap() = true;
    let answered = post_binary(&faked.router, binary(&two())).await;
    assert_eq!(answered.1["retry-after"], "2");
    let problem = assert_refused("keys", &answered, ErrorCode::KeysUnavailable);
    assert_eq!(problem["retryable"], true);
    assert_eq!(faked.submissions(), 0);
}

#[tokio::test]
async fn a_ledger_that_does_not_answer_says_when_to_come_again() {
    let lost = || LedgerError::ConnectionLost("canary".to_owned());
    let stopped = || LedgerError::Stopped("canary".to_owned());
    for (fault, code, wait) in [
        (LedgerError::Busy { retry_after_ms: 1 }, ErrorCode::LedgerBusy, Some("1")),
        (LedgerError::Busy { retry_after_ms: 1_000 }, ErrorCode::LedgerBusy, Some("1")),
        (LedgerError::Busy { retry_after_ms: 2_001 }, ErrorCode::LedgerBusy, Some("3")),
        (lost(), ErrorCode::LedgerUnavailable, Some("2")),
        (stopped(), ErrorCode::LedgerUnavailable, Some("2")),
        (LedgerError::Unreadable("canary".to_owned()), ErrorCode::Internal, None),
        (LedgerError::TooMany { count: 2, most: 1 }, ErrorCode::Internal, None),
    ] {
        let faked = Faked::new();
        *faked.ledger.fault.lock().unwrap() = Some(fault.clone());
        for answered in [
            post_binary(&faked.router, binary(&two())).await,
            post_json(&faked.router, json(vec![payment(1, 1, 2, "1.00")])).await,
        ] {
            let wait_said = answered.1.get("retry-after").map(|value| value.to_str().unwrap());
            assert_eq!(wait_said, wait, "{fault:?}");
            let problem = assert_refused(&format!("{fault:?}"), &answered, code);
            assert_eq!(problem["retryable"], wait.is_some());
            assert!(!problem.to_string().contains("canary"), "{problem}");
        }
    }
}

#[tokio::test]
async fn an_answer_to_something_else_is_a_fault_of_ours() {
    for answer in [
        Answer::Entries(Vec::new()),
        Answer::Submitted { sequence: 1, timestamp: NOW, replies: Vec::new() },
        Answer::Submitted {
            sequence: 1,
            timestamp: NOW,
            replies: vec![ledger::Reply::Transfers(Vec::new()), ledger::Reply::Transfers(Vec::new())],
        },
        Answer::Submitted {
            sequence: 1,
            timestamp: NOW,
            replies: vec![ledger::Reply::Transfers(Vec::new())],
        },
    ] {
        let faked = Faked::new();
        *faked.ledger.answer.lock().unwrap() = Some(answer.clone());
        let answered = post_binary(&faked.router, binary(&two())).await;
        assert_refused(&format!("{answer:?}"), &answered, ErrorCode::Internal);
    }
}
