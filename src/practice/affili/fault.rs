//! Faults on request: what a call does instead of, or after, its work.

use std::time::Duration;

use super::call::Call;

/// The fault of one call. Those that come *after storing* leave the state changed while the caller sees a failure: a
/// caller that resends without care makes a second conversion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This answer instead; nothing is stored.
    Status {
        /// HTTP status.
        status: u16,
        /// Further headers, `content-type` among them.
        headers: Vec<(String, String)>,
        /// As sent.
        body: String,
    },
    /// Does the work, and answers after this time. Affili's own client waits 15 s.
    Slow(Duration),
    /// Does the work, then breaks the connection within the answer. Where HTTP 200 is seen at all, no body and no
    /// end of the body follows.
    DropAfterStoring,
    /// The same for the caller, but nothing is stored.
    DropBeforeStoring,
    /// Does the work, then a gateway in front answers 502 with HTML.
    BadGatewayAfterStoring,
    /// Does the work, and answers HTTP 200 with the first half of the JSON.
    TruncatedJson,
    /// HTTP 200 with an HTML page; nothing is stored.
    HtmlPage,
    /// HTTP 200 whose envelope has the status `error`; nothing is stored.
    NotOk {
        /// The field of `errors`.
        field: String,
        /// What is wrong with it.
        message: String,
    },
}

impl Fault {
    /// HTTP 500 with a JSON envelope.
    pub fn server_error() -> Self {
        let body = r#"{"status":"error","tag":"server","errors":{"server":["Server Error"]},"api_version":"1.0.0"}"#;
        Self::status(500, body)
    }

    /// HTTP 502 with the HTML page of a gateway.
    pub fn bad_gateway() -> Self {
        let headers = vec![("content-type".to_owned(), "text/html".to_owned())];
        Self::Status { status: 502, headers, body: BAD_GATEWAY.to_owned() }
    }

    /// HTTP 429 with `Retry-After`.
    pub fn too_many_requests(retry_after_seconds: u32) -> Self {
        let body = r#"{"status":"error","errors":{"rate":["Too Many Attempts."]},"api_version":"1.0.0"}"#;
        let json = ("content-type".to_owned(), "application/json".to_owned());
        let headers = vec![json, ("retry-after".to_owned(), retry_after_seconds.to_string())];
        Self::Status { status: 429, headers, body: body.to_owned() }
    }

    /// An HTTP status with a body, JSON by its header.
    pub fn status(status: u16, body: &str) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self::Status { status, headers, body: body.to_owned() }
    }

    /// HTTP 200 with `status` error.
    pub fn not_ok() -> Self {
        Self::NotOk { field: "referrer".to_owned(), message: "cannot be served now".to_owned() }
    }
}

/// The page of a gateway that got no answer.
pub(super) const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
    <center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

/// A fault that waits for its calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedFault {
    /// Start of the path (`/services`), or of method and path (`POST /services`). Empty: any call.
    pub path_prefix: String,
    /// What happens.
    pub fault: Fault,
    /// To how many calls yet.
    pub times: u32,
}

impl PlannedFault {
    fn is_for(&self, call: &Call) -> bool {
        call.path.starts_with(&self.path_prefix)
            || format!("{} {}", call.method, call.path).starts_with(&self.path_prefix)
    }
}

/// Takes the fault of a call, if one is planned: the one planned first.
pub(super) fn take(planned: &mut Vec<PlannedFault>, call: &Call) -> Option<Fault> {
    planned.retain(|planned| planned.times > 0);
    let found = planned.iter_mut().find(|planned| planned.is_for(call))?;
    found.times -= 1;
    let fault = found.fault.clone();
    planned.retain(|planned| planned.times > 0);
    Some(fault)
}
