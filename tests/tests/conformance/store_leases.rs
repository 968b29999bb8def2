//! Leases under random operations: few roles, few holders, a clock in small steps, so that everything meets.

use std::collections::BTreeMap;

use store::{Lease, Role, Store};

use crate::random::{Random, seeds};

const STEPS: u32 = 150;
const HOLDERS: u8 = 3;
const START: i64 = 1_700_000_000_000_000;

#[derive(Debug, Clone, Copy)]
enum Operation {
    Acquire(Lease),
    Renew(Lease),
    Release(Role, [u8; 16]),
    Fence(Role, [u8; 16]),
    Read(Role),
}

/// The operations of a seed, each with its time. They begin with no lease held, so that a seed can be
/// repeated alone.
fn operations(seed: u64) -> Vec<(i64, Operation)> {
    let mut random = Random::new(seed);
    let mut now = START;
    let mut operations = Vec::new();
    for holder in 0..HOLDERS {
        operations.extend(Role::ALL.map(|role| (now, Operation::Release(role, [holder; 16]))));
    }
    for _ in 0..STEPS {
        now += i64::from(random.below(3));
        let role = random.choose(&Role::ALL);
        let holder = [random.below(HOLDERS); 16];
        let lease = Lease { role, holder, expires_at: now + i64::from(random.below(5)) };
        let operation = match random.below(5) {
            0 => Operation::Acquire(lease),
            1 => Operation::Renew(lease),
            2 => Operation::Release(role, holder),
            3 => Operation::Fence(role, holder),
            _ => Operation::Read(role),
        };
        operations.push((now, operation));
    }
    operations
}

fn line(seed: u64, now: i64, operation: Operation, answer: &str) -> String {
    format!("seed {seed} at {now}: {operation:?} -> {answer}")
}

pub(crate) async fn on_store(store: Store) -> Vec<String> {
    let mut lines = Vec::new();
    for seed in seeds() {
        for (now, operation) in operations(seed) {
            let answer = answer_of_store(&store, now, operation).await.unwrap();
            lines.push(line(seed, now, operation, &answer));
        }
    }
    lines
}

async fn answer_of_store(store: &Store, now: i64, operation: Operation) -> store::Result<String> {
    Ok(match operation {
        Operation::Acquire(lease) => store.acquire_lease(&lease, now).await?.to_string(),
        Operation::Renew(lease) => store.renew_lease(&lease, now).await?.to_string(),
        Operation::Release(role, holder) => store.release_lease(role, holder).await?.to_string(),
        Operation::Fence(role, holder) => {
            let fenced = store.write(async |transaction| transaction.fence_lease(role, holder).await).await?;
            fenced.to_string()
        }
        Operation::Read(role) => format!("{:?}", store.lease(role).await?),
    })
}

pub(crate) fn on_model() -> Vec<String> {
    let mut leases = BTreeMap::new();
    let mut lines = Vec::new();
    for seed in seeds() {
        for (now, operation) in operations(seed) {
            let answer = answer_of_model(&mut leases, now, operation);
            lines.push(line(seed, now, operation, &answer));
        }
    }
    lines
}

fn answer_of_model(leases: &mut BTreeMap<Role, Lease>, now: i64, operation: Operation) -> String {
    match operation {
        Operation::Acquire(wanted) => {
            let held = leases.get(&wanted.role);
            let free = held.is_none_or(|held| held.expires_at <= now || held.holder == wanted.holder);
            if free {
                leases.insert(wanted.role, wanted);
            }
            free.to_string()
        }
        Operation::Renew(renewed) => {
            let held = leases.get(&renewed.role);
            let may = held.is_some_and(|held| {
                held.holder == renewed.holder
                    && held.expires_at > now
                    && held.expires_at <= renewed.expires_at
            });
            if may {
                leases.insert(renewed.role, renewed);
            }
            may.to_string()
        }
        Operation::Release(role, holder) => {
            let has = leases.get(&role).is_some_and(|held| held.holder == holder);
            if has {
                leases.remove(&role);
            }
            has.to_string()
        }
        Operation::Fence(role, holder) => {
            leases.get(&role).is_some_and(|held| held.holder == holder).to_string()
        }
        Operation::Read(role) => format!("{:?}", leases.get(&role)),
    }
}

/// The sequences are of use only if every operation succeeds and fails in them.
#[test]
fn every_operation_is_granted_and_refused() {
    let lines = on_model();
    for operation in ["Acquire", "Renew", "Release", "Fence"] {
        for answer in ["true", "false"] {
            let found = lines.iter().any(|line| line.contains(operation) && line.ends_with(answer));
            assert!(found, "{operation} is never {answer}");
        }
    }
    assert!(lines.iter().any(|line| line.contains("Read") && line.ends_with("None")));
    assert!(lines.iter().any(|line| line.contains("Read") && line.contains("-> Some")));
}
