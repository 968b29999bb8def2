//! The state in a snapshot: which sections there are, and what they hold.
//!
//! ```text
//! state           whether the ledger is frozen, 1 byte
//! accounts_n      accounts, 128 bytes each
//! pending_n       open pending transfers, 96 bytes each
//! allowances_n    allowances, each after the one above it
//! ids             the manifest of the id index
//! ```

use super::service_error::ServiceError;
use crate::allowance::Allowance;
use crate::disk::to_usize;
use crate::engine::{CapturedPart, Engine};
use crate::snapshot::{SectionName, Snapshot, SnapshotFolder, SnapshotHeader, SnapshotWriter};
use crate::{ACCOUNT_BYTES, Account, PENDING_BYTES, Pending};

/// A section is written when it is about so long, so that memory stays bounded and sections stay few.
const SECTION_BYTES: usize = 8 * 1024 * 1024;

/// No section is longer: one part is added to what is less than [`SECTION_BYTES`], and merging keeps the manifest of
/// the id index far below.
const SECTION_BYTES_MAX: usize = 16 * SECTION_BYTES;

const STATE: &str = "state";
const ACCOUNTS: &str = "accounts_";
const PENDING: &str = "pending_";
const ALLOWANCES: &str = "allowances_";
const IDS: &str = "ids";

/// A snapshot being written, part by part.
#[derive(Debug)]
pub(super) struct StateWriter {
    writer: SnapshotWriter,
    accounts: Rows,
    pending: Rows,
    allowances: Rows,
}

#[derive(Debug)]
struct Rows {
    prefix: &'static str,
    sections: u32,
    bytes: Vec<u8>,
}

impl Rows {
    const fn new(prefix: &'static str) -> Self {
        Self { prefix, sections: 0, bytes: Vec::new() }
    }

    fn write(&mut self, writer: &mut SnapshotWriter, at_least: usize) -> Result<(), ServiceError> {
        if self.bytes.len() < at_least.max(1) {
            return Ok(());
        }
        writer.begin_section(SectionName::new(&format!("{}{}", self.prefix, self.sections))?)?;
        writer.write(&self.bytes)?;
        self.bytes.clear();
        self.sections = self.sections.saturating_add(1);
        Ok(())
    }
}

impl StateWriter {
    pub(super) fn begin(folder: &SnapshotFolder, sequence: u64, frozen: bool) -> Result<Self, ServiceError> {
        let mut writer = folder.create(sequence)?;
        writer.begin_section(SectionName::new(STATE)?)?;
        writer.write(&[u8::from(frozen)])?;
        let (accounts, pending) = (Rows::new(ACCOUNTS), Rows::new(PENDING));
        Ok(Self { writer, accounts, pending, allowances: Rows::new(ALLOWANCES) })
    }

    pub(super) fn write(&mut self, part: &CapturedPart) -> Result<(), ServiceError> {
        for captured in &part.accounts {
            self.accounts.bytes.extend_from_slice(&captured.account.encode());
        }
        for pending in &part.pending {
            self.pending.bytes.extend_from_slice(&pending.encode());
        }
        part.allowances.iter().for_each(|allowance| allowance.encode(&mut self.allowances.bytes));
        self.write_rows(SECTION_BYTES)
    }

    pub(super) fn finish(mut self, header: &SnapshotHeader, ids: &[u8]) -> Result<(), ServiceError> {
        self.write_rows(0)?;
        self.writer.begin_section(SectionName::new(IDS)?)?;
        self.writer.write(ids)?;
        Ok(self.writer.finish(header)?)
    }

    fn write_rows(&mut self, at_least: usize) -> Result<(), ServiceError> {
        for rows in [&mut self.accounts, &mut self.pending, &mut self.allowances] {
            rows.write(&mut self.writer, at_least)?;
        }
        Ok(())
    }
}

/// Loads the state of a snapshot into an engine that has none.
pub(crate) fn load_state(snapshot: &Snapshot, engine: &mut Engine) -> Result<(), ServiceError> {
    let mut frozen = false;
    let mut allowances = Vec::new();
    for name in snapshot.sections() {
        let label = name.to_string();
        let malformed = || ServiceError::SnapshotSection(label.clone());
        let bytes = read_section(snapshot, name)?;
        if label == STATE {
            frozen = bytes == [1];
        } else if label.starts_with(ACCOUNTS) {
            load_accounts(&bytes, engine).ok_or_else(malformed)?;
        } else if label.starts_with(PENDING) {
            let (records, rest) = bytes.as_chunks::<PENDING_BYTES>();
            records.iter().for_each(|record| engine.load_pending(Pending::decode(record)));
            rest.is_empty().then_some(()).ok_or_else(malformed)?;
        } else if label.starts_with(ALLOWANCES) {
            decode_allowances(&bytes, &mut allowances).ok_or_else(malformed)?;
        } else if label != IDS {
            return Err(malformed());
        }
    }
    engine.load_allowances(allowances);
    let header = snapshot.header();
    engine.resume(header.sequence, header.timestamp, frozen);
    Ok(())
}

fn load_accounts(bytes: &[u8], engine: &mut Engine) -> Option<()> {
    let (records, rest) = bytes.as_chunks::<ACCOUNT_BYTES>();
    for record in records {
        engine.load_account(&Account::decode(record)?);
    }
    rest.is_empty().then_some(())
}

fn decode_allowances(mut bytes: &[u8], allowances: &mut Vec<Allowance>) -> Option<()> {
    while !bytes.is_empty() {
        let (allowance, rest) = Allowance::decode(bytes)?;
        allowances.push(allowance);
        bytes = rest;
    }
    Some(())
}

/// A section's bytes, their hash checked.
fn read_section(snapshot: &Snapshot, name: SectionName) -> Result<Vec<u8>, ServiceError> {
    let mut reader = snapshot.section(name)?;
    let length = to_usize(reader.remaining());
    if length > SECTION_BYTES_MAX {
        return Err(ServiceError::SnapshotSection(name.to_string()));
    }
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes)?;
    reader.finish()?;
    Ok(bytes)
}
