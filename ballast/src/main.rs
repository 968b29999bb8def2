//! The program `ballast`: reads the command line, runs the command, turns its end into an exit code.

use ballast::cli::{Cli, run};
use ballast::{Failure, keep_files_private};
use clap::Parser;
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    keep_files_private();
    let ended = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::setup(format!("the runtime cannot start: {error}")))
        .and_then(|runtime| runtime.block_on(run(cli)));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Nobody is left to tell when standard error is closed.
            drop(writeln!(std::io::stderr(), "ballast: {failure}"));
            ExitCode::from(failure.exit_code())
        }
    }
}
