//! Every bound of the connection between a gateway and the ledger, in one place, each with its reason.
//!
//! Units: lengths are bytes.

use crate::TRANSFER_BYTES;
use crate::allowance::WINDOW_BYTES;
use crate::disk::limits::ENTRY_BYTES_MAX;
use crate::handle::Command;
use crate::limits::{ALLOWANCE_WINDOWS_MAX, ENTRY_ADMINISTRATIVE_MAX, ENTRY_TRANSFERS_MAX};

/// The longest record of an administrative request: a new allowance with every window.
pub const ADMINISTRATIVE_BYTES_MAX: usize = 2 + 80 + ALLOWANCE_WINDOWS_MAX * WINDOW_BYTES;

/// What stands in front of a request: its sort and, of transfers, their number.
pub const REQUEST_HEAD_BYTES_MAX: usize = 5;

/// The longest body of a command: the fullest submission that one entry can execute, about 1.4 MiB.
pub const COMMAND_BYTES_MAX: usize = 4
    + Command::REQUESTS_MAX * REQUEST_HEAD_BYTES_MAX
    + ENTRY_TRANSFERS_MAX * TRANSFER_BYTES
    + ENTRY_ADMINISTRATIVE_MAX * ADMINISTRATIVE_BYTES_MAX;

/// The longest entry that is kept in a journal.
const ENTRY_BYTES: usize = 4 * 1024 * 1024;

/// The longest body of an answer: entries up to their bound and one more, and room for their headers. Entries that
/// do not fit are left for the next answer; every other answer is far shorter.
pub const ANSWER_BYTES_MAX: usize = Command::ENTRIES_BYTES + ENTRY_BYTES + 64 * 1024;

/// Text in an error: one line. A longer one is cut.
pub const TEXT_BYTES_MAX: usize = 1_024;

/// What is made ready for a body before any of it has come: most fit, and a length without a body costs no more.
pub(super) const BODY_BYTES_AT_FIRST: usize = 64 * 1024;

/// Connections that the system may keep waiting before the server takes them.
pub(super) const BACKLOG: u32 = 1_024;

/// The longest path of a Unix socket: the system's field for it has 108 bytes and ends with a zero.
pub(super) const SOCKET_PATH_BYTES_MAX: usize = 107;

/// The two ways to say how long an entry can be are one.
const _: () = assert!(ENTRY_BYTES as u64 == ENTRY_BYTES_MAX);
