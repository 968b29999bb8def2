//! Why the program ends without success, and with which exit code.

use std::fmt;

/// One line for a person, and an exit code for a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It did not start: wrong use, configuration or surroundings. Nothing was created.
    Setup(String),
    /// It ran, and something failed.
    Run(String),
    /// A signal ended it before it was done. What it had begun was taken back.
    Interrupted,
}

/// What a shell calls a process that was interrupted.
pub(crate) const INTERRUPTED: u8 = 130;

impl Failure {
    /// A failure to start; `message` says what is wrong and what to do, in one line.
    pub fn setup(message: impl fmt::Display) -> Self {
        Self::Setup(one_line(&message.to_string()))
    }

    /// A failure while running.
    pub fn run(message: impl fmt::Display) -> Self {
        Self::Run(one_line(&message.to_string()))
    }

    /// The exit code of the process.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Setup(_) => 2,
            Self::Run(_) => 1,
            Self::Interrupted => INTERRUPTED,
        }
    }
}

/// Scripts read a failure line by line, so the messages of libraries are folded into one.
fn one_line(message: &str) -> String {
    message.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Setup(message) | Self::Run(message) => formatter.write_str(message),
            Self::Interrupted => formatter.write_str("interrupted before it was done; run it again"),
        }
    }
}

impl std::error::Error for Failure {}
