//! Administrative requests, each alone in the order.

use super::convert::number;
use super::engine::Engine;
use super::partition_key::partition_of;
use crate::admin::{
    AccountChangeStatus, AdministrativeRequest, AdministrativeStatus, AllowanceChangeStatus, AlterAllowance,
    ChangeAccount, CreateAccount, CreateAccountStatus, CreateAllowance, CreateAllowanceStatus, LedgerChange,
    LedgerChangeStatus, SwitchAllowance,
};
use crate::allowance::{Allowance, AllowanceTerms};
use crate::limits::ALLOWANCE_LEVELS_MAX;
use crate::{Account, AllowanceId};

impl Engine {
    /// Makes the change, or says why it is not made.
    pub(super) fn administer(&mut self, request: &AdministrativeRequest) -> AdministrativeStatus {
        use AdministrativeRequest as Request;
        use AdministrativeStatus as Status;
        match request {
            Request::CreateAccount(one) => Status::CreateAccount(self.create_account(one)),
            Request::ChangeAccount(one) => Status::ChangeAccount(self.change_account(one)),
            Request::CreateAllowance(one) => Status::CreateAllowance(self.create_allowance(one)),
            Request::AlterAllowance(one) => Status::ChangeAllowance(self.alter_allowance(one)),
            Request::SwitchAllowance(one) => Status::ChangeAllowance(self.switch_allowance(*one)),
            Request::ChangeLedger(change) => Status::ChangeLedger(self.change_ledger(*change)),
        }
    }

    fn create_account(&mut self, request: &CreateAccount) -> CreateAccountStatus {
        if let Some(status) = request.check_static() {
            return status;
        }
        if let Some(known) = self.account(request.id) {
            return request.compare_known(&known);
        }
        self.insert_account(&request.account(self.timestamp));
        CreateAccountStatus::Accepted
    }

    pub(super) fn insert_account(&mut self, account: &Account) {
        let hash = self.settings.key.hash(account.id.0);
        let home = partition_of(hash, number(self.partitions.len()));
        if let Some(partition) = self.partitions.get_mut(home) {
            partition.insert(hash, account);
        }
    }

    fn change_account(&mut self, request: &ChangeAccount) -> AccountChangeStatus {
        let Some((partition, slot)) = self.find_mut(request.account) else {
            return AccountChangeStatus::AccountNotFound;
        };
        let Some(account) = partition.accounts.account(slot) else {
            return AccountChangeStatus::AccountNotFound;
        };
        match request.change.flags_after(&account) {
            Err(status) => status,
            Ok(flags) => {
                partition.accounts.set_flags(slot, flags);
                AccountChangeStatus::Accepted
            }
        }
    }

    fn create_allowance(&mut self, request: &CreateAllowance) -> CreateAllowanceStatus {
        if let Some(status) = request.check_static() {
            return status;
        }
        if let Some(known) = self.allowance(request.terms.id) {
            return if known.was_created_as(&request.terms) {
                CreateAllowanceStatus::Exists
            } else {
                CreateAllowanceStatus::ExistsWithDifferentTerms
            };
        }
        let account = request.check_account(self.account(request.terms.account).as_ref());
        if let Some(status) = account.or_else(|| self.check_parent(&request.terms)) {
            return status;
        }
        self.insert_allowance(Allowance::new(request.terms.clone(), self.timestamp));
        CreateAllowanceStatus::Accepted
    }

    pub(super) fn insert_allowance(&mut self, allowance: Allowance) {
        let hash = self.settings.key.hash(allowance.terms().account.0);
        let home = partition_of(hash, number(self.partitions.len()));
        if let Some(partition) = self.partitions.get_mut(home) {
            partition.insert_allowance(allowance);
        }
    }

    fn check_parent(&self, terms: &AllowanceTerms) -> Option<CreateAllowanceStatus> {
        if terms.parent.is_none() {
            return None;
        }
        let Some(parent) = self.allowance(terms.parent) else {
            return Some(CreateAllowanceStatus::ParentNotFound);
        };
        if parent.terms().account != terms.account {
            return Some(CreateAllowanceStatus::ParentOfOtherAccount);
        }
        let above = |level: &&Allowance| self.allowance(level.terms().parent);
        let levels = std::iter::successors(Some(parent), above).count();
        (levels >= ALLOWANCE_LEVELS_MAX).then_some(CreateAllowanceStatus::ParentTooDeep)
    }

    fn alter_allowance(&mut self, request: &AlterAllowance) -> AllowanceChangeStatus {
        if let Some(status) = request.check_static() {
            return status;
        }
        let Some(allowance) = self.allowance_mut(request.allowance) else {
            return AllowanceChangeStatus::AllowanceNotFound;
        };
        if let Some(status) = request.check_state(allowance.terms(), allowance.condition()) {
            return status;
        }
        allowance.alter(request.ends_at, request.payment_max, &request.caps);
        AllowanceChangeStatus::Accepted
    }

    fn switch_allowance(&mut self, request: SwitchAllowance) -> AllowanceChangeStatus {
        let Some(allowance) = self.allowance_mut(request.allowance) else {
            return AllowanceChangeStatus::AllowanceNotFound;
        };
        let Some(condition) = request.switch.after(allowance.condition()) else {
            return AllowanceChangeStatus::Unchanged;
        };
        allowance.set_condition(condition);
        AllowanceChangeStatus::Accepted
    }

    fn allowance_mut(&mut self, id: AllowanceId) -> Option<&mut Allowance> {
        self.partitions.iter_mut().find_map(|partition| {
            let slot = partition.find_allowance(id)?;
            partition.allowances.get_mut(slot)
        })
    }

    fn change_ledger(&mut self, change: LedgerChange) -> LedgerChangeStatus {
        if self.frozen == change.frozen_after() {
            return LedgerChangeStatus::Unchanged;
        }
        self.frozen = change.frozen_after();
        LedgerChangeStatus::Accepted
    }
}
