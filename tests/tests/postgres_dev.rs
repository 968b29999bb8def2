//! The service on a private PostgreSQL: it is ready, says which engine it runs on, and takes the server with it.

#![cfg(test)]

use ballast::Observability;
use ballast::config::{Config, StoreKind};
use ballast::service::Service;
use client::Client;
use store::dev_postgres::{DevPostgres, DevPostgresError};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn the_service_brings_its_own_postgres() {
    if let Err(missing @ DevPostgresError::Unavailable { .. }) = DevPostgres::start() {
        return tests::skip("postgres", missing);
    }
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config { data_dir: folder.path().join("data"), ..Config::default() };
    config.http.listen = "127.0.0.1:0".parse().unwrap();
    config.metrics.listen = config.http.listen;
    config.database.store = StoreKind::PostgresDev;
    let stop = CancellationToken::new();
    let service =
        Service::start(&config, Observability::metrics_only().unwrap(), stop.clone()).await.unwrap();
    let client = Client::new(service.url()).unwrap();
    let serving = tokio::spawn(service.run());

    let ready = client.readiness().await.unwrap();
    let database = ready.checks.iter().find(|check| check.name == "database").unwrap();
    assert_eq!(database.detail, "PostgreSQL, writable");

    stop.cancel();
    serving.await.unwrap().unwrap();
}
