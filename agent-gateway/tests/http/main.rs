//! The layers, seen from outside: whatever goes wrong, the caller reads one form.

#![cfg(test)]

mod service;

use agent_gateway::http::{ApiError, Json, Settings, layered, router};
use agent_gateway::limits;
use api_types::{Check, ErrorCode};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, Version, header};
use axum::response::Response;
use axum::routing::{get, post};
use http_body_util::BodyExt;
use serde::Deserialize;
use serde_json::Value;
use service::{PROXY, settings};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use tokio::sync::watch;
use tower::ServiceExt;

fn check(ok: bool) -> Check {
    Check {
        name: "database".to_owned(),
        ok,
        detail: "seen".to_owned(),
        since: "1970-01-01T00:00:00.000Z".to_owned(),
    }
}

fn product() -> Router {
    router(settings(vec![check(true)])).unwrap()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Echo {
    text: String,
}

/// Routes no product has, behind the product's own layers.
fn misbehaving(settings: Settings) -> Router {
    async fn panics() -> &'static str {
        panic!("canary-secret in a panic")
    }
    let routes = Router::new()
        .route("/echo", post(|Json(body): Json<Echo>| async move { body.text }))
        .route("/panic", get(panics))
        .route("/hang", get(std::future::pending::<String>))
        .route("/fault", get(|| async { ApiError::internal("canary-secret in a cause") }))
        .route("/foreign", get(|| async { (StatusCode::IM_A_TEAPOT, "a library's own text") }))
        .route("/json", get(|| async { axum::Json("x".repeat(5000)) }))
        .route("/text", get(|| async { "x".repeat(5000) }));
    layered(&Arc::new(settings), routes)
}

/// A request as HTTP/2 carries it: the host stands elsewhere.
fn request(method: &str, target: &str) -> http::request::Builder {
    Request::builder().version(Version::HTTP_2).method(method).uri(target)
}

fn empty(method: &str, target: &str) -> Request<Body> {
    request(method, target).header(header::HOST, "api.example").body(Body::empty()).unwrap()
}

async fn send(router: &Router, request: Request<Body>) -> Response {
    router.clone().oneshot(request).await.unwrap()
}

async fn json(response: Response) -> Value {
    serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap()
}

/// The answer is a problem document with this code, whole and consistent.
async fn problem(response: Response, code: ErrorCode) -> Value {
    assert_eq!(response.status().as_u16(), code.status());
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    let request_id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
    let body = json(response).await;
    assert_eq!(body["code"], code.as_str());
    assert_eq!(body["title"], code.title());
    assert_eq!(body["status"], code.status());
    assert_eq!(body["type"], format!("https://api.example/docs/errors/{}", code.as_str()));
    assert_eq!(body["request_id"], request_id);
    assert_eq!(body["retryable"], code.retry().is_some());
    for member in ["detail", "instance", "pointer", "retry_with", "retry_at", "hint"] {
        assert!(body.get(member).is_some(), "{member} is missing");
    }
    assert!(!body.to_string().contains("canary-secret"), "a private cause left the service: {body}");
    body
}

#[tokio::test]
async fn unknown_routes_and_methods_are_problems() {
    let router = product();
    let body = problem(send(&router, empty("GET", "/v1/nothing?x=1")).await, ErrorCode::NotFound).await;
    assert_eq!(body["instance"], "/v1/nothing");
    let response = send(&router, empty("DELETE", "/healthz")).await;
    assert_eq!(response.headers()[header::ALLOW], "GET,HEAD");
    problem(response, ErrorCode::MethodNotAllowed).await;
    problem(send(&router, empty("BREW", "/healthz")).await, ErrorCode::MethodNotAllowed).await;
}

#[tokio::test]
async fn unknown_parameters_are_refused() {
    for path in ["/healthz", "/readyz", "/version"] {
        let body = problem(
            send(&product(), empty("GET", &format!("{path}?verbose=1"))).await,
            ErrorCode::UnknownField,
        )
        .await;
        assert_eq!(body["pointer"], "verbose");
    }
}

