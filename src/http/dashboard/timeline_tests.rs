use chrono::TimeDelta;
use serde_json::json;

use super::*;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_789_992_000, 0).unwrap() + TimeDelta::seconds(seconds)
}

fn n(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn event(kind: &str, source: &str, seconds: i64, detail: Value) -> Event {
    Event {
        event_id: n(1),
        lead_id: n(2),
        at: at(seconds),
        kind: kind.into(),
        source: source.into(),
        actor: None,
        detail,
    }
}

fn delivery() -> Delivery {
    Delivery {
        delivery_id: n(0x41),
        lead_id: n(2),
        network_id: n(0x21),
        route_id: None,
        purpose: "sale".into(),
        state: "accepted".into(),
        attempts: 1,
        sending_at: None,
        next_at: None,
        external_id: None,
        redirect_url: None,
        message: None,
        reason: None,
        is_duplicate: false,
        expires_at: at(0),
        accepted_at: Some(at(1)),
        created_at: at(0),
    }
}

fn built(events: &[Event], attempts: &[AttemptRow], with_bodies: bool) -> Vec<Entry> {
    let networks = HashMap::from([(n(0x21), "N1".to_owned())]);
    let show = |text: &str| text.replace("secret", "•••");
    let body: Option<&dyn Fn(&str) -> String> = if with_bodies { Some(&show) } else { None };
    let deliveries = [delivery()];
    let history = History {
        events,
        attempts,
        inbound: &[],
        postbacks: &[],
        deliveries: &deliveries,
        networks: &networks,
        is_his: false,
        body,
    };
    build(&history)
}

#[test]
fn every_kind_of_event_is_told_in_words() {
    for (kind, source, detail, title, notes) in [
        ("received", "intake", json!({ "network_id": n(0x21) }), "Received, goes to N1", vec![]),
        ("routed", "router", json!({ "network_id": null }), "Routed, no route takes it now", vec![]),
        (
            "delivery",
            "system",
            json!({ "network_id": n(0x21), "state": "refused", "reason": "bad phone" }),
            "N1 refused the lead",
            vec!["Bad phone."],
        ),
        (
            "report",
            "postback",
            json!({ "delivery_id": n(0x41), "result": "applied", "status": "confirm", "mapped": "approved" }),
            "N1 says “confirm”, which is approved",
            vec![],
        ),
        (
            "report",
            "poll",
            json!({ "delivery_id": n(0x41), "result": "stale", "why": "paid before", "status": "Hold", "mapped": "hold" }),
            "N1 says “Hold”",
            vec!["Would move the lead backwards; ignored: paid before."],
        ),
        ("status", "system", json!({ "from": "hold", "to": "approved" }), "Status: hold → approved", vec![]),
        (
            "status",
            "system",
            json!({ "from": "approved", "to": "trash", "move": "reversed", "reason": "fake" }),
            "Status reversed: approved → trash",
            vec!["Fake."],
        ),
        ("redelivered", "admin", json!({ "network_id": n(0x21) }), "Sent to N1 again by hand", vec![]),
        ("retried", "admin", json!({ "network_id": n(9) }), "Delivery to a network retried by hand", vec![]),
        (
            "postbacks_resent",
            "admin",
            json!({ "postbacks": 0 }),
            "0 postbacks sent again",
            vec!["There was no postback to send again."],
        ),
        ("status_by_hand", "admin", json!({ "result": "applied" }), "Status set by hand", vec!["Applied."]),
        ("changed", "intake", json!({ "fields": ["zip", "city"] }), "Lead changed", vec!["Changed: zip, city."]),
        ("revealed", "admin", json!({}), "Contact data shown", vec![]),
        ("brand_new", "system", json!(null), "Brand new", vec![]),
    ] {
        let entry = built(&[event(kind, source, 0, detail)], &[], true).remove(0);
        assert_eq!(entry.title, title);
        assert_eq!(entry.notes, notes, "{kind}");
    }
}

#[test]
fn a_trace_gives_the_reason_for_every_candidate() {
    let detail = json!({ "network_id": n(0x21), "trace": [
        { "route_id": n(5), "network": "n0", "position": 1, "verdict": "country", "detail": "takes DE" },
        { "route_id": n(6), "network": "n1", "position": 2, "verdict": "taken" },
    ] });
    let entry = built(&[event("received", "intake", 0, detail)], &[], true).remove(0);
    assert_eq!(entry.trace.iter().map(|line| line.is_taken).collect::<Vec<_>>(), [false, true]);
    assert_eq!(entry.trace[0].why, "Another country: takes DE");
}

#[test]
fn everything_stands_in_the_order_it_happened_and_bodies_only_where_allowed() {
    let attempt = AttemptRow {
        subject_id: n(0x41),
        kind: "send".into(),
        no: 2,
        started_at: at(2),
        took_ms: 312,
        outcome: "accepted".into(),
        http_status: Some(200),
        error_kind: None,
        detail: None,
        is_late: false,
        request: Some("POST secret".into()),
        response: None,
    };
    let events = [
        event(
            "status",
            "system",
            3,
            json!({ "from": "new", "to": "pending", "payout": "1.5", "currency": "USD", "postbacks": 1 }),
        ),
        event("delivery", "system", 3, json!({ "network_id": n(0x21), "state": "accepted" })),
        event("received", "intake", 1, json!({})),
    ];
    let entries = built(&events, std::slice::from_ref(&attempt), true);
    let titles: Vec<_> = entries.iter().map(|entry| entry.title.as_str()).collect();
    assert_eq!(
        titles,
        ["Received, no route takes it now", "Sent to N1, attempt 2", "N1 has the lead", "Status: new → pending"]
    );
    assert_eq!(entries[1].facts, ["HTTP 200", "312 ms"]);
    assert_eq!(entries[1].bodies, [("Request".to_owned(), "POST •••".to_owned())]);
    assert_eq!(entries[1].unfolds(), "Request");
    assert_eq!(entries[3].facts, ["Payout 1.50\u{a0}USD", "1 postback queued"]);
    assert!(built(&events, &[attempt], false).iter().all(|entry| entry.bodies.is_empty()));
}
