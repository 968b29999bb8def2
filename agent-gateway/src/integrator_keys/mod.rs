//! The keys with which integrators sign batches: kept in the database, remembered for a moment.
//!
//! Invariant: what is answered was true at most [`limits::KEY_AGE`] before it was asked for, so a revocation is in
//! force everywhere within that time, whoever wrote it. Only keys that exist are remembered: a stranger cannot
//! crowd them out with ids that do not.

mod integrator_key;
mod public_key;
mod store;

pub use self::store::{ALL as STATEMENTS, KeyStoreError, add_key, find_key, list_keys, revoke_key};
pub use integrator_key::IntegratorKey;
pub use public_key::{PublicKey, PublicKeyError};

use crate::{Clock, limits};
use ::store::Store;
use std::collections::HashMap;
use std::fmt::Debug;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use uuid::Uuid;

/// A key on its way.
pub type Finding<'a> =
    Pin<Box<dyn Future<Output = Result<Option<IntegratorKey>, KeyStoreError>> + Send + 'a>>;

/// Where keys are registered.
pub trait KeySource: Debug + Send + Sync {
    /// The key of this account with this id, revoked or not.
    fn find(&self, account: Uuid, key: Uuid) -> Finding<'_>;
}

impl KeySource for Store {
    fn find(&self, account: Uuid, key: Uuid) -> Finding<'_> {
        Box::pin(find_key(self, account, key))
    }
}

/// Registered keys, as they were a moment ago. Cloning gives another handle to the same ones.
#[derive(Debug, Clone)]
pub struct IntegratorKeys {
    source: Arc<dyn KeySource>,
    uptime: fn() -> Duration,
    seen: Arc<Mutex<HashMap<(Uuid, Uuid), Seen>>>,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    key: IntegratorKey,
    /// When the source was asked, not when it answered: the key may have changed between.
    asked_at: Duration,
}

impl IntegratorKeys {
    /// The keys that are registered there.
    #[must_use]
    pub fn new(source: Arc<dyn KeySource>, clock: Clock) -> Self {
        Self { source, uptime: clock.uptime, seen: Arc::default() }
    }

    /// The key of this account with this id, revoked or not.
    ///
    /// # Errors
    /// [`KeyStoreError`] when it is not remembered and cannot be looked up.
    pub async fn find(&self, account: Uuid, key: Uuid) -> Result<Option<IntegratorKey>, KeyStoreError> {
        let asked_at = (self.uptime)();
        let remembered = self.seen().get(&(account, key)).copied();
        if let Some(seen) = remembered.filter(|seen| is_fresh(seen, asked_at)) {
            return Ok(Some(seen.key));
        }
        let found = self.source.find(account, key).await?;
        let mut seen = self.seen();
        match found {
            None => drop(seen.remove(&(account, key))),
            Some(key_found) => {
                make_room(&mut seen, asked_at);
                let newer = Seen { key: key_found, asked_at };
                let kept = seen.entry((account, key)).or_insert(newer);
                // Of two questions under way the later one knows better, in whatever order they are answered.
                if kept.asked_at <= asked_at {
                    *kept = newer;
                }
            }
        }
        Ok(found)
    }

    fn seen(&self) -> MutexGuard<'_, HashMap<(Uuid, Uuid), Seen>> {
        // Entries are replaced as a whole: what a poisoned lock guards is whole.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_fresh(seen: &Seen, now: Duration) -> bool {
    now.saturating_sub(seen.asked_at) < limits::KEY_AGE
}

/// Forgets what is too old to be used; if everything is in use, everything, which costs one question for each.
fn make_room(seen: &mut HashMap<(Uuid, Uuid), Seen>, now: Duration) {
    if seen.len() < limits::KEYS_REMEMBERED {
        return;
    }
    seen.retain(|_, entry| is_fresh(entry, now));
    if seen.len() >= limits::KEYS_REMEMBERED {
        seen.clear();
    }
}
