//! The queue: work that outlives a process, in the tables `job`, `lane` and `schedule`. For `flow`, which enqueues
//! inside its own transactions and settles what it was handed, and for `app`, which gives the [`runner`] its handlers.
//!
//! What must stay true:
//! - a job appears with the commit of the act that wanted it, and leaves with the commit of the act that did it;
//! - nobody holds a job without a lease, and a lease that has run out changes nothing (the fence in [`settle`]);
//! - a lane never has more in flight than it may, whatever number of processes claims;
//! - the database's time rules: no machine's clock is compared with another's.
//!
//! docs/QUEUE.md tells the whole story.

pub mod breaker;
pub mod claim;
pub mod express;
pub mod lane;
pub mod lost;
pub mod runner;
pub mod schedule;
pub mod settle;
pub mod start;
mod waiting;
pub mod wake;

use std::time::Duration;

use sqlx::PgConnection;
use uuid::{Uuid, uuid};

pub use waiting::{cancel, hurry};

/// The lane of the server's own work; made by the migrations.
pub const OWN_LANE: Uuid = uuid!("00000000-0000-0000-0000-000000000001");

/// Fresh work goes first.
pub const FRESH: i16 = 0;
/// Then what has been tried before.
pub const RETRY: i16 = 1;
/// Then mass work, such as replays.
pub const BULK: i16 = 2;

crate::text_enum! {
    /// What a job asks for; each word is the name of the business act that does it.
    pub enum Kind {
        /// Hand one lead to one network. Subject: the delivery.
        DeliverLead = "deliver_lead",
        /// Ask a network whether it has a lead. Subject: the delivery.
        LookUpLead = "look_up_lead",
        /// Send a lead's changes to a network that has it. Subject: the delivery.
        SendChange = "send_change",
        /// Tell a network what became of a lead that it has. Subject: the delivery.
        TellVerdict = "tell_verdict",
        /// Tell a webmaster about a change. Subject: the postback's delivery.
        SendPostback = "send_postback",
        /// Begin the polls that are due. Subject: any.
        StartPolls = "start_polls",
        /// Ask a network for a page of statuses. Subject: the poll.
        PollNetwork = "poll_network",
        /// Route the leads that no route has taken. Subject: any.
        RouteLeads = "route_leads",
        /// Handle the next rows of a file. Subject: the import.
        RunImport = "run_import",
        /// Remove what has been kept long enough. Subject: any.
        Purge = "purge",
        /// A postback of the practice network. Subject: its delivery.
        SandboxPostback = "sandbox_postback",
    }
}

/// A job to be queued.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Time-ordered, from `Ids`.
    pub job_id: Uuid,
    /// Whose limits it obeys.
    pub lane_id: Uuid,
    /// What is to be done.
    pub kind: Kind,
    /// To what.
    pub subject_id: Uuid,
    /// [`FRESH`], [`RETRY`] or [`BULK`].
    pub priority: i16,
    /// While a job with this key is in the lane, ready or running, another one is not added.
    pub dedupe_key: Option<String>,
    /// How long it waits at least.
    pub run_in: Duration,
    /// Set when it starts with the commit that makes it ([`express`]); otherwise it waits for a claim.
    pub lease: Option<NewLease>,
}

/// The holding that a job is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewLease {
    pub token: Uuid,
    pub lasts: Duration,
}

impl NewJob {
    /// Fresh, due at once, without a dedupe key.
    pub fn now(job_id: Uuid, lane_id: Uuid, kind: Kind, subject_id: Uuid) -> Self {
        Self {
            job_id,
            lane_id,
            kind,
            subject_id,
            priority: FRESH,
            dedupe_key: None,
            run_in: Duration::ZERO,
            lease: None,
        }
    }
}

/// A job that was claimed: its holder works until the lease ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The job.
    pub job_id: Uuid,
    /// Its lane.
    pub lane_id: Uuid,
    /// What is to be done.
    pub kind: Kind,
    /// To what.
    pub subject_id: Uuid,
    /// Counted at the claim: 1 the first time.
    pub attempt: i32,
    /// Proof of holding it.
    pub lease_token: Uuid,
    /// How long it is held: the deadline of the lane's calls and a slack.
    pub lease: Duration,
    /// Somebody held it before and never came back: what was begun may have happened.
    pub is_lost: bool,
    /// The one job by which a half-open breaker tries its lane.
    pub is_probe: bool,
}

