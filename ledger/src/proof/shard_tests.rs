//! A shard against a fold written down from the format, over keys that no honest hash would give: long shared
//! prefixes, and whole places shared by several accounts.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::proof::hash::EMPTY;
use crate::proof::key::AccountKey;
use crate::proof::sums::Balance;

/// Keys and what stands at them: version and amount.
type Accounts = BTreeMap<AccountKey, (u64, u128)>;

fn change(key: AccountKey, (version, amount): (u64, u128), created: bool) -> Change {
    let digest = *blake3::hash(&[key.as_bytes().as_slice(), &version.to_le_bytes()].concat()).as_bytes();
    let balance = Balance { asset_index: u8::from(version % 3 == 0), owing: version % 2 == 0, amount };
    Change { key, digest, balance, created }
}

fn fold(accounts: &[Change], level: u16) -> Subtree {
    match accounts {
        [] => Subtree { hash: EMPTY, sums: Sums::ZERO },
        [only] => Subtree { hash: only.digest, sums: only.balance.sums() },
        _ => {
            let left = accounts.iter().filter(|change| !change.key.bit(level)).copied().collect::<Vec<_>>();
            let right = accounts.iter().filter(|change| change.key.bit(level)).copied().collect::<Vec<_>>();
            fold(&left, level + 1).join(&fold(&right, level + 1)).unwrap()
        }
    }
}

fn model(accounts: &Accounts) -> Subtree {
    let all: Vec<Change> = accounts.iter().map(|(key, state)| change(*key, *state, false)).collect();
    fold(&all, SHARD_BITS)
}

/// A key that follows a fixed one for some bits, turns, and goes on at will. All are of one shard.
fn key() -> impl Strategy<Value = AccountKey> {
    let turns = prop_oneof![12_u8..=24, Just(66), Just(67), Just(68), Just(69), 70_u8..=255];
    (turns, any::<[u8; 4]>()).prop_map(|(turn, tail)| {
        let mut bytes = [0x5a; 32];
        let byte = usize::from(turn / 8);
        bytes[byte] ^= 0x80 >> (turn % 8);
        for (slot, new) in bytes.iter_mut().skip(byte + 1).zip(tail) {
            *slot = new;
        }
        AccountKey(bytes)
    })
}

fn amount() -> impl Strategy<Value = u128> {
    prop_oneof![0_u128..1_000, Just(u128::from(u64::MAX)), Just(1 << 64), Just(1 << 100)]
}

/// Applies the states; where the shard asks for a rebuild, does that, as the ledger would.
fn apply(shard: &mut Shard, accounts: &mut Accounts, states: &BTreeMap<AccountKey, (u64, u128)>) -> bool {
    let mut changes: Vec<Change> =
        states.iter().map(|(key, state)| change(*key, *state, !accounts.contains_key(key))).collect();
    accounts.extend(states);
    match shard.update(&mut changes) {
        Ok(()) => false,
        Err(TreeError::PlaceShared) => {
            let mut all: Vec<Change> =
                accounts.iter().rev().map(|(key, state)| change(*key, *state, true)).collect();
            *shard = Shard::rebuild(&mut all).unwrap();
            true
        }
        Err(error) => panic!("{error}"),
    }
}

proptest! {
    #[test]
    fn updates_agree_with_the_model(
        batches in prop::collection::vec(
            prop::collection::btree_map(key(), (any::<u64>(), amount()), 1..40), 1..8)
    ) {
        let mut shard = Shard::default();
        let mut accounts = Accounts::new();
        for batch in &batches {
            apply(&mut shard, &mut accounts, batch);
            prop_assert_eq!(shard.subtree(), model(&accounts));
            // Every account is found again where it was written.
            let again = accounts.iter().map(|(key, (version, amount))| (*key, (version ^ 1, *amount))).collect();
            prop_assert!(!apply(&mut shard, &mut accounts, &again), "a known account never asks for a rebuild");
            prop_assert_eq!(shard.subtree(), model(&accounts));
        }
    }
}

/// Keys that agree in everything but the last bits, beside ordinary ones.
fn crowded(count: u8) -> Vec<AccountKey> {
    let crowd = (0..count).map(|last| {
        let mut bytes = [0x5a; 32];
        bytes[31] = last;
        AccountKey(bytes)
    });
    let others = (0..30_u8).map(|spread| {
        AccountKey([&[0x5a, 0x50 | (spread % 16)], &[spread; 30][..]].concat().try_into().unwrap())
    });
    crowd.chain(others).collect()
}

#[test]
fn more_accounts_may_share_a_place_than_a_small_subtree_holds() {
    let keys = crowded(40);
    let mut accounts: Accounts = keys.iter().map(|key| (*key, (1, 10))).collect();
    let mut all: Vec<Change> = accounts.iter().map(|(key, state)| change(*key, *state, true)).collect();
    let mut shard = Shard::rebuild(&mut all).unwrap();
    assert_eq!(shard.subtree(), model(&accounts));
    for key in keys {
        apply(&mut shard, &mut accounts, &[(key, (3, 11))].into());
        assert_eq!(shard.subtree(), model(&accounts));
    }
}

#[test]
fn a_refused_update_changes_nothing() {
    let keys = crowded(1);
    let accounts: Accounts = keys.iter().map(|key| (*key, (1, 10))).collect();
    let mut all: Vec<Change> = accounts.iter().map(|(key, state)| change(*key, *state, true)).collect();
    let mut shard = Shard::rebuild(&mut all).unwrap();
    let before = shard.subtree();
    let [first, second] = [keys[1], keys[2]];
    let stranger = AccountKey([&[0x5a, 0x5f], &[0xee; 30][..]].concat().try_into().unwrap());
    let beside_first = AccountKey({
        let mut bytes = first.0;
        bytes[31] ^= 1;
        bytes
    });
    let twin = AccountKey({
        let mut bytes = stranger.0;
        bytes[31] ^= 1;
        bytes
    });
    let new = (3, 11);
    let huge = (1, u128::MAX);
    let cases = [
        (vec![change(first, new, false), change(first, huge, false)], TreeError::AccountRepeated),
        (vec![change(second, new, false), change(stranger, new, false)], TreeError::AccountUnknown),
        (vec![change(second, new, false), change(first, new, true)], TreeError::PlaceShared),
        (vec![change(second, new, false), change(beside_first, new, true)], TreeError::PlaceShared),
        (vec![change(stranger, new, true), change(twin, new, true)], TreeError::PlaceShared),
        (vec![change(first, huge, false), change(second, new, false)], TreeError::SumOverflow),
    ];
    for (mut changes, error) in cases {
        assert_eq!(shard.update(&mut changes), Err(error));
        assert_eq!(shard.subtree(), before);
        shard.update(&mut [change(first, (1, 10), false)]).unwrap();
        assert_eq!(shard.subtree(), before, "the rows behind the refused update are as they were");
    }
}

#[test]
fn rebuild_refuses_what_cannot_stand_in_one_tree() {
    let key = crowded(1)[1];
    assert_eq!(
        Shard::rebuild(&mut [change(key, (1, 1), true), change(key, (2, 1), true)]).unwrap_err(),
        TreeError::AccountRepeated
    );
    let other = crowded(1)[2];
    assert_eq!(
        Shard::rebuild(&mut [change(key, (1, u128::MAX), true), change(other, (1, 1), true)]).unwrap_err(),
        TreeError::SumOverflow
    );
}
