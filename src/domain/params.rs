//! Parameters of offers as integrations read them: the flow's win over the network's, these over the offer's;
//! `key-xx` holds for country xx in the place of `key`.

use serde_json::{Map, Value};

/// The parameters for one lead. `layers`: the weakest first.
pub fn resolve(layers: &[&Map<String, Value>], country: Option<&str>) -> Map<String, Value> {
    let suffix = country.map(|country| format!("-{}", country.to_ascii_lowercase()));
    let mut out = Map::new();
    for layer in layers {
        for (key, value) in *layer {
            out.insert(key.clone(), value.clone());
        }
        // Within a layer the country's own value is the stronger one, and it also beats weaker layers.
        if let Some(suffix) = &suffix {
            for (key, value) in *layer {
                if let Some(base) = key.to_ascii_lowercase().strip_suffix(suffix.as_str()) {
                    out.insert(base.to_owned(), value.clone());
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn the_nearest_layer_and_the_lead_s_country_win() {
        let offer = map(json!({"altercpa": "1", "altercpa-de": "2", "x": "offer"}));
        let network = map(json!({"x": "network"}));
        let flow = map(json!({"altercpa": "9"}));
        assert_eq!(resolve(&[&offer], Some("DE")).get("altercpa"), Some(&json!("2")));
        assert_eq!(resolve(&[&offer], Some("FR")).get("altercpa"), Some(&json!("1")));
        assert_eq!(resolve(&[&offer], None).get("altercpa"), Some(&json!("1")));
        let all = resolve(&[&offer, &network, &flow], Some("DE"));
        assert_eq!((all.get("altercpa"), all.get("x")), (Some(&json!("9")), Some(&json!("network"))));
    }
}
