//! (c) Leads end to end: taken, handed to a partner that answers at once, settled, and told to the webmaster. The load
//! holds back while more than a few thousand leads are on their way, so the queue cannot grow: what comes out in the
//! time is what the pipeline sustains.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::intake;
use crate::processor::Used;
use crate::report::Report;
use crate::rig::load::{self, Load, Until};
use crate::rig::partner::Partner;
use crate::rig::postgres::Postgres;
use crate::rig::program::Program;
use crate::rig::set_up;

/// Leads that may be on their way at once.
const OPEN: u64 = 2_000;

/// A program with one network at a partner and a postback; gives the webmaster's token.
pub async fn connected(postgres: &Postgres, partner: &Partner, resend: &str) -> (Program, String) {
    let program = Program::start(&postgres.url(), &[]).await;
    set_up::offer(program.port(), "tea").await;
    intake::shelf(&program).await;
    set_up::network(program.port(), "acme", "tea", &partner.leads_url(), resend, 128).await;
    let token = set_up::webmaster(program.port(), "anna").await;
    set_up::make(program.port(), "/api/v1/postbacks", json!({ "webmaster": "anna", "url": partner.postback_url() }))
        .await;
    (program, token)
}

/// What came out.
pub struct Sustained {
    pub rate: f64,
    pub leads: u64,
    /// Leads on their way at the end.
    pub open: u64,
}

/// Posts leads for a time and counts the postbacks that come of them.
pub async fn sustain(program: &Program, token: &str, partner: &Partner, first: u64, time: Duration) -> Sustained {
    let told_before = partner.told();
    let posted = Arc::new(AtomicU64::new(0));
    let (count, open) = (Arc::clone(&posted), partner.clone());
    let token = token.to_owned();
    let load = Load { port: program.port(), clients: 64, until: Until::Time(time), rate: None, first };
    let began = Instant::now();
    let answers = load::run_while(
        load,
        move || posted.load(Ordering::Relaxed).saturating_sub(open.told() - told_before) < OPEN,
        move |number| {
            count.fetch_add(1, Ordering::Relaxed);
            load::post("/api/v1/leads", &token, &set_up::lead("tea", number))
        },
    )
    .await
    .answers;
    let (took, leads) = (began.elapsed(), answers.len() as u64);
    let told = partner.told() - told_before;
    assert!(answers.iter().all(|answer| answer.status == 201), "every lead is taken");
    let limit = Instant::now() + Duration::from_secs(60);
    while partner.told() - told_before < leads {
        assert!(Instant::now() < limit, "{} of {leads} leads were told", partner.told() - told_before);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Sustained { rate: told as f64 / took.as_secs_f64(), leads, open: leads - told }
}

/// Once with a network of each kind.
pub async fn run(report: &mut Report, time: Duration) {
    for resend in ["once", "idempotent"] {
        let postgres = Postgres::start(&["shared_buffers=1GB"]).await;
        let partner = Partner::start().await;
        let (program, token) = connected(&postgres, &partner, resend).await;
        let warm = sustain(&program, &token, &partner, 0, Duration::from_secs(5)).await;
        let before = Used::read(Some(&program), &postgres);
        let sustained = sustain(&program, &token, &partner, warm.leads, time).await;
        let used = Used::read(Some(&program), &postgres);
        let twice = partner.leads().values().filter(|times| **times > 1).count();
        assert_eq!(twice, 0, "leads were sent twice");
        let what = format!("end to end, a network that is `{resend}`");
        report.judge(
            "through",
            what,
            format!("{:.0} leads/s", sustained.rate),
            ">= 2,000/s",
            sustained.rate >= 2_000.0,
        );
        report.add("through", "on their way at the end", sustained.open.to_string());
        let each = used.each_since(before, usize::try_from(sustained.leads).unwrap_or(1));
        report.add("through", "processor time of one lead", each);
    }
}
