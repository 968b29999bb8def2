//! A batch of the holder of a registered key.

use super::signed::check_count;
use super::{BatchRefusal, OwnTransfers};
use api_types::TransferRecord;
use bytes::Bytes;
use ledger::{AccountId, Transfer};
use uuid::Uuid;

/// The body of a batch, and the account whose key vouched for it.
#[derive(Debug, Clone)]
pub struct AuthenticBatch {
    account: AccountId,
    count: u32,
    body: Bytes,
}

impl AuthenticBatch {
    pub(super) const fn new(account: Uuid, count: u32, body: Bytes) -> Self {
        Self { account: AccountId(account.as_u128()), count, body }
    }

    /// The account.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// The signed bytes behind the header.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The transfers of a binary batch.
    #[must_use]
    pub fn records(&self) -> Vec<Transfer> {
        let (records, _) = self.body.as_chunks::<{ TransferRecord::BYTES }>();
        records.iter().map(Transfer::decode).collect()
    }

    /// These transfers, which are all that the body holds, if the account may ask for each of them.
    ///
    /// # Errors
    /// [`BatchRefusal::Count`] when the header says another number, [`BatchRefusal::OtherAccount`] for the first
    /// transfer that is not the account's.
    pub fn own(&self, transfers: Vec<Transfer>, most: usize) -> Result<OwnTransfers, BatchRefusal> {
        check_count(self.count, transfers.len(), most)?;
        OwnTransfers::check(self.account, transfers)
    }
}
