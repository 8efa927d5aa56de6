//! Calls of networks: any bytes can be read by every integration; the same parameters are the same report whether they
//! come as a query, a form or JSON; and a report fits the database and survives being stored.
//!
//! The input: a letter for the content type (`j`son, `f`orm, else none), the query up to the line's end, then the body.

#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::DateTime;
use leadrelay::adapters::{InboundCall, Registry};
use leadrelay::base::money;
use leadrelay::db::inbound::Raw;
use leadrelay::domain::report::StatusReport;
use leadrelay::flow::take_inbound;
use rust_decimal::Decimal;
use uuid::Uuid;

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::load(None).expect("the built-in integrations"));

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = data.split_first() else { return };
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    let query = String::from_utf8_lossy(&rest[..end]).into_owned();
    let content_type = match kind {
        b'j' => Some("application/json"),
        b'f' => Some("application/x-www-form-urlencoded"),
        _ => None,
    };
    let body = rest.get(end + 1..).unwrap_or_default();
    let params = take_inbound::params(&raw(&query, content_type, body));
    let pairs = || {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(&params).finish()
    };
    let json = serde_json::to_vec(&params).expect("texts are JSON");
    for (way, raw) in [
        ("a query", raw(&pairs(), None, b"")),
        ("a form", raw("", Some("application/x-www-form-urlencoded"), pairs().as_bytes())),
        ("JSON", raw("", Some("application/json"), &json)),
        ("JSON over a query", raw(&pairs(), Some("application/json"), &json)),
    ] {
        assert_eq!(take_inbound::params(&raw), params, "as {way}");
    }
    let call = InboundCall { method: "POST".into(), params, body: body.to_vec(), headers: Vec::new() };
    for adapter in REGISTRY.iter() {
        let inbound = adapter.inbound(&serde_json::Map::new(), &call).expect("every call can be read");
        let again = adapter.inbound(&serde_json::Map::new(), &call).expect("every call can be read");
        assert_eq!((&inbound.reports, &inbound.answer), (&again.reports, &again.answer), "read twice");
        assert!(!inbound.reports.is_empty());
        inbound.reports.iter().for_each(|report| fits(report, &call.params));
        for text in call.params.values() {
            let status = adapter.status_of(text);
            assert_eq!(status, adapter.status_of(&format!(" {} ", text.to_uppercase().to_lowercase())), "{text:?}");
        }
    }
});

fn raw(query: &str, content_type: Option<&str>, body: &[u8]) -> Raw {
    Raw {
        inbound_id: Uuid::nil(),
        received_at: DateTime::UNIX_EPOCH,
        network_id: Uuid::nil(),
        method: "POST".into(),
        query: query.into(),
        content_type: content_type.map(str::to_owned),
        body: body.to_vec(),
        remote_ip: None,
        dialect: None,
    }
}

fn fits(report: &StatusReport, params: &BTreeMap<String, String>) {
    let words = [&report.our_ref, &report.external_id, &report.transaction_id, &report.status, &report.goal];
    for word in words.into_iter().flatten() {
        assert!(!word.is_empty() && word.chars().count() <= 200 && !word.chars().any(char::is_control), "{word:?}");
        assert!(!(word.starts_with('{') && word.ends_with('}')), "a macro nobody filled in: {word:?}");
    }
    for text in [&report.comment, &report.reason].into_iter().flatten() {
        assert!(!text.is_empty() && text.chars().count() < 1200 && !text.chars().any(char::is_control), "{text:?}");
    }
    if let Some(revenue) = report.revenue {
        assert!(revenue.abs() < Decimal::from(1_000_000_000_000_i64) && revenue.scale() <= 6, "{revenue}");
        let is_blank = |letter: char| letter.is_whitespace() || letter.is_control();
        let given = params.get("currency").map(|code| code.trim_matches(is_blank)).unwrap_or_default();
        let is_macro = given.starts_with('{') && given.ends_with('}');
        assert!(
            report.currency.is_some() || given.is_empty() || is_macro,
            "booked in a currency nobody knows: {given:?}"
        );
    }
    assert!(report.currency.as_deref().is_none_or(money::is_currency));
    assert!(report.reason_code.is_none_or(|code| (1..=15).contains(&code)));
    assert!(report.payout.is_none(), "a network does not say what the webmaster gets");
    let has_lists = ["sta", "stc", "stt", "stw", "sth"].iter().any(|name| params.contains_key(*name));
    assert!(report.mapped.is_none() || (has_lists && report.status.is_some()));
    // Kept as JSON until somebody maps its word.
    let stored = serde_json::to_value(report).expect("a report is JSON");
    assert_eq!(serde_json::from_value::<StatusReport>(stored).expect("and comes back"), *report);
}
