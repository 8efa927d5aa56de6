//! The first six steps of a new installation, each with the call that does it, ticked by what exists.

use super::texts::{Text, say};
use crate::db::screen_overview::Steps;

/// One step.
#[derive(Debug)]
pub struct Step {
    pub is_done: bool,
    pub title: Text,
    pub text: Text,
    /// A page that does it, and its label.
    pub link: Option<(&'static str, Text)>,
    /// The call that does it.
    pub curl: Option<String>,
}

/// The steps in their order.
pub fn list(there: Steps, public_url: &str) -> Vec<Step> {
    let base = public_url.trim_end_matches('/');
    let post = |path: &str, token: &str, body: &str| {
        format!(
            "curl -X POST {base}/api/v1/{path} \\\n  -H \"Authorization: Bearer ${token}\" \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'"
        )
    };
    let admin = |path: &str, body: &str| post(path, "ADMIN_TOKEN", body);
    vec![
        Step { is_done: true, title: say("step-link"), text: say("step-link-text"), link: None, curl: None },
        Step {
            is_done: there.network,
            title: say("step-network"),
            text: say("step-network-text"),
            link: Some(("/networks/new", say("step-network-link"))),
            curl: Some(admin("networks", r#"{"slug": "sandbox", "integration": "sandbox"}"#)),
        },
        Step {
            is_done: there.offer,
            title: say("step-offer"),
            text: say("step-offer-text"),
            link: Some(("/offers/new", say("offers-new"))),
            curl: Some(admin(
                "offers",
                r#"{"slug": "first-offer", "payout": "10", "revenue": "15", "currency": "USD"}"#,
            )),
        },
        Step {
            is_done: there.webmaster,
            title: say("step-webmaster"),
            text: say("step-webmaster-text"),
            link: Some(("/webmasters/new", say("webmasters-new"))),
            curl: Some(format!(
                "{}\n\n{}",
                admin("webmasters", r#"{"slug": "first-webmaster"}"#),
                admin("webmasters/first-webmaster/tokens", "{}")
            )),
        },
        Step {
            is_done: there.route,
            title: say("step-route"),
            text: say("step-route-text"),
            link: None,
            curl: Some(admin("routes", r#"{"offer": "first-offer", "network": "sandbox"}"#)),
        },
        Step {
            is_done: there.lead,
            title: say("step-lead"),
            text: say("step-lead-text"),
            link: None,
            curl: Some(post(
                "leads?wait=10",
                "WEBMASTER_TOKEN",
                r#"{"offer": "first-offer", "name": "Ann Example", "phone": "+4915112345678"}"#,
            )),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::routes::TABLE;

    #[test]
    fn steps_are_ticked_by_what_exists() {
        let done = |there| list(there, "https://x.example/").iter().filter(|step| step.is_done).count();
        assert_eq!(done(Steps::default()), 1);
        let all = Steps { network: true, offer: true, webmaster: true, route: true, lead: true, accepted: true };
        assert_eq!(done(all), 6);
    }

    #[test]
    fn every_call_is_one_of_the_api_with_a_body_that_reads() {
        for step in list(Steps::default(), "https://x.example/") {
            for call in step.curl.iter().flat_map(|curl| curl.split("\n\n")) {
                let path = call.split_whitespace().nth(3).unwrap().trim_start_matches("https://x.example");
                let path = path.split('?').next().unwrap().replace("first-webmaster", "{id}");
                assert!(TABLE.iter().any(|(method, known, _)| *method == "POST" && *known == path), "{path}");
                let body = call.split("-d '").nth(1).unwrap().trim_end_matches('\'');
                assert!(serde_json::from_str::<serde_json::Value>(body).unwrap().is_object());
            }
        }
    }
}
