#![doc = include_str!("../README.md")]

pub mod cli;
pub mod clock;
pub mod config;
mod data_directory;
mod database;
pub mod demo;
mod failure;
mod observe;
mod readiness;
mod secret;
pub mod service;
mod signals;

pub use failure::Failure;
pub use observe::Observability;
pub use secret::SecretReference;
