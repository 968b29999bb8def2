//! Why there is no capture. The engine executes as before.

/// A call about captures that makes no sense now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CaptureError {
    /// The state is that of no entry.
    #[error("an earlier entry failed halfway; stop the process and recover from the journal")]
    Failed,
    /// There is one at a time.
    #[error("a capture is on; take the rest of it or abandon it")]
    AlreadyOn,
    /// There is none.
    #[error("no capture is on; begin one")]
    NotOn,
}
