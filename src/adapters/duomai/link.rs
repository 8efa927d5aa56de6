//! "Sending" a lead: a promotion link with our id in it.

use std::time::Duration;

use serde_json::{Map, Value, json};
use url::Url;

use super::{gateway, no_answer, param, setting};
use crate::adapters::{SendCx, Step};
use crate::base::exchange::{Answer, Request};
use crate::domain::outcome::{Accepted, Outcome};
use crate::domain::retry;

/// Not enough promotion resources: asked again after this.
const SLOW: Duration = Duration::from_secs(2 * 3600);
/// Too many calls: asked again after this, unless they say when.
const BUSY: Duration = Duration::from_secs(60);

/// Our id as their feedback tag: letters and digits only, at most 40; so without hyphens.
pub fn euid(lead_id: &str) -> String {
    lead_id.chars().filter(char::is_ascii_alphanumeric).take(40).collect()
}

/// The call that makes the link.
pub(super) fn request(cx: &SendCx<'_>) -> Result<Request, Outcome> {
    let (plan, page) = (param(cx.params, "duomai"), param(cx.params, "duomai-url"));
    if plan.is_none() && page.is_none() {
        let reason = format!("the offer {} has neither the parameter duomai nor duomai-url", cx.lead.offer);
        return Err(Outcome::Misconfigured { reason });
    }
    // 302 instead of a page with a script: whoever follows the link may be a server.
    let ext = match euid(&cx.lead.id) {
        // A link for a list of offers: nobody's yet.
        nobody if nobody.is_empty() => json!({ "js": 0 }),
        euid => json!({ "euid": euid, "js": 0 }),
    };
    let mut body = Map::new();
    body.insert("site_id".into(), Value::from(setting(cx.settings, "app_key")));
    body.extend(plan.map(|plan| ("ads_id".to_owned(), Value::from(plan))));
    body.extend(page.map(|page| ("url".to_owned(), Value::from(page))));
    body.insert("ext".into(), ext);
    gateway::request(cx.settings, gateway::LINK, &Value::Object(body), cx.now)
        .map_err(|reason| Outcome::Misconfigured { reason })
}

/// What the answer to it means.
pub(super) fn judge(cx: &SendCx<'_>, answer: &Answer) -> Outcome {
    let response = match answer {
        Ok(response) => response,
        Err(error) => return no_answer(error),
    };
    match gateway::read(response) {
        gateway::Said::Data(data) => match web_address(data.get("url")) {
            Some(url) => Outcome::Accepted(Accepted {
                redirect_url: Some(url),
                message: Some("a promotion link was made; orders will follow".into()),
                ..Accepted::default()
            }),
            None => Outcome::Unknown { reason: "the answer holds no link".into() },
        },
        gateway::Said::Error(status, words) => {
            let reason = gateway::explain(status, &words);
            let after = response.header("retry-after").and_then(|value| retry::parse_retry_after(value, cx.now));
            match status {
                429 => Outcome::Retry { reason, after: after.or(Some(BUSY)) },
                500 | 5000..=5999 => Outcome::Retry { reason, after },
                4001 => Outcome::NoCapacity { reason, after: Some(SLOW) },
                // Key, plan, media: a person must act, at Duomai or here. No lead is spent on it.
                _ => Outcome::Misconfigured { reason },
            }
        }
        gateway::Said::Nonsense(reason) if response.status >= 500 => Outcome::Retry { reason, after: None },
        gateway::Said::Nonsense(reason) => Outcome::Unknown { reason },
    }
}

/// The end of a send with a short link: without one the long link serves as well.
pub(super) fn shortened(step: &Step, answer: &Answer) -> Outcome {
    let long = step.state.get("url").and_then(Value::as_str).map(str::to_owned);
    let short = answer.as_ref().ok().and_then(|response| match gateway::read(response) {
        gateway::Said::Data(Value::String(url)) => web_address(Some(&Value::from(url))),
        gateway::Said::Data(data) => ["short_url", "url"].iter().find_map(|key| web_address(data.get(*key))),
        _ => None,
    });
    let message = match short {
        Some(_) => "a short promotion link was made; orders will follow",
        None => "a promotion link was made, but no short one; orders will follow",
    };
    Outcome::Accepted(Accepted { redirect_url: short.or(long), message: Some(message.into()), ..Accepted::default() })
}

fn web_address(value: Option<&Value>) -> Option<String> {
    let text = value?.as_str()?.trim();
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && text.len() <= 4096).then(|| url.to_string())
}
