//! The conformance suite: every statement of every crate means the same on SQLite and on PostgreSQL.
//!
//! A scenario drives a crate's functions on a store and writes down every answer. The same lines have to come
//! from SQLite, from PostgreSQL and from a plain model in memory, and together the scenarios have to execute
//! every statement that a crate declares.
//!
//! To add a crate: its `STATEMENTS` into [`CRATES`], a module with its scenarios, one line for each of them in
//! [`SCENARIOS`].

#[cfg(test)]
mod agreement;
#[cfg(test)]
mod engines;
#[cfg(test)]
mod executed;
#[cfg(test)]
mod integrator_keys;
#[cfg(test)]
#[path = "../../../ledger/tests/projection/journal.rs"]
mod ledger_journal;
#[cfg(test)]
mod ledger_projection;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod prepared;
#[cfg(test)]
mod random;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod store_instance;
#[cfg(test)]
mod store_leases;

use std::pin::Pin;

use store::Store;

/// The statements of one crate.
struct Crate {
    /// The file that declares them.
    file: &'static str,
    /// The name and the text of each.
    statements: &'static [(&'static str, &'static str)],
}

/// Every crate that has statements.
const CRATES: &[Crate] = &[
    Crate {
        file: "agent-gateway/src/integrator_keys/store.rs",
        statements: agent_gateway::integrator_keys::STATEMENTS,
    },
    Crate { file: "ledger/src/projection/read/store.rs", statements: ledger::projection::read::STATEMENTS },
    Crate { file: "ledger/src/projection/store.rs", statements: ledger::projection::STATEMENTS },
    Crate { file: "store/src/store.rs", statements: store::STATEMENTS },
];

/// What a scenario on a store will have written down.
type Answers = Pin<Box<dyn Future<Output = Vec<String>> + Send>>;

/// A sequence of operations and its answers, one line each.
struct Scenario {
    name: &'static str,
    /// The answers of a store with an empty, migrated database.
    on_store: fn(Store) -> Answers,
    /// The answers there should be, from a model that is too simple to be wrong.
    on_model: fn() -> Vec<String>,
}

/// Every scenario.
const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "ledger: the projection",
        on_store: |store| Box::pin(ledger_projection::on_store(store)),
        on_model: ledger_projection::on_model,
    },
    Scenario {
        name: "store: whom a database belongs to",
        on_store: |store| Box::pin(store_instance::on_store(store)),
        on_model: store_instance::on_model,
    },
    Scenario {
        name: "store: leases",
        on_store: |store| Box::pin(store_leases::on_store(store)),
        on_model: store_leases::on_model,
    },
    Scenario {
        name: "gateway: keys of integrators",
        on_store: |store| Box::pin(integrator_keys::on_store(store)),
        on_model: integrator_keys::on_model,
    },
];
