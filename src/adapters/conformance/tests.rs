//! The conformance suite: runs by itself over every integration there is.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::adapters::{Registry, SharedAdapter};
use crate::base::exchange::{Answer, Response, TransportError, TransportKind};

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::load(None).unwrap());

fn all() -> impl Iterator<Item = &'static SharedAdapter> {
    REGISTRY.iter()
}

#[test]
fn every_recorded_case_holds() {
    let mut wrong = Vec::new();
    for adapter in all() {
        for result in run_cases(adapter.as_ref()) {
            for complaint in result.complaints {
                wrong.push(format!("{} / {}: {complaint}", adapter.about().id, result.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a lead is sent anywhere at all.
fn calls_a_partner(adapter: &SharedAdapter) -> bool {
    adapter.about().id != "inhouse"
}

#[test]
fn every_integration_has_the_cases_that_matter() {
    for adapter in all().filter(|adapter| calls_a_partner(adapter)) {
        let id = &adapter.about().id;
        let has = |test: &dyn Fn(&Case) -> bool| adapter.cases().iter().any(test);
        let says = |word: &'static str| move |case: &Case| case.expect.outcome.as_deref() == Some(word);
        assert!(has(&says("accepted")), "{id}: accepted");
        // Duomai makes a link for whoever asks; nothing is refused for the lead's sake.
        assert!(has(&says("refused")) || id == "duomai", "{id}: refused");
        assert!(has(&says("retry")), "{id}: temporary");
        let is_lost = |case: &Case| {
            case.answer.as_ref().is_some_and(|it| it.transport.is_some() && it.may_have_arrived)
                && case.expect.outcome.as_deref() == Some("unknown")
        };
        assert!(has(&is_lost), "{id}: time-out after the send");
        let is_garbage = |case: &Case| {
            case.answer.as_ref().is_some_and(|it| {
                it.transport.is_none()
                    && serde_json::from_str::<Value>(&it.body).is_err()
                    && (200..300).contains(&it.status)
            }) && case.expect.outcome.as_deref() == Some("unknown")
        };
        assert!(has(&is_garbage), "{id}: garbage");
        assert!(has(&|case: &Case| case.request.is_some()), "{id}: a request");
        assert!(has(&|case: &Case| case.inbound.is_some()), "{id}: a call to us");
        assert_eq!(has(&|case: &Case| case.poll.is_some()), adapter.about().has_poll, "{id}: a poll");
    }
}

/// Settings with a recognisable value in every secret.
fn with_secrets(adapter: &SharedAdapter) -> (Map<String, Value>, Vec<String>) {
    let mut settings = settings_of(adapter.about(), &Case::default());
    let mut secrets = Vec::new();
    for setting in adapter.about().settings.iter().filter(|setting| setting.is_secret()) {
        let secret = format!("s3cret/ü&\"-{}", setting.name);
        settings.insert(setting.name.clone(), Value::from(secret.clone()));
        secrets.push(secret);
    }
    (settings, secrets)
}

#[test]
fn no_secret_stays_visible_when_the_listed_ones_are_hidden() {
    for adapter in all() {
        let (mut settings, _) = with_secrets(adapter);
        if adapter.about().settings.iter().any(|setting| setting.name == "status_url") {
            settings.insert("status_url".into(), Value::from("https://partner.example/status"));
        }
        let (lead, params) = (case::sample_lead(), case::sample_params(adapter.about()));
        let cx = case::send_cx(&lead, &settings, &params);
        let leads = [Asked { id: lead.id.clone(), number: lead.number, external_id: Some("x-1".into()) }];
        let feeds = adapter.feeds(&settings);
        let polls = feeds.iter().filter_map(|feed| adapter.poll(&case::poll_cx(&settings, &feed.name, &leads)).ok());
        let sends = [adapter.send(&cx).ok(), adapter.lookup(&cx)];
        for request in sends.into_iter().flatten().chain(polls) {
            let headers: Vec<String> = request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            let mut text =
                format!("{}\n{}\n{}", request.url, headers.join("\n"), String::from_utf8_lossy(&request.body));
            for secret in &request.secrets {
                text = text.replace(secret, "***");
            }
            assert!(!text.contains("s3cret"), "{}: {text}", adapter.about().id);
            assert!(!text.contains("samplesecret"), "{}: {text}", adapter.about().id);
        }
    }
}

#[test]
fn every_setting_is_used() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/integrations");
    for adapter in all() {
        let id = &adapter.about().id;
        let Ok(text) = std::fs::read_to_string(folder.join(format!("{id}.toml"))) else { continue };
        let rest: String = text.lines().filter(|line| !line.starts_with("name = ")).collect::<Vec<_>>().join("\n");
        for setting in &adapter.about().settings {
            let name = &setting.name;
            let used = rest.contains(&format!("settings.{name}")) || rest.contains(&format!("= \"{name}\""));
            assert!(used, "{id}: {name}");
            assert!(!setting.help.is_empty() && !setting.title.is_empty(), "{id}: {name} needs words");
        }
    }
}

#[test]
fn the_example_of_the_documentation_is_true() {
    let page = include_str!("../../../docs/ADAPTERS.md");
    let start = page.find("[about]\nid = \"acme\"").unwrap();
    let text = &page[start..start + page[start..].find("```").unwrap()];
    let recipe = crate::adapters::recipe::Recipe::parse("acme.toml", text).unwrap();
    for result in run_cases(&recipe) {
        assert_eq!(result.complaints, Vec::<String>::new());
    }
    let wrong = text.replace("goods = \"{{ params.acme }}\"", "tel = \"{{ lead.fone }}\"");
    let errors = crate::adapters::recipe::Recipe::parse("acme.toml", &wrong).unwrap_err();
    assert!(page.contains(&errors[0].to_string()), "{}", errors[0]);
}

#[test]
fn the_same_page_gives_the_same_reports() {
    for adapter in all() {
        for case in adapter.cases().iter().filter(|case| case.poll.is_some() && !case.expect.error) {
            let settings = settings_of(adapter.about(), case);
            let cx = case::poll_cx(&settings, case.feed.as_deref().unwrap_or("open"), &[]);
            let page = case.answer.as_ref().unwrap().answer().unwrap();
            assert_eq!(adapter.read_page(&cx, &page).unwrap().reports, adapter.read_page(&cx, &page).unwrap().reports);
        }
    }
}

#[test]
fn what_surely_did_not_arrive_is_tried_again_and_what_may_have_is_not() {
    for adapter in all().filter(|adapter| calls_a_partner(adapter)) {
        let settings = settings_of(adapter.about(), &Case::default());
        let (lead, params) = (case::sample_lead(), case::sample_params(adapter.about()));
        let cx = case::send_cx(&lead, &settings, &params);
        for kind in TransportKind::ALL.iter().filter(|kind| **kind != TransportKind::Blocked) {
            for may_have_arrived in [false, true] {
                let answer = Err(TransportError { kind: *kind, may_have_arrived, detail: String::new() });
                let Next::Finish(outcome) = adapter.next(&cx, &Step::default(), &answer) else { continue };
                let expected = if may_have_arrived { "unknown" } else { "retry" };
                assert_eq!(outcome.word(), expected, "{}: {kind}", adapter.about().id);
            }
        }
    }
}

#[test]
fn an_empty_lead_makes_no_panic_and_no_broken_template() {
    for adapter in all() {
        let (lead, params) = (LeadView::default(), case::sample_params(adapter.about()));
        let settings = settings_of(adapter.about(), &Case::default());
        let sent = adapter.send(&case::send_cx(&lead, &settings, &params));
        assert!(!matches!(sent, Err(Outcome::Misconfigured { .. })), "{}: {sent:?}", adapter.about().id);
    }
}

fn any_answer() -> impl Strategy<Value = Answer> {
    let json = prop_oneof![
        Just("{".to_owned()),
        "\\{\"(id|status|data|reason|url|outcome)\":(\\[\\]|\\{\\}|null|-1|1e99|\"[^\"\\\\]{0,9}\"|\\{\"id\":\\[1\\]\\})\\}",
        "\\[(\\{\"id\":\"[a-f0-9]{1,8}\",\"payout\":\"[0-9.,eE+-]{0,30}\"\\},?){0,3}\\]",
    ];
    let body = prop_oneof![any::<Vec<u8>>(), json.prop_map(String::into_bytes)];
    let headers = proptest::collection::vec((Just("retry-after".to_owned()), any::<String>()), 0..2);
    (any::<u16>(), headers, body, any::<bool>())
        .prop_map(|(status, headers, body, is_cut)| Ok(Response { status, headers, body, is_cut }))
}

proptest! {
    #[test]
    fn no_answer_makes_a_panic(answer in any_answer()) {
        for adapter in all() {
            let mut settings = settings_of(adapter.about(), &Case::default());
            settings.insert("status_url".into(), Value::from("https://partner.example/status"));
            let (lead, params) = (case::sample_lead(), case::sample_params(adapter.about()));
            let cx = case::send_cx(&lead, &settings, &params);
            let _ = adapter.next(&cx, &Step::default(), &answer);
            let _ = adapter.read_lookup(&cx, &answer);
            if let Ok(response) = &answer {
                for feed in adapter.feeds(&settings) {
                    let _ = adapter.read_page(&case::poll_cx(&settings, &feed.name, &[]), response);
                }
            }
        }
    }

    #[test]
    fn no_call_makes_a_panic_or_a_lost_report(
        params in proptest::collection::btree_map(
            "(id|oid|eid|status|payout|currency|sta|stc|goal|comment|reason|transaction_id|[a-z]{1,5})", any::<String>(), 0..8),
        body in any::<Vec<u8>>(),
    ) {
        for adapter in all() {
            let call = InboundCall { method: "POST".into(), params: params.clone(), body: body.clone(), headers: Vec::new() };
            let inbound = adapter.inbound(&Map::new(), &call);
            prop_assert!(!inbound.is_ok_and(|it| it.reports.is_empty() && it.answer.is_none()));
            for text in params.values() {
                let _ = adapter.status_of(text);
            }
        }
    }

    #[test]
    fn no_value_of_a_lead_breaks_out_of_its_place(text in any::<String>()) {
        for adapter in all() {
            let settings = settings_of(adapter.about(), &Case::default());
            let mut lead = case::sample_lead();
            lead.name = Some(text.clone());
            lead.phone = Some(text.clone());
            lead.meta.insert("k".into(), Value::from(text.clone()));
            let params = case::sample_params(adapter.about());
            let cx = case::send_cx(&lead, &settings, &params);
            let Ok(request) = adapter.send(&cx) else { continue };
            let plain = adapter.send(&case::send_cx(&case::sample_lead(), &settings, &params)).unwrap();
            prop_assert_eq!(request.url.host_str(), plain.url.host_str());
            prop_assert!(request.headers.iter().all(|(_, value)| !value.chars().any(char::is_control)));
            match serde_json::from_slice::<Value>(&request.body) {
                Ok(json) => {
                    let has_name = serde_json::from_slice::<Value>(&plain.body).is_ok_and(|it| it.get("name").is_some());
                    let is_kept = json.get("name") == Some(&Value::from(text.clone()));
                    prop_assert!(!has_name || text.is_empty() || is_kept);
                }
                Err(_) => {
                    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(&request.body).into_owned().collect();
                    let name = pairs.iter().find(|(key, _)| key == "name").map(|(_, value)| value.clone());
                    prop_assert_eq!(name.unwrap_or_default(), text.clone());
                }
            }
        }
    }
}
