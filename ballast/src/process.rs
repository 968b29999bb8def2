//! What the process asks of the operating system for itself.

use crate::Failure;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{Signal, kill};
use nix::sys::stat::{Mode, umask};
use nix::unistd::Pid;

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

/// Asks a process that this one started to stop.
pub(crate) fn terminate(id: Option<u32>) -> Result<(), Failure> {
    let id = id.and_then(|id| i32::try_from(id).ok()).ok_or_else(|| Failure::run("the process has ended"))?;
    kill(Pid::from_raw(id), Signal::SIGTERM).map_err(Failure::run)
}
