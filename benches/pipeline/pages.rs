//! What the screens take to answer on the tables as they are: each page is asked for by somebody who is signed in, one
//! request at a time, and the time is that from the request to the last byte of the answer.

use std::time::Instant;

use serde_json::json;

use crate::report::Report;
use crate::rig::load::{self, percentile};
use crate::rig::postgres::Postgres;
use crate::rig::program::Program;
use crate::rig::set_up;
use crate::rig::wire::{Message, Wire};

/// Requests of one page that are measured, after two that are not.
const TIMES: usize = 30;
/// What nineteen of twenty answers of a page must stay below, in milliseconds.
const LIMIT: f64 = 100.0;
/// The same of the overview, which is open all day.
const OVERVIEW_LIMIT: f64 = 50.0;

const PASSWORD: &str = "a long word for the rig";

const LISTS: [&str; 9] = [
    "/leads",
    "/leads?status=approved&webmaster=w-7",
    "/deliveries",
    "/deliveries?network=buyer-3",
    "/inbound",
    "/postbacks",
    "/audit",
    "/webmasters",
    "/offers",
];
const OTHERS: [&str; 14] = [
    "/leads?q=%2B34710000777",
    "/search?q=ana.4711%40example.org",
    "/orphans",
    "/unmapped",
    "/imports",
    "/networks",
    "/networks/buyer-3",
    "/networks/buyer-3/answers",
    "/networks/buyer-3/statuses",
    "/networks/buyer-3/polling",
    "/networks/buyer-3/inbound",
    "/offers/offer-3/routing",
    "/webmasters/w-7",
    "/health",
];
const REPORTS: [(&str, &str); 7] = [
    ("by day", "group_by=day"),
    ("by webmaster", "group_by=webmaster"),
    ("by network", "group_by=network"),
    ("by offer and country", "group_by=offer,country"),
    ("by day and webmaster", "group_by=day,webmaster"),
    ("by five dimensions", "group_by=day,offer,network,country,status"),
    ("by day, of the event", "group_by=day&by=event"),
];
/// What is not summed beforehand: a report of these takes as long as there are leads in its days.
const COUNTED: [(&str, &str); 2] = [("by hour, counted", "group_by=hour"), ("by sub1, counted", "group_by=sub1")];
const PORTAL: [&str; 4] = ["/portal", "/portal/leads", "/portal/stats", "/portal/calls"];

/// Measures every page.
pub async fn measure(report: &mut Report, postgres: &Postgres, program: &Program) {
    let mut person = Visitor::sign_in(program.port(), "admin", None).await;
    let overview = person.times(&["/".to_owned()]).await;
    judge(report, "overview", overview, OVERVIEW_LIMIT);
    for address in LISTS {
        person.list(report, address).await;
    }
    let leads: Vec<String> = leads(postgres).await.into_iter().map(|id| format!("/leads/{id}")).collect();
    judge(report, "/leads/{id}", person.times(&leads).await, LIMIT);
    for address in OTHERS {
        judge(report, address, person.times(&[address.to_owned()]).await, LIMIT);
    }
    for (what, query) in REPORTS {
        let address = format!("/reports?{query}");
        judge(report, &format!("report {what}"), person.times(&[address]).await, LIMIT);
    }
    for (what, query) in COUNTED {
        let times = person.times(&[format!("/reports?{query}")]).await;
        report.add("pages", format!("report {what}"), figure(&times));
    }
    let mut webmaster = Visitor::sign_in(program.port(), "webmaster", Some("w-7")).await;
    for address in PORTAL {
        webmaster.list(report, address).await;
    }
}

fn judge(report: &mut Report, what: &str, times: Vec<f64>, limit: f64) {
    let is_reached = percentile(times.clone(), 0.95) <= limit;
    report.judge("pages", what, figure(&times), &format!("p95 <= {limit:.0} ms"), is_reached);
}

fn figure(times: &[f64]) -> String {
    let of = |share| percentile(times.to_vec(), share);
    format!("p50 {:.1} ms, p95 {:.1} ms", of(0.5), of(0.95))
}

/// Leads of all times.
async fn leads(postgres: &Postgres) -> Vec<String> {
    let sql = "select lead_id::text from lead
       where number in (select generate_series(1, max(number), max(number) / 30) from lead)";
    sqlx::query_scalar(sql).fetch_all(&postgres.pool().await).await.expect("some leads")
}

/// Somebody who is signed in.
struct Visitor {
    port: u16,
    wire: Option<Wire>,
    cookie: String,
}

impl Visitor {
    async fn sign_in(port: u16, role: &str, webmaster: Option<&str>) -> Self {
        let email = format!("{role}@example.com");
        let mut user = json!({ "email": email, "role": role, "password": PASSWORD });
        if let (Some(webmaster), Some(user)) = (webmaster, user.as_object_mut()) {
            user.insert("webmaster".to_owned(), json!(webmaster));
        }
        set_up::make(port, "/api/v1/users", user).await;
        let form = format!("email={email}&password={}", PASSWORD.replace(' ', "+"));
        let request = format!(
            "POST /login HTTP/1.1\r\nhost: rig\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
            form.len()
        );
        let mut wire = None;
        let answer = load::exchange(&mut wire, port, request.as_bytes()).await.expect("an answer");
        let cookie = answer.header("set-cookie").and_then(|cookie| cookie.split(';').next()).expect("a session");
        Self { port, wire, cookie: cookie.to_owned() }
    }

    async fn get(&mut self, address: &str) -> Message {
        let request = format!("GET {address} HTTP/1.1\r\nhost: rig\r\ncookie: {}\r\n\r\n", self.cookie);
        let answer = load::exchange(&mut self.wire, self.port, request.as_bytes()).await.expect("an answer");
        assert_eq!(answer.status(), 200, "{address}");
        answer
    }

    /// Milliseconds of each request, the addresses in turn.
    async fn times(&mut self, addresses: &[String]) -> Vec<f64> {
        let mut times = Vec::new();
        for address in addresses.iter().cycle().take(TIMES + 2) {
            let began = Instant::now();
            self.get(address).await;
            times.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        times.split_off(2)
    }

    /// A list's first page and its tenth; one that is not so long: its first.
    async fn list(&mut self, report: &mut Report, address: &str) {
        judge(report, address, self.times(&[address.to_owned()]).await, LIMIT);
        let mut tenth = address.to_owned();
        for _ in 1..10 {
            let Some(next) = next(&String::from_utf8_lossy(&self.get(&tenth).await.body)) else { return };
            tenth = next;
        }
        judge(report, &format!("{address}, page 10"), self.times(&[tenth]).await, LIMIT);
    }
}

/// Where the next page of a list is.
fn next(page: &str) -> Option<String> {
    let (before, _) = page.split_once("\" rel=\"next\"")?;
    let (_, address) = before.rsplit_once("href=\"")?;
    Some(address.replace("&#38;", "&").replace("&amp;", "&"))
}
