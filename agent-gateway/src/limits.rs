//! Every bound of the service, each with its reason.

use std::time::Duration;

/// An ordinary request body: larger than any single operation needs, small enough to buffer 10,000 of them.
pub const BODY_BYTES: usize = 64 * 1024;
/// Nesting of a JSON body: our deepest request has 6 levels; deep nesting only costs stack.
pub const JSON_DEPTH: usize = 32;
/// All header names and values of a request together.
pub const HEADER_BYTES: usize = 16 * 1024;
/// Number of header fields of a request.
pub const HEADER_FIELDS: usize = 64;
/// Path and query of a request.
pub const URL_BYTES: usize = 4 * 1024;
/// The buffer in which a connection reads a head. Larger than what is accepted, so that a head a little too
/// large is answered with a problem document; one far beyond it ends with the HTTP library's bare status.
pub const CONNECTION_HEAD_BYTES: usize = 2 * (HEADER_BYTES + URL_BYTES);
/// As above, for the number of fields.
pub const CONNECTION_HEADER_FIELDS: usize = 2 * HEADER_FIELDS;
/// How long a client may take to send a head: stops slow senders from holding connections.
pub const HEADER_READ: Duration = Duration::from_secs(5);
/// How long a new connection may stay silent: stops strangers from filling the places with nothing.
pub const FIRST_REQUEST: Duration = Duration::from_secs(10);
/// How long an answer may wait for a client that does not read it.
pub const WRITE_STALL: Duration = Duration::from_secs(30);
/// How long an operation may take, streams excepted.
pub const REQUEST_TIME: Duration = Duration::from_secs(30);
/// Open connections: above this, new ones wait in the operating system's queue.
pub const CONNECTIONS: usize = 10_000;
/// Requests one HTTP/2 connection may have in flight.
pub const HTTP2_STREAMS: u32 = 64;
/// How long to wait before accepting again after the operating system refused (out of descriptors, say).
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// What `Retry-After` says when load is shed: a queue that full drains within a second.
pub const SHED_RETRY: Duration = Duration::from_secs(1);
/// JSON smaller than this is not worth compressing.
pub const COMPRESS_ABOVE_BYTES: u64 = 1024;
/// Silence after which an event stream sends a comment, so that no proxy takes it for dead.
pub const STREAM_KEEP_ALIVE: Duration = Duration::from_secs(15);
/// What an event stream tells clients to wait before they reconnect.
pub const STREAM_RETRY: Duration = Duration::from_secs(3);
/// Above this many remembered addresses a rate limit looks at once for those that have recovered.
pub const RATE_LIMIT_ADDRESSES: usize = 100_000;
/// How much of a caller's own text (path, method) an error answer repeats.
pub const ECHO_CHARACTERS: usize = 200;
/// How often a rate limit forgets addresses that have recovered.
pub const RATE_LIMIT_SWEEP: Duration = Duration::from_secs(60);
/// A signed batch, header included: 8,190 records of 128 bytes and room for a header, which is 1 MiB.
pub const BATCH_BYTES: usize = 8_190 * 128 + 256;
/// Transfers of a batch in binary: what one entry of the ledger takes.
pub const BATCH_TRANSFERS: usize = 8_190;
/// Payments of a batch in JSON: each takes up to a kilobyte of the body.
pub const BATCH_PAYMENTS: usize = 1_000;
/// Batches in memory at once, whose senders may be strangers: together 256 MiB at most.
pub const BATCHES_IN_FLIGHT: usize = 256;
/// How long ago a batch may have been signed: long enough for retries over a bad line, short enough that a batch
/// which its sender has given up is not executed much later by somebody who kept a copy.
pub const BATCH_AGE: Duration = Duration::from_secs(300);
/// How far ahead of ours the clock of a batch's sender may be.
pub const BATCH_AHEAD: Duration = Duration::from_secs(60);
/// A batch larger than this is checked beside the threads that serve: hashing and reading it takes from 20
/// microseconds to some milliseconds.
pub const BATCH_BYTES_INLINE: usize = 16 * 1024;
/// How long a key is believed without asking the database: a revocation is in force within a second.
pub const KEY_AGE: Duration = Duration::from_millis(500);
/// Keys remembered, some 200 bytes each.
pub const KEYS_REMEMBERED: usize = 10_000;
/// What `Retry-After` says when the ledger or the database does not answer: a restart takes a little longer.
pub const OUTAGE_RETRY: Duration = Duration::from_secs(2);
