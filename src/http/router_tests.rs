//! The whole router in process, on a database of its own: the contract of the set-up resources, tokens, users,
//! and of what is around every request.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use serde_json::{Value, json};
use sqlx::PgPool;
use tower::ServiceExt as _;

use crate::adapters::Registry;
use crate::app::{App, Parts};
use crate::base::clock::Clock;
use crate::base::secret::Seal;
use crate::db;
use crate::net::{Client, Limits, Policy};

const ADMIN: &str = "the-admin-token-of-the-tests";

fn app(db: PgPool) -> App {
    let settings = [("LEADRELAY_ADMIN_TOKEN", ADMIN)].map(|(name, value)| (name.to_owned(), value.to_owned()));
    App::start(Parts {
        db,
        clock: Clock::system(),
        seal: Seal::new([9; 32]),
        config: crate::config::load(settings).unwrap(),
        adapters: Registry::load(None).unwrap(),
        net: Client::new(Policy::default(), Limits::default()).unwrap(),
        public_url: "https://relay.example/".parse().unwrap(),
        metrics: Some(crate::telemetry::install_metrics()),
    })
}

struct Site {
    app: App,
    router: Router,
}

impl Site {
    fn new(db: PgPool) -> Self {
        let app = app(db);
        Self { router: super::router::router(app.clone()), app }
    }

    async fn send(&self, request: Request<Body>) -> (StatusCode, HeaderMap, Vec<u8>) {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        (parts.status, parts.headers, axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec())
    }

