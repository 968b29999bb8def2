//! What the process asks of the operating system for itself.

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::stat::{Mode, umask};

/// Makes every file that is created from now on readable by its owner only, whatever the folder it lies in.
pub fn keep_files_private() {
    umask(Mode::S_IRWXG | Mode::S_IRWXO);
}

/// Raises the number of files and sockets that may be open to what the system lets this process have. The usual
/// soft limit of 1024 is fewer than the connections that the service accepts.
pub(crate) fn raise_open_files() {
    let raised = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(before, most)| {
        setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
        Ok((before, most))
    });
    match raised {
        Ok((before, limit)) => tracing::info!(limit, before, "open files"),
        Err(error) => tracing::warn!(%error, "the limit of open files stays as it was"),
    }
}
