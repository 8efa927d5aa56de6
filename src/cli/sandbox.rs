//! `leadrelay sandbox NAME`: a practice partner on a port of its own, for trying a network without an account.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use chrono::Utc;
use clap::ValueEnum;
use tokio::net::TcpListener;
use url::Url;

use crate::base::exchange::{Method, Request};
use crate::net::{CallOptions, Client, Limits, Policy, Reuse};
use crate::practice::affili::Affili;
use crate::practice::altercpa::{AGENCY_TOKEN, AlterCpa, COMPANY_TOKEN, SITE_TOKEN, TRACKER_TOKEN, WEBMASTER_TOKEN};
use crate::practice::duomai::{DEFAULT_APP_KEY, DEFAULT_SECRET, Duomai, Push, PushMethod};

/// The partners there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Partner {
    /// Affili, from the merchant's side
    Affili,
    /// Duomai's gateway and its order push
    Duomai,
    /// A network of AlterCPA: webmaster, agency, company, site and tracker calls
    Altercpa,
}

/// How often pushes that are due are looked for.
const LOOK: Duration = Duration::from_millis(300);
/// A receiver of pushes answers within this.
const PUSH_DEADLINE: Duration = Duration::from_secs(10);

/// Serves a partner until it is interrupted.
pub async fn run(partner: Partner, listen: SocketAddr) -> anyhow::Result<ExitCode> {
    let socket = TcpListener::bind(listen).await.with_context(|| format!("listen on {listen}"))?;
    let base = format!("http://{}", socket.local_addr()?);
    #[expect(clippy::disallowed_methods, reason = "a partner has a clock of its own")]
    let clock: Arc<dyn Fn() -> chrono::DateTime<Utc> + Send + Sync> = Arc::new(Utc::now);
    let (router, account) = match partner {
        Partner::Affili => (
            Affili::new(clock).router(),
            "integration affili, access_id fake-affili-access-id (generation services: fake-affili-services-token),\n  \
             commission_name signup; leads need meta.referrer 5f00000000000000000000a1 and meta.aff_id affili00000001x"
                .to_owned(),
        ),
        Partner::Duomai => (
            duomai(Duomai::new(clock), &base)?,
            format!(
                "integration duomai, app_key {DEFAULT_APP_KEY}, app_secret {DEFAULT_SECRET};\n  \
                 offers need the parameter duomai = 61; give the push URL by POST {base}/_control"
            ),
        ),
        Partner::Altercpa => (
            AlterCpa::new(clock).router(),
            format!(
                "integration altercpa-agency with token {AGENCY_TOKEN}, altercpa-webmaster with {WEBMASTER_TOKEN},\n  \
                 altercpa-company with {COMPANY_TOKEN}, altercpa-site with {SITE_TOKEN}, altercpa-tracker with {TRACKER_TOKEN};\n  \
                 offers need the parameter altercpa = 7 (webmasters also altercpa-flow = 501)"
            ),
        ),
    };
    say(&format!(
        "A practice partner answers at {base}\n  base_url {base}: {account}\n  \
         What can be done to its leads: {base}/_control\n  \
         leadrelay must be allowed to call it: LEADRELAY__HTTP__ALLOW_PRIVATE_TARGETS=true"
    ));
    axum::serve(socket, router)
        .with_graceful_shutdown(async {
            // Without a signal handler it runs until it is killed.
            let _ = tokio::signal::ctrl_c().await;
        })
        .await
        .context("serve the practice partner")?;
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::print_stdout, reason = "what the command is for")]
fn say(text: &str) {
    println!("{text}");
}

/// Duomai also calls: its pushes are sent beside the server.
fn duomai(duomai: Duomai, base: &str) -> anyhow::Result<Router> {
    let mut switches = duomai.switches();
    // Visitors of practice links must not reach the real network.
    switches.link_base = format!("{base}/track.php");
    duomai.set_switches(switches);
    let client = Client::new(Policy::parse::<&str>(true, &[])?, Limits::default())?;
    let router = duomai.router();
    tokio::spawn(async move {
        loop {
            for push in duomai.take_pushes() {
                let (duomai, client) = (duomai.clone(), client.clone());
                tokio::spawn(async move {
                    tokio::time::sleep(push.due_after).await;
                    let answer = send(&client, &push).await;
                    duomai.answered(&push, answer);
                });
            }
            tokio::time::sleep(LOOK).await;
        }
    });
    Ok(router)
}

/// Makes a push; gives the status and body of the answer.
async fn send(client: &Client, push: &Push) -> Option<(u16, String)> {
    let is_get = push.method == PushMethod::Get;
    let url = if is_get { push.request_url() } else { push.url.clone() };
    let form = ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned());
    let request = Request {
        method: if is_get { Method::Get } else { Method::Post },
        url: Url::parse(&url).ok()?,
        headers: if is_get { Vec::new() } else { vec![form] },
        body: if is_get { Vec::new() } else { push.query_or_body.clone().into_bytes() },
        secrets: Vec::new(),
    };
    let options =
        CallOptions { deadline: PUSH_DEADLINE, connect_timeout: PUSH_DEADLINE, reuse: Reuse::Normal, is_list: false };
    let answer = client.call(request, options).await.answer.ok()?;
    Some((answer.status, answer.text().into_owned()))
}
