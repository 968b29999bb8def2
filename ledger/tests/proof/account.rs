//! The leaf of a ledger account.

use ledger::Account;
use ledger::proof::Leaf;

#[test]
fn the_leaf_is_the_account_record_without_times_and_reserved_bytes() {
    let mut record = [0; 128];
    (1..).zip(&mut record[..118]).for_each(|(value, byte)| *byte = value);
    record[116..118].copy_from_slice(&[0b1001, 0]);
    let account = Account::decode(&record).unwrap();
    assert_eq!(Leaf::from(&account).to_bytes().as_slice(), [&record[..96], &record[112..118]].concat());
}
