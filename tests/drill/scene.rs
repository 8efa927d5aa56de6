//! What every drill plays on: a durable PostgreSQL, one or more processes of the real program, four networks with
//! routes and a cap, a webmaster with scripts and a signed postback. And what every drill ends with: calm, the balance,
//! a look at the log and the metrics.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sqlx::{PgPool, Row};

use crate::form::{Form, form};
use crate::inside::Inside;
use crate::rig::balance::{self, Account, Balance, Resend, Seen};
use crate::rig::network::{Act, Network};
use crate::rig::postgres::{DATABASE, Disk, Postgres};
use crate::rig::posting::{self, Answers, Plan, Posting};
use crate::rig::program::{ADMIN, Program, free_port};
use crate::rig::proxy::Proxy;
use crate::rig::told::{Told, until};
use crate::rig::{load, set_up};
use crate::{log, metrics};

/// What a drill asks for.
#[derive(Clone, Debug)]
pub struct Wishes {
    pub processes: usize,
    /// Settings of the program, over those of the stage.
    pub settings: Vec<(&'static str, String)>,
    /// Settings of PostgreSQL.
    pub postgres: Vec<String>,
    /// Whether the way to the database leads over a proxy.
    pub has_proxy: bool,
    /// The cap of the route to the network `capped`.
    pub cap: usize,
    /// Its period.
    pub period: &'static str,
    /// Calls that a network takes at once.
    pub concurrency: u32,
    /// Further environment of the program's processes.
    pub environment: Vec<(String, String)>,
    /// Whether the program runs inside this process, where its clock can be moved.
    pub is_inside: bool,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            processes: 1,
            settings: Vec::new(),
            postgres: Vec::new(),
            has_proxy: false,
            cap: 40,
            period: "total",
            concurrency: 8,
            environment: Vec::new(),
            is_inside: false,
        }
    }
}

/// The stage of one drill.
pub struct Scene {
    pub form: Form,
    pub postgres: Postgres,
    pub pool: PgPool,
    pub proxy: Option<Proxy>,
    pub programs: Vec<Program>,
    pub inside: Option<Inside>,
    pub network: Network,
    pub told: Told,
    pub token: String,
    /// What must not be in the log: tokens and secrets.
    pub secrets: Vec<String>,
    pub accounts: Vec<Account>,
    name: &'static str,
    began: Instant,
    ports: Vec<u16>,
    database: String,
    wishes: Wishes,
    /// The log of processes that have ended.
    old_log: String,
    has_losses: bool,
    posted: u64,
    /// One drill at a time in a process.
    _alone: tokio::sync::MutexGuard<'static, ()>,
}

static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// A call to a network may last so long, and a lease of it two seconds more.
pub const CALL_SECONDS: u64 = 2;
const SLACK_SECONDS: u64 = 2;
/// The lease of a lead that is being sent.
pub const LEASE: Duration = Duration::from_secs(CALL_SECONDS + SLACK_SECONDS);

impl Scene {
    pub async fn set(name: &'static str, wishes: Wishes) -> Self {
        Self::set_on(name, wishes, Disk::Ordinary).await.expect("the ordinary disk is there")
    }

    /// With the database on this disk; nothing where such a disk cannot be had.
    pub async fn set_on(name: &'static str, wishes: Wishes, disk: Disk) -> Option<Self> {
        let alone = ALONE.lock().await;
        let form = form();
        println!("drill {name}: {} form, SEED={}", if form.is_long { "long" } else { "short" }, form.seed);
        let began = Instant::now();
        let mut settings = vec!["shared_buffers=64MB".to_owned(), "max_connections=100".to_owned()];
        settings.extend(wishes.postgres.iter().cloned());
        let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
        let postgres = Postgres::start_on(&settings, disk).await?;
        let pool = postgres.pool().await;
        let proxy = if wishes.has_proxy { Some(Proxy::to(postgres.port()).await) } else { None };
        let database = proxy.as_ref().map_or_else(|| postgres.tcp_url(), |proxy| proxy.url(DATABASE));
        let network = Network::start(form.chance(name)).await;
        let told = Told::start(form.chance("told")).await;
        let ports: Vec<u16> = (0..wishes.processes).map(|_| free_port()).collect();
        let mut scene = Self {
            form,
            postgres,
            pool,
            proxy,
            programs: Vec::new(),
            inside: None,
            network,
            told,
            token: String::new(),
            secrets: vec![ADMIN.to_owned()],
            accounts: Vec::new(),
            name,
            began,
            ports,
            database,
            wishes,
            old_log: String::new(),
            has_losses: false,
            posted: 0,
            _alone: alone,
        };
        if scene.wishes.is_inside {
            let settings = scene.settings();
            let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let inside = Inside::start(&scene.database, &settings).await;
            scene.ports = vec![inside.port];
            scene.inside = Some(inside);
        }
        for place in 0..if scene.wishes.is_inside { 0 } else { scene.ports.len() } {
            let program = scene.spawn(place).await;
            scene.programs.push(program);
        }
        scene.network.set_ports(&scene.ports);
        scene.furnish().await;
        Some(scene)
    }

