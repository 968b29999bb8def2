#![doc = include_str!("../README.md")]

mod database;
pub mod dev_postgres;
mod engine;
mod error;
mod instance;
mod lease;
pub mod limits;
mod location;
mod open_error;
mod postgres;
mod schema;
mod sqlite;
mod store;
mod transaction;

pub use sqlx;

pub use database::{Mode, Store};
pub use engine::{Connection, Engine};
pub use error::{Error, ErrorKind, Result, fixed_bytes};
pub use instance::Instance;
pub use lease::{Lease, Role};
pub use location::Location;
pub use open_error::OpenError;
pub use schema::PendingMigration;
pub use sqlite::DATABASE_FILE;
pub use store::ALL as STATEMENTS;
pub use transaction::{Snapshot, Transaction};
