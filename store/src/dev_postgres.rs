//! A private PostgreSQL from the binaries of the system's package, for tests and for development.
//!
//! It listens on a Unix socket in its own directory and nowhere else. Invariant: server and directory are
//! gone when the [`DevPostgres`] is dropped, and also when this process dies in any other way: a small shell
//! script stands between the two and stops the server as soon as its standard input closes. (Killed as root,
//! it leaves an empty directory where the server's user may not change the directory for temporary files.)

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use nix::unistd::{Uid, User, chown, mkdtemp};

use crate::limits;
use crate::location::Location;
use crate::open_error::OpenError;

/// Why there is no private PostgreSQL.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DevPostgresError {
    /// This machine has no PostgreSQL to start. Tests that need one say so and are skipped.
    #[error("no PostgreSQL to start: {reason}; install Debian's package `postgresql` or set PG_BIN")]
    Unavailable {
        /// What is missing.
        reason: String,
    },
    /// The directory for temporary files is too deep for a Unix socket.
    #[error(
        "the socket {} would have more than {} bytes; set TMPDIR to a shorter directory",
        path.display(),
        limits::SOCKET_PATH_BYTES_MAX
    )]
    SocketPathTooLong {
        /// The path that the socket would have.
        path: PathBuf,
    },
    /// The user that the server runs as cannot work in the directory for temporary files.
    #[error("no program can run in {}: {cause}; set TMPDIR to a directory that user `postgres` may enter", path.display())]
    DirectoryUnusable {
        /// The directory made for the server.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// A file or a process could not be made.
    #[error("the private PostgreSQL cannot be prepared: {0}")]
    System(#[from] io::Error),
    /// The server ended, or was not ready in time.
    #[error("the private PostgreSQL did not start: {log}")]
    NotStarted {
        /// The end of its log, on one line.
        log: String,
    },
    /// A database could not be created in it.
    #[error("the database {name} cannot be created: {log}")]
    NotCreated {
        /// The name of the database.
        name: String,
        /// What `createdb` says.
        log: String,
    },
    /// Its own address was refused.
    #[error(transparent)]
    Location(#[from] OpenError),
}

/// A running private PostgreSQL.
#[derive(Debug)]
pub struct DevPostgres {
    binaries: PathBuf,
    directory: PathBuf,
    supervisor: Child,
    /// Closing it stops the server.
    lifeline: Option<ChildStdin>,
}

impl DevPostgres {
    /// Starts a server and waits until it accepts connections, about two seconds. Blocks the thread. Its data is thrown
    /// away in the end, so nothing is made to survive a crash of the machine.
    pub fn start() -> Result<Self, DevPostgresError> {
        Self::start_with(&["fsync=off", "synchronous_commit=off", "full_page_writes=off"])
    }

    /// Starts a server with these settings, each `name=value`; what is not named is as PostgreSQL has it, so that
    /// whatever it acknowledges is durable.
    pub fn start_with(settings: &[&str]) -> Result<Self, DevPostgresError> {
        let binaries = find_binaries(std::env::var_os("PG_BIN").as_deref())?;
        let user = unprivileged_user()?;
        let directory = make_directory(&std::env::temp_dir(), user.as_ref())?;
        let mut command = Command::new("sh");
        command.arg("-c").arg(include_str!("dev_postgres.sh")).arg("dev_postgres");
        command.arg(&binaries).arg(&directory).current_dir(&directory);
        settings.iter().for_each(|setting| {
            command.arg("-c").arg(setting);
        });
        // Its own process group: an interrupt typed at the terminal is for this program, which then stops it.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        if let Some(user) = user {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        match command.spawn() {
            Ok(mut supervisor) => {
                let lifeline = supervisor.stdin.take();
                DevPostgres { binaries, directory, supervisor, lifeline }.until_ready()
            }
            Err(cause) => {
                fs::remove_dir(&directory)?;
                Err(DevPostgresError::DirectoryUnusable { path: directory, cause })
            }
        }
    }

    /// Creates an empty database, or a copy of `template`, to which nobody may be connected.
    pub fn create_database(&self, name: &str, template: Option<&str>) -> Result<Location, DevPostgresError> {
        let mut command = self.client("createdb");
        command.args(template.map(|template| format!("--template={template}"))).arg("--").arg(name);
        let output = command.output()?;
        if output.status.success() {
            return Ok(Location::postgres(&self.url(name), None)?);
        }
        Err(DevPostgresError::NotCreated { name: name.to_owned(), log: last_lines(&output.stderr) })
    }

    /// The URL of a database of this server.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://app@/{database}?host={}", percent_encoded(&self.directory))
    }

    /// The directory of its socket, its log and its data.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    fn until_ready(mut self) -> Result<Self, DevPostgresError> {
        for _ in 0..limits::DEV_POSTGRES_READY_ATTEMPTS {
            if self.directory.join("ended").exists() || self.supervisor.try_wait()?.is_some() {
                break;
            }
            let answer = self.client("pg_isready").args(["--dbname=postgres", "--timeout=1"]).output()?;
            if answer.status.success() {
                return Ok(self);
            }
            std::thread::sleep(limits::DEV_POSTGRES_READY_PAUSE);
        }
        let log = fs::read(self.directory.join("log")).unwrap_or_default();
        Err(DevPostgresError::NotStarted { log: last_lines(&log) })
    }

    /// A client program of PostgreSQL, to be run against this server.
    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.binaries.join(program));
        command.arg("--host").arg(&self.directory).arg("--username=app").stdin(Stdio::null());
        command
    }
}

