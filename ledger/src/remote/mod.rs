//! The handle to a ledger in another process: several gateways share one ledger over a Unix socket, or over TCP with
//! mutual TLS.
//!
//! [`serve`] puts a [`Handle`](crate::handle::Handle) behind a [`Listener`]; [`Remote`] is what a gateway makes its own
//! handle of. A gateway has a bounded pool of sessions, each with one command in flight. The protocol is [`wire`].
//!
//! # What a caller sees when a connection is lost
//!
//! [`Remote`] tries again, with growing pauses, until [`RemoteSettings::give_up_after`]. So a ledger that comes back in
//! time is not noticed, except that it took longer. What happens to a command depends on what it does:
//!
//! | command | after a lost connection |
//! |---|---|
//! | a read | is asked again |
//! | a submission of transfers, of new accounts and allowances, of revocations | is sent again, the same bytes: if the first one was executed, transfers are answered `exists` with their first outcome, without its bound, the others `exists` or `unchanged` |
//! | a submission with any other change | is sent again only if it was not sent; else the answer is `ConnectionLost` |
//!
//! The last row: freezing and unfreezing, closing and reopening, altering set what they name, whoever else has set it
//! in the meantime, and carry no id that would tell a second time from the first. Whoever sent one looks what is there
//! and decides.
//!
//! Nothing is executed twice. An error other than `ConnectionLost` and `Stopped` means that nothing was executed at
//! all, also not by an earlier try: once a submission may have been executed, a `Busy` ledger is waited for, and
//! whatever else keeps the answer away is reported as `ConnectionLost`. Both mean of a submission that it may have
//! been executed: the same transfers again say what became of them.
//!
//! A future that is dropped closes its session, so no later command can meet its answer.

mod client;
mod connection;
mod course;
mod endpoint;
pub mod limits;
mod listener;
mod pause;
mod pool;
mod server;
mod session;
mod settings;
mod socket_file;
mod stream;
mod tls;
pub mod wire;

pub use client::Remote;
pub use endpoint::Endpoint;
pub use listener::{ListenError, Listener};
pub use server::serve;
pub use settings::{RemoteSettings, ServerSettings, SettingsError};
pub use tls::{ClientTls, ServerTls, TlsError, TlsIdentity};
pub use wire::LedgerId;
