//! The threads beside the pipeline: upkeep, the preparer of segments, the readers.

use std::sync::mpsc::Receiver;

use super::arrival::Arrival;
use super::job_queue::JobQueue;
use super::read::Read;
use super::running::{CommitWork, Links};
use super::service_error::ServiceError;
use super::upkeep::Upkeep;
use super::upkeep_desk::{News, UpkeepTask};
use crate::journal::{ArchivedSegment, SegmentPreparer};

pub(super) fn run_upkeep(
    links: &Links,
    mut upkeep: Upkeep,
    recyclable: Vec<ArchivedSegment>,
    from: &Receiver<UpkeepTask>,
) -> Result<(), ServiceError> {
    // A crash may have come between sealing segments and using their files again.
    for segment in recyclable {
        let ids = upkeep.seal_ids(&segment)?;
        links.queue.push_own(Arrival::Forget(Box::new(ids)));
        drop(links.commit.send(CommitWork::Recycle(segment)));
    }
    while let Ok(task) = from.recv() {
        for news in upkeep.step(task)? {
            drop(links.news.send(news));
        }
        let Some(sequence) = upkeep.awaits() else { continue };
        if !links.board.await_flushed(sequence) {
            return Ok(());
        }
        if let Some(sequence) = upkeep.finish_snapshot()? {
            links.board.publish_snapshot(sequence);
            links.board.figures().snapshot_durable();
        }
        seal(links, &mut upkeep)?;
        drop(links.news.send(News::Idle));
    }
    Ok(())
}

/// Seals everything that the newest snapshot covers, unless the ledger is about to stop.
fn seal(links: &Links, upkeep: &mut Upkeep) -> Result<(), ServiceError> {
    while !links.board.has_stopped()
        && let Some(sealed) = upkeep.seal_next()?
    {
        links.board.publish_sealed(sealed.segment.last_sequence());
        links.queue.push_own(Arrival::Forget(Box::new(sealed.ids)));
        drop(links.commit.send(CommitWork::Recycle(sealed.segment)));
        while !links.board.has_stopped() && upkeep.merge_next()? {}
    }
    Ok(())
}

pub(super) fn run_preparer(
    links: &Links,
    preparer: &SegmentPreparer,
    from: &Receiver<()>,
) -> Result<(), ServiceError> {
    while from.recv().is_ok() {
        if links.commit.send(CommitWork::Adopt(preparer.prepare()?)).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

pub(super) fn run_reader(mut read: Read, jobs: &JobQueue) {
    while let Some((job, reply)) = jobs.next() {
        // Whoever does not wait any more is told nothing.
        drop(reply.send(read.perform(job)));
    }
}
