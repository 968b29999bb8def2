//! What administrative requests do.

use super::allowance::BookedAllowance;
use super::state::State;
use crate::admin::{
    AccountChangeStatus, AdministrativeRequest, AdministrativeStatus, AllowanceChangeStatus, AlterAllowance,
    ChangeAccount, CreateAccount, CreateAccountStatus, CreateAllowance, CreateAllowanceStatus, LedgerChange,
    LedgerChangeStatus, SwitchAllowance,
};
use crate::limits::ALLOWANCE_LEVELS_MAX;

impl State {
    /// Makes the change, or says why it is not made.
    pub(super) fn administer(
        &mut self,
        request: &AdministrativeRequest,
        timestamp: u64,
    ) -> AdministrativeStatus {
        use AdministrativeRequest as Request;
        use AdministrativeStatus as Status;
        match request {
            Request::CreateAccount(one) => Status::CreateAccount(self.create_account(one, timestamp)),
            Request::ChangeAccount(one) => Status::ChangeAccount(self.change_account(one)),
            Request::CreateAllowance(one) => Status::CreateAllowance(self.create_allowance(one)),
            Request::AlterAllowance(one) => Status::ChangeAllowance(self.alter_allowance(one)),
            Request::SwitchAllowance(one) => Status::ChangeAllowance(self.switch_allowance(*one)),
            Request::ChangeLedger(change) => Status::ChangeLedger(self.change_ledger(*change)),
        }
    }

    fn create_account(&mut self, request: &CreateAccount, timestamp: u64) -> CreateAccountStatus {
        if let Some(status) = request.check_static() {
            return status;
        }
        if let Some(known) = self.accounts.get(&request.id) {
            return request.compare_known(known);
        }
        self.accounts.insert(request.id, request.account(timestamp));
        CreateAccountStatus::Accepted
    }

    fn change_account(&mut self, request: &ChangeAccount) -> AccountChangeStatus {
        let Some(account) = self.accounts.get_mut(&request.account) else {
            return AccountChangeStatus::AccountNotFound;
        };
        match request.change.flags_after(account) {
            Err(status) => status,
            Ok(flags) => {
                account.flags = flags;
                AccountChangeStatus::Accepted
            }
        }
    }

    fn create_allowance(&mut self, request: &CreateAllowance) -> CreateAllowanceStatus {
        if let Some(status) = request.check_static() {
            return status;
        }
        let terms = &request.terms;
        if let Some(known) = self.allowances.get(&terms.id) {
            let same = known.created_as == *terms;
            return if same {
                CreateAllowanceStatus::Exists
            } else {
                CreateAllowanceStatus::ExistsWithDifferentTerms
            };
        }
        let account = request.check_account(self.accounts.get(&terms.account));
        if let Some(status) = account.or_else(|| self.check_parent(request)) {
            return status;
        }
        self.allowances.insert(terms.id, BookedAllowance::new(terms.clone()));
        CreateAllowanceStatus::Accepted
    }

    fn check_parent(&self, request: &CreateAllowance) -> Option<CreateAllowanceStatus> {
        let terms = &request.terms;
        if terms.parent.is_none() {
            return None;
        }
        let above = self.levels(terms.parent);
        let Some(parent) = above.first() else {
            return Some(CreateAllowanceStatus::ParentNotFound);
        };
        if parent.terms.account != terms.account {
            return Some(CreateAllowanceStatus::ParentOfOtherAccount);
        }
        (above.len() >= ALLOWANCE_LEVELS_MAX).then_some(CreateAllowanceStatus::ParentTooDeep)
    }

    fn alter_allowance(&mut self, request: &AlterAllowance) -> AllowanceChangeStatus {
        if let Some(status) = request.check_static() {
            return status;
        }
        let Some(allowance) = self.allowances.get_mut(&request.allowance) else {
            return AllowanceChangeStatus::AllowanceNotFound;
        };
        if let Some(status) = request.check_state(&allowance.terms, allowance.condition) {
            return status;
        }
        allowance.terms.alter(request.ends_at, request.payment_max, &request.caps);
        AllowanceChangeStatus::Accepted
    }

    fn switch_allowance(&mut self, request: SwitchAllowance) -> AllowanceChangeStatus {
        let Some(allowance) = self.allowances.get_mut(&request.allowance) else {
            return AllowanceChangeStatus::AllowanceNotFound;
        };
        let Some(condition) = request.switch.after(allowance.condition) else {
            return AllowanceChangeStatus::Unchanged;
        };
        allowance.condition = condition;
        AllowanceChangeStatus::Accepted
    }

    fn change_ledger(&mut self, change: LedgerChange) -> LedgerChangeStatus {
        if self.frozen == change.frozen_after() {
            return LedgerChangeStatus::Unchanged;
        }
        self.frozen = change.frozen_after();
        LedgerChangeStatus::Accepted
    }
}
