//! Who PostgreSQL runs as. It refuses root, so root switches user in the child (which drops root's groups too).

use std::fs::File;
use std::os::unix::fs::{MetadataExt, fchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::unistd::{Uid, User, geteuid};

use super::ClusterError;

/// An operating system user.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub uid: u32,
    pub name: String,
    /// User and group to switch to; absent when we are that user.
    switch: Option<(u32, u32)>,
}

impl Account {
    /// Ourselves; or, as root, the owner of the folder, else `postgres`, else `nobody`.
    pub fn for_folder(folder: &Path) -> Result<Self, ClusterError> {
        let me = geteuid();
        let owner = std::fs::metadata(folder).ok().map(|meta| (meta.uid(), meta.gid()));
        if !me.is_root() {
            return match owner {
                Some((uid, _)) if uid != me.as_raw() => {
                    Err(ClusterError::NotOurs { folder: folder.to_owned(), owner: uid })
                }
                _ => Ok(Self { uid: me.as_raw(), name: name_of(me.as_raw()), switch: None }),
            };
        }
        if let Some((uid, gid)) = owner.filter(|(uid, _)| *uid != 0) {
            return Ok(Self { uid, name: name_of(uid), switch: Some((uid, gid)) });
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(|user| {
                let (uid, gid) = (user.uid.as_raw(), user.gid.as_raw());
                Self { uid, name: user.name, switch: Some((uid, gid)) }
            })
            .ok_or(ClusterError::NoAccount)
    }

    /// User and group that folders must be handed to, when they are not ours.
    pub fn owner(&self) -> Option<(u32, u32)> {
        self.switch
    }

    /// Hands a file that root has opened to this user, who may start the cluster without root one day.
    pub fn give(&self, file: &File) {
        if let Some((uid, gid)) = self.switch {
            let _ = fchown(file, Some(uid), Some(gid));
        }
    }

    /// A command run as this user, with a clean environment, outside our process group, without input.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Some((uid, gid)) = self.switch {
            command.uid(uid).gid(gid);
        }
        command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
        command.current_dir("/").process_group(0).stdin(Stdio::null());
        command
    }
}

fn name_of(uid: u32) -> String {
    User::from_uid(Uid::from_raw(uid)).ok().flatten().map_or_else(|| uid.to_string(), |user| user.name)
}
