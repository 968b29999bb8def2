//! The first stage: what arrived becomes one entry's work, with everything it needs from the disk.

use std::sync::Arc;

use super::arrival::{Arrival, Read, ReplyTo};
use super::known::{id_of, known_at};
use super::service_error::ServiceError;
use crate::id_index::{SealedBatch, SealedIndex};
use crate::journal::JournalReader;
use crate::{KnownTransfer, Request};

/// The work of one entry, ready to be executed.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    /// All requests, in order.
    pub(super) requests: Vec<Request>,
    /// Who is answered what: the number of requests of each submission, in order.
    pub(super) submissions: Vec<(usize, ReplyTo)>,
    /// Reads, which see the state after the requests.
    pub(super) reads: Vec<(Read, ReplyTo)>,
    /// Every transfer id and pending id among the requests.
    pub(super) ids: Vec<u128>,
    /// What the sealed part of the id index knows of them.
    pub(super) sealed: Vec<KnownTransfer>,
    /// Ids that may be forgotten before this is executed.
    pub(super) forget: Vec<SealedBatch>,
}

/// Prepares entries. It may read the disk; execution never does for this.
#[derive(Debug)]
pub(super) struct Gather {
    index: SealedIndex,
    reader: JournalReader,
}

impl Gather {
    pub(super) const fn new(index: SealedIndex, reader: JournalReader) -> Self {
        Self { index, reader }
    }

    pub(super) fn prepare(&mut self, arrivals: Vec<Arrival>) -> Result<Prepared, ServiceError> {
        let mut prepared = Prepared::default();
        for arrival in arrivals {
            match arrival {
                Arrival::Submission(submission) => {
                    prepared.submissions.push((submission.requests.len(), submission.reply));
                    prepared.requests.extend(submission.requests);
                }
                Arrival::Read { read, reply } => prepared.reads.push((read, reply)),
                Arrival::Forget(batch) => prepared.forget.push(*batch),
            }
        }
        for request in &prepared.requests {
            let Request::Transfers(transfers) = request else { continue };
            for transfer in transfers {
                prepared.ids.push(transfer.id.0);
                prepared.ids.extend(transfer.ends_pending().then_some(transfer.pending_id.0));
            }
        }
        self.look_up_sealed(&mut prepared)?;
        Ok(prepared)
    }

    fn look_up_sealed(&mut self, prepared: &mut Prepared) -> Result<(), ServiceError> {
        let found = self.index.get_many(&prepared.ids)?;
        for record in found.records.into_iter().flatten() {
            prepared.sealed.push(known_at(&mut self.reader, &record)?);
        }
        prepared.sealed.sort_unstable_by_key(id_of);
        prepared.sealed.dedup_by_key(|known| id_of(known));
        Ok(())
    }
}

impl Prepared {
    /// The requests alone, to be shared with the stages behind.
    pub(super) fn take_requests(&mut self) -> Arc<[Request]> {
        std::mem::take(&mut self.requests).into()
    }
}