impl Drop for DevPostgres {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        if let Err(error) = self.supervisor.wait() {
            tracing::warn!(%error, "the private PostgreSQL cannot be waited for");
        }
        // The script leaves an empty directory where its user may not change the parent.
        match fs::remove_dir(&self.directory) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, directory = %self.directory.display(), "not removed");
            }
            _ => {}
        }
    }
}

/// The directory with PostgreSQL's programs: `PG_BIN`, or the newest version that Debian's package keeps.
fn find_binaries(chosen: Option<&OsStr>) -> Result<PathBuf, DevPostgresError> {
    const DEBIAN: &str = "/usr/lib/postgresql";
    const PROGRAMS: [&str; 4] = ["createdb", "initdb", "pg_isready", "postgres"];
    let directory = match chosen {
        Some(chosen) => PathBuf::from(chosen),
        None => newest_version(Path::new(DEBIAN))
            .ok_or_else(|| unavailable(format!("{DEBIAN} has no version of it")))?
            .join("bin"),
    };
    match PROGRAMS.iter().find(|program| !directory.join(program).is_file()) {
        Some(missing) => Err(unavailable(format!("{} has no program `{missing}`", directory.display()))),
        None => Ok(directory),
    }
}

/// The subdirectory with the highest number, by number: 9 is older than 15.
fn newest_version(directory: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(directory).ok()?;
    let versions = entries.filter_map(|entry| {
        let path = entry.ok()?.path();
        let version: u32 = path.file_name()?.to_str()?.parse().ok()?;
        Some((version, path))
    });
    versions.max().map(|(_, path)| path)
}

/// PostgreSQL refuses to run as root: then it gets the user that its package made.
fn unprivileged_user() -> Result<Option<User>, DevPostgresError> {
    if !Uid::effective().is_root() {
        return Ok(None);
    }
    let user = User::from_name("postgres").map_err(io::Error::from)?;
    user.map(Some)
        .ok_or_else(|| unavailable("it refuses to run as root and there is no user `postgres`".to_owned()))
}

