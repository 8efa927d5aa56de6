//! Template files: any text is refused with a key and a reason, or loads and does the same thing each time. What it makes
//! is a request that can be sent; its secrets show in no record; its cases run; and an answer that is no 2xx is accepted
//! only if the file has a rule that accepts.
//!
//! The input: the file, whose id must be `x`.

#![no_main]

use std::time::Duration;

use leadrelay::adapters::recipe::{Recipe, TemplateError};
use leadrelay::adapters::{Adapter, Asked, Next, SendCx, Step, case, conformance, with_defaults};
use leadrelay::base::exchange::{Answer, Exchange, Request, Response, TransportError, TransportKind};
use leadrelay::domain::outcome::Outcome;
use leadrelay::net::record::record;
use serde_json::{Map, Value};

/// Needs each of the encodings, and stands in no file by chance.
const SECRET: &str = "c4n4ry/7f 3a+9e\"\u{e9}";

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let recipe = match (Recipe::parse("x.toml", text), Recipe::parse("x.toml", text)) {
        (Ok(recipe), Ok(_)) => recipe,
        (Err(errors), Err(again)) => {
            let shown = |errors: &[TemplateError]| errors.iter().map(ToString::to_string).collect::<Vec<_>>();
            assert_eq!(shown(&errors), shown(&again), "read twice");
            assert!(!errors.is_empty());
            return assert!(
                errors.iter().all(|error| error.file == "x.toml" && !error.key.is_empty() && !error.reason.is_empty())
            );
        }
        _ => panic!("read twice, loads once"),
    };
    let about = recipe.about();
    let mut settings = with_defaults(about, &case::all_settings(about), &Map::new());
    for setting in about.settings.iter().filter(|setting| setting.is_secret()) {
        settings.insert(setting.name.clone(), SECRET.into());
    }
    let _ = (recipe.check(&settings), recipe.resend(&settings));

    let (lead, params) = (case::sample_lead(), Map::new());
    let cx = case::send_cx(&lead, &settings, &params);
    let sent = recipe.send(&cx);
    assert_eq!(sent, recipe.send(&cx), "made twice");
    let leads = [Asked { id: lead.id.clone(), number: lead.number, external_id: Some("x-1".into()) }];
    let feeds = recipe.feeds(&settings);
    let polls = feeds.iter().filter_map(|feed| recipe.poll(&case::poll_cx(&settings, &feed.name, &leads)).ok());
    for request in sent.into_iter().chain(recipe.lookup(&cx)).chain(polls) {
        can_be_sent(&request);
        hides_its_secrets(request);
    }
    let accepts = text.contains("accepted");
    answers().iter().for_each(|answer| judges(&recipe, &cx, answer, accepts));

    let results = || serde_json::to_value(conformance::run_cases(&recipe)).expect("results are JSON");
    assert_eq!(results(), results(), "cases run twice");
});

fn can_be_sent(request: &Request) {
    assert!(matches!(request.url.scheme(), "http" | "https" | "sandbox"), "{}", request.url);
    assert!(request.url.host_str().is_some_and(|host| !host.is_empty()));
    for (name, value) in &request.headers {
        assert!(name.bytes().all(|byte| byte.is_ascii_graphic() && !byte.is_ascii_uppercase()), "{name:?}");
        assert!(value.is_ascii() && !value.chars().any(char::is_control), "{name}: {value:?}");
    }
    assert!(request.headers.iter().all(|(name, _)| !matches!(name.as_str(), "host" | "content-length" | "connection")));
    let is_json = request.headers.iter().any(|header| *header == ("content-type".into(), "application/json".into()));
    assert!(!is_json || serde_json::from_slice::<Value>(&request.body).is_ok());
}

fn hides_its_secrets(request: Request) {
    let body = request.body.clone();
    let answer = Ok(Response { status: 200, headers: Vec::new(), body, is_cut: false });
    let record = record(&Exchange { request, answer, remote_ip: None, took: Duration::ZERO });
    for text in [record.request, record.response] {
        for form in
            [SECRET, "c4n4ry%2F7f%203a%2B9e%22%C3%A9", "c4n4ry%2F7f+3a%2B9e%22%C3%A9", "c4n4ry/7f 3a+9e\\\"\u{e9}"]
        {
            assert!(!text.contains(form), "{text}");
        }
    }
}

fn judges(recipe: &Recipe, cx: &SendCx<'_>, answer: &Answer, accepts: bool) {
    let outcome = || match recipe.next(cx, &Step::default(), answer) {
        Next::Finish(outcome) => outcome,
        Next::Call(..) => panic!("a template file makes one call"),
    };
    assert_eq!(outcome(), outcome(), "judged twice");
    assert!(accepts || !matches!(outcome(), Outcome::Accepted(_)), "no rule accepts");
    let _ = recipe.read_lookup(cx, answer);
    if let Ok(response) = answer {
        for feed in recipe.feeds(cx.settings) {
            let _ = recipe.read_page(&case::poll_cx(cx.settings, &feed.name, &[]), response);
        }
    }
}

fn answers() -> Vec<Answer> {
    let said = |status, body: &str| {
        Ok(Response { status, headers: Vec::new(), body: body.as_bytes().to_vec(), is_cut: false })
    };
    let lost = |kind, may_have_arrived| Err(TransportError { kind, may_have_arrived, detail: "fuzzed".into() });
    vec![
        said(200, "{\"status\":\"ok\",\"id\":\"7\",\"items\":[{\"id\":\"7\",\"status\":\"hold\",\"payout\":\"1,5\"}]}"),
        said(200, "[{\"id\":1001,\"status\":\"x\"}]"),
        said(302, ""),
        said(422, "{\"reason\":\"no\"}"),
        said(500, "<html>"),
        lost(TransportKind::Timeout, true),
        lost(TransportKind::Connect, false),
    ]
}
