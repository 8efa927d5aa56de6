//! Finds `initdb` and `postgres`: PATH, what `pg_config` says, Debian's versioned folders (newest first).
//! An existing cluster needs programs of the major version that made it.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::ClusterError;
use super::account::Account;

/// A folder with programs that fit together.
#[derive(Clone, Debug)]
pub(super) struct Programs {
    pub initdb: PathBuf,
    pub postgres: PathBuf,
}

/// Where the programs usually are on this machine.
pub(super) fn usual_folders() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).filter(|folder| folder.is_absolute()).collect();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output()
        && output.status.success()
    {
        folders.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    let mut versioned: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versioned.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    folders.extend(versioned.into_iter().map(|(_, folder)| folder));
    folders
}

impl Programs {
    /// The first usable pair in `folders`; of the cluster's own major version when there is a cluster.
    pub fn find(folders: &[PathBuf], account: &Account, cluster: &Path) -> Result<Self, ClusterError> {
        let wanted = made_by(cluster);
        let mut seen = Vec::new();
        for folder in folders {
            let programs = Self { initdb: folder.join("initdb"), postgres: folder.join("postgres") };
            if !programs.initdb.is_file() {
                continue;
            }
            match programs.version(account) {
                Some(version) if wanted.is_none_or(|wanted| wanted == version) => return Ok(programs),
                Some(version) if !seen.contains(&version) => seen.push(version),
                _ => {}
            }
        }
        match wanted {
            Some(made_by) if !seen.is_empty() => {
                let found = seen.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
                Err(ClusterError::WrongVersion { folder: cluster.to_owned(), made_by, found })
            }
            _ => {
                let searched = folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(":");
                Err(ClusterError::ProgramsMissing { searched })
            }
        }
    }

    /// Major version, if this user can run it at all.
    fn version(&self, account: &Account) -> Option<u32> {
        let output = account.command(&self.postgres).arg("--version").output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        text.split_whitespace().find_map(|word| word.split(['.', 'b', 'r', 'd']).next()?.parse().ok())
    }

    /// Whether this user can get into `folder`.
    pub fn reach(&self, account: &Account, folder: &Path) -> bool {
        let mut command = account.command(&self.postgres);
        command.arg("--version").current_dir(folder).output().is_ok_and(|output| output.status.success())
    }
}

fn made_by(cluster: &Path) -> Option<u32> {
    std::fs::read_to_string(cluster.join("PG_VERSION")).ok()?.trim().parse().ok()
}
