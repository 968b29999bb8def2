//! Signed batches: from bytes of a stranger to transfers that a key's account may ask for.
//!
//! Each type is made by the check before it, so no step can be left out:
//! [`SignedBatch`] is well formed, [`AuthenticBatch`] is of the holder of a registered key, [`OwnTransfers`] move
//! no other account's money. Everything here is a function of its arguments.

mod authentic;
mod own_transfers;
mod refusal;
mod signed;

pub use authentic::AuthenticBatch;
pub use own_transfers::OwnTransfers;
pub use refusal::BatchRefusal;
pub use signed::SignedBatch;
