//! Keys are remembered for a moment, so a revocation is in force within a second.

use crate::support::*;
use agent_gateway::integrator_keys::{IntegratorKey, IntegratorKeys, KeySource};
use agent_gateway::limits;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

fn remembered(keys: &Arc<Keys>) -> IntegratorKeys {
    IntegratorKeys::new(Arc::clone(keys) as Arc<dyn KeySource>, CLOCK)
}

#[tokio::test]
async fn a_revocation_is_in_force_within_a_second() {
    let faked = Faked::new();
    let batch = binary(&[transfer(1, 1, 2, 5)]);
    assert_eq!(post_binary(&faked.router, batch.clone()).await.0, 200);
    faked.keys.keys.lock().unwrap()[0].revoked_at = Some(1);
    advance(limits::KEY_AGE - Duration::from_micros(1));
    assert_eq!(post_binary(&faked.router, batch.clone()).await.0, 200, "it is not asked for every time");
    advance(Duration::from_micros(1));
    assert_eq!(post_binary(&faked.router, batch).await.0, 403);
    assert!(limits::KEY_AGE < Duration::from_secs(1));
    assert_eq!(faked.keys.questions.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_key_that_is_not_there_is_asked_for_every_time() {
    let keys = Keys::of(Vec::new());
    let remembered = remembered(&keys);
    assert_eq!(remembered.find(account(), registered().id).await.unwrap(), None);
    keys.keys.lock().unwrap().push(registered());
    assert_eq!(remembered.find(account(), registered().id).await.unwrap(), Some(registered()));
    assert_eq!(remembered.find(uuid(2), registered().id).await.unwrap(), None);
    keys.keys.lock().unwrap().clear();
    advance(limits::KEY_AGE);
    assert_eq!(remembered.find(account(), registered().id).await.unwrap(), None);
    assert_eq!(keys.questions.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn a_database_that_fails_is_not_covered_up() {
    let keys = Keys::of(vec![registered()]);
    let remembered = remembered(&keys);
    assert!(remembered.find(account(), registered().id).await.unwrap().is_some());
    *keys.broken.lock().unwrap() = true;
    assert!(remembered.find(account(), registered().id).await.unwrap().is_some(), "remembered");
    advance(limits::KEY_AGE);
    assert!(remembered.find(account(), registered().id).await.is_err());
}

#[tokio::test]
async fn what_is_remembered_is_bounded_and_stays_right() {
    let count = u64::try_from(limits::KEYS_REMEMBERED).unwrap() + 10;
    let many: Vec<_> = (0..count).map(|number| IntegratorKey { id: uuid(number), ..registered() }).collect();
    // Asked in order, so that the search in the fake is short.
    let keys = Keys::of(Vec::new());
    let remembered = remembered(&keys);
    for key in &many {
        *keys.keys.lock().unwrap() = vec![*key];
        assert_eq!(remembered.find(account(), key.id).await.unwrap(), Some(*key));
    }
    let asked = keys.questions.load(Ordering::SeqCst);
    assert_eq!(remembered.find(account(), many.last().unwrap().id).await.unwrap(), many.last().copied());
    assert_eq!(keys.questions.load(Ordering::SeqCst), asked, "the newest is remembered");
    // The first ones had to go.
    assert_eq!(remembered.find(account(), many[0].id).await.unwrap(), None);
}
