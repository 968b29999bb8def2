//! Incremental updates against the model, and what an update refuses.

use std::collections::BTreeMap;

use ledger::proof::{AccountKey, Change, Leaf, StateTree, TreeError, TreeKey};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::fixture::{CROWDED_IDS, SECRET, SHARED_PLACE, books, build, changes, holder, tree_key};
use crate::model;

/// What one account is changed to.
fn state() -> impl Strategy<Value = Leaf> {
    let total = || prop_oneof![0_u128..1_000_000, Just(u128::from(u64::MAX) + 1), Just(1 << 90)];
    let totals = (total(), total(), total(), total());
    (any::<Index>(), totals, 1_u16..=2, any::<u16>(), any::<u16>(), any::<[u8; 16]>()).prop_map(
        |(
            id,
            (debits_pending, debits_posted, credits_pending, credits_posted),
            asset,
            code,
            flags,
            reference,
        )| {
            let id = *id.get(&CROWDED_IDS);
            let asset = if id % 5 == 0 { 3 - asset } else { asset };
            Leaf {
                id,
                debits_pending,
                debits_posted,
                credits_pending,
                credits_posted,
                reference,
                asset,
                code,
                flags,
            }
        },
    )
}

fn batch() -> impl Strategy<Value = BTreeMap<u128, Leaf>> {
    prop::collection::vec(state(), 1..120)
        .prop_map(|leaves| leaves.into_iter().map(|leaf| (leaf.id, leaf)).collect())
}

fn change(key: &TreeKey, known: &BTreeMap<u128, Leaf>, leaf: &Leaf) -> Change {
    let make = if known.contains_key(&leaf.id) { Change::updated } else { Change::created };
    make(key, leaf).unwrap()
}

