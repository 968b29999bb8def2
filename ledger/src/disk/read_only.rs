//! A disk that is read and never changed: what is written to it stays in memory, and is gone with it.
//!
//! Whatever opens a ledger repairs what a crash left: it cuts a torn tail, removes half-written files, makes a first
//! segment. On this disk all of that happens, and nothing of it reaches the disk beneath, to which no operation but
//! listing, opening and reading is ever sent. Only pages that differ from what is beneath take memory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::limits::PAGE_BYTES;
use super::real::RealDisk;
use super::{Disk, DiskError, DiskFile, DiskOperation, to_u64, to_usize};

static ZERO_PAGE: [u8; 4_096] = [0; 4_096];

/// Reads another disk and keeps changes in memory.
#[derive(Debug)]
pub struct ReadOnlyDisk {
    beneath: Arc<dyn Disk>,
    /// Files that were opened, made, or removed, which is what an empty place says.
    files: Mutex<BTreeMap<String, Option<Named>>>,
}

/// What a name stands for.
#[derive(Debug, Clone)]
struct Named {
    /// The file beneath, under the name it has there; none if it was made here.
    beneath: Option<String>,
    changes: Arc<Mutex<Changes>>,
}

/// What was written to one file.
#[derive(Debug, Default)]
struct Changes {
    /// Page numbers with what they hold now; nothing stands for zeros.
    pages: BTreeMap<u64, Option<Vec<u8>>>,
    /// How long the file became at least.
    length: u64,
}

impl ReadOnlyDisk {
    /// Reads this disk.
    #[must_use]
    pub fn new(beneath: Arc<dyn Disk>) -> Self {
        Self { beneath, files: Mutex::default() }
    }

