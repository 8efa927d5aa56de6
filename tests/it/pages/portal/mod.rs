//! The webmaster's portal: who gets in, what he sees there, and what he does not.

mod doors;
mod postbacks;
mod samples;
mod walls;

use serde_json::json;

use super::{Person, told};
use crate::kit::app::{TestApp, read};

/// A webmaster who has signed in with a login of his own.
pub async fn partner<'a>(app: &'a TestApp, webmaster: &str) -> Person<'a> {
    let (email, password) = (format!("{webmaster}@example.com"), "a password of tests");
    let user = json!({"email": email, "role": "webmaster", "webmaster": webmaster, "password": password});
    app.post("/api/v1/users", user).await.expect(201);
    let form = [("email", email.as_str()), ("password", password), ("next", "/leads")];
    let answer = read(app.http.post(format!("{}/login", app.base)).form(&form)).await;
    assert_eq!((answer.status, answer.headers["location"].to_str().unwrap()), (303, "/portal"), "{}", answer.text);
    Person { app, cookie: super::cookie(&answer) }
}

#[tokio::test]
async fn his_leads_are_shown_with_reasons_and_without_the_network() {
    let world = crate::status::world().await;
    let lead = world.accepted(1).await;
    let said = [
        ("id", crate::status::id(&lead)),
        ("status", "hold"),
        ("comment", "asks to call <b>later"),
        ("payout", "77.35"),
    ];
    world.report(&said).await;
    let anna = partner(&world.app, "anna").await;
    let today = anna.sees("/portal").await;
    assert!(today.contains("chip--hold") && today.contains("10.00\u{a0}USD"), "{today}");
    let number = lead["number"].to_string();
    let list = anna.sees("/portal/leads?status=hold").await;
    assert!(
        list.contains(&format!("/portal/leads/{number}\"")) && list.contains("Asks to call &#60;b&#62;later."),
        "{list}"
    );
    assert!(!list.contains("action=\"/views\""), "views are the house's");
    let page = anna.sees(&format!("/portal/leads/{number}")).await;
    for text in ["Received", "Status: pending → hold", "Asks to call &#60;b&#62;later."] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let file = anna.sees("/portal/leads/export.csv").await;
    assert_eq!((file.lines().count(), file.contains("hold")), (2, true));
    for text in [today, list, page, file] {
        let phone = crate::delivery::phone(1);
        for secret in [">n1<", "n1 ", "77.35", phone.as_str()] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
}

#[tokio::test]
async fn leads_are_found_by_their_marks() {
    let app = TestApp::idle().await;
    let token = app.with_offer("tea").await;
    for (n, sub, click) in [(1, "fb", "c-1"), (2, "google", "c-2")] {
        let lead = json!({"offer": "tea", "phone": crate::delivery::phone(n), "sub1": sub, "click_id": click, "external_id": format!("x-{n}")});
        app.lead(&token, lead).await.expect(201);
    }
    let anna = partner(&app, "anna").await;
    for query in ["sub1=fb", "q=c-1", "q=x-1", "q=1", "external_id=x-1", "click_id=c-1", "sub1=fb&status=new&offer=tea"]
    {
        let page = anna.sees(&format!("/portal/leads?{query}")).await;
        assert!(page.contains("/portal/leads/1\"") && !page.contains("/portal/leads/2\""), "{query}");
    }
    let wrong = anna.opens("/portal/leads?status=gone").await;
    assert!(wrong.status == 422 && told(&wrong.text).contains("status"));
}

#[tokio::test]
async fn an_offer_shows_what_it_pays_and_takes_a_flow() {
    let app = TestApp::idle().await;
    app.with_offer("tea").await;
    let change =
        json!({"name": "Slim Tea", "revenue": "15.55", "countries": ["ES"], "required_fields": ["phone", "email"]});
    app.patch("/api/v1/offers/tea", change).await.expect(200);
    app.post("/api/v1/offers", json!({"slug": "gone", "name": "Gone offer", "enabled": false})).await.expect(201);
    let anna = partner(&app, "anna").await;
    let page = anna.sees("/portal/offers").await;
    assert!(page.contains("Slim Tea") && page.contains("10.00\u{a0}USD") && page.contains("<code>email</code>"));
    assert!(!page.contains("15.55") && !page.contains("Gone offer"), "{page}");
    assert!(told(&anna.does("/portal/flows", &[("offer", "tea"), ("code", "fb-1")]).await).contains("fb-1"));
    let taken = anna.sends("/portal/flows", &[("offer", "tea"), ("code", "fb-1")]).await;
    assert!(taken.status == 422 && taken.text.contains("f-code-error") && taken.text.contains("value=\"fb-1\""));
    assert_eq!(anna.sends("/portal/flows", &[("offer", "gone")]).await.status, 404);
    let flow = app.get("/api/v1/flows/fb-1").await.expect(200);
    assert_eq!((&flow["webmaster"], &flow["offer"]), (&json!("anna"), &json!("tea")));
}

#[tokio::test]
async fn a_token_is_made_used_and_revoked() {
    let app = TestApp::idle().await;
    app.with_offer("tea").await;
    let anna = partner(&app, "anna").await;
    let issued = anna.sends("/portal/tokens", &[("name", "landing")]).await;
    assert_eq!((issued.status, issued.headers["cache-control"].to_str().unwrap()), (200, "no-store"));
    let token = issued.text.split("id=\"issued-token\">").nth(1).unwrap().split('<').next().unwrap();
    app.lead(token, json!({"offer": "tea", "phone": "+4915112345678"})).await.expect(201);
    let page = anna.sees("/portal/tokens").await;
    assert!(page.contains("landing") && !page.contains(token), "shown once");
    let id = page.split("landing").next().unwrap().rsplit("lr_").next().unwrap().get(..8).unwrap().to_owned();
    let revoke =
        page.split(&format!("lr_{id}")).nth(1).unwrap().split("action=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(told(&anna.does(revoke, &[]).await).contains("revoked"));
    app.lead(token, json!({"offer": "tea", "phone": "+4915112345679"})).await.expect(401);
    let audit = super::person(&app, "admin").await.sees("/audit?kind=token").await;
    assert!(audit.contains("anna@example.com") && audit.contains("token.revoke"));
}

#[tokio::test]
async fn he_reads_in_his_own_language_and_changes_his_password() {
    let app = TestApp::idle().await;
    app.webmaster("anna").await;
    let anna = partner(&app, "anna").await;
    let page = anna.does("/portal/account/reading", &[("language", "ru"), ("zone", "Asia/Tehran")]).await;
    assert_eq!(told(&page), "Сохранено.");
    assert!(anna.sees("/portal/leads").await.contains("Asia/Tehran"));
    assert_eq!(anna.sends("/portal/account/reading", &[("zone", "Mars/Base")]).await.status, 422);
    let wrong = [("current", "nonsense nonsense"), ("password", "short"), ("again", "other")];
    let wrong = anna.sends("/portal/account/password", &wrong).await;
    assert!(
        wrong.status == 422 && wrong.text.contains("id=\"current-error\"") && wrong.text.contains("id=\"again-error\"")
    );
    let right = [("current", "a password of tests"), ("password", "another good one"), ("again", "another good one")];
    assert_eq!(anna.sends("/portal/account/password", &right).await.status, 303);
    assert_eq!(anna.opens("/portal").await.status, 303, "the old session is over");
}

#[tokio::test]
async fn his_stats_count_his_own_leads() {
    let world = crate::status::world().await;
    let lead = world.accepted(1).await;
    world.says(&lead, "approved").await;
    let marked = json!({"offer": "tea", "phone": crate::delivery::phone(2), "sub1": "fb"});
    world.app.lead(&world.token, marked).await.expect(201);
    let other = world.app.webmaster("bob").await;
    world
        .app
        .lead(&other, json!({"offer": "tea", "phone": crate::delivery::phone(3), "sub1": "bobs"}))
        .await
        .expect(201);
    let anna = partner(&world.app, "anna").await;
    let page = anna.sees("/portal/stats?by=status&then=offer").await;
    assert!(
        page.contains("chip--approved") && page.contains("<bdi>tea</bdi>") && page.contains("10.00\u{a0}USD"),
        "{page}"
    );
    assert!(page.contains("50\u{a0}%") && !page.contains("15.00"), "no revenue: {page}");
    let page = anna.sees("/portal/stats?by=sub1").await;
    assert!(page.contains("<bdi>fb</bdi>") && !page.contains("bobs"), "{page}");
    for (query, field) in [
        ("by=network", "then"),
        ("by=day&then=webmaster", "then"),
        ("from=soon", "from"),
        ("from=2020-01-01", "from"),
        ("offer=nothing", "offer"),
    ] {
        let wrong = anna.opens(&format!("/portal/stats?{query}")).await;
        assert!(
            wrong.status == 422 && wrong.text.contains(&format!("id=\"f-{field}-error\"")),
            "{query}: {}",
            wrong.text
        );
    }
}
