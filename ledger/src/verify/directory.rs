//! The directory, opened without changing it.

use std::sync::Arc;

use super::difference::{At, DifferenceKind};
use super::settings::VerifySettings;
use super::verify_error::{VerifyError, of_disk, of_ids, of_journal, of_service};
use crate::disk::{Disk, ReadOnlyDisk};
use crate::id_index::{HashKey, IdIndex, SealedIndex};
use crate::journal::{
    ArchivedSegment, EntryHeader, JOURNAL_FOLDER, Journal, JournalOptions, Recovered, has_segments,
    open_archive,
};
use crate::service::Secret;
use crate::snapshot::{SNAPSHOT_FOLDER, Snapshot, list_newest_first, snapshot_name};

/// Everything that a ledger keeps.
#[derive(Debug)]
pub(super) struct Directory {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) secret: Secret,
    pub(super) journal: Journal,
    pub(super) archived: Vec<ArchivedSegment>,
    pub(super) sealed: SealedIndex,
    pub(super) sealed_through: u64,
    /// The entries that there are snapshots of, oldest first.
    pub(super) snapshots: Vec<u64>,
    /// Entries behind the end of the journal.
    pub(super) torn_entries: u64,
}

impl Directory {
    /// Opens it as a start does: what a start would refuse or repair is found, and repaired in memory alone.
    pub(super) fn open(beneath: ReadOnlyDisk, settings: &VerifySettings) -> Result<Self, VerifyError> {
        let read_only = Arc::new(beneath);
        let disk: Arc<dyn Disk> = Arc::<ReadOnlyDisk>::clone(&read_only);
        let secret = open_secret(&disk)?;
        let snapshot_at = At::directory(DifferenceKind::Snapshot);
        let mut snapshots = list_newest_first(disk.as_ref()).map_err(|error| of_disk(snapshot_at, error))?;
        let options = JournalOptions {
            journal_id: secret.journal_id,
            segment_bytes: settings.segment_bytes,
            required_through: newest_that_holds(disk.as_ref(), &snapshots),
        };
        let (journal, recovered) = Journal::open(Arc::clone(&disk), options).map_err(of_journal)?;
        let torn_entries = count_torn(&read_only, &secret, &recovered)?;
        let archived = open_archive(disk.as_ref()).map_err(of_journal)?;
        let key = HashKey::new(secret.journal_id.0);
        let (ids, sealer) = IdIndex::open(Arc::clone(&disk), key).map_err(of_ids)?;
        snapshots.reverse();
        let (sealed, sealed_through) = (ids.sealed().clone(), sealer.sealed_through());
        Ok(Self { disk, secret, journal, archived, sealed, sealed_through, snapshots, torn_entries })
    }

    /// What holds between the parts without looking into them.
    pub(super) fn check_parts(&self) -> Result<(), VerifyError> {
        let oldest = self.journal.reader().oldest_sequence();
        if oldest != 1 {
            let at = At::entry(1, DifferenceKind::Journal);
            return Err(at.differs("every entry from 1 on", format_args!("entry {oldest} as the first")));
        }
        self.check_covered()?;
        self.check_sealed_through()
    }

    /// Only what a snapshot covers is sealed.
    fn check_covered(&self) -> Result<(), VerifyError> {
        let sealed = self.archived.last().map_or(0, ArchivedSegment::last_sequence);
        let newest = self.snapshots.last().copied().unwrap_or(0);
        if newest >= sealed {
            return Ok(());
        }
        let at = At::entry(sealed, DifferenceKind::Snapshot);
        let found =
            if newest == 0 { "none".to_owned() } else { format!("that of entry {newest} as the newest") };
        Err(at.differs("a snapshot of this entry or a later one, since it is sealed", found))
    }

    /// Ids are sealed to the end of a sealed segment, and at least as far as segments have left the journal.
    fn check_sealed_through(&self) -> Result<(), VerifyError> {
        let through = self.sealed_through;
        let is_end = through == 0 || self.archived.iter().any(|one| one.last_sequence() == through);
        let still_live = self.journal.recyclable().first().map_or(u64::MAX, ArchivedSegment::ordinal);
        let left = self.archived.iter().take_while(|one| one.ordinal() < still_live).last();
        let needed = left.map_or(0, ArchivedSegment::last_sequence);
        if is_end && through >= needed {
            return Ok(());
        }
        let at = At::directory(DifferenceKind::IdIndex);
        let expected = format!("ids sealed through the end of a sealed segment, entry {needed} or later");
        Err(at.differs(expected, format_args!("entry {through}")))
    }
}

fn open_secret(disk: &Arc<dyn Disk>) -> Result<Secret, VerifyError> {
    let at = At::directory(DifferenceKind::Journal);
    match Secret::read(disk) {
        Ok(secret) => Ok(secret),
        Err(crate::service::ServiceError::Disk(error)) if error.is_missing() => {
            let has_segments = has_segments(disk.as_ref()).map_err(|error| of_disk(at, error))?;
            Err(if has_segments { of_disk(at, error) } else { VerifyError::NoLedger })
        }
        Err(error) => Err(of_service(at, error)),
    }
}

/// The newest snapshot that holds says how far the journal has to go. One that does not hold is a difference, too, at
/// its place.
fn newest_that_holds(disk: &dyn Disk, newest_first: &[u64]) -> u64 {
    let holds = |sequence: &&u64| {
        let path = format!("{SNAPSHOT_FOLDER}/{}", snapshot_name(**sequence));
        Snapshot::open(disk, &path).is_ok_and(|snapshot| snapshot.header().sequence == **sequence)
    };
    newest_first.iter().find(holds).copied().unwrap_or(0)
}

/// Counts entries that were cut: later ones than the last whose headers can still be read.
fn count_torn(disk: &ReadOnlyDisk, secret: &Secret, recovered: &Recovered) -> Result<u64, VerifyError> {
    let at = At::directory(DifferenceKind::Journal);
    let mut torn = 0_u64;
    for name in disk.list(JOURNAL_FOLDER).map_err(|error| of_disk(at, error))? {
        let counted = disk.for_each_changed_page(&format!("{JOURNAL_FOLDER}/{name}"), |page| {
            let header = EntryHeader::decode(secret.journal_id, page);
            let is_later = header.is_ok_and(|header| header.fields.sequence > recovered.last_sequence);
            torn = torn.saturating_add(u64::from(is_later));
        });
        counted.map_err(|error| of_disk(at, error))?;
    }
    Ok(torn)
}
