//! The operating system's files.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Disk, DiskError, DiskFile, DiskOperation};

/// The file whose lock says that a process has the ledger open.
const LOCK_NAME: &str = "lock";

/// A folder of the file system, locked for this process while the value lives.
#[derive(Debug)]
pub struct RealDisk {
    root: PathBuf,
    /// Whether files are opened for writing, too.
    writable: bool,
    /// Dropping the file gives the lock back, and so does the end of the process.
    _lock: Option<File>,
}

impl RealDisk {
    /// Opens the folder, which must exist; one that another process has open is refused.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, DiskError> {
        let root = root.into();
        let lock = lock_folder(&root).map_err(|source| failed(DiskOperation::Open, LOCK_NAME, source))?;
        Ok(Self { root, writable: true, _lock: Some(lock) })
    }

    /// Opens the folder for reading and makes nothing in it, also no lock: one without a lock was never opened, or
    /// is a copy. One that another process has open is refused.
    pub(super) fn open_unchanged(root: impl Into<PathBuf>) -> Result<Self, DiskError> {
        let root = root.into();
        let refused = |source| failed(DiskOperation::Open, &root.display().to_string(), source);
        if !fs::metadata(&root).map_err(refused)?.is_dir() {
            return Err(refused(io::ErrorKind::NotADirectory.into()));
        }
        let lock = match File::open(root.join(LOCK_NAME)) {
            Ok(lock) => Some(lock),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(DiskOperation::Open, LOCK_NAME, error)),
        };
        if let Some(lock) = &lock {
            take_lock(lock).map_err(|source| failed(DiskOperation::Open, LOCK_NAME, source))?;
        }
        Ok(Self { root, writable: false, _lock: lock })
    }

    fn full_path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }
}

fn lock_folder(root: &Path) -> io::Result<File> {
    let lock =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(root.join(LOCK_NAME))?;
    take_lock(&lock)?;
    Ok(lock)
}

fn take_lock(lock: &File) -> io::Result<()> {
    match lock.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::Error(source)) => Err(source),
        Err(TryLockError::WouldBlock) => {
            Err(io::Error::new(io::ErrorKind::ResourceBusy, "another process has this ledger open"))
        }
    }
}

fn failed(operation: DiskOperation, path: &str, source: io::Error) -> DiskError {
    DiskError::new(operation, path, source)
}

impl Disk for RealDisk {
    fn create_folder(&self, folder: &str) -> Result<(), DiskError> {
        fs::create_dir_all(self.full_path(folder))
            .and_then(|()| File::open(&self.root)?.sync_all())
            .map_err(|source| failed(DiskOperation::Create, folder, source))
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, DiskError> {
        let names = || -> io::Result<Vec<String>> {
            let mut names = Vec::new();
            for file in fs::read_dir(self.full_path(folder))? {
                let name = file?.file_name().into_string();
                names.push(name.map_err(|_| io::Error::other("a file name is not UTF-8"))?);
            }
            names.sort_unstable();
            Ok(names)
        };
        names().map_err(|source| failed(DiskOperation::Open, folder, source))
    }

    fn create(&self, path: &str) -> Result<Arc<dyn DiskFile>, DiskError> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(self.full_path(path));
        let file = file.map_err(|source| failed(DiskOperation::Create, path, source))?;
        Ok(Arc::new(RealFile { file, path: path.to_owned() }))
    }

    fn open(&self, path: &str) -> Result<Arc<dyn DiskFile>, DiskError> {
        let file = OpenOptions::new().read(true).write(self.writable).open(self.full_path(path));
        let file = file.map_err(|source| failed(DiskOperation::Open, path, source))?;
        Ok(Arc::new(RealFile { file, path: path.to_owned() }))
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), DiskError> {
        fs::rename(self.full_path(from), self.full_path(to))
            .map_err(|source| failed(DiskOperation::Rename, from, source))
    }

    fn remove(&self, path: &str) -> Result<(), DiskError> {
        fs::remove_file(self.full_path(path)).map_err(|source| failed(DiskOperation::Remove, path, source))
    }

    fn flush_folder(&self, folder: &str) -> Result<(), DiskError> {
        File::open(self.full_path(folder))
            .and_then(|opened| opened.sync_all())
            .map_err(|source| failed(DiskOperation::FlushFolder, folder, source))
    }
}

#[derive(Debug)]
struct RealFile {
    file: File,
    path: String,
}

impl DiskFile for RealFile {
    fn length(&self) -> Result<u64, DiskError> {
        let metadata = self.file.metadata();
        Ok(metadata.map_err(|source| failed(DiskOperation::Read, &self.path, source))?.len())
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), DiskError> {
        self.file
            .write_all_at(bytes, offset)
            .map_err(|source| failed(DiskOperation::Write, &self.path, source))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), DiskError> {
        self.file
            .read_exact_at(buffer, offset)
            .map_err(|source| failed(DiskOperation::Read, &self.path, source))
    }

    fn flush(&self) -> Result<(), DiskError> {
        self.file.sync_data().map_err(|source| failed(DiskOperation::Flush, &self.path, source))
    }
}