    async fn call(&self, token: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
        let mut request =
            Request::builder().method(method).uri(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        let body = if body.is_null() {
            Body::empty()
        } else {
            request = request.header(header::CONTENT_TYPE, "application/json");
            Body::from(body.to_string())
        };
        let (status, headers, bytes) = self.send(request.body(body).unwrap()).await;
        if status.is_client_error() {
            assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json", "{method} {path}");
        }
        (status.as_u16(), serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    async fn admin(&self, status: u16, method: &str, path: &str, body: Value) -> Value {
        let (found, answer) = self.call(ADMIN, method, path, body).await;
        assert_eq!(found, status, "{method} {path}: {answer}");
        answer
    }

    async fn get(&self, path: &str) -> Value {
        self.admin(200, "GET", path, Value::Null).await
    }

    async fn network(&self, slug: &str) {
        let mut conn = self.app.db.acquire().await.unwrap();
        db::route::insert_test_network(&mut conn, self.app.ids.next(), slug).await.unwrap();
    }
}

async fn with(test: impl AsyncFnOnce(Site)) {
    db::scratch::with(async |db| test(Site::new(db)).await).await;
}

fn code_of(problem: &Value) -> (&str, &str) {
    (problem["errors"][0]["field"].as_str().unwrap_or(""), problem["errors"][0]["code"].as_str().unwrap_or(""))
}

#[tokio::test]
async fn an_offer_is_made_read_changed_and_archived() {
    with(async |site| {
        let body = json!({
            "slug": "tea", "name": "Tea", "countries": ["de"], "payout": 12.5, "revenue": "20", "currency": "usd",
            "params": {"duomai": 5, "old": 1}, "goals": [{"slug": "sale", "payout": "3"}],
            "duplicates": {"fields": ["phone"], "match": "any", "days": 30, "scope": "offer"}
        });
        let offer = site.admin(201, "POST", "/api/v1/offers", body).await;
        assert_eq!((offer["payout"].as_str(), offer["revenue"].as_str()), (Some("12.50"), Some("20.00")));
        assert_eq!((&offer["countries"], &offer["currency"]), (&json!(["DE"]), &json!("USD")));
        assert_eq!(offer["required_fields"], json!(["phone"]));
        assert_eq!(offer["goals"][0]["payout"], "3.00");
        let id = offer["id"].as_str().unwrap().to_owned();
        for reference in [id.clone(), "tea".into(), offer["number"].to_string()] {
            assert_eq!(site.get(&format!("/api/v1/offers/{reference}")).await, offer);
        }
        // What was written decides at once.
        assert!(site.app.rules.load().offer("tea").is_some());
        let patch = json!({"payout": null, "params": {"old": null, "new": "x"}, "enabled": false});
        let changed = site.admin(200, "PATCH", "/api/v1/offers/tea", patch).await;
        assert_eq!((&changed["payout"], &changed["revenue"]), (&Value::Null, &json!("20.00")));
        assert_eq!((&changed["params"], &changed["enabled"]), (&json!({"duomai": 5, "new": "x"}), &json!(false)));
        assert_eq!(site.app.rules.load().offer("tea").unwrap().payout, None);

        let (status, problem) = site.call(ADMIN, "POST", "/api/v1/offers", json!({"slug": "tea"})).await;
        assert_eq!((status, code_of(&problem)), (422, ("slug", "taken")));
        site.admin(204, "DELETE", "/api/v1/offers/tea", Value::Null).await;
        site.admin(204, "DELETE", "/api/v1/offers/tea", Value::Null).await;
        assert!(site.get("/api/v1/offers/tea").await["archived_at"].is_string());
        assert_eq!(site.get("/api/v1/offers").await["items"], json!([]));
        assert_eq!(site.get("/api/v1/offers?archived=true").await["items"][0]["id"], json!(id));
        assert!(site.app.rules.load().offer("tea").is_none());
        let (status, problem) = site.call(ADMIN, "POST", "/api/v1/offers", json!({"slug": "tea"})).await;
        assert_eq!((status, code_of(&problem)), (422, ("slug", "taken")));
        let (status, problem) = site.call(ADMIN, "PATCH", "/api/v1/offers/tea", json!({"name": "x"})).await;
        assert_eq!((status, &problem["code"]), (409, &json!("archived")));
    })
    .await;
}

#[tokio::test]
async fn lists_are_paged_without_gaps() {
    with(async |site| {
        for index in 0..5 {
            site.admin(201, "POST", "/api/v1/webmasters", json!({"slug": format!("w{index}")})).await;
        }
        let (mut seen, mut path) = (Vec::new(), "/api/v1/webmasters?limit=2".to_owned());
        loop {
            let page = site.get(&path).await;
            seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["slug"].as_str().unwrap().to_owned()));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/api/v1/webmasters?limit=2&cursor={cursor}");
        }
        assert_eq!(seen, ["w0", "w1", "w2", "w3", "w4"]);
        assert_eq!(site.get("/api/v1/webmasters?limit=100000").await["next_cursor"], Value::Null);
        for bad in ["cursor=x", "limit=x", "colour=red", "enabled=2"] {
            site.admin(422, "GET", &format!("/api/v1/webmasters?{bad}"), Value::Null).await;
        }
        site.admin(404, "GET", "/api/v1/webmasters/%00", Value::Null).await;
        site.admin(404, "GET", "/api/v1/webmasters/99999999999999999999", Value::Null).await;
    })
    .await;
}

#[tokio::test]
async fn a_route_refers_by_any_name_and_keeps_its_caps() {
    with(async |site| {
        site.network("n1").await;
        let offer = site.admin(201, "POST", "/api/v1/offers", json!({"slug": "tea"})).await;
        let webmaster = site.admin(201, "POST", "/api/v1/webmasters", json!({"slug": "anna"})).await;
        let body = json!({
            "offer": offer["number"], "network": "n1", "webmasters": [webmaster["id"]], "countries": ["fr"],
            "caps": [{"period": "day", "limit": 10}, {"period": "total", "limit": 100, "counts": "approved"}],
            "schedule": {"open": [{"days": ["mon"], "from": "09:00", "to": "18:00"}]}, "timezone": "Europe/Paris",
            "trigger_status": "approved", "on_refused": "stop"
        });
        let route = site.admin(201, "POST", "/api/v1/routes", body).await;
        assert_eq!(
            (&route["offer"], &route["offer_id"], &route["network"]),
            (&json!("tea"), &offer["id"], &json!("n1"))
        );
        assert_eq!((&route["webmasters"], &route["webmaster_ids"]), (&json!(["anna"]), &json!([webmaster["id"]])));
        assert_eq!((&route["position"], &route["weight"], &route["max_age_hours"]), (&json!(1), &json!(1), &json!(24)));
        assert_eq!(route["caps"][0], json!({"period": "day", "limit": 10, "counts": "accepted"}));
        let path = format!("/api/v1/routes/{}", route["id"].as_str().unwrap());
        let snapshot = |site: &Site| {
            let rules = site.app.rules.load();
            rules.routes_of(offer["id"].as_str().unwrap().parse().unwrap()).first().map(|route| route.caps.clone())
        };
        let before = snapshot(&site).unwrap();
        let caps = json!({"caps": [{"period": "hour", "limit": 1}, {"period": "day", "limit": 20}]});
        let changed = site.admin(200, "PATCH", &path, caps).await;
        assert_eq!(changed["caps"].as_array().unwrap().len(), 2);
        let after = snapshot(&site).unwrap();
        assert!(after.iter().any(|cap| cap.cap_id == before[0].cap_id && cap.limit == 20));
        assert!(!after.iter().any(|cap| cap.cap_id == before[1].cap_id));

        assert_eq!(site.get("/api/v1/routes?offer=tea&network=n1").await["items"][0]["id"], route["id"]);
        let (status, problem) = site.call(ADMIN, "DELETE", "/api/v1/offers/tea", Value::Null).await;
        assert_eq!((status, &problem["code"]), (409, &json!("in_use")));
        let bad = json!({"offer": "none", "network": "none", "webmasters": ["none"]});
        let (status, problem) = site.call(ADMIN, "POST", "/api/v1/routes", bad).await;
        assert_eq!((status, problem["errors"].as_array().unwrap().len()), (422, 3));
        site.admin(204, "DELETE", &path, Value::Null).await;
        assert!(snapshot(&site).is_none());
        site.admin(204, "DELETE", "/api/v1/offers/tea", Value::Null).await;
    })
    .await;
}

#[tokio::test]
async fn a_flow_names_its_webmaster_and_offer() {
    with(async |site| {
        site.admin(201, "POST", "/api/v1/offers", json!({"slug": "tea"})).await;
        site.admin(201, "POST", "/api/v1/webmasters", json!({"slug": "anna"})).await;
        let flow = site.admin(201, "POST", "/api/v1/flows", json!({"webmaster": "anna", "offer": "tea"})).await;
        assert_eq!(flow["code"].as_str().unwrap().len(), 10);
        let body = json!({"webmaster": "anna", "offer": "tea", "code": "summer", "params": {"a": 1}});
        let flow = site.admin(201, "POST", "/api/v1/flows", body).await;
        let changed = site.admin(200, "PATCH", "/api/v1/flows/summer", json!({"code": "winter"})).await;
        assert_eq!((&changed["id"], &changed["params"]), (&flow["id"], &json!({"a": 1})));
        assert_eq!(site.get("/api/v1/flows?webmaster=anna").await["items"].as_array().unwrap().len(), 2);
        assert!(site.app.rules.load().flow("winter").is_some());
        site.admin(204, "DELETE", "/api/v1/flows/winter", Value::Null).await;
        assert!(site.app.rules.load().flow("winter").is_none());
    })
    .await;
}

#[tokio::test]
async fn tokens_are_shown_once_work_at_once_and_end_at_once() {
    with(async |site| {
        let webmaster = site.admin(201, "POST", "/api/v1/webmasters", json!({"slug": "anna"})).await;
        let issued = site.admin(201, "POST", "/api/v1/webmasters/anna/tokens", Value::Null).await;
        let text = issued["token"].as_str().unwrap().to_owned();
        let body = text.strip_prefix("lr_").unwrap();
        assert_eq!(issued["altercpa_token"], json!(format!("{}-{body}", webmaster["number"])));
        assert_eq!(issued["scopes"], json!(["leads:write", "leads:read", "stats:read"]));
        assert_eq!(body.len(), 48);
        // Known, but no admin.
        assert_eq!(site.call(&text, "GET", "/api/v1/offers", Value::Null).await.0, 403);
        let listed = site.get("/api/v1/tokens?webmaster=anna").await;
        assert_eq!(listed["items"][0]["prefix"], json!(&body[..8]));
        assert!(!listed.to_string().contains(body) && listed["items"][0].get("token").is_none());

        let admin = json!({"role": "admin", "name": "robot", "rate_per_minute": 100});
        let admin = site.admin(201, "POST", "/api/v1/tokens", admin).await;
        assert_eq!((&admin["altercpa_token"], &admin["scopes"]), (&Value::Null, &json!(["admin"])));
        let key = admin["token"].as_str().unwrap();
        let path = format!("/api/v1/tokens/{}", admin["id"].as_str().unwrap());
        assert_eq!(site.call(key, "GET", "/api/v1/offers", Value::Null).await.0, 200);
        let mut conn = site.app.db.acquire().await.unwrap();
        db::token::note_uses(&mut conn, &site.app.tokens_used.take()).await.unwrap();
        assert!(site.get(&path).await["last_used_at"].is_string());
        let changed = site.admin(200, "PATCH", &path, json!({"rate_per_minute": null})).await;
        assert_eq!((&changed["rate_per_minute"], &changed["name"]), (&Value::Null, &json!("robot")));
        site.admin(204, "DELETE", &path, Value::Null).await;
        assert_eq!(site.call(key, "GET", "/api/v1/offers", Value::Null).await.0, 401);

        for bad in [
            json!({}),
            json!({"role": "webmaster"}),
            json!({"role": "admin", "webmaster": "anna"}),
            json!({"webmaster": "x"}),
            json!({"webmaster": "anna", "scopes": ["admin"]}),
            json!({"role": "admin", "nmae": "x"}),
        ] {
            site.admin(422, "POST", "/api/v1/tokens", bad).await;
        }
        site.admin(201, "POST", "/api/v1/tokens", json!({"webmaster": webmaster["number"], "scopes": ["leads:read"]}))
            .await;
        site.network("n1").await;
        assert_eq!(
            site.admin(201, "POST", "/api/v1/networks/n1/tokens", json!({"name": "p"})).await["role"],
            "network"
        );
        site.admin(404, "POST", "/api/v1/offers/none/tokens", json!({})).await;
        // An archived webmaster's tokens are gone with it.
        site.admin(204, "DELETE", "/api/v1/webmasters/anna", Value::Null).await;
        assert_eq!(site.get("/api/v1/tokens?webmaster=anna").await["items"], json!([]));
        site.admin(404, "POST", "/api/v1/webmasters/anna/tokens", json!({})).await;
    })
    .await;
}

#[tokio::test]
async fn there_is_always_an_admin() {
    with(async |site| {
        let body = json!({"email": "Ann@Example.com", "role": "admin", "password": "correct horse"});
        let ann = site.admin(201, "POST", "/api/v1/users", body.clone()).await;
        assert_eq!(
            (&ann["email"], &ann["has_password"], ann.get("password")),
            (&json!("ann@example.com"), &json!(true), None)
        );
        let (status, problem) = site.call(ADMIN, "POST", "/api/v1/users", body).await;
        assert_eq!((status, code_of(&problem)), (422, ("email", "taken")));
        let path = "/api/v1/users/ann@example.com";
        for (method, body) in [("DELETE", Value::Null), ("PATCH", json!({"role": "analyst"}))] {
            let (status, problem) = site.call(ADMIN, method, path, body).await;
            assert_eq!((status, &problem["code"]), (409, &json!("last_admin")));
        }
        site.admin(422, "PATCH", path, json!({"password": "short"})).await;
        site.admin(422, "POST", "/api/v1/users", json!({"email": "x", "role": "king"})).await;
        assert_eq!(site.admin(200, "PATCH", path, json!({"name": "Ann"})).await["has_password"], json!(true));
        site.admin(200, "PATCH", path, json!({"password": "another horse"})).await;
        let mut conn = site.app.db.acquire().await.unwrap();
        let stored = db::user::find_by_email(&mut conn, "ann@example.com").await.unwrap().unwrap();
        assert!(super::password::verify("another horse".into(), stored.password_hash).await);

        let bob = json!({"email": "bob@example.com", "role": "admin"});
        site.admin(201, "POST", "/api/v1/users", bob).await;
        let (status, problem) = site.call(ADMIN, "DELETE", path, Value::Null).await;
        assert_eq!((status, &problem["code"]), (409, &json!("last_admin")), "Bob cannot sign in");
        let (status, problem) = site.call(ADMIN, "PATCH", path, json!({"password": null})).await;
        assert_eq!((status, &problem["code"]), (409, &json!("last_admin")));
        site.admin(200, "PATCH", "/api/v1/users/bob@example.com", json!({"password": "a third horse"})).await;
        site.admin(204, "DELETE", path, Value::Null).await;
        site.admin(404, "GET", path, Value::Null).await;
        assert_eq!(site.get("/api/v1/users").await["items"].as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn every_answer_has_its_id_and_its_headers() {
    with(async |site| {
        let get = |path: &str| Request::builder().uri(path).header("x-request-id", "my-1");
        let (status, headers, body) = site.send(get("/api/v1/offers").body(Body::empty()).unwrap()).await;
        let problem: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            (status.as_u16(), &problem["request_id"], &problem["code"]),
            (401, &json!("my-1"), &json!("unauthorized"))
        );
        assert_eq!(
            (&headers["x-request-id"], &headers["www-authenticate"]),
            (&"my-1".parse().unwrap(), &"Bearer".parse().unwrap())
        );
        assert!(headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("script-src 'self';"));
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert!(headers.get(header::STRICT_TRANSPORT_SECURITY).is_none());
        for (method, path, status) in [
            ("GET", "/api/v1/none", 404),
            ("PUT", "/api/v1/offers", 405),
            ("GET", "/none", 404),
            ("POST", "/postback", 404),
        ] {
            assert_eq!(site.call(ADMIN, method, path, Value::Null).await.0, status, "{method} {path}");
        }
        let (_, headers, _) = site.send(get("/healthz").method("PUT").body(Body::empty()).unwrap()).await;
        assert_eq!(headers[header::ALLOW], "GET");
        let page = get("/none").header(header::ACCEPT, "text/html").body(Body::empty()).unwrap();
        let (status, headers, _) = site.send(page).await;
        assert_eq!(
            (status.as_u16(), &headers[header::CONTENT_TYPE]),
            (404, &"text/html; charset=utf-8".parse().unwrap())
        );
    })
    .await;
}

#[tokio::test]
async fn documents_and_health_need_no_token() {
    with(async |site| {
        let open = async |path: &str| {
            let request = Request::builder().uri(path).header(header::ACCEPT_ENCODING, "gzip");
            site.send(request.body(Body::empty()).unwrap()).await
        };
        assert_eq!(open("/healthz").await.0, StatusCode::OK);
        assert_eq!(open("/metrics").await.0, StatusCode::OK);
        let (status, headers, _) = open("/api/docs").await;
        assert_eq!((status, &headers[header::CONTENT_ENCODING]), (StatusCode::OK, &"gzip".parse().unwrap()));
        assert_eq!(open("/api/v1/openapi.json").await.0, StatusCode::OK);
        assert_eq!(open(&super::assets::url("docs.js")).await.0, StatusCode::OK);
        let (status, _, body) = open("/readyz").await;
        let ready: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((status.as_u16(), ready), (503, json!({"database": "ok", "migrations": "ok", "workers": "failed"})));
        site.app.heartbeat.beat(site.app.clock.now());
        assert_eq!(open("/readyz").await.0, StatusCode::OK);
        let page = site.send(Request::builder().uri("/api/docs").body(Body::empty()).unwrap()).await.2;
        let page = String::from_utf8(page).unwrap();
        for line in super::api::docs::ERRORS {
            assert!(page.contains(&format!("id=\"error-{}\"", line.code)), "{}", line.code);
        }
        assert!(!page.contains("<style") && !page.contains("style=") && !page.contains("onload"));
    })
    .await;
}

#[tokio::test]
async fn a_panic_is_answered_like_any_error() {
    with(async |site| {
        let boom = async || -> &'static str { panic!("with a secret in its text") };
        let router = Router::new()
            .route("/boom", axum::routing::get(boom))
            .layer(axum::middleware::from_fn_with_state(site.app.clone(), super::layers::edge));
        let request = Request::builder().uri("/boom").body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let problem: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((status, &problem["code"]), (500, &json!("internal")));
        assert!(!problem.to_string().contains("secret") && !problem["request_id"].as_str().unwrap().is_empty());
    })
    .await;
}
