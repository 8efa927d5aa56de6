//! Erasing the person of a lead, the calls as curl, reports without a lead, and how good a webmaster is.

use serde_json::json;

use super::{person, target, told};
use crate::delivery::phone;
use crate::kit::fake::Play;
use crate::status::{self, id};

/// Everything the database holds about a lead, as text.
async fn stored(world: &status::World) -> String {
    let mut all = String::new();
    for table in
        ["lead", "lead_contact", "lead_event", "attempt", "attempt_body", "inbound_postback", "postback_delivery"]
    {
        let sql = format!("select coalesce(string_agg(row_to_json(t)::text, ' '), '') from {table} t");
        let text: String =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&world.app.app.db).await.expect("a text");
        all.push_str(&text);
    }
    all
}

#[tokio::test]
async fn a_person_is_erased_for_good_and_the_business_stays() {
    let world = status::world().await;
    world.app.post("/api/v1/postbacks", json!({"webmaster": "anna", "url": "https://t.example/", "method": "POST", "body": "{\"s\": \"{status}\"}"})).await.expect(201);
    let body = json!({"offer": "tea", "phone": phone(1), "name": "Zoë Quux", "email": "quux@example.com", "meta": {"age": "41-years"}});
    let lead = world.app.lead(&world.token, body).await.expect(201);
    world.app.drain().await;
    let call = [("id", id(&lead)), ("status", "approved"), ("comment", "Quux agreed")];
    assert_eq!(world.report(&call).await, "applied");
    world.app.drain().await;
    let before = stored(&world).await;
    let own = ["Quux", "quux@", "41-years", phone(1).trim_start_matches('+')].map(str::to_owned);
    assert!(own.iter().all(|word| before.contains(word.as_str())), "{before}");

    let ann = person(&world.app, "manager").await;
    let page = ann.sees(&format!("/leads/{}", lead["number"])).await;
    let question = target(&page, "/leads/1/erase").to_owned();
    let question = ann.sees(&question).await;
    let gone = ann.does(target(&question, "/leads/1/erase"), &[]).await;
    assert!(told(&gone).contains("is erased") && gone.contains("has been erased"), "{gone}");
    let after = stored(&world).await;
    for word in ["quux@", "41-years", phone(1).trim_start_matches('+'), "Zo\u{eb}"] {
        assert!(!after.contains(word), "{word} is still there: {after}");
    }
    let shown = world.app.show(id(&lead)).await;
    assert_eq!((&shown["status"], &shown["payout"]), (&json!("approved"), &json!("10.00")));
    let line = ann.sees(&format!("/audit?object={}", id(&lead))).await;
    assert!(line.contains("lead.erase"), "{line}");

    // Again: nothing more happens. What a network says later goes with the next time.
    let once = world.app.post(&format!("/api/v1/leads/{}/erase", id(&lead)), json!(null)).await.expect(200);
    let events = "select count(*) from lead_event where kind = 'erased'";
    assert_eq!(world.app.count(events).await, 1);
    world.report(&[("id", id(&lead)), ("status", "paid"), ("name", "Quux")]).await;
    assert!(stored(&world).await.contains("name=Quux"));
    let again = world.app.post(&format!("/api/v1/leads/{}/erase", id(&lead)), json!(null)).await.expect(200);
    assert_eq!(once["erased_at"], again["erased_at"], "the first time stays");
    assert!(!stored(&world).await.contains("name=Quux"));
    assert_eq!(world.app.count(events).await, 2);
}

#[tokio::test]
async fn an_erased_lead_is_neither_sent_nor_changed() {
    let world = status::world().await;
    world.fake.always(Play::Json(503, json!({})));
    let waiting = world.app.lead_id(&world.token, "tea", &phone(1)).await;
    world.app.drain().await;
    let erase = |lead: &str| format!("/api/v1/leads/{lead}/erase");
    world.app.post(&erase(&waiting), json!(null)).await.expect(200);
    let sent = world.fake.got().len();
    world.app.hurry().await;
    world.app.drain().await;
    assert_eq!(world.fake.got().len(), sent, "what waited is not sent any more");
    assert_eq!(world.app.show(&waiting).await["deliveries"][0]["state"], "cancelled");
    let again = world.app.post(&format!("/api/v1/leads/{waiting}/redeliver"), json!({})).await;
    assert_eq!(again.problem(409), "wrong_state");
    let path = format!("/api/v1/leads/{waiting}");
    let change = world.app.call(reqwest::Method::PATCH, &path, &world.token, &json!({"name": "Back Again"})).await;
    assert_eq!(change.problem(409), "erased");
    assert_eq!(world.app.post(&erase("999999"), json!(null)).await.status, 404);
    let ben = person(&world.app, "support").await;
    assert_eq!(ben.sends(&format!("/leads/{waiting}/erase"), &[]).await.status, 403);
    let own = world.app.call(reqwest::Method::POST, &erase(&waiting), &world.token, &json!(null)).await;
    assert_eq!(own.status, 403, "webmasters do not erase");
}

