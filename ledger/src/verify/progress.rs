//! How far a verification is.

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerifyStage {
    /// Live segments are read, the newest snapshot and the id index are opened.
    Opening,
    /// Headers are read for the state roots they carry.
    Roots,
    /// Entries are executed again and compared.
    Entries,
    /// The sealed part of the id index is compared.
    SealedIds,
    /// Statements are walked.
    Statements,
}

/// What the caller is told on the way: at each stage's beginning, and about once for every MiB of journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyProgress {
    /// What is being done.
    pub stage: VerifyStage,
    /// The entry that was verified last.
    pub sequence: u64,
    /// The last entry of the journal; zero until it is known.
    pub last_sequence: u64,
    /// Transfers executed again so far.
    pub transfers: u64,
    /// Bytes of journal verified so far.
    pub bytes: u64,
}
