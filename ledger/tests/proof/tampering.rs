//! A proof with anything changed is refused, and by the right name.

use ledger::proof::{
    AbsenceProof, AccountKey, AccountProof, Leaf, Path, PathEnd, ProofError, StateRoot, Subtree, Sums,
    verify_absence, verify_account,
};

use crate::fixture::{CROWDED_IDS, books, build, tree_key};

fn proven(position: usize) -> (AccountProof, StateRoot) {
    let leaves = books(&CROWDED_IDS);
    let (tree, root) = build(&leaves);
    (tree.prove(&tree_key(), &leaves[position]).unwrap(), root)
}

/// Whether the bytes prove something about this id.
fn accepts(bytes: &[u8], root: StateRoot, id: u128) -> bool {
    let account = AccountProof::decode(bytes)
        .is_ok_and(|proof| verify_account(&proof, root).is_ok_and(|account| account.leaf().id == id));
    account
        || AbsenceProof::decode(bytes)
            .is_ok_and(|proof| verify_absence(&proof, root).is_ok_and(|absence| absence.id() == id))
}

fn assert_no_byte_may_change(bytes: &[u8], root: StateRoot, id: u128) {
    assert!(accepts(bytes, root, id));
    let mut changed = bytes.to_vec();
    for position in 0..bytes.len() {
        for flip in [0x01, 0x10, 0x80, 0xff] {
            changed[position] ^= flip;
            assert!(!accepts(&changed, root, id), "byte {position} flipped by {flip:#x} was accepted");
            changed[position] ^= flip;
        }
    }
}

#[test]
fn no_byte_of_a_proof_may_change() {
    let (proof, root) = proven(CROWDED_IDS.len() - 1);
    assert!(proof.path.siblings().len() > 16, "a crowded shard makes a path below the fixed levels");
    assert_no_byte_may_change(&proof.encode(), root, proof.leaf.id);
}

#[test]
fn no_byte_of_a_proof_of_absence_may_change() {
    let leaves = books(&CROWDED_IDS);
    let (tree, root) = build(&leaves);
    let key = tree_key();
    let mut seen = [false; 2];
    for id in 10_000_000.. {
        let neighbour = tree.neighbour(id).unwrap();
        let neighbour = neighbour.map(|found| leaves.iter().find(|leaf| found.matches(leaf.id)).unwrap());
        if !std::mem::replace(&mut seen[usize::from(neighbour.is_some())], true) {
            assert_no_byte_may_change(&tree.prove_absence(&key, id, neighbour).unwrap().encode(), root, id);
        }
        if seen == [true; 2] {
            return;
        }
    }
}

#[test]
fn a_proof_holds_for_its_own_root_only() {
    let (proof, root) = proven(0);
    let (_, other) = build(&books(&CROWDED_IDS[1..]));
    assert_eq!(verify_account(&proof, other), Err(ProofError::StateRootDiffers));
    assert!(verify_account(&proof, root).is_ok());
    assert_eq!(verify_account(&proof, StateRoot([0; 32])), Err(ProofError::StateRootDiffers));
}

#[test]
fn the_account_is_what_was_hashed() {
    let (proof, root) = proven(0);
    let edits: [fn(&mut Leaf); 8] = [
        |leaf| leaf.id += 1,
        |leaf| leaf.debits_pending += 1,
        |leaf| leaf.credits_pending += 1,
        |leaf| leaf.reference[15] ^= 1,
        |leaf| leaf.code += 1,
        |leaf| leaf.flags ^= 2,
        // The balance stays, the totals do not.
        |leaf| (leaf.debits_posted, leaf.credits_posted) = (leaf.debits_posted + 1, leaf.credits_posted + 1),
        |leaf| leaf.credits_posted += 1,
    ];
    for edit in edits {
        let mut proof = proof.clone();
        edit(&mut proof.leaf);
        assert_eq!(verify_account(&proof, root), Err(ProofError::HashDiffers));
    }
    let mut strange = proof.clone();
    strange.leaf.asset = 3;
    assert_eq!(verify_account(&strange, root), Err(ProofError::AssetUnknown { asset: 3 }));
    let mut salted = proof;
    salted.salt.0[0] ^= 1;
    assert_eq!(verify_account(&salted, root), Err(ProofError::HashDiffers));
}

fn with_siblings(proof: &AccountProof, edit: impl FnOnce(&mut Vec<Subtree>)) -> AccountProof {
    let mut siblings = proof.path.siblings().to_vec();
    edit(&mut siblings);
    AccountProof { path: Path::new(siblings).unwrap(), ..proof.clone() }
}

fn plus_one(sums: Sums) -> Sums {
    let [(_, mut first), (_, second)] = *sums.by_asset().collect::<Vec<_>>() else { panic!("two assets") };
    first.owed += 1;
    Sums::new([first, second])
}

#[test]
fn every_sum_on_the_path_is_fixed() {
    for position in [0, CROWDED_IDS.len() - 1, CROWDED_IDS.len() / 2] {
        let (proof, root) = proven(position);
        for level in 0..proof.path.siblings().len() {
            if proof.path.siblings()[level].is_empty() {
                continue;
            }
            let forged =
                with_siblings(&proof, |siblings| siblings[level].sums = plus_one(siblings[level].sums));
            let error = verify_account(&forged, root).unwrap_err();
            assert!(matches!(error, ProofError::HashDiffers | ProofError::SumsDiffer), "{error}");
        }
        let mut forged = proof.clone();
        forged.root.0.sums = plus_one(forged.root.0.sums);
        assert_eq!(verify_account(&forged, root), Err(ProofError::StateRootDiffers));
    }
}

