//! Setting up by forms: offers, webmasters, tokens, flows, postbacks.

use serde_json::json;

use super::{person, told};
use crate::kit::app::TestApp;

#[tokio::test]
async fn an_offer_is_made_changed_and_put_away() {
    let app = TestApp::idle().await;
    let ann = person(&app, "manager").await;
    for (payout, field) in [("ten", "payout"), ("10", "slug")] {
        let form = [("slug", "Slim Tea"), ("payout", payout), ("name", "<b>Tea")];
        let wrong = ann.sends("/offers/new", &form).await;
        assert_eq!(wrong.status, 422);
        assert!(
            wrong.text.contains("value=\"Slim Tea\"") && wrong.text.contains("&#60;b&#62;Tea"),
            "what was typed stays"
        );
        assert!(wrong.text.contains(&format!("id=\"f-{field}-error\"")), "{}", wrong.text);
    }
    let form = [
        ("slug", "tea"),
        ("name", "Slim Tea"),
        ("payout", "12.5"),
        ("currency", "EUR"),
        ("countries", "de, at"),
        ("enabled", "true"),
        ("required_fields", "phone, name"),
        ("duplicates", "phone"),
        ("duplicates.days", "7"),
        ("goals", "deposit | 40 | | | First deposit"),
        ("params", "duomai = 77"),
    ];
    assert!(told(&ann.does("/offers/new", &form).await).contains("Slim Tea"));
    let offer = app.get("/api/v1/offers/tea").await.expect(200);
    assert_eq!((&offer["payout"], &offer["countries"]), (&json!("12.50"), &json!(["DE", "AT"])));
    assert_eq!(
        offer["goals"][0],
        json!({"slug": "deposit", "name": "First deposit", "payout": "40.00", "revenue": null, "currency": null})
    );
    assert_eq!((&offer["params"], &offer["duplicates"]["days"]), (&json!({"duomai": "77"}), &json!(7)));
    let again = ann.sends("/offers/new", &form).await;
    assert!(again.status == 422 && again.text.contains("is taken"), "{}", again.text);
    ann.does("/offers/tea", &[("slug", "tea"), ("name", "Tea"), ("currency", "EUR"), ("required_fields", "phone")])
        .await;
    let offer = app.get("/api/v1/offers/tea").await.expect(200);
    assert_eq!((&offer["name"], &offer["enabled"], &offer["duplicates"]), (&json!("Tea"), &json!(false), &json!(null)));
    assert_eq!(offer["params"], json!({}));
    let page = ann.sees(&format!("/audit?object={}", offer["id"].as_str().unwrap())).await;
    assert!(page.contains("offer.update") && page.contains("enabled: true → false"), "{page}");
    ann.does("/offers/tea/archive", &[]).await;
    assert!(
        ann.sees("/offers").await.contains("There is no offer yet")
            && ann.sees("/offers?state=archived").await.contains(">Tea<")
    );
}

#[tokio::test]
async fn a_webmaster_gets_a_token_that_posts_leads_a_flow_and_a_postback() {
    let app = TestApp::idle().await;
    let ann = person(&app, "manager").await;
    app.with_offer("tea").await;
    assert!(told(&ann.does("/webmasters/new", &[("slug", "bob"), ("enabled", "true")]).await).contains("bob"));
    let issued = ann.sends_once("/webmasters/bob", "/webmasters/bob/tokens", &[("name", "landing")]).await;
    assert_eq!((issued.status, issued.headers["cache-control"].to_str().unwrap()), (200, "no-store"));
    let token = issued.text.split("id=\"issued-token\">").nth(1).unwrap().split('<').next().unwrap();
    assert!(issued.text.contains(&format!("Bearer {token}")), "the call is ready");
    app.lead(token, json!({"offer": "tea", "phone": "+4915112345678"})).await.expect(201);
    assert!(!ann.sees("/webmasters/bob").await.contains(token), "shown once");

    ann.does("/webmasters/bob/flows", &[("offer", "tea"), ("code", "fb-1")]).await;
    let taken = ann.sends("/webmasters/bob/flows", &[("offer", "tea"), ("code", "fb-1")]).await;
    assert!(taken.status == 422 && taken.text.contains("id=\"flow-f-code-error\""), "{}", taken.text);
    let wrong = ann.sends("/webmasters/bob/postbacks", &[("url", "https://t.example/?x={nonsense}")]).await;
    assert!(wrong.status == 422 && wrong.text.contains("id=\"postback-f-url-error\""), "{}", wrong.text);
    assert!(wrong.text.contains("value=\"https://t.example/?x={nonsense}\""));
    let signed = [
        ("url", "https://t.example/?s={status}"),
        ("statuses", "hold, approved"),
        ("flow", "fb-1"),
        ("signed", "true"),
    ];
    let made = ann.sends("/webmasters/bob/postbacks", &signed).await;
    assert!(made.status == 200 && made.text.contains("whsec_"), "{}", made.text);
    let page = ann.sees("/webmasters/bob").await;
    assert!(page.contains("fb-1") && page.contains("hold, approved") && !page.contains("whsec_"));

    let revoke = super::target(&page, "/tokens/01").to_owned();
    ann.does(&revoke, &[("back", "/webmasters/bob#tokens")]).await;
    app.lead(token, json!({"offer": "tea", "phone": "+4915112345679"})).await.expect(401);
    let archive = super::target(&page, "/flows/01").to_owned();
    assert!(told(&ann.does(&archive, &[("back", "/webmasters/bob#flows")]).await).contains("archived"));
    ann.does("/webmasters/bob/archive", &[]).await;
    assert!(!ann.sees("/webmasters").await.contains(">bob<"));
}
