//! Payments of an integrator in JSON: what a batch asks for, and what became of each.

use crate::UuidText;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Payments that are executed in one entry of the ledger, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "payments": [
    { "id": "019d2a00-0000-7000-8000-000000000001", "debit_account": "0190b8f5-a000-7000-8000-00000000abcd",
      "credit_account": "0190b8f5-a000-7000-8000-00000000abce", "amount": "12.50", "asset": "USDb", "code": 7 },
    { "id": "019d2a00-0000-7000-8000-000000000002", "debit_account": "0190b8f5-a000-7000-8000-00000000abcd",
      "credit_account": "0190b8f5-a000-7000-8000-00000000abce", "amount": "3.00", "asset": "USDb", "code": 7,
      "timeout_seconds": 3600, "flags": ["pending"] }
] }))]
pub struct PaymentBatch {
    /// The payments, as many as the header of the batch says.
    #[schema(min_items = 1, max_items = 1000)]
    pub payments: Vec<BatchPayment>,
}

/// One payment: a transfer, or the post or void of a pending one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BatchPayment {
    /// A UUID of version 7, made now, or of version 8. The same one is never executed twice.
    pub id: UuidText,
    /// Who pays: the account of the key. A post or void may leave it out if it names the payee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debit_account: Option<UuidText>,
    /// Who is paid. A post or void may leave it out if it names the payer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_account: Option<UuidText>,
    /// The pending payment that a post or void ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_id: Option<UuidText>,
    /// The allowance that it debits; of a refund, the payee's that it gives back to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowance_id: Option<UuidText>,
    /// What the sender wants to find it by: 16 bytes in lower-case hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9a-f]{32}$")]
    pub reference: Option<String>,
    /// How much, in whole units of `asset`, which is `USDb`. A post without an amount moves all of what is reserved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?$")]
    pub amount: Option<String>,
    /// How much, where it is bitcoin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 9_223_372_036_854_775_807_i64)]
    pub amount_sats: Option<u64>,
    /// The asset: required beside `amount`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<AssetWord>,
    /// What it is for, as the sender numbers it; not zero. A post or void has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub code: Option<u16>,
    /// How long a pending payment stays open: 1 second to 90 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 7_776_000)]
    pub timeout_seconds: Option<u32>,
    /// What is asked for, each word once. `pending`, `post`, `void` and `restore_allowance` exclude each other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<PaymentFlag>,
}

/// An asset, by its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum AssetWord {
    /// The dollar.
    #[serde(rename = "USDb")]
    Usdb,
    /// A claim on bitcoin.
    #[serde(rename = "BTC")]
    Btc,
}

/// What a payment asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentFlag {
    /// Succeeds or fails together with the next one.
    Linked,
    /// Reserves the amount until it is posted, voided or expires.
    Pending,
    /// Moves all or a part of what a pending payment reserved.
    Post,
    /// Releases what a pending payment reserved.
    Void,
    /// A refund: gives the amount back to the payee's allowance.
    RestoreAllowance,
}

/// What became of the payments of a batch. Each has a status of its own: the answer is 200 also where all of them
/// were refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "object": "payment_batch", "livemode": false, "sequence": 4711, "executed_at": "2026-12-01T09:30:00.000Z",
    "results": [
        { "id": "019d2a00-0000-7000-8000-000000000001", "status": "accepted", "code": 0, "outcome": "accepted",
          "outcome_code": 0, "sequence": 4711, "position": "4939841536", "amount": "12.50", "amount_sats": null,
          "asset": "USDb" },
        { "id": "019d2a00-0000-7000-8000-000000000002", "status": "debits_would_exceed_credits", "code": 80,
          "outcome": "debits_would_exceed_credits", "outcome_code": 80, "sequence": 4711,
          "position": "4939841537", "amount": null, "amount_sats": null, "asset": null }
    ]
}))]
pub struct PaymentBatchResult {
    /// Always `payment_batch`.
    pub object: String,
    /// True only on mainnet.
    pub livemode: bool,
    /// The ledger's entry that holds for this answer.
    pub sequence: u64,
    /// The time of that entry (RFC 3339 UTC).
    #[schema(format = DateTime)]
    pub executed_at: String,
    /// One for each payment, in their order.
    pub results: Vec<PaymentResult>,
}

/// What became of one payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PaymentResult {
    /// The id of the payment.
    pub id: UuidText,
    /// What this request is answered now: `accepted`, `exists`, or why not.
    pub status: String,
    /// The number of the status.
    pub code: u16,
    /// What became of the id, for ever: with `exists`, the first outcome. `null` when the id is not used up, or is
    /// known with other members.
    pub outcome: Option<String>,
    /// The number of the outcome.
    pub outcome_code: Option<u16>,
    /// The ledger's entry in which the outcome stands.
    pub sequence: Option<u64>,
    /// Where the outcome stands in the journal, as a decimal number of up to 64 bits.
    pub position: Option<String>,
    /// Moved or reserved, where it is `USDb`.
    pub amount: Option<String>,
    /// Moved or reserved, where it is bitcoin.
    pub amount_sats: Option<u64>,
    /// The asset of what was moved or reserved.
    pub asset: Option<AssetWord>,
}
