//! One HTTP exchange as plain data: adapters build [`Request`]s and judge [`Answer`]s, the net room carries them.

use std::net::IpAddr;
use std::time::Duration;

use url::Url;

/// A request that can be sent as it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: Method,
    /// Absolute; `http`, `https`, or `sandbox` for the built-in practice network.
    pub url: Url,
    /// In order, names in lower case; `content-type` among them when there is a body.
    pub headers: Vec<(String, String)>,
    /// Empty for none.
    pub body: Vec<u8>,
    /// Values that must not be shown where the exchange is recorded.
    pub secrets: Vec<String>,
}

impl std::fmt::Debug for Request {
    // Headers, query and body may hold secrets and personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.url.host_str().unwrap_or(""))
    }
}

crate::text_enum! {
    /// Method of a request.
    pub enum Method {
        /// GET
        Get = "GET",
        /// POST
        Post = "POST",
        /// PUT
        Put = "PUT",
        /// PATCH
        Patch = "PATCH",
        /// DELETE
        Delete = "DELETE",
    }
}

/// What came back. Any HTTP status is an answer, 3xx too: redirects are not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// HTTP status code.
    pub status: u16,
    /// In order, names in lower case, cut to a sane number and length.
    pub headers: Vec<(String, String)>,
    /// Decoded body, at most 64 KiB.
    pub body: Vec<u8>,
    /// Whether the body was longer than what is kept.
    pub is_cut: bool,
}

impl Response {
    /// The first header of this (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as text, broken UTF-8 replaced.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

crate::text_enum! {
    /// Why there is no answer.
    pub enum TransportKind {
        /// The address guard refused the target.
        Blocked = "blocked",
        /// The name does not resolve.
        Dns = "dns",
        /// No connection.
        Connect = "connect",
        /// No secure connection.
        Tls = "tls",
        /// The deadline passed.
        Timeout = "timeout",
        /// The connection broke.
        Reset = "reset",
        /// What came is not HTTP, or its encoding is broken.
        Protocol = "protocol",
    }
}

/// No answer came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}: {detail}")]
pub struct TransportError {
    /// What happened.
    pub kind: TransportKind,
    /// Whether anything of the request may have reached the other side. `false` only when that is certain.
    pub may_have_arrived: bool,
    /// For the operator; holds no secret and no personal data.
    pub detail: String,
}

/// The end of an exchange.
pub type Answer = Result<Response, TransportError>;

/// An exchange that was made: what the attempt log is written from.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// What was sent.
    pub request: Request,
    /// What came of it.
    pub answer: Answer,
    /// The address that was talked to.
    pub remote_ip: Option<IpAddr>,
    /// How long it took, the body included.
    pub took: Duration,
}
