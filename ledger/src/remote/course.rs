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

#[cfg(test)]
mod tests {
    use super::{Course, Step};
    use crate::Request;
    use crate::admin::{
        AccountChange, AdministrativeRequest, AllowanceSwitch, ChangeAccount, CreateAccount, LedgerChange,
        SwitchAllowance,
    };
    use crate::handle::{Answer, Command, LedgerError, LedgerStatus};
    use crate::{AccountFlags, AccountId, AllowanceId, Asset};
    use std::time::Duration;

    fn submission(changes: &[AdministrativeRequest]) -> Command {
        let changes = changes.iter().cloned().map(Request::Administrative);
        Command::Submit([Request::Transfers(Vec::new())].into_iter().chain(changes).collect())
    }

    fn freeze() -> Command {
        submission(&[AdministrativeRequest::ChangeLedger(LedgerChange::Freeze)])
    }

    /// A course whose first try was sent and lost.
    fn lost_once(command: &Command) -> (Course, Step) {
        let mut course = Course::of(command);
        course.sending();
        let step = course.lost("cut".to_owned());
        (course, step)
    }

    fn lost(reason: &str) -> Step {
        Step::Break(Err(LedgerError::ConnectionLost(reason.to_owned())))
    }

    #[test]
    fn what_can_be_repeated_is_and_nothing_else() {
        let (account, allowance) = (AccountId(1), AllowanceId(1));
        let flags = AccountFlags::SYSTEM;
        let create = CreateAccount { id: account, reference: [0; 16], asset: Asset::USDB, code: 1, flags };
        let create = AdministrativeRequest::CreateAccount(create);
        let switch = |switch| AdministrativeRequest::SwitchAllowance(SwitchAllowance { allowance, switch });
        let close = ChangeAccount { account, change: AccountChange::Close };
        let close = AdministrativeRequest::ChangeAccount(close);
        let cases = [
            (Command::Status, true),
            (Command::Prove(account), true),
            (submission(&[]), true),
            (submission(&[create.clone(), switch(AllowanceSwitch::Revoke)]), true),
            (submission(&[create.clone(), switch(AllowanceSwitch::Freeze)]), false),
            (submission(&[switch(AllowanceSwitch::Unfreeze), create]), false),
            (submission(&[close]), false),
            (freeze(), false),
        ];
        for (command, repeated) in cases {
            let (_, step) = lost_once(&command);
            let expected = if repeated { Step::Continue(None) } else { lost("cut") };
            assert_eq!(step, expected, "{command:?}");
        }
    }

    #[test]
    fn what_was_not_sent_is_tried_again_whatever_it_is() {
        let mut course = Course::of(&freeze());
        assert_eq!(course.lost("no connection".to_owned()), Step::Continue(None));
        course.sending();
        assert_eq!(course.lost("cut".to_owned()), lost("cut"));
    }

    #[test]
    fn a_ledger_that_stops_is_tried_again_like_a_lost_one() {
        for error in [LedgerError::Stopped("bye".to_owned()), LedgerError::ConnectionLost("gone".to_owned())]
        {
            let mut course = Course::of(&submission(&[]));
            course.sending();
            assert_eq!(course.answered(Err(error.clone())), Step::Continue(None));
            assert_eq!(course.given_up(), error);
            let mut once = Course::of(&freeze());
            once.sending();
            assert_eq!(once.answered(Err(error.clone())), Step::Break(Err(error)));
        }
    }

    /// An error that says "nothing was executed" is the caller's only if that is so.
    #[test]
    fn an_error_after_a_lost_try_says_that_the_outcome_is_unknown() {
        let busy = LedgerError::Busy { retry_after_ms: 7 };
        let unreadable = LedgerError::Unreadable("page".to_owned());
        let first = |error: &LedgerError| {
            let mut course = Course::of(&submission(&[]));
            course.sending();
            course.answered(Err(error.clone()))
        };
        assert_eq!(first(&busy), Step::Break(Err(busy.clone())));
        assert_eq!(first(&unreadable), Step::Break(Err(unreadable.clone())));

        let (mut course, _) = lost_once(&submission(&[]));
        course.sending();
        let wait = Step::Continue(Some(Duration::from_millis(7)));
        assert_eq!(course.answered(Err(busy.clone())), wait);
        assert!(matches!(course.given_up(), LedgerError::ConnectionLost(_)));
        course.sending();
        assert_eq!(course.answered(Err(unreadable.clone())), lost(&unreadable.to_string()));

        let (mut read, _) = lost_once(&Command::Status);
        read.sending();
        assert_eq!(read.answered(Err(busy.clone())), Step::Break(Err(busy)));
    }

    #[test]
    fn who_is_none_to_talk_to_is_named_unless_a_try_may_have_been_executed() {
        let mut course = Course::of(&submission(&[]));
        let protocol = LedgerError::Protocol("another ledger".to_owned());
        assert_eq!(course.refused("another ledger".to_owned()), Step::Break(Err(protocol)));
        let (mut course, _) = lost_once(&submission(&[]));
        assert_eq!(course.refused("another ledger".to_owned()), lost("another ledger"));
    }

    #[test]
    fn an_answer_is_an_answer() {
        let (mut course, _) = lost_once(&Command::Status);
        let answer = Answer::Status(LedgerStatus::default());
        assert_eq!(course.answered(Ok(answer.clone())), Step::Break(Ok(answer)));
    }
}
