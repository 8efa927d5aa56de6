//! Calls of networks: their forms, whom they mean, what they are answered.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{id, world};
use crate::delivery::timeline;
use crate::kit::app::read;

#[tokio::test]
async fn a_call_may_be_a_query_a_form_or_json() {
    let world = world().await;
    let leads = [world.accepted(1).await, world.accepted(2).await, world.accepted(3).await, world.accepted(4).await];
    let http = &world.app.http;
    let calls = [
        http.get(&world.url).query(&[("id", id(&leads[0])), ("status", "approved")]),
        http.post(&world.url).form(&[("id", id(&leads[1])), ("status", "approved")]),
        http.post(&world.url).json(&json!({"id": id(&leads[2]), "status": "approved", "payout": 12.5})),
        http.post(&world.url).query(&[("id", id(&leads[3]))]).form(&[("status", "approved")]),
    ];
    for (call, lead) in calls.into_iter().zip(&leads) {
        let answer = read(call).await.expect(200);
        assert_eq!(answer, json!({"status": "ok", "result": "applied"}));
        assert_eq!(world.show(lead).await["status"], "approved");
    }
    assert_eq!(world.show(&leads[2]).await["revenue"], "12.50");
}

#[tokio::test]
async fn a_lead_is_named_by_our_id_with_or_without_hyphens_by_number_or_by_their_id() {
    let world = world().await;
    for (number, alias) in ["id", "oid", "click_id", "subid"].into_iter().enumerate() {
        let lead = world.accepted(number).await;
        let compact = id(&lead).replace('-', "");
        let count = lead["number"].to_string();
        let theirs = lead["deliveries"][0]["external_id"].as_str().unwrap();
        assert_eq!(world.report(&[(alias, id(&lead)), ("status", "hold")]).await, "applied", "{alias}");
        assert_eq!(world.report(&[(alias, &compact), ("status", "hold")]).await, "unchanged", "{alias}");
        assert_eq!(world.report(&[(alias, &compact.to_uppercase()), ("status", "hold")]).await, "unchanged");
        assert_eq!(world.report(&[(alias, &count), ("status", "hold")]).await, "unchanged");
        assert_eq!(world.report(&[("external_id", theirs), ("status", "hold")]).await, "unchanged");
        assert_eq!(world.report(&[("eid", theirs), ("status", "approved")]).await, "applied");
        assert_eq!(world.show(&lead).await["status"], "approved");
    }
}

#[tokio::test]
async fn a_webmaster_s_own_ids_and_another_network_s_leads_match_nothing() {
    let world = world().await;
    let own = json!({"offer": "tea", "phone": "+34612300001", "external_id": "wm-1", "click_id": "click-1"});
    let lead = world.app.lead(&world.token, own).await.expect(201);
    world.app.drain().await;
    for ours in ["wm-1", "click-1"] {
        assert_eq!(world.report(&[("id", ours), ("status", "approved")]).await, "unmatched");
        assert_eq!(world.report(&[("external_id", ours), ("status", "approved")]).await, "unmatched");
    }
    let stranger = world.app.network("n2", &world.fake.base, json!({})).await;
    let url = stranger["postback_url"].as_str().unwrap();
    let theirs = world.show(&lead).await["deliveries"][0]["external_id"].as_str().unwrap().to_owned();
    let count = lead["number"].to_string();
    for (key, value) in [("id", id(&lead)), ("id", count.as_str()), ("external_id", theirs.as_str())] {
        let answer = read(world.app.http.get(url).query(&[(key, value), ("status", "approved")])).await.expect(200);
        assert_eq!(answer["result"], "unmatched", "{key}");
    }
    assert_eq!(world.show(&lead).await["status"], "pending");
}

