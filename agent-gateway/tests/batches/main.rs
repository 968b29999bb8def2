//! Batches of integrators over HTTP: what is refused, what is executed, and that nothing else is.

#![cfg(test)]

mod answers;
mod crowds;
mod keys;
mod known_answer;
mod real;
mod refusals;
mod support;
mod tampering;