impl Job {
    /// What settling it needs.
    pub fn fence(&self) -> Fence {
        Fence { job_id: self.job_id, lease_token: self.lease_token }
    }
}

/// Names one holding of one job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fence {
    /// The job.
    pub job_id: Uuid,
    /// The lease it was held under.
    pub lease_token: Uuid,
}

/// Queues jobs in the caller's transaction, one statement for all. Gives the number added; those whose dedupe key is
/// taken are left out. Signal [`wake::Wake::jobs`] after the commit.
pub async fn enqueue(conn: &mut PgConnection, jobs: &[NewJob]) -> sqlx::Result<u64> {
    if jobs.is_empty() {
        return Ok(0);
    }
    let mut jobs: Vec<&NewJob> = jobs.iter().collect();
    // One order for every writer, the unique key's order first: two batches wait for each other, but never in a ring.
    jobs.sort_by_key(|job| (job.lane_id, job.dedupe_key.as_deref(), job.job_id));
    let ids: Vec<Uuid> = jobs.iter().map(|job| job.job_id).collect();
    let lanes: Vec<Uuid> = jobs.iter().map(|job| job.lane_id).collect();
    let kinds: Vec<String> = jobs.iter().map(|job| job.kind.to_string()).collect();
    let subjects: Vec<Uuid> = jobs.iter().map(|job| job.subject_id).collect();
    let priorities: Vec<i16> = jobs.iter().map(|job| job.priority.clamp(FRESH, BULK)).collect();
    let keys: Vec<Option<String>> = jobs.iter().map(|job| job.dedupe_key.clone()).collect();
    let waits: Vec<f64> = jobs.iter().map(|job| seconds(job.run_in)).collect();
    let tokens: Vec<Option<Uuid>> = jobs.iter().map(|job| Some(job.lease?.token)).collect();
    let leases: Vec<Option<f64>> = jobs.iter().map(|job| Some(seconds(job.lease?.lasts))).collect();
    let done = sqlx::query!(
        "insert into job (job_id, lane_id, kind, subject_id, priority, dedupe_key, run_at, state, attempt, lease_token, lease_until)
         select job_id, lane_id, kind, subject_id, priority, dedupe_key, now() + make_interval(secs => wait),
           case when token is null then 'ready' else 'leased' end, (token is not null)::int, token,
           now() + make_interval(secs => lasts)
         from unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::smallint[], $6::text[], $7::float8[], $8::uuid[], $9::float8[])
           as new (job_id, lane_id, kind, subject_id, priority, dedupe_key, wait, token, lasts)
         on conflict (lane_id, dedupe_key) where dedupe_key is not null do nothing",
        &ids,
        &lanes,
        &kinds,
        &subjects,
        &priorities,
        &keys as &[Option<String>],
        &waits,
        &tokens as &[Option<Uuid>],
        &leases as &[Option<f64>],
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}

/// A wait as the database takes it; longer than ten years is ten years.
fn seconds(wait: Duration) -> f64 {
    wait.as_secs_f64().min(315_360_000.0)
}

/// A row of a claim, before its kind is known to be one of ours.
struct Row {
    job_id: Uuid,
    lane_id: Uuid,
    kind: String,
    subject_id: Uuid,
    attempt: i32,
    lease_token: Uuid,
    lease_seconds: f64,
    is_lost: bool,
    is_probe: bool,
}

/// Sorts claimed rows into jobs and strangers. A stranger (written by a newer version, or by hand) goes back into the
/// lane for a minute without spending its attempt: it must not hold up the others, nor be thrown away.
async fn keep_known(conn: &mut PgConnection, rows: Vec<Row>) -> sqlx::Result<Vec<Job>> {
    let mut jobs = Vec::with_capacity(rows.len());
    let mut strangers = Vec::new();
    for row in rows {
        let fence = Fence { job_id: row.job_id, lease_token: row.lease_token };
        let Ok(kind) = row.kind.parse() else {
            tracing::error!(job_id = %row.job_id, lane_id = %row.lane_id, "a job of a kind unknown to this version is left");
            strangers.push((fence, Duration::from_secs(60)));
            continue;
        };
        let Row { job_id, lane_id, subject_id, attempt, lease_token, lease_seconds, is_lost, is_probe, .. } = row;
        let lease = Duration::try_from_secs_f64(lease_seconds).unwrap_or_default();
        jobs.push(Job { job_id, lane_id, kind, subject_id, attempt, lease_token, lease, is_lost, is_probe });
    }
    settle::snooze(conn, &strangers).await?;
    Ok(jobs)
}
