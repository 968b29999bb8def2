//! A key as it is registered.

use super::public_key::PublicKey;
use uuid::Uuid;

/// Whose key it is, and since when. Times are microseconds UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntegratorKey {
    /// The id that batches name it by.
    pub id: Uuid,
    /// The account whose money it may move.
    pub account: Uuid,
    /// The key.
    pub public_key: PublicKey,
    /// When it was registered.
    pub created_at: i64,
    /// Since when it is good for nothing, if it is.
    pub revoked_at: Option<i64>,
}
