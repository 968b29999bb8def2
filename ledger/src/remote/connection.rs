//! One connection as the ledger serves it: a hello, then one command after the other, each answered before the next
//! one is read. Nothing here waits without a bound, and nothing waits for this connection but its gateway.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt};
use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio::time::{error::Elapsed, timeout};

use super::listener::Arrival;
use super::settings::ServerSettings;
use super::stream::{Stream, read_body, read_head, read_hello, write};
use super::wire::{FrameHead, ServerHello, WireFault, decode_command, encode_answer};
use crate::handle::{Answer, Command, Handle, LedgerError};

/// What every connection of a server works with.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) handle: Handle,
    pub(super) settings: ServerSettings,
    /// One for each connection that may be welcomed.
    pub(super) places: Semaphore,
}

/// Why a connection ended before its gateway or the server wanted it to.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConnectionFault {
    #[error("the connection broke ({0})")]
    Broken(#[from] io::Error),
    #[error("the gateway was too slow with {0}")]
    TooSlow(&'static str),
    #[error("what connected is no gateway")]
    NotAGateway,
    #[error("there is no place for another connection; raise `connections`")]
    NoPlace,
    #[error("the gateway sent {0}")]
    Wire(#[from] WireFault),
}

/// A frame as it came, or why it was not read.
#[derive(Debug)]
struct Frame {
    head: FrameHead,
    body: Result<Vec<u8>, WireFault>,
}

/// What comes next on a connection.
#[derive(Debug)]
enum Next {
    Frame(Frame),
    Closed,
}

/// Serves a connection to its end. `stopping` turns true when nothing new is to be begun; `welcomed` is set when the
/// connection has a place.
pub(super) async fn serve_connection(
    arrival: Arrival,
    desk: &Desk,
    stopping: &mut watch::Receiver<bool>,
    welcomed: &AtomicBool,
) -> Result<(), ConnectionFault> {
    let opened = tokio::select! {
        biased;
        () = stopped(stopping) => return Ok(()),
        opened = in_time(desk.settings.handshake_within, "its hello", open(arrival, desk)) => opened?,
    };
    let Some((mut stream, _place)) = opened else { return Ok(()) };
    welcomed.store(true, Ordering::Relaxed);
    let served = serve_commands(&mut stream, desk, stopping).await;
    // A gateway that has gone need not be told that this is the end.
    timeout(desk.settings.frame_within, stream.shutdown()).await.ok();
    served
}

async fn serve_commands(
    stream: &mut Stream,
    desk: &Desk,
    stopping: &mut watch::Receiver<bool>,
) -> Result<(), ConnectionFault> {
    loop {
        let next = tokio::select! {
            biased;
            () = stopped(stopping) => return Ok(()),
            next = next_frame(stream, &desk.settings) => next?,
        };
        let Next::Frame(Frame { head, body }) = next else { return Ok(()) };
        let command = body.and_then(|body| decode_command(head.kind, &body));
        let fault = command.as_ref().err().copied();
        let Some(answered) = answer(stream, desk, stopping, command).await else { return Ok(()) };
        let frame = encode_answer(head.number, &answered);
        in_time(desk.settings.frame_within, "taking an answer", write(stream, &frame)).await?;
        // Behind a body that was not read nothing can be understood.
        if let Some(fault @ WireFault::TooLong { .. }) = fault {
            return Err(fault.into());
        }
    }
}

/// Lets the gateway in, over TCP by its certificate, and gives it a place; nothing if it wants another ledger or
/// version.
async fn open(
    arrival: Arrival,
    desk: &Desk,
) -> Result<Option<(Stream, SemaphorePermit<'_>)>, ConnectionFault> {
    let mut stream = arrival.open().await?;
    let said = read_hello(&mut stream).await?;
    let hello = ServerHello::answer(desk.settings.ledger, &said).ok_or(ConnectionFault::NotAGateway)?;
    let place = desk.places.try_acquire().map_err(|_| ConnectionFault::NoPlace)?;
    write(&mut stream, &hello.encode()).await?;
    Ok(hello.refused.is_none().then_some((stream, place)))
}

async fn next_frame(stream: &mut Stream, settings: &ServerSettings) -> Result<Next, ConnectionFault> {
    let first = in_time(settings.idle_within, "its next command", stream.fill_buf()).await?;
    if first.is_empty() {
        return Ok(Next::Closed);
    }
    in_time(settings.frame_within, "sending a command", read_frame(stream)).await.map(Next::Frame)
}

async fn read_frame(stream: &mut Stream) -> io::Result<Frame> {
    let head = read_head(stream).await?;
    let body = match head.command_length() {
        Ok(length) => Ok(read_body(stream, length).await?),
        Err(fault) => Err(fault),
    };
    Ok(Frame { head, body })
}

/// What the command is answered; nothing if the gateway has gone, which leaves a submission where it is. A stop ends
/// waiting for an entry, as if its time were over, and nothing else.
async fn answer(
    stream: &mut Stream,
    desk: &Desk,
    stopping: &mut watch::Receiver<bool>,
    command: Result<Command, WireFault>,
) -> Option<Result<Answer, LedgerError>> {
    let command = match command {
        Ok(command) => command,
        Err(fault) => return Some(Err(LedgerError::Protocol(fault.to_string()))),
    };
    let waits = matches!(command, Command::Entries { .. });
    tokio::select! {
        biased;
        answered = desk.handle.ask(command) => Some(answered),
        () = stopped(stopping), if waits => Some(Ok(Answer::Entries(Vec::new()))),
        () = gone(stream) => None,
    }
}

/// Returns once nothing new is to be begun.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // A server that is gone has stopped.
    stopping.wait_for(|stopping| *stopping).await.ok();
}

/// Returns once the gateway has closed the connection. What it sends in the meantime waits for its turn.
async fn gone(stream: &mut Stream) {
    match stream.fill_buf().await {
        Ok([]) | Err(_) => {}
        Ok(_) => std::future::pending().await,
    }
}

/// The result of something that must not take longer.
async fn in_time<T, E: Into<ConnectionFault>>(
    within: Duration,
    what: &'static str,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, ConnectionFault> {
    match timeout(within, work).await {
        Ok(done) => done.map_err(Into::into),
        Err(Elapsed { .. }) => Err(ConnectionFault::TooSlow(what)),
    }
}
