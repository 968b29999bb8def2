//! At most so many requests a minute from one address, told to the caller in `RateLimit` fields.

use super::{ApiError, Settings};
use crate::limits;
use api_types::ErrorCode;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const WINDOW_SECONDS: u32 = 60;

/// What supervisors and load balancers ask. It touches nothing, and they must not be told to come back later.
const UNLIMITED: [&str; 2] = ["/healthz", "/readyz"];

/// Routes of the class `batch`: one request carries thousands of payments, and its sender signs it.
const BATCHES: [&str; 2] = ["/v1/transfer-batches", "/v1/payment-batches"];

type Limiter = RateLimiter<IpAddr, DashMapStateStore<IpAddr>, DefaultClock, StateInformationMiddleware>;

/// The limits of all classes.
#[derive(Debug, Clone)]
pub(super) struct RateLimits {
    public: RateLimit,
    batch: RateLimit,
}

impl RateLimits {
    /// Limits that forget addresses on a timer for as long as they are in use.
    pub(super) fn start(settings: &Settings) -> Self {
        let proxies = &settings.trusted_proxies;
        Self {
            public: RateLimit::start("public", settings.public_requests_per_minute, proxies),
            batch: RateLimit::start("batch", settings.batch_requests_per_minute, proxies),
        }
    }

    fn of(&self, path: &str) -> &RateLimit {
        if BATCHES.contains(&path) { &self.batch } else { &self.public }
    }
}

/// The limit of one class of routes.
#[derive(Debug, Clone)]
struct RateLimit {
    class: &'static str,
    per_minute: NonZeroU32,
    trusted_proxies: Arc<[IpAddr]>,
    limiter: Arc<Limiter>,
}

impl RateLimit {
    fn start(class: &'static str, per_minute: NonZeroU32, trusted_proxies: &[IpAddr]) -> Self {
        let limiter = RateLimiter::dashmap(Quota::per_minute(per_minute)).with_middleware();
        let limiter: Arc<Limiter> = Arc::new(limiter);
        let held = Arc::downgrade(&limiter);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(limits::RATE_LIMIT_SWEEP).await;
                let Some(limiter) = held.upgrade() else { return };
                limiter.retain_recent();
                limiter.shrink_to_fit();
            }
        });
        Self { class, per_minute, trusted_proxies: trusted_proxies.into(), limiter }
    }

    /// `Ok` with the requests left, or how long to wait.
    fn take(&self, address: IpAddr) -> Result<u32, Duration> {
        if self.limiter.len() > limits::RATE_LIMIT_ADDRESSES {
            self.limiter.retain_recent();
        }
        match self.limiter.check_key(&address) {
            Ok(snapshot) => Ok(snapshot.remaining_burst_capacity()),
            Err(wait) => Err(wait.wait_time_from(DefaultClock::default().now())),
        }
    }

    fn write(&self, response: &mut Response, left: u32, wait: Duration) {
        let headers = response.headers_mut();
        let policy = format!("\"{}\";q={};w={WINDOW_SECONDS}", self.class, self.per_minute);
        let limit = format!("\"{}\";r={left};t={}", self.class, wait.as_nanos().div_ceil(1_000_000_000));
        for (name, text) in [(POLICY, policy), (LIMIT, limit)] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(name, value);
            }
        }
    }
}

pub(super) async fn by_address(State(limits): State<RateLimits>, request: Request, next: Next) -> Response {
    if UNLIMITED.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let limit = limits.of(request.uri().path());
    match limit.take(address_of(&request, &limit.trusted_proxies)) {
        Ok(left) => {
            let mut response = next.run(request).await;
            let used = limit.per_minute.get().saturating_sub(left);
            // The quota refills evenly, so what was used is back after its share of the window.
            let full_in =
                Duration::from_secs(u64::from(WINDOW_SECONDS)).saturating_mul(used) / limit.per_minute.get();
            limit.write(&mut response, left, full_in);
            response
        }
        Err(wait) => {
            let detail = format!("More than {} requests in a minute from one address.", limit.per_minute);
            let mut response =
                ApiError::new(ErrorCode::RateLimited, detail).retry_after(wait).into_response();
            limit.write(&mut response, 0, wait);
            response
        }
    }
}

/// Who asks: the peer, or whom a trusted proxy names. One IPv6 customer holds a whole /64, so that is one
/// address here.
fn address_of(request: &Request, trusted_proxies: &[IpAddr]) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |info| info.0.ip().to_canonical());
    let caller = if trusted_proxies.contains(&peer) { forwarded_for(request).unwrap_or(peer) } else { peer };
    match caller {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        IpAddr::V4(_) => caller,
    }
}

/// The last address in `X-Forwarded-For`: the one the proxy itself wrote. Those before it are the caller's word.
fn forwarded_for(request: &Request) -> Option<IpAddr> {
    let last = request.headers().get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    last.rsplit(',').next()?.trim().parse::<IpAddr>().ok().map(|address| address.to_canonical())
}
