//! A practice AlterCPA network: the other side of our outgoing AlterCPA integrations, for tests (in process) and for
//! operators who want to try a set-up without an account.
//!
//! It serves the calls of webmasters (`wm`), agencies (`ext`), companies (`comp`), external sites (`site`) and of the
//! Red/One tracker (`tracker`, `track`), each with and without the `/api` prefix, by GET query, form and JSON body.
//! What must stay true: the HTTP status is 200 and the verdict stands in the body, but where a fault or a switch says
//! otherwise; `ok` does not promise that everything sent was applied; the same calls at the same times give the same
//! answers. Operators steer it below `/_control`, tests by the methods of [`AlterCpa`]. It is loopback practice: the
//! control calls ask for no key.

mod account;
mod comp;
mod comp_edit;
mod control;
mod control_menu;
mod dispatch;
mod ext;
mod fault;
mod intake;
mod lead;
mod listing;
mod network;
mod operate;
mod params;
mod postback;
mod reply;
mod site;
mod status;
mod switches;
mod tracker;
mod wm;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};

pub use account::{
    AGENCY_TOKEN, BANNED_IP, BANNED_PHONE, COMPANY_TOKEN, Flow, OTHER_AGENCY_TOKEN, OTHER_COMPANY_TOKEN,
    OTHER_WEBMASTER_TOKEN, Offer, Role, SITE_TOKEN, Site, TRACKER_TOKEN, User, WEBMASTER_TOKEN,
};
pub use fault::Fault;
pub use lead::{Channel, Lead};
pub use status::Stage;
pub use switches::{AddAnswer, Duplicates, KeyError, OverMaxIds, Switches};
pub use tracker::Conversion;

use fault::Faults;
use network::Network;
use params::Params;
use reply::Reply;

/// Where the time comes from.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Larger bodies are refused with 413, as the web server before PHP does.
const LIMIT: usize = 1024 * 1024;

/// So many calls are remembered; older ones are forgotten.
const CALLS: usize = 10_000;

/// A call as it came. Calls to `/_control` are not kept.
#[derive(Clone, Debug)]
pub struct Call {
    /// When it came, by the clock.
    pub at: DateTime<Utc>,
    /// The HTTP method.
    pub method: String,
    /// The path with the query.
    pub path: String,
    /// Names in lower case; a value that is no text is left out.
    pub headers: Vec<(String, String)>,
    /// The body, byte by byte.
    pub body: Vec<u8>,
}

impl Call {
    /// The value of a header; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A parameter as the network reads it: of the body, else of the query. Nested ones as `meta[colour]`.
    pub fn param(&self, name: &str) -> Option<String> {
        self.params().get(name).map(str::to_owned)
    }

    fn params(&self) -> Params {
        let query = self.path.split_once('?').map_or("", |(_, query)| query);
        Params::of(query, self.header("content-type").unwrap_or(""), &self.body)
    }
}

/// All that the network knows, behind one lock.
struct Shared {
    network: Network,
    faults: Faults,
    calls: VecDeque<Call>,
}

/// The practice network. Clones share its state.
#[derive(Clone)]
pub struct AlterCpa {
    clock: Clock,
    shared: Arc<Mutex<Shared>>,
}

impl AlterCpa {
    /// A network with its default account, so that one can begin at once.
    ///
    /// | who | token | may |
    /// |---|---|---|
    /// | webmaster 101 | `101-wmkey` | flow 501 (code `f501`) on offer 7, flow 503 on offer 8 |
    /// | webmaster 102 | `102-wmkey2` | flow 502 on offer 7 |
    /// | agency 202, 203 | `202-agkey`, `203-agkey2` | every open offer |
    /// | company 303 | `303-cokey` | has the leads of all offers |
    /// | company 304 | `304-cokey2` | has none |
    /// | site 9 | `9-sitekey` | offer 7 |
    /// | tracker 77 | `77-trkey` | |
    ///
    /// Offers 7 and 8 are open, offer 9 is blocked (`traffic`). Phone [`BANNED_PHONE`] and IP [`BANNED_IP`] are banned.
    pub fn new(clock: Clock) -> Self {
        let shared = Shared { network: Network::new(), faults: Faults::default(), calls: VecDeque::new() };
        Self { clock, shared: Arc::new(Mutex::new(shared)) }
    }

    /// The network's calls and the operators' `/_control`.
    pub fn router(&self) -> Router {
        Router::new().fallback(serve).with_state(self.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers a call and says what is to go wrong with it.
    fn arrived(&self, call: Call, path: &str) -> Option<Fault> {
        let mut shared = self.lock();
        if shared.calls.len() >= CALLS {
            shared.calls.pop_front();
        }
        shared.calls.push_back(call);
        shared.faults.take(path)
    }

    fn call(&self, parts: &Parts, body: &Bytes) -> Call {
        let text = |value: &header::HeaderValue| value.to_str().ok().map(str::to_owned);
        let headers = parts.headers.iter();
        Call {
            at: (self.clock)(),
            method: parts.method.to_string(),
            path: parts.uri.path_and_query().map_or_else(String::new, ToString::to_string),
            headers: headers.filter_map(|(name, value)| Some((name.to_string(), text(value)?))).collect(),
            body: body.to_vec(),
        }
    }
}

async fn serve(State(partner): State<AlterCpa>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LIMIT).await else {
        return Reply::html(413, "<html><body><h1>413 Request Entity Too Large</h1></body></html>").into_response();
    };
    let path = parts.uri.path();
    if let Some(name) = path.strip_prefix("/_control") {
        return control::answer(&partner, &parts, name.trim_matches('/'), &body).into_response();
    }
    let call = partner.call(&parts, &body);
    let params = call.params();
    let fault = partner.arrived(call, path);
    let handle = || {
        let now = (partner.clock)();
        dispatch::answer(&mut partner.lock().network, path, &params, now)
    };
    match fault {
        None => handle().into_response(),
        Some(fault) => fault.play(handle).await,
    }
}
