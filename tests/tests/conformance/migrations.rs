//! The migrations folder: files in order, columns of the four types that mean the same on both engines.
//!
//! SQLite keeps the type of a column as it was written, so it says what the files say, however they say it.

use std::fs;
use std::path::Path;

use store::sqlx::{self, AssertSqlSafe};
use store::{Engine, Error, Location, Mode, Store, query};

use crate::engines;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations");
const TYPES: [&str; 4] = ["BIGINT", "INTEGER", "TEXT", "BYTEA"];

/// Name and text of every file, in order.
fn files() -> Vec<(String, String)> {
    let mut files: Vec<_> = fs::read_dir(Path::new(FOLDER))
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

/// What is wrong with the tables that these texts make.
async fn faults(texts: &[String]) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&Location::directory(directory.path()), Mode::Create).await.unwrap();
    store
        .write(async |transaction| {
            for text in texts {
                let text = text.clone();
                query!(transaction, connection => {
                    sqlx::raw_sql(AssertSqlSafe(text)).execute(connection).await?;
                });
            }
            Ok::<_, Error>(())
        })
        .await
        .unwrap();
    let Engine::Sqlite(pool) = store.engine() else { panic!("SQLite only") };
    let columns: Vec<(String, String, String, bool, bool)> = sqlx::query_as(
        "SELECT t.name, c.name, c.type, c.pk > 0, c.\"notnull\" \
         FROM sqlite_master AS t JOIN pragma_table_info(t.name) AS c \
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' ORDER BY t.name, c.cid",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let mut faults = Vec::new();
    for (table, column, kind, in_key, not_null) in columns {
        if !TYPES.contains(&kind.as_str()) {
            faults.push(format!("{table}.{column} is {kind:?}: use one of {}", TYPES.join(", ")));
        }
        if in_key && !not_null {
            faults.push(format!("{table}.{column} may be null on SQLite: add NOT NULL to the key"));
        }
    }
    faults
}

#[tokio::test]
async fn migrations_use_portable_types() {
    let texts: Vec<String> = files().into_iter().map(|(_, text)| text).collect();
    assert!(!texts.is_empty());
    assert_eq!(faults(&texts).await, [""; 0]);
}

#[tokio::test]
async fn other_types_and_nullable_keys_are_found() {
    let texts = [
        "CREATE TABLE a (id BIGINT PRIMARY KEY, b BOOLEAN, c VARCHAR(5), d, e bigint);".to_owned(),
        "CREATE TABLE f (g TEXT NOT NULL, h BYTEA NOT NULL, PRIMARY KEY (g, h)); CREATE TABLE s (t TIMESTAMP);"
            .to_owned(),
        "ALTER TABLE f ADD COLUMN i NUMERIC; ALTER TABLE f ADD j REAL".to_owned(),
    ];
    let found = faults(&texts).await;
    let places: Vec<&str> = found.iter().map(|fault| fault.split(' ').next().unwrap()).collect();
    assert_eq!(places, ["a.id", "a.b", "a.c", "a.d", "a.e", "f.i", "f.j", "s.t"]);
}

#[tokio::test]
async fn postgresql_has_the_same_types() {
    for fixture in engines::fresh().await {
        let Engine::Postgres(pool) = fixture.store.engine() else { continue };
        let foreign: Vec<(String, String, String)> = sqlx::query_as(
            "SELECT table_name::TEXT, column_name::TEXT, data_type::TEXT FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name <> '_sqlx_migrations' \
             AND data_type NOT IN ('bigint', 'integer', 'text', 'bytea')",
        )
        .fetch_all(pool)
        .await
        .unwrap();
        assert_eq!(foreign, []);
    }
}

#[tokio::test]
async fn files_are_numbered_without_gaps_and_all_of_them_are_in_the_program() {
    let (names, texts): (Vec<_>, Vec<_>) = files().into_iter().unzip();
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&Location::directory(directory.path()), Mode::Create).await.unwrap();
    let embedded: Vec<String> = store
        .pending_migrations()
        .await
        .unwrap()
        .iter()
        .map(|migration| format!("{:04}_{}.sql", migration.version, migration.name.replace(' ', "_")))
        .collect();
    assert_eq!(names, embedded);
    for ((number, name), text) in (1..).zip(&names).zip(&texts) {
        assert!(name.starts_with(&format!("{number:04}_")), "{name} should have number {number}");
        assert!(
            !text.contains("no-transaction"),
            "{name}: a migration that fails half-way must leave nothing"
        );
    }
}
