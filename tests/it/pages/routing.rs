//! Routing by pages: a draft beside the live routes, tried on past leads, published at once or at its time, rolled back.

use serde_json::{Value, json};

use super::{Person, person, told};
use crate::delivery::phone;
use crate::kit::app::TestApp;
use crate::kit::fake::{Fake, Play};

/// An offer with a live route to `n1`; `n2` is there as well.
async fn two_networks() -> (TestApp, Fake, String) {
    let app = TestApp::idle().await;
    let fake = Fake::start().await;
    let token = app.with_offer("tea").await;
    for slug in ["n1", "n2"] {
        app.network(slug, &fake.base, json!({})).await;
    }
    app.route("tea", "n1", 1).await;
    (app, fake, token)
}

/// A route to `n2` for half of the leads, in the draft.
async fn draft_half(ann: &Person<'_>) {
    let half = [("network", "n2"), ("position", "1"), ("weight", "1"), ("caps", "day 100"), ("enabled", "1")];
    let said = ann.does("/offers/tea/routing/routes/new", &half).await;
    assert!(told(&said).contains("draft") && said.contains("50\u{a0}%"), "{}", told(&said));
}

async fn live(app: &TestApp) -> Vec<(String, i64)> {
    let routes = app.get("/api/v1/routes?offer=tea").await.expect(200);
    let route = |route: &Value| (route["network"].as_str().unwrap().to_owned(), route["position"].as_i64().unwrap());
    routes["items"].as_array().unwrap().iter().map(route).collect()
}

#[tokio::test]
async fn a_draft_changes_nothing_until_it_is_published_and_can_be_rolled_back() {
    let (app, _, _) = two_networks().await;
    let ann = person(&app, "manager").await;
    draft_half(&ann).await;
    assert_eq!(live(&app).await, [("n1".into(), 1)]);
    let wrong = [("network", "n2"), ("position", "x"), ("caps", "sometimes"), ("schedule", "mon"), ("countries", "ZZ")];
    let answer = ann.sends("/offers/tea/routing/routes/new", &wrong).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text.contains("sometimes"), "what was typed stays");
    ann.does("/offers/tea/routing/publish", &[("when", "now")]).await;
    assert_eq!(live(&app).await, [("n1".into(), 1), ("n2".into(), 1)]);
    let caps = app.get("/api/v1/routes?offer=tea&network=n2").await.expect(200)["items"][0]["caps"].clone();
    assert_eq!(caps, json!([{"period": "day", "limit": 100, "counts": "accepted"}]));
    let page = ann.sees("/offers/tea/routing").await;
    assert!(page.contains("0 / 100") && page.contains("Version 2"));
    ann.does("/offers/tea/routing/roll-back", &[("version", "1")]).await;
    assert_eq!(live(&app).await, [("n1".into(), 1)]);
    ann.does("/offers/tea/routing/roll-back", &[("version", "2")]).await;
    assert_eq!(live(&app).await.len(), 2, "a route that was archived comes back");
    let log = app.count("select count(*) from audit where action in ('routing.publish', 'routing.roll_back')").await;
    assert_eq!(log, 3);
    let bob = person(&app, "support").await;
    assert!(!bob.sees("/offers/tea/routing").await.contains("/roll-back"));
    assert_eq!(bob.sends("/offers/tea/routing/publish", &[("when", "now")]).await.status, 403);
}

#[tokio::test]
async fn a_draft_that_was_overtaken_asks_first() {
    let (app, _, _) = two_networks().await;
    let ann = person(&app, "manager").await;
    draft_half(&ann).await;
    let route = app.get("/api/v1/routes?offer=tea").await.expect(200)["items"][0]["id"].as_str().unwrap().to_owned();
    app.patch(&format!("/api/v1/routes/{route}"), json!({"countries": ["ES"]})).await.expect(200);
    assert!(told(&ann.does("/offers/tea/routing/publish", &[("when", "now")]).await).contains("changed"));
    assert_eq!(live(&app).await.len(), 1);
    ann.does("/offers/tea/routing/publish", &[("when", "now"), ("force", "1")]).await;
    assert_eq!(live(&app).await.len(), 2);
}

