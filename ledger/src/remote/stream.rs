//! A connection of either kind as both ends use it, and reading what has a length in front.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};

use super::limits::BODY_BYTES_AT_FIRST;
use super::wire::{FRAME_HEAD_BYTES, FrameHead, HELLO_BYTES};
use crate::disk::to_u64;

/// Bytes in both directions: a Unix socket, or TLS.
pub(super) trait Connected: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connected for T {}

/// A connection, with what has come in and was not read yet.
pub(super) type Stream = BufReader<Box<dyn Connected>>;

/// Reads a hello.
pub(super) async fn read_hello(stream: &mut Stream) -> io::Result<[u8; HELLO_BYTES]> {
    let mut hello = [0; HELLO_BYTES];
    stream.read_exact(&mut hello).await?;
    Ok(hello)
}

/// Reads the head of a frame.
pub(super) async fn read_head(stream: &mut Stream) -> io::Result<FrameHead> {
    let mut head = [0; FRAME_HEAD_BYTES];
    stream.read_exact(&mut head).await?;
    Ok(FrameHead::decode(&head))
}

/// Reads a body of a length that was held against its bound. Memory grows with what comes, not with what is announced.
pub(super) async fn read_body(stream: &mut Stream, length: usize) -> io::Result<Vec<u8>> {
    let mut body = Vec::with_capacity(length.min(BODY_BYTES_AT_FIRST));
    stream.take(to_u64(length)).read_to_end(&mut body).await?;
    if body.len() < length { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(body) }
}

/// Writes all of it and hands it to the system.
pub(super) async fn write(stream: &mut Stream, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}
