//! `GET /api/v1/stats`: whatever the leads are grouped by and wherever the figures come from, they are the leads.

use std::collections::BTreeMap;

use leadrelay::db::stats_fold;
use reqwest::Method;
use serde_json::{Value, json};

use crate::delivery::phone;
use crate::kit::app::TestApp;
use crate::status::{World, world};

impl World {
    async fn stats(&self, query: &str) -> Value {
        self.app.get(&format!("/api/v1/stats?{query}")).await.expect(200)
    }

    async fn fold(&self) {
        let mut conn = self.app.app.db.acquire().await.expect("a connection");
        assert!(stats_fold::fold(&mut conn).await.expect("folded"));
    }

    async fn moves(&self, sql: &'static str) {
        sqlx::query(sql).execute(&self.app.app.db).await.expect("moved");
    }
}

/// Six leads of two webmasters over three days: a1 approved, a2 on hold, a3 trash, b1 approved and reversed, b2 pending,
/// b3 refused. Folded in between as often as `folds` says.
async fn six_leads(folds: bool) -> World {
    let world = world().await;
    let ben = world.app.webmaster("ben").await;
    let mut leads = Vec::new();
    for (n, (token, sub1)) in
        [(&world.token, "x"), (&world.token, "y"), (&world.token, ""), (&ben, "x"), (&ben, "x"), (&ben, "")]
            .iter()
            .enumerate()
    {
        let mut body = json!({"offer": "tea", "phone": phone(n)});
        if !sub1.is_empty() {
            body["sub1"] = json!(sub1);
        }
        leads.push(world.app.lead(token, body).await.expect(201));
    }
    world.app.lead(&ben, json!({"offer": "tea", "phone": phone(9), "test": true})).await.expect(201);
    // The first two came the day before yesterday, the next two yesterday.
    world.moves("update lead set created_at = created_at - interval '2 days' where number <= 2").await;
    world.moves("update lead set created_at = created_at - interval '1 day' where number in (3, 4)").await;
    world.moves("update lead_change c set at = l.created_at from lead l where l.lead_id = c.lead_id").await;
    if folds {
        world.fold().await;
    }
    world.app.drain().await;
    if folds {
        world.fold().await;
    }
    for (n, status) in [(0, "approved"), (1, "hold"), (2, "trash"), (3, "approved")] {
        assert_eq!(world.says(&leads[n], status).await, "applied");
    }
    if folds {
        world.fold().await;
    }
    assert_eq!(world.says(&leads[3], "rejected").await, "applied");
    let refused = world
        .app
        .post(
            &format!("/api/v1/leads/{}/status", leads[5]["id"].as_str().unwrap()),
            json!({
        "status": "rejected", "reason": "changed my mind"}),
        )
        .await;
    refused.expect(200);
    world
}

/// Leads by the words of these fields.
fn by(stats: &Value, fields: &[&str], figure: &str) -> BTreeMap<String, i64> {
    let items = stats["items"].as_array().expect("items");
    let word = |item: &Value, field: &str| item[field].as_str().map_or(item[field].to_string(), str::to_owned);
    let key = |item: &Value| fields.iter().map(|field| word(item, field)).collect::<Vec<_>>().join(" ");
    items
        .iter()
        .map(|item| (key(item), item[figure].as_i64().unwrap_or_default()))
        .filter(|(_, figure)| *figure != 0)
        .collect()
}

fn map(pairs: &[(&str, i64)]) -> BTreeMap<String, i64> {
    pairs.iter().map(|(key, count)| ((*key).to_owned(), *count)).collect()
}

#[tokio::test]
async fn the_figures_are_the_leads_summed_or_not() {
    for folds in [false, true] {
        let world = six_leads(folds).await;
        let stats = world.stats("group_by=webmaster,status").await;
        let expected =
            map(&[("anna approved", 1), ("anna hold", 1), ("anna trash", 1), ("ben pending", 1), ("ben rejected", 2)]);
        assert_eq!(by(&stats, &["webmaster", "status"], "leads"), expected, "folds: {folds}");
        let total = &stats["total"];
        assert_eq!((&total["leads"], &total["approved"], &total["hold"]), (&json!(6), &json!(1), &json!(1)));
        // One of five that are not trash.
        assert_eq!(total["approve_rate"], "20.0");
        let money = json!([{"currency": "USD", "hold": "10.00", "payout": "10.00", "hold_revenue": "15.00",
            "revenue": "15.00", "margin": "5.00", "payout_per_lead": "1.6667", "revenue_per_lead": "2.50"}]);
        assert_eq!(total["money"], money);
        let delivered = by(&world.stats("group_by=network").await, &["network"], "delivered");
        assert_eq!(delivered, map(&[("n1", 6)]));
        let subs = world.stats("group_by=sub1").await;
        assert_eq!(by(&subs, &["sub1"], "leads"), map(&[("x", 3), ("y", 1), ("null", 2)]));
        assert_eq!(subs["total"], *total, "subs are counted elsewhere, to the same sum");
    }
}

