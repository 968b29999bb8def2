//! What a [`super::FakeDisk`] holds: for every file the bytes on the disk, the bytes a read shows, and each
//! version of each page written since the last flush.

use std::collections::BTreeMap;
use std::io;

use super::limits::PAGE_BYTES;
use super::{DiskError, DiskOperation, to_usize};

#[derive(Debug, Default)]
struct Inode {
    durable: Vec<u8>,
    cached: Vec<u8>,
    /// Page number to its versions since the last flush, oldest first.
    unflushed: BTreeMap<usize, Vec<Vec<u8>>>,
}

/// A change of names that its folder's flush has not made durable.
#[derive(Debug)]
enum NameChange {
    Create { path: String, inode: usize },
    Rename { from: String, to: String, inode: usize },
    Remove { path: String },
}

impl NameChange {
    fn is_in(&self, folder: &str) -> bool {
        let (Self::Create { path, .. } | Self::Rename { from: path, .. } | Self::Remove { path }) = self;
        path.split_once('/').is_some_and(|(parent, _)| parent == folder)
    }

    fn apply(self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Create { path, inode } => {
                names.insert(path, inode);
            }
            Self::Rename { from, to, inode } => {
                names.retain(|path, named| *path != from || *named != inode);
                names.insert(to, inode);
            }
            Self::Remove { path } => {
                names.remove(&path);
            }
        }
    }
}

#[derive(Debug)]
pub(super) struct FakeState {
    random: u64,
    inodes: Vec<Inode>,
    durable_names: BTreeMap<String, usize>,
    names: BTreeMap<String, usize>,
    name_changes: Vec<NameChange>,
    powered: bool,
    pub(super) power_on: u64,
    pub(super) changes: u64,
    pub(super) capacity: Option<usize>,
    pub(super) failure: Option<(DiskOperation, u64)>,
    pub(super) power_cut: Option<u64>,
}

/// What a change meets: it happens, fails, or is the one in which the power goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Happens,
    Fails,
    PowerCut,
}

fn failed(operation: DiskOperation, path: &str, reason: &str) -> DiskError {
    DiskError::new(operation, path, io::Error::other(reason.to_owned()))
}

