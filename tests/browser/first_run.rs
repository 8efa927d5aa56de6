//! The first run: from the printed link to a lead that is approved, five steps on pages and one call. The short form
//! runs at the machine's pace with all tests; `make first-run` runs it at a person's and tells the time it takes.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::browser::Browser;
use super::kit::app::{client_builder, read};
use super::kit::database;
use super::program::Program;

/// How long a first run may take a person.
const MOST: Duration = Duration::from_secs(600);

/// How fast somebody is.
#[derive(Clone, Copy)]
struct Pace {
    /// For each key.
    key: Duration,
    /// For each page: to read it and to find what to do.
    page: Duration,
}

/// As fast as the machine.
const MACHINE: Pace = Pace { key: Duration::ZERO, page: Duration::ZERO };
/// Five keys a second, eight seconds for a page.
const PERSON: Pace = Pace { key: Duration::from_millis(200), page: Duration::from_secs(8) };

/// Somebody who has just started the program.
struct Newcomer {
    browser: Browser,
    base: String,
    pace: Pace,
    step_began: Instant,
    /// What was done, and how long it took.
    steps: Vec<(&'static str, Duration)>,
}

impl Newcomer {
    async fn reads(&self) {
        self.browser.settles().await;
        tokio::time::sleep(self.pace.page).await;
    }

    async fn types(&self, label: &str, value: &str) {
        tokio::time::sleep(self.pace.key * u32::try_from(value.chars().count()).unwrap_or(u32::MAX)).await;
        self.browser.fills(label, value).await;
    }

    async fn presses(&self, name: &str) {
        self.browser.presses(name).await;
    }

    /// Goes on from the list of steps, by the button of the next one.
    async fn goes_on(&self, done: &str, name: &str) {
        self.presses("Overview").await;
        self.browser.sees(done).await;
        self.reads().await;
        let next = self.browser.find(".step--next .btn--primary").await;
        assert_eq!(next.text().await.expect("its name"), name);
        next.click().await.expect("it can be pressed");
        self.reads().await;
    }

    /// Ends a step: its page has said so.
    async fn is_told(&mut self, step: &'static str, text: &str) {
        self.browser.sees(text).await;
        self.steps.push((step, self.step_began.elapsed()));
        self.step_began = Instant::now();
    }

    /// A call that stands on a page to be copied, made as it stands there. Gives its answer.
    async fn runs(&self, call: &str) -> Value {
        let token = call.split_once("Bearer ").and_then(|(_, rest)| rest.split('\'').next()).expect("a token");
        let url = call.split_whitespace().find(|word| word.trim_matches('\'').starts_with("http")).expect("a URL");
        let body = call.split_once("-d '").and_then(|(_, rest)| rest.rsplit_once('\'')).expect("a body").0;
        let http = client_builder().no_proxy().build().expect("a client");
        let request = http.post(url.trim_matches('\'')).bearer_auth(token).header("content-type", "application/json");
        let answer = read(request.body(body.to_owned())).await;
        assert!(answer.status < 300, "{call}: {}", answer.text);
        answer.json()
    }
}

async fn first_run(pace: Pace) -> Vec<(&'static str, Duration)> {
    let db = database::empty_database().await;
    let program = Program::start(&db.url);
    let browser = Browser::start(&program.base).await;
    let base = program.base.clone();
    let mut me = Newcomer { browser, base, pace, step_began: Instant::now(), steps: Vec::new() };
    admin(&mut me, &program.link).await;
    network(&mut me).await;
    offer(&mut me).await;
    route(&mut me).await;
    let call = webmaster(&mut me).await;
    lead(&mut me, &call).await;
    me.browser.ends().await;
    me.steps
}

async fn admin(me: &mut Newcomer, link: &str) {
    me.browser.opens(link).await;
    me.reads().await;
    me.types("E-mail", "olga@example.com").await;
    me.types("Name", "Olga").await;
    me.types("Password", "a long sentence").await;
    me.types("The same password again", "a long sentence").await;
    me.presses("Create the admin").await;
    me.is_told("open the link, create the admin", "1 of 6").await;
}

async fn network(me: &mut Newcomer) {
    me.reads().await;
    me.browser.find(".step--next .btn--primary").await.click().await.expect("it can be pressed");
    me.reads().await;
    me.presses("Sandbox").await;
    me.reads().await;
    me.presses("Connect").await;
    me.browser.sees("sandbox is connected. Send it a test lead.").await;
    me.reads().await;
    me.presses("Send the test lead").await;
    me.is_told("connect the sandbox, send it a test lead", "The network took it as").await;
    me.reads().await;
}

async fn offer(me: &mut Newcomer) {
    me.goes_on("2 of 6", "New offer").await;
    me.types("Name", "Slim Tea").await;
    me.types("Short name", "first-offer").await;
    me.types("Payout", "10").await;
    me.types("Revenue", "15").await;
    me.presses("Create the offer").await;
    me.is_told("create an offer", "Slim Tea is there. Add a route next").await;
}

/// The page that is told about the offer is the one that adds a route.
async fn route(me: &mut Newcomer) {
    me.reads().await;
    me.presses("New route").await;
    me.reads().await;
    me.browser.chooses("Network", "sandbox").await;
    me.presses("Add to the draft").await;
    me.browser.sees("Saved in the draft.").await;
    me.reads().await;
    me.presses("Publish now").await;
    me.is_told("route the offer", "Published. New leads go by these routes.").await;
}

/// Gives the call that was shown, with the token in it.
async fn webmaster(me: &mut Newcomer) -> String {
    me.goes_on("4 of 6", "New webmaster").await;
    me.types("Name", "Anna").await;
    me.types("Short name", "anna").await;
    me.presses("Create the webmaster").await;
    me.browser.sees("Anna is there. Give him a token next.").await;
    me.reads().await;
    me.presses("New token").await;
    me.is_told("create a webmaster and a token", "Copy it now: it is shown this once.").await;
    me.reads().await;
    me.browser.find(".issued pre").await.text().await.expect("a call")
}

async fn lead(me: &mut Newcomer, call: &str) {
    assert!(call.contains(&me.base), "the call is ready: {call}");
    let posted = me.runs(call).await;
    let number = posted["number"].as_i64().expect("a number");
    me.presses("Leads").await;
    me.reads().await;
    me.presses(&number.to_string()).await;
    me.browser.sees("sandbox has the lead").await;
    let lead = format!("/leads/{number}");
    me.browser
        .until("approved", async || {
            me.browser.opens(&lead).await;
            me.browser.find(".lead-head .chip").await.text().await.ok().filter(|status| status == "approved")
        })
        .await;
    me.is_told("post a lead and watch it become approved", "Status: pending → approved").await;
}

#[tokio::test]
async fn a_newcomer_gets_from_the_link_to_an_approved_lead() {
    assert_eq!(first_run(MACHINE).await.len(), 6);
}

#[tokio::test]
#[ignore = "takes minutes, as long as a person does: make first-run"]
async fn the_first_run_takes_less_than_ten_minutes() {
    let steps = first_run(PERSON).await;
    let all: Duration = steps.iter().map(|(_, took)| took).sum();
    for (number, (step, took)) in steps.iter().enumerate() {
        println!("{:>6.1} s  {}. {step}", took.as_secs_f64(), number + 1);
    }
    println!("{:>6.1} s  in all", all.as_secs_f64());
    assert!(all < MOST, "{all:?}");
}
