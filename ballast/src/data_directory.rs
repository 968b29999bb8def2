//! The folder that holds everything this process keeps on disk, claimed by one process at a time.
//!
//! Invariant: a start that fails after the claim can take back everything it made, and nothing else.

use crate::Failure;
use nix::fcntl::OFlag;
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use store::DATABASE_FILE;

const LOCK_FILE: &str = "ballast.lock";

/// The folder with everything of the ledger.
pub(crate) const LEDGER_FOLDER: &str = "ledger";

/// A claim on the data directory, given up when it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct DataDirectory {
    path: PathBuf,
    /// What was not there before the claim, in the order in which it can be removed.
    made: Vec<PathBuf>,
    _lock: File,
}

impl DataDirectory {
    /// Makes the folder when it is missing (not its parents, whose names may be misspelt), readable by its
    /// owner only, and claims it.
    pub(crate) fn claim(path: &Path) -> Result<Self, Failure> {
        let refuse = |error: io::Error| {
            let path = path.display();
            Failure::setup(format!(
                "data directory {path}: {error}; choose another with data_dir or --data-dir"
            ))
        };
        let folder_is_new = create(path).map_err(refuse)?;
        let claimed = lock(&path.join(LOCK_FILE)).inspect_err(|_| {
            if folder_is_new {
                remove(path, |path| fs::remove_dir(path));
            }
        });
        let (lock, lock_is_new) = claimed.map_err(refuse)?;
        let mut made = Vec::new();
        // Looked for only now, when no other process can be making it.
        if !path.join(DATABASE_FILE).exists() {
            made.extend(["-wal", "-shm", ""].map(|suffix| path.join(format!("{DATABASE_FILE}{suffix}"))));
        }
        if !path.join(LEDGER_FOLDER).exists() {
            made.push(path.join(LEDGER_FOLDER));
        }
        made.extend(lock_is_new.then(|| path.join(LOCK_FILE)));
        made.extend(folder_is_new.then(|| path.to_owned()));
        Ok(Self { path: path.to_owned(), made, _lock: lock })
    }

    /// Makes the ledger's folder when it is missing, readable by its owner only.
    pub(crate) fn ledger(data: &Path) -> io::Result<PathBuf> {
        let folder = data.join(LEDGER_FOLDER);
        create(&folder)?;
        Ok(folder)
    }

    /// Takes back what was made since [`DataDirectory::claim`], for a start that failed after it. Database and
    /// ledger have to be closed.
    pub(crate) fn abandon(&self) {
        for path in &self.made {
            remove(path, |path| match path {
                _ if *path == self.path => fs::remove_dir(path),
                _ if path.ends_with(LEDGER_FOLDER) => fs::remove_dir_all(path),
                _ => fs::remove_file(path),
            });
        }
    }
}

fn remove(path: &Path, how: impl FnOnce(&Path) -> io::Result<()>) {
    match how(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            tracing::warn!(%error, path = %path.display(), "made by a start that failed, and still there");
        }
        _ => {}
    }
}

fn create(path: &Path) -> io::Result<bool> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// The locked file, and whether it is new.
fn lock(path: &Path) -> io::Result<(File, bool)> {
    // Opening a pipe would otherwise wait for its other end.
    let options = || {
        let mut options = File::options();
        options.read(true).write(true).custom_flags(OFlag::O_NONBLOCK.bits());
        options
    };
    let (file, is_new) = match options().create_new(true).open(path) {
        Ok(file) => (file, true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => (options().open(path)?, false),
        Err(error) => return Err(error),
    };
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(io::Error::other(format!("its {LOCK_FILE} is not a file; remove that")));
    }
    match file.try_lock() {
        // A process whose start failed may have removed the file between our opening and locking it.
        Ok(())
            if fs::metadata(path).is_ok_and(|now| (now.dev(), now.ino()) == (found.dev(), found.ino())) =>
        {
            Ok((file, is_new))
        }
        Ok(()) | Err(TryLockError::WouldBlock) => Err(io::Error::other("another ballast process uses it")),
        Err(TryLockError::Error(error)) => Err(error),
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

    fn names(path: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_failed_start_takes_back_what_it_made_and_nothing_else() {
        for before in [
            None,
            Some(&[][..]),
            Some(&["kept"]),
            Some(&[LOCK_FILE]),
            Some(&["ballast.db", "ballast.db-wal"]),
            Some(&["ledger"]),
        ] {
            let parent = tempfile::tempdir().unwrap();
            let path = parent.path().join("data");
            if let Some(files) = before {
                fs::create_dir(&path).unwrap();
                files.iter().for_each(|name| fs::write(path.join(name), "x").unwrap());
            }
            let claim = DataDirectory::claim(&path).unwrap();
            for name in ["ballast.db", "ballast.db-wal"] {
                fs::write(path.join(name), "made by the start").unwrap();
            }
            if before != Some(&["ledger"]) {
                fs::write(DataDirectory::ledger(&path).unwrap().join("segment"), "made by the start")
                    .unwrap();
            }
            claim.abandon();
            assert_eq!(path.exists(), before.is_some());
            if let Some(files) = before {
                assert_eq!(names(&path), files);
            }
        }
    }

    #[test]
    fn a_lock_that_is_no_file_is_refused_and_not_waited_for() {
        let parent = tempfile::tempdir().unwrap();
        nix::unistd::mkfifo(&parent.path().join(LOCK_FILE), nix::sys::stat::Mode::S_IRWXU).unwrap();
        let error = DataDirectory::claim(parent.path()).unwrap_err();
        assert!(error.to_string().contains("ballast.lock is not a file"), "{error}");
        assert_eq!(names(parent.path()), [LOCK_FILE]);
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
