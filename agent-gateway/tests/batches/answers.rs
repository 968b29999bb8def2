//! What a real ledger makes of batches, in binary and in JSON.

use crate::real::{FUNDS, Real};
use crate::support::*;
use api_types::{
    AssetWord, BatchPayment, PaymentBatchResult, PaymentFlag, RecordedOutcome, TransferRecord,
    TransferResult, UuidText,
};
use axum::Router;
use proptest::prelude::*;

async fn results(router: &Router, transfers: &[TransferRecord]) -> Vec<TransferResult> {
    let (status, headers, body) = post_binary(router, binary(transfers)).await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    assert_eq!(headers["content-type"], "application/octet-stream");
    let (records, rest) = body.as_chunks::<{ TransferResult::BYTES }>();
    assert!(rest.is_empty() && records.len() == transfers.len());
    let results: Vec<_> = records.iter().map(TransferResult::decode).collect();
    let sequence: u64 = headers["ballast-sequence"].to_str().unwrap().parse().unwrap();
    for recorded in results.iter().filter_map(|result| result.recorded) {
        assert!(recorded.sequence() <= sequence && recorded.sequence() > 0);
    }
    results
}

async fn answer(router: &Router, payments: Vec<BatchPayment>) -> PaymentBatchResult {
    let (status, headers, body) = post_json(router, json(payments)).await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    let answer: PaymentBatchResult = serde_json::from_slice(&body).unwrap();
    assert_eq!(headers["ballast-sequence"].to_str().unwrap(), answer.sequence.to_string());
    assert_eq!((answer.object.as_str(), answer.livemode), ("payment_batch", false));
    answer
}

#[tokio::test]
async fn accepted_refused_and_the_same_again() {
    let real = Real::start().await;
    let transfers = [
        transfer(1, 1, 2, 600),
        transfer(2, 1, 3, 500),
        TransferRecord { code: 0, ..transfer(3, 1, 2, 1) },
        transfer(4, 1, 2, 400),
    ];
    let first = results(&real.router, &transfers).await;
    let codes: Vec<_> = first.iter().map(|result| result.status).collect();
    assert_eq!(codes, [0, 80, 20, 0]);
    let outcome =
        |result: &TransferResult| result.recorded.map(|recorded| (recorded.status, recorded.amount));
    let outcomes: Vec<_> = first.iter().map(outcome).collect();
    assert_eq!(outcomes, [Some((0, 600)), Some((80, 0)), None, Some((0, 400))]);
    assert_eq!(real.balance(1).await, 0);

    let again = results(&real.router, &transfers).await;
    let codes: Vec<_> = again.iter().map(|result| result.status).collect();
    assert_eq!(codes, [30, 30, 20, 30], "the refusal is the outcome of its id, for ever");
    let recorded =
        |results: &[TransferResult]| results.iter().map(|result| result.recorded).collect::<Vec<_>>();
    assert_eq!(recorded(&again), recorded(&first));
    let other = results(&real.router, &[TransferRecord { amount: 601, ..transfers[0] }]).await;
    assert_eq!(other, [TransferResult { status: 36, recorded: None }]);
    assert_eq!((real.balance(1).await, real.balance(2).await), (0, u128::from(FUNDS) + 1_000));
}

#[tokio::test]
async fn json_says_the_same_in_words() {
    let real = Real::start().await;
    let hold = BatchPayment {
        flags: vec![PaymentFlag::Pending],
        timeout_seconds: Some(60),
        ..payment(2, 1, 3, "0.0001")
    };
    let too_much = payment(3, 1, 2, "1.00");
    let answer = answer(&real.router, vec![payment(1, 1, 2, "0.000600"), hold, too_much]).await;
    let seen: Vec<_> = answer
        .results
        .iter()
        .map(|result| {
            (result.status.as_str(), result.code, result.outcome.as_deref(), result.amount.as_deref())
        })
        .collect();
    let refused = "debits_would_exceed_credits";
    assert_eq!(
        seen,
        [
            ("accepted", 0, Some("accepted"), Some("0.0006")),
            ("accepted", 0, Some("accepted"), Some("0.0001")),
            (refused, 80, Some(refused), None),
        ]
    );
    assert_eq!(answer.executed_at, "2026-11-30T00:53:20.000Z");
    for (result, number) in answer.results.iter().zip(1..) {
        assert_eq!(result.id, UuidText(uuid(1_000_000 + number)));
        assert_eq!(result.sequence, Some(answer.sequence));
        assert_eq!(result.asset, result.amount.as_ref().map(|_| AssetWord::Usdb));
        let position: u64 = result.position.as_ref().unwrap().parse().unwrap();
        assert_eq!((position >> 20, position & 0xf_ffff), (answer.sequence, number - 1));
    }
}