#[tokio::test]
async fn bodies_are_read_strictly() {
    let router = misbehaving(settings(vec![]));
    let too_large = format!("{{\"text\":\"{}\"}}", "x".repeat(limits::BODY_BYTES));
    let cases: &[(&str, &str, ErrorCode)] = &[
        ("text/plain", "{}", ErrorCode::UnsupportedMediaType),
        ("application/json", "{", ErrorCode::MalformedJson),
        ("application/json", "{}", ErrorCode::MissingField),
        ("application/json", r#"{"text":1}"#, ErrorCode::InvalidField),
        ("application/json", r#"{"text":"a","more":1}"#, ErrorCode::UnknownField),
        ("application/json", &too_large, ErrorCode::BodyTooLarge),
    ];
    for (kind, body, code) in cases {
        let posted =
            request("POST", "/echo").header(header::CONTENT_TYPE, *kind).body(Body::from(body.to_string()));
        problem(send(&router, posted.unwrap()).await, *code).await;
    }
    let posted = request("POST", "/echo").header(header::CONTENT_TYPE, "application/json");
    let response = send(&router, posted.body(Body::from(r#"{"text":"hello"}"#)).unwrap()).await;
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "hello");
}

#[tokio::test]
async fn a_body_without_a_stated_length_is_bounded_too() {
    let chunks = (0..2).map(|_| Ok::<_, std::io::Error>(vec![b' '; limits::BODY_BYTES]));
    let body = Body::from_stream(futures_util::stream::iter(chunks));
    let posted =
        request("POST", "/echo").header(header::CONTENT_TYPE, "application/json").body(body).unwrap();
    problem(send(&misbehaving(settings(vec![])), posted).await, ErrorCode::BodyTooLarge).await;
}

#[tokio::test]
async fn a_body_that_breaks_off_is_named() {
    let body =
        Body::from_stream(futures_util::stream::iter([Err::<Vec<u8>, _>(std::io::Error::other("gone"))]));
    let posted =
        request("POST", "/echo").header(header::CONTENT_TYPE, "application/json").body(body).unwrap();
    problem(send(&misbehaving(settings(vec![])), posted).await, ErrorCode::MalformedJson).await;
}

#[tokio::test]
async fn oversized_heads_are_named() {
    let router = product();
    let long = format!("/healthz?{}", "x".repeat(limits::URL_BYTES));
    problem(send(&router, empty("GET", &long)).await, ErrorCode::UrlTooLong).await;
    let large = request("GET", "/healthz").header("x-large", "x".repeat(limits::HEADER_BYTES));
    problem(send(&router, large.body(Body::empty()).unwrap()).await, ErrorCode::HeadersTooLarge).await;
    let many =
        (0..=limits::HEADER_FIELDS).fold(request("GET", "/healthz"), |r, n| r.header(format!("x-{n}"), "1"));
    problem(send(&router, many.body(Body::empty()).unwrap()).await, ErrorCode::HeadersTooLarge).await;
}

#[tokio::test]
async fn panics_and_faults_show_nothing_private() {
    let router = misbehaving(settings(vec![]));
    for path in ["/panic", "/fault"] {
        problem(send(&router, empty("GET", path)).await, ErrorCode::Internal).await;
    }
    problem(send(&router, empty("GET", "/foreign")).await, ErrorCode::InvalidField).await;
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_hangs_is_ended() {
    let response = send(&misbehaving(settings(vec![])), empty("GET", "/hang")).await;
    assert_eq!(response.headers()[header::RETRY_AFTER], "1");
    let body = problem(response, ErrorCode::TimedOut).await;
    assert_eq!(body["retry_with"], "same_key");
    assert_eq!(body["retry_at"], "1970-01-01T00:00:01.000Z");
}

#[tokio::test(start_paused = true)]
async fn load_above_the_limit_is_shed_and_places_come_back() {
    let router = misbehaving(Settings { concurrency: 1, ..settings(vec![]) });
    let held = tokio::spawn(send_owned(router.clone(), empty("GET", "/hang")));
    tokio::task::yield_now().await;
    problem(send(&router, empty("GET", "/text")).await, ErrorCode::Overloaded).await;
    problem(held.await.unwrap(), ErrorCode::TimedOut).await;
    assert_eq!(send(&router, empty("GET", "/text")).await.status(), StatusCode::OK);
}

async fn send_owned(router: Router, request: Request<Body>) -> Response {
    send(&router, request).await
}

#[tokio::test]
async fn the_rate_limit_is_told_and_kept() {
    let router =
        router(Settings { public_requests_per_minute: NonZeroU32::new(3).unwrap(), ..settings(vec![]) });
    let router = router.unwrap();
    for left in [2, 1, 0] {
        let response = send(&router, empty("GET", "/version")).await;
        assert_eq!(response.headers()["ratelimit-policy"], "\"public\";q=3;w=60");
        let limit = response.headers()["ratelimit"].to_str().unwrap();
        let start = format!("\"public\";r={left};t=");
        let wait: u64 = limit.strip_prefix(&start).unwrap_or_else(|| panic!("{limit}")).parse().unwrap();
        assert!((1..=60).contains(&wait), "{limit}");
    }
    let response = send(&router, empty("GET", "/version")).await;
    let wait: u64 = response.headers()[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    problem(response, ErrorCode::RateLimited).await;
    for path in ["/healthz", "/readyz"] {
        let status = send(&router, empty("GET", path)).await.status();
        assert_ne!(status, StatusCode::TOO_MANY_REQUESTS, "a supervisor is told to come back later");
    }
}

/// Callers are told apart by the peer's address, or by what a trusted proxy says of it; others' words are not
/// believed.
#[tokio::test]
async fn the_rate_limit_counts_callers() {
    let limited = Settings { public_requests_per_minute: NonZeroU32::MIN, ..settings(vec![]) };
    let router = router(limited).unwrap();
    let (stranger, other) = ([192, 0, 2, 1], [192, 0, 2, 2]);
    for (peer, forwarded, refused) in [
        (stranger, None, false),
        (stranger, None, true),
        (stranger, Some("203.0.113.9"), true),
        (other, None, false),
        (PROXY, Some("203.0.113.1"), false),
        (PROXY, Some("203.0.113.1"), true),
        (PROXY, Some("1.2.3.4, 203.0.113.1"), true),
        (PROXY, Some("203.0.113.1, 203.0.113.2"), false),
        (PROXY, Some("2001:db8::1"), false),
        (PROXY, Some("2001:db8::2"), true),
        (PROXY, Some("nonsense"), false),
        (PROXY, None, true),
    ] {
        let mut asked = empty("GET", "/version");
        asked.extensions_mut().insert(ConnectInfo(SocketAddr::from((peer, 1))));
        if let Some(forwarded) = forwarded {
            asked.headers_mut().insert("x-forwarded-for", forwarded.parse().unwrap());
        }
        let status = send(&router, asked).await.status();
        assert_eq!(status == StatusCode::TOO_MANY_REQUESTS, refused, "{peer:?} {forwarded:?}");
    }
}

#[tokio::test]
async fn readiness_lists_every_check() {
    let ready = send(&product(), empty("GET", "/readyz")).await;
    assert_eq!(json(ready).await["checks"][0]["name"], "database");
    let router = router(settings(vec![check(true), check(false)])).unwrap();
    let body = problem(send(&router, empty("GET", "/readyz")).await, ErrorCode::NotReady).await;
    assert_eq!(body["checks"].as_array().unwrap().len(), 2);
    let unknown = agent_gateway::http::router(settings(vec![])).unwrap();
    problem(send(&unknown, empty("GET", "/readyz")).await, ErrorCode::NotReady).await;
    let abandoned = Settings { readiness: watch::channel(vec![check(true)]).1, ..settings(vec![]) };
    let router = agent_gateway::http::router(abandoned).unwrap();
    problem(send(&router, empty("GET", "/readyz")).await, ErrorCode::NotReady).await;
}

#[tokio::test]
async fn request_ids_are_echoed_or_made() {
    let router = product();
    let given = request("GET", "/healthz").header("x-request-id", "trace-1.a_B").body(Body::empty()).unwrap();
    assert_eq!(send(&router, given).await.headers()["x-request-id"], "trace-1.a_B");
    let harmful =
        request("GET", "/healthz").header("x-request-id", "a b<script>").body(Body::empty()).unwrap();
    let made = send(&router, harmful).await.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert!(made.parse::<api_types::RequestId>().is_ok(), "{made}");
}

#[tokio::test]
async fn only_large_json_is_compressed_and_only_for_those_who_take_it() {
    let router = misbehaving(settings(vec![]));
    for (path, accepted, encoding) in [
        ("/json", "gzip", Some("gzip")),
        ("/json", "br, GZIP;q=0.5", Some("gzip")),
        ("/json", "gzip;q=0", None),
        ("/json", "br", None),
        ("/text", "gzip", None),
        // What cannot be satisfied gets the plain form, never a refusal after the operation has run.
        ("/json", "identity;q=0", None),
        ("/json", "*;q=0", None),
    ] {
        let asked =
            request("GET", path).header(header::ACCEPT_ENCODING, accepted).body(Body::empty()).unwrap();
        let response = send(&router, asked).await;
        assert_eq!(response.status(), StatusCode::OK);
        let given = response.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap());
        assert_eq!(given, encoding, "{path} {accepted}");
    }
}

#[tokio::test]
async fn other_origins_may_read_what_is_public_and_nothing_more() {
    let router = product();
    let ask = |method: &str, path: &str| {
        let origin = request(method, path).header(header::ORIGIN, "https://elsewhere.example");
        origin.header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST").body(Body::empty()).unwrap()
    };
    // A refusal can be read, too.
    for path in ["/version", "/version?x=1", "/docs/"] {
        let response = send(&router, ask("GET", path)).await;
        assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*", "{path}");
        assert!(response.headers().get(header::ACCESS_CONTROL_ALLOW_CREDENTIALS).is_none());
    }
    let preflight = send(&router, ask("OPTIONS", "/version")).await;
    assert_eq!(preflight.status(), StatusCode::NO_CONTENT);
    assert_eq!(preflight.headers()[header::ACCESS_CONTROL_ALLOW_METHODS], "GET");
    let elsewhere = send(&router, ask("OPTIONS", "/v1/payments")).await;
    assert!(elsewhere.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN).is_none());
    problem(elsewhere, ErrorCode::NotFound).await;
    problem(send(&router, empty("OPTIONS", "/version")).await, ErrorCode::MethodNotAllowed).await;
}

#[tokio::test]
async fn a_request_names_one_host() {
    let router = product();
    let with = |hosts: &[&str]| {
        let named = hosts
            .iter()
            .fold(request("GET", "/healthz"), |request, host| request.header(header::HOST, *host));
        named.body(Body::empty()).unwrap()
    };
    for hosts in [&["a", "b"][..], &["evil\"<>"], &["a b"]] {
        problem(send(&router, with(hosts)).await, ErrorCode::InvalidHost).await;
    }
    for hosts in [&["api.example"][..], &["127.0.0.1:8080"], &["[::1]:8080"], &[""]] {
        assert_eq!(send(&router, with(hosts)).await.status(), StatusCode::OK, "{hosts:?}");
    }
    let nameless = Request::builder().uri("/healthz").body(Body::empty()).unwrap();
    problem(send(&router, nameless).await, ErrorCode::InvalidHost).await;
}

#[tokio::test]
async fn answers_repeat_little_of_what_callers_send_and_nothing_that_confuses() {
    let router = product();
    let path = format!("/v1/{}", "x".repeat(3000));
    let body = problem(send(&router, empty("GET", &path)).await, ErrorCode::NotFound).await;
    assert!(body.to_string().len() < 1500, "{} bytes", body.to_string().len());
    let hidden = Request::builder().uri("/v1/\u{202e}txt").header(header::HOST, "x").body(Body::empty());
    let body = problem(send(&router, hidden.unwrap()).await, ErrorCode::NotFound).await;
    assert!(body.to_string().is_ascii(), "{body}");
}

#[tokio::test]
async fn transport_security_is_asked_for_under_tls_only() {
    let plain = Settings { public_url: "http://127.0.0.1:1".to_owned(), ..settings(vec![]) };
    for (settings, expected) in [(settings(vec![]), true), (plain, false)] {
        let response = send(&router(settings).unwrap(), empty("GET", "/healthz")).await;
        assert_eq!(response.headers().contains_key(header::STRICT_TRANSPORT_SECURITY), expected);
    }
}

#[tokio::test]
async fn pages_carry_the_strict_policy_and_load_only_from_here() {
    let router = product();
    let page = send(&router, empty("GET", "/docs/")).await;
    assert_eq!(page.status(), StatusCode::OK);
    let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
    assert_eq!(page.headers()["cross-origin-opener-policy"], "same-origin");
    let text = page.into_body().collect().await.unwrap().to_bytes();
    assert!(!String::from_utf8_lossy(&text).contains("//"), "the page names another host");
}

#[tokio::test]
async fn every_code_has_its_page() {
    let router = product();
    for code in ErrorCode::ALL {
        let page = send(&router, empty("GET", &format!("/docs/errors/{}", code.as_str()))).await;
        assert_eq!(page.status(), StatusCode::OK, "{}", code.as_str());
        let text = page.into_body().collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&text).contains(code.advice()));
    }
    problem(send(&router, empty("GET", "/docs/errors/%3Cscript%3E")).await, ErrorCode::NotFound).await;
    problem(send(&router, empty("GET", "/docs/no-such-file.js")).await, ErrorCode::NotFound).await;
}

/// Batches have a limit of their own, which ordinary requests do not use up.
#[tokio::test]
async fn batches_are_counted_by_themselves() {
    let router = product();
    for code in [ErrorCode::UnsupportedMediaType, ErrorCode::UnsupportedMediaType, ErrorCode::RateLimited] {
        let response = send(&router, empty("POST", "/v1/transfer-batches")).await;
        assert_eq!(response.headers()["ratelimit-policy"], "\"batch\";q=2;w=60");
        problem(response, code).await;
        assert_eq!(send(&router, empty("GET", "/version")).await.status(), StatusCode::OK);
    }
}

/// The codes that the tests here and those of batches provoke. A new code without a test fails.
#[test]
fn every_code_is_provoked_by_a_test() {
    let source: String = concat!(include_str!("main.rs"), include_str!("../batches/refusals.rs"))
        .lines()
        .filter(|line| !line.trim().starts_with("//"))
        .collect();
    let missing: BTreeSet<_> = ErrorCode::ALL
        .iter()
        .map(|code| format!("{code:?}"))
        .filter(|variant| !source.contains(&format!("ErrorCode::{variant}")))
        .collect();
    assert!(missing.is_empty(), "no test provokes {missing:?}");
}
