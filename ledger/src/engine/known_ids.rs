//! What is known of the ids of a batch from earlier entries: handed in with the batch, so that execution never waits
//! for the disk.
//!
//! Contract: of every transfer in the batch its `id`, and the `pending_id` of every post and void, is here if an
//! earlier entry used it up, with the end it had before this entry. A `pending_id` may be left out if
//! [`super::Engine::is_open`] says that it is open. Ids that are not asked for do no harm.

use crate::{KnownTransfer, TransferId};

/// Transfers of earlier entries, by id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownIds {
    /// In the order of their ids.
    transfers: Vec<KnownTransfer>,
}

impl KnownIds {
    /// Nothing is known: every id is new.
    #[must_use]
    pub const fn none() -> Self {
        Self { transfers: Vec::new() }
    }

    /// These are known, in any order, each at most once.
    #[must_use]
    pub fn new(mut transfers: Vec<KnownTransfer>) -> Self {
        transfers.sort_unstable_by_key(|known| known.transfer.id);
        Self { transfers }
    }

    /// Whether nothing is known.
    #[inline]
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.transfers.is_empty()
    }

    /// What is known of an id.
    #[inline]
    #[must_use]
    pub fn get(&self, id: TransferId) -> Option<&KnownTransfer> {
        let place = self.transfers.binary_search_by_key(&id, |known| known.transfer.id).ok()?;
        self.transfers.get(place)
    }
}
