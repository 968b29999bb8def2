//! The supply: what the published system accounts owe, and nobody else.

use ledger::proof::{
    AssetSums, Leaf, ProofError, StateRoot, StateTree, VerifiedAccount, VerifiedRoot, verify_account,
    verify_root, verify_supply,
};

use crate::fixture::{CROWDED_IDS, ISSUANCE, VAULT, books, build, holder, system, tree_key};

const PUBLISHED: [u128; 2] = [ISSUANCE, VAULT];

fn verified(tree: &StateTree, root: StateRoot, leaves: &[Leaf], ids: &[u128]) -> Vec<VerifiedAccount> {
    let leaf = |id: &u128| leaves.iter().find(|leaf| leaf.id == *id).unwrap();
    let proof = |id| tree.prove(&tree_key(), leaf(id)).unwrap();
    ids.iter().map(|id| verify_account(&proof(id), root).unwrap()).collect()
}

fn opened(leaves: &[Leaf]) -> (StateTree, StateRoot, VerifiedRoot) {
    let (tree, root) = build(leaves);
    let verified = verify_root(tree.root(), root).unwrap();
    (tree, root, verified)
}

#[test]
fn the_supply_is_what_the_published_accounts_owe() {
    let leaves = books(&CROWDED_IDS);
    let (tree, root, totals) = opened(&leaves);
    let accounts = verified(&tree, root, &leaves, &PUBLISHED);
    let supply = verify_supply(totals, &PUBLISHED, &accounts).unwrap();
    let [issued, pledged] =
        [ISSUANCE, VAULT].map(|id| leaves.iter().find(|leaf| leaf.id == id).unwrap().debits_posted);
    assert_eq!(supply.of(1), Some(AssetSums { owed: issued, owing: issued }));
    assert_eq!(supply.of(2), Some(AssetSums { owed: pledged, owing: pledged }));
    assert_eq!(supply.of(3), None);
    assert_eq!(supply, totals.totals());
}

#[test]
fn every_hole_in_the_list_has_a_name() {
    let leaves = books(&CROWDED_IDS);
    let (tree, root, totals) = opened(&leaves);
    let other_leaves = books(&CROWDED_IDS[1..]);
    let (other_tree, other_root, _) = opened(&other_leaves);
    let own = |ids: &[u128]| verified(&tree, root, &leaves, ids);
    let cases = [
        (own(&[]), ProofError::OwingUnexplained { asset: 1 }),
        (own(&[ISSUANCE]), ProofError::OwingUnexplained { asset: 2 }),
        (own(&[VAULT]), ProofError::OwingUnexplained { asset: 1 }),
        (own(&[ISSUANCE, VAULT, ISSUANCE]), ProofError::ListedTwice { id: ISSUANCE }),
        (own(&[ISSUANCE, CROWDED_IDS[0]]), ProofError::NotPublished { id: CROWDED_IDS[0] }),
        (verified(&other_tree, other_root, &other_leaves, &[VAULT]), ProofError::OtherRoot { id: VAULT }),
    ];
    for (accounts, error) in cases {
        assert_eq!(verify_supply(totals, &PUBLISHED, &accounts), Err(error));
    }
}

#[test]
fn a_debtor_beside_the_published_ones_is_found() {
    let secret_debtor = system(555, 1, 40);
    let mut leaves = books(&CROWDED_IDS);
    leaves.extend([secret_debtor, holder(556, 1, 40)]);
    let (tree, root, totals) = opened(&leaves);
    let accounts = verified(&tree, root, &leaves, &PUBLISHED);
    let error = verify_supply(totals, &PUBLISHED, &accounts).unwrap_err();
    assert_eq!(error, ProofError::OwingUnexplained { asset: 1 });
}

#[test]
fn a_system_account_may_be_owed() {
    // Fees earned: the account is on the list and owes nothing; it explains nothing and disturbs nothing.
    let mut leaves = books(&CROWDED_IDS);
    leaves.push(holder(557, 1, 40));
    leaves.iter_mut().find(|leaf| leaf.id == ISSUANCE).unwrap().debits_posted += 40;
    let (tree, root, totals) = opened(&leaves);
    let published = [ISSUANCE, VAULT, 557];
    let accounts = verified(&tree, root, &leaves, &published);
    assert_eq!(verify_supply(totals, &published, &accounts), Ok(totals.totals()));
}
