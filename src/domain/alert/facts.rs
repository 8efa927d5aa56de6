//! What an alert can say: names of networks and offers, and numbers. No personal data has a place here.

use serde::{Deserialize, Serialize};

/// A network or an offer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    pub slug: String,
    pub name: String,
}

/// The numbers and names of one alert. What a kind does not use is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<Named>,
    /// Of a webmaster: names stay here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webmaster: Option<i64>,
    /// The kind of a queue, the period of a cap, the name of a feed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub word: Option<String>,
    /// Leads, deliveries, words, failures, slots: what the kind counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
    /// The limit of a cap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    /// How long something has waited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes: Option<i64>,
    /// Of a cap, a disk; an approve rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<i64>,
    /// The approve rate as it used to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usual: Option<i64>,
    /// Path of the page where one acts.
    pub link: String,
}
