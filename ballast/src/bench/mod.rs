//! `ballast bench`: how fast it is, on this machine, in a form that can be repeated.
//!
//! A case is one file; what cases share is beside them. Every number counts durable replies, and whatever makes a
//! number doubtful is printed before it.

mod decimal;
mod distribution;
mod in_process;
mod ledger_under_test;
mod load;
mod machine;
mod numbers;
mod opening;
mod options;
mod postgres;
mod progress;
mod recovery;
mod report;
mod run_report;
mod spread;
mod store;
mod workload;
mod zipf;

use crate::Failure;
use crate::cli::print;
use machine::Machine;
use options::{Case, LedgerBench, Subject};
use report::Report;

pub use options::BenchCommand;

/// Measures what was asked for.
///
/// # Errors
/// [`Failure::Setup`] for a case that cannot be measured here, [`Failure::Run`] if something failed on the way or runs
/// of one workload ended in different states.
pub async fn run(command: BenchCommand) -> Result<(), Failure> {
    let Subject::Ledger(options) = command.subject;
    // The measured ledger is waited for on threads that nothing else waits on.
    tokio::task::spawn_blocking(move || ledger(&options)).await.map_err(Failure::run)?
}

fn ledger(options: &LedgerBench) -> Result<(), Failure> {
    if let Some(folder) = &options.load_until_killed {
        return recovery::load_until_killed(options, folder);
    }
    if let Case::Binary | Case::Json | Case::Single = options.case {
        let message =
            "this case is not built yet: it comes with the ledger's endpoints; use in-process or recovery";
        return Err(Failure::setup(message));
    }
    let folder = options.folder()?;
    let machine = Machine::of(&folder);
    let mut report = Report::new(options.case, machine, machine::load(), options.parameters());
    if options.case == Case::Recovery {
        report.recovery = recovery::measure(options, &folder)?;
    } else {
        for batch in &options.batch {
            report.add(in_process::measure(options, &folder, *batch)?);
        }
        if !options.without_postgres {
            report.postgres_baseline = Some(postgres::measure(options)?);
        }
    }
    report.finish(machine::load());
    print(&if options.json { report.json()? } else { report.text() })?;
    report.check_roots()
}
