//! What an error of the HTTP library means for us. The question that costs money if it is answered wrongly:
//! may anything of the request have arrived? `false` only where no connection was ever handed the request.

use std::error::Error;
use std::io;

use crate::base::exchange::{TransportError, TransportKind};

use super::flight::ConnectTimedOut;
use super::resolve::ResolveError;

/// Reads an error of sending the request or of reading the answer.
pub(super) fn read(error: &reqwest::Error) -> TransportError {
    let chain = chain(error);
    if error.is_builder() {
        return failed(TransportKind::Protocol, false, "the request cannot be written as HTTP");
    }
    match find::<ResolveError>(&chain) {
        Some(ResolveError::Refused(refusal)) => return failed(TransportKind::Blocked, false, refusal.detail()),
        Some(other) => return failed(TransportKind::Dns, false, other.to_string()),
        None => {}
    }
    if error.is_connect() { before_sending(error, &chain) } else { after_sending(error, &chain) }
}

/// The guard refused the target before anything was resolved.
pub(super) fn refused(refusal: super::guard::Refusal) -> TransportError {
    failed(TransportKind::Blocked, false, refusal.detail())
}

/// A failure with its reason in our words.
pub(super) fn failed(kind: TransportKind, may_have_arrived: bool, detail: impl Into<String>) -> TransportError {
    TransportError { kind, may_have_arrived, detail: detail.into() }
}

fn before_sending(error: &reqwest::Error, chain: &[&(dyn Error + 'static)]) -> TransportError {
    if error.is_dns() {
        return failed(TransportKind::Dns, false, "the name does not resolve");
    }
    if find::<ConnectTimedOut>(chain).is_some() || error.is_timeout() {
        return failed(TransportKind::Timeout, false, "no connection in time");
    }
    if let Some(tls) = find::<rustls::Error>(chain) {
        return failed(TransportKind::Tls, false, short("no secure connection", &tls.to_string()));
    }
    // The connector names its TCP errors; any other I/O error comes from the handshake.
    let is_tcp = chain.iter().any(|error| error.to_string().starts_with("tcp "));
    let io = find::<io::Error>(chain);
    match io {
        Some(io) if !is_tcp => failed(TransportKind::Tls, false, short("no secure connection", &io.kind().to_string())),
        Some(io) => failed(TransportKind::Connect, false, short("no connection", &io.kind().to_string())),
        None => failed(TransportKind::Connect, false, "no connection"),
    }
}

fn after_sending(error: &reqwest::Error, chain: &[&(dyn Error + 'static)]) -> TransportError {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof};
    if let Some(tls) = find::<rustls::Error>(chain) {
        return failed(TransportKind::Tls, true, short("the secure connection broke", &tls.to_string()));
    }
    if error.is_timeout() {
        return failed(TransportKind::Timeout, true, "no answer in time");
    }
    let http = find::<hyper::Error>(chain);
    if http.is_some_and(hyper::Error::is_parse) {
        return failed(TransportKind::Protocol, true, "the answer is not HTTP");
    }
    let is_cut = http.is_some_and(|http| http.is_incomplete_message() || http.is_canceled() || http.is_closed());
    let io = find::<io::Error>(chain).map(io::Error::kind);
    // A compressed body that ends early on a whole connection is a broken encoding, not a broken connection.
    let is_gone = match io {
        Some(UnexpectedEof) => http.is_some(),
        Some(kind) => matches!(kind, BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected),
        None => false,
    };
    if is_cut || is_gone {
        return failed(TransportKind::Reset, true, "the connection was closed before the answer was complete");
    }
    if error.is_decode() {
        return failed(TransportKind::Protocol, true, "the answer's encoding is broken");
    }
    failed(TransportKind::Reset, true, "the connection broke")
}

fn short(what: &str, why: &str) -> String {
    let why: String = why.chars().filter(|c| !c.is_control()).take(160).collect();
    format!("{what}: {why}")
}

/// The error and all its causes, looking also into I/O errors, which hide what they wrap.
fn chain(error: &reqwest::Error) -> Vec<&(dyn Error + 'static)> {
    let mut chain: Vec<&(dyn Error + 'static)> = vec![error];
    // A chain is short; the bound is for an error that names itself as its cause.
    while chain.len() < 32 {
        let Some(last) = chain.last().copied() else { break };
        let wrapped = last.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        match wrapped.map(|inner| inner as &(dyn Error + 'static)).or_else(|| last.source()) {
            Some(next) => chain.push(next),
            None => break,
        }
    }
    chain
}

fn find<'a, E: Error + 'static>(chain: &[&'a (dyn Error + 'static)]) -> Option<&'a E> {
    chain.iter().find_map(|error| error.downcast_ref::<E>())
}
