//! The store on real databases: SQLite always, PostgreSQL where its package is installed.

#[cfg(test)]
mod dev_postgres;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod leases;
#[cfg(test)]
mod location;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod probe;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod transactions;
