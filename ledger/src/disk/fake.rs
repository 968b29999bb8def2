//! A disk in memory that forgets, fails and fills up, always in the same way for the same seed.
//!
//! What was written but not flushed is lost or kept in a crash page by page, in any combination and any
//! earlier version of a page; so are names that were not flushed with their folder. A failed flush behaves as
//! a kernel's does: reads go on showing what was written, the next flush reports success, and the pages are
//! not on the disk.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::fake_state::FakeState;
use super::{Disk, DiskError, DiskFile, DiskOperation};

/// A seeded disk for tests. Clones are the same disk.
#[derive(Debug, Clone)]
pub struct FakeDisk {
    state: Arc<Mutex<FakeState>>,
}

impl FakeDisk {
    /// An empty disk whose losses follow from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: Arc::new(Mutex::new(FakeState::new(seed))) }
    }

    /// Lets the disk hold at most this many bytes; a write that needs more fails.
    pub fn set_capacity(&self, bytes: usize) {
        self.state().capacity = Some(bytes);
    }

    /// Makes the `nth` operation of this kind from now fail once; the first is 1.
    pub fn fail_nth(&self, operation: DiskOperation, nth: u64) {
        self.state().failure = Some((operation, nth));
    }

    /// Cuts the power in the `nth` change from now, of whatever kind: that one happens in part, and nothing
    /// works until [`FakeDisk::crash`]. The first is 1.
    pub fn cut_power_at(&self, nth: u64) {
        self.state().power_cut = Some(nth);
    }

    /// Loses what a crash can lose and forgets all open files and all faults.
    pub fn crash(&self) {
        self.state().crash();
    }

    /// Changes made so far: creations, writes, flushes, renames, removals.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.state().changes
    }

    /// The bytes of a file as a read would show them.
    #[must_use]
    pub fn contents(&self, path: &str) -> Option<Vec<u8>> {
        self.state().contents(path)
    }

    /// Replaces the bytes of a file, on the disk itself, as decay or a hostile hand would.
    pub fn replace(&self, path: &str, bytes: Vec<u8>) {
        self.state().replace(path, bytes);
    }

    fn state(&self) -> MutexGuard<'_, FakeState> {
        // A test that panicked while it held the lock left no half-made change that matters here.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self, path: &str, inode: usize, power_on: u64) -> Arc<dyn DiskFile> {
        Arc::new(FakeFile { disk: self.clone(), path: path.to_owned(), inode, power_on })
    }
}

impl Disk for FakeDisk {
    fn create_folder(&self, folder: &str) -> Result<(), DiskError> {
        self.state().alive(DiskOperation::Create, folder)
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, DiskError> {
        let state = self.state();
        state.alive(DiskOperation::Open, folder)?;
        Ok(state.list(folder))
    }

    fn create(&self, path: &str) -> Result<Arc<dyn DiskFile>, DiskError> {
        let mut state = self.state();
        let inode = state.create(path)?;
        Ok(self.file(path, inode, state.power_on))
    }

    fn open(&self, path: &str) -> Result<Arc<dyn DiskFile>, DiskError> {
        let state = self.state();
        let inode = state.inode_of(DiskOperation::Open, path)?;
        Ok(self.file(path, inode, state.power_on))
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), DiskError> {
        self.state().rename(from, to)
    }

    fn remove(&self, path: &str) -> Result<(), DiskError> {
        self.state().remove(path)
    }

    fn flush_folder(&self, folder: &str) -> Result<(), DiskError> {
        self.state().flush_folder(folder)
    }
}

#[derive(Debug)]
struct FakeFile {
    disk: FakeDisk,
    path: String,
    inode: usize,
    /// The power-on it was opened in; a crash closes every file.
    power_on: u64,
}

impl FakeFile {
    fn with_state<T>(
        &self,
        operation: DiskOperation,
        act: impl FnOnce(&mut FakeState) -> Result<T, DiskError>,
    ) -> Result<T, DiskError> {
        let mut state = self.disk.state();
        state.alive_since(self.power_on, operation, &self.path)?;
        act(&mut state)
    }
}

impl DiskFile for FakeFile {
    fn length(&self) -> Result<u64, DiskError> {
        self.with_state(DiskOperation::Read, |state| Ok(state.length(self.inode)))
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), DiskError> {
        self.with_state(DiskOperation::Write, |state| state.write(self.inode, &self.path, offset, bytes))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), DiskError> {
        self.with_state(DiskOperation::Read, |state| state.read(self.inode, &self.path, offset, buffer))
    }

    fn flush(&self) -> Result<(), DiskError> {
        self.with_state(DiskOperation::Flush, |state| state.flush(self.inode, &self.path))
    }
}
