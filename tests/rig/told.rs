//! A webmaster's server: keeps what it was told, by the id that each signed call carries.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;

use super::chance::Chance;
use super::wire::{Message, Wire};

/// What one id has said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    pub lead: String,
    pub status: String,
    pub seq: String,
}

/// What was told under one id.
#[derive(Clone, Debug)]
pub struct Heard {
    pub words: Words,
    /// How often it was answered with 200.
    pub times: u32,
    /// Whether the id ever came with other words.
    pub is_changed: bool,
}

/// The server; ends with the runtime.
#[derive(Clone)]
pub struct Told {
    port: u16,
    heard: Arc<Mutex<HashMap<String, Heard>>>,
    unsigned: Arc<Mutex<u64>>,
    /// Of a hundred calls so many are answered with 500.
    fails: Arc<Mutex<(u64, Chance)>>,
}

impl Told {
    pub async fn start(chance: Chance) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let told = Self {
            port: listener.local_addr().expect("an address").port(),
            heard: Arc::default(),
            unsigned: Arc::default(),
            fails: Arc::new(Mutex::new((0, chance))),
        };
        let own = told.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let own = own.clone();
                tokio::spawn(async move {
                    let mut wire = Wire::new(stream);
                    while let Ok(Some(message)) = wire.read().await {
                        let status = own.hear(&message);
                        let answer = format!("HTTP/1.1 {status} Heard\r\ncontent-length: 0\r\n\r\n");
                        if wire.write(answer.as_bytes()).await.is_err() {
                            return;
                        }
                    }
                });
            }
        });
        told
    }

    /// With the macros it reads.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/told?id={{id}}&status={{status}}&seq={{seq}}", self.port)
    }

    /// Of a hundred calls so many fail from now on.
    pub fn set_failing(&self, of_hundred: u64) {
        lock(&self.fails).0 = of_hundred;
    }

    pub fn heard(&self) -> HashMap<String, Heard> {
        lock(&self.heard).clone()
    }

    /// Calls without a signature.
    pub fn unsigned(&self) -> u64 {
        *lock(&self.unsigned)
    }

    fn hear(&self, message: &Message) -> u16 {
        let is_failing = {
            let mut fails = lock(&self.fails);
            let of_hundred = fails.0;
            fails.1.below(100) < of_hundred
        };
        let id = message.header("webhook-id").unwrap_or_default().to_owned();
        if id.is_empty() || message.header("webhook-signature").is_none() {
            *lock(&self.unsigned) += 1;
        }
        let query = message.path().split_once('?').map(|(_, query)| query).unwrap_or_default();
        let part = |name: &str| {
            let found = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
            found.unwrap_or_default().to_owned()
        };
        let words = Words { lead: part("id"), status: part("status"), seq: part("seq") };
        let mut heard = lock(&self.heard);
        let one = heard.entry(id).or_insert_with(|| Heard { words: words.clone(), times: 0, is_changed: false });
        one.is_changed |= one.words != words;
        if is_failing {
            return 500;
        }
        one.times += 1;
        200
    }
}

/// Waits as long as `is_so` says no; tells what did not come.
pub async fn until(what: &str, within: Duration, mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + within;
    while !is_so().await {
        assert!(tokio::time::Instant::now() < deadline, "it does not come: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
