//! The ledger's part of the configuration: in this process, behind a door for others, or in another process.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;

/// The ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct Ledger {
    /// Threads that execute transfers; 0 takes as many as there are cores, at most [`Ledger::THREADS_AUTOMATIC_MAX`].
    pub threads: usize,
    /// Where other processes reach the ledger of this one; nowhere if it is not set.
    pub listen: Option<LedgerAddress>,
    /// Where the ledger of another process is, to be used instead of one in this process.
    pub remote: Option<LedgerAddress>,
    /// What is shown and expected over TCP.
    pub tls: Option<LedgerTls>,
}

impl Ledger {
    /// More threads than this help few loads, and leave no core to the rest of the program.
    pub const THREADS_AUTOMATIC_MAX: usize = 8;
}

/// `unix:PATH`, or `tcp:HOST:PORT` with mutual TLS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum LedgerAddress {
    /// A Unix socket that only the same user may use.
    Unix(PathBuf),
    /// Host and port; whoever connects shows a certificate.
    Tcp(String),
}

/// An address of neither form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an address of a ledger is unix:PATH or tcp:HOST:PORT")]
pub struct LedgerAddressError;

impl std::str::FromStr for LedgerAddress {
    type Err = LedgerAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("unix", path)) if !path.is_empty() => Ok(Self::Unix(PathBuf::from(path))),
            Some(("tcp", address)) if address.contains(':') => Ok(Self::Tcp(address.to_owned())),
            _ => Err(LedgerAddressError),
        }
    }
}

impl TryFrom<String> for LedgerAddress {
    type Error = LedgerAddressError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<LedgerAddress> for String {
    fn from(address: LedgerAddress) -> Self {
        address.to_string()
    }
}

impl fmt::Display for LedgerAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(formatter, "unix:{}", path.display()),
            Self::Tcp(address) => write!(formatter, "tcp:{address}"),
        }
    }
}

/// Files in PEM. Whoever has a certificate of the authority may do everything with the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerTls {
    /// The certificates of the authority that signs for gateways and ledgers.
    pub authority: PathBuf,
    /// This process's certificate, and those between it and the authority.
    pub certificates: PathBuf,
    /// The key of the first of them.
    pub key: PathBuf,
    /// The name in the ledger's certificate; for a process that connects.
    pub server_name: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::LedgerAddress;
    use std::path::PathBuf;

    #[test]
    fn an_address_says_how_to_get_there() {
        let unix = LedgerAddress::Unix(PathBuf::from("/run/ballast/ledger.sock"));
        let tcp = LedgerAddress::Tcp("ledger.example:7000".to_owned());
        for (text, address) in [("unix:/run/ballast/ledger.sock", unix), ("tcp:ledger.example:7000", tcp)] {
            assert_eq!(text.parse(), Ok(address.clone()));
            assert_eq!(address.to_string(), text);
        }
        for text in ["", "unix:", "tcp:ledger", "http://ledger:7000", "/run/ledger.sock"] {
            assert!(text.parse::<LedgerAddress>().is_err(), "{text}");
        }
    }
}
