//! An app on a throw-away database, called in process as an admin: for the tests of the resources.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::Value;
use sqlx::PgPool;
use tower::ServiceExt as _;

use crate::adapters::Registry;
use crate::app::{App, Parts};
use crate::base::clock::Clock;
use crate::base::secret::Seal;
use crate::db::scratch;
use crate::http::principal::Principal;
use crate::net::{Client, Limits, Policy};

/// The API under test.
pub struct Api {
    /// The app behind it.
    pub app: App,
    router: axum::Router,
}

/// Runs `test` on an app of its own.
pub async fn with(test: impl AsyncFnOnce(Api)) {
    scratch::with(async |db| test(Api::new(db)).await).await;
}

impl Api {
    fn new(db: PgPool) -> Self {
        let app = App::start(Parts {
            db,
            clock: Clock::system(),
            seal: Seal::new([9; 32]),
            config: crate::config::load([]).unwrap(),
            adapters: Registry::load(None).unwrap(),
            net: Client::new(Policy::default(), Limits::default()).unwrap(),
            public_url: "https://relay.example/".parse().unwrap(),
            metrics: None,
        });
        let (router, _) = super::networks::router()
            .merge(super::integrations::router())
            .merge(super::postbacks::router())
            .merge(super::deliveries::router())
            .merge(super::postback_deliveries::router())
            .merge(super::inbound_postbacks::router())
            .merge(super::unmapped_statuses::router())
            .split_for_parts();
        let admin = Principal::AdminToken { token_id: None };
        let router = router.layer(axum::Extension(admin)).with_state(app.clone());
        Self { app, router }
    }

    /// One call; an empty answer reads as null.
    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// A call that must be answered with `status`.
    pub async fn expect(&self, status: u16, method: &str, path: &str, body: Value) -> Value {
        let (found, answer) = self.call(method, path, Some(body).filter(|body| !body.is_null())).await;
        assert_eq!(found.as_u16(), status, "{method} {path}: {answer}");
        answer
    }

    /// A GET.
    pub async fn get(&self, path: &str) -> Value {
        self.expect(200, "GET", path, Value::Null).await
    }

    /// The fields and codes of the complaints of a call that must be answered with 422.
    pub async fn complaints(&self, method: &str, path: &str, body: Value) -> Vec<(String, String)> {
        let answer = self.expect(422, method, path, body).await;
        let text = |error: &Value, key: &str| error[key].as_str().unwrap().to_owned();
        answer["errors"].as_array().unwrap().iter().map(|error| (text(error, "field"), text(error, "code"))).collect()
    }
}
