//! Both engines understand every statement, with the same parameters and columns, in portable types.

use store::sqlx::{Column, Either, Executor, SqlSafeStr, Statement, TypeInfo};
use store::{Store, query};

use crate::{CRATES, engines};

/// What an engine says about a statement.
#[derive(Debug, PartialEq, Eq)]
struct Shape {
    parameters: usize,
    columns: Vec<String>,
    /// Types of parameters and columns; SQLite has none to tell.
    types: Vec<String>,
}

async fn prepare(store: &Store, text: &'static str) -> Result<Shape, String> {
    query!(store, pool => {
        let statement = pool.prepare(text.into_sql_str()).await.map_err(|error| error.to_string())?;
        let columns = statement.columns();
        let names = columns.iter().map(|column| column.name().to_owned()).collect();
        let mut types = Vec::new();
        let parameters = match statement.parameters() {
            Some(Either::Left(parameters)) => {
                types.extend(parameters.iter().map(|kind| kind.name().to_owned()));
                types.extend(columns.iter().map(|column| column.type_info().name().to_owned()));
                parameters.len()
            }
            Some(Either::Right(parameters)) => parameters,
            None => 0,
        };
        Ok(Shape { parameters, columns: names, types })
    })
}

/// A bare SUM is NUMERIC on PostgreSQL, a comparison is BOOLEAN there and an integer on SQLite.
fn is_portable(kind: &str) -> bool {
    ["INT8", "INT4", "TEXT", "BYTEA"].contains(&kind)
}

#[tokio::test]
async fn every_statement_is_prepared_with_the_same_shape() {
    let fixtures = engines::fresh().await;
    for (name, text) in CRATES.iter().flat_map(|each| each.statements) {
        let mut shapes = Vec::new();
        for fixture in &fixtures {
            let shape = prepare(&fixture.store, text).await;
            let shape = shape.unwrap_or_else(|error| panic!("{name} on {}: {error}", fixture.engine));
            let foreign: Vec<_> = shape.types.iter().filter(|kind| !is_portable(kind)).collect();
            assert!(foreign.is_empty(), "{name} on {}: cast {foreign:?} to a portable type", fixture.engine);
            shapes.push((shape.parameters, shape.columns));
        }
        assert!(shapes.windows(2).all(|pair| pair[0] == pair[1]), "{name}: {shapes:?}");
    }
}

#[tokio::test]
async fn what_is_not_portable_is_found() {
    for fixture in engines::fresh().await {
        let wrong = prepare(&fixture.store, "SELECT nothing FROM instance WHERE id = $1").await;
        assert!(wrong.is_err(), "{wrong:?}");
        let shape = prepare(&fixture.store, "SELECT SUM(created_at) AS total FROM instance WHERE id = $1")
            .await
            .unwrap();
        assert_eq!((shape.parameters, shape.columns), (1, vec!["total".to_owned()]));
        if fixture.engine == "PostgreSQL" {
            assert_eq!(shape.types, ["BYTEA", "NUMERIC"]);
            assert!(!is_portable("NUMERIC"));
        }
    }
}
