//! Proofs that an account is not there, and when the prover refuses.

use ledger::proof::{Change, PathEnd, ProofError, ProveError, verify_absence, verify_account};

use crate::fixture::{CROWDED_IDS, SHARED_PLACE, books, build, holder, tree_key};

#[test]
fn absent_ids_are_proven_absent() {
    let leaves = books(&CROWDED_IDS);
    let (tree, root) = build(&leaves);
    let key = tree_key();
    let mut at_another = 0;
    // Mostly empty shards, and then ids that lead into the crowded ones.
    for id in (5_000_000..5_000_200).chain(5_000_200..5_020_000) {
        let found = tree.neighbour(id).unwrap();
        let neighbour = found.map(|found| leaves.iter().find(|leaf| found.matches(leaf.id)).unwrap());
        if id >= 5_000_200 && neighbour.is_none() {
            continue;
        }
        let proof = tree.prove_absence(&key, id, neighbour).unwrap();
        let absence = verify_absence(&proof, root).unwrap();
        assert_eq!((absence.id(), absence.root().totals()), (id, tree.root().totals()));
        at_another += usize::from(matches!(proof.end, PathEnd::Other { .. }));
    }
    assert!(at_another > 10, "only {at_another} paths ended at another account");
}

#[test]
fn the_prover_names_what_is_wrong() {
    let leaves = books(&CROWDED_IDS);
    let (mut tree, _) = build(&leaves);
    let key = tree_key();
    let stranger = holder(77_777_777, 1, 5);
    assert_eq!(tree.prove(&key, &stranger), Err(ProveError::AccountUnknown));
    let mut newer = leaves[0];
    newer.credits_pending += 1;
    assert_eq!(tree.prove(&key, &newer), Err(ProveError::AccountDiffers));
    let present = leaves[0].id;
    assert_eq!(tree.prove_absence(&key, present, Some(&leaves[0])), Err(ProveError::AccountPresent));
    assert_eq!(tree.prove_absence(&key, present, None), Err(ProveError::NeighbourDiffers));
    assert_eq!(tree.prove_absence(&key, present, Some(&leaves[1])), Err(ProveError::NeighbourDiffers));
    tree.works(&mut [Change::updated(&key, &newer).unwrap()])
        .into_iter()
        .for_each(|work| work.update().unwrap());
    assert_eq!(tree.prove(&key, &newer), Err(ProveError::NotSealed));
    tree.seal().unwrap();
    assert!(tree.prove(&key, &newer).is_ok());
}

#[test]
fn an_account_that_shares_the_place_of_an_absent_one_proves_its_absence() {
    let [present, absent] = SHARED_PLACE;
    let mut holders = CROWDED_IDS.clone();
    holders.push(present);
    let leaves = books(&holders);
    let (tree, root) = build(&leaves);
    let key = tree_key();
    let found = tree.neighbour(absent).unwrap().unwrap();
    assert!(found.matches(present) && found.matches(absent));
    let neighbour = leaves.iter().find(|leaf| leaf.id == present).unwrap();
    verify_absence(&tree.prove_absence(&key, absent, Some(neighbour)).unwrap(), root).unwrap();
    let pretended = holder(absent, 1, 5);
    assert_eq!(tree.prove(&key, &pretended), Err(ProveError::AccountDiffers));
    // The proof of the one says nothing about the other.
    let mut proof = tree.prove(&key, neighbour).unwrap();
    proof.leaf.id = absent;
    assert_eq!(verify_account(&proof, root), Err(ProofError::HashDiffers));
}
