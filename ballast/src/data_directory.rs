//! The folder that holds everything this process keeps on disk, claimed by one process at a time.

use crate::Failure;
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

const LOCK_FILE: &str = "ballast.lock";

/// A claim on the data directory, given up when it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct DataDirectory {
    path: PathBuf,
    created: bool,
    _lock: File,
}

impl DataDirectory {
    /// Makes the folder when it is missing (not its parents, whose names may be misspelt), readable by its
    /// owner only, and claims it.
    pub(crate) fn claim(path: &Path) -> Result<Self, Failure> {
        let refuse = |why: &dyn std::fmt::Display| {
            let path = path.display();
            Failure::setup(format!(
                "data directory {path}: {why}; choose another with data_dir or --data-dir"
            ))
        };
        let created = create(path).map_err(|error| refuse(&error))?;
        let lock = File::options().create(true).truncate(false).write(true).open(path.join(LOCK_FILE));
        let lock = lock.map_err(|error| refuse(&error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), created, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(refuse(&"another ballast process uses it")),
            Err(TryLockError::Error(error)) => Err(refuse(&error)),
        }
    }

    /// Takes back what [`DataDirectory::claim`] made, for a start that failed after it. A folder that holds
    /// anything else stays.
    pub(crate) fn abandon(self) {
        let undo = || fs::remove_file(self.path.join(LOCK_FILE)).and_then(|()| fs::remove_dir(&self.path));
        if self.created
            && let Err(error) = undo()
        {
            tracing::debug!(%error, path = %self.path.display(), "the new data directory stays");
        }
    }
}

fn create(path: &Path) -> io::Result<bool> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn one_claim_at_a_time() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        let first = DataDirectory::claim(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        let second = DataDirectory::claim(&path).unwrap_err();
        assert!(second.to_string().contains("another ballast process"), "{second}");
        drop(first);
        assert!(DataDirectory::claim(&path).is_ok());
    }

    #[test]
    fn a_failed_start_leaves_nothing_behind_and_takes_nothing_away() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        DataDirectory::claim(&path).unwrap().abandon();
        assert!(!path.exists());
        let claim = DataDirectory::claim(&path).unwrap();
        fs::write(path.join("kept"), "x").unwrap();
        claim.abandon();
        assert!(path.join("kept").exists());
        DataDirectory::claim(&path).unwrap().abandon();
        assert!(path.join("kept").exists(), "a folder that was there before is not removed");
    }

    #[test]
    fn unusable_paths_are_named() {
        let parent = tempfile::tempdir().unwrap();
        let file = parent.path().join("file");
        fs::write(&file, "x").unwrap();
        for path in [file.clone(), file.join("below"), parent.path().join("no/parent"), PathBuf::from("")] {
            let error = DataDirectory::claim(&path).unwrap_err();
            assert!(error.to_string().starts_with("data directory"), "{error}");
            assert_eq!(error.exit_code(), 2);
        }
    }
}
