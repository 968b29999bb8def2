//! The manifest: which runs count, and through which entry ids are sealed. It is replaced as a whole.

use std::sync::Arc;

use super::id_index_error::IdIndexError;
use super::id_record::RunFamily;
use super::run::ID_FOLDER;
use crate::disk::limits::RUNS_MAX;
use crate::disk::{Disk, FieldReader, FieldWriter, FileWriter, to_u32, to_u64, to_usize};

const NAME: &str = "manifest";
const MAGIC: [u8; 8] = *b"BALLASTM";
const FORMAT: u16 = 1;
const HEADER_BYTES: u64 = 32;
const ROW_BYTES: u64 = 16;
const HASH_BYTES: u64 = 32;

/// A run that counts. Rows of one family are in the order of their age, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ManifestRow {
    pub(super) family: RunFamily,
    pub(super) level: u8,
    pub(super) number: u64,
}

/// The default is that of a new ledger.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Manifest {
    pub(super) sealed_through: u64,
    pub(super) next_number: u64,
    pub(super) rows: Vec<ManifestRow>,
}

impl Manifest {
    pub(super) fn encode(&self) -> Vec<u8> {
        let fields = FieldWriter::default()
            .array(&MAGIC)
            .u16(FORMAT)
            .u16(0)
            .u32(to_u32(self.rows.len()))
            .u64(self.sealed_through)
            .u64(self.next_number);
        let fields = self.rows.iter().fold(fields, |fields, row| {
            fields.u8(row.family.code()).u8(row.level).array(&[0; 6]).u64(row.number)
        });
        fields.hash().finish()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (fields, hash) = bytes.split_last_chunk::<32>()?;
        if blake3::hash(fields).as_bytes() != hash {
            return None;
        }
        let mut reader = FieldReader::new(fields);
        let known = reader.array() == Some(MAGIC) && reader.u16() == Some(FORMAT);
        known.then_some(())?;
        reader.zeros::<2>()?;
        let count = reader.u32()?;
        let expected = u64::from(count).saturating_mul(ROW_BYTES).saturating_add(HEADER_BYTES);
        (to_u64(fields.len()) == expected).then_some(())?;
        let (sealed_through, next_number) = (reader.u64()?, reader.u64()?);
        let rows = (0..count).map(|_| decode_row(&mut reader)).collect::<Option<_>>()?;
        Some(Self { sealed_through, next_number, rows })
    }

    /// Reads the manifest; a new ledger has none.
    pub(super) fn load(disk: &dyn Disk, names: &[String]) -> Result<Self, IdIndexError> {
        let path = format!("{ID_FOLDER}/{NAME}");
        if !names.iter().any(|name| name == NAME) {
            // Runs are written before the first manifest, so a crash can leave one of each family without it.
            return if names.len() <= RunFamily::ALL.len() {
                Ok(Self::default())
            } else {
                Err(IdIndexError::Malformed { path })
            };
        }
        let file = disk.open(&path)?;
        let length = file.length()?;
        let longest = u64::from(RUNS_MAX).saturating_mul(ROW_BYTES).saturating_add(HEADER_BYTES);
        if length > longest.saturating_add(HASH_BYTES) {
            return Err(IdIndexError::Malformed { path });
        }
        let mut bytes = vec![0; to_usize(length)];
        file.read_at(0, &mut bytes)?;
        Self::decode(&bytes).ok_or(IdIndexError::Malformed { path })
    }

    /// Makes this the manifest, durably.
    pub(super) fn store(&self, disk: &Arc<dyn Disk>) -> Result<(), IdIndexError> {
        if to_u32(self.rows.len()) > RUNS_MAX {
            return Err(IdIndexError::TooManyRuns(RUNS_MAX));
        }
        let mut file = FileWriter::create(disk, ID_FOLDER, NAME.to_owned())?;
        file.append(&self.encode())?;
        file.commit()?;
        Ok(())
    }
}

fn decode_row(reader: &mut FieldReader<'_>) -> Option<ManifestRow> {
    let (family, level) = (RunFamily::from_code(reader.u8()?)?, reader.u8()?);
    reader.zeros::<6>()?;
    Some(ManifestRow { family, level, number: reader.u64()? })
}
