//! `ballast verify`: executes the journal of a ledger's directory again and compares everything that is kept in it.
//!
//! The directory is not changed, and one that a running ledger has open is refused.

mod document;
mod watch;

use crate::cli::print;
use crate::{Failure, clock};
use clap::Args;
use document::Document;
use ledger::disk::ReadOnlyDisk;
use ledger::verify::{VerifyError, VerifySettings, verify};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use watch::Watch;

/// What to verify.
#[derive(Debug, Clone, Args)]
pub struct VerifyOptions {
    /// The ledger's directory: the one that holds the folders journal and secret.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Write the figures, or the first difference, as one JSON document instead of a table.
    #[arg(long)]
    json: bool,
    /// Execute everything with the sequential model, too: several times slower, and every transfer is kept in
    /// memory.
    #[arg(long)]
    model: bool,
}

/// Verifies a directory.
///
/// # Errors
/// [`Failure::Run`] with the first difference, [`Failure::Setup`] when the directory could not be verified.
pub fn run(options: &VerifyOptions) -> Result<(), Failure> {
    let disk = open(&options.data)?;
    let settings = VerifySettings { with_model: options.model, ..VerifySettings::default() };
    let started = (clock::SYSTEM.uptime)();
    let mut watch = Watch::new();
    let verified = verify(disk, &settings, &mut |progress| watch.see(&progress));
    watch.end();
    let took = (clock::SYSTEM.uptime)().saturating_sub(started);
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    match verified {
        Ok(report) if options.json => print(&Document::of(&report, micros).json()?),
        Ok(report) => print(&Document::of(&report, micros).table()),
        Err(VerifyError::Difference(difference)) => {
            if options.json {
                print(&Document::of_difference(&difference).json()?)?;
            }
            Err(Failure::run(difference))
        }
        Err(error) => Err(unusable(&options.data, error)),
    }
}

fn open(data: &Path) -> Result<ReadOnlyDisk, Failure> {
    ReadOnlyDisk::open(data).map_err(|error| {
        if error.source.kind() == ErrorKind::ResourceBusy {
            return unusable(data, "a running ledger has it open; stop that first, or verify a copy");
        }
        unusable(data, format_args!("{}; name a ledger's directory with --data", error.source))
    })
}

fn unusable(data: &Path, why: impl std::fmt::Display) -> Failure {
    Failure::setup(format!("data directory {}: {why}", data.display()))
}
