//! A file that is there whole or not at all: written under a temporary name, flushed, renamed, folder flushed.

use std::mem;
use std::sync::Arc;

use super::limits::WRITE_BUFFER_BYTES;
use super::{Disk, DiskError, DiskFile, to_u64};

/// What a file's name ends with until it is complete.
const TEMPORARY_SUFFIX: &str = ".new";

/// Writes a new file from its beginning to its end. Dropped before [`FileWriter::commit`] it leaves a
/// temporary file, which the next start removes.
#[derive(Debug)]
pub(crate) struct FileWriter {
    disk: Arc<dyn Disk>,
    folder: &'static str,
    name: String,
    file: Arc<dyn DiskFile>,
    buffer: Vec<u8>,
    written: u64,
}

impl FileWriter {
    pub(crate) fn create(
        disk: &Arc<dyn Disk>,
        folder: &'static str,
        name: String,
    ) -> Result<Self, DiskError> {
        let file = disk.create(&format!("{folder}/{name}{TEMPORARY_SUFFIX}"))?;
        let buffer = Vec::with_capacity(WRITE_BUFFER_BYTES);
        Ok(Self { disk: Arc::clone(disk), folder, name, file, buffer, written: 0 })
    }

    /// Bytes appended so far: the offset of the next one.
    pub(crate) fn offset(&self) -> u64 {
        self.written.saturating_add(to_u64(self.buffer.len()))
    }

    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        if self.buffer.len().saturating_add(bytes.len()) > WRITE_BUFFER_BYTES {
            self.write_buffer()?;
        }
        if bytes.len() >= WRITE_BUFFER_BYTES {
            return self.write(bytes);
        }
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    /// Makes the file durable under its own name, replacing an older one, and returns it open.
    pub(crate) fn commit(mut self) -> Result<Arc<dyn DiskFile>, DiskError> {
        self.write_buffer()?;
        self.file.flush()?;
        let path = format!("{}/{}", self.folder, self.name);
        self.disk.rename(&format!("{path}{TEMPORARY_SUFFIX}"), &path)?;
        self.disk.flush_folder(self.folder)?;
        Ok(self.file)
    }

    fn write_buffer(&mut self) -> Result<(), DiskError> {
        let mut buffer = mem::take(&mut self.buffer);
        if !buffer.is_empty() {
            self.write(&buffer)?;
        }
        buffer.clear();
        self.buffer = buffer;
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        self.file.write_at(self.written, bytes)?;
        self.written = self.written.saturating_add(to_u64(bytes.len()));
        Ok(())
    }
}

/// Removes what a crash left half written, and returns the other names.
pub(crate) fn remove_temporary_files(disk: &dyn Disk, folder: &str) -> Result<Vec<String>, DiskError> {
    let (temporary, complete): (Vec<_>, Vec<_>) =
        disk.list(folder)?.into_iter().partition(|name| name.ends_with(TEMPORARY_SUFFIX));
    for name in temporary {
        disk.remove(&format!("{folder}/{name}"))?;
    }
    Ok(complete)
}
