//! The only HTTP client of the project. One call is one exchange: judged by the guard, resolved to vetted
//! addresses, sent at most once, never redirected, never through a proxy of the environment, ended by one
//! deadline that includes the body, and read no further than the limits.
//!
//! A request is never sent twice. The library's own retries are off; the pool below it repeats a request only
//! when the connection gave it back untouched, which means that not one byte of it was written. Callers whose
//! partner cannot take repeats use [`Reuse::No`] or [`Reuse::Brief`], so that a connection which the other side
//! has just closed is met less often (it would read as "may have arrived").

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;
use url::Url;

use crate::base::exchange::{Answer, Exchange, Method, Request, Response, TransportError, TransportKind};

use super::failure::{self, failed};
use super::flight::{Flight, Watch};
use super::guard::{self, Policy, Refusal};
use super::resolve::{self, Guarded, Lookup};

/// How much of an answer is kept.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the body after decoding.
    pub max_answer_bytes: usize,
    /// The same for lists.
    pub max_list_bytes: usize,
    /// Number of headers.
    pub max_headers: usize,
    /// Bytes of one header's value. A longer `location` is left out, since a cut one would lead elsewhere.
    pub max_header_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_answer_bytes: 64 * 1024, max_list_bytes: 4 * 1024 * 1024, max_headers: 64, max_header_bytes: 1024 }
    }
}

/// Whether an idle connection may be used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// A fresh connection for each call.
    No,
    /// One that was idle for less than a second.
    Brief,
    /// One that was idle for less than half a minute.
    Normal,
}

/// How one call is made.
#[derive(Clone, Copy, Debug)]
pub struct CallOptions {
    /// For everything, from the look-up of the name to the last byte of the body.
    pub deadline: Duration,
    /// For the look-up of the name, TCP and TLS together.
    pub connect_timeout: Duration,
    /// Whether an idle connection may be used again.
    pub reuse: Reuse,
    /// Whether the answer is a list, which may be longer than an answer to a send.
    pub is_list: bool,
}

/// No call is given longer than this.
const LONGEST: Duration = Duration::from_secs(3600);

/// Answers requests to `sandbox:` inside this process.
pub type Sandbox = Arc<dyn Fn(Request) -> BoxFuture<'static, Answer> + Send + Sync>;

/// The client could not be built (usually: this machine has no certificates of authorities).
#[derive(Debug, thiserror::Error)]
#[error("build the HTTP client: {0}")]
pub struct ClientError(String);

