//! Why an entry was not executed.

use crate::entry_error::EntryError;
use crate::{AccountId, TransferId};

/// What stops the engine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// This cannot be the next entry. Nothing has changed.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// A worker thread could not be started.
    #[error("cannot start a worker thread ({0}); check the limit of threads or set fewer")]
    Thread(#[source] std::io::Error),
    /// A worker thread has ended, and its partitions with it.
    #[error("a worker thread has ended; stop the process and recover from the journal")]
    WorkerLost,
    /// An earlier call failed halfway.
    #[error("an earlier entry failed halfway; stop the process and recover from the journal")]
    Failed,
    /// The known ids call a pending transfer open that is not.
    #[error("pending transfer {0:?} is known as open but is not; hand in what was known before this entry")]
    KnownIdsDisagree(TransferId),
    /// A unit was refused and no leg of it says why.
    #[error("the unit at leg {0} was refused without a reason; report this with the journal entry")]
    RefusedWithoutReason(u32),
    /// A recorded transfer names an account that is not there.
    #[error("the entry names account {0:?}, which is not there; the journal and the snapshot do not fit")]
    AccountMissing(AccountId),
    /// A recorded post, void or expiry ends what is not open.
    #[error("the entry ends {0:?}, which is not open; the journal and the snapshot do not fit")]
    PendingMissing(TransferId),
    /// A recorded entry does not follow the state.
    #[error("the entry at sequence {0} does not follow the state; the journal and the snapshot do not fit")]
    DoesNotFollow(u64),
}
