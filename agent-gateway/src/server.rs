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
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
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

/// Serves `router` on `listener` until `stop` is cancelled, then accepts nothing more and waits up to `grace`
/// for the answers under way. Event streams end by themselves when they hold the same token.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
    grace: Duration,
) -> Outcome {
    let places = Arc::new(Semaphore::new(limits::CONNECTIONS));
    let draining = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    while let Some((stream, peer)) = next_connection(&listener, &stop).await {
        while connections.try_join_next().is_some() {}
        // The semaphore is never closed, so a place always comes.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY refused");
        }
        let connection = connection(stream, peer, router.clone(), &draining);
        connections.spawn(async move {
            connection.await;
            drop(place);
        });
    }
    drop(listener);
    match tokio::time::timeout(grace, draining.shutdown()).await {
        Ok(()) => Outcome::Drained,
        Err(_) => {
            while connections.try_join_next().is_some() {}
            let cut = connections.len();
            connections.shutdown().await;
            Outcome::Cut(cut)
        }
    }
}

/// The next connection, or `None` once the service stops. A refusal by the operating system (out of
/// descriptors, say) passes: wait and go on, the open connections need to be served.
async fn next_connection(
    listener: &TcpListener,
    stop: &CancellationToken,
) -> Option<(TcpStream, SocketAddr)> {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return None,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok(connection) => return Some(connection),
            Err(error) => {
                tracing::warn!(%error, "accept failed");
                tokio::time::sleep(limits::ACCEPT_PAUSE).await;
            }
        }
    }
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    draining: &GracefulShutdown,
) -> impl Future<Output = ()> + Send + 'static {
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let mut router = router.clone();
        async move { router.as_service().ready().await?.call(request).await }
    });
    let connection = builder().serve_connection(TokioIo::new(stream), service).into_owned();
    let watched = draining.watch(connection);
    async move {
        if let Err(error) = watched.await {
            tracing::debug!(%error, %peer, "connection ended");
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
