//! Why bytes are not the body of an entry.

/// What does not hold. The hash of an entry is checked before its body is read, so this is a fault of what wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyFault {
    /// More records than an entry may have.
    #[error("the header counts more records than an entry may have")]
    CountOutOfRange,
    /// The records end before the body does, or the other way round.
    #[error("the body is not as long as its records")]
    LengthWrong,
    /// A transfer's outcome is none that the ledger writes.
    #[error("the outcome of transfer {0} is malformed")]
    OutcomeMalformed(u32),
    /// An end that names no accepted post or void, or is missing.
    #[error("the ends of pending transfers do not fit the transfers")]
    EndsWrong,
    /// An administrative request is malformed, or stands out of order.
    #[error("administrative request {0} is malformed")]
    RequestMalformed(u32),
}
