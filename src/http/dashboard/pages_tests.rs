//! The pages in process on a database of their own, as a browser meets them: set-up link, signing in and out,
//! networks by forms.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use tower::ServiceExt as _;

use crate::app::App;
use crate::base::secret;
use crate::db;
use crate::http::api::test_app;
use crate::http::dashboard::error_page;
use crate::http::error::Error;
use crate::http::router::router;

const PASSWORD: &str = "correct horse battery";

/// A browser: it keeps the last cookie.
struct Browser {
    router: Router,
    cookie: Option<String>,
}

struct Page {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Page {
    fn to(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |to| to.to_str().unwrap())
    }
}

impl Browser {
    fn of(app: &App) -> Self {
        Self { router: router(app.clone()), cookie: None }
    }

    async fn send(&mut self, method: &str, path: &str, form: &[(&str, &str)]) -> Page {
        let mut request = Request::builder().method(method).uri(path).header(header::ACCEPT, "text/html");
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        if method == "POST" {
            request = request
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .header("sec-fetch-site", "same-origin");
        }
        let (parts, body) =
            self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap().into_parts();
        if let Some(cookie) = parts.headers.get(header::SET_COOKIE) {
            self.cookie = cookie.to_str().unwrap().split(';').next().map(str::to_owned);
        }
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Page { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    async fn get(&mut self, path: &str) -> Page {
        self.send("GET", path, &[]).await
    }

    async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Page {
        self.send("POST", path, form).await
    }
}

/// A browser of an admin who came by the set-up link `link`.
async fn admin(app: &App, email: &str) -> Browser {
    let mut conn = app.db.acquire().await.unwrap();
    db::instance::insert(&mut conn, &app.seal.fingerprint(), app.clock.now()).await.unwrap();
    assert!(db::instance::open_setup(&mut conn, &secret::hash("link")).await.unwrap());
    let mut browser = Browser::of(app);
    let form = [("email", email), ("name", "Ann"), ("password", PASSWORD), ("again", PASSWORD)];
    let page = browser.post("/setup/link", &form).await;
    assert_eq!((page.status, page.to()), (StatusCode::SEE_OTHER, "/"), "{}", page.text);
    browser
}

#[tokio::test]
async fn the_set_up_link_makes_one_admin_and_is_gone() {
    test_app::with(async |api| {
        let mut stranger = Browser::of(&api.app);
        assert_eq!(stranger.get("/setup/link").await.status, StatusCode::NOT_FOUND);
        let mut browser = admin(&api.app, "setup@example.com").await;
        let home = browser.get("/").await;
        assert!(home.status == StatusCode::OK && home.text.contains("setup@example.com"));
        let used = stranger.post("/setup/link", &[("email", "eve@example.com")]).await;
        assert!(used.status == StatusCode::NOT_FOUND && used.text.contains("There is no such page"));
        let mut conn = api.app.db.acquire().await.unwrap();
        assert_eq!(db::user::lock_admins(&mut conn).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_set_up_form_that_is_wrong_keeps_the_link() {
    test_app::with(async |api| {
        let mut conn = api.app.db.acquire().await.unwrap();
        db::instance::insert(&mut conn, &[1], api.app.clock.now()).await.unwrap();
        db::instance::open_setup(&mut conn, &secret::hash("link")).await.unwrap();
        let mut browser = Browser::of(&api.app);
        assert_eq!(browser.get("/setup/link").await.status, StatusCode::OK);
        let page =
            browser.post("/setup/link", &[("email", "a@b.example"), ("password", "short"), ("again", "x")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text.contains("value=\"a@b.example\"") && page.text.contains("id=\"again-error\""));
        assert_eq!(browser.get("/setup/link").await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn one_signs_in_where_one_was_going_and_out_again() {
    test_app::with(async |api| {
        let mut first = admin(&api.app, "login@example.com").await;
        let mut browser = Browser::of(&api.app);
        let away = browser.get("/networks?x=1").await;
        assert_eq!(away.to(), "/login?next=%2Fnetworks%3Fx%3D1");
        assert_eq!(browser.get(away.to()).await.status, StatusCode::OK);
        let mut said = Vec::new();
        for (email, password) in [("login@example.com", "wrong password"), ("nobody@example.com", PASSWORD)] {
            let page = browser.post("/login", &[("email", email), ("password", password), ("next", "/networks")]).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
            said.push(page.text.replace(email, ""));
        }
        assert_eq!(said[0], said[1]);
        let form = [("email", "Login@Example.com"), ("password", PASSWORD), ("next", "//evil.example")];
        let page = browser.post("/login", &form).await;
        assert_eq!((page.status, page.to()), (StatusCode::SEE_OTHER, "/"));
        assert_eq!(browser.get("/login?next=/networks").await.to(), "/networks");
        assert_eq!(browser.get("/networks").await.status, StatusCode::OK);
        assert_eq!(browser.post("/logout", &[]).await.to(), "/login");
        assert_eq!(browser.get("/networks").await.to(), "/login?next=%2Fnetworks");
        assert_eq!(first.get("/networks").await.status, StatusCode::OK, "other sessions stay");
    })
    .await;
}

#[tokio::test]
async fn too_many_tries_wait() {
    test_app::with(async |api| {
        let mut browser = Browser::of(&api.app);
        let form = [("email", "guess@example.com"), ("password", "x")];
        for _ in 0..10 {
            assert_eq!(browser.post("/login", &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        let page = browser.post("/login", &form).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(page.headers.contains_key(header::RETRY_AFTER) && page.text.contains("Too many tries"));
    })
    .await;
}

#[tokio::test]
async fn a_network_is_connected_changed_tested_and_paused_by_forms() {
    test_app::with(async |api| {
        let mut browser = admin(&api.app, "networks@example.com").await;
        assert!(browser.get("/networks").await.text.contains("No network is connected yet"));
        assert!(browser.get("/networks/new").await.text.contains("integration=http-json"));
        let form = browser.get("/networks/new?integration=http-json").await;
        assert!(form.status == StatusCode::OK && form.text.contains("name=\"settings.url\""));

        let wrong = [("integration", "http-json"), ("slug", "Tea House"), ("settings.url", "nonsense")];
        let page = browser.post("/networks/new", &wrong).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.text.contains("value=\"Tea House\"") && page.text.contains("f-settings-url-error"));

        let right = [
            ("integration", "http-json"),
            ("slug", "tea"),
            ("name", "Tea House"),
            ("settings.url", "https://crm.example/leads"),
            ("settings.token", "hush-hush"),
            ("settings.headers", "x-source: relay"),
            ("status_map", "in work = hold"),
        ];
        let page = browser.post("/networks/new", &right).await;
        assert_eq!(page.to(), "/networks/tea#test", "{}", page.text);
        let page = browser.get("/networks/tea").await;
        assert!(page.text.contains("Tea House is connected") && page.text.contains("in work = hold"));
        assert!(!page.text.contains("hush-hush"));
        assert!(browser.get("/networks/tea/inbound").await.text.contains("/postback/"));
        assert!(!browser.get("/networks/tea").await.text.contains("is connected"), "a flash is shown once");

        let change = [("slug", "tea"), ("name", "Tea Two"), ("settings.url", "https://crm.example/v2")];
        assert_eq!(browser.post("/networks/tea", &change).await.to(), "/networks/tea");
        let stored = api.get("/api/v1/networks/tea").await;
        assert_eq!(stored["name"], "Tea Two");
        assert_eq!(stored["settings"], serde_json::json!({ "url": "https://crm.example/v2" }));
        assert_eq!(stored["secrets_set"], serde_json::json!(["token"]), "an empty secret is kept");

        assert_eq!(browser.post("/networks/tea/pause", &[("back", "network")]).await.to(), "/networks/tea");
        assert_eq!(api.get("/api/v1/networks/tea").await["state"], "paused");
        assert!(browser.get("/networks").await.text.contains("Tea Two is paused"));
        assert_eq!(browser.post("/networks/tea/resume", &[]).await.to(), "/networks");
        assert_eq!(api.get("/api/v1/networks/tea").await["state"], "healthy");
        assert_eq!(browser.get("/networks/none").await.status, StatusCode::NOT_FOUND);

        let word = "0198c0de-0000-7000-8000-000000000001";
        let map = format!("/unmapped/{word}/map");
        let back = ("back", "/networks/tea/statuses");
        let page = browser.post(&map, &[back, ("status", "")]).await;
        assert_eq!(page.to(), "/networks/tea/statuses");
        assert!(browser.get("/networks/tea/statuses").await.text.contains("Choose what the word means"));
        let page = browser.post(&map, &[back, ("status", "hold")]).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn the_sandbox_answers_a_test_lead() {
    test_app::with(async |api| {
        let mut browser = admin(&api.app, "sandbox@example.com").await;
        let form = browser.post("/networks/new", &[("integration", "sandbox"), ("slug", "sand")]).await;
        assert_eq!(form.to(), "/networks/sand#test", "{}", form.text);
        let page = browser.post("/networks/sand/test", &[("phone", "+4915112345678"), ("country", "DE")]).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        assert!(page.text.contains("test-request") && page.text.contains("chip--"), "{}", page.text);
        let page = browser.post("/networks/sand/test", &[("country", "Germany")]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    })
    .await;
}

#[tokio::test]
async fn roles_and_foreign_sites_are_refused_with_a_page() {
    test_app::with(async |api| {
        admin(&api.app, "roles@example.com").await;
        let mut conn = api.app.db.acquire().await.unwrap();
        let phc = crate::http::password::hash(PASSWORD.to_owned()).await.unwrap();
        let id = api.app.ids.next();
        db::user::insert(&mut conn, id, "analyst@example.com", "", ("analyst", None), Some(&phc)).await.unwrap();
        let mut browser = Browser::of(&api.app);
        browser.post("/login", &[("email", "analyst@example.com"), ("password", PASSWORD)]).await;
        let page = browser.get("/networks/new").await;
        assert!(page.status == StatusCode::FORBIDDEN && page.text.contains("You may not do this"));
        let request = Request::post("/logout")
            .header("sec-fetch-site", "cross-site")
            .header(header::ORIGIN, "https://evil.example")
            .body(Body::empty());
        let answer = browser.router.clone().oneshot(request.unwrap()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    })
    .await;
}

#[tokio::test]
async fn every_error_has_its_page() {
    let after = std::time::Duration::from_secs(7);
    let errors = [
        Error::NotFound("x"),
        Error::Forbidden("your role does not include this page".into()),
        Error::Internal(anyhow::anyhow!("secret detail")),
        Error::Unavailable { after },
        Error::TooMany { after },
        Error::Conflict { code: "x", detail: "it is in use".into(), lead_id: None },
        Error::field("name", "required", "is required"),
    ];
    for error in errors {
        let status = error.status();
        let answer = crate::http::error::REQUEST_ID.scope("req-1".into(), async { error_page(&error) }).await;
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers().contains_key(header::RETRY_AFTER), error.retry_after().is_some());
        let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        assert!(text.contains("req-1") && !text.contains("secret detail"));
        super::html::check_text(&format!("error-{}", status.as_u16()), &text);
    }
}
