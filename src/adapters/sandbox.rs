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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, json};

    use super::*;
    use crate::adapters::{Next, Registry, Step, case, with_defaults};

    /// A lead through the template, the sandbox and the template's judgement.
    fn play(settings: Value, meta: Value) -> (String, Option<Promised>) {
        let registry = Registry::load(None).unwrap();
        let adapter = registry.get("sandbox").unwrap();
        let settings = with_defaults(adapter.about(), settings.as_object().unwrap(), &Map::new());
        let mut lead = case::sample_lead();
        lead.meta = meta.as_object().unwrap().clone();
        let params = Map::new();
        let cx = case::send_cx(&lead, &settings, &params);
        let request = adapter.send(&cx).unwrap();
        assert_eq!(answer(&request), answer(&request));
        let (response, promised) = answer(&request);
        match adapter.next(&cx, &Step::default(), &Ok(response)) {
            Next::Finish(outcome) => (outcome.word().to_owned(), promised),
            Next::Call(..) => panic!("no further call"),
        }
    }

    #[test]
    fn every_outcome_can_be_asked_for() {
        for (wish, expected) in [
            ("accepted", "accepted"),
            ("refused", "refused"),
            ("duplicate", "refused"),
            ("no_capacity", "no_capacity"),
            ("retry", "retry"),
            ("unknown", "unknown"),
            ("misconfigured", "misconfigured"),
        ] {
            let (word, promised) = play(json!({ "outcome": wish }), json!({}));
            assert_eq!(word, expected);
            assert_eq!(promised.is_some(), wish == "accepted", "{wish}");
            assert_eq!(play(json!({ "outcome": "refused" }), json!({ "sandbox": wish })).0, expected);
        }
        assert_eq!(play(json!({}), json!({ "sandbox": "nonsense" })).0, "refused");
    }

    #[test]
    fn an_accepted_lead_is_promised_its_postback() {
        let settings = json!({ "then_after_seconds": 30, "payout": "7.50", "currency": "USD" });
        let promised = play(settings, json!({ "sandbox_status": "hold" })).1.unwrap();
        assert_eq!((promised.postback_url.as_str(), promised.after_seconds), (case::SAMPLE_POSTBACK_URL, 30));
        let get = |name: &str| promised.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        assert_eq!(get("id"), Some("0198c0de-0000-7000-8000-000000000001"));
        assert_eq!((get("status"), get("payout"), get("currency")), (Some("hold"), Some("7.50"), Some("USD")));
        assert!(get("external_id").unwrap().starts_with("sbx-"));
        assert_eq!(play(json!({ "then_status": "" }), json!({})).1, None);
        assert_eq!(play(json!({}), json!({ "sandbox_status": "none" })).1, None);
        assert_eq!(play(json!({}), json!({})).1.unwrap().after_seconds, 2);
    }

    proptest! {
        #[test]
        fn no_request_makes_a_panic(body in any::<Vec<u8>>(), wait in any::<f64>()) {
            let request = |body: Vec<u8>| Request {
                method: crate::base::exchange::Method::Post,
                url: url::Url::parse("sandbox://network/leads").unwrap(),
                headers: Vec::new(),
                body,
                secrets: Vec::new(),
            };
            prop_assert!(answer(&request(body)).0.status >= 400);
            let body = json!({ "id": "1", "postback_url": "x", "then_status": "a", "then_after_seconds": wait });
            let promised = answer(&request(body.to_string().into_bytes())).1;
            prop_assert!(promised.is_some_and(|it| it.after_seconds <= 86_400));
        }
    }
}
