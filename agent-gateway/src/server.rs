//! Sockets: accepts connections within bounds, and stops without cutting an answer short.

use crate::limits;
use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower::{Service, ServiceExt};

/// How serving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Every answer was finished.
    Drained,
    /// Time was over first; this many connections were cut.
    Cut(usize),
}

/// Bounds of one listener.
#[derive(Debug, Clone, Copy)]
pub struct ServeOptions {
    /// Open connections; one more waits in the operating system's queue.
    pub connections: usize,
    /// How long a stop waits for answers under way.
    pub grace: Duration,
}

/// Serves `router` on `listener` until `stop` is cancelled, then accepts nothing more and waits for the answers
/// under way. Event streams end by themselves when they hold the same token.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
    options: ServeOptions,
) -> Outcome {
    let places = Arc::new(Semaphore::new(options.connections));
    let draining = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    while let Some((place, stream, peer)) = next_connection(&listener, &places, &stop).await {
        while connections.try_join_next().is_some() {}
        let connection = connection(stream, peer, router.clone(), &draining);
        connections.spawn(async move {
            connection.await;
            drop(place);
        });
    }
    drop(listener);
    match tokio::time::timeout(options.grace, draining.shutdown()).await {
        Ok(()) => Outcome::Drained,
        Err(_) => {
            while connections.try_join_next().is_some() {}
            let cut = connections.len();
            connections.shutdown().await;
            Outcome::Cut(cut)
        }
    }
}

/// The next connection and its place, or `None` once the service stops. A place comes first: without one
/// nothing is accepted. A refusal by the operating system (out of descriptors, say) passes: wait and go on,
/// the open connections need to be served.
async fn next_connection(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
    stop: &CancellationToken,
) -> Option<(OwnedSemaphorePermit, TcpStream, SocketAddr)> {
    let next = async {
        let place = Arc::clone(places).acquire_owned().await.ok()?;
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => return Some((place, stream, peer)),
                Err(error) => {
                    tracing::warn!(%error, "accept failed");
                    tokio::time::sleep(limits::ACCEPT_PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        () = stop.cancelled() => None,
        next = next => next,
    }
}

/// One connection, from its first byte to its last. It ends by itself, or when its first request does not come
/// in time: the HTTP library's own limit begins only after it has seen which version is spoken.
fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    draining: &GracefulShutdown,
) -> impl Future<Output = ()> + Send + 'static {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY refused");
    }
    let spoken = Arc::new(Notify::new());
    let first_request = Arc::clone(&spoken);
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        spoken.notify_one();
        request.extensions_mut().insert(ConnectInfo(peer));
        let mut router = router.clone();
        async move { router.as_service().ready().await?.call(request).await }
    });
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(limits::WRITE_STALL));
    let connection = builder().serve_connection(TokioIo::new(Box::pin(stream)), service).into_owned();
    let watched = draining.watch(connection);
    let silence = async move {
        if tokio::time::timeout(limits::FIRST_REQUEST, first_request.notified()).await.is_ok() {
            std::future::pending::<()>().await;
        }
    };
    async move {
        tokio::select! {
            ended = watched => if let Err(error) = ended {
                tracing::debug!(%error, %peer, "connection ended");
            },
            () = silence => tracing::debug!(%peer, "no request came in time"),
        }
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits::HEADER_READ)
        .max_headers(limits::CONNECTION_HEADER_FIELDS)
        .max_buf_size(limits::CONNECTION_HEAD_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits::HTTP2_STREAMS)
        .max_header_list_size(u32::try_from(limits::CONNECTION_HEAD_BYTES).unwrap_or(u32::MAX))
        .keep_alive_interval(limits::STREAM_KEEP_ALIVE);
    builder
}
