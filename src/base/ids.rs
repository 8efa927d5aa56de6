//! Ids and random secrets, made in one place.

use rand::TryRng;
use rand::rngs::SysRng;
use uuid::Uuid;

/// Makes ids. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Ids;

impl Ids {
    /// A time-ordered UUIDv7.
    pub fn next(&self) -> Uuid {
        #[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
        Uuid::now_v7()
    }

    /// Random bytes from the operating system.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        // As below: nothing secret is made without randomness.
        while SysRng.try_fill_bytes(&mut bytes).is_err() {}
        bytes
    }

    /// `len` random characters of `a-z0-9`, about 5.17 bits each, from the operating system.
    pub fn secret(&self, len: usize) -> String {
        const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let mut out = String::with_capacity(len);
        let mut bytes = [0_u8; 64];
        while out.len() < len {
            // Without randomness no secret may be made; the operating system promises it after boot.
            if SysRng.try_fill_bytes(&mut bytes).is_err() {
                continue;
            }
            // 252 = 7 * 36: larger bytes would favour the first letters.
            for byte in bytes.iter().filter(|byte| **byte < 252) {
                if out.len() < len
                    && let Some(letter) = ALPHABET.get(usize::from(*byte) % ALPHABET.len())
                {
                    out.push(char::from(*letter));
                }
            }
        }
        out
    }
}
