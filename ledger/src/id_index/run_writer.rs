//! Writing a run, record by record.

use std::mem;
use std::sync::Arc;

use super::id_filter::IdFilter;
use super::id_hash::HashKey;
use super::id_index_error::IdIndexError;
use super::id_record::{IdRecord, RunFamily};
use super::run::{ID_FOLDER, Run, run_name};
use super::run_page::{RECORDS_PER_PAGE, encode_page};
use super::run_trailer::RunTrailer;
use crate::disk::limits::RUN_IDS_MAX;
use crate::disk::{Disk, FileWriter, to_u64};

/// A run under construction. Records come ascending by id.
pub(super) struct RunWriter {
    file: FileWriter,
    number: u64,
    family: RunFamily,
    filter: IdFilter,
    filter_ids: u64,
    filter_key: HashKey,
    starts: Vec<u128>,
    page: Vec<IdRecord>,
    count: u64,
    largest: u128,
}

impl RunWriter {
    /// Begins a run of at most `count_max` records.
    pub(super) fn create(
        disk: &Arc<dyn Disk>,
        number: u64,
        family: RunFamily,
        count_max: u64,
        filter_key: HashKey,
    ) -> Result<Self, IdIndexError> {
        if count_max > RUN_IDS_MAX {
            return Err(IdIndexError::TooManyIds { count: count_max, bound: RUN_IDS_MAX });
        }
        Ok(Self {
            file: FileWriter::create(disk, ID_FOLDER, run_name(number))?,
            number,
            family,
            filter: IdFilter::for_ids(filter_key, count_max),
            filter_ids: count_max,
            filter_key,
            starts: Vec::new(),
            page: Vec::with_capacity(RECORDS_PER_PAGE),
            count: 0,
            largest: 0,
        })
    }

    pub(super) fn push(&mut self, record: IdRecord) -> Result<(), IdIndexError> {
        if self.page.is_empty() {
            self.starts.push(record.id);
        }
        self.filter.insert(record.id);
        self.page.push(record);
        self.count = self.count.saturating_add(1);
        self.largest = record.id;
        if self.page.len() == RECORDS_PER_PAGE { self.write_page() } else { Ok(()) }
    }

    /// Makes the run durable and returns it open, with its filter.
    pub(super) fn finish(mut self) -> Result<(Run, IdFilter), IdIndexError> {
        if !self.page.is_empty() {
            self.write_page()?;
        }
        let starts: Vec<u8> = self.starts.iter().flat_map(|start| start.to_le_bytes()).collect();
        let words: Vec<u8> = self.filter.words().iter().flat_map(|word| word.to_le_bytes()).collect();
        let trailer = RunTrailer {
            family: self.family,
            count: self.count,
            smallest: self.starts.first().copied().unwrap_or(0),
            largest: self.largest,
            filter_ids: self.filter_ids,
            filter_key: self.filter_key,
            starts_hash: *blake3::hash(&starts).as_bytes(),
            filter_hash: *blake3::hash(&words).as_bytes(),
        };
        self.file.append(&starts)?;
        self.file.append(&words)?;
        self.file.append(&trailer.encode())?;
        let file = self.file.commit()?;
        Ok((Run::new(self.number, file, trailer, self.starts), self.filter))
    }

    fn write_page(&mut self) -> Result<(), IdIndexError> {
        let mut records = mem::take(&mut self.page);
        self.file.append(&encode_page(&records))?;
        records.clear();
        self.page = records;
        Ok(())
    }
}

/// Writes sorted records as a run.
pub(super) fn write_run(
    disk: &Arc<dyn Disk>,
    number: u64,
    family: RunFamily,
    filter_key: HashKey,
    records: &[IdRecord],
) -> Result<(Run, IdFilter), IdIndexError> {
    let mut writer = RunWriter::create(disk, number, family, to_u64(records.len()), filter_key)?;
    records.iter().try_for_each(|record| writer.push(*record))?;
    writer.finish()
}
