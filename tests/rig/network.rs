//! Networks that count and misbehave: several accounts at one partner, each with its own books. They drop no
//! repeats. A request that was read to its end is in the books before it is answered, unless it was turned away.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::net::TcpListener;
use uuid::Uuid;

use super::chance::Chance;
use super::plays::{self, Play};
use super::wire::{Message, Wire};

/// What a network does with one lead.
#[derive(Clone, Debug)]
pub enum Act {
    /// Takes it and says so.
    Take,
    /// Takes it and says so after a time.
    TakeSlowly(Duration),
    /// Takes it, then plays this.
    TakeAnd(Play),
    /// Takes it, says so, and closes the kept-alive connection without a word.
    TakeAndClose,
    /// Takes it, calls our postback URL, and answers only then.
    CallFirst,
    /// Takes it and gives it the id of a lead it has had before.
    WrongId,
    /// Does not take it, and plays this.
    TurnAway(Play),
}

/// Acts and how often each comes.
pub type Mood = Vec<(u64, Act)>;

/// The account of one network.
#[derive(Clone, Debug, Default)]
pub struct Books {
    /// How often each lead was taken.
    pub taken: HashMap<Uuid, u32>,
    /// Leads that were refused for good.
    pub refused: HashMap<Uuid, u32>,
    /// When each lead was first here, taken or not.
    pub first_at: HashMap<Uuid, Instant>,
}

/// A call of a network to our postback URL that got 200.
#[derive(Clone, Debug)]
pub struct Called {
    /// Stands in the query, so that it can be found again.
    pub mark: String,
}

#[derive(Default)]
struct State {
    books: Mutex<BTreeMap<String, Books>>,
    /// Path of our postback URL for each network.
    hooks: Mutex<BTreeMap<String, String>>,
    called: Mutex<Vec<Called>>,
    ports: Mutex<Vec<u16>>,
    calls: AtomicU64,
    calling: AtomicU64,
    has_wrong_status: AtomicBool,
}

/// The server; ends with the runtime.
#[derive(Clone)]
pub struct Network {
    port: u16,
    state: Arc<State>,
    mood: Arc<Mutex<(Mood, Chance)>>,
}