/// An empty directory that belongs to the user of the server, short enough for its socket.
fn make_directory(parent: &Path, user: Option<&User>) -> Result<PathBuf, DevPostgresError> {
    const TEMPLATE: &str = "ballast-postgres-XXXXXX";
    const SOCKET: &str = ".s.PGSQL.5432";
    let template = parent.join(TEMPLATE);
    let socket = template.join(SOCKET);
    if socket.as_os_str().as_bytes().len() > limits::SOCKET_PATH_BYTES_MAX {
        return Err(DevPostgresError::SocketPathTooLong { path: socket });
    }
    let directory = mkdtemp(&template).map_err(io::Error::from)?;
    if let Some(user) = user {
        chown(&directory, Some(user.uid), Some(user.gid)).map_err(io::Error::from)?;
    }
    Ok(directory)
}

fn unavailable(reason: String) -> DevPostgresError {
    DevPostgresError::Unavailable { reason }
}

/// A path as it may stand in the query of a URL.
fn percent_encoded(path: &Path) -> String {
    let bytes = path.as_os_str().as_bytes().iter();
    let encoded = bytes.map(|byte| match byte {
        b'/' | b'.' | b'-' | b'_' => char::from(*byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(*byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    encoded.collect()
}

/// The end of a log, on one line.
fn last_lines(log: &[u8]) -> String {
    const LINES: usize = 5;
    let text = String::from_utf8_lossy(log);
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let skipped = lines.len().saturating_sub(LINES);
    lines.into_iter().skip(skipped).collect::<Vec<_>>().join(" | ")
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::fs;
    use std::path::Path;

    use super::{
        DevPostgresError, find_binaries, last_lines, make_directory, newest_version, percent_encoded,
    };

    #[test]
    fn a_directory_without_its_programs_is_unavailable_and_says_which() {
        let empty = tempfile::tempdir().unwrap();
        let error = find_binaries(Some(empty.path().as_os_str())).unwrap_err();
        assert!(matches!(error, DevPostgresError::Unavailable { .. }), "{error}");
        assert!(error.to_string().contains("has no program `createdb`"), "{error}");
        let error = find_binaries(Some(OsStr::new("/nowhere"))).unwrap_err();
        assert!(matches!(error, DevPostgresError::Unavailable { .. }), "{error}");
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(newest_version(directory.path()), None);
        for name in ["9", "15", "13", "notes"] {
            fs::create_dir(directory.path().join(name)).unwrap();
        }
        assert_eq!(newest_version(directory.path()), Some(directory.path().join("15")));
        assert_eq!(newest_version(Path::new("/nowhere")), None);
    }

    #[test]
    fn a_socket_path_may_have_107_bytes_and_no_more() {
        let parent = tempfile::tempdir().unwrap();
        let rest = "/ballast-postgres-XXXXXX/.s.PGSQL.5432".len();
        let fill = 107 - rest - parent.path().as_os_str().len() - 1;
        let longest = parent.path().join("x".repeat(fill));
        let too_long = parent.path().join("x".repeat(fill + 1));
        fs::create_dir(&longest).unwrap();
        fs::create_dir(&too_long).unwrap();
        assert!(make_directory(&longest, None).unwrap().is_dir());
        let error = make_directory(&too_long, None).unwrap_err();
        assert!(matches!(error, DevPostgresError::SocketPathTooLong { .. }), "{error}");
        assert_eq!(fs::read_dir(&too_long).unwrap().count(), 0);
    }

    #[test]
    fn a_directory_with_any_name_can_stand_in_a_url() {
        assert_eq!(percent_encoded(Path::new("/tmp/a-b_c.d")), "/tmp/a-b_c.d");
        assert_eq!(percent_encoded(Path::new("/tmp/a b&c=%é")), "/tmp/a%20b%26c%3D%25%C3%A9");
    }

    #[test]
    fn a_log_is_shortened_to_one_line() {
        assert_eq!(last_lines(b"1\n2\n\n3\n4\n5\n6\n"), "2 | 3 | 4 | 5 | 6");
        assert_eq!(last_lines(b""), "");
    }
}
