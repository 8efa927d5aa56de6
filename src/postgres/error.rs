//! Why there is no private cluster, in sentences that say what to do.

use std::path::PathBuf;

/// The private cluster cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No programs.
    #[error(
        "PostgreSQL is not installed: initdb and postgres were not found in {searched}. \
         Install it with `apt-get install postgresql`, or set DATABASE_URL to a server you have"
    )]
    ProgramsMissing {
        /// Where we looked.
        searched: String,
    },
    /// Programs of other versions only.
    #[error(
        "the cluster in {folder} was made by PostgreSQL {made_by}, but only {found} is installed. \
         Install it with `apt-get install postgresql-{made_by}`, or move the data with pg_upgrade"
    )]
    WrongVersion {
        /// The cluster.
        folder: PathBuf,
        /// Its major version.
        made_by: u32,
        /// What there is.
        found: String,
    },
    /// Started as root without anybody to switch to.
    #[error("PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody` to run it as")]
    NoAccount,
    /// The folder is somebody else's.
    #[error("{folder} belongs to user number {owner}; start leadrelay as that user or as root")]
    NotOurs {
        /// The folder.
        folder: PathBuf,
        /// Its owner.
        owner: u32,
    },
    /// There is data where PostgreSQL's user cannot go.
    #[error(
        "{folder} holds a cluster, but user {user} cannot reach it; make the folders above it passable (chmod o+x)"
    )]
    Unreachable {
        /// The folder.
        folder: PathBuf,
        /// The user.
        user: String,
    },
    /// The link to the data leads nowhere.
    #[error("{link} points to a folder that is not there; put the data back, or remove the link to begin empty")]
    Dangling {
        /// The link.
        link: PathBuf,
    },
    /// No safe place for the socket.
    #[error("no private folder for the socket could be made in {root}")]
    NoSocketFolder {
        /// Where it was tried.
        root: PathBuf,
    },
    /// A file operation did not work.
    #[error("{path}: {source}")]
    File {
        /// File or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The cluster could not be made.
    #[error("initdb: {0}")]
    Initdb(String),
    /// The postmaster ended at once.
    #[error("PostgreSQL did not start: {reason} (its log: {log})")]
    DidNotStart {
        /// Last lines of the log.
        reason: String,
        /// The log.
        log: PathBuf,
    },
    /// It runs and does not become ready.
    #[error("PostgreSQL (process {pid}) is not ready after {seconds} seconds; its log: {log}")]
    NotReady {
        /// The postmaster.
        pid: i32,
        /// How long we waited.
        seconds: u64,
        /// The log.
        log: PathBuf,
    },
    /// It does not go.
    #[error("PostgreSQL (process {pid}) does not stop")]
    DoesNotStop {
        /// The postmaster.
        pid: i32,
    },
    /// Somebody else starts or stops it for too long.
    #[error("another process has been starting or stopping the cluster for {seconds} seconds ({lock})")]
    Busy {
        /// How long we waited.
        seconds: u64,
        /// The lock file.
        lock: PathBuf,
    },
    /// Others use a cluster that does not answer us.
    #[error("PostgreSQL in {folder} does not answer, and other processes use it; stop them first")]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// It runs, but does not talk to us.
    #[error("private PostgreSQL: {0}")]
    Database(#[from] sqlx::Error),
    /// The work was cut off.
    #[error("starting or stopping PostgreSQL was cut off: {0}")]
    Interrupted(String),
}

impl ClusterError {
    pub(super) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        |source| Self::File { path, source }
    }
}
