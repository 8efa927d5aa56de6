use chrono::TimeDelta;
use serde_json::Value;

use super::*;
use crate::db::{sample, scratch};
use crate::http::dashboard::html;
use crate::http::dashboard::overview::tests::shell;
use crate::http::dashboard::reader::{Language, Reader};
use crate::http::principal::UserRole;

fn at(seconds: i64) -> DateTime<Utc> {
    // 2026-09-21 12:00:00
    DateTime::from_timestamp(1_789_992_000, 0).unwrap() + TimeDelta::seconds(seconds)
}

fn n(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn lead() -> Lead {
    Lead {
        lead_id: n(0x0192_a5c0_0000_7000_8000_0000_0000_0031),
        number: 90_412,
        webmaster_id: n(1),
        offer_id: n(2),
        flow_id: None,
        network_id: None,
        status: Status::Hold,
        reason_code: None,
        reason: None,
        comment: Some("calls back on Monday".into()),
        country: Some("DE".into()),
        external_id: Some("order-7731".into()),
        click_id: Some("c1d2e3f4a5".into()),
        goal: None,
        tags: json!({ "sub1": "fb", "sub2": "adset-12", "utm_source": "facebook" }),
        price: None,
        price_currency: None,
        quantity: None,
        currency: "USD".into(),
        payout_due: "12.5".parse().unwrap(),
        payout: "12.5".parse().unwrap(),
        revenue: "18".parse().unwrap(),
        revenue_currency: Some("EUR".into()),
        test: false,
        unrouted: false,
        seq: 2,
        created_at: at(0),
        changed_at: at(244),
    }
}

fn contact() -> Contact {
    Contact {
        name: Some("Ann Example".into()),
        phone: Some("+4915112345678".into()),
        email: Some("ann@example.com".into()),
        ip: Some("203.0.113.9".into()),
        city: Some("Berlin".into()),
        meta: json!({ "age": 34 }),
        ..Contact::default()
    }
}

fn event(kind: &str, source: &str, seconds: i64, detail: Value) -> Event {
    Event {
        event_id: n(9),
        lead_id: n(1),
        at: at(seconds),
        kind: kind.into(),
        source: source.into(),
        actor: None,
        detail,
    }
}

fn delivery(id: u128, network: u128, state: &str) -> Delivery {
    Delivery {
        delivery_id: n(id),
        lead_id: n(1),
        network_id: n(network),
        route_id: None,
        purpose: "sale".into(),
        state: state.into(),
        attempts: 1,
        sending_at: None,
        next_at: None,
        external_id: None,
        redirect_url: None,
        message: None,
        reason: None,
        is_duplicate: state == "refused",
        expires_at: at(86_400),
        accepted_at: (state == "accepted").then(|| at(2)),
        created_at: at(0),
    }
}

fn attempt(delivery: u128, seconds: i64, outcome: &str, http_status: i16, body: &str) -> AttemptRow {
    AttemptRow {
        subject_id: n(delivery),
        kind: "send".into(),
        no: 1,
        started_at: at(seconds),
        took_ms: 312,
        outcome: outcome.into(),
        http_status: Some(http_status),
        error_kind: None,
        detail: None,
        is_late: false,
        request: Some(
            "POST /leads HTTP/1.1\nauthorization: •••\n\n{\"name\": \"Ann Example\", \"phone\": \"+4915112345678\"}"
                .into(),
        ),
        response: Some(body.into()),
    }
}

fn network(id: u128, slug: &str, name: &str) -> NetworkName {
    NetworkName { network_id: n(id), slug: slug.into(), name: name.into(), is_in_use: true }
}

fn trace() -> Value {
    json!([
        { "route_id": n(5), "network": "affinity", "position": 1, "verdict": "country", "detail": "takes AT, CH" },
        { "route_id": n(6), "network": "n1", "position": 2, "verdict": "taken" },
        { "route_id": n(7), "network": "n2", "position": 3, "verdict": "later" },
    ])
}

fn full() -> Read {
    let told = |seconds, status: &str, state: &str| PostbackRow {
        postback_delivery_id: n(0x61),
        status: status.into(),
        method: "GET".into(),
        url: "https://tracker.example/pb?cid=c1d2e3f4a5&status=hold".into(),
        state: state.into(),
        next_at: None,
        http_status: Some(200),
        reason: None,
        created_at: at(seconds),
        updated_at: at(seconds + 5),
    };
    Read {
        lead: lead(),
        contact: contact(),
        names: Names {
            webmaster: "Media Buyers EU".into(),
            webmaster_slug: "mediabuyers-eu".into(),
            offer: "Slim Tea".into(),
            offer_slug: "slim-tea".into(),
            flow: Some("fb-de".into()),
            erased_at: None,
        },
        events: vec![
            event("received", "intake", 0, json!({ "network_id": n(0x21), "trace": trace() })),
            event(
                "delivery",
                "system",
                1,
                json!({ "network_id": n(0x21), "state": "refused", "reason": "duplicate within 30 days" }),
            ),
            event(
                "routed",
                "router",
                1,
                json!({ "network_id": n(0x22), "trace": [
                { "route_id": n(6), "network": "n1", "position": 2, "verdict": "refused_before" },
                { "route_id": n(7), "network": "n2", "position": 3, "verdict": "taken" },
            ] }),
            ),
            event("delivery", "system", 2, json!({ "network_id": n(0x22), "state": "accepted" })),
            event(
                "status",
                "system",
                2,
                json!({ "from": "new", "to": "pending", "payout": "0", "currency": "USD", "postbacks": 1 }),
            ),
            event(
                "report",
                "postback",
                244,
                json!({ "delivery_id": n(0x42), "result": "applied", "status": "callback", "mapped": "hold", "revenue": "18", "currency": "EUR" }),
            ),
            event(
                "status",
                "system",
                244,
                json!({ "from": "pending", "to": "hold", "payout": "12.5", "currency": "USD", "postbacks": 1 }),
            ),
        ],
        deliveries: vec![delivery(0x41, 0x21, "refused"), delivery(0x42, 0x22, "accepted")],
        attempts: vec![
            attempt(0x41, 0, "refused", 409, "{\"status\": \"duplicate\"}"),
            attempt(0x42, 1, "accepted", 201, "{\"id\": \"ext-5512\"}"),
        ],
        inbound: vec![InboundRow {
            inbound_id: n(0x71),
            received_at: at(243),
            network_id: n(0x22),
            method: "POST".into(),
            query: String::new(),
            body: b"id=ext-5512&status=callback&payout=18&currency=EUR&phone=%2B4915112345678".to_vec(),
            result: Some("applied".into()),
            reason: None,
        }],
        postbacks: vec![told(2, "pending", "delivered"), told(244, "hold", "delivered")],
        networks: vec![network(0x21, "n1", "N1"), network(0x22, "n2", "N2")],
    }
}

#[test]
fn a_lead_tells_its_story_and_hides_its_person() {
    let masked = html::check("lead", &page(shell("/leads"), full(), false, at(1_800)));
    assert!(masked.contains(
        "Delivered to N2 after N1 refused it as a duplicate; N2 says hold since 12:04; the webmaster was told at 12:04:09."
    ));
    for secret in ["Ann Example", "15112345678", "ann@example.com", "203.0.113.9"] {
        assert!(!masked.contains(secret), "{secret}");
    }
    assert!(masked.contains("Another country: takes AT, CH") && masked.contains("?reveal=1"));
    let shown = html::check("lead-revealed", &page(shell("/leads"), full(), true, at(1_800)));
    assert!(shown.contains("Ann Example") && shown.contains("+4915112345678"));
}

#[tokio::test]
async fn a_lead_is_read_in_the_language_and_the_days_of_the_reader() {
    // Fourteen hours ahead: the lead came the next day.
    let reader = Reader { language: Language::Russian, zone: chrono_tz::Pacific::Kiritimati };
    let text = reader::reading(reader, async {
        html::check("lead-russian", &page(shell("/leads"), full(), false, at(1_800)))
    })
    .await;
    for expected in [
        "Лид 90412",
        "Доставлен в N2 после отказа N1 (дубль); N2 сообщает «холд» с 02:04; вебмастеру сообщено в 02:04:09.",
        "Вторник, 22 сентября 2026",
        "Статус: в обработке → холд",
        "1 постбек в очереди",
        "12,50\u{a0}USD",
    ] {
        assert!(text.contains(expected), "{expected}");
    }
    assert_eq!(text.matches("timeline-day").count(), 1);
}

#[test]
fn support_sees_no_bodies_and_cannot_act() {
    let shell = Shell { role: UserRole::Support, ..shell("/leads") };
    let text = html::check("lead-support", &page(shell, full(), false, at(1_800)));
    for hidden in ["?reveal=1", "/redeliver", "/resend-postbacks", "ext-5512", "<pre"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
}

#[test]
fn a_bare_lead_is_sound_too() {
    let read = Read {
        lead: Lead { status: Status::New, unrouted: true, tags: json!({}), comment: None, test: true, ..lead() },
        contact: Contact::default(),
        names: Names { erased_at: Some(at(1)), flow: None, ..full().names },
        events: Vec::new(),
        deliveries: Vec::new(),
        attempts: Vec::new(),
        inbound: Vec::new(),
        postbacks: Vec::new(),
        networks: Vec::new(),
    };
    let text = html::check("lead-empty", &page(shell("/leads"), read, false, at(60)));
    assert!(
        text.contains("No route takes it") && text.contains("has been erased") && text.contains("Nothing is recorded")
    );
}

#[test]
fn a_status_by_hand_is_told_as_such() {
    let mut read = full();
    read.events.push(event("report", "admin", 300, json!({ "result": "applied", "mapped": "trash" })));
    read.events.push(event("status", "system", 300, json!({ "from": "hold", "to": "trash" })));
    read.lead.status = Status::Trash;
    let names = HashMap::from([(n(0x21), "N1".to_owned()), (n(0x22), "N2".to_owned())]);
    assert!(story_of(&read, &names, at(1_800)).contains("set to trash by hand since 12:05"));
}

#[tokio::test]
async fn a_lead_is_read_from_the_database_by_id_and_number() {
    scratch::with(async |pool| {
        let mut conn = pool.acquire().await.unwrap();
        sample::fill(&mut conn).await;
        let by_id = id_of(&mut conn, &sample::id(0x31).to_string()).await.unwrap();
        assert_eq!(id_of(&mut conn, "1").await.unwrap(), by_id);
        assert!(id_of(&mut conn, "999").await.is_err());
        assert!(id_of(&mut conn, "nonsense").await.is_err());
        let read = read(&mut conn, by_id).await.unwrap();
        assert_eq!((read.deliveries.len(), read.attempts.len(), read.inbound.len(), read.networks.len()), (2, 2, 1, 2));
        html::check("lead-read", &page(shell("/leads"), read, true, sample::at(9)));
    })
    .await;
}
