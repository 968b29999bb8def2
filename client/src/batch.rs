//! Batches of an integrator: building, signing and sending them.
//!
//! What is signed is kept as it is, so that it can be sent again: the ids in it are executed once, for ever, and a
//! second answer says `exists` where the first one was lost.

use crate::{Client, Error, read, success};
use api_types::{
    BatchDomain, BatchHeader, BatchKind, PaymentBatch, PaymentBatchResult, TransferRecord, TransferResult,
};
use ed25519_dalek::{Signature, SignatureError, Signer};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

/// A key that is registered for an account.
#[derive(Debug, Clone)]
pub struct BatchKey<S> {
    /// Whose money it may move.
    pub account: Uuid,
    /// The id under which it is registered.
    pub id: Uuid,
    /// What signs: a `SigningKey`, or a device that holds one.
    pub signer: S,
}

/// A binary batch, ready to be sent, also more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedTransfers(Vec<u8>);

/// A batch in JSON, ready to be sent, also more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedPayments {
    header: String,
    body: Vec<u8>,
}

/// What became of the transfers of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferBatchResult {
    /// The ledger's entry that holds for this answer.
    pub sequence: u64,
    /// One for each transfer, in their order.
    pub results: Vec<TransferResult>,
}

/// Why a batch could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// The signer refused.
    #[error("the key does not sign ({0}); check the device that holds it")]
    Signer(#[from] SignatureError),
    /// The payments cannot be written as JSON, which no value of their types brings about.
    #[error("the payments cannot be written ({0})")]
    Json(#[from] serde_json::Error),
}

impl<S: Signer<Signature>> BatchKey<S> {
    /// Signs transfers for the ledger of `domain`. `made_at` is the time now, in microseconds UTC.
    ///
    /// # Errors
    /// See [`SigningError`].
    pub fn sign_transfers(
        &self,
        domain: &BatchDomain,
        made_at: u64,
        transfers: &[TransferRecord],
    ) -> Result<SignedTransfers, SigningError> {
        let records: Vec<u8> = transfers.iter().flat_map(TransferRecord::encode).collect();
        let header = self.header(BatchKind::Transfers, transfers.len(), made_at);
        let record = self.sign(&header, domain, &records)?;
        Ok(SignedTransfers([record.as_slice(), &records].concat()))
    }

    /// Signs payments for the ledger of `domain`. `made_at` is the time now, in microseconds UTC.
    ///
    /// # Errors
    /// See [`SigningError`].
    pub fn sign_payments(
        &self,
        domain: &BatchDomain,
        made_at: u64,
        batch: &PaymentBatch,
    ) -> Result<SignedPayments, SigningError> {
        let body = serde_json::to_vec(batch)?;
        let header = self.header(BatchKind::Payments, batch.payments.len(), made_at);
        let record = self.sign(&header, domain, &body)?;
        Ok(SignedPayments { header: BatchHeader::to_text(&record), body })
    }

    fn header(&self, kind: BatchKind, count: usize, made_at: u64) -> BatchHeader {
        // More than fit the field are more than the service takes: it refuses the count.
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        BatchHeader { kind, count, account: self.account, key: self.id, made_at }
    }

    fn sign(
        &self,
        header: &BatchHeader,
        domain: &BatchDomain,
        body: &[u8],
    ) -> Result<[u8; BatchHeader::BYTES], SigningError> {
        let signature = self.signer.try_sign(&header.digest(domain, body))?;
        Ok(header.encode(&signature.to_bytes()))
    }
}

impl SignedTransfers {
    /// The body of the request.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl SignedPayments {
    /// The value of the header field [`BatchHeader::FIELD`].
    #[must_use]
    pub fn header(&self) -> &str {
        &self.header
    }

    /// The body of the request.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

impl Client {
    /// The ledger that batches for this service are signed for, from `GET /version`. It never changes: ask once,
    /// over a connection that is trusted.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn batch_domain(&self) -> Result<BatchDomain, Error> {
        let version = self.version().await?;
        Ok(BatchDomain { network: version.network, instance: version.instance.0 })
    }

    /// `POST /v1/transfer-batches`
    ///
    /// # Errors
    /// See [`Error`]. Unless it is a refusal that cannot be tried again, send the same batch once more: what was
    /// executed answers `exists`.
    pub async fn send_transfers(&self, batch: &SignedTransfers) -> Result<TransferBatchResult, Error> {
        let headers =
            HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"))]);
        let (url, response) = self.post("/v1/transfer-batches", headers, batch.0.clone()).await?;
        let sequence = response.headers().get("ballast-sequence").and_then(|value| value.to_str().ok());
        let sequence = sequence.and_then(|text| text.parse().ok());
        let (status, body) = success(&url, response).await?;
        let (records, rest) = body.as_chunks::<{ TransferResult::BYTES }>();
        match sequence.filter(|_| rest.is_empty()) {
            Some(sequence) => Ok(TransferBatchResult {
                sequence,
                results: records.iter().map(TransferResult::decode).collect(),
            }),
            None => {
                let cause = format!("{} bytes are not whole results behind a sequence", body.len());
                Err(Error::Unexpected { url, status, cause })
            }
        }
    }

    /// `POST /v1/payment-batches`
    ///
    /// # Errors
    /// As for [`Client::send_transfers`].
    pub async fn send_payments(&self, batch: &SignedPayments) -> Result<PaymentBatchResult, Error> {
        let mut headers =
            HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        if let Ok(header) = HeaderValue::from_str(&batch.header) {
            headers.insert(HeaderName::from_static(BatchHeader::FIELD), header);
        }
        let (url, response) = self.post("/v1/payment-batches", headers, batch.body.clone()).await?;
        read(url, response).await
    }
}
