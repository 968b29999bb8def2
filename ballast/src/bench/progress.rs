//! What a benchmark says while it works; standard output stays for the result.

use std::io::{IsTerminal, Write};

/// Says on a terminal what is being done.
pub(crate) fn say(what: &str) {
    let mut terminal = std::io::stderr();
    if terminal.is_terminal() {
        // A terminal that is gone shows nothing, and nothing else depends on it.
        drop(writeln!(terminal, "... {what}"));
    }
}
