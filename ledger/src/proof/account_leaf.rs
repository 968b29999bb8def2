//! The part of an account that the state root commits to.

use super::leaf::Leaf;
use crate::account::Account;

impl From<&Account> for Leaf {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.0,
            debits_pending: account.debits_pending,
            debits_posted: account.debits_posted,
            credits_pending: account.credits_pending,
            credits_posted: account.credits_posted,
            reference: account.reference,
            asset: account.asset.number(),
            code: account.code,
            flags: account.flags.bits(),
        }
    }
}
