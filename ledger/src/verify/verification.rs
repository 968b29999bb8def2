//! One verification, from the first entry to the last.

use super::compare::transfers_of;
use super::difference::{At, DifferenceKind};
use super::directory::Directory;
use super::entries::Entries;
use super::execution::{Execution, engine_settings};
use super::laws::check_laws;
use super::progress::{VerifyProgress, VerifyStage};
use super::report::VerifyReport;
use super::roots::Roots;
use super::sealed_ids::compare_sealed;
use super::settings::VerifySettings;
use super::snapshots::Snapshots;
use super::statements::walk_statements;
use super::verify_error::VerifyError;
use crate::Entry;
use crate::body::decode_entry;
use crate::disk::{ReadOnlyDisk, to_u64};
use crate::journal::EntryHeader;

/// Bytes of journal between two calls of the caller's `progress`.
const PROGRESS_BYTES: u64 = 1024 * 1024;

/// Verifies the directory on this disk. `progress` is called on the way.
///
/// # Errors
/// A [`VerifyError`]: the first difference, or why nothing could be compared.
pub fn verify(
    disk: ReadOnlyDisk,
    settings: &VerifySettings,
    progress: &mut dyn FnMut(VerifyProgress),
) -> Result<VerifyReport, VerifyError> {
    let mut teller = Teller::new(progress);
    teller.tell(VerifyStage::Opening);
    let directory = Directory::open(disk, settings)?;
    directory.check_parts()?;
    teller.state.last_sequence = directory.journal.last_sequence();
    let mut verification = Verification::new(&directory, settings)?;
    verification.run(&mut teller)?;
    verification.finish(&mut teller)
}

struct Verification<'a> {
    directory: &'a Directory,
    settings: &'a VerifySettings,
    execution: Execution,
    roots: Roots,
    snapshots: Snapshots,
    report: VerifyReport,
}

impl<'a> Verification<'a> {
    fn new(directory: &'a Directory, settings: &'a VerifySettings) -> Result<Self, VerifyError> {
        let report = VerifyReport {
            sealed_segments: to_u64(directory.archived.len()),
            torn_entries: directory.torn_entries,
            with_model: settings.with_model,
            ..VerifyReport::default()
        };
        let disk = std::sync::Arc::clone(&directory.disk);
        Ok(Self {
            directory,
            settings,
            execution: Execution::new(directory, settings.with_model)?,
            roots: Roots::new(directory.secret.tree_key.clone()),
            snapshots: Snapshots::new(disk, &directory.snapshots, engine_settings(directory)),
            report,
        })
    }

    /// Executes every entry again.
    fn run(&mut self, teller: &mut Teller<'_>) -> Result<(), VerifyError> {
        teller.tell(VerifyStage::Roots);
        self.roots.collect(self.execution.reader(), teller.state.last_sequence);
        teller.tell(VerifyStage::Entries);
        if self.directory.sealed_through == 0 {
            self.compare_sealed(0)?;
        }
        let mut entries = Entries::new(self.directory);
        while let Some(view) = entries.next_entry()? {
            let header = view.header;
            let sequence = header.fields.sequence;
            let entry = decode_entry(&header, view.body).map_err(|fault| {
                At::entry(sequence, DifferenceKind::Body).differs("a body that the ledger writes", fault)
            })?;
            self.roots.check_header(&header)?;
            self.execution.execute(header.fields.kind, &entry)?;
            self.count(&header, &entry);
            self.compare_state(&header)?;
            if sequence == self.directory.sealed_through {
                teller.tell(VerifyStage::SealedIds);
                self.compare_sealed(sequence)?;
            }
            teller.verified(&self.report, sequence);
        }
        Ok(())
    }

