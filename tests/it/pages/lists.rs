//! The lists of the dashboard: filters, pages, files, kept views, and what can be done about a row.

use serde_json::json;

use super::{person, target, told};
use crate::delivery::phone;
use crate::kit::app::TestApp;
use crate::kit::fake::{Fake, Play};

#[tokio::test]
async fn a_list_is_read_page_by_page_in_both_orders_and_as_a_file() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    let leads: Vec<_> = (1..=120).map(|n| json!({"offer": "tea", "phone": phone(n), "name": "=1+1"})).collect();
    app.call(reqwest::Method::POST, "/api/v1/leads/batch", &token, &json!(leads)).await.expect(200);
    let ann = person(&app, "manager").await;
    for (sort, first) in [("newest", 120), ("oldest", 1)] {
        let (mut path, mut seen) = (format!("/leads?sort={sort}"), Vec::new());
        loop {
            let page = ann.sees(&path).await;
            let numbers = page.split("data-href=\"/leads/").skip(1).map(|row| row.split('"').next().unwrap());
            seen.extend(numbers.map(|number| number.parse::<i64>().unwrap()));
            let Some(link) = page.split("rel=\"next\"").next().filter(|_| page.contains("rel=\"next\"")) else { break };
            path = link.rsplit("href=\"").next().unwrap().split('"').next().unwrap().replace("&#38;", "&");
        }
        assert_eq!((seen.len(), seen[0]), (120, first), "{sort}");
        seen.sort_unstable();
        assert_eq!(seen, (1..=120).collect::<Vec<i64>>());
    }
    let file = ann.sees("/leads/export.csv?sort=oldest&col=number&col=offer&col=contact").await;
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!((lines.len(), lines[0]), (121, "number,offer,contact"));
    assert!(lines[1].starts_with("1,tea,'+34") && !file.contains(&phone(1)), "{}", lines[1]);
    let wrong = ann.opens("/leads?status=gone").await;
    assert_eq!(wrong.status, 422);
    assert!(told(&wrong.text).contains("status"), "{}", told(&wrong.text));
}

#[tokio::test]
async fn a_view_is_kept_for_oneself_or_for_all() {
    let app = TestApp::idle().await;
    let (ann, bob) = (person(&app, "manager").await, person(&app, "support").await);
    let keep = |name: &'static str, shared: &'static str| {
        [("path", "/leads"), ("query", "status=hold"), ("name", name), ("shared", shared)]
    };
    assert!(told(&ann.does("/views", &keep("My holds", "")).await).contains("My holds"));
    ann.does("/views", &keep("Our holds", "1")).await;
    let page = ann.sees("/leads?status=hold").await;
    assert!(page.contains("My holds") && page.contains("Our holds"));
    let page = bob.sees("/leads").await;
    assert!(!page.contains("My holds") && page.contains("Our holds") && !page.contains("/forget"));
    let view = target(&ann.sees("/leads").await, "/views/").to_owned();
    assert_eq!(bob.sends(&view, &[]).await.status, 404, "another's view stays");
    assert!(ann.sees("/leads").await.contains(&view));
    ann.does(&view, &[]).await;
    assert!(!ann.sees("/leads").await.contains(&view));
    assert_eq!(ann.sends("/views", &[("path", "/nowhere"), ("name", "x")]).await.status, 404);
}

