//! A load: clients on kept-alive connections that post as fast as they are answered, or at a steady rate.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::program::ADMIN;
use super::wire::{Message, Wire};

/// When a load ends.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    /// After so many requests.
    Count(u64),
    /// After this time.
    Time(Duration),
}

/// How a load is made.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    pub port: u16,
    pub clients: usize,
    pub until: Until,
    /// Requests a second, all clients together; as fast as they are answered when absent.
    pub rate: Option<f64>,
    /// The number of the first request.
    pub first: u64,
}

/// What one request got.
#[derive(Clone, Copy, Debug)]
pub struct Answered {
    /// The request's number.
    pub number: u64,
    /// 0: the connection broke, nobody knows.
    pub status: u16,
    pub took: Duration,
    /// The `id` of the answer.
    pub id: Option<Uuid>,
}

/// What a load got.
#[derive(Debug)]
pub struct Outcome {
    pub answers: Vec<Answered>,
    pub took: Duration,
}

impl Outcome {
    /// Requests a second that were answered with this status.
    pub fn rate(&self, status: u16) -> f64 {
        self.count(status) as f64 / self.took.as_secs_f64()
    }

    pub fn count(&self, status: u16) -> usize {
        self.answers.iter().filter(|answer| answer.status == status).count()
    }

    /// The ids of what was answered with this status.
    pub fn ids(&self, status: u16) -> Vec<Uuid> {
        self.answers.iter().filter(|answer| answer.status == status).filter_map(|answer| answer.id).collect()
    }

    /// The time that this share of the requests stayed below, in milliseconds.
    pub fn percentile(&self, share: f64) -> f64 {
        percentile(self.answers.iter().map(|answer| answer.took.as_secs_f64() * 1000.0).collect(), share)
    }
}

/// The value that this share of the values stays below.
pub fn percentile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = ((values.len() as f64 * share).ceil() as usize).clamp(1, values.len().max(1)) - 1;
    values.get(at).copied().unwrap_or(f64::NAN)
}

/// Runs a load; `make` gives the bytes of each request. A broken connection is opened anew.
pub async fn run(load: Load, make: impl Fn(u64) -> Vec<u8> + Send + Sync + 'static) -> Outcome {
    run_while(load, || true, make).await
}

/// As [`run`], but nothing is sent while `has_room` says no.
pub async fn run_while(
    load: Load,
    has_room: impl Fn() -> bool + Send + Sync + 'static,
    make: impl Fn(u64) -> Vec<u8> + Send + Sync + 'static,
) -> Outcome {
    let next = Arc::new(AtomicU64::new(0));
    let source = Arc::new((has_room, make));
    let began = Instant::now();
    let clients: Vec<_> =
        (0..load.clients).map(|_| tokio::spawn(client(load, Arc::clone(&next), Arc::clone(&source), began))).collect();
    let mut answers = Vec::new();
    for client in clients {
        answers.append(&mut client.await.expect("a client"));
    }
    Outcome { answers, took: began.elapsed() }
}

async fn client<R: Fn() -> bool, F: Fn(u64) -> Vec<u8>>(
    load: Load,
    next: Arc<AtomicU64>,
    source: Arc<(R, F)>,
    began: Instant,
) -> Vec<Answered> {
    let (has_room, make) = &*source;
    let mut answers = Vec::new();
    let mut wire = None;
    loop {
        while !has_room() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let index = next.fetch_add(1, Ordering::Relaxed);
        let due = load.rate.map(|rate| began + Duration::from_secs_f64(index as f64 / rate));
        match load.until {
            Until::Count(count) if index >= count => return answers,
            Until::Time(time) if due.unwrap_or_else(Instant::now) >= began + time => return answers,
            _ => {}
        }
        if let Some(due) = due {
            tokio::time::sleep_until(due.into()).await;
        }
        let number = load.first + index;
        let request = make(number);
        let started = Instant::now();
        let answer = exchange(&mut wire, load.port, &request).await;
        let took = started.elapsed();
        let (status, id) = match answer {
            Ok(message) => (message.status(), id_of(&message.body)),
            Err(_) => {
                wire = None;
                // Nobody listens: the others should get the processor.
                tokio::time::sleep(Duration::from_millis(20)).await;
                (0, None)
            }
        };
        answers.push(Answered { number, status, took, id });
    }
}

/// Sends a request on this connection, opened if need be, and reads the answer.
pub async fn exchange(wire: &mut Option<Wire>, port: u16, request: &[u8]) -> io::Result<Message> {
    let open = match wire {
        Some(open) => open,
        None => wire.insert(Wire::connect(port).await?),
    };
    open.write(request).await?;
    open.read().await?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// The first `"id":"…"` of an answer.
pub fn id_of(body: &[u8]) -> Option<Uuid> {
    let at = body.windows(6).position(|six| six == b"\"id\":\"")? + 6;
    Uuid::try_parse_ascii(body.get(at..at + 36)?).ok()
}

/// The bytes of a request with a JSON body.
pub fn post(path: &str, token: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: rig\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// One GET on a connection of its own: status and body.
pub async fn get(port: u16, path: &str, token: &str) -> io::Result<(u16, String)> {
    one(
        port,
        format!("GET {path} HTTP/1.1\r\nhost: rig\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n")
            .as_bytes(),
    )
    .await
}

/// One call of the admin's with a JSON body, on a connection of its own.
pub async fn admin(port: u16, path: &str, body: &serde_json::Value) -> io::Result<(u16, String)> {
    one(port, &post(path, ADMIN, &body.to_string())).await
}

async fn one(port: u16, request: &[u8]) -> io::Result<(u16, String)> {
    let message = exchange(&mut None, port, request).await?;
    Ok((message.status(), String::from_utf8_lossy(&message.body).into_owned()))
}
