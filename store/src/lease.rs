//! Leases: at most one active process for each role.
//!
//! Invariant: at any time at most one holder has a role whose lease has not expired. Times are microseconds
//! UTC and always come from the caller.

use std::fmt;

/// A role that only one process may have at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Executes transfers and writes the journal.
    Ledger,
    /// Moves vaults through their operations and watches the chain.
    Vault,
    /// Produces the price.
    Oracle,
}

impl Role {
    /// Every role.
    pub const ALL: [Role; 3] = [Role::Ledger, Role::Vault, Role::Oracle];

    /// The word for this role in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Ledger => "ledger",
            Role::Vault => "vault",
            Role::Oracle => "oracle",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Who has a role, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The role.
    pub role: Role,
    /// The process that has it: an id made anew at each of its starts.
    pub holder: [u8; 16],
    /// From this moment on anybody may acquire it.
    pub expires_at: i64,
}
