//! A partner or a webmaster's server on loopback that plays what it is told and keeps what it was sent. It speaks
//! HTTP/1.1 by hand, so that it can also misbehave.

#[path = "../../rig/plays.rs"]
mod plays;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

pub use plays::Play;
use plays::answer;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Got {
    pub method: String,
    /// With the query.
    pub path: String,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Got {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A parameter of the query, decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        let query = self.path.split_once('?')?.1;
        url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

#[derive(Default)]
struct State {
    script: VecDeque<Play>,
    got: Vec<Got>,
}

/// Decides by the request what is answered.
type Judge = Arc<dyn Fn(&Got) -> Play + Send + Sync>;

/// The server. Ends with the test's runtime.
#[derive(Clone)]
pub struct Fake {
    /// `http://127.0.0.1:port`
    pub base: String,
    state: Arc<Mutex<State>>,
    otherwise: Arc<Mutex<Play>>,
    judge: Arc<Mutex<Option<Judge>>>,
    came: Arc<Notify>,
}

impl Fake {
    /// Answers 200 `{"status":"ok","id":"fake-N"}` unless told otherwise.
    pub async fn start() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let fake = Self {
            base: format!("http://{}", socket.local_addr().expect("an address")),
            state: Arc::default(),
            otherwise: Arc::new(Mutex::new(Play::Json(200, Value::Null))),
            judge: Arc::default(),
            came: Arc::default(),
        };
        let own = fake.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = socket.accept().await {
                let own = own.clone();
                tokio::spawn(async move { own.talk(stream).await });
            }
        });
        fake
    }

    /// What the next requests are answered, in order.
    pub fn answers(&self, plays: impl IntoIterator<Item = Play>) {
        self.state.lock().expect("state").script.extend(plays);
    }

    /// What every further request is answered.
    pub fn always(&self, play: Play) {
        *self.otherwise.lock().expect("otherwise") = play;
    }

    /// What every further request is answered, by what it asks.
    pub fn answers_by(&self, judge: impl Fn(&Got) -> Play + Send + Sync + 'static) {
        *self.judge.lock().expect("judge") = Some(Arc::new(judge));
    }

    /// Everything that came so far.
    pub fn got(&self) -> Vec<Got> {
        self.state.lock().expect("state").got.clone()
    }

    /// Waits until so many requests have come, and gives them.
    pub async fn until(&self, count: usize) -> Vec<Got> {
        let wait = async {
            loop {
                let came = self.came.notified();
                let got = self.got();
                if got.len() >= count {
                    return got;
                }
                came.await;
            }
        };
        let have = || self.got().len();
        tokio::time::timeout(Duration::from_secs(20), wait)
            .await
            .unwrap_or_else(|_| panic!("{} of {count} requests came", have()))
    }

    async fn talk(&self, mut stream: TcpStream) {
        while let Some(got) = read_request(&mut stream).await {
            let judge = self.judge.lock().expect("judge").clone();
            let judged = judge.map(|judge| judge(&got));
            let play = {
                let mut state = self.state.lock().expect("state");
                state.got.push(got);
                let otherwise = self.otherwise.lock().expect("otherwise").clone();
                let number = state.got.len();
                match state.script.pop_front().or(judged).unwrap_or(otherwise) {
                    Play::Json(200, Value::Null) => {
                        Play::Json(200, serde_json::json!({"status": "ok", "id": format!("fake-{number}")}))
                    }
                    play => play,
                }
            };
            self.came.notify_waiters();
            if !answer(&mut stream, play).await {
                return;
            }
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Got> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        let mut block = [0; 8192];
        let count = stream.read(&mut block).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(block.get(..count)?);
    };
    let head = String::from_utf8_lossy(bytes.get(..end)?).into_owned();
    let mut lines = head.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(k, v)| (k.trim().to_ascii_lowercase(), v.trim().to_owned()))
        .collect();
    let length: usize =
        headers.iter().find(|(key, _)| key == "content-length").and_then(|(_, v)| v.parse().ok()).unwrap_or(0);
    let mut body = bytes.get(end + 4..)?.to_vec();
    while body.len() < length {
        let mut block = [0; 8192];
        let count = stream.read(&mut block).await.ok().filter(|count| *count > 0)?;
        body.extend_from_slice(block.get(..count)?);
    }
    Some(Got { method, path, headers, body })
}
