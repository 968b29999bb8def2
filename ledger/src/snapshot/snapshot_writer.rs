//! Writing a snapshot as a stream.

use std::sync::Arc;

use super::section::{Section, SectionName};
use super::snapshot_error::SnapshotError;
use super::snapshot_folder::{SNAPSHOT_FOLDER, remove_older, snapshot_name};
use super::snapshot_header::SnapshotHeader;
use crate::disk::limits::SNAPSHOT_SECTIONS_MAX;
use crate::disk::{Disk, FieldWriter, FileWriter, to_u32};

/// A snapshot under construction: begin a section, write its bytes in as many pieces as you like, go on with the
/// next. Nothing of it counts before [`SnapshotWriter::finish`].
#[derive(Debug)]
pub struct SnapshotWriter {
    disk: Arc<dyn Disk>,
    sequence: u64,
    file: FileWriter,
    sections: Vec<Section>,
    open: Option<OpenSection>,
}

#[derive(Debug)]
struct OpenSection {
    name: SectionName,
    offset: u64,
    hasher: blake3::Hasher,
}

impl SnapshotWriter {
    pub(super) fn create(disk: Arc<dyn Disk>, sequence: u64) -> Result<Self, SnapshotError> {
        let file = FileWriter::create(&disk, SNAPSHOT_FOLDER, snapshot_name(sequence))?;
        Ok(Self { disk, sequence, file, sections: Vec::new(), open: None })
    }

    /// Ends the section before and begins one of this name.
    pub fn begin_section(&mut self, name: SectionName) -> Result<(), SnapshotError> {
        self.end_section();
        if to_u32(self.sections.len()) >= SNAPSHOT_SECTIONS_MAX {
            return Err(SnapshotError::TooManySections(SNAPSHOT_SECTIONS_MAX));
        }
        if self.sections.iter().any(|section| section.name == name) {
            return Err(SnapshotError::NameTaken(name));
        }
        self.open = Some(OpenSection { name, offset: self.file.offset(), hasher: blake3::Hasher::new() });
        Ok(())
    }

    /// Puts bytes at the end of the section that was begun last. Pieces of some KiB are fastest.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        let section = self.open.as_mut().ok_or(SnapshotError::NoSection)?;
        section.hasher.update(bytes);
        Ok(self.file.append(bytes)?)
    }

    /// Says what it is a snapshot of, makes it durable and removes all but the two newest.
    pub fn finish(mut self, header: &SnapshotHeader) -> Result<(), SnapshotError> {
        if header.sequence != self.sequence {
            return Err(SnapshotError::OtherSequence { begun: self.sequence, finished: header.sequence });
        }
        self.end_section();
        let table_offset = self.file.offset();
        let rows = self.sections.iter().flat_map(Section::encode);
        let count = to_u32(self.sections.len());
        let trailer = FieldWriter::default().u64(table_offset).u32(count).u32(0).finish();
        let outline: Vec<u8> = rows.chain(header.encode()).chain(trailer).collect();
        self.file.append(&outline)?;
        self.file.append(blake3::hash(&outline).as_bytes())?;
        self.file.commit()?;
        Ok(remove_older(self.disk.as_ref())?)
    }

    fn end_section(&mut self) {
        if let Some(OpenSection { name, offset, hasher }) = self.open.take() {
            let length = self.file.offset().saturating_sub(offset);
            self.sections.push(Section { name, offset, length, hash: *hasher.finalize().as_bytes() });
        }
    }
}
