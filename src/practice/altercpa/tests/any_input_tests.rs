//! What holds for every input: no panic, JSON with a verdict or a list, the same answers to the same calls, and orders
//! that are never half moved.

use proptest::prelude::*;
use serde_json::Map;

use super::super::dispatch;
use super::super::params::{Params, php_int};
use super::*;

fn path() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "wm/push.json",
        "wm/lead.json",
        "ext/add.json",
        "ext/list.json",
        "comp/add.json",
        "comp/list.json",
        "comp/edit.json",
        "comp/status.json",
        "site/click.json",
        "site/status.json",
        "tracker/postback.json",
    ]);
    prop_oneof![9 => known.prop_map(str::to_owned), 1 => any::<String>()].prop_map(|path| format!("/api/{path}"))
}

/// Parameters that often make sense.
fn parameters() -> impl Strategy<Value = Vec<(String, String)>> {
    let names = prop::sample::select(vec![
        "offer", "flow", "phone", "ip", "status", "reason", "accept", "oid", "eid", "exto", "click", "uid", "from",
        "to", "day", "ids[]", "base", "count", "discount", "more", "comment", "auto", "code", "subid", "after",
        "calls", "id",
    ]);
    let values = prop_oneof![
        prop::sample::select(vec![
            "7",
            "501",
            "34600111222",
            "approve",
            "cancel",
            "trash",
            "hold",
            "1",
            "5",
            "6",
            "10",
            "12",
            "18402316",
            "2026-03-10",
            "T-1",
            "99999999999999999999",
            "-1",
            "1e9",
            "auto",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    prop::collection::vec((names.prop_map(str::to_owned), values), 0..8)
}

fn call(pairs: &[(String, String)]) -> Params {
    let tokens = [("wm", WEBMASTER_TOKEN), ("ext", AGENCY_TOKEN), ("comp", COMPANY_TOKEN), ("tr", TRACKER_TOKEN)];
    let pick = pairs.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() % tokens.len();
    let body: Map<String, Value> = pairs.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    let query = format!("id={}&token={SITE_TOKEN}", tokens[pick].1);
    Params::of(&query, "application/json", Value::Object(body).to_string().as_bytes())
}

proptest! {
    #[test]
    fn every_call_is_answered_and_in_the_same_way(calls in prop::collection::vec((path(), parameters()), 1..20)) {
        let play = || {
            let (partner, time) = network();
            let mut answers = Vec::new();
            for (path, pairs) in &calls {
                *time.lock().unwrap() += TimeDelta::hours(7);
                let now = *time.lock().unwrap();
                let reply = dispatch::answer(&mut partner.lock().network, path, &call(pairs), now);
                let body: Value = serde_json::from_str(&reply.body).unwrap();
                let is_verdict = ["ok", "error"].iter().any(|word| body["status"] == *word);
                assert!(body.is_array() || is_verdict, "{path} {body}");
                answers.push(body);
            }
            for lead in partner.leads() {
                assert_eq!(lead.accepted_at.is_some(), (6..=11).contains(&lead.status));
                assert_eq!(lead.done_at.is_some(), [5, 10, 11, 12].contains(&lead.status));
                assert!(lead.reason == 0 || [5, 12].contains(&lead.status));
            }
            answers
        };
        prop_assert_eq!(play(), play());
    }

    #[test]
    fn any_bytes_are_parameters(query in any::<String>(), body in any::<Vec<u8>>(), kind in 0..3_usize, text in any::<String>()) {
        let kinds = ["application/json", "application/x-www-form-urlencoded; charset=utf-8", "text/plain"];
        let params = Params::of(&query, kinds[kind], &body);
        let _ = (params.get(&text), params.list(&text), params.int("id"), php_int(&text));
    }

    #[test]
    fn ids_grow(count in 1..200_usize) {
        let (partner, _) = network();
        let network = &mut partner.lock().network;
        let ids: Vec<u64> = (0..count).map(|_| network.next_id()).collect();
        prop_assert!(ids.is_sorted_by(|a, b| a < b));
    }
}

#[test]
fn php_reads_numbers_its_way() {
    for (text, number) in
        [("12", 12), (" 12abc", 12), ("-3", -3), ("2026-03-10", 2026), ("x", 0), ("", 0), ("-", 0), ("1e3", 1)]
    {
        assert_eq!(php_int(text), number, "{text}");
    }
}
