//! Secrets come by reference. A configuration names where a secret lies, never the secret itself, so a
//! configuration can be shown, logged and committed.

use nix::fcntl::OFlag;
use nix::unistd::Uid;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Largest secret read: keys and passwords are far smaller, and a wrong path must not fill the memory.
const SECRET_BYTES_MAX: u64 = 64 * 1024;

/// Where a secret lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum SecretReference {
    /// `file:/path`: a file that only its owner can read.
    File(PathBuf),
    /// `credential:NAME`: a credential that systemd passes to the service.
    Credential(String),
}

/// Why a secret cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The text is not a reference, perhaps the secret itself: so it is not repeated here.
    #[error("a secret is given by reference: write file:/absolute/path or credential:NAME")]
    NotAReference,
    /// Not running under systemd, or the unit loads no credentials.
    #[error(
        "credential {0} is not there: CREDENTIALS_DIRECTORY is not set; add LoadCredential={0}:/path to the unit"
    )]
    NoCredentials(String),
    /// The file cannot be read.
    #[error("secret file {path} cannot be read: {source}; check the path and who may read it")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// Others can read the file.
    #[error("secret file {0} can be read by others: run chmod 600 on it")]
    Exposed(PathBuf),
    /// The file belongs to somebody who could change it.
    #[error("secret file {0} belongs to another user: run chown on it, to root or the user of this process")]
    Foreign(PathBuf),
    /// The file is empty, too large, not text, or more than one line.
    #[error(
        "secret file {0} does not hold one short line of text: write the secret into it, and nothing else"
    )]
    NotOneLine(PathBuf),
}

impl TryFrom<String> for SecretReference {
    type Error = SecretError;

    fn try_from(text: String) -> Result<Self, SecretError> {
        if let Some(path) = text.strip_prefix("file:").filter(|path| path.starts_with('/')) {
            return Ok(Self::File(PathBuf::from(path)));
        }
        let plain = |name: &&str| {
            !name.is_empty()
                && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
        };
        match text.strip_prefix("credential:").filter(plain) {
            Some(name) if !name.starts_with('.') => Ok(Self::Credential(name.to_owned())),
            _ => Err(SecretError::NotAReference),
        }
    }
}

impl From<SecretReference> for String {
    fn from(reference: SecretReference) -> Self {
        reference.to_string()
    }
}

impl fmt::Display for SecretReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "file:{}", path.display()),
            Self::Credential(name) => write!(formatter, "credential:{name}"),
        }
    }
}

impl SecretReference {
    /// Reads the secret, without the line end that editors add.
    ///
    /// # Errors
    /// See [`SecretError`].
    pub fn resolve(&self) -> Result<SecretString, SecretError> {
        match self {
            Self::File(path) => read(path, refuse_exposed),
            // systemd itself guards the folder of credentials.
            Self::Credential(name) => {
                let folder = std::env::var_os("CREDENTIALS_DIRECTORY");
                let folder = folder.ok_or_else(|| SecretError::NoCredentials(name.clone()))?;
                read(&Path::new(&folder).join(name), |_, _| Ok(()))
            }
        }
    }
}

fn refuse_exposed(path: &Path, found: &Metadata) -> Result<(), SecretError> {
    if found.mode() & 0o077 != 0 {
        return Err(SecretError::Exposed(path.to_owned()));
    }
    let owner = Uid::from_raw(found.uid());
    if owner.is_root() || owner == Uid::effective() {
        Ok(())
    } else {
        Err(SecretError::Foreign(path.to_owned()))
    }
}

/// Reads the very file that was looked at: it is opened once.
fn read(
    path: &Path,
    refuse: impl FnOnce(&Path, &Metadata) -> Result<(), SecretError>,
) -> Result<SecretString, SecretError> {
    let unreadable = |source| SecretError::Unreadable { path: path.to_owned(), source };
    let not_one_line = || SecretError::NotOneLine(path.to_owned());
    // Opening a pipe would otherwise wait for its other end.
    let file =
        File::options().read(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(path).map_err(unreadable)?;
    let found = file.metadata().map_err(unreadable)?;
    refuse(path, &found)?;
    if !found.is_file() || found.len() > SECRET_BYTES_MAX {
        return Err(not_one_line());
    }
    let mut bytes = Vec::new();
    file.take(SECRET_BYTES_MAX).read_to_end(&mut bytes).map_err(unreadable)?;
    let text = String::from_utf8(bytes).map_err(|_| not_one_line())?;
    let text = text.trim_end_matches(['\n', '\r']);
    if text.is_empty() || text.contains(['\n', '\r', '\0']) {
        return Err(not_one_line());
    }
    Ok(SecretString::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::os::unix::fs::{PermissionsExt, chown};

    fn reference(text: &str) -> Result<SecretReference, SecretError> {
        SecretReference::try_from(text.to_owned())
    }

    #[test]
    fn only_references_parse_and_nothing_is_repeated() {
        assert!(reference("file:/etc/ballast/db").is_ok());
        assert!(reference("credential:db-password").is_ok());
        for text in [
            "",
            "hunter2",
            "file:relative",
            "file:",
            "credential:",
            "credential:../x",
            "credential:..",
            "env:X",
        ] {
            let error = reference(text).unwrap_err().to_string();
            assert!(matches!(reference(text), Err(SecretError::NotAReference)), "{text}");
            assert!(!error.contains("hunter2"));
        }
    }

    #[test]
    fn files_are_checked_before_they_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        let at = SecretReference::File(path.clone());
        assert!(matches!(at.resolve(), Err(SecretError::Unreadable { .. })));
        std::fs::write(&path, "canary-4711\n").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
        assert!(matches!(at.resolve(), Err(SecretError::Exposed(_))));
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        let secret = at.resolve().unwrap();
        assert_eq!(secret.expose_secret(), "canary-4711");
        assert!(!format!("{secret:?}").contains("canary"));
        for bytes in [&b""[..], b"\n", b"a\nb\n", b"a\rb", b"a\0", b"a\0\n", &[0xff, 0xfe], &[b'a'; 70_000]] {
            std::fs::write(&path, bytes).unwrap();
            assert!(matches!(at.resolve(), Err(SecretError::NotOneLine(_))), "{bytes:?}");
        }
        assert!(matches!(
            SecretReference::File(folder.path().to_owned()).resolve(),
            Err(SecretError::Exposed(_) | SecretError::NotOneLine(_))
        ));
    }

    #[test]
    fn a_pipe_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::from_bits_truncate(0o600)).unwrap();
        assert!(matches!(SecretReference::File(path).resolve(), Err(SecretError::NotOneLine(_))));
    }

    #[test]
    fn a_file_of_another_user_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "canary-4711").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        if !Uid::effective().is_root() {
            println!("skipped: only root can give a file away");
            return;
        }
        chown(&path, Some(65_534), None).unwrap();
        assert!(matches!(SecretReference::File(path).resolve(), Err(SecretError::Foreign(_))));
    }
}
