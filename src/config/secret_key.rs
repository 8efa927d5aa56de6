//! The instance key: from the settings, else from `<data_dir>/secret.key`, which is made on the first start.
//!
//! Must stay true: an existing key file is never replaced, whatever it holds, and of two processes that start
//! at once both end up with the same key.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use rand::TryRng;
use rand::rngs::SysRng;
use secrecy::ExposeSecret;

use super::Config;
use crate::base::ids::Ids;

/// The key cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretKeyError {
    /// The setting is not 32 bytes in base64.
    #[error("setting secret_key: must be 32 bytes in base64")]
    Setting,
    /// The key file holds something else. It is left alone: another key could not open what this one sealed.
    #[error("{path} does not hold 32 bytes in base64; put back the copy of the key")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be read or made.
    #[error("secret key {path}: {source}")]
    File {
        /// The file or its folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The operating system gives no random numbers.
    #[error("the operating system gives no random numbers")]
    NoRandomness,
}

/// The instance key. Blocking; makes `<data_dir>/secret.key` (mode 0600) when there is no key yet.
pub fn load(config: &Config) -> Result<[u8; 32], SecretKeyError> {
    if let Some(key) = &config.secret_key {
        return decode(key.expose_secret()).ok_or(SecretKeyError::Setting);
    }
    let path = config.data_dir.join("secret.key");
    let at = |source| SecretKeyError::File { path: path.clone(), source };
    if let Some(key) = read(&path)? {
        return Ok(key);
    }
    // The private cluster's user must be able to pass through the folder; the key itself is 0600.
    DirBuilder::new().recursive(true).mode(0o711).create(&config.data_dir).map_err(at)?;
    let mut key = [0_u8; 32];
    SysRng.try_fill_bytes(&mut key).map_err(|_| SecretKeyError::NoRandomness)?;
    let temporary = config.data_dir.join(format!(".secret.key.{}", Ids.secret(12)));
    let made = write_new(&temporary, &key).and_then(|()| {
        // A link, not a rename: it fails when somebody else was first.
        match std::fs::hard_link(&temporary, &path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
            _ => File::open(&config.data_dir)?.sync_all(),
        }
    });
    let _ = std::fs::remove_file(&temporary);
    made.map_err(at)?;
    read(&path)?.ok_or_else(|| at(ErrorKind::NotFound.into()))
}

/// 32 bytes from base64, with or without padding, either alphabet.
pub(super) fn decode(text: &str) -> Option<[u8; 32]> {
    let text = text.trim();
    [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD]
        .into_iter()
        .find_map(|engine| engine.decode(text).ok())
        .and_then(|bytes| bytes.try_into().ok())
}

fn read(path: &Path) -> Result<Option<[u8; 32]>, SecretKeyError> {
    let mut text = Vec::new();
    match File::open(path).and_then(|file| file.take(1024).read_to_end(&mut text)) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(SecretKeyError::File { path: path.to_owned(), source }),
    }
    let key = std::str::from_utf8(&text).ok().and_then(decode);
    key.map(Some).ok_or_else(|| SecretKeyError::Damaged { path: path.to_owned() })
}

fn write_new(path: &Path, key: &[u8; 32]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{}", STANDARD.encode(key))?;
    file.sync_all()
}
