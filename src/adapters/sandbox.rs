//! The practice network inside the server: it takes leads, plays any outcome on request and promises the postback
//! that a real network would send later. A pure function of the request; the app delivers the promise.

use base64::Engine as _;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::base::exchange::{Request, Response};

/// Longest wait for a promised postback: a day.
const MAX_WAIT: u64 = 86_400;

/// A postback the sandbox will send.
#[derive(Clone, PartialEq, Eq)]
pub struct Promised {
    /// Our own postback URL, as the lead came with it.
    pub postback_url: String,
    /// From the answer on.
    pub after_seconds: u64,
    /// Parameters of the call, to be sent as a form.
    pub params: Vec<(String, String)>,
}

impl std::fmt::Debug for Promised {
    // The URL holds the network's secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Promised in {} s", self.after_seconds)
    }
}

/// Answers a lead of the `sandbox` template. The same request always gets the same answer.
pub fn answer(request: &Request) -> (Response, Option<Promised>) {
    let body: Value = match serde_json::from_slice(&request.body) {
        Ok(body @ Value::Object(_)) => body,
        _ => return (respond(400, &json!({ "outcome": "refused", "reason": "the body is no JSON object" })), None),
    };
    let text = |name: &str| match body.get(name) {
        Some(Value::String(text)) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let Some(id) = text("id") else {
        return (respond(422, &json!({ "outcome": "refused", "reason": "id is required" })), None);
    };
    let (status, answer) = match text("outcome").as_deref().unwrap_or("accepted") {
        "accepted" => {
            let external_id = external_id(&id);
            let answer = json!({
                "outcome": "accepted",
                "id": external_id,
                "redirect_url": format!("https://example.com/welcome/{external_id}"),
                "reason": null,
            });
            return (respond(200, &answer), promise(&id, &external_id, &text));
        }
        "refused" => (422, json!({ "outcome": "refused", "reason": "refused on request" })),
        "duplicate" => (409, json!({ "outcome": "duplicate", "reason": "the sandbox has this lead already" })),
        "no_capacity" => (422, json!({ "outcome": "no_capacity", "reason": "the cap of today is reached" })),
        "retry" => (503, json!({ "outcome": "retry", "reason": "try again later" })),
        "unknown" => (500, json!({ "outcome": "unknown", "reason": "the sandbox broke on request" })),
        "misconfigured" => (401, json!({ "outcome": "misconfigured", "reason": "the key is wrong" })),
        _ => (422, json!({ "outcome": "refused", "reason": "the sandbox does not know this outcome" })),
    };
    (respond(status, &answer), None)
}

/// Their id of a lead: stable, so that a repeat is recognised.
fn external_id(id: &str) -> String {
    let hash = Sha256::digest(format!("sandbox lead {id}").as_bytes());
    let code = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(hash);
    format!("sbx-{}", code.chars().filter(char::is_ascii_alphanumeric).take(12).collect::<String>())
}

fn promise(id: &str, external_id: &str, text: &impl Fn(&str) -> Option<String>) -> Option<Promised> {
    let postback_url = text("postback_url")?;
    let status = text("then_status").filter(|status| status != "none")?;
    let wait = text("then_after_seconds").and_then(|text| text.parse::<f64>().ok()).unwrap_or(2.0);
    // A cast of a float saturates, and NaN becomes 0.
    let after_seconds = (wait.max(0.0) as u64).min(MAX_WAIT);
    let mut params = vec![
        ("id".to_owned(), id.to_owned()),
        ("external_id".to_owned(), external_id.to_owned()),
        ("status".to_owned(), status),
    ];
    for name in ["payout", "currency"] {
        params.extend(text(name).map(|value| (name.to_owned(), value)));
    }
    Some(Promised { postback_url, after_seconds, params })
}

fn respond(status: u16, body: &Value) -> Response {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Response { status, headers, body: body.to_string().into_bytes(), is_cut: false }
}
