//! What a gateway does about a command that was not answered: ask again, or say what is known. Pure: it is told what
//! happened and decides.
//!
//! Invariants: nothing that could be executed twice is sent twice; an error that says nothing was executed is given
//! only if that is so.

use std::ops::ControlFlow;
use std::time::Duration;

use crate::Request;
use crate::admin::{AdministrativeRequest, AllowanceSwitch, SwitchAllowance};
use crate::handle::{Answer, Command, LedgerError};

/// What sending a command twice would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// Nothing.
    Read,
    /// The second time is answered with the first.
    Repeatable,
    /// It may undo what others did in between.
    Once,
}

/// What happens next to a command: it has its answer, or it is tried again, after the pause that the ledger asked for
/// or the usual one.
pub(super) type Step = ControlFlow<Result<Answer, LedgerError>, Option<Duration>>;

/// One command on its way through as many tries as it takes.
#[derive(Debug)]
pub(super) struct Course {
    effect: Effect,
    /// An earlier try may have been executed.
    sent_before: bool,
    /// The try that runs now may have been.
    sent_now: bool,
    /// What kept the last try from being answered.
    last: Option<LedgerError>,
}

impl Course {
    /// A command that was not tried yet.
    pub(super) fn of(command: &Command) -> Self {
        Self { effect: Effect::of(command), sent_before: false, sent_now: false, last: None }
    }

    /// From now on the command may be executed.
    pub(super) const fn sending(&mut self) {
        self.sent_now = true;
    }

    /// The ledger answered this try.
    pub(super) fn answered(&mut self, answered: Result<Answer, LedgerError>) -> Step {
        let error = match answered {
            Ok(answer) => return Step::Break(Ok(answer)),
            Err(error) => error,
        };
        match error {
            LedgerError::Stopped(_) | LedgerError::ConnectionLost(_) => self.unanswered(error),
            _ if !self.may_be_executed_before() => Step::Break(Err(error)),
            LedgerError::Busy { retry_after_ms } => {
                // This try was refused; that of an earlier one is what has to be found out.
                self.sent_now = false;
                self.last = Some(LedgerError::ConnectionLost(error.to_string()));
                Step::Continue(Some(Duration::from_millis(retry_after_ms)))
            }
            _ => Step::Break(Err(LedgerError::ConnectionLost(error.to_string()))),
        }
    }

    /// The connection of this try was lost.
    pub(super) fn lost(&mut self, reason: String) -> Step {
        self.unanswered(LedgerError::ConnectionLost(reason))
    }

    /// What answers is none to talk to.
    pub(super) fn refused(&mut self, reason: String) -> Step {
        self.end_try();
        let unknown = self.may_be_executed_before();
        Step::Break(Err(if unknown {
            LedgerError::ConnectionLost(reason)
        } else {
            LedgerError::Protocol(reason)
        }))
    }

    /// There is no time, or no try, left.
    pub(super) fn given_up(&mut self) -> LedgerError {
        let nothing = || LedgerError::ConnectionLost("there was no answer in time".to_owned());
        self.last.take().unwrap_or_else(nothing)
    }

    fn unanswered(&mut self, error: LedgerError) -> Step {
        self.end_try();
        if self.effect == Effect::Once && self.sent_before {
            return Step::Break(Err(error));
        }
        self.last = Some(error);
        Step::Continue(None)
    }

    const fn end_try(&mut self) {
        self.sent_before |= self.sent_now;
        self.sent_now = false;
    }

    fn may_be_executed_before(&self) -> bool {
        self.effect != Effect::Read && self.sent_before
    }
}

impl Effect {
    fn of(command: &Command) -> Self {
        match command {
            Command::Submit(requests) if requests.iter().all(is_repeatable) => Self::Repeatable,
            Command::Submit(_) => Self::Once,
            _ => Self::Read,
        }
    }
}

/// Whether a second time finds the id of the first, or what can never change again.
const fn is_repeatable(request: &Request) -> bool {
    match request {
        Request::Transfers(_) => true,
        Request::Administrative(request) => matches!(
            request,
            AdministrativeRequest::CreateAccount(_)
                | AdministrativeRequest::CreateAllowance(_)
                | AdministrativeRequest::SwitchAllowance(SwitchAllowance {
                    switch: AllowanceSwitch::Revoke,
                    ..
                })
        ),
    }
}
