//! The identity of a database, its schema and its readiness.

use store::{Instance, OpenError, Store};

fn candidates() -> [Instance; 3] {
    let instance =
        |id, network: &str, created_at| Instance { id: [id; 16], network: network.to_owned(), created_at };
    [instance(1, "regtest", i64::MIN), instance(2, "regtest", 0), instance(0xff, "mainnet", i64::MAX)]
}

pub(crate) async fn on_store(store: Store) -> Vec<String> {
    let mut lines = vec![
        format!("pending {:?}", store.pending_migrations().await.unwrap()),
        format!("migrated {:?}", store.migrate().await.unwrap()),
    ];
    for wanted in candidates() {
        lines.push(format!("is {:?}", store.instance().await.unwrap()));
        lines.push(match store.claim_instance(&wanted).await {
            Ok(instance) => format!("claimed {instance:?}"),
            Err(OpenError::OtherNetwork { database, program }) => format!("{database} is not {program}"),
            Err(error) => panic!("{error}"),
        });
    }
    store.writable().await.unwrap();
    store.writable().await.unwrap();
    lines
}

pub(crate) fn on_model() -> Vec<String> {
    let mut lines = vec!["pending []".to_owned(), "migrated []".to_owned()];
    let mut owner: Option<Instance> = None;
    for wanted in candidates() {
        lines.push(format!("is {owner:?}"));
        let instance = owner.get_or_insert_with(|| wanted.clone());
        lines.push(if instance.network == wanted.network {
            format!("claimed {instance:?}")
        } else {
            format!("{} is not {}", instance.network, wanted.network)
        });
    }
    lines
}
