//! The second factor: six digits that an authenticator makes of a secret and the time (RFC 6238), and recovery codes
//! for whoever has lost it. The secret is sealed at rest, recovery codes are hashed, and nothing is taken twice.

use qrcode::{Color, EcLevel, QrCode};
use sqlx::PgConnection;
use totp_rs::{Builder, Secret, Totp};
use uuid::Uuid;

use super::error::Error;
use crate::app::App;
use crate::base::ids::Ids;
use crate::base::secret;
use crate::db;

/// Bytes of a secret.
pub const SECRET: usize = 20;
/// Recovery codes of a person.
pub const CODES: usize = 10;
/// Letters of a recovery code: about 80 bits, which need no salt.
const CODE: usize = 16;
/// What an authenticator calls us.
const ISSUER: &str = "leadrelay";

/// What was taken as a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// A code of the authenticator.
    Code,
    /// A recovery code; so many are left.
    Recovery(i64),
}

fn totp(email: &str, secret: &[u8]) -> Result<Totp, Error> {
    // A colon would end the issuer.
    let account = email.replace(':', "-");
    Builder::new()
        .with_secret(secret)
        .with_issuer(Some(ISSUER))
        .with_account_name(account)
        .build()
        .map_err(|error| Error::Internal(anyhow::anyhow!("second factor: {error}")))
}

/// The place a secret is sealed for.
fn label(user_id: Uuid) -> String {
    format!("user:{user_id}:totp")
}

/// Seals a secret for its person.
pub fn seal(app: &App, user_id: Uuid, secret: &[u8]) -> Result<Vec<u8>, Error> {
    app.seal.seal(&label(user_id), secret).map_err(|error| Error::Internal(error.into()))
}

/// Opens what [`seal`] made.
pub fn open(app: &App, user_id: Uuid, sealed: &[u8]) -> Result<Vec<u8>, Error> {
    app.seal.open(&label(user_id), sealed).map_err(|error| Error::Internal(error.into()))
}

/// A secret as it is typed, in groups of four.
pub fn written(secret: &[u8]) -> String {
    let text: Vec<char> = Secret::from(secret).to_base32().chars().collect();
    text.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// The picture an authenticator reads a secret from: the length of a side, and the path of what is dark.
pub fn picture(email: &str, secret: &[u8]) -> Result<(usize, String), Error> {
    let url = totp(email, secret)?.to_url().map_err(|error| Error::Internal(anyhow::anyhow!("{error}")))?;
    let code = QrCode::with_error_correction_level(url, EcLevel::M)
        .map_err(|error| Error::Internal(anyhow::anyhow!("QR code: {error}")))?;
    let width = code.width();
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
            path.push_str(&format!("M{x} {y}h1v1h-1z"));
        }
    }
    Ok((width, path))
}

/// The step a code of this secret belongs to, at this time or a step before or after; none: the code is wrong.
pub fn step(email: &str, secret: &[u8], code: &str, at: i64) -> Result<Option<i64>, Error> {
    let at = u64::try_from(at).unwrap_or_default();
    let digits: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
    Ok(totp(email, secret)?.check(&digits, at).and_then(|step| i64::try_from(step).ok()))
}

/// New recovery codes, in groups of four. They hold no letter that looks like a digit.
pub fn new_codes(ids: &Ids) -> Vec<String> {
    let grouped = |text: String| {
        let letters: Vec<char> = text.chars().collect();
        letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    };
    (0..CODES).map(|_| grouped(plain(&ids.secret(CODE)))).collect()
}

/// A recovery code as it is recognised: however it was typed.
fn plain(code: &str) -> String {
    let alike = |letter| match letter {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    };
    code.chars().filter(char::is_ascii_alphanumeric).map(|letter| alike(letter.to_ascii_lowercase())).collect()
}

/// What is stored of recovery codes.
pub fn hashes(codes: &[String]) -> Vec<Vec<u8>> {
    codes.iter().map(|code| secret::hash(&plain(code))).collect()
}

/// Takes a code of the authenticator, or a recovery code; none: it is wrong or was used before.
pub async fn take(
    app: &App,
    conn: &mut PgConnection,
    user: &db::user::User,
    sealed: &[u8],
    code: &str,
) -> Result<Option<Taken>, Error> {
    let (user_id, now) = (user.user_id, app.clock.now());
    let opened = open(app, user_id, sealed)?;
    if let Some(step) = step(&user.email, &opened, code, now.timestamp())? {
        return Ok(db::second_factor::take_step(conn, user_id, step).await?.then_some(Taken::Code));
    }
    let hash = secret::hash(&plain(code));
    if !db::second_factor::take_code(conn, user_id, &hash, now).await? {
        return Ok(None);
    }
    Ok(Some(Taken::Recovery(db::second_factor::codes_left(conn, user_id).await?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of the test vectors of RFC 6238.
    const SAMPLE: &[u8] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_standard_and_hold_for_three_steps() {
        let taken = |code: &str, at| step("ann@example.com", SAMPLE, code, at).unwrap();
        // The last six of the eight digits the RFC prints.
        for (at, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924")] {
            assert_eq!(taken(code, at), Some(at / 30));
            assert_eq!(taken(&format!("{} {}", &code[..3], &code[3..]), at + 30), Some(at / 30));
            assert_eq!(taken(code, at + 90), None);
        }
        for wrong in ["", "28708", "2870820", "abcdef", "２８７０８２"] {
            assert_eq!(taken(wrong, 59), None, "{wrong}");
        }
    }

    #[test]
    fn the_secret_is_shown_as_text_and_as_a_picture() {
        assert_eq!(written(SAMPLE), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
        let (width, path) = picture("ann:x@example.com", SAMPLE).unwrap();
        assert!(width >= 33 && path.starts_with("M0 0h1v1h-1z"), "{width}");
    }

    #[test]
    fn recovery_codes_are_recognised_however_they_are_typed() {
        let codes = new_codes(&Ids);
        assert_eq!(codes.len(), CODES);
        let typed = codes[0].to_uppercase().replace('-', " ").replace('0', "O").replace('1', "l");
        assert_eq!(hashes(std::slice::from_ref(&typed)), hashes(&codes[..1]));
        assert_ne!(hashes(&codes[..1]), hashes(&codes[1..2]));
    }
}
