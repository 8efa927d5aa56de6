//! Passwords: argon2id, away from the threads that answer requests. Checking the password of somebody unknown
//! takes as long as checking a wrong one, so that the time of an answer does not tell who has an account.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};

use super::error::Error;
use crate::base::field_error::FieldError;

/// Fewest characters of a password.
pub const LEAST: usize = 10;
/// Most bytes of a password: hashing longer ones would only cost time.
pub const MOST: usize = 1024;

/// What is checked for people that do not exist.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash_now("nobody has this password").ok());

/// What is wrong with a new password.
pub fn check(field: &str, password: &str) -> Option<FieldError> {
    if password.chars().count() < LEAST {
        Some(FieldError::new(field, "too_short", format!("must have at least {LEAST} characters")))
    } else if password.len() > MOST {
        Some(FieldError::new(field, "too_long", format!("must have at most {MOST} bytes")))
    } else {
        None
    }
}

fn hash_now(password: &str) -> anyhow::Result<String> {
    Ok(Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(|error| anyhow::anyhow!("hash a password: {error}"))?
        .to_string())
}

/// The PHC string to store.
pub async fn hash(password: String) -> Result<String, Error> {
    let hashed = tokio::task::spawn_blocking(move || hash_now(&password))
        .await
        .map_err(|error| Error::Internal(anyhow::anyhow!("hash a password: {error}")))??;
    Ok(hashed)
}

/// Whether this is the password behind the stored hash. `None`: there is no such person, or no password was set.
pub async fn verify(password: String, stored: Option<String>) -> bool {
    tokio::task::spawn_blocking(move || {
        let is_known = stored.is_some();
        let Some(phc) = stored.or_else(|| NOBODY.clone()) else { return false };
        let is_right = password.len() <= MOST
            && PasswordHash::new(&phc)
                .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
        is_known && is_right
    })
    .await
    .unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_person_is_taken() {
        let stored = hash("correct horse".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(verify("correct horse".into(), Some(stored.clone())).await);
        assert!(!verify("correct horse!".into(), Some(stored)).await);
        assert!(!verify("nobody has this password".into(), None).await);
        assert!(!verify("x".into(), Some("not a hash".into())).await);
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        assert!(check("password", "123456789").is_some());
        assert!(check("password", "пароль1234").is_none());
        assert!(check("password", &"x".repeat(MOST + 1)).is_some());
    }
}
