//! What `assets/charts.js` draws. A table beside each chart says the same to those who cannot see it.

use serde::Serialize;

/// Labels below, and a line for each group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Chart {
    pub labels: Vec<String>,
    pub lines: Vec<Line>,
}

/// A line: a value for each label, a gap where there is none.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    pub label: String,
    pub values: Vec<Option<f64>>,
}

impl Chart {
    /// For the script that draws it.
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
