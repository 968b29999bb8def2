//! The sequential model as a second opinion on what the engine executed.

use std::sync::Arc;

use super::compare::transfers_of;
use super::difference::{At, DifferenceKind};
use super::snapshots::compare_each;
use super::verify_error::VerifyError;
use crate::engine::{Engine, EntryOutcome};
use crate::model::Model;
use crate::{AccountId, Entry, Request, Transfer};

/// The model, entry by entry beside the engine.
#[derive(Debug, Default)]
pub(super) struct SecondOpinion {
    model: Model,
}

impl SecondOpinion {
    /// Executes an entry that the engine executed, and compares every status, amount, position, expiry and bound, and
    /// the totals of all accounts that it touched.
    pub(super) fn execute(
        &mut self,
        entry: &Entry,
        requests: &Arc<[Request]>,
        outcome: &EntryOutcome,
        engine: &Engine,
    ) -> Result<(), VerifyError> {
        let at = At::entry(entry.sequence, DifferenceKind::Model);
        let result = self.model.execute(entry.timestamp, requests);
        let result = result.map_err(|error| at.differs("an entry that the model executes", error))?;
        let found = outcome.result(requests);
        if result != found {
            compare_each(at, result.expired.iter(), found.expired.iter())?;
            compare_each(at, result.replies.iter(), found.replies.iter())?;
            return Err(at.differs(result.sequence, found.sequence));
        }
        let expired = outcome.expired.iter().map(|expiry| &expiry.pending);
        for pending in expired {
            self.compare_accounts(at, [pending.debit_account, pending.credit_account], engine)?;
        }
        for recorded in transfers_of(entry) {
            self.compare_accounts(at, self.accounts_of(&recorded.transfer), engine)?;
        }
        Ok(())
    }

    /// Goes on behind an entry that executes nothing.
    pub(super) const fn pass(&mut self, entry: &Entry) {
        self.model.pass(entry.sequence, entry.timestamp);
    }

    /// Compares everything.
    pub(super) fn compare_state(&self, engine: &Engine) -> Result<(), VerifyError> {
        let at = At::entry(engine.sequence(), DifferenceKind::Model);
        compare_each(at, self.model.accounts().copied(), engine.accounts())?;
        compare_each(at, self.model.open_pending(), engine.open_pending())?;
        let timestamp = engine.timestamp();
        for allowance in engine.allowances() {
            let id = allowance.terms().id;
            let expected = self.model.explain(id, timestamp);
            compare_each(at, expected.into_iter(), engine.explain(id, timestamp).into_iter())?;
        }
        Ok(())
    }

    /// Payer and payee: of a post or void those of the pending transfer.
    fn accounts_of(&self, transfer: &Transfer) -> [AccountId; 2] {
        let pending = self.model.transfer(transfer.pending_id).filter(|_| transfer.ends_pending());
        let named = pending.map_or(transfer, |known| &known.transfer);
        [named.debit_account, named.credit_account]
    }

    fn compare_accounts(&self, at: At, ids: [AccountId; 2], engine: &Engine) -> Result<(), VerifyError> {
        for id in ids {
            compare_each(at, self.model.account(id).copied().into_iter(), engine.account(id).into_iter())?;
        }
        Ok(())
    }
}
