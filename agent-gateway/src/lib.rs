#![doc = include_str!("../README.md")]

pub mod batch;
mod clock;
pub mod http;
pub mod integrator_keys;
pub mod limits;
mod server;

pub use clock::Clock;
pub use server::{Outcome, ServeOptions, serve};

/// The newest date that a client can pin with `Ballast-Version`.
pub const API_VERSION: &str = "2026-12-01";
