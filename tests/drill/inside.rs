//! The program inside the drill's own process: for what cannot be done to a process from outside, such as moving its
//! clock alone.

use std::time::Duration;

use leadrelay::adapters::Registry;
use leadrelay::app::{App, Parts};
use leadrelay::base::clock::Clock;
use leadrelay::base::secret::Seal;
use leadrelay::config;
use leadrelay::http::{listener, router};
use leadrelay::lifecycle::Lifecycle;
use leadrelay::net::{Client, Limits, Policy};
use leadrelay::{db, telemetry, workers};
use tokio::net::TcpListener;
use url::Url;

use crate::rig::program::ADMIN;

/// It ends with the runtime.
pub struct Inside {
    pub port: u16,
    pub clock: Clock,
    _life: Lifecycle,
}

impl Inside {
    /// `settings` as the program's process gets them.
    pub async fn start(database: &str, settings: &[(&str, &str)]) -> Self {
        let own = [
            ("LEADRELAY_ADMIN_TOKEN", ADMIN),
            ("LEADRELAY__HTTP__ALLOW_PRIVATE_TARGETS", "true"),
            ("DATABASE_URL", database),
        ];
        let own = own.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let given = settings.iter().map(|(key, value)| (format!("LEADRELAY__{key}"), (*value).to_owned()));
        let config = config::load(own.chain(given)).expect("the settings");
        let pool = sqlx::postgres::PgPoolOptions::new()
            .max_connections(config.database.max_connections)
            .acquire_timeout(config.database.acquire_timeout())
            .connect(database)
            .await
            .expect("the database");
        db::schema::MIGRATOR.run(&pool).await.expect("the migrations");
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = socket.local_addr().expect("an address").port();
        let policy = Policy::parse(config.http.allow_private_targets, &config.http.allowed_targets).expect("targets");
        let limits = Limits { max_answer_bytes: config.http.max_answer_bytes, ..Limits::default() };
        let clock = Clock::system();
        let app = App::start(Parts {
            db: pool,
            clock: clock.clone(),
            seal: Seal::new([7; 32]),
            adapters: Registry::load(None).expect("the built-in integrations"),
            net: Client::new(policy, limits).expect("the client"),
            public_url: Url::parse(&format!("http://127.0.0.1:{port}")).expect("a URL"),
            metrics: Some(telemetry::install_metrics()),
            config,
        });
        app.rules.refresh(&app.db).await.expect("the rules");
        let life = Lifecycle::new();
        workers::start(&app, &life);
        let limits = listener::Limits { max_connections: 1000, header_timeout: Duration::from_secs(10) };
        life.spawn("listener", listener::serve(socket, router::router(app), limits, life.soft()));
        Self { port, clock, _life: life }
    }
}
