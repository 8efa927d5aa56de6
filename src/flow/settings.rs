//! The settings of a network as its integration gets them: what was given, over the defaults, with the secrets
//! opened. They live in memory for one call and are never logged.

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::adapters::{About, with_defaults};
use crate::app::App;
use crate::base::secret::{Seal, SealError};
use crate::domain::rules::Network;

/// What secrets are sealed under.
const SECRETS: &str = "secrets";

/// Everything an adapter needs to know of a network.
pub fn settings_of(seal: &Seal, network: &Network, about: &About) -> Result<Map<String, Value>, SealError> {
    let secrets = open_secrets(seal, network.network_id, network.secrets.as_deref())?;
    Ok(with_defaults(about, &network.settings, &secrets))
}

/// The settings of an integration that nobody has configured: its defaults.
pub fn defaults_of(about: &About) -> Map<String, Value> {
    with_defaults(about, &Map::new(), &Map::new())
}

/// The full URL a network calls us back at.
pub fn postback_url(app: &App, network: &Network) -> Result<String, SealError> {
    let opened = app.seal.open(&App::network_label(network.network_id, "postback"), &network.postback_secret)?;
    let secret = String::from_utf8(opened).map_err(|_| SealError::DoesNotOpen)?;
    Ok(app.postback_url(&secret))
}

/// The secret settings of a network.
pub fn open_secrets(seal: &Seal, network_id: Uuid, sealed: Option<&[u8]>) -> Result<Map<String, Value>, SealError> {
    let Some(sealed) = sealed else { return Ok(Map::new()) };
    let plain = seal.open(&App::network_label(network_id, SECRETS), sealed)?;
    serde_json::from_slice(&plain).map_err(|_| SealError::DoesNotOpen)
}

/// Seals the secret settings of a network; none of them: nothing to keep.
pub fn seal_secrets(seal: &Seal, network_id: Uuid, secrets: &Map<String, Value>) -> Result<Option<Vec<u8>>, SealError> {
    if secrets.is_empty() {
        return Ok(None);
    }
    let plain = serde_json::to_vec(secrets).map_err(|_| SealError::DoesNotSeal)?;
    seal.seal(&App::network_label(network_id, SECRETS), &plain).map(Some)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_open_for_their_network_only() {
        let (seal, id) = (Seal::new([3; 32]), Uuid::from_u128(1));
        let secrets = json!({"token": "t-1"}).as_object().cloned().unwrap();
        let sealed = seal_secrets(&seal, id, &secrets).unwrap().unwrap();
        assert_eq!(open_secrets(&seal, id, Some(&sealed)).unwrap(), secrets);
        assert!(open_secrets(&seal, Uuid::from_u128(2), Some(&sealed)).is_err());
        assert!(open_secrets(&seal, id, None).unwrap().is_empty());
        assert_eq!(seal_secrets(&seal, id, &Map::new()).unwrap(), None);
    }
}
