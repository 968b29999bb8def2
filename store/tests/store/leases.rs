//! Leases under concurrency. Their plain rules are compared with a model in the conformance suite.

use store::{Lease, Role};

use crate::fixtures::{Fixture, migrated};

const NOW: i64 = 1_700_000_000_000_000;
const SECOND: i64 = 1_000_000;

fn lease(holder: u8, expires_at: i64) -> Lease {
    Lease { role: Role::Ledger, holder: [holder; 16], expires_at }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_ask_at_once_one_gets_the_lease() {
    for Fixture { store, .. } in migrated().await {
        for round in 0..10 {
            let now = NOW + round * 10 * SECOND;
            let tasks: Vec<_> = (0..8)
                .map(|holder| {
                    let store = store.clone();
                    tokio::spawn(async move {
                        store.acquire_lease(&lease(holder, now + 5 * SECOND), now).await.unwrap()
                    })
                })
                .collect();
            let mut holders = 0;
            for task in tasks {
                holders += u32::from(task.await.unwrap());
            }
            assert_eq!(holders, 1, "round {round}");
        }
    }
}

#[tokio::test]
async fn a_fence_keeps_out_the_writes_of_a_holder_that_lost_its_lease() {
    for Fixture { store, .. } in migrated().await {
        assert!(store.acquire_lease(&lease(1, NOW + SECOND), NOW).await.unwrap());
        assert!(store.write(async |t| t.fence_lease(Role::Ledger, [1; 16]).await).await.unwrap());
        assert!(store.acquire_lease(&lease(2, NOW + 3 * SECOND), NOW + SECOND).await.unwrap());
        assert!(!store.write(async |t| t.fence_lease(Role::Ledger, [1; 16]).await).await.unwrap());
        assert!(!store.write(async |t| t.fence_lease(Role::Vault, [2; 16]).await).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_a_fenced_lease_before_the_transaction_ends() {
    for Fixture { store, .. } in migrated().await {
        assert!(store.acquire_lease(&lease(1, NOW + SECOND), NOW).await.unwrap());
        let mut transaction = store.begin().await.unwrap();
        assert!(transaction.fence_lease(Role::Ledger, [1; 16]).await.unwrap());
        // The lease has expired for this one, but it has to wait for the row.
        let other = store.clone();
        let taking =
            tokio::spawn(
                async move { other.acquire_lease(&lease(2, NOW + 9 * SECOND), NOW + 2 * SECOND).await },
            );
        let seen = store.lease(Role::Ledger).await.unwrap();
        assert_eq!(seen, Some(lease(1, NOW + SECOND)));
        assert!(transaction.fence_lease(Role::Ledger, [1; 16]).await.unwrap());
        transaction.commit().await.unwrap();
        assert!(taking.await.unwrap().unwrap());
        assert_eq!(store.lease(Role::Ledger).await.unwrap(), Some(lease(2, NOW + 9 * SECOND)));
    }
}