fn ends(number: u64, pending: u64, flag: PaymentFlag) -> BatchPayment {
    BatchPayment {
        debit_account: None,
        credit_account: Some(UuidText(account())),
        pending_id: Some(UuidText(uuid(1_000_000 + pending))),
        amount: None,
        asset: None,
        code: None,
        flags: vec![flag],
        ..payment(number, 0, 0, "0")
    }
}

/// A merchant captures and voids what others have reserved for it, and nothing else.
#[tokio::test]
async fn holds_are_ended_by_those_they_are_between() {
    let real = Real::start().await;
    let hold = |number, from, to| TransferRecord {
        flags: TransferRecord::PENDING,
        timeout_seconds: 60,
        ..transfer(number, from, to, 100)
    };
    let holds = [hold(1, 2, 1), hold(2, 2, 1), hold(3, 2, 1), hold(4, 2, 3)];
    assert!(real.submit(&holds).await.iter().all(|status| status.is_accepted()));
    let part = BatchPayment {
        amount: Some("0.00004".to_owned()),
        asset: Some(AssetWord::Usdb),
        ..ends(12, 2, PaymentFlag::Post)
    };
    let batch = vec![
        ends(11, 1, PaymentFlag::Post),
        part,
        ends(13, 3, PaymentFlag::Void),
        ends(14, 4, PaymentFlag::Post),
        ends(15, 4, PaymentFlag::Void),
    ];
    let answer = answer(&real.router, batch).await;
    let seen: Vec<_> =
        answer.results.iter().map(|result| (result.status.as_str(), result.amount.as_deref())).collect();
    let foreign = "pending_credit_account_differs";
    assert_eq!(
        seen,
        [
            ("accepted", Some("0.0001")),
            ("accepted", Some("0.00004")),
            ("accepted", None),
            (foreign, None),
            (foreign, None)
        ]
    );
    assert_eq!(real.balance(1).await, u128::from(FUNDS) + 140);
}

/// The ledger takes the asset of a post from the pending transfer: an amount in the other one must not pass.
#[tokio::test]
async fn a_post_in_another_asset_is_refused_whole() {
    let real = Real::start().await;
    let hold =
        TransferRecord { flags: TransferRecord::PENDING, timeout_seconds: 60, ..transfer(1, 2, 1, 100) };
    assert!(real.submit(&[hold]).await[0].is_accepted());
    let in_sats = BatchPayment { amount_sats: Some(50), ..ends(2, 1, PaymentFlag::Post) };
    let (status, _, body) = post_json(&real.router, json(vec![payment(3, 1, 2, "0.0001"), in_sats])).await;
    let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (status.as_u16(), &problem["code"], &problem["pointer"]),
        (400, &"invalid_field".into(), &"/payments/1/asset".into())
    );
    assert_eq!(real.balance(1).await, u128::from(FUNDS));
}

#[tokio::test]
async fn bitcoin_is_counted_in_sats() {
    let real = Real::start().await;
    // Account 1 counts dollars, so the ledger refuses: what is checked here is how the amount is read.
    let sats = BatchPayment { amount: None, asset: None, amount_sats: Some(7), ..payment(1, 1, 11, "0") };
    let answer = answer(&real.router, vec![sats]).await;
    assert_eq!(answer.results[0].status, "account_asset_differs");
    assert_eq!((answer.results[0].amount_sats, answer.results[0].asset), (None, None));
}