    /// Reads a folder of the file system, in which not even a lock is made.
    ///
    /// # Errors
    /// A [`DiskError`] if it is no folder, or another process has it open.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, DiskError> {
        Ok(Self::new(Arc::new(RealDisk::open_unchanged(root)?)))
    }

    /// Shows every page of a file that was changed here, as it is beneath.
    pub(crate) fn for_each_changed_page(
        &self,
        path: &str,
        mut see: impl FnMut(&[u8]),
    ) -> Result<(), DiskError> {
        let Some(Some(Named { beneath: Some(beneath), changes })) = self.files().get(path).cloned() else {
            return Ok(());
        };
        let file = self.beneath.open(&beneath)?;
        let length = file.length()?;
        let mut bytes = vec![0; to_usize(PAGE_BYTES)];
        for page in lock(&changes).pages.keys() {
            let start = page.saturating_mul(PAGE_BYTES);
            if start.saturating_add(PAGE_BYTES) <= length {
                file.read_at(start, &mut bytes)?;
                see(&bytes);
            }
        }
        Ok(())
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<String, Option<Named>>> {
        lock(&self.files)
    }

    /// What a name stands for now; it is looked for beneath if nothing was done to it here.
    fn named(
        &self,
        operation: DiskOperation,
        path: &str,
    ) -> Result<(Named, Option<Arc<dyn DiskFile>>), DiskError> {
        let mut files = self.files();
        let named = match files.get(path) {
            Some(Some(named)) => named.clone(),
            Some(None) => return Err(DiskError::missing(operation, path)),
            None => Named { beneath: Some(path.to_owned()), changes: Arc::default() },
        };
        let file = named.beneath.as_deref().map(|beneath| self.beneath.open(beneath)).transpose()?;
        files.insert(path.to_owned(), Some(named.clone()));
        Ok((named, file))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // No change below can panic half-way, so what a poisoned lock guards is whole.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Disk for ReadOnlyDisk {
    fn create_folder(&self, _folder: &str) -> Result<(), DiskError> {
        Ok(())
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, DiskError> {
        let beneath = match self.beneath.list(folder) {
            Err(error) if error.is_missing() => Vec::new(),
            listed => listed?,
        };
        let mut names: BTreeSet<String> = beneath.into_iter().collect();
        for (path, named) in &*self.files() {
            let Some(name) = path.split_once('/').filter(|(parent, _)| *parent == folder) else { continue };
            if named.is_some() {
                names.insert(name.1.to_owned());
            } else {
                names.remove(name.1);
            }
        }
        Ok(names.into_iter().collect())
    }

    fn create(&self, path: &str) -> Result<Arc<dyn DiskFile>, DiskError> {
        let changes = Arc::default();
        let named = Named { beneath: None, changes: Arc::clone(&changes) };
        self.files().insert(path.to_owned(), Some(named));
        Ok(Arc::new(ReadOnlyFile { path: path.to_owned(), beneath: None, changes }))
    }

    fn open(&self, path: &str) -> Result<Arc<dyn DiskFile>, DiskError> {
        let (named, beneath) = self.named(DiskOperation::Open, path)?;
        Ok(Arc::new(ReadOnlyFile { path: path.to_owned(), beneath, changes: named.changes }))
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), DiskError> {
        let (named, _) = self.named(DiskOperation::Rename, from)?;
        let mut files = self.files();
        files.insert(from.to_owned(), None);
        files.insert(to.to_owned(), Some(named));
        Ok(())
    }

    fn remove(&self, path: &str) -> Result<(), DiskError> {
        self.named(DiskOperation::Remove, path)?;
        self.files().insert(path.to_owned(), None);
        Ok(())
    }

    fn flush_folder(&self, _folder: &str) -> Result<(), DiskError> {
        Ok(())
    }
}

#[derive(Debug)]
struct ReadOnlyFile {
    path: String,
    beneath: Option<Arc<dyn DiskFile>>,
    changes: Arc<Mutex<Changes>>,
}

impl ReadOnlyFile {
    fn length_beneath(&self) -> Result<u64, DiskError> {
        self.beneath.as_ref().map_or(Ok(0), |file| file.length())
    }

    /// What a page holds, with zeros behind the end of the file.
    fn page(&self, changes: &Changes, page: u64) -> Result<Vec<u8>, DiskError> {
        match changes.pages.get(&page) {
            Some(Some(bytes)) => Ok(bytes.clone()),
            Some(None) => Ok(vec![0; to_usize(PAGE_BYTES)]),
            None => {
                let mut bytes = vec![0; to_usize(PAGE_BYTES)];
                self.read_beneath(page.saturating_mul(PAGE_BYTES), &mut bytes)?;
                Ok(bytes)
            }
        }
    }

    /// Fills the buffer as far as the file beneath goes.
    fn read_beneath(&self, offset: u64, buffer: &mut [u8]) -> Result<(), DiskError> {
        let left = to_usize(self.length_beneath()?.saturating_sub(offset)).min(buffer.len());
        match (&self.beneath, buffer.get_mut(..left)) {
            (Some(file), Some(part)) if left > 0 => file.read_at(offset, part),
            _ => Ok(()),
        }
    }
}

impl DiskFile for ReadOnlyFile {
    fn length(&self) -> Result<u64, DiskError> {
        Ok(self.length_beneath()?.max(lock(&self.changes).length))
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), DiskError> {
        let mut changes = lock(&self.changes);
        let end = offset.saturating_add(to_u64(bytes.len()));
        for page in offset / PAGE_BYTES..end.div_ceil(PAGE_BYTES) {
            let start = page.saturating_mul(PAGE_BYTES);
            let before = self.page(&changes, page)?;
            let mut after = before.clone();
            let into = to_usize(offset.saturating_sub(start));
            let from = to_usize(start.saturating_sub(offset));
            let written = bytes.get(from..).unwrap_or_default();
            let places = after.get_mut(into..).unwrap_or_default();
            places.iter_mut().zip(written).for_each(|(place, byte)| *place = *byte);
            if after != before {
                let is_zero = after.iter().all(|byte| *byte == 0);
                changes.pages.insert(page, (!is_zero).then_some(after));
            }
        }
        changes.length = changes.length.max(end);
        Ok(())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), DiskError> {
        let changes = lock(&self.changes);
        if let Some(beneath) = self.beneath.as_ref().filter(|_| changes.length == 0) {
            return beneath.read_at(offset, buffer);
        }
        let end = offset.saturating_add(to_u64(buffer.len()));
        if end > self.length_beneath()?.max(changes.length) {
            return Err(DiskError::missing(DiskOperation::Read, &self.path));
        }
        buffer.fill(0);
        self.read_beneath(offset, buffer)?;
        for (page, bytes) in changes.pages.range(offset / PAGE_BYTES..end.div_ceil(PAGE_BYTES)) {
            let start = page.saturating_mul(PAGE_BYTES);
            let from = to_usize(offset.saturating_sub(start));
            let into = to_usize(start.saturating_sub(offset));
            let now = bytes.as_ref().map_or(&ZERO_PAGE[..], Vec::as_slice).get(from..).unwrap_or_default();
            let places = buffer.get_mut(into..).unwrap_or_default();
            places.iter_mut().zip(now).for_each(|(place, byte)| *place = *byte);
        }
        Ok(())
    }

    fn flush(&self) -> Result<(), DiskError> {
        Ok(())
    }
}