#[tokio::test]
async fn a_draft_publishes_itself_at_its_minute_or_says_why_not() {
    let (app, _, _) = two_networks().await;
    let ann = person(&app, "manager").await;
    draft_half(&ann).await;
    let soon = (app.app.clock.now() + chrono::TimeDelta::minutes(2)).format("%Y-%m-%dT%H:%M").to_string();
    let past = [("when", "later"), ("at", "2020-01-01T00:00")];
    assert!(told(&ann.does("/offers/tea/routing/publish", &past).await).contains("future"));
    ann.does("/offers/tea/routing/publish", &[("when", "later"), ("at", &soon)]).await;
    let due = async || leadrelay::flow::publish_routing::due(&app.app).await.unwrap();
    assert_eq!(due().await, 0, "its minute has not come");
    let come = "update routing_draft set publish_at = now() - interval '1 second'";
    app.delete("/api/v1/networks/n2").await.expect(204);
    sqlx::query(come).execute(&app.app.db).await.unwrap();
    assert_eq!(due().await, 0);
    assert!(ann.sees("/offers/tea/routing").await.contains("archived"), "it says why");
    ann.does("/offers/tea/routing/discard", &[]).await;
    let other = [("network", "n1"), ("position", "3"), ("weight", "1"), ("enabled", "1")];
    ann.does("/offers/tea/routing/routes/new", &other).await;
    ann.does("/offers/tea/routing/publish", &[("when", "later"), ("at", &soon)]).await;
    sqlx::query(come).execute(&app.app.db).await.unwrap();
    assert_eq!((due().await, due().await), (1, 0));
    assert_eq!(live(&app).await, [("n1".into(), 1), ("n1".into(), 3)]);
}

#[tokio::test]
async fn a_draft_is_tried_on_leads_of_the_past_and_one_lead_is_explained() {
    let (app, fake, token) = two_networks().await;
    app.patch("/api/v1/offers/tea", json!({"revenue": "15"})).await.expect(200);
    fake.answers([Play::Json(422, json!({"status": "rejected", "reason": "no"}))]);
    for n in 0..20 {
        app.lead_id(&token, "tea", &phone(n)).await;
        app.drain().await;
    }
    app.post("/api/v1/leads/2/status", json!({"status": "approved"})).await.expect(200);
    let ann = person(&app, "manager").await;
    draft_half(&ann).await;
    let today = app.app.clock.now().date_naive().to_string();
    let page = ann.sees(&format!("/offers/tea/routing/simulation?from={today}&to={today}")).await;
    assert!(page.contains("of 20 leads would go elsewhere"), "{page}");
    let cells = |name: &str| -> Vec<i64> {
        let row = page.split(&format!("<th scope=\"row\">{name}</th>")).nth(1).unwrap().split("</tr>").next().unwrap();
        let cells = row.split("class=\"num\">").skip(1).take(2);
        cells.map(|cell| cell.split('<').next().unwrap().parse().unwrap()).collect()
    };
    let (n1, n2) = (cells("n1"), cells("n2"));
    assert_eq!((n1[0], n2[0], n1[1] + n2[1]), (19, 0, 20), "the one that was refused goes to the other");
    assert!(n2[1] > 2 && n2[1] < 18, "about half: {}", n2[1]);
    assert!(page.contains("15.00\u{a0}USD") && page.contains("not known"));
    let page = ann.sees("/offers/tea/routing?lead=3").await;
    assert!(page.contains("Lead 3 by the live routes") && page.contains("Lead 3 by the draft"));
    assert!(ann.sees("/offers/tea/routing?lead=999").await.contains("no such lead"));
    let none = ann.sees("/offers/tea/routing/simulation?from=2020-01-01&to=2020-01-01").await;
    assert!(none.contains("No leads in these days"));
    assert_eq!(ann.opens("/offers/tea/routing/simulation?from=2020-02-01&to=2020-01-01").await.status, 422);
}
