//! Statements of a sample of the accounts: a walk from the newest statement entry to the first takes back every total
//! to zero.

use super::difference::{At, DifferenceKind};
use super::settings::VerifySettings;
use super::verify_error::VerifyError;
use crate::engine::Engine;
use crate::handle::LedgerError;
use crate::journal::JournalReader;
use crate::walk::Walk;

/// What was walked.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Walked {
    pub(super) whole: u64,
    pub(super) left_out: u64,
}

/// Walks the statements of every n-th account in the order of ids; `tell` hears of each.
pub(super) fn walk_statements(
    engine: &Engine,
    reader: &mut JournalReader,
    settings: &VerifySettings,
    mut tell: impl FnMut(),
) -> Result<Walked, VerifyError> {
    let mut walked = Walked::default();
    if settings.statements_max == 0 {
        return Ok(walked);
    }
    let step = engine.account_count().div_ceil(settings.statements_max).max(1);
    for account in engine.accounts().step_by(step) {
        tell();
        // Before the first entry an account has nothing, so whatever is left then is a difference.
        let mut walk = Walk::bounded(reader, settings.statement_entries_max);
        match walk.account_at(account, 0, u64::MAX) {
            Ok(_) => walked.whole = walked.whole.saturating_add(1),
            Err(LedgerError::TooFarBack { .. }) => walked.left_out = walked.left_out.saturating_add(1),
            Err(error) => {
                let at = At::entry(account.last_position.sequence(), DifferenceKind::Statement);
                let expected = format!("a statement of account {:032x} that gives its totals", account.id.0);
                return Err(at.differs(expected, error));
            }
        }
    }
    Ok(walked)
}
