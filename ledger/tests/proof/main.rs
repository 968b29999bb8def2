//! The state tree and its proofs, seen from outside: against a model written from the format, and against forgers.
#![cfg(test)]

mod absence;
mod account;
mod codec;
mod fixture;
mod forgery;
mod known_answer;
mod model;
mod supply;
mod tampering;
mod tree;