fn assert_is_model(tree: &StateTree, accounts: &BTreeMap<u128, Leaf>) {
    let (root, sums) = model::root(&SECRET, accounts.values());
    assert_eq!(tree.root().state_root().0, root);
    let totals: Vec<u128> =
        tree.root().totals().by_asset().flat_map(|(_, sums)| [sums.owed, sums.owing]).collect();
    assert_eq!(totals, sums);
    assert_eq!(tree.accounts(), accounts.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn updates_agree_with_the_model(batches in prop::collection::vec(batch(), 1..6)) {
        let key = tree_key();
        let mut tree = StateTree::new();
        let mut accounts = BTreeMap::new();
        for batch in batches {
            let mut touched: Vec<Change> = batch.values().map(|leaf| change(&key, &accounts, leaf)).collect();
            accounts.extend(batch);
            tree.update(&mut touched).unwrap();
            assert_is_model(&tree, &accounts);
        }
        let (built, _) = build(accounts.values());
        assert_is_model(&built, &accounts);
    }

    #[test]
    fn every_account_is_proven_after_any_updates(batches in prop::collection::vec(batch(), 1..4)) {
        let key = tree_key();
        let mut tree = StateTree::new();
        let mut accounts = BTreeMap::new();
        for batch in batches {
            let mut touched: Vec<Change> = batch.values().map(|leaf| change(&key, &accounts, leaf)).collect();
            accounts.extend(batch);
            tree.update(&mut touched).unwrap();
        }
        // The balances are random, so the books do not balance; what is left to check is the path.
        for leaf in accounts.values() {
            let proof = tree.prove(&key, leaf).unwrap();
            prop_assert_eq!(proof.root, tree.root());
            prop_assert_eq!(crate::forgery::climb(&proof), tree.root().0);
        }
    }
}

#[test]
fn an_empty_tree_has_a_root() {
    assert_is_model(&StateTree::new(), &BTreeMap::new());
    assert_eq!(StateTree::build(&mut []).unwrap().root(), StateTree::new().root());
}

#[test]
fn the_root_depends_on_neither_order_nor_number_of_updates() {
    let leaves = books(&CROWDED_IDS);
    let (_, expected) = build(&leaves);
    let (_, reversed) = build(leaves.iter().rev());
    assert_eq!(reversed, expected);
    for step in [1, 7, 100] {
        let mut tree = StateTree::new();
        for part in changes(leaves.iter().rev()).chunks_mut(step) {
            tree.update(part).unwrap();
        }
        assert_eq!(tree.root().state_root(), expected, "in steps of {step}");
    }
}

#[test]
fn works_of_one_update_may_run_on_any_threads() {
    let leaves = books(&CROWDED_IDS);
    let (_, expected) = build(&leaves);
    let mut tree = StateTree::new();
    let mut all = changes(&leaves);
    let mut works = tree.works(&mut all);
    std::thread::scope(|scope| {
        while let Some(work) = works.pop() {
            scope.spawn(move || work.update().unwrap());
        }
    });
    assert_eq!(tree.seal().unwrap().state_root(), expected);
}

#[test]
fn another_secret_gives_another_root_and_the_same_totals() {
    let leaves = books(&CROWDED_IDS);
    let other = TreeKey::new(&[43; 32]);
    let mut all: Vec<Change> = leaves.iter().map(|leaf| Change::created(&other, leaf).unwrap()).collect();
    let other = StateTree::build(&mut all).unwrap().root();
    let (tree, root) = build(&leaves);
    assert_ne!(other.state_root(), root);
    assert_eq!(other.totals(), tree.root().totals());
    assert_eq!(format!("{:?}", tree_key()), "TreeKey(***)");
}

#[test]
fn what_an_update_refuses() {
    let key = tree_key();
    let known = holder(CROWDED_IDS[0], 1, 100);
    let other = holder(CROWDED_IDS[1], 1, 100);
    let huge = Leaf { debits_posted: 0, credits_posted: u128::MAX, ..known };
    let created = |leaf| Change::created(&key, leaf).unwrap();
    let updated = |leaf| Change::updated(&key, leaf).unwrap();
    let cases = [
        (vec![updated(&known), updated(&known)], TreeError::AccountRepeated),
        (vec![updated(&known), created(&known)], TreeError::AccountRepeated),
        (vec![updated(&other)], TreeError::AccountUnknown),
        (vec![created(&known)], TreeError::PlaceShared),
        (vec![updated(&huge), created(&other)], TreeError::SumOverflow),
    ];
    for (mut changes, error) in cases {
        let (mut tree, _) = build([&known]);
        assert_eq!(tree.update(&mut changes), Err(error));
    }
    let strange = Leaf { asset: 3, ..known };
    assert_eq!(Change::created(&key, &strange).unwrap_err(), TreeError::AssetUnknown { asset: 3 });
}

#[test]
fn sums_of_different_shards_may_overflow_only_above_them() {
    let far = holder(*CROWDED_IDS.last().unwrap(), 1, 0);
    let near = holder(CROWDED_IDS[0], 1, 0);
    assert_ne!(AccountKey::of(far.id).shard(), AccountKey::of(near.id).shard());
    let huge = |leaf| Leaf { debits_posted: 0, credits_posted: u128::MAX, ..leaf };
    let result = StateTree::build(&mut changes(&[huge(far), huge(near)]));
    assert_eq!(result.unwrap_err(), TreeError::SumOverflow);
}

#[test]
fn accounts_whose_keys_agree_on_68_bits_stand_in_one_tree_after_a_rebuild() {
    let [first, second] = SHARED_PLACE.map(|id| holder(id, 1, 5));
    assert!(AccountKey::of(first.id).agrees(&AccountKey::of(second.id), 68), "this took minutes to find");
    let key = tree_key();
    let mut leaves = books(&CROWDED_IDS);
    leaves.push(first);
    let (mut tree, _) = build(&leaves);
    leaves.push(second);
    assert_eq!(tree.update(&mut changes([&second])), Err(TreeError::PlaceShared));
    let (mut tree, root) = build(&leaves);
    assert_eq!(root.0, model::root(&SECRET, &leaves).0);
    for slot in leaves.iter_mut().rev().take(2) {
        slot.credits_posted += 3;
        tree.update(&mut [Change::updated(&key, slot).unwrap()]).unwrap();
        assert_eq!(crate::forgery::climb(&tree.prove(&key, slot).unwrap()), tree.root().0);
    }
    assert_eq!(tree.root().state_root().0, model::root(&SECRET, &leaves).0);
}
