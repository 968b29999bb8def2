//! Why bytes are no frame of this protocol.

/// What the other side did wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireFault {
    /// A body longer than one of its sort can be. What follows cannot be read.
    #[error("a frame of {length} bytes, where {most} are the most")]
    TooLong {
        /// Bytes announced.
        length: u64,
        /// Bytes there may be.
        most: usize,
    },
    /// A kind that has no meaning here.
    #[error("a frame of the unknown kind {0}")]
    KindUnknown(u16),
    /// A body that no writer makes.
    #[error("a malformed frame of kind {0}")]
    Malformed(u16),
}
