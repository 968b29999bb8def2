//! Every id that was used up so far, each once and for ever, with where and how it ended.

use super::difference::{At, DifferenceKind, place};
use super::verify_error::{VerifyError, of_ids};
use crate::engine::Engine;
use crate::id_index::{HashKey, IdRecord, RecentIds};
use crate::journal::JournalReader;
use crate::service::{IdChange, for_each_recorded, known_at};
use crate::{Entry, KnownTransfer, RecordedTransfer};

use super::compare::transfers_of;
use crate::engine::KnownIds;

/// The ids of all entries executed again.
#[derive(Debug)]
pub(super) struct UsedIds {
    ids: RecentIds,
    /// The ids of one entry, and what is known of them.
    asked: Vec<u128>,
    found: Vec<Option<IdRecord>>,
}

impl UsedIds {
    pub(super) fn new(key: HashKey) -> Self {
        Self { ids: RecentIds::new(key), asked: Vec::new(), found: Vec::new() }
    }

    /// What is remembered of an id.
    pub(super) fn get(&self, id: u128) -> Option<IdRecord> {
        self.ids.get(id)
    }

    /// How many ids were used up.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// No earlier entry may have used up an id of this one. Whether it uses one twice itself shows when it is
    /// executed.
    pub(super) fn check_new(&mut self, entry: &Entry) -> Result<(), VerifyError> {
        self.asked.clear();
        self.asked.extend(transfers_of(entry).map(|recorded| recorded.transfer.id.0));
        self.found.clear();
        self.ids.get_many(&self.asked, &mut self.found);
        let first_index = entry.expired.len();
        let known = self.found.iter().enumerate().find_map(|(index, found)| Some((index, (*found)?)));
        let Some((index, known)) = known else { return Ok(()) };
        let index = crate::disk::to_u64(first_index.saturating_add(index));
        let found = format!("{:032x}, which was used at {}", known.id, place(known.position));
        Err(At::index(entry.sequence, index, DifferenceKind::Id).differs("an id that was never used", found))
    }

    /// What earlier entries know of the pending transfers that this entry names and that are not open any more.
    pub(super) fn known(
        &self,
        entry: &Entry,
        engine: &Engine,
        reader: &mut JournalReader,
    ) -> Result<KnownIds, VerifyError> {
        let mut known: Vec<KnownTransfer> = Vec::new();
        for RecordedTransfer { transfer, .. } in transfers_of(entry) {
            if !transfer.ends_pending() || engine.is_open(transfer.pending_id) {
                continue;
            }
            if let Some(record) = self.ids.get(transfer.pending_id.0) {
                let at = At::position(record.position, DifferenceKind::Body);
                known.push(
                    known_at(reader, &record).map_err(|error| super::verify_error::of_service(at, error))?,
                );
            }
        }
        known.sort_unstable_by_key(|one| one.transfer.id);
        known.dedup_by_key(|one| one.transfer.id);
        Ok(KnownIds::new(known))
    }

    /// Remembers what an entry used up and ended.
    pub(super) fn remember(&mut self, entry: &Entry) -> Result<(), VerifyError> {
        let ids = &mut self.ids;
        for_each_recorded(entry, |change| match change {
            IdChange::Used(record) => ids.insert(record),
            IdChange::Ended(record) => ids.mark_end(record),
        })
        .map_err(of_ids)
    }
}