#[tokio::test]
async fn a_drill_down_sums_to_its_total_wherever_it_is_counted() {
    let world = six_leads(true).await;
    for basis in ["lead", "event"] {
        for timezone in ["UTC", "Asia/Tokyo"] {
            let ask = format!("by={basis}&timezone={timezone}&from=2020-01-01");
            let total = world.stats(&format!("{ask}&group_by=")).await["total"].clone();
            assert_eq!(total["leads"], 6);
            for groups in ["day", "day,hour", "offer,webmaster,network,country,status", "reason,sub1", "sub2,sub12,day"]
            {
                let stats = world.stats(&format!("{ask}&group_by={groups}")).await;
                assert_eq!(stats["total"], total, "{ask} {groups}");
                let sum: i64 =
                    stats["items"].as_array().unwrap().iter().map(|item| item["leads"].as_i64().unwrap()).sum();
                assert_eq!(sum, 6, "{ask} {groups}");
            }
            let days = |filter: &str| format!("{ask}&group_by=day,status{filter}");
            let (all, of_anna, of_ben) = (
                world.stats(&days("")).await,
                world.stats(&days("&webmaster=anna")).await,
                world.stats(&days("&webmaster=ben&status=pending,hold,approved,paid,rejected,trash,new")).await,
            );
            let parts = |figure: &str| {
                let mut sum = by(&of_anna, &["day", "status"], figure);
                for (key, count) in by(&of_ben, &["day", "status"], figure) {
                    *sum.entry(key).or_default() += count;
                }
                sum.retain(|_, count| *count != 0);
                sum
            };
            assert_eq!(by(&all, &["day", "status"], "leads"), parts("leads"), "{ask}");
            let of_none = world.stats(&format!("{ask}&group_by=webmaster&none=sub1")).await;
            assert_eq!(by(&of_none, &["webmaster"], "leads"), map(&[("anna", 1), ("ben", 1)]));
        }
    }
}

#[tokio::test]
async fn a_day_of_leads_tells_what_became_of_them_and_a_day_of_events_what_happened() {
    let world = six_leads(true).await;
    let days = |stats: &Value, figure: &str| by(stats, &["day"], figure).into_values().collect::<Vec<_>>();
    let by_lead = world.stats("group_by=day").await;
    assert_eq!((days(&by_lead, "leads"), days(&by_lead, "approved")), (vec![2, 2, 2], vec![1]));
    let by_event = world.stats("group_by=day&by=event").await;
    assert_eq!((days(&by_event, "leads"), days(&by_event, "approved")), (vec![2, 2, 2], vec![1]));
    let today = by_event["items"].as_array().unwrap().last().unwrap();
    assert_eq!(by(&by_event, &["day"], "approved").keys().next().unwrap(), today["day"].as_str().unwrap());
    // The approval was yesterday, its reversal is of today.
    world.moves("update lead_change set at = at - interval '1 day' where status = 'approved' and lead_id in (select lead_id from lead where number = 4)").await;
    world.moves("delete from stats_day").await;
    world.moves("update stats_fold set below = 0").await;
    world.fold().await;
    let by_event = world.stats("group_by=day&by=event&webmaster=ben").await;
    assert_eq!(by(&by_event, &["day"], "approved").into_values().collect::<Vec<_>>(), [1, -1]);
    assert_eq!(by_event["total"]["approved"], 0);
}

#[tokio::test]
async fn a_time_zone_that_comes_into_use_is_summed_from_what_there_is() {
    let world = six_leads(true).await;
    let ask = "group_by=day,status,network&by=event&timezone=America/St_Johns&from=2020-01-01";
    let before = world.stats(ask).await;
    let mut conn = world.app.app.db.acquire().await.unwrap();
    for _ in 0..2 {
        stats_fold::add_zone(&mut conn, "America/St_Johns").await.unwrap();
        assert_eq!(world.stats(ask).await, before);
        world.fold().await;
        assert_eq!(world.stats(ask).await, before);
    }
    assert!(world.app.count("select count(*) from stats_day where zone = 'America/St_Johns'").await > 0);
}

#[tokio::test]
async fn a_webmaster_sees_his_own_leads_and_no_revenue() {
    let world = six_leads(false).await;
    let of = async |query: &str| {
        world.app.call(Method::GET, &format!("/api/v1/stats?{query}"), &world.token, &Value::Null).await
    };
    let own = of("group_by=status,offer").await.expect(200);
    assert_eq!(own["total"]["leads"], 3);
    let money = json!([{"currency": "USD", "hold": "10.00", "payout": "10.00", "payout_per_lead": "3.3333"}]);
    assert_eq!(own["total"]["money"], money);
    assert!(!own.to_string().contains("revenue") && !own.to_string().contains("n1"));
    for query in ["group_by=network", "group_by=webmaster", "webmaster=ben", "network=n1", "none=network"] {
        assert_eq!(of(query).await.status, 422, "{query}");
    }
    let limited =
        world.app.post("/api/v1/webmasters/anna/tokens", json!({"name": "w", "scopes": ["leads:write"]})).await;
    let limited = limited.expect(201)["token"].as_str().unwrap().to_owned();
    let answer = world.app.call(Method::GET, "/api/v1/stats", &limited, &Value::Null).await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn what_cannot_be_counted_is_named() {
    let app = TestApp::idle().await;
    for (query, field) in [
        ("group_by=moon", "group_by"),
        ("from=tomorrow", "from"),
        ("from=2026-02-02&to=2026-02-01", "to"),
        ("timezone=Mars/Phobos", "timezone"),
        ("network=none-such", "network"),
        ("country=DEU", "country"),
        ("hour=24", "hour"),
        ("none=day", "none"),
        ("by=moon", "by"),
    ] {
        assert_eq!(app.get(&format!("/api/v1/stats?{query}")).await.fields(), [field], "{query}");
    }
    let empty = app.get("/api/v1/stats").await.expect(200);
    assert_eq!((&empty["items"], &empty["total"]["leads"]), (&json!([]), &json!(0)));
}
