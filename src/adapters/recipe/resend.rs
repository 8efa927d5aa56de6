//! The resend rule of a file: a word, or the operator's choice by a setting. What is not said is `once`, the one
//! rule that never sells a lead twice.

use serde_json::{Map, Value};

use crate::adapters::About;
use crate::base::field_error::FieldError;
use crate::domain::outcome::Resend;

/// `resend = "once"`, or `[resend] setting = …`.
#[derive(Debug)]
pub(super) struct ResendRule {
    setting: Option<String>,
    /// What holds without the setting; `None`: checkable when a look-up is possible, else once.
    default: Option<Resend>,
    /// Setting that makes look-ups possible; named in complaints.
    checkable_with: Option<String>,
}

impl ResendRule {
    pub fn compile(file: Option<Value>, about: &About, has_lookup: bool) -> Result<Self, String> {
        let word = |text: &str| text.parse::<Resend>().map_err(|error| error.to_string());
        let rule = match file {
            None => Self { setting: None, default: Some(Resend::Once), checkable_with: None },
            Some(Value::String(text)) => Self { setting: None, default: Some(word(&text)?), checkable_with: None },
            Some(Value::Object(table)) => {
                let mut rule = Self { setting: None, default: None, checkable_with: None };
                for (key, value) in table {
                    let text = value.as_str().ok_or(format!("{key}: must be a text"))?.to_owned();
                    match key.as_str() {
                        "setting" => rule.setting = Some(text),
                        "default" => rule.default = Some(word(&text)?),
                        "checkable_with" => rule.checkable_with = Some(text),
                        _ => return Err(format!("unknown key {key:?}, expected setting, default, checkable_with")),
                    }
                }
                rule
            }
            Some(_) => return Err("must be once, checkable or idempotent, or a table".into()),
        };
        for name in rule.setting.iter().chain(&rule.checkable_with) {
            if !about.settings.iter().any(|setting| setting.name == *name) {
                return Err(format!("{name}: there is no such setting"));
            }
        }
        if rule.default == Some(Resend::Checkable) && !has_lookup {
            return Err("checkable needs a [lookup]".into());
        }
        Ok(rule)
    }

    /// What holds under these settings.
    pub fn under(&self, settings: &Map<String, Value>, can_look_up: bool) -> Resend {
        let chosen = self.setting.as_ref().and_then(|name| settings.get(name)?.as_str()?.parse::<Resend>().ok());
        match chosen.or(self.default) {
            // Without a way to ask, nobody can check.
            Some(Resend::Checkable) | None => match can_look_up {
                true => Resend::Checkable,
                false => Resend::Once,
            },
            Some(other) => other,
        }
    }

    /// Complains when the operator asks for look-ups that are not possible.
    pub fn check(&self, settings: &Map<String, Value>) -> Vec<FieldError> {
        let Some(name) = &self.setting else { return Vec::new() };
        let wants = settings.get(name).and_then(Value::as_str) == Some(Resend::Checkable.as_str());
        let missing = self.checkable_with.as_ref().filter(|with| {
            settings.get(with.as_str()).and_then(Value::as_str).is_none_or(|text| text.trim().is_empty())
        });
        match missing {
            Some(with) if wants => {
                vec![FieldError::invalid(format!("settings.{name}"), format!("checkable needs {with} to be set"))]
            }
            _ => Vec::new(),
        }
    }
}
