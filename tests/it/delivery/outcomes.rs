//! Each of the six outcomes, played by a fake network.

use serde_json::json;

use crate::kit::app::TestApp;
use crate::kit::fake::{Fake, Play};

#[tokio::test]
async fn an_accepted_lead_becomes_pending_with_the_network_s_id_and_redirect() {
    let app = TestApp::start().await;
    let fake = Fake::start().await;
    fake.always(Play::Json(200, json!({"status": "ok", "id": "n-1", "redirect_url": "https://shop.example/welcome"})));
    let token = app.with_offer("tea").await;
    app.network("n1", &fake.base, json!({})).await;
    app.route("tea", "n1", 1).await;
    let answer = app.lead(&token, json!({"offer": "tea", "phone": "+34612345678", "name": "Ana"})).await;
    let lead = answer.expect(201);
    assert_eq!(lead["status"], "new");
    let lead = app.until_status(lead["id"].as_str().unwrap(), "pending").await;
    assert_eq!(lead["redirect_url"], "https://shop.example/welcome");
    assert_eq!(lead["deliveries"][0]["external_id"], "n-1");
    assert_eq!(lead["deliveries"][0]["state"], "accepted");
    let got = fake.got();
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].json()["phone"], "+34612345678");
    assert_eq!(got[0].json()["id"], lead["id"]);
}
