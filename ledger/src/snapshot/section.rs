//! A named run of bytes in a snapshot, and reading it as a stream.

use std::fmt;
use std::sync::Arc;

use super::snapshot_error::SnapshotError;
use crate::disk::limits::WRITE_BUFFER_BYTES;
use crate::disk::{DiskError, DiskFile, FieldReader, FieldWriter, to_u64, to_usize};

pub(super) const TABLE_ROW_BYTES: usize = 64;

/// The name of a section: 1 to 16 of `a-z`, `0-9` and `_`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SectionName([u8; 16]);

impl SectionName {
    /// Checks a name.
    pub fn new(name: &str) -> Result<Self, SnapshotError> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let mut padded = [0; 16];
        match padded.get_mut(..name.len()) {
            Some(target) if !name.is_empty() && name.bytes().all(allowed) => {
                target.copy_from_slice(name.as_bytes());
                Ok(Self(padded))
            }
            _ => Err(SnapshotError::NameInvalid(name.to_owned())),
        }
    }

    fn from_padded(padded: [u8; 16]) -> Option<Self> {
        let text = std::str::from_utf8(&padded).ok()?.trim_end_matches('\0');
        Self::new(text).ok()
    }
}

impl fmt::Display for SectionName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = std::str::from_utf8(&self.0).unwrap_or_default();
        formatter.write_str(text.trim_end_matches('\0'))
    }
}

/// Where a section lies and what its bytes hash to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) name: SectionName,
    pub(super) offset: u64,
    pub(super) length: u64,
    pub(super) hash: [u8; 32],
}

impl Section {
    pub(super) fn encode(&self) -> Vec<u8> {
        FieldWriter::default()
            .array(&self.name.0)
            .u64(self.offset)
            .u64(self.length)
            .array(&self.hash)
            .finish()
    }

    pub(super) fn decode(row: &[u8]) -> Option<Self> {
        let mut reader = FieldReader::new(row);
        let name = SectionName::from_padded(reader.array()?)?;
        Some(Self { name, offset: reader.u64()?, length: reader.u64()?, hash: reader.array()? })
    }
}

/// Reads one section from its beginning to its end, a stretch at a time, and checks its hash on the way.
#[derive(Debug)]
pub struct SectionReader {
    section: Section,
    stream: SectionStream,
    /// The stretch in memory, and how much of it was given out.
    stretch: Vec<u8>,
    taken: usize,
}

impl SectionReader {
    pub(super) fn new(file: Arc<dyn DiskFile>, section: Section) -> Self {
        Self { section, stream: SectionStream::new(file, &section), stretch: Vec::new(), taken: 0 }
    }

    /// Bytes not read yet.
    #[must_use]
    pub fn remaining(&self) -> u64 {
        let unread = self.stretch.len().saturating_sub(self.taken);
        self.stream.left.saturating_add(to_u64(unread))
    }

    /// Fills the whole buffer; a section that has fewer bytes is an error.
    pub fn read_exact(&mut self, buffer: &mut [u8]) -> Result<(), SnapshotError> {
        let asked = to_u64(buffer.len());
        if asked > self.remaining() {
            return Err(self.wrong_length(asked));
        }
        let mut rest = buffer;
        while !rest.is_empty() {
            let available = self.available()?;
            let length = available.len().min(rest.len());
            let (Some(from), Some((to, after))) =
                (available.get(..length), rest.split_at_mut_checked(length))
            else {
                return Err(self.wrong_length(asked));
            };
            to.copy_from_slice(from);
            rest = after;
            self.taken = self.taken.saturating_add(length);
        }
        Ok(())
    }

    /// Must be called when everything was read: checks that this is all and that its hash holds. What was read
    /// before is not to be used until then.
    pub fn finish(self) -> Result<(), SnapshotError> {
        if self.remaining() > 0 {
            return Err(self.wrong_length(0));
        }
        let name = self.section.name;
        if self.stream.holds(&self.section) { Ok(()) } else { Err(SnapshotError::SectionHash(name)) }
    }

    fn available(&mut self) -> Result<&[u8], SnapshotError> {
        if self.taken == self.stretch.len() {
            self.stream.next_stretch(&mut self.stretch)?;
            self.taken = 0;
        }
        Ok(self.stretch.get(self.taken..).unwrap_or_default())
    }

    fn wrong_length(&self, asked: u64) -> SnapshotError {
        SnapshotError::SectionLength { name: self.section.name, left: self.remaining(), asked }
    }
}

/// The bytes of a section from the disk, hashed as they come.
#[derive(Debug)]
pub(super) struct SectionStream {
    file: Arc<dyn DiskFile>,
    offset: u64,
    left: u64,
    hasher: blake3::Hasher,
}

impl SectionStream {
    pub(super) fn new(file: Arc<dyn DiskFile>, section: &Section) -> Self {
        Self { file, offset: section.offset, left: section.length, hasher: blake3::Hasher::new() }
    }

    /// Replaces `stretch` by the next bytes; it is empty at the end.
    pub(super) fn next_stretch(&mut self, stretch: &mut Vec<u8>) -> Result<(), DiskError> {
        let length = to_usize(self.left).min(WRITE_BUFFER_BYTES);
        stretch.resize(length, 0);
        self.file.read_at(self.offset, stretch)?;
        self.hasher.update(stretch);
        self.offset = self.offset.saturating_add(to_u64(length));
        self.left = self.left.saturating_sub(to_u64(length));
        Ok(())
    }

    pub(super) fn holds(&self, section: &Section) -> bool {
        self.left == 0 && *self.hasher.finalize().as_bytes() == section.hash
    }
}
