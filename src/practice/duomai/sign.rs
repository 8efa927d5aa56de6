//! The two signatures: of calls to the API, and of pushes.

use md5::{Digest, Md5};

/// The `sign` of a call: upper-case hex MD5 over secret, the common parameters sorted by name, the raw body, secret.
pub fn sign(secret: &str, app_key: &str, service: &str, timestamp: &str, body: &[u8]) -> String {
    let mut md5 = Md5::new();
    md5.update(secret);
    for (name, value) in [("app_key", app_key), ("service", service), ("timestamp", timestamp)] {
        md5.update(name);
        md5.update(value);
    }
    md5.update(body);
    md5.update(secret);
    hex::encode_upper(md5.finalize())
}

/// The `checksum` of a push: lower-case hex MD5 over the values sorted by name, then the hash (the AppSecret). The
/// parameters `id` and `checksum` take no part; of a repeated name the last one counts, as in PHP.
pub fn checksum<N: AsRef<str>, V: AsRef<str>>(params: &[(N, V)], hash: &str) -> String {
    let mut sorted = std::collections::BTreeMap::new();
    for (name, value) in params {
        if !matches!(name.as_ref(), "id" | "checksum") {
            sorted.insert(name.as_ref().as_bytes(), value.as_ref());
        }
    }
    let mut md5 = Md5::new();
    for value in sorted.values() {
        md5.update(value);
    }
    md5.update(hash);
    hex::encode(md5.finalize())
}