impl FakeState {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            random: seed,
            inodes: Vec::new(),
            durable_names: BTreeMap::new(),
            names: BTreeMap::new(),
            name_changes: Vec::new(),
            powered: true,
            power_on: 0,
            changes: 0,
            capacity: None,
            failure: None,
            power_cut: None,
        }
    }

    /// The next number of the seed's sequence (SplitMix64).
    fn next_random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn coin(&mut self) -> bool {
        self.next_random() & 1 == 1
    }

    /// A number below `bound`, or zero if there is none.
    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX);
        to_usize(self.next_random().checked_rem(bound).unwrap_or(0))
    }

    pub(super) fn alive(&self, operation: DiskOperation, path: &str) -> Result<(), DiskError> {
        if self.powered { Ok(()) } else { Err(failed(operation, path, "the power is off")) }
    }

    pub(super) fn alive_since(
        &self,
        power_on: u64,
        operation: DiskOperation,
        path: &str,
    ) -> Result<(), DiskError> {
        self.alive(operation, path)?;
        if power_on == self.power_on { Ok(()) } else { Err(failed(operation, path, "the file is closed")) }
    }

    /// Counts a change and says what becomes of it.
    fn fate(&mut self, operation: DiskOperation) -> Fate {
        self.changes = self.changes.saturating_add(1);
        let power_cut = count_down(&mut self.power_cut);
        let fails = match &mut self.failure {
            Some((kind, nth)) if *kind == operation => {
                *nth = nth.saturating_sub(1);
                *nth == 0
            }
            _ => false,
        };
        if power_cut {
            self.powered = false;
            return Fate::PowerCut;
        }
        if fails {
            self.failure = None;
            return Fate::Fails;
        }
        Fate::Happens
    }

    /// For changes that happen or do not: a cut in the middle of one may fall on either side.
    fn whole_change(&mut self, operation: DiskOperation, path: &str) -> Result<bool, DiskError> {
        self.alive(operation, path)?;
        match self.fate(operation) {
            Fate::Happens => Ok(true),
            Fate::Fails => Err(failed(operation, path, "failure asked for by the test")),
            Fate::PowerCut => Ok(self.coin()),
        }
    }

    /// What a change answers at its end: power that went in the middle of it is an error all the same.
    fn conclude(&self, operation: DiskOperation, path: &str) -> Result<(), DiskError> {
        if self.powered { Ok(()) } else { Err(failed(operation, path, "the power was cut")) }
    }

    pub(super) fn list(&self, folder: &str) -> Vec<String> {
        let inside =
            |path: &String| Some(path.split_once('/').filter(|(parent, _)| *parent == folder)?.1.to_owned());
        self.names.keys().filter_map(inside).collect()
    }

    pub(super) fn inode_of(&self, operation: DiskOperation, path: &str) -> Result<usize, DiskError> {
        self.alive(operation, path)?;
        let missing = || DiskError::new(operation, path, io::Error::from(io::ErrorKind::NotFound));
        self.names.get(path).copied().ok_or_else(missing)
    }

    pub(super) fn create(&mut self, path: &str) -> Result<usize, DiskError> {
        if self.names.contains_key(path) {
            return Err(DiskError::new(DiskOperation::Create, path, io::ErrorKind::AlreadyExists.into()));
        }
        let inode = self.inodes.len();
        if self.whole_change(DiskOperation::Create, path)? {
            self.inodes.push(Inode::default());
            self.names.insert(path.to_owned(), inode);
            self.name_changes.push(NameChange::Create { path: path.to_owned(), inode });
        }
        self.conclude(DiskOperation::Create, path)?;
        Ok(inode)
    }

    pub(super) fn rename(&mut self, from: &str, to: &str) -> Result<(), DiskError> {
        let inode = self.inode_of(DiskOperation::Rename, from)?;
        if self.whole_change(DiskOperation::Rename, from)? {
            self.names.remove(from);
            self.names.insert(to.to_owned(), inode);
            self.name_changes.push(NameChange::Rename { from: from.to_owned(), to: to.to_owned(), inode });
        }
        self.conclude(DiskOperation::Rename, from)
    }

    pub(super) fn remove(&mut self, path: &str) -> Result<(), DiskError> {
        self.inode_of(DiskOperation::Remove, path)?;
        if self.whole_change(DiskOperation::Remove, path)? {
            self.names.remove(path);
            self.name_changes.push(NameChange::Remove { path: path.to_owned() });
        }
        self.conclude(DiskOperation::Remove, path)
    }

    pub(super) fn flush_folder(&mut self, folder: &str) -> Result<(), DiskError> {
        if self.whole_change(DiskOperation::FlushFolder, folder)? {
            let changes = std::mem::take(&mut self.name_changes);
            let (flushed, kept) = changes.into_iter().partition(|change| change.is_in(folder));
            self.name_changes = kept;
            let flushed: Vec<NameChange> = flushed;
            flushed.into_iter().for_each(|change| change.apply(&mut self.durable_names));
        }
        self.conclude(DiskOperation::FlushFolder, folder)
    }

    pub(super) fn length(&self, inode: usize) -> u64 {
        let length = self.inodes.get(inode).map_or(0, |inode| inode.cached.len());
        u64::try_from(length).unwrap_or(u64::MAX)
    }

    pub(super) fn read(
        &self,
        inode: usize,
        path: &str,
        offset: u64,
        buffer: &mut [u8],
    ) -> Result<(), DiskError> {
        let start = to_usize(offset);
        let range = start..start.saturating_add(buffer.len());
        let bytes = self.inodes.get(inode).and_then(|inode| inode.cached.get(range));
        let end = || DiskError::new(DiskOperation::Read, path, io::ErrorKind::UnexpectedEof.into());
        buffer.copy_from_slice(bytes.ok_or_else(end)?);
        Ok(())
    }

    pub(super) fn write(
        &mut self,
        inode: usize,
        path: &str,
        offset: u64,
        bytes: &[u8],
    ) -> Result<(), DiskError> {
        let fate = self.fate(DiskOperation::Write);
        let start = to_usize(offset);
        let used = self.names.values().filter_map(|inode| self.inodes.get(*inode));
        let used = used.fold(0_usize, |sum, inode| sum.saturating_add(inode.cached.len()));
        let length = to_usize(self.length(inode));
        let growth = start.saturating_add(bytes.len()).saturating_sub(length);
        if self.capacity.is_some_and(|capacity| used.saturating_add(growth) > capacity) {
            return Err(DiskError::new(DiskOperation::Write, path, io::ErrorKind::StorageFull.into()));
        }
        // A write that does not come to its end has written some beginning.
        let kept = if fate == Fate::Happens { bytes.len() } else { self.below(bytes.len()) };
        if let (Some(inode), Some(bytes)) = (self.inodes.get_mut(inode), bytes.get(..kept)) {
            inode.write(start, bytes);
        }
        if fate == Fate::Fails {
            return Err(failed(DiskOperation::Write, path, "failure asked for by the test"));
        }
        self.conclude(DiskOperation::Write, path)
    }

    pub(super) fn flush(&mut self, inode: usize, path: &str) -> Result<(), DiskError> {
        let fate = self.fate(DiskOperation::Flush);
        if fate == Fate::Happens {
            if let Some(inode) = self.inodes.get_mut(inode) {
                inode.flush();
            }
            return Ok(());
        }
        self.lose_some_pages(inode);
        if fate == Fate::Fails {
            return Err(failed(DiskOperation::Flush, path, "failure asked for by the test"));
        }
        self.conclude(DiskOperation::Flush, path)
    }

    /// Settles each unflushed page: as it was on the disk, or as any of the versions written since.
    fn lose_some_pages(&mut self, inode: usize) {
        let Some(unflushed) = self.inodes.get_mut(inode).map(|inode| std::mem::take(&mut inode.unflushed))
        else {
            return;
        };
        for (page, mut versions) in unflushed {
            let choice = self.below(versions.len().saturating_add(1));
            let kept = choice.checked_sub(1).filter(|_| choice <= versions.len());
            if let (Some(kept), Some(inode)) = (kept, self.inodes.get_mut(inode)) {
                inode.settle(page, &versions.swap_remove(kept));
            }
        }
    }

    pub(super) fn crash(&mut self) {
        for inode in 0..self.inodes.len() {
            self.lose_some_pages(inode);
        }
        for change in std::mem::take(&mut self.name_changes) {
            if self.coin() {
                change.apply(&mut self.durable_names);
            }
        }
        self.names.clone_from(&self.durable_names);
        self.inodes.iter_mut().for_each(|inode| inode.cached.clone_from(&inode.durable));
        self.powered = true;
        self.power_on = self.power_on.saturating_add(1);
        (self.failure, self.power_cut, self.capacity) = (None, None, None);
    }

    pub(super) fn contents(&self, path: &str) -> Option<Vec<u8>> {
        Some(self.inodes.get(*self.names.get(path)?)?.cached.clone())
    }

    pub(super) fn replace(&mut self, path: &str, bytes: Vec<u8>) {
        let inode = self.names.get(path).copied().unwrap_or(self.inodes.len());
        self.names.insert(path.to_owned(), inode);
        self.durable_names.insert(path.to_owned(), inode);
        let replaced = Inode { durable: bytes.clone(), cached: bytes, unflushed: BTreeMap::new() };
        match self.inodes.get_mut(inode) {
            Some(existing) => *existing = replaced,
            None => self.inodes.push(replaced),
        }
    }
}

