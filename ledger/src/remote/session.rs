//! A session: one connection of a gateway that has been welcomed, with at most one command in flight.
//!
//! A session that was left in the middle of an exchange is of no further use: whoever has it drops it.

use std::io;

use tokio::io::AsyncBufReadExt;
use tokio_rustls::rustls;

use super::endpoint::Endpoint;
use super::stream::{Stream, read_body, read_head, read_hello, write};
use super::wire::{ClientHello, LedgerId, ServerHello, decode_answer};
use crate::handle::{Answer, LedgerError};

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SessionFault {
    /// The connection failed: another one may not.
    Lost(String),
    /// The other side is none to talk to: asking again would change nothing.
    Refused(String),
}

/// A welcomed connection.
pub(super) struct Session {
    stream: Stream,
}

impl Session {
    /// Connects and says hello; tells which ledger it is.
    pub(super) async fn open(
        endpoint: &Endpoint,
        wanted: Option<LedgerId>,
    ) -> Result<(Self, LedgerId), SessionFault> {
        let broken = |error: &io::Error| broken(endpoint, error);
        let mut stream = endpoint.connect().await.map_err(|error| broken(&error))?;
        let said = ClientHello { ledger: wanted }.encode();
        write(&mut stream, &said).await.map_err(|error| broken(&error))?;
        let answered = read_hello(&mut stream).await.map_err(|error| broken(&error))?;
        let hello = ServerHello::decode(&answered).and_then(|hello| hello.welcome(wanted));
        match hello {
            Ok(ledger) => Ok((Self { stream }, ledger)),
            Err(fault) => Err(SessionFault::Refused(format!("at {endpoint}: {fault}"))),
        }
    }

    /// Sends a command and waits for its answer.
    pub(super) async fn exchange(
        &mut self,
        number: u64,
        frame: &[u8],
    ) -> Result<Result<Answer, LedgerError>, SessionFault> {
        let lost = |error: io::Error| SessionFault::Lost(error.to_string());
        write(&mut self.stream, frame).await.map_err(lost)?;
        let head = read_head(&mut self.stream).await.map_err(lost)?;
        if head.number != number {
            return Err(SessionFault::Refused(format!("answer {} to command {number}", head.number)));
        }
        let length = head.answer_length().map_err(|fault| SessionFault::Refused(fault.to_string()))?;
        let body = read_body(&mut self.stream, length).await.map_err(lost)?;
        decode_answer(head.kind, &body).map_err(|fault| SessionFault::Refused(fault.to_string()))
    }

    /// Whether the session can be used again: the other side has not closed it, and said nothing unasked.
    pub(super) async fn is_open(&mut self) -> bool {
        tokio::select! {
            biased;
            _ = self.stream.fill_buf() => false,
            () = std::future::ready(()) => true,
        }
    }
}

/// A connection that could not be opened. What TLS refuses it refuses again.
fn broken(endpoint: &Endpoint, error: &io::Error) -> SessionFault {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(refused) => SessionFault::Refused(format!(
            "TLS with {endpoint}: {refused}; give both sides certificates of one authority"
        )),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            SessionFault::Lost(format!("{endpoint} closed before it said hello; it may have no room"))
        }
        None => SessionFault::Lost(format!("cannot connect to {endpoint}: {error}")),
    }
}
