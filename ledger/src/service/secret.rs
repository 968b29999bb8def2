//! The ledger's two secrets, kept beside its journal: a backup without them cannot be read.

use std::sync::Arc;

use super::service_error::ServiceError;
use crate::disk::{Disk, FieldReader, FieldWriter, FileWriter};
use crate::journal::JournalId;
use crate::proof::TreeKey;

const FOLDER: &str = "secret";
const NAME: &str = "ledger";
const PATH: &str = "secret/ledger";
const MAGIC: [u8; 8] = *b"BALLASTK";
const LENGTH: usize = 8 + 16 + 32 + 32;

/// Random bytes for a new ledger; used only if there is none yet.
pub const SECRET_BYTES: usize = 48;

/// What marks the journal's entries, and what salts the leaves of the state tree.
#[derive(Debug, Clone)]
pub(crate) struct Secret {
    pub(crate) journal_id: JournalId,
    pub(crate) tree_key: TreeKey,
}

impl Secret {
    /// Reads the secrets, or keeps new ones made of `random` if the ledger has never been started.
    pub(crate) fn open(disk: &Arc<dyn Disk>, random: &[u8; SECRET_BYTES]) -> Result<Self, ServiceError> {
        disk.create_folder(FOLDER)?;
        if disk.list(FOLDER)?.iter().any(|name| name == NAME) {
            return Self::read(disk);
        }
        if crate::journal::has_segments(disk.as_ref())? {
            return Err(ServiceError::SecretMissing(PATH.to_owned()));
        }
        let bytes = FieldWriter::default().array(&MAGIC).array(random).hash().finish();
        let mut file = FileWriter::create(disk, FOLDER, NAME.to_owned())?;
        file.append(&bytes)?;
        file.commit()?;
        Self::read(disk)
    }

    /// Reads the secrets of a ledger that is there.
    pub(crate) fn read(disk: &Arc<dyn Disk>) -> Result<Self, ServiceError> {
        let malformed = || ServiceError::SecretMalformed(PATH.to_owned());
        let file = disk.open(PATH)?;
        let mut bytes = [0; LENGTH];
        if file.length()? != crate::disk::to_u64(LENGTH) {
            return Err(malformed());
        }
        file.read_at(0, &mut bytes)?;
        let (fields, hash) = bytes.split_last_chunk::<32>().ok_or_else(malformed)?;
        let mut reader = FieldReader::new(fields);
        let known = reader.array() == Some(MAGIC) && blake3::hash(fields).as_bytes() == hash;
        let (journal_id, tree_secret) = (reader.array(), reader.array());
        match (known, journal_id, tree_secret) {
            (true, Some(id), Some(secret)) => {
                Ok(Self { journal_id: JournalId(id), tree_key: TreeKey::new(&secret) })
            }
            _ => Err(malformed()),
        }
    }
}
