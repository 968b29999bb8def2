//! Trees built by a dishonest operator: the root is his own, so every hash fits, and still the proof is refused.

use ledger::proof::{
    AccountKey, AccountProof, AssetSums, Leaf, Path, ProofError, RootNode, Subtree, Sums, verify_account,
    verify_root, verify_supply,
};

use crate::fixture::{CROWDED_IDS, ISSUANCE, VAULT, books, build, holder, system, tree_key};

/// The subtree that a proof's path leads to, whatever its root node claims.
pub(crate) fn climb(proof: &AccountProof) -> Subtree {
    let key = AccountKey::of(proof.leaf.id);
    let levels = proof.path.siblings().iter().enumerate();
    levels.rev().fold(proof.leaf.subtree(&proof.salt).unwrap(), |subtree, (level, sibling)| {
        let right = key.bit(u16::try_from(level).unwrap());
        if right { sibling.join(&subtree) } else { subtree.join(sibling) }.unwrap()
    })
}

/// A proof of a lone account whose siblings the forger chose, under the root that follows from them.
fn forged(leaf: &Leaf, edit: impl FnOnce(&mut Vec<Subtree>)) -> AccountProof {
    let (tree, _) = build([leaf]);
    let mut proof = tree.prove(&tree_key(), leaf).unwrap();
    let mut siblings = proof.path.siblings().to_vec();
    edit(&mut siblings);
    proof.path = Path::new(siblings).unwrap();
    proof.root = RootNode(climb(&proof));
    proof
}

fn sums(owed: u128, owing: u128) -> Sums {
    Sums::new([AssetSums { owed, owing }, AssetSums::default()])
}

#[test]
fn an_account_left_out_of_the_sums_unbalances_the_books() {
    let mut leaves = books(&CROWDED_IDS);
    let forgotten = leaves.remove(0);
    let (tree, root) = build(&leaves);
    let proof = tree.prove(&tree_key(), &leaves[0]).unwrap();
    assert_eq!(verify_account(&proof, root), Err(ProofError::BooksDoNotBalance { asset: forgotten.asset }));
}

#[test]
fn debt_cannot_be_balanced_by_an_empty_subtree() {
    let owed = 1_000;
    let leaf = holder(99, 1, owed);
    let balanced = forged(&leaf, |siblings| siblings[3].sums = sums(0, owed));
    let trusted = balanced.root.state_root();
    // Sibling 3 of a lone account is a fixed node over empty shards, so its hash is not the empty one.
    assert!(verify_account(&balanced, trusted).is_ok(), "the account is there and counted");
    let supply = verify_supply(verify_root(balanced.root, trusted).unwrap(), &[ISSUANCE, VAULT], &[]);
    assert_eq!(supply, Err(ProofError::OwingUnexplained { asset: 1 }), "who owes so much is not shown");
    let hollow = forged(&leaf, |siblings| siblings[11].sums = sums(0, owed));
    let error = verify_account(&hollow, hollow.root.state_root()).unwrap_err();
    assert_eq!(error, ProofError::EmptyWithSums { level: 11 });
}

#[test]
fn a_subtree_beyond_the_canonical_path_is_refused() {
    let leaf = holder(99, 1, 1_000);
    let debtor = Subtree { hash: [7; 32], sums: sums(0, 1_000) };
    let forged = forged(&leaf, |siblings| {
        siblings[11] = debtor;
        siblings.push(Subtree::EMPTY);
    });
    assert_eq!(verify_account(&forged, forged.root.state_root()), Err(ProofError::NotCanonical));
}

#[test]
fn sums_that_wrap_around_are_refused() {
    let leaf = holder(99, 1, 1_000);
    let (tree, root) = build([&leaf, &system(ISSUANCE, 1, 1_000), &system(VAULT, 2, 0)]);
    let proof = tree.prove(&tree_key(), &leaf).unwrap();
    let mut siblings = proof.path.siblings().to_vec();
    siblings[0].sums = sums(u128::MAX, 0);
    let wrapped = AccountProof { path: Path::new(siblings).unwrap(), ..proof };
    assert_eq!(verify_account(&wrapped, root), Err(ProofError::SumOverflow));
}

#[test]
fn a_root_node_with_other_sums_than_its_halves_is_refused() {
    let leaves = books(&CROWDED_IDS);
    let (tree, _) = build(&leaves);
    let mut proof = tree.prove(&tree_key(), &leaves[0]).unwrap();
    // Owed and owing are raised alike, so the books seem to balance, and the root is hashed over the lie.
    let raised = proof.root.0.sums.checked_add(sums(1, 1)).unwrap();
    proof.root.0.sums = raised;
    assert_eq!(verify_account(&proof, proof.root.state_root()), Err(ProofError::SumsDiffer));
}

#[test]
fn one_account_cannot_stand_for_two() {
    let leaves = books(&CROWDED_IDS);
    let (tree, root) = build(&leaves);
    let key = tree_key();
    let [first, second] = [&leaves[0], &leaves[1]].map(|leaf| tree.prove(&key, leaf).unwrap());
    let swapped = AccountProof { path: second.path.clone(), ..first.clone() };
    assert!(verify_account(&swapped, root).is_err());
    let renamed = AccountProof { leaf: Leaf { id: second.leaf.id, ..first.leaf }, ..first };
    assert_eq!(verify_account(&renamed, root), Err(ProofError::HashDiffers));
}
