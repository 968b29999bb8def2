//! A run: ids in order, in one immutable file.

use std::sync::Arc;

use super::id_filter::IdFilter;
use super::id_index_error::IdIndexError;
use super::id_record::{IdRecord, RunFamily};
use super::run_page::decode_page;
use super::run_trailer::{RunTrailer, START_BYTES, TRAILER_BYTES};
use crate::disk::limits::PAGE_BYTES;
use crate::disk::{Disk, DiskFile, to_u64, to_usize};

pub(super) const ID_FOLDER: &str = "ids";
const NAME_PREFIX: &str = "run-";

pub(super) fn run_name(number: u64) -> String {
    format!("{NAME_PREFIX}{number:010}")
}

/// The number in a run's file name.
pub(super) fn run_number(name: &str) -> Option<u64> {
    let number = name.strip_prefix(NAME_PREFIX)?.parse().ok()?;
    (run_name(number) == name).then_some(number)
}

/// An open run: the first id of every page is in memory, 0.8 bits per id.
#[derive(Debug)]
pub(crate) struct Run {
    number: u64,
    file: Arc<dyn DiskFile>,
    trailer: RunTrailer,
    starts: Vec<u128>,
}

impl Run {
    pub(super) fn new(number: u64, file: Arc<dyn DiskFile>, trailer: RunTrailer, starts: Vec<u128>) -> Self {
        Self { number, file, trailer, starts }
    }

    pub(super) fn open(disk: &dyn Disk, number: u64) -> Result<Self, IdIndexError> {
        let malformed = || malformed(number);
        let file = disk.open(&format!("{ID_FOLDER}/{}", run_name(number)))?;
        let length = file.length()?;
        let mut trailer = [0; TRAILER_BYTES];
        file.read_at(length.checked_sub(to_u64(TRAILER_BYTES)).ok_or_else(malformed)?, &mut trailer)?;
        let trailer = RunTrailer::decode(&trailer, length).ok_or_else(malformed)?;
        let mut starts = vec![0; to_usize(trailer.pages()).saturating_mul(START_BYTES)];
        file.read_at(trailer.starts_at(), &mut starts)?;
        if *blake3::hash(&starts).as_bytes() != trailer.starts_hash {
            return Err(malformed());
        }
        let starts = starts.as_chunks::<START_BYTES>().0.iter().map(|start| u128::from_le_bytes(*start));
        Ok(Self { number, file, trailer, starts: starts.collect() })
    }

    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn family(&self) -> RunFamily {
        self.trailer.family
    }

    pub(crate) fn count(&self) -> u64 {
        self.trailer.count
    }

    pub(super) fn pages(&self) -> u64 {
        to_u64(self.starts.len())
    }

    pub(super) fn filter_bytes(&self) -> u64 {
        self.trailer.filter_words().saturating_mul(8)
    }

    pub(super) fn file_bytes(&self) -> u64 {
        self.trailer.file_bytes()
    }

    pub(super) fn starts_bytes(&self) -> u64 {
        self.pages().saturating_mul(to_u64(START_BYTES))
    }

    pub(crate) fn spans(&self, id: u128) -> bool {
        (self.trailer.smallest..=self.trailer.largest).contains(&id)
    }

    pub(crate) fn load_filter(&self) -> Result<IdFilter, IdIndexError> {
        let mut words = vec![0; to_usize(self.filter_bytes())];
        self.file.read_at(self.trailer.filter_at(), &mut words)?;
        if *blake3::hash(&words).as_bytes() != self.trailer.filter_hash {
            return Err(malformed(self.number));
        }
        let words = words.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word)).collect();
        Ok(IdFilter::from_words(self.trailer.filter_key, words))
    }

    /// The page that an id would be in.
    fn page_of(&self, id: u128) -> Option<u64> {
        let page = self.starts.partition_point(|start| *start <= id).checked_sub(1)?;
        Some(to_u64(page))
    }
}

fn malformed(number: u64) -> IdIndexError {
    IdIndexError::Malformed { path: format!("{ID_FOLDER}/{}", run_name(number)) }
}

/// Reads pages of a run and keeps the last one, so that ascending questions read each page once.
pub(crate) struct RunReader<'a> {
    run: &'a Run,
    bytes: Vec<u8>,
    page: Option<u64>,
    records: Vec<IdRecord>,
    pub(super) pages_read: u64,
}

impl<'a> RunReader<'a> {
    pub(crate) fn new(run: &'a Run) -> Self {
        let bytes = vec![0; to_usize(PAGE_BYTES)];
        Self { run, bytes, page: None, records: Vec::new(), pages_read: 0 }
    }

    /// The record of an id, if the run has it.
    pub(crate) fn find(&mut self, id: u128) -> Result<Option<IdRecord>, IdIndexError> {
        let Some(page) = self.run.page_of(id) else { return Ok(None) };
        let records = self.page(page)?;
        let found = records.binary_search_by_key(&id, |record| record.id).ok();
        Ok(found.and_then(|index| records.get(index)).copied())
    }

    /// The records of a page.
    pub(super) fn page(&mut self, page: u64) -> Result<&[IdRecord], IdIndexError> {
        if self.page != Some(page) {
            self.page = None;
            self.run.file.read_at(page.saturating_mul(PAGE_BYTES), &mut self.bytes)?;
            decode_page(&self.bytes, &mut self.records).ok_or_else(|| malformed(self.run.number))?;
            self.page = Some(page);
            self.pages_read = self.pages_read.saturating_add(1);
        }
        Ok(&self.records)
    }
}