#[test]
fn a_sum_moved_between_two_levels_is_found() {
    let (proof, root) = proven(CROWDED_IDS.len() - 1);
    let full: Vec<usize> = (0..proof.path.siblings().len())
        .filter(|level| proof.path.siblings()[*level].sums.of(1).unwrap().owed > 0)
        .collect();
    for pair in full.windows(2) {
        let forged = with_siblings(&proof, |siblings| {
            siblings[pair[0]].sums = plus_one(siblings[pair[0]].sums);
            let one = plus_one(Sums::ZERO);
            siblings[pair[1]].sums = siblings[pair[1]].sums.checked_sub(one).unwrap();
        });
        // The total is right, and still a node above the moved sum hashes differently.
        assert_eq!(verify_account(&forged, root), Err(ProofError::HashDiffers));
    }
}

#[test]
fn siblings_stand_where_they_stand() {
    let (proof, root) = proven(CROWDED_IDS.len() - 1);
    let count = proof.path.siblings().len();
    for level in 1..count {
        let swapped = with_siblings(&proof, |siblings| siblings.swap(level - 1, level));
        if swapped != proof {
            assert!(verify_account(&swapped, root).is_err(), "levels {} and {level} swapped", level - 1);
        }
    }
    let shorter = with_siblings(&proof, |siblings| siblings.truncate(count - 1));
    assert_eq!(verify_account(&shorter, root), Err(ProofError::HashDiffers));
    let longer = with_siblings(&proof, |siblings| siblings.push(siblings[count - 1]));
    assert_eq!(verify_account(&longer, root), Err(ProofError::HashDiffers));
    let padded = with_siblings(&proof, |siblings| siblings.push(Subtree::EMPTY));
    assert_eq!(verify_account(&padded, root), Err(ProofError::NotCanonical));
}

#[test]
fn a_path_has_a_possible_number_of_levels() {
    for (levels, possible) in [(0, false), (11, false), (12, true), (256, true), (257, false)] {
        assert_eq!(Path::new(vec![Subtree::EMPTY; levels]).is_some(), possible, "{levels}");
    }
}

#[test]
fn a_present_account_cannot_be_called_absent() {
    let leaves = books(&CROWDED_IDS);
    let (tree, root) = build(&leaves);
    let key = tree_key();
    let victim = leaves[CROWDED_IDS.len() - 1];
    let honest = tree.prove(&key, &victim).unwrap();
    let (victim_key, sums) = (AccountKey::of(victim.id), victim.subtree(&honest.salt).unwrap().sums);
    let forged = |end, levels: usize| {
        let path = Path::new(honest.path.siblings()[..levels].to_vec()).unwrap();
        verify_absence(&AbsenceProof { id: victim.id, end, path, root: tree.root() }, root)
    };
    let levels = honest.path.siblings().len();
    let itself = PathEnd::Other { key: victim_key, commitment: [7; 32], sums };
    assert_eq!(forged(itself, levels), Err(ProofError::AccountPresent));
    // A key that goes the victim's way to the end, and one that leaves it at the last level.
    let mut bytes = *victim_key.as_bytes();
    bytes[31] ^= 1;
    let same_way = PathEnd::Other { key: AccountKey::from_bytes(bytes), commitment: [7; 32], sums };
    bytes[(levels - 1) / 8] ^= 0x80 >> ((levels - 1) % 8);
    let other_way = PathEnd::Other { key: AccountKey::from_bytes(bytes), commitment: [7; 32], sums };
    assert_eq!(forged(other_way, levels), Err(ProofError::OtherNotOnPath));
    for end in [PathEnd::Nobody, same_way] {
        for shorter in 12..=levels {
            let error = forged(end, shorter).unwrap_err();
            assert!(
                matches!(error, ProofError::HashDiffers | ProofError::NotCanonical),
                "{shorter}: {error}"
            );
        }
    }
}

#[test]
fn a_proof_of_absence_holds_for_its_id_only() {
    let leaves = books(&CROWDED_IDS);
    let (tree, root) = build(&leaves);
    let key = tree_key();
    let mut proofs = (30_000_000_u128..).filter_map(|id| {
        let found = tree.neighbour(id).unwrap()?;
        let neighbour = leaves.iter().find(|leaf| found.matches(leaf.id)).unwrap();
        Some(tree.prove_absence(&key, id, Some(neighbour)).unwrap())
    });
    for proof in proofs.by_ref().take(20) {
        assert!(verify_absence(&proof, root).is_ok());
        for present in leaves.iter().map(|leaf| leaf.id) {
            let forged = AbsenceProof { id: present, ..proof.clone() };
            let error = verify_absence(&forged, root).unwrap_err();
            let named = matches!(error, ProofError::OtherNotOnPath | ProofError::AccountPresent);
            assert!(named, "{present}: {error}");
        }
    }
}
