//! Postbacks and the lists of what happened, through their API.

use serde_json::{Value, json};

use crate::db::sample::{self, id};
use crate::http::api::test_app::{self, Api};

const ALL: &str = "/api/v1/postbacks";

/// An app with two webmasters and offers, and a flow of the first; the sample's own postbacks are additional ones.
async fn with(test: impl AsyncFnOnce(Api)) {
    test_app::with(async |api| {
        let mut conn = api.app.db.acquire().await.unwrap();
        sample::fill(&mut conn).await;
        sqlx::query!("update postback set kind = 'additional'").execute(&mut *conn).await.unwrap();
        sqlx::query!(
            "insert into flow (flow_id, code, webmaster_id, offer_id) values ($1, 'f1', $2, $3)",
            id(0xf1),
            id(0x01),
            id(0x11)
        )
        .execute(&mut *conn)
        .await
        .unwrap();
        drop(conn);
        test(api).await;
    })
    .await;
}

fn named(field: &str, code: &str) -> Vec<(String, String)> {
    vec![(field.to_owned(), code.to_owned())]
}

#[tokio::test]
async fn a_postback_is_made_with_its_lane_and_its_defaults() {
    with(async |api| {
        let body = json!({"webmaster": "wm-1", "flow": "f1", "url": "https://t.example/?id={id}&s={status}"});
        let made = api.expect(201, "POST", ALL, body).await;
        assert_eq!((&made["webmaster"], &made["flow"], &made["offer"]), (&json!("wm-1"), &json!("f1"), &json!(null)));
        assert_eq!((&made["webmaster_id"], &made["flow_id"]), (&json!(id(0x01)), &json!(id(0xf1))));
        assert_eq!((&made["method"], &made["kind"], &made["signed"]), (&json!("GET"), &json!("main"), &json!(false)));
        assert_eq!(made["statuses"], json!(["pending", "hold", "approved", "paid", "rejected", "trash"]));
        assert_eq!((&made["state"], made.get("secret")), (&json!("healthy"), None));
        let path = format!("{ALL}/{}", made["id"].as_str().unwrap());
        assert_eq!(api.get(&path).await, made);
        let lanes = sqlx::query_scalar!(r#"select max_in_flight as "m!" from lane where kind = 'endpoint'"#);
        assert_eq!(lanes.fetch_all(&api.app.db).await.unwrap(), [64]);
        api.expect(204, "DELETE", &path, Value::Null).await;
        assert!(api.get(&path).await["archived_at"].is_string());
        assert_eq!(api.expect(409, "PATCH", &path, json!({"enabled": false})).await["code"], "archived");
        assert_eq!(api.get(&format!("{ALL}?flow=f1&archived=true")).await["items"][0]["id"], made["id"]);
        api.expect(404, "GET", &format!("{ALL}/none"), Value::Null).await;
    })
    .await;
}

#[tokio::test]
async fn there_is_one_main_postback_per_flow_or_webmaster() {
    with(async |api| {
        let main = json!({"webmaster": "wm-1", "url": "https://t.example/"});
        api.expect(201, "POST", ALL, main.clone()).await;
        assert_eq!(api.expect(409, "POST", ALL, main).await["code"], "main_exists");
        let of_flow = json!({"webmaster": "wm-1", "flow": "f1", "url": "https://t.example/"});
        api.expect(201, "POST", ALL, of_flow).await;
        let more = json!({"webmaster": "wm-1", "url": "https://t.example/", "kind": "additional"});
        let more = api.expect(201, "POST", ALL, more).await;
        let path = format!("{ALL}/{}", more["id"].as_str().unwrap());
        assert_eq!(api.expect(409, "PATCH", &path, json!({"kind": "main"})).await["code"], "main_exists");
        let of = api.get(&format!("{ALL}?webmaster=wm-1&limit=2")).await;
        assert_eq!(of["items"].as_array().unwrap().len(), 2);
        let cursor = of["next_cursor"].as_str().unwrap();
        let rest = api.get(&format!("{ALL}?webmaster=wm-1&limit=2&cursor={cursor}")).await;
        assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next_cursor"]), (2, &json!(null)));
    })
    .await;
}

#[tokio::test]
async fn templates_and_targets_are_checked_when_saved() {
    with(async |api| {
        let post = async |body: Value| api.complaints("POST", ALL, body).await;
        let wm = |url: &str| json!({"webmaster": "wm-1", "url": url});
        assert_eq!(post(wm("https://t.example/?x={nonsense}")).await, named("url", "unknown_macro"));
        assert_eq!(post(wm("https://t.example/?x={revenue}")).await, named("url", "admin_only"));
        for url in ["ftp://t.example/", "t.example", "http://127.0.0.1/", "http://10.0.0.1/?a={id}", "https://{id}/"] {
            assert_eq!(post(wm(url)).await, named("url", "invalid"), "{url}");
        }
        let json_body =
            |body: Value| json!({"webmaster": 1, "method": "POST", "url": "https://t.example/", "body": body});
        assert_eq!(post(json_body(json!("{\"a\": {status}"))).await, named("body", "invalid"));
        assert_eq!(post(json_body(json!({"a": "{nonsense}"}))).await, named("body", "unknown_macro"));
        assert_eq!(post(json_body(json!("hello"))).await, named("body", "invalid"));
        let get_with_body = json!({"webmaster": "wm-1", "url": "https://t.example/", "body": "form"});
        assert_eq!(post(get_with_body).await, named("body", "invalid"));
        assert_eq!(post(json!({"url": "https://t.example/", "statuses": []})).await, named("statuses", "invalid"));
        assert_eq!(post(json!({"url": "https://t.example/", "webmaster": "no"})).await, named("webmaster", "unknown"));
        let others = json!({"url": "https://t.example/", "webmaster": "wm-2", "flow": "f1", "offer": "offer-2"});
        assert_eq!(post(others).await, [named("flow", "invalid"), named("flow", "invalid")].concat());
        api.expect(201, "POST", ALL, json!({"url": "https://t.example/?r={revenue}"})).await;
        api.expect(201, "POST", ALL, wm("sandbox://sink/?id={id}")).await;
        let number = sqlx::query_scalar!("select number from webmaster where slug = 'wm-2'");
        let number = number.fetch_one(&api.app.db).await.unwrap();
        let made =
            json!({"webmaster": number, "method": "POST", "url": "https://t.example/", "body": {"s": "{status}"}});
        let made = api.expect(201, "POST", ALL, made).await;
        assert_eq!((&made["webmaster"], &made["body"]), (&json!("wm-2"), &json!(r#"{"s":"{status}"}"#)));
    })
    .await;
}

#[tokio::test]
async fn a_secret_is_shown_once_and_two_are_valid_while_it_is_changed() {
    with(async |api| {
        let body = json!({"webmaster": "wm-1", "url": "https://t.example/", "secret": true});
        let made = api.expect(201, "POST", ALL, body).await;
        let first = made["secret"].as_str().unwrap().to_owned();
        assert!(first.starts_with("whsec_"));
        let path = format!("{ALL}/{}", made["id"].as_str().unwrap());
        let shown = api.get(&path).await;
        assert_eq!((&shown["signed"], shown.get("secret")), (&json!(true), None));
        let patch = async |body: Value| api.expect(200, "PATCH", &path, body).await;
        assert_eq!(patch(json!({"enabled": false})).await["secret_count"], 1);
        let second = patch(json!({"secret": "generate", "enabled": true})).await;
        assert_eq!((second["secret_count"].as_i64(), second["secret"] == made["secret"]), (Some(2), false));
        let sealed = sqlx::query_scalar!("select secret from postback where secret is not null");
        let sealed = sealed.fetch_one(&api.app.db).await.unwrap().unwrap();
        let label = format!("postback:{}:secret", made["id"].as_str().unwrap());
        let kept: Vec<String> = serde_json::from_slice(&api.app.seal.open(&label, &sealed).unwrap()).unwrap();
        assert_eq!(kept, [second["secret"].as_str().unwrap(), &first]);
        assert_eq!(patch(json!({"drop_old_secret": true})).await["secret_count"], 1);
        let own = patch(json!({"secret": "a-secret-of-my-own"})).await;
        assert_eq!((own["secret_count"].as_i64(), own.get("secret")), (Some(2), None));
        assert_eq!(patch(json!({"secret": null})).await["signed"], false);
        let audit: String = sqlx::query_scalar!(r#"select string_agg(audit::text, '') as "t!" from audit"#)
            .fetch_one(&api.app.db)
            .await
            .unwrap();
        assert!(!audit.contains(&first) && !audit.contains("of-my-own"));
    })
    .await;
}

#[tokio::test]
async fn the_health_of_an_endpoint_counts_the_last_day() {
    with(async |api| {
        sqlx::query!("update postback_delivery set created_at = now() - interval '1 hour', postback_id = $1", id(0x51))
            .execute(&api.app.db)
            .await
            .unwrap();
        // The ids of the sample are old: they must be of today to be looked at.
        for (old, state) in [(0x61, "delivered"), (0x62, "dead")] {
            sqlx::query!(
                "update postback_delivery set postback_delivery_id = $1, state = $2 where postback_delivery_id = $3",
                api.app.ids.next(),
                state,
                id(old)
            )
            .execute(&api.app.db)
            .await
            .unwrap();
        }
        let view = api.get(&format!("{ALL}/{}", id(0x51))).await;
        assert_eq!((view["health"]["delivered"].as_i64(), view["health"]["failed"].as_i64()), (Some(1), Some(1)));
        let quiet = api.get(&format!("{ALL}/{}", id(0x52))).await;
        assert_eq!(quiet["health"]["delivered"].as_i64(), Some(0));
    })
    .await;
}

#[tokio::test]
async fn the_lists_take_references_and_refuse_what_they_do_not_know() {
    with(async |api| {
        let items = async |path: &str| api.get(path).await["items"].as_array().unwrap().len();
        let number = sqlx::query_scalar!("select number from lead where lead_id = $1", id(0x31));
        let number = number.fetch_one(&api.app.db).await.unwrap();
        let span = "from=2026-09-21T00:00:00Z&to=2026-09-22T23:00:00Z";
        assert_eq!(
            items("/api/v1/deliveries?state=accepted,refused&network=crm-1&offer=offer-1&webmaster=wm-1").await,
            2
        );
        assert_eq!(items(&format!("/api/v1/deliveries?lead={number}&{span}")).await, 2);
        assert_eq!(items(&format!("/api/v1/deliveries?lead={}&purpose=sale", id(0x32))).await, 0);
        assert_eq!(items(&format!("/api/v1/postback-deliveries?state=dead&network=crm-2&{span}")).await, 1);
        assert_eq!(items(&format!("/api/v1/postback-deliveries?postback={}&status=pending", id(0x51))).await, 1);
        assert_eq!(items(&format!("/api/v1/inbound-postbacks?result=applied&lead={number}&{span}")).await, 1);
        assert_eq!(items("/api/v1/inbound-postbacks?state=unmatched&network=crm-2&external_id=ext-9").await, 1);
        assert_eq!(items("/api/v1/unmapped-statuses?network=crm-1").await, 1);
        assert_eq!(items(&format!("/api/v1/unmapped-statuses?state=all&{span}")).await, 2);
        assert_eq!(items("/api/v1/unmapped-statuses?state=mapped&network=crm-1").await, 0);
        let complain = async |path: &str| api.complaints("GET", path, Value::Null).await;
        assert_eq!(complain("/api/v1/deliveries?state=gone").await, named("state", "invalid"));
        assert_eq!(complain("/api/v1/deliveries?network=none").await, named("network", "unknown"));
        assert_eq!(complain("/api/v1/deliveries?sate=dead").await, named("sate", "unknown"));
        assert_eq!(complain("/api/v1/inbound-postbacks?lead=0").await, named("lead", "unknown"));
        assert_eq!(complain("/api/v1/postback-deliveries?from=yesterday").await[0].0, "from");
        let first = api.get("/api/v1/deliveries?limit=2").await;
        let cursor = first["next_cursor"].as_str().unwrap();
        assert_eq!(items(&format!("/api/v1/deliveries?limit=2&cursor={cursor}")).await, 1);
        let one = api.get(&format!("/api/v1/deliveries/{}", id(0x41))).await;
        assert_eq!((&one["network"], one["exchanges"].as_array().unwrap().len()), (&json!("crm-1"), 2));
        let money = &api.get("/api/v1/unmapped-statuses").await["items"][0]["revenue"];
        assert_eq!(*money, json!([{"amount": "3.00", "currency": "EUR"}, {"amount": "12.50", "currency": "USD"}]));
    })
    .await;
}