#[tokio::test]
async fn an_unknown_secret_is_not_found_and_bad_content_is_never_our_error() {
    let world = world().await;
    let lead = world.accepted(1).await;
    let nowhere = format!("{}/postback/not-a-secret", world.app.base);
    assert_eq!(read(world.app.http.get(nowhere)).await.status, 404);
    assert!(world.stored().await.is_empty());
    let long = "9".repeat(5000);
    for params in [
        vec![],
        vec![("status", "approved")],
        vec![("id", ""), ("status", "approved")],
        vec![("id", "\u{0}"), ("status", "approved")],
        vec![("id", id(&lead)), ("status", "appr\u{0}oved")],
        vec![("id", id(&lead)), ("status", "")],
        vec![("id", "99999999999999999999999999"), ("status", "approved")],
        vec![("id", long.as_str()), ("status", long.as_str())],
        vec![("id", id(&lead)), ("status", "approve\u{fffd}d"), ("payout", "-5")],
        vec![("external_id", "a\u{0}b"), ("status", "approved")],
    ] {
        let answer = world.call(&params).await;
        assert_eq!(answer.status, 200, "{params:?}: {}", answer.text);
        assert_ne!(answer.json()["result"], "applied", "{params:?}");
    }
    for body in [&b"\xff\xfe\x00{{{"[..], b"{\"id\": ", b"[]", b"null", b"{\"id\": {\"a\": [1]}, \"status\": []}"] {
        let answer =
            read(world.app.http.post(&world.url).header("content-type", "application/json").body(body.to_vec())).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    assert_eq!(world.show(&lead).await["status"], "pending");
    assert_eq!(world.stored().await.len(), 15, "each is stored raw");
}

#[tokio::test]
async fn every_call_answered_200_is_stored_as_it_came() {
    let world = world().await;
    let lead = world.accepted(1).await;
    let form = format!("id={}&status=approved&x=%E2%82%AC&x=2", id(&lead));
    let post = world
        .app
        .http
        .post(format!("{}?a=1&b=%20", world.url))
        .header("content-type", "application/x-www-form-urlencoded");
    read(post.body(form.clone())).await.expect(200);
    let list = world.app.get("/api/v1/inbound-postbacks").await.expect(200);
    let row = &list["items"][0];
    assert_eq!((&row["query"], &row["body"], &row["method"]), (&json!("a=1&b=%20"), &json!(form), &json!("POST")));
    assert_eq!((&row["result"], &row["lead_id"], &row["times"]), (&json!("applied"), &lead["id"], &json!(1)));
}

#[tokio::test]
async fn what_changes_nothing_says_why() {
    let world = world().await;
    let lead = world.accepted(1).await;
    assert_eq!(world.says(&lead, "approved").await, "applied");
    assert_eq!(world.says(&lead, "approved").await, "unchanged");
    assert_eq!(world.says(&lead, " APPROVE ").await, "applied", "their new word is kept beside ours");
    assert_eq!(world.says(&lead, "hold").await, "ignored", "a postback does not go backwards");
    assert_eq!(world.says(&lead, "pending").await, "ignored");
    assert_eq!(world.says(&lead, "on the moon").await, "unmapped");
    let results: Vec<String> = world.stored().await.into_iter().map(|(result, _)| result).collect();
    assert_eq!(results, ["applied", "unchanged", "applied", "stale", "stale", "unmapped"]);
    let told = timeline(&world.app, id(&lead), "report").await;
    let whys: Vec<&str> = told.iter().filter_map(|detail| detail["why"].as_str()).collect();
    assert!(whys.iter().any(|why| why.contains("hold does not follow approved")), "{whys:?}");
    assert_eq!(world.show(&lead).await["status"], "approved");
}

#[tokio::test]
async fn a_postback_moves_a_lead_forward_only() {
    let world = world().await;
    for (number, (steps, ends)) in [
        (&["hold", "pending"][..], "hold"),
        (&["approved", "hold", "pending"], "approved"),
        (&["rejected", "hold"], "rejected"),
        (&["rejected", "trash"], "rejected"),
        (&["trash", "approved"], "approved"),
        (&["approved", "rejected"], "rejected"),
        (&["paid", "rejected", "trash", "approved"], "paid"),
    ]
    .into_iter()
    .enumerate()
    {
        let lead = world.accepted(number).await;
        for step in steps {
            world.says(&lead, step).await;
        }
        assert_eq!(world.show(&lead).await["status"], ends, "{steps:?}");
    }
}

#[tokio::test]
async fn a_report_may_bring_its_own_value_lists() {
    let world = world().await;
    let lead = world.accepted(1).await;
    let lists = [("sta", "11,12"), ("stc", "13"), ("stt", "14"), ("stw", "1"), ("sth", "5")];
    let with = |status: &'static str| [&[("id", id(&lead)), ("status", status)][..], &lists].concat();
    for (word, status) in [("5", "hold"), ("12", "approved"), ("13", "rejected")] {
        assert_eq!(world.report(&with(word)).await, "applied");
        assert_eq!(world.show(&lead).await["status"], status);
    }
}

#[tokio::test]
async fn calls_at_the_same_time_are_all_stored_and_applied() {
    let world = world().await;
    let mut leads = Vec::new();
    for number in 0..20 {
        leads.push(world.accepted(number).await);
    }
    let calls = leads.iter().flat_map(|lead| ["hold", "approved", "approved"].map(|status| world.says(lead, status)));
    futures_util::future::join_all(calls).await;
    for lead in &leads {
        assert_eq!(world.show(lead).await["status"], "approved");
    }
    assert_eq!(world.stored().await.len(), 60);
    assert_eq!(world.app.count("select count(*) from lead where payout = 10 and revenue = 15").await, 20);
}

#[tokio::test]
async fn a_stored_call_can_be_judged_again() {
    let world = world().await;
    let lead = world.accepted(1).await;
    assert_eq!(world.report(&[("id", id(&lead)), ("status", "ok!")]).await, "unmapped");
    world.app.patch("/api/v1/networks/n1", json!({"status_map": {"OK!": "approved"}})).await.expect(200);
    let list = world.app.get("/api/v1/inbound-postbacks").await.expect(200);
    let path = format!("/api/v1/inbound-postbacks/{}/reprocess", list["items"][0]["id"].as_str().unwrap());
    assert_eq!(world.app.post(&path, json!({})).await.expect(200)["result"], "applied");
    assert_eq!(world.app.post(&path, json!({})).await.expect(200)["result"], "unchanged");
    assert_eq!(world.show(&lead).await["status"], "approved");
    assert_eq!(world.stored().await, [("unchanged".to_owned(), 3)]);
}

#[tokio::test]
async fn stored_calls_of_a_filter_are_judged_again() {
    let world = world().await;
    let lead = world.accepted(1).await;
    assert_eq!(world.says(&lead, "fine").await, "unmapped");
    world.app.patch("/api/v1/networks/n1", json!({"status_map": {"fine": "approved"}})).await.expect(200);
    let replay = json!({"kind": "inbound", "filter": {"network": "n1", "state": "unmapped"}});
    world.app.post("/api/v1/replays", replay).await.expect(202);
    assert_eq!(world.show(&lead).await["status"], "approved");
    assert_eq!(world.stored().await, [("applied".to_owned(), 2)]);
}

#[tokio::test]
async fn the_sandbox_reports_what_it_promised() {
    let app = crate::kit::app::TestApp::start().await;
    let token = app.with_offer("tea").await;
    let settings = json!({"then_status": "approved", "then_after_seconds": 0, "payout": "7.5", "currency": "USD"});
    let body = json!({"slug": "box", "name": "box", "integration": "sandbox", "settings": settings});
    app.post("/api/v1/networks", body).await.expect(201);
    app.route("tea", "box", 1).await;
    let id = app.lead_id(&token, "tea", &crate::delivery::phone(1)).await;
    let lead = app.until_status(&id, "approved").await;
    assert_eq!((&lead["revenue"], &lead["payout"]), (&json!("7.50"), &json!("10.00")));
}

#[tokio::test]
async fn the_time_of_a_change_is_that_of_its_turn() {
    let world = world().await;
    let lead = world.accepted(1).await;
    let mut tx = world.app.app.db.begin().await.unwrap();
    sqlx::query("select from lead for update").execute(&mut *tx).await.unwrap();
    let says = [("id", id(&lead)), ("status", "hold")];
    let (result, turn) = tokio::join!(world.report(&says), async {
        world.app.until_blocked().await;
        let turn = world.app.app.clock.now();
        tx.commit().await.unwrap();
        turn
    });
    assert_eq!(result, "applied");
    let changed: DateTime<Utc> =
        sqlx::query_scalar("select changed_at from lead").fetch_one(&world.app.app.db).await.unwrap();
    assert!(changed >= turn, "another change may have been made while this one waited");
}
