//! `demo`: a living instance to look at. Fills an empty database with a sandbox network, an offer, a route, a webmaster
//! with a postback, and a few leads.

use anyhow::Context;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::app::App;
use crate::base::ids::Ids;
use crate::db;
use crate::db::token::{Fields, Owner};
use crate::http::router;

/// Sample leads: name, phone, country, what the sandbox is asked to play.
const LEADS: &[(&str, &str, &str, &str)] = &[
    ("Ana García", "+34 612 345 678", "ES", "accepted"),
    ("Jonas Weber", "+49 1512 3456789", "DE", "accepted"),
    ("Marta Kowalska", "+48 512 345 678", "PL", "refused"),
    ("Luca Bianchi", "+39 347 123 4567", "IT", "duplicate"),
    ("Elif Yılmaz", "+90 532 123 45 67", "TR", "accepted"),
];

/// Fills the instance through its own API, so that the demo is what an operator would have typed.
pub(super) fn fill(app: &App) -> BoxFuture<'_, anyhow::Result<()>> {
    Box::pin(async move {
        let mut conn = app.db.acquire().await?;
        let fields = |name: &str| Fields {
            name: name.into(),
            scopes: db::token::default_scopes(Owner::Admin),
            rate_per_minute: None,
        };
        let admin = db::token::issue(&mut conn, &Ids, Owner::Admin, &fields("demo"), app.clock.now()).await?;
        drop(conn);
        app.rules.refresh(&app.db).await?;
        let api = Api { app, token: admin.token.clone() };
        if app.rules.load().offers.is_empty() {
            set_up(&api).await?;
        }
        let issued = api.post("/api/v1/webmasters/demo-webmaster/tokens", &json!({ "name": "demo" })).await?;
        let token = issued.get("token").and_then(Value::as_str).context("the webmaster's token")?.to_owned();
        for (name, phone, country, wish) in LEADS {
            let lead = json!({
                "offer": "demo-offer", "name": name, "phone": phone, "country": country, "sub1": "demo",
                "meta": { "sandbox": wish },
            });
            let webmaster = Api { app, token: token.clone() };
            webmaster.post("/api/v1/leads", &lead).await?;
        }
        print(app, &admin.token, &token);
        Ok(())
    })
}

async fn set_up(api: &Api<'_>) -> anyhow::Result<()> {
    api.post("/api/v1/networks", &json!({ "slug": "sandbox", "name": "Sandbox", "integration": "sandbox" })).await?;
    let offer = json!({
        "slug": "demo-offer", "name": "Demo offer", "payout": "10", "revenue": "14", "currency": "USD",
    });
    api.post("/api/v1/offers", &offer).await?;
    api.post("/api/v1/routes", &json!({ "offer": "demo-offer", "network": "sandbox" })).await?;
    api.post("/api/v1/webmasters", &json!({ "slug": "demo-webmaster", "name": "Demo webmaster" })).await?;
    let postback = json!({
        "webmaster": "demo-webmaster",
        "url": "sandbox://sink/postback?click={click_id}&status={status}&payout={payout}&lead={id}",
    });
    api.post("/api/v1/postbacks", &postback).await?;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "what the operator reads")]
fn print(app: &App, admin: &str, webmaster: &str) {
    let base = app.public_url.as_str().trim_end_matches('/');
    println!("Admin token:     {admin}");
    println!("Webmaster token: {webmaster}");
    println!("Post a lead and wait for the network's word:\n");
    println!("  curl -s '{base}/api/v1/leads?wait=5' -H 'Authorization: Bearer {webmaster}' \\");
    println!("    -H 'Content-Type: application/json' \\");
    println!(
        "    -d '{{\"offer\":\"demo-offer\",\"phone\":\"+34612345678\",\"name\":\"Ana\",\"click_id\":\"abc\"}}'\n"
    );
    println!("Two seconds later the sandbox approves it by its postback. See how far it got:\n");
    println!("  curl -s '{base}/api/v1/leads/ID/timeline' -H 'Authorization: Bearer {admin}'\n");
}

/// The API, called in process.
struct Api<'a> {
    app: &'a App,
    token: String,
}

impl Api<'_> {
    async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let request = axum::http::Request::post(path)
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json")
            .body(axum::body::Body::from(serde_json::to_vec(body)?))?;
        let response = router::router(self.app.clone()).oneshot(request).await?;
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), 1024 * 1024).await?;
        anyhow::ensure!(status.is_success(), "{path} answered {status}: {}", String::from_utf8_lossy(&bytes));
        Ok(serde_json::from_slice(&bytes)?)
    }
}