impl Network {
    /// Takes everything until told otherwise.
    pub async fn start(chance: Chance) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let network = Self {
            port: listener.local_addr().expect("an address").port(),
            state: Arc::default(),
            mood: Arc::new(Mutex::new((vec![(1, Act::Take)], chance))),
        };
        let own = network.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let own = own.clone();
                tokio::spawn(async move {
                    let mut wire = Wire::new(stream);
                    while let Ok(Some(message)) = wire.read().await {
                        if !own.serve(&mut wire, &message).await {
                            return;
                        }
                    }
                });
            }
        });
        network
    }

    pub fn leads_url(&self, slug: &str) -> String {
        format!("http://127.0.0.1:{}/leads/{slug}", self.port)
    }

    pub fn status_url(&self, slug: &str) -> String {
        format!("http://127.0.0.1:{}/status/{slug}", self.port)
    }

    /// How it behaves from now on.
    pub fn set_mood(&self, mood: Mood) {
        lock(&self.mood).0 = mood;
    }

    /// Whether its status URL tells of other leads than it was asked for.
    pub fn set_wrong_status(&self, is_wrong: bool) {
        self.state.has_wrong_status.store(is_wrong, Ordering::SeqCst);
    }

    /// The URL this network calls; only its path is used.
    pub fn set_hook(&self, slug: &str, url: &str) {
        let path = url.find("/postback/").and_then(|at| url.get(at..)).unwrap_or_default();
        lock(&self.state.hooks).insert(slug.to_owned(), path.to_owned());
    }

    /// Where our processes listen.
    pub fn set_ports(&self, ports: &[u16]) {
        *lock(&self.state.ports) = ports.to_vec();
    }

    pub fn books(&self) -> BTreeMap<String, Books> {
        lock(&self.state.books).clone()
    }

    /// Leads taken by all, repeats included.
    pub fn taken(&self) -> u64 {
        lock(&self.state.books).values().flat_map(|books| books.taken.values()).map(|times| u64::from(*times)).sum()
    }

    /// Our answers of 200 to its calls.
    pub fn called(&self) -> Vec<Called> {
        lock(&self.state.called).clone()
    }

    /// Calls to us that have not got their 200 yet.
    pub fn calling(&self) -> u64 {
        self.state.calling.load(Ordering::SeqCst)
    }

    fn act(&self) -> Act {
        let mut mood = lock(&self.mood);
        let (acts, chance) = &mut *mood;
        let all: u64 = acts.iter().map(|(weight, _)| weight).sum();
        let mut at = chance.below(all.max(1));
        for (weight, act) in acts.iter() {
            if at < *weight {
                return act.clone();
            }
            at -= weight;
        }
        Act::Take
    }

    async fn serve(&self, wire: &mut Wire, message: &Message) -> bool {
        let path = message.path().to_owned();
        if let Some(slug) = path.strip_prefix("/leads/") {
            self.take(wire, slug, &message.body).await
        } else if let Some(rest) = path.strip_prefix("/status/") {
            let (slug, query) = rest.split_once('?').unwrap_or((rest, ""));
            let found = if self.state.has_wrong_status.load(Ordering::SeqCst) {
                json!([{ "id": "00000000-0000-7000-8000-000000000000", "status": "approved" }])
            } else {
                self.status(slug, query)
            };
            plays::answer(wire.stream(), Play::Json(200, found)).await
        } else {
            plays::answer(wire.stream(), Play::Json(404, json!({}))).await
        }
    }

    async fn take(&self, wire: &mut Wire, slug: &str, body: &[u8]) -> bool {
        let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |name: &str| body.get(name).and_then(serde_json::Value::as_str).unwrap_or_default();
        let Ok(id) = Uuid::parse_str(text("id")) else {
            return plays::answer(wire.stream(), Play::Json(422, json!({ "message": "no id" }))).await;
        };
        let own = self.state.calls.fetch_add(1, Ordering::Relaxed);
        if is_refused(text("external_id")) {
            self.note(slug, |books| *books.refused.entry(id).or_default() += 1);
            return plays::answer(wire.stream(), Play::Json(422, json!({ "message": "not this one" }))).await;
        }
        let act = self.act();
        self.note(slug, |books| {
            books.first_at.entry(id).or_insert_with(Instant::now);
            if !matches!(act, Act::TurnAway(_)) {
                *books.taken.entry(id).or_default() += 1;
            }
        });
        let yes = |name: String| Play::Json(200, json!({ "status": "ok", "id": name }));
        let mut goes_on = true;
        let play = match act {
            Act::TurnAway(play) => return plays::answer(wire.stream(), play).await,
            Act::Take => yes(format!("n-{own}")),
            Act::TakeSlowly(wait) => {
                tokio::time::sleep(wait).await;
                yes(format!("n-{own}"))
            }
            Act::TakeAnd(play) => play,
            Act::TakeAndClose => {
                goes_on = false;
                yes(format!("n-{own}"))
            }
            Act::CallFirst => {
                self.call(slug, id, own, 1).await;
                yes(format!("n-{own}"))
            }
            Act::WrongId => yes("n-0".to_owned()),
        };
        let answered = plays::answer(wire.stream(), play).await;
        // The verdict comes a little later, as often as it takes to get through.
        self.state.calling.fetch_add(1, Ordering::SeqCst);
        let (network, slug) = (self.clone(), slug.to_owned());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(20 + own % 200)).await;
            network.call(&slug, id, own, 400).await;
            network.state.calling.fetch_sub(1, Ordering::SeqCst);
        });
        answered && goes_on
    }

    fn status(&self, slug: &str, query: &str) -> serde_json::Value {
        let ids = query.split('&').find_map(|pair| pair.strip_prefix("ids=")).unwrap_or_default();
        let books = lock(&self.state.books);
        let known = books.get(slug);
        let found = ids
            .split("%2C")
            .flat_map(|part| part.split(','))
            .filter_map(|id| Uuid::parse_str(id).ok())
            .filter(|id| known.is_some_and(|books| books.taken.contains_key(id)))
            .map(|id| json!({ "id": id, "status": "pending" }));
        found.collect::<Vec<_>>().into()
    }

    /// Tells us the verdict; keeps the mark of the call that got 200. Another mark for each try.
    async fn call(&self, slug: &str, lead: Uuid, number: u64, tries: u64) {
        let Some(path) = lock(&self.state.hooks).get(slug).cloned() else { return };
        let word = match number % 4 {
            0 => "rejected",
            1 => "hold",
            _ => "approved",
        };
        for one in 0..tries {
            let ports = lock(&self.state.ports).clone();
            let Some(port) = ports.get(((number + one) as usize) % ports.len().max(1)).copied() else { return };
            let mark = format!("m{number}x{one}x{tries}x{slug}");
            let request = format!("GET {path}?id={lead}&status={word}&comment={mark} HTTP/1.1\r\nhost: rig\r\n\r\n");
            if let Ok(Ok(200)) = tokio::time::timeout(Duration::from_secs(10), once(port, request.as_bytes())).await {
                lock(&self.state.called).push(Called { mark });
                return;
            }
            tokio::time::sleep(Duration::from_millis(100 + (number + one) % 200)).await;
        }
    }

    fn note(&self, slug: &str, change: impl FnOnce(&mut Books)) {
        change(lock(&self.state.books).entry(slug.to_owned()).or_default());
    }
}

/// Every tenth lead is refused by every network, whatever its mood.
pub fn is_refused(external_id: &str) -> bool {
    external_id.ends_with('7')
}

async fn once(port: u16, request: &[u8]) -> io::Result<u16> {
    let mut wire = Wire::connect(port).await?;
    wire.write(request).await?;
    Ok(wire.read().await?.ok_or(io::ErrorKind::UnexpectedEof)?.status())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
