//! The two locks of a cluster: `start.lock` (exclusive: who starts or stops) and `users.lock` (shared: who uses it).
//! Both are `flock`s: the kernel takes them back from a process that is killed, and they die with its last handle.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::ClusterError;
use super::account::Account;

/// A start takes seconds, a recovery after a crash minutes at worst.
const PATIENCE: Duration = Duration::from_secs(300);
const PAUSE: Duration = Duration::from_millis(20);

/// The right to start and stop; given back when dropped.
#[derive(Debug)]
pub(super) struct StartLock {
    file: File,
}

impl StartLock {
    /// Waits for the right.
    pub fn take(folder: &Path, account: &Account) -> Result<Self, ClusterError> {
        let path = folder.join("start.lock");
        let file = open(&path, account)?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { file }),
                Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {
                    return Err(ClusterError::Busy { seconds: PATIENCE.as_secs(), lock: path });
                }
                Err(TryLockError::Error(error)) => return Err(ClusterError::file(path)(error)),
            }
        }
    }
}

impl Drop for StartLock {
    fn drop(&mut self) {
        // A child between fork and exec shares the handle for a moment, so closing alone might come too late.
        let _ = self.file.unlock();
    }
}

/// One user of the cluster. Change it only while holding the [`StartLock`].
#[derive(Debug)]
pub(super) struct UserLock {
    file: File,
    path: PathBuf,
}

impl UserLock {
    /// Counts us in.
    pub fn take(folder: &Path, account: &Account, _guard: &StartLock) -> Result<Self, ClusterError> {
        let path = folder.join("users.lock");
        let file = open(&path, account)?;
        file.lock_shared().map_err(ClusterError::file(&path))?;
        Ok(Self { file, path })
    }

    /// Whether nobody else is counted.
    pub fn is_alone(&self, _guard: &StartLock) -> Result<bool, ClusterError> {
        let is_alone = match self.file.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(error)) => return Err(ClusterError::file(&self.path)(error)),
        };
        // Changing a flock gives the old one up first, so the shared one is taken again in either case.
        self.file.lock_shared().map_err(ClusterError::file(&self.path))?;
        Ok(is_alone)
    }

    /// Counts us out.
    pub fn leave(&self) {
        let _ = self.file.unlock();
    }
}

fn open(path: &Path, account: &Account) -> Result<File, ClusterError> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
        .map_err(ClusterError::file(path))?;
    account.give(&file);
    Ok(file)
}