/// One payment in both forms.
fn both() -> impl Strategy<Value = (TransferRecord, BatchPayment)> {
    let flags = prop_oneof![
        4 => Just(None),
        2 => Just(Some(PaymentFlag::Pending)),
        1 => Just(Some(PaymentFlag::Post)),
        1 => Just(Some(PaymentFlag::Void)),
        1 => Just(Some(PaymentFlag::RestoreAllowance)),
    ];
    let parts = (0_u64..8, 2_u64..5, 0_u64..700, flags, any::<bool>(), 0_u64..8, 0_u32..3, 0_u16..3);
    parts.prop_map(|(number, to, amount, flag, linked, pending, timeout_seconds, code)| {
        let ends = matches!(flag, Some(PaymentFlag::Post | PaymentFlag::Void));
        let has_amount = !ends || (flag == Some(PaymentFlag::Post) && amount % 2 == 0);
        let text = money::Usd::from_micros(u128::from(amount)).to_string();
        let words = [linked.then_some(PaymentFlag::Linked), flag];
        let payment = BatchPayment {
            pending_id: ends.then(|| UuidText(uuid(1_000_000 + pending))),
            credit_account: (!ends || linked).then(|| UuidText(uuid(to))),
            amount: has_amount.then_some(text),
            asset: has_amount.then_some(AssetWord::Usdb),
            code: (!ends || code > 1).then_some(code),
            timeout_seconds: Some(timeout_seconds),
            reference: (code == 2).then(|| "00112233445566778899aabbccddeeff".to_owned()),
            flags: words.into_iter().flatten().collect(),
            ..payment(number, 1, to, "0")
        };
        let bit = |flag| match flag {
            PaymentFlag::Linked => TransferRecord::LINKED,
            PaymentFlag::Pending => TransferRecord::PENDING,
            PaymentFlag::Post => TransferRecord::POST,
            PaymentFlag::Void => TransferRecord::VOID,
            PaymentFlag::RestoreAllowance => TransferRecord::RESTORE_ALLOWANCE,
        };
        let number_of = |id: Option<UuidText>| id.map_or(uuid::Uuid::nil(), |id| id.0);
        let whole = if flag == Some(PaymentFlag::Void) { 0 } else { TransferRecord::WHOLE };
        let record = TransferRecord {
            id: payment.id.0,
            debit_account: number_of(payment.debit_account),
            credit_account: number_of(payment.credit_account),
            pending_id: number_of(payment.pending_id),
            amount: if has_amount { amount } else { whole },
            asset: if ends { 0 } else { TransferRecord::USDB },
            code: payment.code.unwrap_or(0),
            timeout_seconds,
            reference: if code == 2 {
                std::array::from_fn(|byte| 0x11 * u8::try_from(byte).unwrap())
            } else {
                [0; 16]
            },
            flags: payment.flags.iter().copied().map(bit).sum(),
            ..TransferRecord::default()
        };
        (record, payment)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// The same batches in both forms, at two ledgers, have the same outcomes.
    #[test]
    fn json_and_binary_of_the_same_batch_give_the_same_outcomes(
        batches in proptest::collection::vec(proptest::collection::vec(both(), 1..8), 1..4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (in_binary, in_json) = (Real::start().await, Real::start().await);
            for batch in batches {
                let (records, payments): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
                let expected = results(&in_binary.router, &records).await;
                let found = answer(&in_json.router, payments).await.results;
                for (expected, found) in expected.iter().zip(&found) {
                    prop_assert_eq!(found.code, expected.status);
                    let recorded = expected.recorded;
                    prop_assert_eq!(found.outcome_code, recorded.map(|recorded| recorded.status));
                    prop_assert_eq!(found.sequence, recorded.as_ref().map(RecordedOutcome::sequence));
                    let position = found.position.as_ref().map(|text| text.parse().unwrap());
                    prop_assert_eq!(position, recorded.map(|recorded| recorded.position));
                    let amount = recorded.map(|recorded| recorded.amount).filter(|amount| *amount > 0);
                    let dollars = found.amount.as_ref().map(|text| text.parse::<money::Usd>().unwrap());
                    prop_assert_eq!(dollars.map(|dollars| dollars.to_ledger_amount().unwrap()), amount);
                }
            }
            for number in 0..5 {
                prop_assert_eq!(
                    in_binary.ledger.account(ledger::AccountId(uuid(number).as_u128())).await.unwrap(),
                    in_json.ledger.account(ledger::AccountId(uuid(number).as_u128())).await.unwrap()
                );
            }
            Ok(())
        })?;
    }
}
