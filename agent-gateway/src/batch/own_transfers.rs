//! Transfers that move no other account's money.

use super::BatchRefusal;
use ledger::{AccountId, Transfer, TransferFlags};

/// Transfers that one account may ask for: each debits it, or ends a pending transfer that it names itself in as
/// payer or payee. Whether that pending transfer is really between those accounts is for the ledger to say, which
/// refuses a post or void that names others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnTransfers(Vec<Transfer>);

impl OwnTransfers {
    pub(super) fn check(account: AccountId, transfers: Vec<Transfer>) -> Result<Self, BatchRefusal> {
        match transfers.iter().position(|transfer| !is_own(account, transfer)) {
            Some(index) => Err(BatchRefusal::OtherAccount { index }),
            None => Ok(Self(transfers)),
        }
    }

    /// The transfers, in their order.
    #[must_use]
    pub fn into_transfers(self) -> Vec<Transfer> {
        self.0
    }
}

fn is_own(account: AccountId, transfer: &Transfer) -> bool {
    // Exactly a post or a void: what claims to be something else besides has to debit the account.
    let kind = transfer.flags.intersection(TransferFlags::KINDS);
    let ends = kind == TransferFlags::POST || kind == TransferFlags::VOID;
    transfer.debit_account == account || (ends && transfer.credit_account == account)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: AccountId = AccountId(1);
    const OTHER: AccountId = AccountId(2);
    const NONE: AccountId = AccountId::NONE;

    #[test]
    fn who_may_ask_for_what() {
        use TransferFlags as Flags;
        let both = Flags::POST.with(Flags::VOID);
        for (flags, debit_account, credit_account, own) in [
            (Flags::NONE, OWN, OTHER, true),
            (Flags::NONE, OTHER, OWN, false),
            (Flags::NONE, NONE, OWN, false),
            (Flags::PENDING, OWN, OTHER, true),
            (Flags::PENDING, OTHER, OWN, false),
            (Flags::LINKED, OTHER, OWN, false),
            (Flags::RESTORE_ALLOWANCE, OWN, OTHER, true),
            (Flags::RESTORE_ALLOWANCE, OTHER, OWN, false),
            (Flags::POST, OWN, NONE, true),
            (Flags::POST, NONE, OWN, true),
            (Flags::POST, OTHER, OWN, true),
            (Flags::POST, NONE, NONE, false),
            (Flags::POST, OTHER, OTHER, false),
            (Flags::VOID, NONE, OWN, true),
            (Flags::VOID.with(Flags::LINKED), NONE, OWN, true),
            (Flags::VOID, OTHER, NONE, false),
            (both, OTHER, OWN, false),
            (both, OWN, OTHER, true),
            (Flags::POST.with(Flags::PENDING), OTHER, OWN, false),
            (Flags::POST.with(Flags::RESTORE_ALLOWANCE), OTHER, OWN, false),
        ] {
            let transfer = Transfer { flags, debit_account, credit_account, ..Transfer::default() };
            assert_eq!(is_own(OWN, &transfer), own, "{flags:?} {debit_account:?} {credit_account:?}");
        }
    }

    #[test]
    fn the_first_foreign_one_is_named() {
        let transfer = |debit_account| Transfer { debit_account, ..Transfer::default() };
        let transfers = vec![transfer(OWN), transfer(OTHER), transfer(OTHER)];
        assert_eq!(OwnTransfers::check(OWN, transfers), Err(BatchRefusal::OtherAccount { index: 1 }));
    }
}
