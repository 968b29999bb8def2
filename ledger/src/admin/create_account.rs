//! Creating an account.

use crate::account::Account;
use crate::account_flags::AccountFlags;
use crate::asset::Asset;
use crate::id::AccountId;
use crate::position::Position;
use crate::record::{field, put};
use crate::status_table::status_table;

pub(super) const CREATE_ACCOUNT_BYTES: usize = 38;

status_table! {
    /// What became of a request to create an account. The lowest number is given.
    CreateAccountStatus {
        /// The account is there now.
        Accepted = 0 "accepted",
        /// A flag has no meaning.
        FlagsUnknown = 11 "flags_unknown",
        /// Not exactly one limit or `system`, or a flag that a new account cannot have.
        FlagsConflict = 12 "flags_conflict",
        /// The id is neither version 7 nor version 8.
        IdInvalid = 13 "id_invalid",
        /// There is no such asset.
        AssetUnknown = 19 "asset_unknown",
        /// The code is zero.
        CodeZero = 20 "code_zero",
        /// The same account is there already.
        Exists = 30 "exists",
        /// The id is known with other flags.
        ExistsWithDifferentFlags = 31 "exists_with_different_flags",
        /// The id is known with another asset.
        ExistsWithDifferentAsset = 37 "exists_with_different_asset",
        /// The id is known with another code.
        ExistsWithDifferentCode = 38 "exists_with_different_code",
        /// The id is known with another reference.
        ExistsWithDifferentReference = 40 "exists_with_different_reference",
    }
}

/// A request to create an account. Its id has no age rule: accounts are never forgotten.
///
/// ```text
///   0  id           16
///  16  reference    16
///  32  asset         2
///  34  code          2
///  36  flags         2
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreateAccount {
    /// The id it will have.
    pub id: AccountId,
    /// What its creator wants to find it by.
    pub reference: [u8; 16],
    /// What its totals will count.
    pub asset: Asset,
    /// What it is for.
    pub code: u16,
    /// What it may do.
    pub flags: AccountFlags,
}

impl CreateAccount {
    /// What is wrong with the request by its bytes alone; `None` if nothing is.
    #[must_use]
    pub fn check_static(&self) -> Option<CreateAccountStatus> {
        use CreateAccountStatus as Status;
        if self.flags.has_unknown() {
            return Some(Status::FlagsUnknown);
        }
        let one_kind = self.flags.intersection(AccountFlags::KINDS).count() == 1;
        if !one_kind || self.flags.intersects(AccountFlags::STATES) {
            return Some(Status::FlagsConflict);
        }
        if !self.id.is_valid() {
            return Some(Status::IdInvalid);
        }
        if !self.asset.is_known() {
            return Some(Status::AssetUnknown);
        }
        (self.code == 0).then_some(Status::CodeZero)
    }

    /// What the request is answered if its id is that of `known`. Whether that is frozen or closed by now makes
    /// no difference.
    #[must_use]
    pub fn compare_known(&self, known: &Account) -> CreateAccountStatus {
        use CreateAccountStatus as Status;
        if self.flags != known.flags.without(AccountFlags::STATES) {
            Status::ExistsWithDifferentFlags
        } else if self.asset != known.asset {
            Status::ExistsWithDifferentAsset
        } else if self.code != known.code {
            Status::ExistsWithDifferentCode
        } else if self.reference != known.reference {
            Status::ExistsWithDifferentReference
        } else {
            Status::Exists
        }
    }

    /// The account it creates at `timestamp`.
    #[must_use]
    pub const fn account(&self, timestamp: u64) -> Account {
        Account {
            id: self.id,
            debits_pending: 0,
            debits_posted: 0,
            credits_pending: 0,
            credits_posted: 0,
            reference: self.reference,
            last_position: Position::NONE,
            timestamp,
            asset: self.asset,
            code: self.code,
            flags: self.flags,
        }
    }

    pub(super) fn decode(record: &[u8; CREATE_ACCOUNT_BYTES]) -> Self {
        Self {
            id: AccountId(u128::from_le_bytes(field::<0, 16, _>(record))),
            reference: field::<16, 16, _>(record),
            asset: Asset::from_number(u16::from_le_bytes(field::<32, 2, _>(record))),
            code: u16::from_le_bytes(field::<34, 2, _>(record)),
            flags: AccountFlags::from_bits(u16::from_le_bytes(field::<36, 2, _>(record))),
        }
    }

    pub(super) fn encode(&self) -> [u8; CREATE_ACCOUNT_BYTES] {
        let mut record = [0; CREATE_ACCOUNT_BYTES];
        put::<0, 16, _>(&mut record, self.id.0.to_le_bytes());
        put::<16, 16, _>(&mut record, self.reference);
        put::<32, 2, _>(&mut record, self.asset.number().to_le_bytes());
        put::<34, 2, _>(&mut record, self.code.to_le_bytes());
        put::<36, 2, _>(&mut record, self.flags.bits().to_le_bytes());
        record
    }
}
