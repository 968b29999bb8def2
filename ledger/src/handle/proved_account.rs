//! An account with what convinces somebody who trusts only the journal's hashes.

use crate::Account;
use crate::journal::EntryHeader;
use crate::proof::AccountProof;

/// An account and the proof that a state root holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct ProvedAccount {
    /// The account as the state root knows it.
    pub account: Account,
    /// Its leaf and the path to the root.
    pub proof: AccountProof,
    /// The entry after which the root holds.
    pub sequence: u64,
    /// The header of the durable entry that carries the root.
    pub carried_by: EntryHeader,
}