    /// What is kept of the state after this entry: its root, and a snapshot.
    fn compare_state(&mut self, header: &EntryHeader) -> Result<(), VerifyError> {
        let sequence = header.fields.sequence;
        let has_snapshot = self.snapshots.is_due(sequence);
        if !has_snapshot && !self.roots.is_expected(sequence) {
            return Ok(());
        }
        let root = self.roots.compute(&mut self.execution.engine)?.state_root();
        if self.roots.is_expected(sequence) {
            self.roots.compare(sequence, root, self.execution.reader())?;
            self.report.roots_compared = self.report.roots_compared.saturating_add(1);
        }
        if has_snapshot {
            self.snapshots.compare(header, &self.execution.engine, root)?;
            check_laws(&self.execution.engine)?;
            self.report.snapshots_compared = self.report.snapshots_compared.saturating_add(1);
        }
        Ok(())
    }

    fn compare_sealed(&mut self, through: u64) -> Result<(), VerifyError> {
        self.report.sealed_ids = compare_sealed(&self.directory.sealed, &self.execution.used, through)?;
        Ok(())
    }

    fn count(&mut self, header: &EntryHeader, entry: &Entry) {
        let report = &mut self.report;
        let counts = header.fields.counts;
        for (figure, more) in [
            (&mut report.entries, 1),
            (&mut report.transfers, u64::from(counts.transfers)),
            (&mut report.requests, u64::from(counts.requests)),
            (&mut report.expiries, u64::from(counts.expiries)),
            (&mut report.bytes, header.padded_length()),
        ] {
            *figure = figure.saturating_add(more);
        }
        // Runs of one status are usual, so that the map is asked once for each run.
        let mut transfers = transfers_of(entry).map(|recorded| recorded.outcome.status).peekable();
        while let Some(status) = transfers.next() {
            let mut run = 1_u64;
            while transfers.next_if_eq(&status).is_some() {
                run = run.saturating_add(1);
            }
            let figure = report.by_status.entry(status).or_default();
            *figure = figure.saturating_add(run);
        }
        (report.last_hash, report.last_timestamp) = (header.hash, header.fields.timestamp);
    }

    /// What can be said once the journal has ended.
    fn finish(mut self, teller: &mut Teller<'_>) -> Result<VerifyReport, VerifyError> {
        self.snapshots.check_none_left()?;
        let root = self.roots.compute(&mut self.execution.engine)?;
        let engine = &self.execution.engine;
        self.report.supply = check_laws(engine)?;
        if let Some(second) = &self.execution.second {
            second.compare_state(engine)?;
        }
        self.report.state_root = Some(root.state_root());
        self.report.accounts = to_u64(engine.account_count());
        self.report.open_pending = to_u64(engine.open_pending_count());
        self.report.allowances = to_u64(engine.allowances().count());
        let mut reader = self.directory.journal.reader();
        let walked = walk_statements(engine, &mut reader, self.settings, || {
            teller.tell(VerifyStage::Statements);
        })?;
        (self.report.statements_walked, self.report.statements_left_out) = (walked.whole, walked.left_out);
        Ok(self.report)
    }
}

/// Tells the caller how far it is.
struct Teller<'a> {
    progress: &'a mut dyn FnMut(VerifyProgress),
    state: VerifyProgress,
    told_bytes: u64,
}

impl<'a> Teller<'a> {
    fn new(progress: &'a mut dyn FnMut(VerifyProgress)) -> Self {
        let stage = VerifyStage::Opening;
        let state = VerifyProgress { stage, sequence: 0, last_sequence: 0, transfers: 0, bytes: 0 };
        Self { progress, state, told_bytes: 0 }
    }

    fn tell(&mut self, stage: VerifyStage) {
        self.state.stage = stage;
        (self.progress)(self.state);
    }

    fn verified(&mut self, report: &VerifyReport, sequence: u64) {
        (self.state.transfers, self.state.bytes, self.state.sequence) =
            (report.transfers, report.bytes, sequence);
        if report.bytes.saturating_sub(self.told_bytes) >= PROGRESS_BYTES {
            self.told_bytes = report.bytes;
            self.tell(VerifyStage::Entries);
        }
    }
}
