//! The handle: one typed call for each command.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::account_at::{AccountAt, AllowanceAt};
use super::answer::Answer;
use super::command::Command;
use super::entry_stream::EntryStream;
use super::ledger_error::LedgerError;
use super::ledger_status::LedgerStatus;
use super::proved_account::ProvedAccount;
use super::raw_entry::RawEntry;
use super::statement::{StatementPage, StatementQuery};
use super::transfer_record::TransferRecord;
use crate::{Account, AccountId, AllowanceId, Reply, Request, Transfer, TransferId, TransferReply};

/// An answer on its way.
pub type Asking<'a> = Pin<Box<dyn Future<Output = Result<Answer, LedgerError>> + Send + 'a>>;

/// What brings a command to the ledger: the ledger's own queue, or a connection to its process.
pub trait Ask: Debug + Send + Sync {
    /// Answers one command. Dropping the future leaves a submission where it is: it may be executed.
    fn ask(&self, command: Command) -> Asking<'_>;
}

/// A running ledger, in this process or in another one.
#[derive(Debug, Clone)]
pub struct Handle(Arc<dyn Ask>);

/// An answer of another kind than the command's.
fn mismatch<T>(answer: &Answer) -> Result<T, LedgerError> {
    Err(LedgerError::Protocol(format!("an answer of kind {} that was not asked for", answer.kind())))
}

impl Handle {
    /// A handle to what answers there.
    #[must_use]
    pub fn new(ask: Arc<dyn Ask>) -> Self {
        Self(ask)
    }

    /// Answers one command.
    ///
    /// # Errors
    /// Any [`LedgerError`].
    pub async fn ask(&self, command: Command) -> Result<Answer, LedgerError> {
        self.0.ask(command).await
    }

    /// Executes requests in one entry, and says what became of each once that is durable.
    ///
    /// # Errors
    /// Any [`LedgerError`].
    pub async fn submit(&self, requests: Vec<Request>) -> Result<Vec<Reply>, LedgerError> {
        match self.ask(Command::Submit(requests)).await? {
            Answer::Submitted { replies, .. } => Ok(replies),
            other => mismatch(&other),
        }
    }

    /// Executes transfers in one entry.
    ///
    /// # Errors
    /// Any [`LedgerError`].
    pub async fn submit_transfers(
        &self,
        transfers: Vec<Transfer>,
    ) -> Result<Vec<TransferReply>, LedgerError> {
        match self.submit(vec![Request::Transfers(transfers)]).await?.pop() {
            Some(Reply::Transfers(replies)) => Ok(replies),
            other => Err(LedgerError::Protocol(format!("the reply {other:?} to transfers"))),
        }
    }

    /// The account with this id.
    ///
    /// # Errors
    /// Any [`LedgerError`].
    pub async fn account(&self, id: AccountId) -> Result<Option<Account>, LedgerError> {
        Ok(self.accounts(vec![id]).await?.pop().flatten())
    }

    /// Accounts, all at the same place in the order.
    ///
    /// # Errors
    /// Any [`LedgerError`].
    pub async fn accounts(&self, ids: Vec<AccountId>) -> Result<Vec<Option<Account>>, LedgerError> {
        match self.ask(Command::Accounts(ids)).await? {
            Answer::Accounts { accounts, .. } => Ok(accounts),
            other => mismatch(&other),
        }
    }

    /// An account as it was after an entry.
    ///
    /// # Errors
    /// [`LedgerError::SequenceAhead`], [`LedgerError::TooFarBack`] or another one.
    pub async fn account_at(
        &self,
        account: AccountId,
        sequence: u64,
    ) -> Result<Option<AccountAt>, LedgerError> {
        match self.ask(Command::AccountAt { account, sequence }).await? {
            Answer::AccountAt(account) => Ok(account),
            other => mismatch(&other),
        }
    }

    /// An allowance, and what is used of it.
    ///
    /// # Errors
    /// Any [`LedgerError`].
    pub async fn allowance(&self, id: AllowanceId) -> Result<Option<AllowanceAt>, LedgerError> {
        match self.ask(Command::Allowance(id)).await? {
            Answer::Allowance(allowance) => Ok(allowance),
            other => mismatch(&other),
        }
    }

    /// A transfer of any age: `lookup`.
    ///
    /// # Errors
    /// Any [`LedgerError`].
    pub async fn transfer(&self, id: TransferId) -> Result<Option<TransferRecord>, LedgerError> {
        match self.ask(Command::Transfer(id)).await? {
            Answer::Transfer { record, .. } => Ok(record),
            other => mismatch(&other),
        }
    }

    /// A page of an account's statement.
    ///
    /// # Errors
    /// [`LedgerError::CursorUnknown`], [`LedgerError::TooFarBack`] or another one.
    pub async fn statement(&self, query: StatementQuery) -> Result<StatementPage, LedgerError> {
        match self.ask(Command::Statement(query)).await? {
            Answer::Statement(page) => Ok(page),
            other => mismatch(&other),
        }
    }

    /// An account with the proof that a durable state root holds it. Waits for the next root.
    ///
    /// # Errors
    /// Any [`LedgerError`].
    pub async fn prove(&self, account: AccountId) -> Result<Option<ProvedAccount>, LedgerError> {
        match self.ask(Command::Prove(account)).await? {
            Answer::Proved(proved) => Ok(proved.map(|proved| *proved)),
            other => mismatch(&other),
        }
    }

    /// Durable entries from this one on; none if it did not come for a while.
    ///
    /// # Errors
    /// Any [`LedgerError`].
    pub async fn entries(&self, from: u64) -> Result<Vec<RawEntry>, LedgerError> {
        match self.ask(Command::Entries { from }).await? {
            Answer::Entries(entries) => Ok(entries),
            other => mismatch(&other),
        }
    }

    /// Every durable entry from this one on, once and in order; the first entry of a ledger is 1.
    #[must_use]
    pub fn subscribe(&self, from: u64) -> EntryStream {
        EntryStream::new(self.clone(), from.max(1))
    }

    /// How far the ledger is.
    ///
    /// # Errors
    /// Any [`LedgerError`].
    pub async fn status(&self) -> Result<LedgerStatus, LedgerError> {
        match self.ask(Command::Status).await? {
            Answer::Status(status) => Ok(status),
            other => mismatch(&other),
        }
    }
}
