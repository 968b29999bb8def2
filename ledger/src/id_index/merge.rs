//! Merging sorted runs into one, a page of each in memory.

use std::sync::Arc;

use super::id_filter::IdFilter;
use super::id_hash::HashKey;
use super::id_index_error::IdIndexError;
use super::id_record::{IdRecord, RunFamily};
use super::run::{Run, RunReader};
use super::run_writer::RunWriter;
use crate::disk::Disk;

/// Merges runs, oldest first, into a new run. Of an id in several runs the newest record counts.
pub(super) fn merge_runs(
    disk: &Arc<dyn Disk>,
    number: u64,
    family: RunFamily,
    filter_key: HashKey,
    runs: &[Arc<Run>],
) -> Result<(Run, IdFilter), IdIndexError> {
    let count_max = runs.iter().fold(0_u64, |sum, run| sum.saturating_add(run.count()));
    let mut writer = RunWriter::create(disk, number, family, count_max, filter_key)?;
    let mut streams: Vec<RunStream<'_>> = Vec::with_capacity(runs.len());
    for run in runs {
        streams.push(RunStream::open(run)?);
    }
    while let Some(id) = streams.iter().filter_map(|stream| stream.head).map(|head| head.id).min() {
        let mut newest = None;
        for stream in &mut streams {
            if stream.head.is_some_and(|head| head.id == id) {
                newest = stream.take()?;
            }
        }
        if let Some(record) = newest {
            writer.push(record)?;
        }
    }
    writer.finish()
}

/// The records of a run in order.
pub(crate) struct RunStream<'a> {
    reader: RunReader<'a>,
    pages: u64,
    page: u64,
    index: usize,
    pub(crate) head: Option<IdRecord>,
}

impl<'a> RunStream<'a> {
    pub(crate) fn open(run: &'a Run) -> Result<Self, IdIndexError> {
        let reader = RunReader::new(run);
        let mut stream = Self { reader, pages: run.pages(), page: 0, index: 0, head: None };
        stream.advance()?;
        Ok(stream)
    }

    /// The record at the head; the next one becomes the head.
    pub(crate) fn take(&mut self) -> Result<Option<IdRecord>, IdIndexError> {
        let head = self.head;
        self.advance()?;
        Ok(head)
    }

    fn advance(&mut self) -> Result<(), IdIndexError> {
        self.head = None;
        while self.page < self.pages {
            if let Some(record) = self.reader.page(self.page)?.get(self.index) {
                self.head = Some(*record);
                self.index = self.index.saturating_add(1);
                return Ok(());
            }
            (self.page, self.index) = (self.page.saturating_add(1), 0);
        }
        Ok(())
    }
}
