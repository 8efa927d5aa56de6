//! The private PostgreSQL cluster, for machines where nobody has set `DATABASE_URL`.
//!
//! Every process that needs the database calls [`Cluster::start_or_attach`]; the first one starts the postmaster,
//! the last one to leave stops it. What must stay true:
//!
//! - Never two postmasters on one folder: starting and stopping happen under an exclusive file lock.
//! - Users are counted by a shared file lock, which the kernel takes back when a process is killed.
//! - The postmaster has a process group of its own. Killing leadrelay, even by Ctrl-C, does not kill it; the next
//!   start adopts it by its pid file.
//! - Settings are durable. There is a unix socket only, in a folder that only PostgreSQL's user may enter.
//! - Its log holds no statements, no rows and no errors that could quote a value.

mod account;
mod error;
mod lock;
mod place;
mod postmaster;
mod programs;
mod seat;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sqlx::migrate::MigrateDatabase;

pub use error::ClusterError;
use seat::Seat;

const DATABASE: &str = "leadrelay";

/// How a cluster is started. [`Start::new`] is what the server uses; the rest is for tests.
#[derive(Clone, Debug)]
pub struct Start {
    data_dir: PathBuf,
    fallback: PathBuf,
    search: Vec<PathBuf>,
    is_throw_away: bool,
}

impl Start {
    /// A durable cluster in `<data_dir>/postgres`.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            fallback: PathBuf::from("/var/lib/leadrelay"),
            search: programs::usual_folders(),
            is_throw_away: false,
        }
    }

    /// Folder to use when PostgreSQL's user cannot reach the data folder.
    pub fn fallback(mut self, folder: impl Into<PathBuf>) -> Self {
        self.fallback = folder.into();
        self
    }

    /// Folders to look for `initdb` and `postgres` in, instead of the usual ones.
    pub fn search(mut self, folders: Vec<PathBuf>) -> Self {
        self.search = folders;
        self
    }

    /// Quick and not durable: for clusters of tests.
    pub fn throw_away(mut self) -> Self {
        self.is_throw_away = true;
        self
    }
}

/// A process's seat at the private cluster. While one exists anywhere, the postmaster keeps running.
#[derive(Debug)]
pub struct Cluster {
    seat: Arc<Seat>,
}

impl Cluster {
    /// Attaches to the cluster below `data_dir`; makes and starts it when needed.
    pub async fn start_or_attach(data_dir: &Path) -> Result<Self, ClusterError> {
        Self::start(Start::new(data_dir)).await
    }

    /// The same with other settings.
    pub async fn start(start: Start) -> Result<Self, ClusterError> {
        // Dropping the caller's future must not leave a half-made cluster: the blocking part runs to its end, and
        // the seat leaves by itself when nobody takes it.
        // The guard is always declared after the seat, and so dropped before it: leaving takes the same lock.
        let (guard, seat) = blocking(move || Seat::take(&start)).await?;
        let (cluster, guard) = (Self { seat: Arc::new(seat) }, guard);
        let url = cluster.url();
        let found = sqlx::Postgres::database_exists(&url).await;
        let guard = match found {
            Ok(_) => guard,
            // It runs but does not answer: its socket was swept away, or it was told to stop.
            Err(error) => {
                tracing::warn!(%error, "private PostgreSQL does not answer and is started again");
                let seat = cluster.seat.clone();
                blocking(move || seat.restart(guard)).await?
            }
        };
        let url = cluster.url();
        if !sqlx::Postgres::database_exists(&url).await? {
            sqlx::Postgres::create_database(&url).await?;
        }
        drop(guard);
        Ok(cluster)
    }

    /// URL of the database `leadrelay`, over the unix socket.
    pub fn url(&self) -> String {
        let socket = self.seat.socket_folder();
        let folder =
            percent_encoding::utf8_percent_encode(&socket.to_string_lossy(), percent_encoding::NON_ALPHANUMERIC)
                .to_string();
        format!("postgres://postgres@{folder}:{}/{DATABASE}", postmaster::PORT)
    }

    /// Something the operator should be told about where the data is, if anything.
    pub fn notice(&self) -> Option<&str> {
        self.seat.notice()
    }

    /// The folder that holds the cluster, its locks and its log.
    pub fn folder(&self) -> &Path {
        self.seat.folder()
    }

    /// Process id of the postmaster, when it runs.
    pub fn pid(&self) -> Option<i32> {
        self.seat.pid()
    }

    /// Starts the postmaster again when it has died under us. Cheap when it runs; call it when the database is away.
    pub async fn revive(&self) -> Result<(), ClusterError> {
        let seat = self.seat.clone();
        blocking(move || seat.revive()).await
    }

    /// Cuts the postmaster's log when it has grown; call it now and then.
    pub async fn trim_log(&self) -> Result<(), ClusterError> {
        let seat = self.seat.clone();
        blocking(move || seat.trim_log()).await
    }

    /// Leaves. The last one out stops the postmaster and waits for its end. (Dropping does the same, but blocks.)
    pub async fn release(self) -> Result<(), ClusterError> {
        blocking(move || self.seat.leave()).await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ClusterError> + Send + 'static,
) -> Result<T, ClusterError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(ClusterError::Interrupted(error.to_string())),
    }
}
