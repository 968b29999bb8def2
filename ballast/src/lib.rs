#![doc = include_str!("../README.md")]

mod account_key;
pub mod bench;
pub mod cli;
pub mod clock;
pub mod config;
mod data_directory;
mod database;
pub mod demo;
mod failure;
mod ledger_door;
mod ledger_service;
mod observe;
mod process;
mod readiness;
mod secret;
pub mod service;
mod signals;
pub mod verify;

pub use failure::Failure;
pub use observe::Observability;
pub use process::keep_files_private;
pub use secret::SecretReference;
