//! Showing on a terminal how far it is. Standard output stays for the result.

use crate::clock;
use ledger::verify::{VerifyProgress, VerifyStage};
use std::io::{IsTerminal, Stderr, Write};
use std::time::Duration;

/// How often a line is written.
const PAUSE: Duration = Duration::from_millis(200);

/// A line that is written over itself.
#[derive(Debug)]
pub(super) struct Watch {
    terminal: Option<Stderr>,
    written_at: Option<Duration>,
}

impl Watch {
    pub(super) fn new() -> Self {
        let terminal = std::io::stderr();
        Self { terminal: terminal.is_terminal().then_some(terminal), written_at: None }
    }

    pub(super) fn see(&mut self, progress: &VerifyProgress) {
        let Some(terminal) = &mut self.terminal else { return };
        let now = (clock::SYSTEM.uptime)();
        if self.written_at.is_some_and(|written| now.saturating_sub(written) < PAUSE) {
            return;
        }
        self.written_at = Some(now);
        // A terminal that is gone shows nothing, and nothing else depends on it.
        drop(write!(terminal, "\r\x1b[K... {}", line(progress)).and_then(|()| terminal.flush()));
    }

    /// Takes the line away.
    pub(super) fn end(&mut self) {
        if let Some(terminal) = self.terminal.as_mut().filter(|_| self.written_at.is_some()) {
            drop(write!(terminal, "\r\x1b[K").and_then(|()| terminal.flush()));
        }
    }
}

fn line(progress: &VerifyProgress) -> String {
    let VerifyProgress { stage, sequence, last_sequence, transfers, .. } = progress;
    match stage {
        VerifyStage::Opening => "opening".to_owned(),
        VerifyStage::Roots => format!("looking for state roots in {last_sequence} entries"),
        VerifyStage::Entries => format!("entry {sequence} of {last_sequence}, {transfers} transfers"),
        VerifyStage::SealedIds => format!("entry {sequence} of {last_sequence}, comparing the id index"),
        VerifyStage::Statements => "walking statements".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_it_is() {
        let progress = VerifyProgress {
            stage: VerifyStage::Entries,
            sequence: 5,
            last_sequence: 9,
            transfers: 70,
            bytes: 4_096,
        };
        assert_eq!(line(&progress), "entry 5 of 9, 70 transfers");
    }
}
