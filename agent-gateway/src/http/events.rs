//! Event streams (server-sent events) that end when the service stops.
//!
//! A graceful stop waits for every answer to end, and a stream has no end of its own: without this the
//! service would wait for ever.

use crate::limits;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::{Stream, StreamExt, stream};
use std::convert::Infallible;
use tokio_util::sync::CancellationToken;

/// An answer that tells the client when to reconnect, then sends `events` until they end or `stop` is
/// cancelled.
pub fn event_stream<S>(
    stop: CancellationToken,
    events: S,
) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<S>>
where
    S: Stream<Item = Event> + Send + 'static,
{
    let first = stream::once(async { Event::default().retry(limits::STREAM_RETRY) });
    let all = first.chain(events).map(Ok).take_until(stop.cancelled_owned());
    Sse::new(all).keep_alive(KeepAlive::new().interval(limits::STREAM_KEEP_ALIVE))
}
