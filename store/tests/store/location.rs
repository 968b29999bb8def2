//! What an operator may write for a database, and what is refused before anything is touched.

use store::{Location, OpenError};

const CANARY: &str = "canary-of-a-secret";

#[test]
fn a_path_is_sqlite_and_a_url_is_postgresql() {
    for (text, shown) in [
        ("data", "SQLite in data"),
        ("/var/lib/ballast", "SQLite in /var/lib/ballast"),
        ("./a:b", "SQLite in ./a:b"),
        ("postgres://app@db.example:5433/books", "PostgreSQL database books at db.example:5433"),
        ("postgresql://app@db.example/books", "PostgreSQL database books at db.example:5432"),
        ("postgres://app@[::1]:5433/books", "PostgreSQL database books at [::1]:5433"),
        ("postgres://app@/books?host=/run/postgresql", "PostgreSQL database books at /run/postgresql"),
        ("postgres://app@%2Frun%2Fpostgresql/books", "PostgreSQL database books at /run/postgresql"),
        (
            "postgres://app@db/books?sslmode=require&application_name=x",
            "PostgreSQL database books at db:5432",
        ),
    ] {
        assert_eq!(Location::parse(text, None).unwrap().to_string(), shown, "{text}");
    }
}

#[test]
fn what_is_wrong_has_its_name_and_never_shows_a_secret() {
    let name = |error: &OpenError| match error {
        OpenError::NoLocation => "no location",
        OpenError::UnknownScheme { .. } => "scheme",
        OpenError::PasswordInUrl => "password",
        OpenError::InvalidUrl { .. } => "url",
        other => panic!("{other}"),
    };
    for (text, expected) in [
        ("", "no location"),
        ("mysql://app:canary-of-a-secret@db/books", "scheme"),
        ("postgress://app@db/books", "scheme"),
        ("Postgres://app@db/books", "scheme"),
        ("sqlite:ballast.db", "scheme"),
        ("sqlite://ballast.db", "scheme"),
        ("file:data", "scheme"),
        ("app:canary-of-a-secret@db/books", "scheme"),
        ("postgres://app:canary-of-a-secret@db/books", "password"),
        ("postgres://app:@db/books", "password"),
        ("postgres://app:canary-of-a-secret@x@db/books", "password"),
        ("postgres://app@db/books?password=canary-of-a-secret", "password"),
        ("postgres://app@db/books?sslmode=require&password=canary-of-a-secret", "password"),
        ("postgres://app@db/books?pass%77ord=canary-of-a-secret", "url"),
        ("postgres://app@db/books?passwd=canary-of-a-secret", "url"),
        ("postgres://app:canary-of-a-secret#@db/books", "url"),
        ("postgres://app:canary-of-a-secret/@db/books", "url"),
        ("postgres://app@db/books?options=-c%20canary-of-a-secret", "url"),
        ("postgres://app@db/books?host=db2", "url"),
        ("postgres://app@db/books?sslmode=canary-of-a-secret", "url"),
        ("postgres://app@db:canary-of-a-secret/books", "url"),
        ("postgres://app@db /books", "url"),
        ("postgres:app@db/books", "url"),
        ("postgres:/app@db/books", "url"),
        ("postgres://db/books", "url"),
        ("postgres://app@/books", "url"),
        ("postgres://app@db", "url"),
        ("postgres://app@db/", "url"),
        ("postgres://app@db/books/more", "url"),
    ] {
        let error = Location::parse(text, None).unwrap_err();
        assert_eq!(name(&error), expected, "{text}: {error}");
        assert!(!error.to_string().contains(CANARY), "{text}: {error}");
        assert!(!error.to_string().contains('\n'), "{text}: {error}");
    }
}

#[test]
fn a_password_is_given_by_itself_and_never_printed() {
    let location = Location::parse("postgres://app@db/books", Some(CANARY)).unwrap();
    assert!(!format!("{location} {location:?} {location:#?}").contains(CANARY));
    let refused = Location::parse("/var/lib/ballast", Some(CANARY)).unwrap_err();
    assert!(matches!(refused, OpenError::PasswordForSqlite), "{refused}");
}