    fn settings(&self) -> Vec<(&'static str, String)> {
        let mut settings = vec![
            ("QUEUE__LEASE_SLACK_SECONDS", SLACK_SECONDS.to_string()),
            ("RETRIES__LEADS_SECONDS", vec!["1"; 50].join(",")),
            ("RETRIES__POSTBACKS_SECONDS", vec!["1"; 50].join(",")),
            ("DATABASE__MAX_CONNECTIONS", "12".to_owned()),
            ("DATABASE__ACQUIRE_TIMEOUT_SECONDS", "2".to_owned()),
        ];
        settings.extend(self.wishes.settings.iter().cloned());
        settings
    }

    async fn spawn(&self, place: usize) -> Program {
        let settings = self.settings();
        let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let environment: Vec<(&str, &str)> =
            self.wishes.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let port = self.ports.get(place).copied().expect("a port");
        let mut program = Program::spawn_in(&self.database, port, &settings, &environment);
        program.until_ready().await;
        program
    }

    /// Networks, offers, routes, a webmaster and her postback.
    async fn furnish(&mut self) {
        let port = self.port();
        self.token = set_up::webmaster(port, "anna").await;
        self.secrets.push(self.token.trim_start_matches("lr_").to_owned());
        for (offer, resend) in [("once", "once"), ("check", "checkable"), ("idem", "idempotent"), ("capped", "once")] {
            make(port, "/api/v1/offers", json!({ "slug": offer, "payout": "10", "currency": "USD" })).await;
            self.account(offer, resend, (offer == "capped").then_some(self.wishes.cap)).await;
        }
        self.account("rest", "idempotent", None).await;
        for offer in ["once", "check", "idem"] {
            make(port, "/api/v1/routes", json!({ "offer": offer, "network": offer })).await;
        }
        let caps = json!([{ "period": self.wishes.period, "limit": self.wishes.cap, "counts": "accepted" }]);
        make(port, "/api/v1/routes", json!({ "offer": "capped", "network": "capped", "position": 1, "caps": caps }))
            .await;
        make(port, "/api/v1/routes", json!({ "offer": "capped", "network": "rest", "position": 2 })).await;
        let postback = json!({ "webmaster": "anna", "url": self.told.url(), "kind": "additional", "secret": true });
        let made = make(port, "/api/v1/postbacks", postback).await;
        self.secrets.push(made.get("secret").and_then(Value::as_str).expect("a secret").to_owned());
        self.until_all_know_the_rules().await;
    }

    /// What one process was told the others know within a second; until then they work by what they knew.
    async fn until_all_know_the_rules(&self) {
        let version: i64 =
            sqlx::query_scalar("select version from rules_version").fetch_one(&self.pool).await.expect("the version");
        for port in &self.ports {
            until("all processes know the rules", self.form.patience(), async || {
                let text = load::get(*port, "/metrics", "").await.map(|(_, text)| text).unwrap_or_default();
                metrics::sum(&[text], "leadrelay_rules_version", "") >= version as f64
            })
            .await;
        }
    }

    /// A network of ours at the partner.
    pub async fn account(&mut self, slug: &str, resend: &str, cap: Option<usize>) {
        let mut settings =
            json!({ "url": self.network.leads_url(slug), "token": "token-of-the-network", "resend": resend });
        if resend == "checkable"
            && let Some(settings) = settings.as_object_mut()
        {
            settings.insert("status_url".to_owned(), self.network.status_url(slug).into());
        }
        let body = json!({
            "slug": slug, "integration": "http-json", "settings": settings,
            "timeout_seconds": CALL_SECONDS, "rate_limit": { "concurrency": self.wishes.concurrency },
        });
        let made = make(self.port(), "/api/v1/networks", body).await;
        let url = made.get("postback_url").and_then(Value::as_str).expect("a postback URL");
        self.network.set_hook(slug, url);
        self.secrets.push(url.rsplit('/').next().unwrap_or_default().to_owned());
        let resend = match resend {
            "once" => Resend::Once,
            "checkable" => Resend::Checkable,
            _ => Resend::Idempotent,
        };
        self.accounts.push(Account { slug: slug.to_owned(), resend, cap });
    }

