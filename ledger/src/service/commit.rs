//! The third stage: makes entries durable, and only then lets anybody know of them.

use std::sync::Arc;

use super::arrival::ReplyTo;
use super::board::Board;
use super::executed::{Answered, Executed, ReadJob, Seen, StateRootAt};
use super::service_error::ServiceError;
use crate::handle::{Answer, ProvedAccount};
use crate::journal::{ArchivedSegment, EntryBuffer, EntryHash, EntryHeader, Journal, PreparedSegment};

/// The owner of the journal.
#[derive(Debug)]
pub(super) struct Commit {
    journal: Journal,
    board: Arc<Board>,
}

/// What a group left to do once it was durable.
#[derive(Debug, Default)]
pub(super) struct Committed {
    /// Buffers to be used again.
    pub(super) buffers: Vec<EntryBuffer>,
    /// Reads that need the journal.
    pub(super) jobs: Vec<(ReadJob, ReplyTo)>,
}

impl Commit {
    pub(super) const fn new(journal: Journal, board: Arc<Board>) -> Self {
        Self { journal, board }
    }

    /// Appends a group of entries, flushes once and answers.
    pub(super) fn commit(&mut self, group: Vec<Executed>) -> Result<Committed, ServiceError> {
        let mut committed = Committed::default();
        let mut watch = self.board.figures().watch();
        let mut written = Vec::with_capacity(group.len());
        for mut executed in group {
            let entry = executed.entry.take();
            let header = entry.map(|(fields, mut buffer)| {
                let header = self.journal.append(fields, &mut buffer);
                committed.buffers.push(buffer);
                header
            });
            written.push((executed, header.transpose()?));
        }
        watch.lap(|stages| &mut stages.append);
        if self.journal.last_sequence() > self.journal.flushed_through() {
            self.journal.flush()?;
            let bytes =
                written.iter().filter_map(|(_, header)| header.as_ref()).map(EntryHeader::padded_length);
            self.board.figures().flushed(bytes.fold(0, u64::saturating_add));
        }
        watch.lap(|stages| &mut stages.flush);
        for (executed, header) in written {
            self.board.publish(&executed.after, header.map(|header| header.hash));
            answer(executed, header, &mut committed);
        }
        watch.lap(|stages| &mut stages.answer);
        Ok(committed)
    }

    /// The last durable entry.
    #[cfg(test)]
    pub(super) fn flushed_through(&self) -> u64 {
        self.journal.flushed_through()
    }

    /// The sealed segments whose files are not used again yet, oldest first.
    pub(super) fn recyclable(&self) -> Vec<ArchivedSegment> {
        self.journal.recyclable()
    }

    /// Whether the next segment should be prepared.
    pub(super) fn needs_segment(&self) -> bool {
        self.journal.ready_segments() == 0
    }

    pub(super) fn adopt(&mut self, prepared: PreparedSegment) -> Result<(), ServiceError> {
        Ok(self.journal.adopt(prepared)?)
    }

    pub(super) fn recycle(&mut self, segment: &ArchivedSegment) -> Result<(), ServiceError> {
        Ok(self.journal.recycle(segment)?)
    }

    /// Ends the journal cleanly.
    pub(super) fn close(self, timestamp: u64, root: StateRootAt) -> Result<EntryHash, ServiceError> {
        let hash = self.journal.last_hash();
        self.journal.close(timestamp, root.root, root.sequence)?;
        Ok(hash)
    }
}

/// Answers what is durable now. Somebody who does not wait any more is told nothing.
fn answer(executed: Executed, header: Option<EntryHeader>, committed: &mut Committed) {
    if let Some(answered) = executed.answered {
        answer_submissions(answered, (executed.after.sequence, executed.after.timestamp));
    }
    for (seen, reply) in executed.reads {
        match seen {
            Seen::Answer(answer) => tell(reply, answer),
            Seen::Job(job) => committed.jobs.push((job, reply)),
        }
    }
    for (proved, reply) in executed.proofs {
        let Some(carried_by) = header else { continue };
        let (account, proof, sequence) = (proved.account, proved.proof, proved.sequence);
        let proved = ProvedAccount { account, proof, sequence, carried_by };
        tell(reply, Answer::Proved(Some(Box::new(proved))));
    }
}

fn answer_submissions(answered: Answered, (sequence, timestamp): (u64, u64)) {
    let mut replies = answered.outcome.result(&answered.requests).replies.into_iter();
    for (count, reply) in answered.submissions {
        let replies = replies.by_ref().take(count).collect();
        tell(reply, Answer::Submitted { sequence, timestamp, replies });
    }
}

fn tell(reply: ReplyTo, answer: Answer) {
    // The asker may have gone; what was executed stays so, and its ids say what became of it.
    drop(reply.send(Ok(answer)));
}
