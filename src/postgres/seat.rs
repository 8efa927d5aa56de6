//! What one process holds of a cluster: its place in the count of users, and how to start and stop the postmaster.
//! Everything here blocks.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::account::Account;
use super::lock::{StartLock, UserLock};
use super::place::Place;
use super::programs::Programs;
use super::{ClusterError, Start, postmaster};

#[derive(Debug)]
pub(super) struct Seat {
    place: Place,
    account: Account,
    programs: Programs,
    is_throw_away: bool,
    socket_folder: Mutex<PathBuf>,
    user: UserLock,
    has_left: Mutex<bool>,
}

impl Seat {
    /// Counts us in and makes sure the postmaster runs. The start lock comes back held: the caller has more to do.
    /// It stands first, so that an unwanted pair frees the lock before the seat asks for it.
    pub fn take(start: &Start) -> Result<(StartLock, Self), ClusterError> {
        let folder = start.data_dir.join("postgres");
        let account = Account::for_folder(&folder)?;
        let programs = Programs::find(&start.search, &account, &folder.join("cluster"))?;
        let place = Place::resolve(&start.data_dir, &start.fallback, &account, &programs)?;
        let guard = StartLock::take(&place.folder, &account)?;
        let user = UserLock::take(&place.folder, &account, &guard)?;
        let running = postmaster::ensure(&place, &account, &programs, start.is_throw_away)?;
        let seat = Self {
            place,
            account,
            programs,
            is_throw_away: start.is_throw_away,
            socket_folder: Mutex::new(running.socket_folder),
            user,
            has_left: Mutex::new(false),
        };
        Ok((guard, seat))
    }

    /// Stops and starts it, which only the single user may do.
    pub fn restart(&self, guard: StartLock) -> Result<StartLock, ClusterError> {
        if !self.user.is_alone(&guard)? {
            return Err(ClusterError::InUse { folder: self.place.folder.clone() });
        }
        postmaster::stop(&self.place)?;
        self.ensure()?;
        Ok(guard)
    }

    /// Starts it if it is gone.
    pub fn revive(&self) -> Result<(), ClusterError> {
        if postmaster::look(&self.place.cluster()).is_some_and(|running| running.is_ready) {
            return Ok(());
        }
        let _guard = StartLock::take(&self.place.folder, &self.account)?;
        self.ensure()
    }

    fn ensure(&self) -> Result<(), ClusterError> {
        let running = postmaster::ensure(&self.place, &self.account, &self.programs, self.is_throw_away)?;
        *self.socket_folder.lock().unwrap_or_else(PoisonError::into_inner) = running.socket_folder;
        Ok(())
    }

    /// Counts us out; the last one stops the postmaster.
    pub fn leave(&self) -> Result<(), ClusterError> {
        let mut has_left = self.has_left.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut *has_left, true) {
            return Ok(());
        }
        let guard = StartLock::take(&self.place.folder, &self.account)?;
        let is_last = self.user.is_alone(&guard);
        let result = match is_last {
            Ok(true) => postmaster::stop(&self.place),
            Ok(false) => Ok(()),
            Err(error) => Err(error),
        };
        self.user.leave();
        result
    }

    pub fn socket_folder(&self) -> PathBuf {
        self.socket_folder.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn notice(&self) -> Option<&str> {
        self.place.notice.as_deref()
    }

    pub fn folder(&self) -> &Path {
        &self.place.folder
    }

    pub fn pid(&self) -> Option<i32> {
        postmaster::look(&self.place.cluster()).map(|running| running.pid)
    }

    pub fn trim_log(&self) -> Result<(), ClusterError> {
        postmaster::trim_log(&self.place)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        // Best effort: what stays behind is adopted by the next start.
        if let Err(error) = self.leave() {
            tracing::warn!(%error, "leave the private PostgreSQL");
        }
    }
}
