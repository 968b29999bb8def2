//! A batch that is well formed. Nobody has vouched for it yet.

use super::{AuthenticBatch, BatchRefusal};
use crate::integrator_keys::IntegratorKey;
use crate::limits;
use api_types::{BatchDomain, BatchHeader, BatchKind, TransferRecord};
use bytes::Bytes;
use std::ops::RangeInclusive;
use std::time::Duration;
use uuid::Uuid;

/// A header, what is said to be its signature, and the body.
#[derive(Debug, Clone)]
pub struct SignedBatch {
    header: BatchHeader,
    signature: [u8; 64],
    body: Bytes,
}

impl SignedBatch {
    /// Reads a binary batch: the header record, then those of the transfers.
    ///
    /// # Errors
    /// [`BatchRefusal`] when it has another form.
    pub fn of_transfers(mut bytes: Bytes) -> Result<Self, BatchRefusal> {
        let length = BatchRefusal::Length { bytes: bytes.len() };
        let record = *bytes.first_chunk::<{ BatchHeader::BYTES }>().ok_or(length)?;
        let body = bytes.split_off(BatchHeader::BYTES);
        let (records, rest) = body.as_chunks::<{ TransferRecord::BYTES }>();
        if !rest.is_empty() {
            return Err(length);
        }
        let held = records.len();
        let batch = Self::with_header(&record, BatchKind::Transfers, body)?;
        check_count(batch.header.count, held, limits::BATCH_TRANSFERS)?;
        Ok(batch)
    }

    /// Takes a batch in JSON: the header record from its field, the body unread.
    ///
    /// # Errors
    /// [`BatchRefusal`] when the header is not one of such a batch.
    pub fn of_payments(header: &str, body: Bytes) -> Result<Self, BatchRefusal> {
        let record = BatchHeader::from_text(header)?;
        let batch = Self::with_header(&record, BatchKind::Payments, body)?;
        // What the body holds is counted when it is read; a count out of bounds need not wait for that.
        let said = usize::try_from(batch.header.count).unwrap_or(usize::MAX);
        check_count(batch.header.count, said, limits::BATCH_PAYMENTS)?;
        Ok(batch)
    }

    fn with_header(
        record: &[u8; BatchHeader::BYTES],
        kind: BatchKind,
        body: Bytes,
    ) -> Result<Self, BatchRefusal> {
        let (header, signature) = BatchHeader::decode(record)?;
        if header.kind != kind {
            return Err(BatchRefusal::OtherKind);
        }
        Ok(Self { header, signature, body })
    }

    /// The account whose money it says it moves.
    #[must_use]
    pub const fn account(&self) -> Uuid {
        self.header.account
    }

    /// The id of the key that it says has signed.
    #[must_use]
    pub const fn key(&self) -> Uuid {
        self.header.key
    }

    /// The length of its body.
    #[must_use]
    pub fn body_bytes(&self) -> usize {
        self.body.len()
    }

    /// Whether it was made near this time, in microseconds UTC.
    ///
    /// # Errors
    /// [`BatchRefusal::TooOld`] or [`BatchRefusal::InFuture`].
    pub fn check_time(&self, now: u64) -> Result<(), BatchRefusal> {
        let age = Duration::from_micros(now.saturating_sub(self.header.made_at));
        let ahead = Duration::from_micros(self.header.made_at.saturating_sub(now));
        if age > limits::BATCH_AGE {
            return Err(BatchRefusal::TooOld { seconds: age.as_secs() });
        }
        if ahead > limits::BATCH_AHEAD {
            return Err(BatchRefusal::InFuture { seconds: ahead.as_secs() });
        }
        Ok(())
    }

    /// Whether it is of the holder of `key`, for the ledger of `domain`.
    ///
    /// # Errors
    /// [`BatchRefusal::UnknownKey`], [`BatchRefusal::KeyRevoked`] or [`BatchRefusal::Signature`].
    pub fn authenticate(
        self,
        key: Option<&IntegratorKey>,
        domain: &BatchDomain,
    ) -> Result<AuthenticBatch, BatchRefusal> {
        let header = self.header;
        let is_named = |key: &&IntegratorKey| (key.account, key.id) == (header.account, header.key);
        let key = key.filter(is_named).ok_or(BatchRefusal::UnknownKey)?;
        if key.revoked_at.is_some() {
            return Err(BatchRefusal::KeyRevoked);
        }
        let digest = header.digest(domain, &self.body);
        if !key.public_key.verifies(&digest, &self.signature) {
            return Err(BatchRefusal::Signature);
        }
        Ok(AuthenticBatch::new(header.account, header.count, self.body))
    }
}

/// Whether a batch holds what its header says, and not too many.
pub(super) fn check_count(said: u32, held: usize, most: usize) -> Result<(), BatchRefusal> {
    let taken: RangeInclusive<usize> = 1..=most;
    if usize::try_from(said) == Ok(held) && taken.contains(&held) {
        return Ok(());
    }
    Err(BatchRefusal::Count { said, held, most })
}