fn count_down(counter: &mut Option<u64>) -> bool {
    let Some(left) = counter else { return false };
    *left = left.saturating_sub(1);
    *left == 0
}

impl Inode {
    fn write(&mut self, start: usize, bytes: &[u8]) {
        let end = start.saturating_add(bytes.len());
        if self.cached.len() < end {
            self.cached.resize(end, 0);
        }
        if let Some(target) = self.cached.get_mut(start..end) {
            target.copy_from_slice(bytes);
        }
        let page_bytes = to_usize(PAGE_BYTES);
        let first = start.checked_div(page_bytes).unwrap_or(0);
        let pages = self.cached.chunks(page_bytes).enumerate().skip(first);
        for (page, version) in pages.take_while(|(page, _)| page.saturating_mul(page_bytes) < end) {
            self.unflushed.entry(page).or_default().push(version.to_vec());
        }
    }

    /// Only pages written since the last flush reach the disk: one that a failed flush dropped does not.
    fn flush(&mut self) {
        for (page, mut versions) in std::mem::take(&mut self.unflushed) {
            if let Some(newest) = versions.pop() {
                self.settle(page, &newest);
            }
        }
    }

    fn settle(&mut self, page: usize, version: &[u8]) {
        let start = page.saturating_mul(to_usize(PAGE_BYTES));
        let end = start.saturating_add(version.len());
        if self.durable.len() < end {
            self.durable.resize(end, 0);
        }
        if let Some(target) = self.durable.get_mut(start..end) {
            target.copy_from_slice(version);
        }
    }
}
