//! A network and a webmaster's server in one: takes leads, counts how often each came, and takes postbacks. It drops
//! no repeats: whatever is sent twice is counted twice.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpListener;
use uuid::Uuid;

use super::wire::{Message, Wire};

/// The server; ends with the runtime.
#[derive(Clone)]
pub struct Partner {
    port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    calls: AtomicU64,
    told_calls: AtomicU64,
    leads: Mutex<HashMap<Uuid, u32>>,
    told: Mutex<HashMap<Uuid, u32>>,
}

impl Partner {
    /// Answers every lead as accepted, every postback with 200, at once.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let partner = Self { port: listener.local_addr().expect("an address").port(), state: Arc::default() };
        let own = partner.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let own = own.clone();
                tokio::spawn(async move {
                    let mut wire = Wire::new(stream);
                    while let Ok(Some(message)) = wire.read().await {
                        let answer = own.answer(&message);
                        if wire.write(&answer).await.is_err() {
                            break;
                        }
                    }
                });
            }
        });
        partner
    }

    /// Where leads are posted.
    pub fn leads_url(&self) -> String {
        format!("http://127.0.0.1:{}/leads", self.port)
    }

    /// Where a webmaster wants to be told.
    pub fn postback_url(&self) -> String {
        format!("http://127.0.0.1:{}/told?id={{id}}&status={{status}}&click={{click_id}}", self.port)
    }

    /// How often each lead came.
    pub fn leads(&self) -> HashMap<Uuid, u32> {
        self.state.leads.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Leads that came, and postbacks that came, without repeats.
    pub fn counts(&self) -> (usize, usize) {
        let count = |map: &Mutex<HashMap<Uuid, u32>>| map.lock().unwrap_or_else(PoisonError::into_inner).len();
        (count(&self.state.leads), count(&self.state.told))
    }

    /// Postbacks that came, repeats included.
    pub fn told(&self) -> u64 {
        self.state.told_calls.load(Ordering::Relaxed)
    }

    fn answer(&self, message: &Message) -> Vec<u8> {
        let number = self.state.calls.fetch_add(1, Ordering::Relaxed);
        let path = message.path();
        let (map, id) = if path.starts_with("/told") {
            self.state.told_calls.fetch_add(1, Ordering::Relaxed);
            (&self.state.told, after(path.as_bytes(), b"?id="))
        } else {
            (&self.state.leads, after(&message.body, b"\"id\":\""))
        };
        if let Some(id) = id {
            *map.lock().unwrap_or_else(PoisonError::into_inner).entry(id).or_default() += 1;
        }
        let body = format!("{{\"status\":\"ok\",\"id\":\"p-{number}\"}}");
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len())
            .into_bytes()
    }
}

fn after(bytes: &[u8], mark: &[u8]) -> Option<Uuid> {
    let at = bytes.windows(mark.len()).position(|part| part == mark)? + mark.len();
    Uuid::try_parse_ascii(bytes.get(at..at + 36)?).ok()
}
