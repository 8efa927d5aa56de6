//! Webmasters' scripts as they should be: each posts a lead, and after a 503 or a broken connection the same lead
//! again, until it is acknowledged. Keeps what was acknowledged, and what was answered otherwise.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use uuid::Uuid;

use super::load;
use super::wire::Wire;

/// How it is posted.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where; a script that meets trouble goes on with the next.
    pub ports: Vec<u16>,
    pub token: String,
    pub scripts: usize,
    /// The number of the first lead.
    pub first: u64,
    /// Each script rests so long after a lead.
    pub rest: Duration,
    /// No more leads than this.
    pub most: u64,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// Number and id of every lead that got 201 or 200.
    pub acknowledged: HashMap<u64, Uuid>,
    /// How often each other status came; 0 is a broken connection.
    pub others: BTreeMap<u16, u64>,
    /// What no caller should ever see.
    pub wrong: Vec<String>,
}

impl Answers {
    pub fn unavailable(&self) -> u64 {
        self.others.get(&503).copied().unwrap_or(0)
    }

    pub fn broken(&self) -> u64 {
        self.others.get(&0).copied().unwrap_or(0)
    }

    pub fn add(&mut self, other: Self) {
        self.acknowledged.extend(other.acknowledged);
        for (status, times) in other.others {
            *self.others.entry(status).or_default() += times;
        }
        self.wrong.extend(other.wrong);
    }
}

/// Scripts that run.
pub struct Posting {
    is_over: Arc<AtomicBool>,
    answers: Arc<Mutex<Answers>>,
    scripts: Vec<JoinHandle<()>>,
}

/// Starts the scripts; `make` gives the body of each lead.
pub fn start(plan: Plan, make: impl Fn(u64) -> String + Send + Sync + 'static) -> Posting {
    let is_over = Arc::new(AtomicBool::new(false));
    let answers = Arc::<Mutex<Answers>>::default();
    let next = Arc::new(AtomicU64::new(0));
    let make = Arc::new(make);
    let scripts = (0..plan.scripts)
        .map(|script| {
            let (plan, is_over, answers) = (plan.clone(), Arc::clone(&is_over), Arc::clone(&answers));
            let (next, make) = (Arc::clone(&next), Arc::clone(&make));
            tokio::spawn(async move { run(&plan, script, &is_over, &answers, &next, &*make).await })
        })
        .collect();
    Posting { is_over, answers, scripts }
}

impl Posting {
    /// What has come of it so far.
    pub fn so_far(&self) -> Answers {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many leads are acknowledged.
    pub fn count(&self) -> usize {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).acknowledged.len()
    }

    /// Waits for this many more acknowledged leads.
    pub async fn more(&self, leads: usize, within: Duration) {
        let wanted = self.count() + leads;
        super::told::until("further acknowledged leads", within, async || self.count() >= wanted).await;
    }

    /// Lets every script end its lead and gives everything.
    pub async fn end(self) -> Answers {
        self.is_over.store(true, Ordering::SeqCst);
        for script in self.scripts {
            script.await.expect("a script");
        }
        std::mem::take(&mut *self.answers.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until all leads of the plan are in and gives everything.
    pub async fn all(self) -> Answers {
        for script in self.scripts {
            script.await.expect("a script");
        }
        std::mem::take(&mut *self.answers.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn run(
    plan: &Plan,
    script: usize,
    is_over: &AtomicBool,
    answers: &Mutex<Answers>,
    next: &AtomicU64,
    make: &(impl Fn(u64) -> String + Sync),
) {
    let mut at = script;
    let mut wire = None;
    while !is_over.load(Ordering::SeqCst) {
        let index = next.fetch_add(1, Ordering::Relaxed);
        if index >= plan.most {
            return;
        }
        let number = plan.first + index;
        let request = load::post("/api/v1/leads", &plan.token, &make(number));
        let mut tries = 0_u32;
        loop {
            let port = plan.ports.get(at % plan.ports.len()).copied().unwrap_or_default();
            let asked = load::exchange(&mut wire, port, &request);
            let answer = tokio::time::timeout(Duration::from_secs(60), asked).await;
            let (status, body, has_wait) = match answer {
                Ok(Ok(message)) => (
                    message.status(),
                    String::from_utf8_lossy(&message.body).into_owned(),
                    message.header("retry-after").is_some(),
                ),
                Ok(Err(_)) => (0, String::new(), false),
                Err(_) => (599, "no answer within a minute".to_owned(), false),
            };
            if note(answers, number, status, &body, has_wait) {
                break;
            }
            at += 1;
            wire = None::<Wire>;
            tries += 1;
            if is_over.load(Ordering::SeqCst) && tries > 200 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(if status == 0 { 20 } else { 50 })).await;
        }
        tokio::time::sleep(plan.rest).await;
    }
}

/// Keeps one answer; says whether the lead is done with.
fn note(answers: &Mutex<Answers>, number: u64, status: u16, body: &str, has_wait: bool) -> bool {
    let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
    if matches!(status, 200 | 201) {
        match load::id_of(body.as_bytes()) {
            Some(id) => {
                answers.acknowledged.insert(number, id);
            }
            None => answers.wrong.push(format!("{status} without an id")),
        }
        return true;
    }
    *answers.others.entry(status).or_default() += 1;
    if status == 503 && !has_wait {
        answers.wrong.push("503 without Retry-After".to_owned());
    }
    if matches!(status, 0 | 503) {
        return false;
    }
    answers.wrong.push(format!("{status}: {body}"));
    true
}
