//! A way to PostgreSQL that can be cut, slowed, half closed and silenced.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What the way does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// Carries everything.
    Fair,
    /// Ends all connections and closes new ones at once.
    Cut,
    /// Carries each piece after this time.
    Slow(Duration),
    /// Of connections that are open now, PostgreSQL is told that nobody will write any more; its answers are still
    /// carried. New ones work.
    HalfClosed,
    /// Connections that are open now carry nothing any more and stay open for good; new ones work.
    Silent,
}

/// The way; ends with the runtime.
#[derive(Clone)]
pub struct Proxy {
    port: u16,
    weather: Arc<watch::Sender<Weather>>,
    carried: Arc<AtomicU64>,
}

impl Proxy {
    /// To a loopback port.
    pub async fn to(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (weather, watched) = watch::channel(Weather::Fair);
        let carried = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&carried);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                if *watched.borrow() == Weather::Cut {
                    continue;
                }
                count.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(carry(client, target, watched.clone()));
            }
        });
        Self { port, weather: Arc::new(weather), carried }
    }

    /// Where it leads from.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of this database over the way.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }

    pub fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    /// Connections that were carried so far.
    pub fn carried(&self) -> u64 {
        self.carried.load(Ordering::Relaxed)
    }
}

async fn carry(client: TcpStream, target: u16, weather: watch::Receiver<Weather>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", target)).await else { return };
    let _ = client.set_nodelay(true);
    let _ = server.set_nodelay(true);
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // Either direction's end ends both, and drops both sockets.
    tokio::select! {
        _ = pour(from_client, to_server, weather.clone(), true) => {}
        _ = pour(from_server, to_client, weather, false) => {}
    }
}

async fn pour(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut weather: watch::Receiver<Weather>,
    is_to_server: bool,
) -> io::Result<()> {
    let mut block = vec![0; 32 * 1024];
    let mut is_new = true;
    loop {
        let now = *weather.borrow_and_update();
        match now {
            Weather::Cut => return Ok(()),
            Weather::Silent if !is_new => {
                // For good: whatever comes later is fair for others, not for this connection.
                std::future::pending::<()>().await;
            }
            Weather::HalfClosed if is_to_server && !is_new => {
                to.shutdown().await?;
                std::future::pending::<()>().await;
            }
            _ => {}
        }
        let count = tokio::select! {
            changed = weather.changed() => {
                if changed.is_err() {
                    return Ok(());
                }
                is_new = false;
                continue;
            }
            count = from.read(&mut block) => count?,
        };
        if count == 0 {
            return Ok(());
        }
        if let Weather::Slow(wait) = now {
            tokio::time::sleep(wait).await;
        }
        to.write_all(block.get(..count).unwrap_or_default()).await?;
    }
}
