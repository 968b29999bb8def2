//! Secrets come by reference. A configuration names where a secret lies, never the secret itself, so a
//! configuration can be shown, logged and committed.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::os::unix::fs::PermissionsExt;
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
    #[error("secret file {path} cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// Others can read the file.
    #[error("secret file {0} can be read by others: run chmod 600 on it")]
    Exposed(PathBuf),
    /// The file is empty, too large, or not text.
    #[error("secret file {0} does not hold one short text")]
    NotText(PathBuf),
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
            Self::File(path) => {
                refuse_exposed(path)?;
                read(path)
            }
            // systemd itself guards the folder of credentials.
            Self::Credential(name) => {
                let folder = std::env::var_os("CREDENTIALS_DIRECTORY");
                let folder = folder.ok_or_else(|| SecretError::NoCredentials(name.clone()))?;
                read(&Path::new(&folder).join(name))
            }
        }
    }
}

fn refuse_exposed(path: &Path) -> Result<(), SecretError> {
    let found = std::fs::metadata(path).map_err(|source| unreadable(path, source))?;
    if found.permissions().mode() & 0o077 == 0 { Ok(()) } else { Err(SecretError::Exposed(path.to_owned())) }
}

fn read(path: &Path) -> Result<SecretString, SecretError> {
    let found = std::fs::metadata(path).map_err(|source| unreadable(path, source))?;
    if !found.is_file() || found.len() > SECRET_BYTES_MAX {
        return Err(SecretError::NotText(path.to_owned()));
    }
    let bytes = std::fs::read(path).map_err(|source| unreadable(path, source))?;
    let text = String::from_utf8(bytes).map_err(|_| SecretError::NotText(path.to_owned()))?;
    let text = text.trim_end_matches(['\n', '\r']);
    if text.is_empty() {
        return Err(SecretError::NotText(path.to_owned()));
    }
    Ok(SecretString::from(text))
}

fn unreadable(path: &Path, source: std::io::Error) -> SecretError {
    SecretError::Unreadable { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

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
        for bytes in [&b""[..], b"\n", &[0xff, 0xfe], &[b'a'; 70_000]] {
            std::fs::write(&path, bytes).unwrap();
            assert!(matches!(at.resolve(), Err(SecretError::NotText(_))));
        }
        assert!(matches!(
            SecretReference::File(folder.path().to_owned()).resolve(),
            Err(SecretError::Exposed(_) | SecretError::NotText(_))
        ));
    }
}
