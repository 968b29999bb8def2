//! The file of a Unix socket: only its owner may connect, and it belongs to one living process at a time.
//!
//! A lock beside it, which the system releases when its process ends, says whether that process lives. The socket
//! file that a dead one left is replaced; a file that is anything else is left alone.

use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tokio::net::{UnixListener, UnixSocket, UnixStream};

use super::limits::{BACKLOG, SOCKET_PATH_BYTES_MAX};
use super::listener::ListenError;

const OWNER_ONLY: u32 = 0o600;

/// The file of a socket that is listened on; removed when it is dropped.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    /// Held as long as the file is ours.
    _lock: File,
}

impl SocketFile {
    /// Takes the path over and listens there.
    pub(super) async fn listen(path: &Path) -> Result<(UnixListener, Self), ListenError> {
        if path.as_os_str().len() > SOCKET_PATH_BYTES_MAX {
            return Err(ListenError::PathTooLong(path.to_owned()));
        }
        let failed = |source| ListenError::Failed { place: path.display().to_string(), source };
        let lock = lock(path)?;
        remove_stale(path).await?;
        let socket = UnixSocket::new_stream().map_err(failed)?;
        socket.bind(path).map_err(failed)?;
        let file = Self { path: path.to_owned(), _lock: lock };
        // Nobody can connect before `listen`, so nobody does before the mode is set.
        std::fs::set_permissions(path, Permissions::from_mode(OWNER_ONLY)).map_err(failed)?;
        Ok((socket.listen(BACKLOG).map_err(failed)?, file))
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // If it cannot be removed it is stale from now on, and the next start replaces it.
        std::fs::remove_file(&self.path).ok();
    }
}

fn lock(path: &Path) -> Result<File, ListenError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let failed = |source| ListenError::Failed { place: name.display().to_string(), source };
    let mut options = OpenOptions::new();
    let file =
        options.create(true).truncate(false).write(true).mode(OWNER_ONLY).open(&name).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ListenError::InUse(path.to_owned())),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Removes the socket file of a process that has ended. The lock says so of a ledger; whether another program listens
/// is asked by connecting.
async fn remove_stale(path: &Path) -> Result<(), ListenError> {
    let failed = |source| ListenError::Failed { place: path.display().to_string(), source };
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
        Ok(found) if !found.file_type().is_socket() => return Err(ListenError::NotASocket(path.to_owned())),
        Ok(_) => {}
    }
    match UnixStream::connect(path).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            std::fs::remove_file(path).map_err(failed)
        }
        Ok(_) => Err(ListenError::InUse(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(ListenError::InUse(path.to_owned())),
        Err(error) => Err(failed(error)),
    }
}