    /// The port of the first process.
    pub fn port(&self) -> u16 {
        self.ports.first().copied().expect("a process")
    }

    pub fn ports(&self) -> &[u16] {
        &self.ports
    }

    /// Scripts that post to all processes and to all offers until told to end.
    pub fn post(&mut self, scripts: usize, rest: Duration) -> Posting {
        self.post_to(self.ports.clone(), scripts, rest, u64::MAX)
    }

    /// The same to these ports, and at most so many leads.
    pub fn post_to(&mut self, ports: Vec<u16>, scripts: usize, rest: Duration, most: u64) -> Posting {
        let plan = Plan { ports, token: self.token.clone(), scripts, first: self.posted, rest, most };
        // Far enough apart for any load.
        self.posted += 1_000_000;
        posting::start(plan, lead)
    }

    /// Kills a process without a word.
    pub fn kill(&mut self, place: usize) {
        self.has_losses = true;
        if let Some(program) = self.programs.get_mut(place) {
            program.kill();
        }
    }

    /// Starts a process anew on its port and waits until it is ready.
    pub async fn start_again(&mut self, place: usize) {
        let program = self.spawn(place).await;
        if let Some(old) = self.programs.get_mut(place) {
            self.old_log.push_str(&old.log());
            *old = program;
        }
    }

    /// Starts processes that have ended by themselves, as whoever watches a server does.
    pub async fn start_ended(&mut self) {
        for place in 0..self.programs.len() {
            if self.programs[place].has_ended() {
                println!("process {place} has ended by itself and is started again");
                self.has_losses = true;
                self.start_again(place).await;
            }
        }
    }