/// The one outgoing HTTP client. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    pub(super) policy: Arc<Policy>,
    pub(super) lookup: Lookup,
    limits: Limits,
    fresh: reqwest::Client,
    brief: reqwest::Client,
    normal: reqwest::Client,
    sandbox: Option<Sandbox>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("policy", &self.policy).field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Client {
    /// A client that resolves names as the operating system does.
    pub fn new(policy: Policy, limits: Limits) -> Result<Self, ClientError> {
        Self::with_lookup(policy, limits, resolve::system())
    }

    /// A client with its own way to resolve names.
    pub fn with_lookup(policy: Policy, limits: Limits, lookup: Lookup) -> Result<Self, ClientError> {
        // An error says that somebody has installed a provider before us, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let policy = Arc::new(policy);
        let build = |idle: Duration, max_idle: usize| {
            let resolver = Guarded { lookup: Arc::clone(&lookup), policy: Arc::clone(&policy) };
            build(resolver, idle, max_idle)
        };
        Ok(Self {
            fresh: build(Duration::ZERO, 0)?,
            brief: build(Duration::from_secs(1), 32)?,
            normal: build(Duration::from_secs(30), 32)?,
            policy,
            lookup,
            limits,
            sandbox: None,
        })
    }

    /// The same client with `handler` answering the requests whose scheme is `sandbox`.
    #[must_use]
    pub fn with_sandbox(mut self, handler: Sandbox) -> Self {
        self.sandbox = Some(handler);
        self
    }

    /// Judges a URL that somebody wants to save.
    pub fn check_url(&self, url: &Url) -> Result<(), Refusal> {
        guard::check_url(url, &self.policy)
    }

    /// Makes one exchange. Every failure is in its answer.
    pub async fn call(&self, request: Request, options: CallOptions) -> Exchange {
        let start = Instant::now();
        let whole = options.deadline.min(LONGEST);
        // Connecting ends a little before everything, so that it is known which of the two it was.
        let connect = options.connect_timeout.min(whole.mul_f32(0.98));
        let flight = Flight::new(request.url.port_or_known_default(), start + connect);
        let mut remote_ip = None;
        let work = Box::pin(flight.carry(self.answer(&request, options, &mut remote_ip)));
        let ended = tokio::time::timeout_at(start + whole, work).await;
        let answer = match ended {
            Ok(answer) => answer,
            Err(_) if remote_ip.is_some() => Err(failed(TransportKind::Timeout, true, "no whole answer in time")),
            Err(_) => {
                // A fresh connection that was never made carried nothing; an idle one may have been taken over.
                let is_fresh = options.reuse == Reuse::No && request.url.scheme() != "sandbox";
                let may_have_arrived = !is_fresh || flight.has_connected();
                Err(failed(TransportKind::Timeout, may_have_arrived, "no answer in time"))
            }
        };
        let may_have_arrived = answer.as_ref().err().is_none_or(|error| error.may_have_arrived);
        if remote_ip.is_none() && may_have_arrived {
            remote_ip = literal_ip(&request.url).or_else(|| flight.only_address());
        }
        Exchange { request, answer, remote_ip, took: start.elapsed() }
    }

    async fn answer(
        &self,
        request: &Request,
        options: CallOptions,
        remote_ip: &mut Option<std::net::IpAddr>,
    ) -> Answer {
        if request.url.scheme() == "sandbox" {
            return match &self.sandbox {
                Some(handler) => handler(request.clone()).await,
                None => Err(failed(TransportKind::Blocked, false, "there is no sandbox here")),
            };
        }
        guard::check_url(&request.url, &self.policy).map_err(failure::refused)?;
        let client = match options.reuse {
            Reuse::No => &self.fresh,
            Reuse::Brief => &self.brief,
            Reuse::Normal => &self.normal,
        };
        let mut outgoing = reqwest::Request::new(method(request.method), request.url.clone());
        *outgoing.headers_mut() = headers(&request.headers)?;
        if !request.body.is_empty() {
            *outgoing.body_mut() = Some(request.body.clone().into());
        }
        let answer = client.execute(outgoing).await.map_err(|error| failure::read(&error))?;
        *remote_ip = answer.remote_addr().map(|address| address.ip());
        let most = if options.is_list { self.limits.max_list_bytes } else { self.limits.max_answer_bytes };
        self.read(answer, most).await
    }

    async fn read(&self, mut answer: reqwest::Response, most: usize) -> Answer {
        let status = answer.status().as_u16();
        let headers = self.kept_headers(answer.headers());
        let (mut body, mut is_cut) = (Vec::new(), false);
        while let Some(chunk) = answer.chunk().await.map_err(|error| failure::read(&error))? {
            let room = most.saturating_sub(body.len());
            body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
            if chunk.len() > room {
                is_cut = true;
                break;
            }
        }
        Ok(Response { status, headers, body, is_cut })
    }

    fn kept_headers(&self, headers: &HeaderMap) -> Vec<(String, String)> {
        const LOCATION_BYTES: usize = 8 * 1024;
        let kept = headers.iter().filter(|(name, value)| *name != "location" || value.len() <= LOCATION_BYTES);
        kept.take(self.limits.max_headers)
            .map(|(name, value)| {
                let mut value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                if name != "location" {
                    let end = value.floor_char_boundary(self.limits.max_header_bytes);
                    value.truncate(end);
                }
                (name.as_str().to_owned(), value)
            })
            .collect()
    }
}

fn build(resolver: Guarded, idle: Duration, max_idle: usize) -> Result<reqwest::Client, ClientError> {
    #[expect(clippy::disallowed_methods, reason = "this is the one outgoing client")]
    let builder = reqwest::Client::builder();
    builder
        .user_agent(concat!("leadrelay/", env!("CARGO_PKG_VERSION")))
        .dns_resolver(resolver)
        .connector_layer(Watch)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .http1_only()
        .http1_max_headers(512)
        .pool_idle_timeout(idle)
        .pool_max_idle_per_host(max_idle)
        .build()
        .map_err(|error| ClientError(error.without_url().to_string()))
}

fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    }
}

/// The headers that decide where a message ends and how long a connection lives are ours alone.
const OURS: &[&str] = &["connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];

fn headers(headers: &[(String, String)]) -> Result<HeaderMap, TransportError> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let (Ok(key), Ok(mut text)) = (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str()))
        else {
            let shown: String = name.chars().filter(|c| c.is_ascii_graphic()).take(60).collect();
            return Err(failed(TransportKind::Protocol, false, format!("header {shown} cannot be sent")));
        };
        if OURS.contains(&key.as_str()) {
            return Err(failed(TransportKind::Protocol, false, format!("header {key} must not be set")));
        }
        text.set_sensitive(true);
        map.append(key, text);
    }
    Ok(map)
}

fn literal_ip(url: &Url) -> Option<std::net::IpAddr> {
    match url.host()? {
        url::Host::Ipv4(ip) => Some(ip.into()),
        url::Host::Ipv6(ip) => Some(ip.into()),
        url::Host::Domain(_) => None,
    }
}
