//! Why the projection stands still.

use super::fold_fault::FoldFault;
use crate::body::BodyFault;
use crate::handle::LedgerError;

/// What keeps entries from being projected, or rows from being read. Nothing was written then.
#[derive(Debug, thiserror::Error)]
pub enum ProjectionError {
    /// The database refused.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The ledger refused.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// More was projected than the journal holds.
    #[error(
        "entry {projected} was projected, and the newest one of the journal is {newest}: this is an older journal, or \
         another ledger's; rebuild the projection if the journal is the right one"
    )]
    DatabaseAhead {
        /// The newest entry that was projected.
        projected: u64,
        /// The newest entry of the journal.
        newest: u64,
    },
    /// The journal has another entry where the newest projected one should be.
    #[error(
        "entry {sequence} of the journal is not the one that was projected: this is another ledger's journal, or a \
         restored one; rebuild the projection if the journal is the right one"
    )]
    OtherJournal {
        /// The newest entry that was projected.
        sequence: u64,
    },
    /// The rows are not those of the entries before.
    #[error("the tables do not fit entry {sequence} ({fault}); rebuild the projection")]
    DoesNotFit {
        /// The entry that should have been projected.
        sequence: u64,
        /// What does not fit.
        fault: FoldFault,
    },
    /// The body of an entry is none.
    #[error("entry {sequence} cannot be read ({fault}); run `ballast verify`")]
    EntryMalformed {
        /// Which entry.
        sequence: u64,
        /// What is wrong with it.
        fault: BodyFault,
    },
    /// A read that asks for more than one may.
    #[error("{count} accounts are more than the {most} that one read may ask for; split it")]
    TooMany {
        /// How many there were.
        count: usize,
        /// How many there may be.
        most: usize,
    },
}
