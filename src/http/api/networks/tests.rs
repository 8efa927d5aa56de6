//! Networks through their API.

use serde_json::{Value, json};

use crate::base::secret;
use crate::flow::settings::settings_of;
use crate::http::api::test_app::{self, Api};

fn crm() -> Value {
    json!({"slug": "crm", "integration": "http-json", "settings": {"url": "https://crm.example/in", "token": "s3cret"}})
}

/// The version, which secrets are set, and what is stored sealed.
async fn sealed(api: &Api) -> (Value, Value, Option<Vec<u8>>) {
    let view = api.get("/api/v1/networks/crm").await;
    let row = sqlx::query!("select secrets from network where slug = 'crm'").fetch_one(&api.app.db).await.unwrap();
    (view["settings_version"].clone(), view["secrets_set"].clone(), row.secrets)
}

#[tokio::test]
async fn a_network_is_made_with_its_lane_and_never_shows_its_secrets() {
    test_app::with(async |api| {
        let made = api.expect(201, "POST", "/api/v1/networks", crm()).await;
        assert_eq!(made["name"], "crm");
        assert_eq!(made["settings"], json!({"url": "https://crm.example/in"}));
        assert_eq!(made["secrets_set"], json!(["token"]));
        assert_eq!(made["rate_limit"], json!({"per_second": null, "concurrency": 16}));
        assert_eq!(
            (&made["timeout_seconds"], &made["enabled"], &made["state"]),
            (&json!(30), &json!(true), &json!("healthy"))
        );
        let url = made["postback_url"].as_str().unwrap();
        let path = url.strip_prefix("https://relay.example/postback/").unwrap();
        assert_eq!(path.len(), 32);
        let row = sqlx::query!(
            "select postback_secret_hash, l.max_in_flight from network join lane l on lane_id = network_id"
        )
        .fetch_one(&api.app.db)
        .await
        .unwrap();
        assert_eq!((row.postback_secret_hash, row.max_in_flight), (secret::hash(path), 16));
        for reference in [made["id"].as_str().unwrap().to_owned(), "crm".into(), made["number"].to_string()] {
            assert_eq!(api.get(&format!("/api/v1/networks/{reference}")).await, made);
        }
        assert_eq!(api.get("/api/v1/networks").await["items"], json!([made]));
        let audit: String = sqlx::query_scalar!(r#"select string_agg(audit::text, '') as "t!" from audit"#)
            .fetch_one(&api.app.db)
            .await
            .unwrap();
        assert!(audit.contains("network.create") && !audit.contains("s3cret") && !audit.contains(path), "{audit}");
    })
    .await;
}

#[tokio::test]
async fn a_patch_keeps_secrets_null_clears_them_and_the_version_counts_what_is_sent() {
    test_app::with(async |api| {
        api.expect(201, "POST", "/api/v1/networks", crm()).await;
        let patch = async |body: Value| api.expect(200, "PATCH", "/api/v1/networks/crm", body).await;
        patch(json!({"name": "CRM", "status_map": {"Sale": "approved"}, "rate_limit": {"per_second": 2.5}})).await;
        let (version, set, before) = sealed(&api).await;
        assert_eq!((version, set), (json!(1), json!(["token"])));
        patch(json!({"settings": {"url": "https://crm.example/v2"}})).await;
        patch(json!({"params": {"a": 1}})).await;
        patch(json!({"timeout_seconds": 5})).await;
        let (version, set, _) = sealed(&api).await;
        assert_eq!((version, set), (json!(4), json!(["token"])));
        patch(json!({"settings": {"token": "other"}})).await;
        let (version, _, after) = sealed(&api).await;
        assert_eq!(version, json!(5));
        assert_ne!(before, after);
        let view = patch(json!({"settings": {"token": null}, "rate_limit": null, "status_map": {"Sale": null}})).await;
        assert_eq!((&view["settings_version"], &view["secrets_set"]), (&json!(6), &json!([])));
        assert_eq!((&view["rate_limit"]["per_second"], &view["status_map"]), (&json!(null), &json!({})));
        let view = patch(json!({"integration": "sandbox", "settings": {"outcome": "refused"}})).await;
        assert_eq!(view["settings"], json!({"outcome": "refused"}), "settings of the old integration are gone");
    })
    .await;
}

#[tokio::test]
async fn every_wrong_field_is_named() {
    test_app::with(async |api| {
        let wrong = json!({"slug": "12", "integration": "http-json", "timeout_seconds": 0, "enabled": true,
            "settings": {"url": "ftp://x.example/", "nonsense": 1}, "status_map": {"x": "new"},
            "rate_limit": {"per_second": 0, "concurrency": 0}, "params": {"a": "\u{0}"}});
        let fields: Vec<String> =
            api.complaints("POST", "/api/v1/networks", wrong).await.into_iter().map(|(field, _)| field).collect();
        for field in [
            "slug",
            "timeout_seconds",
            "rate_limit.per_second",
            "rate_limit.concurrency",
            "status_map.x",
            "params.a",
            "settings.url",
            "settings.nonsense",
        ] {
            assert!(fields.iter().any(|found| found == field), "{field} is not in {fields:?}");
        }
        let post = async |body: Value| api.complaints("POST", "/api/v1/networks", body).await;
        let named = |field: &str, code: &str| vec![(field.to_owned(), code.to_owned())];
        assert_eq!(post(json!({"slug": "a", "integration": "no"})).await, named("integration", "unknown"));
        assert_eq!(post(json!({"slug": "a", "integration": "http-json"})).await, named("settings.url", "required"));
        assert_eq!(post(json!({"slug": "a", "integration": "sandbox", "x": 1})).await, named("x", "unknown"));
        api.expect(201, "POST", "/api/v1/networks", crm()).await;
        assert_eq!(post(crm()).await, named("slug", "taken"));
    })
    .await;
}

#[tokio::test]
async fn pause_resume_and_switching_off() {
    test_app::with(async |api| {
        let id = api.expect(201, "POST", "/api/v1/networks", crm()).await["id"].clone();
        let paused = api.expect(200, "POST", "/api/v1/networks/crm/pause", json!({"reason": "holiday"})).await;
        assert_eq!((&paused["state"], &paused["state_reason"]), (&json!("paused"), &json!("holiday")));
        sqlx::query!("update lane set failures_in_row = 4, open_until = now() where kind = 'network'")
            .execute(&api.app.db)
            .await
            .unwrap();
        let resumed = api.expect(200, "POST", "/api/v1/networks/crm/resume", Value::Null).await;
        assert_eq!((&resumed["state"], &resumed["state_reason"]), (&json!("healthy"), &json!(null)));
        sqlx::query!("update lane set failures_in_row = 1 where kind = 'network'").execute(&api.app.db).await.unwrap();
        assert_eq!(api.get("/api/v1/networks/crm").await["state"], "degraded");
        let off = api.expect(200, "PATCH", "/api/v1/networks/crm", json!({"enabled": false})).await;
        assert_eq!(
            (&off["state"], &off["paused_at"]),
            (&json!("paused"), &json!(null)),
            "its lane runs: what waits is routed anew"
        );
        assert_eq!(api.expect(409, "POST", "/api/v1/networks/crm/resume", Value::Null).await["code"], "disabled");
        let on = api.expect(200, "PATCH", "/api/v1/networks/crm", json!({"enabled": true})).await;
        assert_eq!((&on["state"], &on["paused_at"], &on["id"]), (&json!("degraded"), &json!(null), &id));
    })
    .await;
}

#[tokio::test]
async fn a_network_with_routes_is_not_put_away() {
    test_app::with(async |api| {
        let made = api.expect(201, "POST", "/api/v1/networks", crm()).await;
        let network_id: uuid::Uuid = made["id"].as_str().unwrap().parse().unwrap();
        let (offer, route) = (api.app.ids.next(), api.app.ids.next());
        sqlx::query!("insert into offer (offer_id, slug, name) values ($1, 'o', 'o')", offer)
            .execute(&api.app.db)
            .await
            .unwrap();
        sqlx::query!(
            "insert into route (route_id, offer_id, network_id) values ($1, $2, $3)",
            route,
            offer,
            network_id
        )
        .execute(&api.app.db)
        .await
        .unwrap();
        let refused = api.expect(409, "DELETE", "/api/v1/networks/crm", Value::Null).await;
        assert_eq!(refused["code"], "in_use");
        sqlx::query!("update route set archived_at = now()").execute(&api.app.db).await.unwrap();
        api.expect(204, "DELETE", "/api/v1/networks/crm", Value::Null).await;
        api.expect(204, "DELETE", "/api/v1/networks/crm", Value::Null).await;
        assert!(api.get("/api/v1/networks/crm").await["archived_at"].is_string());
        assert_eq!(api.get("/api/v1/networks").await["items"], json!([]));
        assert_eq!(api.get("/api/v1/networks?archived=true").await["items"][0]["slug"], "crm");
        assert_eq!(api.expect(409, "PATCH", "/api/v1/networks/crm", json!({"name": "x"})).await["code"], "archived");
        api.expect(404, "GET", "/api/v1/networks/none", Value::Null).await;
    })
    .await;
}

#[tokio::test]
async fn lists_are_paged_by_cursor() {
    test_app::with(async |api| {
        for slug in ["a", "b", "c"] {
            api.expect(201, "POST", "/api/v1/networks", json!({"slug": slug, "integration": "sandbox"})).await;
        }
        let first = api.get("/api/v1/networks?limit=2").await;
        assert_eq!(first["items"].as_array().unwrap().len(), 2);
        let cursor = first["next_cursor"].as_str().unwrap();
        let last = api.get(&format!("/api/v1/networks?limit=2&cursor={cursor}")).await;
        assert_eq!((&last["items"][0]["slug"], &last["next_cursor"]), (&json!("c"), &json!(null)));
        let wrong = api.complaints("GET", "/api/v1/networks?cursor=x", Value::Null).await;
        assert_eq!(wrong, [("cursor".to_owned(), "invalid".to_owned())]);
        let first = api.get("/api/v1/integrations?limit=1").await;
        let cursor = first["next_cursor"].as_str().unwrap();
        let next = api.get(&format!("/api/v1/integrations?limit=1&cursor={cursor}")).await;
        assert_ne!(first["items"][0]["id"], next["items"][0]["id"]);
        let one = api.get("/api/v1/integrations/http-json").await;
        assert_eq!((&one["resend"], one["settings"][1]["secret"].as_bool()), (&json!("once"), Some(true)));
        api.expect(404, "GET", "/api/v1/integrations/none", Value::Null).await;
    })
    .await;
}

#[tokio::test]
async fn an_adapter_gets_settings_secrets_and_defaults() {
    test_app::with(async |api| {
        let made = api.expect(201, "POST", "/api/v1/networks", crm()).await;
        let row = sqlx::query!("select network_id, number, settings, secrets, postback_secret from network")
            .fetch_one(&api.app.db)
            .await
            .unwrap();
        let network = crate::domain::rules::Network {
            network_id: row.network_id,
            number: row.number,
            slug: "crm".into(),
            name: String::new(),
            integration: "http-json".into(),
            settings: row.settings.as_object().cloned().unwrap(),
            secrets: row.secrets,
            params: Default::default(),
            status_map: Default::default(),
            enabled: true,
            timeout_seconds: 30,
            postback_secret: row.postback_secret,
            settings_version: 1,
        };
        let about = api.app.adapters.get("http-json").unwrap().about();
        let settings = settings_of(&api.app.seal, &network, about).unwrap();
        assert_eq!((&settings["token"], &settings["url"]), (&json!("s3cret"), &made["settings"]["url"]));
    })
    .await;
}
