//! Wrong files are refused with file, key and reason; right ones do what docs/ADAPTERS.md says.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::adapters::{LeadView, case};
use crate::base::exchange::{Method, TransportError, TransportKind};

/// A small right file; `extra` is put before `[send]`, `fields` into it.
fn file(extra: &str, fields: &str) -> String {
    format!(
        r#"
{extra}
[about]
id = "x"
title = "X"
group = "network"
confidence = "guessed"
[[setting]]
name = "host"
title = "Host"
kind = "url"
required = true
[[setting]]
name = "key"
title = "Key"
kind = "secret"
[send]
method = "POST"
url = "{{{{ settings.host }}}}/leads"
body = "json"
{fields}
"#
    )
}

fn send(text: &str, lead: &LeadView, settings: Value, params: Value) -> Result<Request, Outcome> {
    let recipe = Recipe::parse("x.toml", text).unwrap_or_else(|errors| panic!("{errors:?}"));
    let settings = with_defaults(recipe.about(), settings.as_object().unwrap(), &Map::new());
    recipe.send(&case::send_cx(lead, &settings, params.as_object().unwrap()))
}

fn json_of(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

#[test]
fn wrong_files_are_refused_with_file_key_and_reason() {
    for (extra, fields, key, reason) in [
        ("", "fields = { a = \"{{ lead.fone }}\" }", "send.fields.a", "lead.fone"),
        ("", "fields = { a = \"{{ settings.kee }}\" }", "send.fields.a", "settings.kee"),
        ("", "fields = { a = \"{{ phone }}\" }", "send.fields.a", "phone"),
        ("", "fields = { a = \"{{ lead }}\" }", "send.fields.a", "lead.id"),
        ("", "fields = { a = \"{{ ids }}\" }", "send.fields.a", "ids"),
        ("", "fields = { a = \"{{ lead.phone\" }", "send.fields.a", "syntax"),
        ("", "fields = { a = \"{{ lead.phone | nosuch }}\" }", "send.fields.a", "nosuch"),
        ("", "fields = { a = { b = [\"x\", \"{{ lead.no }}\"] } }", "send.fields.a.b[1]", "lead.no"),
        ("", "fields = { a = \"{% for a in range(9) %}x{% endfor %}\" }", "send.fields.a", "range"),
        (
            "",
            "fields = { a = \"{% for a in 'xxxxxxxxxx'|list %}{% for b in 'xxxxxxxxxx'|list %}{% for c in 'xxxxxxxxxx'|list %}{% for d in 'xxxxxxxxxx'|list %}{% for e in 'xxxxxxxxxx'|list %}z{% endfor %}{% endfor %}{% endfor %}{% endfor %}{% endfor %}\" }",
            "send.fields.a",
            "fuel",
        ),
        ("", "headers = { \"x y\" = \"1\" }", "send.headers.x y", "header name"),
        ("", "headers = { Host = \"1\" }", "send.headers.Host", "connection"),
        ("", "auth = { kind = \"header\", value = \"{{ settings.key }}\" }", "send.auth", "name"),
        ("", "auth = { kind = \"magic\", value = \"x\" }", "send.auth.kind", "magic"),
        ("", "headers_from = \"host\"", "send.headers_from", "object"),
        ("", "bogus = 1", "send.bogus", "bogus"),
        ("", "method = \"POST\"", "line", "duplicate"),
        ("", "[nonsense]\na = 1", "nonsense", "nonsense"),
        ("", "[[outcome]]\nis = \"accepted\"\nwhen = {}", "outcome[0].when", "no condition"),
        ("", "[[outcome]]\nis = \"yes\"\nwhen.codes = [200]", "outcome[0].is", "yes"),
        ("", "[[outcome]]\nis = \"accepted\"\nwhen.codes = [\"9xx\"]", "outcome[0].when.codes[0]", "4xx"),
        ("", "[[outcome]]\nis = \"accepted\"\nwhen.text_matches = \"(\"", "outcome[0].when.text_matches", "regular"),
        (
            "",
            "[[outcome]]\nis = \"retry\"\nexternal_id = [\"id\"]\nwhen.codes = [200]",
            "outcome[0].external_id",
            "accepted",
        ),
        (
            "",
            "[[outcome]]\nis = \"retry\"\nwhen.json = [{ paths = [\"a..b\"], exists = true }]",
            "outcome[0].when.json[0].paths",
            "empty",
        ),
        (
            "",
            "[[outcome]]\nis = \"retry\"\nwhen.json = [{ paths = [\"a\"], exists = true, equals = 1 }]",
            "outcome[0].when.json[0]",
            "exactly one",
        ),
        ("", "[status_map]\nok = \"fine\"", "status_map.ok", "fine"),
        ("", "[status_map]\nok = \"new\"", "status_map.ok", "new"),
        ("", "[status_map]\nok = \"hold\"\nOK = \"paid\"", "status_map.ok", "twice"),
        (
            "",
            "[[poll]]\nasks = [\"open\"]\nstatus = [\"s\"]\nid = [\"i\"]\n[poll.request]\nmethod = \"GET\"\nurl = \"https://a.b/{{ lead.id }}\"",
            "poll[0].request.url",
            "lead.id",
        ),
        (
            "",
            "[[poll]]\nasks = [\"open\"]\nstatus = [\"s\"]\n[poll.request]\nmethod = \"GET\"\nurl = \"https://a.b/\"",
            "poll[0].id",
            "required",
        ),
        ("", "[[case]]\nname = \"c\"\nexpects = 1", "case[0].expects", "expects"),
        ("resend = \"often\"", "", "resend", "often"),
        ("resend = \"checkable\"", "", "resend", "lookup"),
        ("resend = { setting = \"nope\" }", "", "resend", "nope"),
    ] {
        let errors = Recipe::parse("x.toml", &file(extra, fields)).err().unwrap_or_default();
        let hit = errors.iter().any(|error| {
            error.file == "x.toml" && error.key.starts_with(key) && error.to_string().to_lowercase().contains(reason)
        });
        assert!(hit, "{fields}{extra}: {errors:?}");
    }
    let errors = Recipe::parse("y.toml", &file("", "")).unwrap_err();
    assert_eq!(errors[0].key, "about.id");
    assert!(Recipe::parse("x.toml", "").is_err());
    for nameless in ["[about", "''='m'"] {
        assert!(Recipe::parse("x.toml", nameless).unwrap_err()[0].key.starts_with("line"), "{nameless}");
    }
}

#[test]
fn one_expression_keeps_its_type_and_the_rest_is_text() {
    let text = file(
        "",
        r#"
[send.fields]
quantity = "{{ lead.quantity }}"
test = "{{ lead.test }}"
meta = "{{ lead.meta }}"
price = "{{ lead.price }}"
mixed = "{{ lead.quantity }} x {{ lead.test }}"
two = "{{ lead.first_name }}{{ lead.last_name }}"
gone = "{{ params.nothing }}"
gone_too = "{{ lead.meta.nothing }}"
empty = ""
fallback = "{{ lead.meta.nothing | default(params.key) | default('last') }}"
constant = 7
deep = { list = ["{{ lead.name }}", true], none = { a = "{{ params.no }}" } }
digits = "{{ lead.phone | digits }}"
national = "{{ lead.phone | national }}"
code = "{{ lead.phone | calling_code }}"
day = "{{ now | date('%d.%m.%Y') }}"
unix = "{{ now | unixtime }}"
hash = "{{ 'abc' | sha256 }}"
param = "{{ params.offer_id }}"
"#,
    );
    let settings = json!({ "host": "https://a.example/api/" });
    let request = send(&text, &case::sample_lead(), settings, json!({ "offer_id": 12 })).unwrap();
    assert_eq!(request.url.as_str(), "https://a.example/api/leads");
    assert_eq!(
        json_of(&request),
        json!({
            "quantity": 2, "test": false, "meta": { "color": "blue", "size": 42 }, "price": "39.90",
            "mixed": "2 x false", "two": "AnaRuiz", "fallback": "last", "constant": 7,
            "deep": { "list": ["Ana Ruiz", true] }, "digits": "34612345678", "national": "612345678", "code": "34",
            "day": "03.02.2026", "unix": 1_770_112_800,
            "hash": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "param": 12,
        })
    );
    assert!(send(&text, &LeadView::default(), json!({ "host": "https://a.example" }), json!({})).is_ok());
}

#[test]
fn what_a_lead_does_not_have_is_nothing_and_never_a_word() {
    let text = file(
        "",
        r#"
[send.fields]
a = "{{ lead.name | trim }}"
b = "{{ lead.name ~ '' }}"
c = "x{{ lead.name }}{{ lead.name | upper }}y"
d = "{{ lead.name | replace('a', 'b') }}"
e = "{{ lead.name or lead.email or 'nobody' }}"
f = "{% if lead.name %}some{% else %}no{% endif %} name"
g = { h = "{{ lead.name }}", i = "{{ params.null }}" }
j = "{{ settings.key }}"
k = "{{ lead.name | digits }}"
"#,
    );
    let settings = json!({ "host": "https://a.example" });
    let request = send(&text, &LeadView::default(), settings, json!({ "null": null })).unwrap();
    assert_eq!(json_of(&request), json!({ "c": "xy", "e": "nobody", "f": "no name" }));
}

#[test]
fn values_in_a_url_are_encoded_for_it() {
    let text = file("", "").replace("/leads", "/{{ lead.name }}/x?n={{ lead.comment }}&q={{ params.q }}");
    let mut lead = case::sample_lead();
    lead.name = Some("a/../b?c#d".into());
    let request = send(&text, &lead, json!({ "host": "https://a.example" }), json!({ "q": "1&admin=1" })).unwrap();
    assert_eq!(
        request.url.as_str(),
        "https://a.example/a%2F..%2Fb%3Fc%23d/x?n=call%20%22late%22%20%26%20ask&q=1%26admin%3D1"
    );
    lead.name = Some("..".into());
    let request = send(&text, &lead, json!({ "host": "https://a.example/v1" }), json!({ "q": ".." })).unwrap();
    assert_eq!(request.url.path(), "/v1/%252e%252e/x", "no value walks up the path");
    assert_eq!(request.url.query().unwrap().rsplit('=').next(), Some(".."));
    let broken = text.replace("?n={{", "?n=%2{{");
    assert_eq!(Recipe::parse("x.toml", &broken).unwrap_err()[0].key, "send.url");
    let missing = send(&text, &lead, json!({ "host": "https://a.example" }), json!({})).unwrap_err();
    assert_eq!(missing.word(), "misconfigured");
    let missing = send(&text, &lead, json!({}), json!({ "q": 1 })).unwrap_err();
    assert_eq!(missing.reason(), Some("settings.host: is not set"));
}

#[test]
fn keys_travel_where_the_file_says_and_are_listed_as_secrets() {
    let settings = json!({ "host": "https://a.example", "key": "k/1 ü" });
    let sent = |auth: &str, body: &str| {
        let text = file("", auth).replace("body = \"json\"", body);
        send(&text, &case::sample_lead(), settings.clone(), json!({})).unwrap()
    };
    let header = |request: &Request, name: &str| {
        request.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let request = sent("auth = { kind = \"bearer\", value = \"{{ settings.key }}\" }", "");
    assert_eq!(header(&request, "authorization"), "Bearer k/1 %C3%BC");
    let request = sent("auth = { kind = \"basic\", user = \"me\", value = \"{{ settings.key }}\" }", "");
    assert_eq!(header(&request, "authorization"), "Basic bWU6ay8xIMO8");
    assert!(request.secrets.contains(&"bWU6ay8xIMO8".to_owned()));
    let request = sent("auth = { kind = \"header\", name = \"X-Key\", value = \"{{ settings.key }}\" }", "");
    assert_eq!(header(&request, "x-key"), "k/1 %C3%BC");
    let request = sent("auth = { kind = \"query\", name = \"api_key\", value = \"{{ settings.key }}\" }", "");
    assert_eq!(request.url.query(), Some("api_key=k%2F1+%C3%BC"));
    assert!(request.secrets.contains(&"k%2F1+%C3%BC".to_owned()));
    let auth = "auth = { kind = \"body\", name = \"token\", value = \"{{ settings.key }}\" }";
    let request = sent(auth, "body = \"form\"\nfields = { a = [\"x\", { b = \"y\" }] }");
    assert_eq!(String::from_utf8_lossy(&request.body), "a%5B0%5D=x&a%5B1%5D%5Bb%5D=y&token=k%2F1+%C3%BC");
    assert_eq!((request.method, request.body.is_empty()), (Method::Post, false));
}

fn judged(rules: &str, answer: &Answer) -> Outcome {
    let recipe = Recipe::parse("x.toml", &file("", rules)).unwrap_or_else(|errors| panic!("{errors:?}"));
    let (lead, settings, params) = (case::sample_lead(), Map::new(), Map::new());
    match recipe.next(&case::send_cx(&lead, &settings, &params), &Step::default(), answer) {
        Next::Finish(outcome) => outcome,
        Next::Call(..) => panic!("no further call"),
    }
}

#[test]
fn conditions_hold_as_documented() {
    let rules = r#"
[[outcome]]
is = "no_capacity"
after_seconds = 60
when.header = [{ name = "X-Cap", equals = "full" }]
[[outcome]]
is = "refused"
text = "no broker"
when = { text_contains = ["No Broker"], not = { codes = ["5xx"] } }
[[outcome]]
is = "accepted"
external_id = ["/result/0/id"]
status = ["result.0.state"]
payout = ["pay"]
currency = ["cur"]
when = { codes = ["200-299"], json = [{ paths = ["ok"], in = [true, 1] }], all = [{ json = [{ paths = ["result.0.id"], matches = "^L\\d+$" }] }] }
[[outcome]]
is = "retry"
when = { transport = ["tls", "timeout"], may_have_arrived = true }
"#;
    let answer = |status: u16, header: &[(&str, &str)], body: &str| {
        let headers = header.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Ok(Response { status, headers, body: body.as_bytes().to_vec(), is_cut: false })
    };
    let full = judged(rules, &answer(200, &[("x-cap", "FULL ")], ""));
    let minute = std::time::Duration::from_secs(60);
    assert_eq!(full, Outcome::NoCapacity { reason: "HTTP 200".into(), after: Some(minute) });
    assert_eq!(judged(rules, &answer(404, &[], "sorry, no broker for you")).reason(), Some("no broker"));
    assert_eq!(judged(rules, &answer(500, &[], "no broker")).word(), "unknown");
    let body = "\u{feff}{\"ok\":\"TRUE\",\"result\":[{\"id\":\"l77\",\"state\":\"New\\u0000\"}],\"pay\":\"7,5\",\"cur\":\"eur\"}";
    let Outcome::Accepted(accepted) = judged(rules, &answer(201, &[], body)) else { panic!("not accepted") };
    assert_eq!(accepted.external_id.as_deref(), Some("l77"));
    assert_eq!(accepted.status.as_deref(), Some("New"));
    assert_eq!(accepted.payout.unwrap().to_string(), "7.5");
    assert_eq!(accepted.currency.as_deref(), Some("EUR"));
    let lost = |kind, may_have_arrived| Err(TransportError { kind, may_have_arrived, detail: String::new() });
    assert_eq!(judged(rules, &lost(TransportKind::Timeout, true)).word(), "retry");
    assert_eq!(judged(rules, &lost(TransportKind::Reset, true)).word(), "unknown");
    assert_eq!(judged(rules, &lost(TransportKind::Dns, false)).word(), "retry");
    assert_eq!(judged(rules, &lost(TransportKind::Blocked, false)).word(), "misconfigured");
}

#[test]
fn a_redirect_that_is_no_web_address_is_dropped() {
    let rules = "[[outcome]]\nis = \"accepted\"\nredirect_url = [\"a\", \"b\"]\nwhen.codes = [200]";
    let body = br#"{"a":"javascript:alert(1)","b":" https://x.example/a b "}"#.to_vec();
    let answer = Ok(Response { status: 200, headers: Vec::new(), body, is_cut: false });
    let Outcome::Accepted(accepted) = judged(rules, &answer) else { panic!("not accepted") };
    assert_eq!(accepted.redirect_url.as_deref(), Some("https://x.example/a%20b"));
}

#[test]
fn the_operators_fields_are_checked_by_name() {
    let registry = crate::adapters::Registry::load(None).unwrap();
    let adapter = registry.get("http-json").unwrap();
    let complaint = |settings: Value| {
        let errors = adapter.check(settings.as_object().unwrap());
        errors.first().map(|error| format!("{}: {}", error.field, error.message)).unwrap_or_default()
    };
    let url = "https://crm.example/";
    assert_eq!(
        complaint(json!({ "url": url, "fields": { "a": "{{ lead.phone }}", "b": "{{ phone }}", "c": "x" } })),
        ""
    );
    assert!(
        complaint(json!({ "url": url, "fields": { "tel": "{{ lead.fone }}" } }))
            .starts_with("settings.fields.tel: lead.fone")
    );
    assert!(complaint(json!({ "url": url, "fields": { "tel": "{phone}" } })).contains("{{ lead.phone }}"));
    assert!(
        complaint(json!({ "url": url, "fields": { "tel": "{{ lead.phone | no }}" } }))
            .starts_with("settings.fields.tel")
    );
    assert!(complaint(json!({ "url": url, "fields": { "tel": "{% if %}" } })).starts_with("settings.fields.tel"));
    assert!(complaint(json!({ "url": url, "headers": { "Host": "a" } })).starts_with("settings.headers.Host"));
    assert!(complaint(json!({ "url": url, "resend": "checkable" })).starts_with("settings.resend"));
    assert_eq!(complaint(json!({ "url": url, "resend": "checkable", "status_url": url })), "");
}

#[test]
fn resend_is_once_unless_something_better_is_known() {
    let registry = crate::adapters::Registry::load(None).unwrap();
    let resend = |id: &str, settings: Value| {
        let adapter = registry.get(id).unwrap();
        adapter.resend(&with_defaults(adapter.about(), settings.as_object().unwrap(), &Map::new()))
    };
    assert_eq!(resend("http-json", json!({ "url": "https://a.b" })), Resend::Once);
    assert_eq!(resend("http-json", json!({ "url": "https://a.b", "status_url": "https://a.b" })), Resend::Checkable);
    assert_eq!(resend("http-form", json!({ "resend": "idempotent", "status_url": "https://a.b" })), Resend::Idempotent);
    assert_eq!(resend("http-form", json!({ "resend": "once", "status_url": "https://a.b" })), Resend::Once);
    assert_eq!(resend("http-form", json!({ "resend": "checkable" })), Resend::Once);
    assert_eq!(resend("sandbox", json!({})), Resend::Once);
}

fn any_answer() -> impl Strategy<Value = Answer> {
    let body = proptest::sample::select(vec!["", "{}", "{\"ok\":true,\"id\":7}", "{\"ok\":1}", "no broker", "<html>"]);
    let response = (100..600_u16, body)
        .prop_map(|(status, body)| Ok(Response { status, headers: Vec::new(), body: body.into(), is_cut: false }));
    let lost = (proptest::sample::select(TransportKind::ALL), any::<bool>())
        .prop_map(|(kind, may_have_arrived)| Err(TransportError { kind, may_have_arrived, detail: String::new() }));
    prop_oneof![response, lost]
}

#[test]
fn the_rule_that_decides_is_told_as_it_was_written() {
    let registry = crate::adapters::Registry::load(None).unwrap();
    let adapter = registry.get("http-json").unwrap();
    let answer = |status: u16, body: &str| {
        Ok(Response { status, headers: Vec::new(), body: body.as_bytes().to_vec(), is_cut: false })
    };
    let refused = adapter.decided_by(&answer(409, "{}")).unwrap();
    assert!(refused.rule.contains("\"refused\"") && refused.rule.contains("409"), "{refused:?}");
    assert!(
        !refused.rule.contains("null") && !refused.rule.contains("[]"),
        "what was not written is not told: {refused:?}"
    );
    let limited = adapter.decided_by(&answer(429, "")).unwrap();
    assert_ne!(refused.no, limited.no);
    assert_eq!(registry.get("duomai").unwrap().decided_by(&answer(200, "{}")), None);
}

proptest! {
    #[test]
    fn nothing_is_accepted_unless_a_rule_says_so(
        answer in any_answer(), accepted in "2xx|200|4[0-9]{2}|3xx", refused in "[345]xx", needs_ok in any::<bool>(),
    ) {
        let ok = if needs_ok { ", json = [{ paths = [\"ok\"], in = [true, 1] }]" } else { "" };
        let rules = format!(
            "[[outcome]]\nis = \"accepted\"\nwhen = {{ codes = [\"{}\"]{ok} }}\n\
             [[outcome]]\nis = \"refused\"\nwhen.codes = [\"{refused}\"]\n",
            if accepted.ends_with("xx") { accepted.clone() } else { format!("{accepted}-{accepted}") },
        );
        let outcome = judged(&rules, &answer);
        prop_assert_eq!(&outcome, &judged(&rules, &answer), "judged twice");
        let is_in = |class: &str, status: u16| match class.strip_suffix("xx") {
            Some(first) => (status / 100).to_string() == first,
            None => status.to_string() == class,
        };
        let expected = match &answer {
            Ok(response) => {
                let text = response.text();
                let is_ok = !needs_ok || text.contains("\"ok\"");
                if is_ok && is_in(&accepted, response.status) {
                    "accepted"
                } else if is_in(&refused, response.status) {
                    "refused"
                } else {
                    "unknown"
                }
            }
            Err(error) if error.kind == TransportKind::Blocked => "misconfigured",
            Err(error) if error.may_have_arrived => "unknown",
            Err(_) => "retry",
        };
        prop_assert_eq!(outcome.word(), expected);
    }
}
