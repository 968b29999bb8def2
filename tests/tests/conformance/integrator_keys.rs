//! Keys of integrators under random operations: few accounts, few keys, few ids, so that everything meets.

use agent_gateway::integrator_keys::{IntegratorKey, PublicKey, add_key, find_key, list_keys, revoke_key};
use ed25519_dalek::SigningKey;
use store::Store;
use uuid::Uuid;

use crate::random::{Random, seeds};

const STEPS: u32 = 80;
const ACCOUNTS: u8 = 3;
const KEYS: u8 = 4;
const IDS: u8 = 12;

#[derive(Debug, Clone, Copy)]
enum Operation {
    Add(IntegratorKey),
    Revoke(Uuid, PublicKey, i64),
    Find(Uuid, Uuid),
    List(Uuid),
}

fn public_key(number: u8) -> PublicKey {
    PublicKey::from_bytes(SigningKey::from_bytes(&[number; 32]).verifying_key().as_bytes()).unwrap()
}

/// Each seed has accounts and ids of its own, so that it can be repeated alone.
fn operations(seed: u64) -> Vec<Operation> {
    let mut random = Random::new(seed);
    let space = u128::from(seed) << 64;
    let mut operations = Vec::new();
    for step in 0..STEPS {
        let account = Uuid::from_u128(space | u128::from(random.below(ACCOUNTS)));
        let id = Uuid::from_u128(space | 0xff00 | u128::from(random.below(IDS)));
        let public_key = public_key(random.below(KEYS));
        let now = i64::from(step / 3);
        operations.push(match random.below(4) {
            0 => Operation::Add(IntegratorKey { id, account, public_key, created_at: now, revoked_at: None }),
            1 => Operation::Revoke(account, public_key, now),
            2 => Operation::Find(account, id),
            _ => Operation::List(account),
        });
    }
    operations
}

fn line(seed: u64, operation: Operation, answer: &str) -> String {
    format!("seed {seed}: {operation:?} -> {answer}")
}

pub(crate) async fn on_store(store: Store) -> Vec<String> {
    let mut lines = Vec::new();
    for seed in seeds() {
        for operation in operations(seed) {
            let answer = match operation {
                Operation::Add(key) => add_key(&store, &key).await.unwrap().to_string(),
                Operation::Revoke(account, key, now) => {
                    format!("{:?}", revoke_key(&store, account, &key, now).await.unwrap())
                }
                Operation::Find(account, id) => format!("{:?}", find_key(&store, account, id).await.unwrap()),
                Operation::List(account) => format!("{:?}", list_keys(&store, account).await.unwrap()),
            };
            lines.push(line(seed, operation, &answer));
        }
    }
    lines
}

pub(crate) fn on_model() -> Vec<String> {
    let mut keys: Vec<IntegratorKey> = Vec::new();
    let mut lines = Vec::new();
    for seed in seeds() {
        for operation in operations(seed) {
            lines.push(line(seed, operation, &answer_of_model(&mut keys, operation)));
        }
    }
    lines
}

fn answer_of_model(keys: &mut Vec<IntegratorKey>, operation: Operation) -> String {
    match operation {
        Operation::Add(wanted) => {
            let taken = |key: &IntegratorKey| {
                key.id == wanted.id || (key.account, key.public_key) == (wanted.account, wanted.public_key)
            };
            let free = !keys.iter().any(taken);
            if free {
                keys.push(wanted);
            }
            free.to_string()
        }
        Operation::Revoke(account, public_key, now) => {
            let found = keys.iter_mut().find(|key| (key.account, key.public_key) == (account, public_key));
            let revoked = found.map(|key| {
                key.revoked_at.get_or_insert(now);
                *key
            });
            format!("{revoked:?}")
        }
        Operation::Find(account, id) => {
            format!("{:?}", keys.iter().find(|key| (key.account, key.id) == (account, id)))
        }
        Operation::List(account) => {
            let mut of_account: Vec<_> = keys.iter().filter(|key| key.account == account).collect();
            of_account.sort_by_key(|key| (key.created_at, key.id));
            format!("{of_account:?}")
        }
    }
}

/// The sequences are of use only if every operation succeeds and fails in them.
#[test]
fn every_operation_finds_something_and_nothing() {
    let lines = on_model();
    for (operation, answers) in [
        ("Add", ["-> true", "-> false"]),
        ("Revoke", ["-> Some", "-> None"]),
        ("Find", ["-> Some", "-> None"]),
        ("List", ["-> [Integrator", "-> []"]),
    ] {
        for answer in answers {
            let found = lines.iter().any(|line| line.contains(operation) && line.contains(answer));
            assert!(found, "{operation} never says {answer}");
        }
    }
    assert!(lines.iter().any(|line| line.contains("List") && line.matches("id:").count() > 2));
}
