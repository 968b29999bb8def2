//! Real sockets: connections within bounds, and a stop that cuts nothing short and waits for nobody for ever.

#![cfg(test)]

use agent_gateway::http::event_stream;
use agent_gateway::{Outcome, ServeOptions, limits, serve};
use axum::Router;
use axum::response::sse::Event;
use axum::routing::get;
use futures_util::{StreamExt, stream};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Long enough for anything that should happen, so that a fault ends the test instead of hanging it.
const PATIENCE: Duration = Duration::from_secs(20);

struct Server {
    address: SocketAddr,
    stop: CancellationToken,
    ended: JoinHandle<Outcome>,
}

impl Server {
    async fn start(router: Router, stop: CancellationToken, grace: Duration) -> Self {
        Self::with(router, stop, ServeOptions { connections: 100, grace }).await
    }

    async fn with(router: Router, stop: CancellationToken, options: ServeOptions) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let ended = tokio::spawn(serve(listener, router, stop.clone(), options));
        Self { address, stop, ended }
    }

    async fn send(&self, bytes: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        stream
    }

    async fn outcome(self) -> Outcome {
        tokio::time::timeout(PATIENCE, self.ended).await.expect("the server did not stop").unwrap()
    }
}

async fn read_until(stream: &mut TcpStream, mark: &str) -> String {
    let mut seen = Vec::new();
    let reading = async {
        let mut buffer = [0; 1024];
        while !String::from_utf8_lossy(&seen).contains(mark) {
            let count = stream.read(&mut buffer).await.unwrap();
            assert!(count > 0, "closed before {mark:?}: {}", String::from_utf8_lossy(&seen));
            seen.extend_from_slice(&buffer[..count]);
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("nothing came");
    String::from_utf8(seen).unwrap()
}

async fn read_to_end(mut stream: TcpStream) -> String {
    let mut seen = Vec::new();
    let reading = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut seen)).await;
    // A reset is an end, too: the server closed while bytes of ours were unread.
    drop(reading.expect("the connection stayed open"));
    String::from_utf8(seen).unwrap()
}

#[tokio::test]
async fn a_stop_ends_open_event_streams() {
    let stop = CancellationToken::new();
    let held = stop.clone();
    let endless = move || async move { event_stream(held, stream::pending::<Event>()) };
    let server = Server::start(Router::new().route("/events", get(endless)), stop, PATIENCE).await;
    let mut stream = server.send(b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n").await;
    read_until(&mut stream, "retry: 3000\n\n").await;
    server.stop.cancel();
    assert!(read_to_end(stream).await.ends_with("0\r\n\r\n"), "the stream was cut, not ended");
    assert_eq!(server.outcome().await, Outcome::Drained);
}

#[tokio::test]
async fn events_come_before_the_end() {
    let stop = CancellationToken::new();
    let two = || stream::iter(["one", "two"]).map(|text| Event::default().data(text));
    let held = stop.clone();
    let router = Router::new().route("/events", get(move || async move { event_stream(held, two()) }));
    let server = Server::start(router, stop, PATIENCE).await;
    let stream = server.send(b"GET /events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    let seen = read_to_end(stream).await;
    assert!(seen.contains("data: one\n\n") && seen.contains("data: two\n\n"), "{seen}");
}

#[tokio::test]
async fn a_stop_lets_requests_under_way_finish() {
    let (entered, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (inside, let_go) = (Arc::clone(&entered), Arc::clone(&leave));
    let slow = move || async move {
        inside.notify_one();
        let_go.notified().await;
        "finished"
    };
    let server =
        Server::start(Router::new().route("/slow", get(slow)), CancellationToken::new(), PATIENCE).await;
    let stream = server.send(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await;
    entered.notified().await;
    let address = server.address;
    server.stop.cancel();
    // The listener is gone once the port can be taken again.
    let free = async {
        while TcpListener::bind(address).await.is_err() {
            tokio::task::yield_now().await
        }
    };
    tokio::time::timeout(PATIENCE, free).await.expect("the server still accepts");
    leave.notify_one();
    assert!(read_to_end(stream).await.ends_with("finished"));
    assert_eq!(server.outcome().await, Outcome::Drained);
}

#[tokio::test]
async fn a_stop_waits_no_longer_than_its_grace() {
    let router = Router::new().route("/hang", get(std::future::pending::<String>));
    let server = Server::start(router, CancellationToken::new(), Duration::from_millis(10)).await;
    let entered = server.send(b"GET /hang HTTP/1.1\r\nHost: x\r\n\r\n").await;
    // A second connection that is answered proves that the first has been accepted.
    let mut second = server.send(b"GET /none HTTP/1.1\r\nHost: x\r\n\r\n").await;
    read_until(&mut second, "404").await;
    server.stop.cancel();
    assert_eq!(server.outcome().await, Outcome::Cut(1));
    drop(entered);
}

#[tokio::test]
async fn a_stop_is_heard_when_every_place_is_taken() {
    let stop = CancellationToken::new();
    let options = ServeOptions { connections: 1, grace: Duration::from_millis(10) };
    let router = Router::new().route("/hang", get(std::future::pending::<String>));
    let server = Server::with(router, stop, options).await;
    let held = server.send(b"GET /hang HTTP/1.1\r\nHost: x\r\n\r\n").await;
    // It connects, by the operating system, but nobody reads it.
    let waiting = server.send(b"GET /none HTTP/1.1\r\nHost: x\r\n\r\n").await;
    server.stop.cancel();
    server.outcome().await;
    assert_eq!(read_to_end(waiting).await, "", "a second connection was served in one place");
    drop(held);
}

/// Nothing, half a word that may become HTTP/2, and half a head: each is cut off, none holds its place.
#[tokio::test]
async fn silent_connections_are_cut_off() {
    let server = Server::start(Router::new(), CancellationToken::new(), PATIENCE).await;
    let beginnings: [&[u8]; 4] = [b"", b"P", b"PRI * HTTP/2.0\r\n\r\nSM", b"GET / HTTP/1.1\r\nHost: "];
    let mut streams = Vec::new();
    for bytes in beginnings {
        streams.push(server.send(bytes).await);
    }
    for stream in streams {
        let seen = read_to_end(stream).await;
        assert!(seen.is_empty() || seen.starts_with("HTTP/1.1 408"), "{seen}");
    }
}

#[tokio::test]
async fn hostile_bytes_end_one_connection_only() {
    let server =
        Server::start(Router::new().route("/", get(|| async { "here" })), CancellationToken::new(), PATIENCE)
            .await;
    let huge = format!(
        "GET / HTTP/1.1\r\nHost: x\r\nX-Large: {}\r\n\r\n",
        "x".repeat(2 * limits::CONNECTION_HEAD_BYTES)
    );
    let many: String = (0..=limits::CONNECTION_HEADER_FIELDS).map(|n| format!("X-{n}: 1\r\n")).collect();
    let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{many}\r\n");
    let split = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello";
    let hostile: [&[u8]; 5] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        huge.as_bytes(),
        many.as_bytes(),
        split.as_bytes(),
    ];
    for bytes in hostile {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        // The server may close before it has read everything.
        drop(stream.write_all(bytes).await);
        let seen = read_to_end(stream).await;
        assert!(seen.is_empty() || seen.starts_with("HTTP/1.1 4"), "{seen}");
    }
    let stream = server.send(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(read_to_end(stream).await.ends_with("here"));
}
