//! Which statements have been executed, and on which engine: sqlx reports every one of them.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{LazyLock, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Span, Subscriber, info_span};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use crate::Crate;

/// Pairs of an engine and the text of a statement.
type Executed = BTreeSet<(String, String)>;

static EXECUTED: Mutex<Executed> = Mutex::new(BTreeSet::new());

/// Global, because statements on SQLite are reported by the connection's own thread.
static RECORDER: LazyLock<()> = LazyLock::new(|| {
    let subscriber = tracing_subscriber::registry().with(Recorder);
    tracing::subscriber::set_global_default(subscriber).unwrap();
});

/// What is executed within this span counts as executed by a scenario on `engine`.
pub(crate) fn span(engine: &str) -> Span {
    LazyLock::force(&RECORDER);
    info_span!("scenario", engine)
}

/// The statements of these crates that no scenario has executed on `engine`.
pub(crate) fn missing(crates: &[Crate], engine: &str) -> Vec<String> {
    let executed = EXECUTED.lock().unwrap();
    let is_missing = |text: &str| !executed.contains(&(engine.to_owned(), text.trim().to_owned()));
    crates
        .iter()
        .flat_map(|Crate { file, statements }| statements.iter().map(move |statement| (file, statement)))
        .filter(|(_, (_, text))| is_missing(text))
        .map(|(file, (name, _))| format!("{file}: {name}"))
        .collect()
}

struct Recorder;

/// The engine that a span names.
struct Engine(String);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let (Some(engine), Some(span)) = (fields.engine, context.span(id)) {
            span.extensions_mut().insert(Engine(engine));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if event.metadata().target() != "sqlx::query" {
            return;
        }
        let mut spans = context.event_scope(event).into_iter().flatten();
        let engine = spans.find_map(|span| span.extensions().get::<Engine>().map(|engine| engine.0.clone()));
        let mut fields = Fields::default();
        event.record(&mut fields);
        if let (Some(engine), Some(statement)) = (engine, fields.statement()) {
            EXECUTED.lock().unwrap().insert((engine, statement));
        }
    }
}

#[derive(Default)]
struct Fields {
    engine: Option<String>,
    /// The first words of a statement: all of a very short one.
    summary: Option<String>,
    /// The whole statement, empty if the summary is.
    whole: Option<String>,
}

impl Fields {
    fn statement(self) -> Option<String> {
        let whole = self.whole.filter(|text| !text.is_empty());
        whole.or(self.summary).map(|text| text.trim().to_owned())
    }
}

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "engine" => self.engine = Some(value.to_owned()),
            "summary" => self.summary = Some(value.to_owned()),
            "db.statement" => self.whole = Some(value.to_owned()),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

#[tokio::test]
async fn a_statement_counts_on_the_engine_that_executed_it_and_nowhere_else() {
    use store::{query, sqlx};
    use tracing::Instrument;

    const SHORT: &str = "SELECT 1";
    const LONG: &str = "SELECT network, network, network, network FROM instance";
    const IDLE: &str = "SELECT created_at, created_at, created_at FROM instance";
    let crates = [Crate { file: "a", statements: &[("SHORT", SHORT), ("LONG", LONG), ("IDLE", IDLE)] }];
    for fixture in crate::engines::fresh().await {
        let span = span(fixture.engine);
        let other = format!("not {}", fixture.engine);
        let run = async {
            for text in [SHORT, LONG] {
                query!(fixture.store, pool => { sqlx::query(text).fetch_all(pool).await.unwrap(); });
            }
        };
        // Executed outside of any scenario, so it does not count.
        query!(fixture.store, pool => { sqlx::query(IDLE).fetch_all(pool).await.unwrap(); });
        assert_eq!(missing(&crates, fixture.engine), ["a: SHORT", "a: LONG", "a: IDLE"]);
        run.instrument(span).await;
        assert_eq!(missing(&crates, fixture.engine), ["a: IDLE"]);
        assert_eq!(missing(&crates, &other), ["a: SHORT", "a: LONG", "a: IDLE"]);
    }
}
