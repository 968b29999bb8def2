//! What went wrong with which file.

use std::fmt;
use std::io;

/// A failed operation on a file or folder. After a write or a flush it is final: stop, do not try again.
#[derive(Debug, thiserror::Error)]
#[error("{operation} of {path} failed ({source}); stop the process and check the disk before the next start")]
pub struct DiskError {
    /// What was tried.
    pub operation: DiskOperation,
    /// The file or folder, below the ledger's own folder.
    pub path: String,
    /// What the operating system said.
    pub source: io::Error,
}

impl DiskError {
    pub(crate) fn new(operation: DiskOperation, path: &str, source: io::Error) -> Self {
        Self { operation, path: path.to_owned(), source }
    }

    /// The file is not there, or ends before what was asked for.
    pub(crate) fn missing(operation: DiskOperation, path: &str) -> Self {
        Self::new(operation, path, io::ErrorKind::NotFound.into())
    }

    /// Whether the file or folder is not there or ends before: then the disk works, and something is lost.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self.source.kind(), io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof)
    }
}

/// The operations of the file layer; a [`crate::disk::FakeDisk`] counts and fails them by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DiskOperation {
    /// Making a file or folder.
    Create,
    /// Opening a file, or reading a folder's names.
    Open,
    /// Reading bytes or a length.
    Read,
    /// Writing bytes.
    Write,
    /// Making a file's bytes durable.
    Flush,
    /// Giving a file another name.
    Rename,
    /// Removing a file.
    Remove,
    /// Making a folder's names durable.
    FlushFolder,
}

impl fmt::Display for DiskOperation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Create => "creation",
            Self::Open => "opening",
            Self::Read => "reading",
            Self::Write => "writing",
            Self::Flush => "flush",
            Self::Rename => "renaming",
            Self::Remove => "removal",
            Self::FlushFolder => "folder flush",
        })
    }
}
