//! The embedded database: one file in the data directory.
//!
//! Invariant: one connection writes, the others cannot. All of them wait for locks, enforce foreign keys,
//! and a commit is on the disk when it is answered.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use nix::sys::statfs::{self, FsType};
use nix::unistd::{AccessFlags, access};
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use crate::database::Mode;
use crate::error::{Error, ErrorKind};
use crate::limits;
use crate::open_error::OpenError;

/// The name of the database file in its data directory.
pub const DATABASE_FILE: &str = "ballast.db";

/// The pools of one SQLite file.
#[derive(Debug, Clone)]
pub(crate) struct SqlitePools {
    /// The one connection that writes.
    pub(crate) writer: SqlitePool,
    /// Connections opened read-only.
    pub(crate) readers: SqlitePool,
}

impl SqlitePools {
    pub(crate) async fn open(directory: &Path, mode: Mode) -> Result<Self, OpenError> {
        let path = checked_file(directory, mode)?;
        let options = options(&path);
        let writing = options
            .clone()
            .create_if_missing(mode == Mode::Create)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let writer = open_writer(writing, &path).await?;
        let readers = pool(limits::SQLITE_READERS).connect_lazy_with(options.read_only(true));
        Ok(SqlitePools { writer, readers })
    }

    /// Closes the readers first: the last connection folds the write-ahead log into the file, and only the
    /// writer can.
    pub(crate) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).busy_timeout(limits::LOCK_TIMEOUT).foreign_keys(true)
}

/// Connections to a local file do not go stale, so they are kept for ever and not tested before use.
fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(limits::LOCK_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

/// Waits its time for another process that is creating the same file: switching to the write-ahead log needs
/// the file for itself, and does not wait for a lock on its own.
async fn open_writer(options: SqliteConnectOptions, path: &Path) -> Result<SqlitePool, OpenError> {
    let attempts = async {
        loop {
            match pool(1).connect_with(options.clone()).await.map_err(|error| refusal(path, error)) {
                Err(OpenError::Statement(error)) if error.kind() == ErrorKind::Busy => {
                    tokio::time::sleep(limits::SQLITE_OPEN_PAUSE).await;
                }
                outcome => return outcome,
            }
        }
    };
    let outcome = tokio::time::timeout(limits::CONNECT_TIMEOUT, attempts).await;
    outcome.unwrap_or_else(|_| Err(OpenError::Locked { path: path.to_path_buf() }))
}

fn refusal(path: &Path, error: sqlx::Error) -> OpenError {
    const SQLITE_NOTADB: &str = "26";
    let code = error.as_database_error().and_then(|error| error.code());
    if code.as_deref() == Some(SQLITE_NOTADB) {
        return OpenError::NotADatabase { path: path.to_path_buf() };
    }
    OpenError::Statement(Error::from(error))
}

/// The path of the database file, in a directory where SQLite can work.
fn checked_file(directory: &Path, mode: Mode) -> Result<PathBuf, OpenError> {
    let unusable = |cause| OpenError::DirectoryUnusable { path: directory.to_path_buf(), cause };
    // SQLite takes a name that begins with `file:` for a URI; an absolute path never does.
    let directory = std::path::absolute(directory).map_err(unusable)?;
    let path = directory.join(DATABASE_FILE);
    match directory.metadata() {
        Ok(metadata) if !metadata.is_dir() => return Err(OpenError::NotADirectory { path: directory }),
        Ok(_) => {}
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unusable(error)),
        Err(_) if mode == Mode::Existing => return Err(OpenError::DatabaseMissing { path }),
        Err(_) => DirBuilder::new().mode(0o700).create(&directory).map_err(unusable)?,
    }
    require_access(&directory, AccessFlags::R_OK | AccessFlags::W_OK | AccessFlags::X_OK)?;
    require_local(&directory)?;
    match path.metadata() {
        Ok(metadata) if !metadata.is_file() => return Err(OpenError::NotADatabase { path }),
        Ok(_) => require_access(&path, AccessFlags::R_OK | AccessFlags::W_OK)?,
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unusable(error)),
        Err(_) if mode == Mode::Existing => return Err(OpenError::DatabaseMissing { path }),
        Err(_) => {}
    }
    Ok(path)
}

/// SQLite would silently open a file it may not write for reading only.
fn require_access(path: &Path, flags: AccessFlags) -> Result<(), OpenError> {
    access(path, flags).map_err(|_| OpenError::Forbidden { path: path.to_path_buf() })
}

fn require_local(directory: &Path) -> Result<(), OpenError> {
    let path = directory.to_path_buf();
    let found = statfs::statfs(directory)
        .map_err(|cause| OpenError::DirectoryUnusable { path: path.clone(), cause: cause.into() })?;
    match network_file_system(found.filesystem_type()) {
        Some(name) => Err(OpenError::NetworkFileSystem { path, name }),
        None => Ok(()),
    }
}

/// The name of a file system whose locks reach over a network, by the number `statfs` gives it.
fn network_file_system(found: FsType) -> Option<&'static str> {
    const SMB2: FsType = FsType(0xfe53_4d42);
    const CIFS: FsType = FsType(0xff53_4d42);
    const CEPH: FsType = FsType(0x00c3_6400);
    [
        (statfs::NFS_SUPER_MAGIC, "NFS"),
        (statfs::SMB_SUPER_MAGIC, "SMB"),
        (SMB2, "SMB"),
        (CIFS, "SMB"),
        (CEPH, "Ceph"),
        (statfs::AFS_SUPER_MAGIC, "AFS"),
        (statfs::CODA_SUPER_MAGIC, "Coda"),
        (statfs::NCP_SUPER_MAGIC, "NCP"),
    ]
    .into_iter()
    .find_map(|(known, name)| (known == found).then_some(name))
}

#[cfg(test)]
mod tests {
    use nix::sys::statfs;

    use super::network_file_system;

    #[test]
    fn only_network_file_systems_are_refused() {
        assert_eq!(network_file_system(statfs::NFS_SUPER_MAGIC), Some("NFS"));
        assert_eq!(network_file_system(statfs::FsType(0xff53_4d42)), Some("SMB"));
        for local in [
            statfs::EXT4_SUPER_MAGIC,
            statfs::BTRFS_SUPER_MAGIC,
            statfs::TMPFS_MAGIC,
            statfs::XFS_SUPER_MAGIC,
        ] {
            assert_eq!(network_file_system(local), None);
        }
    }
}