#[tokio::test]
async fn what_failed_is_grouped_retried_and_decided() {
    let app = TestApp::idle().await;
    let fake = Fake::start().await;
    let token = app.with_offer("tea").await;
    app.network("n1", &fake.base, json!({})).await;
    app.route("tea", "n1", 1).await;
    fake.answers([Play::Json(503, json!({})), Play::Json(502, json!({}))]);
    let retrying = app.lead_id(&token, "tea", &phone(1)).await;
    app.drain().await;
    let doubtful = app.lead_id(&token, "tea", &phone(2)).await;
    app.drain().await;
    let ann = person(&app, "manager").await;
    let page = ann.sees("/deliveries").await;
    assert!(page.contains("What fails now") && page.contains("HTTP 503") && page.contains("HTTP 502"));
    let retry = target(&ann.sees("/deliveries?state=retrying").await, "/deliveries/01").to_owned();
    assert!(retry.ends_with("/retry"), "{retry}");
    ann.does(&retry, &[("back", "/deliveries?state=retrying")]).await;
    app.drain().await;
    app.until_delivery(&retrying, "accepted").await;
    let decide = target(&ann.sees("/deliveries?state=needs_review").await, "/deliveries/01").to_owned();
    assert!(told(&ann.does(&decide, &[("outcome", "")]).await).contains("Choose"));
    ann.does(&decide, &[("outcome", "accepted")]).await;
    app.until_delivery(&doubtful, "accepted").await;
    assert!(told(&ann.does(&decide, &[("outcome", "refused")]).await).contains("not in review"));
}

#[tokio::test]
async fn rows_of_a_filter_are_done_again_after_it_was_said_how_many() {
    let world = crate::status::world().await;
    world.report(&[("id", "nobody"), ("status", "approved")]).await;
    world.report(&[("id", "no one"), ("status", "approved")]).await;
    let ann = person(&world.app, "manager").await;
    let page = ann.sees("/inbound?result=unmatched").await;
    let replay = target(&page, "/replays/inbound").replace("&#38;", "&");
    let asked = ann.sees(&replay).await;
    assert!(asked.contains("2 rows are done again"), "{asked}");
    assert_eq!(world.stored().await.iter().map(|(_, times)| times).sum::<i64>(), 2, "asking changes nothing");
    assert!(told(&ann.does(&replay, &[]).await).contains("2 rows"));
    assert_eq!(world.stored().await.iter().map(|(_, times)| times).sum::<i64>(), 4);
    assert!(ann.sees("/audit?kind=replay").await.contains("replay.inbound"));
    let one = target(&ann.sees("/inbound").await, "/inbound/01").to_owned();
    assert!(told(&ann.does(&one, &[]).await).contains("names no lead"));
}

#[tokio::test]
async fn a_word_is_mapped_into_the_past_where_it_is_listed() {
    let world = crate::status::world().await;
    let lead = world.accepted(1).await;
    world.says(&lead, "delivered <b>").await;
    let ann = person(&world.app, "manager").await;
    let page = ann.sees("/unmapped").await;
    assert!(page.contains("delivered &#60;b&#62;") && !page.contains("delivered <b>"));
    let map = target(&page, "/unmapped/01").to_owned();
    assert!(told(&ann.does(&map, &[("status", "new")]).await).contains("Choose"));
    assert_eq!(
        told(&ann.does(&map, &[("status", "approved")]).await),
        "It means approved: 1 report was waiting, 1 changed something."
    );
    assert_eq!(world.show(&lead).await["status"], "approved");
    assert!(ann.sees("/unmapped").await.contains("Every status has a meaning"));
    assert!(ann.sees("/unmapped?state=mapped").await.contains("delivered &#60;b&#62;"));
}

#[tokio::test]
async fn a_postback_that_gave_up_is_sent_again_from_the_list() {
    let world = crate::status::world().await;
    let sink = Fake::start().await;
    sink.always(Play::Json(200, json!({})));
    let url = format!("{}/?s={{status}}", sink.base);
    world.app.post("/api/v1/postbacks", json!({"webmaster": "anna", "url": url})).await.expect(201);
    world.accepted(1).await;
    world.app.drain().await;
    let before = sink.got().len();
    let ann = person(&world.app, "manager").await;
    let resend = target(&ann.sees("/postbacks?state=delivered").await, "/postbacks/01").to_owned();
    assert!(told(&ann.does(&resend, &[]).await).contains("again"));
    world.app.drain().await;
    assert_eq!(sink.got().len(), before + 1);
}
