//! A snapshot whose hashes hold.

use std::sync::Arc;

use super::section::{Section, SectionName, SectionReader, SectionStream, TABLE_ROW_BYTES};
use super::snapshot_error::{SnapshotError, SnapshotFault};
use super::snapshot_header::{HEADER_BYTES, SnapshotHeader};
use crate::disk::limits::SNAPSHOT_SECTIONS_MAX;
use crate::disk::{Disk, DiskFile, FieldReader, to_u64, to_usize};

const TRAILER_BYTES: usize = 48;

/// An open snapshot, all hashes of which were checked.
#[derive(Debug)]
pub struct Snapshot {
    header: SnapshotHeader,
    file: Arc<dyn DiskFile>,
    sections: Vec<Section>,
}

impl Snapshot {
    /// What it is a snapshot of.
    #[must_use]
    pub fn header(&self) -> &SnapshotHeader {
        &self.header
    }

    /// The names of its sections, in the order they were written.
    pub fn sections(&self) -> impl Iterator<Item = SectionName> {
        self.sections.iter().map(|section| section.name)
    }

    /// Reads one section from its beginning.
    pub fn section(&self, name: SectionName) -> Result<SectionReader, SnapshotError> {
        let section = self.sections.iter().find(|section| section.name == name);
        let section = section.ok_or(SnapshotError::SectionMissing(name))?;
        Ok(SectionReader::new(Arc::clone(&self.file), *section))
    }

    /// Opens a file and checks every byte of it.
    pub(crate) fn open(disk: &dyn Disk, path: &str) -> Result<Self, SnapshotFault> {
        let file = disk.open(path)?;
        let snapshot = Self::open_outline(file)?;
        let mut stretch = Vec::new();
        for section in &snapshot.sections {
            let mut stream = SectionStream::new(Arc::clone(&snapshot.file), section);
            loop {
                stream.next_stretch(&mut stretch)?;
                if stretch.is_empty() {
                    break;
                }
            }
            if !stream.holds(section) {
                return Err(SnapshotFault::SectionHash(section.name));
            }
        }
        Ok(snapshot)
    }

    /// Reads and checks header, table and trailer.
    fn open_outline(file: Arc<dyn DiskFile>) -> Result<Self, SnapshotFault> {
        let trailer_at = file.length()?.checked_sub(to_u64(TRAILER_BYTES)).ok_or(SnapshotFault::Malformed)?;
        let header_at = trailer_at.checked_sub(to_u64(HEADER_BYTES)).ok_or(SnapshotFault::Malformed)?;
        let mut header = [0; HEADER_BYTES];
        let mut trailer = [0; TRAILER_BYTES];
        file.read_at(header_at, &mut header)?;
        file.read_at(trailer_at, &mut trailer)?;
        let (fields, hash) = trailer.split_last_chunk::<32>().ok_or(SnapshotFault::Malformed)?;
        let (table_offset, count) = decode_trailer(fields).ok_or(SnapshotFault::Malformed)?;
        let table_bytes = u64::from(count).saturating_mul(to_u64(TABLE_ROW_BYTES));
        if count > SNAPSHOT_SECTIONS_MAX || table_offset.checked_add(table_bytes) != Some(header_at) {
            return Err(SnapshotFault::Malformed);
        }
        let mut table = vec![0; to_usize(table_bytes)];
        file.read_at(table_offset, &mut table)?;
        let parsed = SnapshotHeader::decode(&header)?;
        let outline = blake3::Hasher::new().update(&table).update(&header).update(fields).finalize();
        if outline.as_bytes() != hash {
            return Err(SnapshotFault::TableHash);
        }
        let sections = decode_table(&table, table_offset).ok_or(SnapshotFault::Malformed)?;
        Ok(Self { header: parsed, file, sections })
    }
}

fn decode_trailer(fields: &[u8]) -> Option<(u64, u32)> {
    let mut reader = FieldReader::new(fields);
    let (table_offset, count) = (reader.u64()?, reader.u32()?);
    reader.zeros::<4>()?;
    Some((table_offset, count))
}

/// The rows of the table, whose sections must fill the file from its beginning to the table.
fn decode_table(table: &[u8], table_offset: u64) -> Option<Vec<Section>> {
    let rows = table.chunks_exact(TABLE_ROW_BYTES);
    let sections: Vec<Section> = rows.map(Section::decode).collect::<Option<_>>()?;
    let mut end = 0_u64;
    for section in &sections {
        (section.offset == end).then_some(())?;
        end = end.checked_add(section.length)?;
    }
    (end == table_offset).then_some(sections)
}
