//! Where a cluster lives: `<data_dir>/postgres`, or, when PostgreSQL's user cannot reach that, a folder below
//! `/var/lib/leadrelay` to which `<data_dir>/postgres` becomes a link. The link makes the choice hold for good:
//! later changes of rights never lead to a second, empty cluster.

use std::fs::{DirBuilder, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::ClusterError;
use super::account::Account;
use super::programs::Programs;

/// The folder with the cluster, its locks and its log.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub folder: PathBuf,
    pub notice: Option<String>,
}

impl Place {
    /// Finds or makes it. Two first starts may race for it: whoever loses a step looks again.
    pub fn resolve(
        data_dir: &Path,
        fallback: &Path,
        account: &Account,
        programs: &Programs,
    ) -> Result<Self, ClusterError> {
        let mut result = Self::resolve_once(data_dir, fallback, account, programs);
        for _ in 0..5 {
            match &result {
                Err(ClusterError::File { source, .. })
                    if matches!(source.kind(), ErrorKind::NotFound | ErrorKind::AlreadyExists) => {}
                _ => break,
            }
            result = Self::resolve_once(data_dir, fallback, account, programs);
        }
        result
    }

    fn resolve_once(
        data_dir: &Path,
        fallback: &Path,
        account: &Account,
        programs: &Programs,
    ) -> Result<Self, ClusterError> {
        make_passable(data_dir)?;
        let link = data_dir.join("postgres");
        if std::fs::symlink_metadata(&link).is_ok_and(|meta| meta.is_symlink()) {
            let folder = link.canonicalize().map_err(|_| ClusterError::Dangling { link: link.clone() })?;
            return Self::checked(&folder, account, programs, true);
        }
        make_private(&link, account)?;
        let folder = link.canonicalize().map_err(ClusterError::file(&link))?;
        match Self::checked(&folder, account, programs, false) {
            // Only an empty folder is given up for another one.
            Err(ClusterError::Unreachable { .. }) if std::fs::remove_dir(&folder).is_ok() => {
                let parent = data_dir.canonicalize().map_err(ClusterError::file(data_dir))?;
                make_passable(fallback)?;
                let target = fallback.join(short_hash(&parent));
                make_private(&target, account)?;
                let target = target.canonicalize().map_err(ClusterError::file(&target))?;
                let place = Self::checked(&target, account, programs, true)?;
                symlink(&target, &link).map_err(ClusterError::file(&link))?;
                Ok(place)
            }
            other => other,
        }
    }

    fn checked(
        folder: &Path,
        account: &Account,
        programs: &Programs,
        is_elsewhere: bool,
    ) -> Result<Self, ClusterError> {
        if account.owner().is_some() && !programs.reach(account, folder) {
            return Err(ClusterError::Unreachable { folder: folder.to_owned(), user: account.name.clone() });
        }
        let notice = is_elsewhere.then(|| {
            format!(
                "user {} cannot reach the data folder: PostgreSQL keeps its data in {}",
                account.name,
                folder.display()
            )
        });
        Ok(Self { folder: folder.to_owned(), notice })
    }

    /// The files of PostgreSQL itself.
    pub fn cluster(&self) -> PathBuf {
        self.folder.join("cluster")
    }

    /// The postmaster's log.
    pub fn log(&self) -> PathBuf {
        self.folder.join("postgres.log")
    }

    /// A folder for the socket: short (a socket's path has at most 107 bytes), and nobody else may enter it.
    pub fn make_socket_folder(&self, account: &Account) -> Result<PathBuf, ClusterError> {
        // Only root may write to /run, so nobody can have taken the name there.
        let root = Path::new(if account.owner().is_some() && Path::new("/run").is_dir() { "/run" } else { "/tmp" });
        let name = format!("leadrelay-{}", short_hash(&self.folder));
        for n in 0..10 {
            let path = root.join(if n == 0 { name.clone() } else { format!("{name}-{n}") });
            match DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => {
                    hand_over(&path, account)?;
                    return Ok(path);
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    let is_ours = std::fs::symlink_metadata(&path)
                        .is_ok_and(|meta| meta.is_dir() && meta.uid() == account.uid && meta.mode() & 0o077 == 0);
                    if is_ours {
                        return Ok(path);
                    }
                }
                Err(error) => return Err(ClusterError::file(path)(error)),
            }
        }
        Err(ClusterError::NoSocketFolder { root: root.to_owned() })
    }
}

/// A folder others may pass through but not list. An existing one is left as it is.
fn make_passable(path: &Path) -> Result<(), ClusterError> {
    if path.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o711).create(path).map_err(ClusterError::file(path))?;
    // The process's umask may have taken the right to pass.
    std::fs::set_permissions(path, Permissions::from_mode(0o711)).map_err(ClusterError::file(path))
}

/// A folder only PostgreSQL's user (and root) may enter. What root has put there, a restored copy, is handed over.
fn make_private(path: &Path, account: &Account) -> Result<(), ClusterError> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => {}
        Err(error) => return Err(ClusterError::file(path)(error)),
    }
    let meta = std::fs::symlink_metadata(path).map_err(ClusterError::file(path))?;
    if meta.mode() & 0o777 != 0o700 {
        std::fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(ClusterError::file(path))?;
    }
    if meta.uid() == account.uid { Ok(()) } else { hand_over(path, account) }
}

fn hand_over(path: &Path, account: &Account) -> Result<(), ClusterError> {
    let Some((uid, gid)) = account.owner() else { return Ok(()) };
    lchown(path, Some(uid), Some(gid)).map_err(ClusterError::file(path))?;
    if std::fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir()) {
        for entry in std::fs::read_dir(path).map_err(ClusterError::file(path))? {
            hand_over(&entry.map_err(ClusterError::file(path))?.path(), account)?;
        }
    }
    Ok(())
}

fn short_hash(path: &Path) -> String {
    let mut text = hex::encode(Sha256::digest(path.as_os_str().as_encoded_bytes()));
    text.truncate(16);
    text
}
