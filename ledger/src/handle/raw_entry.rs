//! A durable entry as it is handed on.

use crate::Entry;
use crate::body::{BodyFault, decode_entry};
use crate::journal::EntryHeader;

/// A header and the body it was written with; the reader of the journal has checked the hash over both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawEntry {
    /// The header.
    pub header: EntryHeader,
    /// The body, as [`crate::body`] lays it out.
    pub body: Vec<u8>,
}

impl RawEntry {
    /// What the entry did.
    ///
    /// # Errors
    /// A [`BodyFault`] if the body is not one.
    pub fn decode(&self) -> Result<Entry, BodyFault> {
        decode_entry(&self.header, &self.body)
    }
}