#[tokio::test]
async fn a_second_delivery_of_an_erased_lead_is_not_made() {
    let world = status::world().await;
    let shop = crate::kit::fake::Fake::start().await;
    world.app.network("shop", &shop.base, json!({})).await;
    let route = json!({"offer": "tea", "network": "shop", "position": 2, "trigger_status": "approved"});
    world.app.post("/api/v1/routes", route).await.expect(201);
    let lead = world.accepted(1).await;
    world.app.post(&format!("/api/v1/leads/{}/erase", id(&lead)), json!(null)).await.expect(200);
    world.says(&lead, "approved").await;
    world.app.drain().await;
    assert!(shop.got().is_empty(), "nobody is left to ship to");
    assert_eq!(world.show(&lead).await["status"], "approved");
}

#[tokio::test]
async fn attempts_are_copied_as_curl_with_secrets_and_person_masked() {
    let world = status::world().await;
    world.app.patch("/api/v1/networks/n1", json!({"settings": {"token": "hush-hush-hush"}})).await.expect(200);
    let lead = world.accepted(1).await;
    let page = person(&world.app, "manager").await.sees(&format!("/leads/{}", lead["number"])).await;
    let call = page.split("id=\"curl-0\"").nth(1).unwrap().split("</pre>").next().unwrap();
    assert!(call.contains("curl -X POST &#39;http://127.0.0.1") && call.contains("authorization: ***"), "{call}");
    assert!(!call.contains("hush-hush-hush") && !call.contains(&phone(1)));
    let page = person(&world.app, "support").await.sees(&format!("/leads/{}", lead["number"])).await;
    assert!(!page.contains("curl-0"), "support sees no bodies");
}

#[tokio::test]
async fn a_report_without_a_lead_is_given_to_its_lead_by_a_form() {
    let world = crate::polls::world().await;
    let leads = world.accepted(1).await;
    let foreign = json!([{"id": "somebody-elses", "external_id": "f-<1>", "status": "approved", "payout": "3"}]);
    world.status.answers_by(move |_| Play::Json(200, foreign.clone()));
    world.poll(json!({"feed": "open"})).await;
    let ann = person(&world.app, "manager").await;
    let list = ann.sees("/orphans?network=n1").await;
    assert!(list.contains("f-&#60;1&#62;") && ann.sees("/networks/n1/polling").await.contains("/orphans?network=n1"));
    let page = target(&list, "/orphans/0").to_owned();
    let assign = target(&ann.sees(&page).await, &format!("{page}/assign")).to_owned();
    for (lead, said) in [("", "name the lead"), ("999999", "There is no such lead")] {
        let wrong = ann.sends(&assign, &[("lead", lead)]).await;
        assert!(wrong.status == 422 && wrong.text.contains(said), "{}", wrong.text);
    }
    assert_eq!(person(&world.app, "support").await.sends(&assign, &[("lead", &leads[0])]).await.status, 403);
    assert!(told(&ann.does(&assign, &[("lead", &leads[0])]).await).contains("was given"));
    assert_eq!(world.status_of(&leads[0]).await, "approved");
    let twice = ann.sends(&assign, &[("lead", &leads[0])]).await;
    assert_eq!(twice.status, 422, "once is enough");
    assert!(ann.sees("/orphans").await.contains("Every report has found its lead"));
    assert!(ann.sees("/orphans?state=found").await.contains("f-&#60;1&#62;"));
    assert_eq!(ann.opens("/orphans/none").await.status, 404);
}

#[tokio::test]
async fn the_page_of_a_webmaster_says_how_good_his_leads_are() {
    let world = status::world().await;
    for (number, status) in [(1, "approved"), (2, "approved"), (3, "trash"), (4, "hold")] {
        let lead = world.accepted(number).await;
        world.says(&lead, status).await;
    }
    let ann = person(&world.app, "manager").await;
    let page = ann.sees("/webmasters/anna").await;
    let quality = page.split("id=\"quality-title\"").nth(1).unwrap().split("</section>").next().unwrap();
    let figures: Vec<&str> =
        quality.split("class=\"sum\">").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
    assert_eq!(figures.len(), 5, "{quality}");
    assert!(figures[0] == "4" && figures[1].starts_with("66.7") && figures[2].starts_with("25.0"), "{figures:?}");
    assert!(figures[3].starts_with("10.00") && figures[4].starts_with("20.00"), "{figures:?}");
    let report = target(&page, "/reports?webmaster=anna").replace("&#38;", "&");
    assert!(ann.sees(&report).await.contains("tea"));
}
