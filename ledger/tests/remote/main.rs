//! The handle to a ledger in another process: the protocol, both ends over real sockets, and what happens when
//! connections are lost.

#![cfg(test)]

mod codec;
mod gateway;
mod hello;
mod lost;
mod proxy;
mod serving;
mod stopping;
mod strategies;
mod support;
mod tls;