    /// Waits for this many more acknowledged leads, and until every process is ready. A process whose connections
    /// stay silent ends itself at any time meanwhile, and is started again.
    pub async fn go_on(&mut self, posting: &Posting, leads: usize) {
        let wanted = posting.count() + leads;
        let deadline = Instant::now() + self.form.patience();
        loop {
            self.start_ended().await;
            let mut is_ready = posting.count() >= wanted;
            for program in &self.programs {
                is_ready &= program.is_ready().await;
            }
            if is_ready {
                return;
            }
            assert!(Instant::now() < deadline, "{}: it does not go on", self.name);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Counters were lost or a commit's answer may have been: the metrics may say less than the database.
    pub fn expect_losses(&mut self) {
        self.has_losses = true;
    }

    /// Ends the drill: calm, the balance, the log, the metrics. Anything wrong ends the test.
    pub async fn end(mut self, answers: Answers) -> Balance {
        let is_calm = self.calm().await;
        let mut balance = self.balance(&answers).await;
        if !is_calm {
            balance.wrong.push("it does not come to rest".to_owned());
        }
        println!("balance of {}: {balance} ({:.1} s)", self.name, self.began.elapsed().as_secs_f64());
        let mut wrong = balance.wrong.clone();
        let logs: String = self.programs.iter().map(Program::log).fold(self.old_log.clone(), |all, log| all + &log);
        if self.inside.is_none() {
            wrong.extend(log::read(&logs, &self.secrets));
        }
        let mut figures = Vec::new();
        for port in &self.ports {
            figures.push(load::get(*port, "/metrics", "").await.map(|(_, text)| text).unwrap_or_default());
        }
        wrong.extend(metrics::read(&figures, &balance, &self.secrets, self.has_losses));
        if !wrong.is_empty() {
            let kept = std::env::temp_dir().join(format!("leadrelay-drill-{}.log", self.name));
            std::fs::write(&kept, &logs).expect("keep the log");
            println!("the log is in {}", kept.display());
        }
        assert!(wrong.is_empty(), "{} (SEED={}):\n{}", self.name, self.form.seed, wrong.join("\n"));
        balance
    }

    /// The balance as it is now.
    pub async fn balance(&self, answers: &Answers) -> Balance {
        let seen = Seen {
            answers: answers.clone(),
            books: self.network.books(),
            called: self.network.called().into_iter().map(|called| called.mark).collect(),
            heard: self.told.heard(),
            unsigned: self.told.unsigned(),
        };
        balance::draw(&self.pool, &self.accounts, &seen).await
    }

    /// The trouble is over: waits until nothing waits but for room in a cap. What only waits for its time is made due, which is what an
    /// hour would bring; leases end by themselves, except those of postbacks, which may be told twice anyway.
    async fn calm(&mut self) -> bool {
        self.network.set_mood(vec![(1, Act::Take)]);
        self.told.set_failing(0);
        let end_postbacks = "update job set lease_until = now()
            where state = 'leased' and kind = 'send_postback' and lease_until > now() + interval '5 s'";
        let _ = sqlx::query(end_postbacks).execute(&self.pool).await;
        let deadline = Instant::now() + self.form.patience();
        loop {
            if self.wishes.has_proxy {
                self.start_ended().await;
            }
            self.hurry().await;
            let open = sqlx::query_scalar::<_, i64>(
                "select (select count(*) from delivery where state in ('waiting', 'sending', 'retrying')
                     and not (state = 'waiting' and coalesce(reason, '') like 'no capacity%'))
                   + (select count(*) from postback_delivery where state in ('waiting', 'sending', 'retrying'))",
            );
            if self.network.calling() == 0 && open.fetch_one(&self.pool).await.is_ok_and(|open| open == 0) {
                return true;
            }
            if Instant::now() > deadline {
                println!(
                    "{}: it does not come to rest; {} calls of networks are open",
                    self.name,
                    self.network.calling()
                );
                self.print_open().await;
                return false;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// What is open, for who reads a failure.
    async fn print_open(&self) {
        let open = "select kind || ' ' || state || ' ' || coalesce(reason, '') as what, count(*) as times from (
              select 'delivery' as kind, state, reason from delivery where state in ('waiting', 'sending', 'retrying')
              union all select 'postback', state, reason from postback_delivery where state in ('waiting', 'sending', 'retrying')
              union all select 'job', state, kind from job
            ) open group by 1 order by 1";
        for row in sqlx::query(open).fetch_all(&self.pool).await.unwrap_or_default() {
            println!("  {} {}", row.get::<i64, _>("times"), row.get::<String, _>("what"));
        }
    }

    /// What waits for its time is due now.
    pub async fn hurry(&self) {
        for hurry in [
            "update lane set open_until = now() where open_until > now()",
            "update job set run_at = now() where state = 'ready' and run_at > now() and kind <> 'purge'",
        ] {
            // The database may be what is in trouble.
            let _ = sqlx::query(hurry).execute(&self.pool).await;
        }
    }

    /// The gauge of what is in review comes to say what the database says.
    pub async fn expect_reviews(&mut self) {
        assert!(self.calm().await, "it comes to rest");
        let port = self.port();
        until("the gauge of reviews is right", Duration::from_secs(15), async || {
            let is = self.count("select count(*) from delivery where state = 'needs_review'").await;
            let figures = load::get(port, "/metrics", "").await.map(|(_, text)| text).unwrap_or_default();
            #[expect(clippy::cast_precision_loss, reason = "a count")]
            let is = is as f64;
            (metrics::sum(&[figures], "leadrelay_deliveries_in_review", "") - is).abs() < 0.5
        })
        .await;
    }

    /// Whether the whole server refuses to write.
    pub async fn set_read_only(&self, is_read_only: bool) {
        let set = if is_read_only {
            "alter system set default_transaction_read_only = on"
        } else {
            "alter system reset default_transaction_read_only"
        };
        for statement in [set, "select pg_reload_conf()"] {
            sqlx::raw_sql(statement).execute(&self.pool).await.expect("change a setting of PostgreSQL");
        }
    }

    /// Waits until leads are being sent.
    pub async fn until_calls_run(&self) {
        until("leads are being sent", self.form.patience(), async || {
            self.count("select count(*) from delivery where state = 'sending'").await > 2
        })
        .await;
    }

    /// Waits until no lead waits to be sent.
    pub async fn until_delivered(&self) {
        until("every lead is sent", self.form.patience(), async || {
            self.count("select count(*) from job where kind = 'deliver_lead'").await == 0
        })
        .await;
    }

    /// Waits until every process says that it is ready.
    pub async fn until_ready(&self) {
        until("every process is ready", self.form.patience(), async || {
            for program in &self.programs {
                if !program.is_ready().await {
                    return false;
                }
            }
            true
        })
        .await;
    }

    /// One number from the database.
    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.expect("a count")
    }
}

/// Makes something by the admin's API; the way may be bad.
async fn make(port: u16, path: &str, body: Value) -> Value {
    let (status, text) = load::admin(port, path, &body).await.expect("the program answers");
    assert_eq!(status, 201, "{path}: {text}");
    serde_json::from_str(&text).expect("an answer in JSON")
}

/// The body of a lead: its number says which offer.
pub fn lead(number: u64) -> String {
    let offer = ["once", "check", "idem", "capped"][(number % 4) as usize];
    set_up::lead(offer, number)
}
