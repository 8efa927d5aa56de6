//! The OpenAPI document, and the one place where the resources of the API come together.

use std::sync::LazyLock;

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi, SecurityRequirement};
use utoipa::{Modify, OpenApi as _};
use utoipa_axum::router::OpenApiRouter;

use super::{
    again, deliveries, flows, health, imports, inbound_postbacks, integrations, leads, network_test, networks, offers,
    openapi_patches, plans, polls, postback_deliveries, postbacks, records, routes, stats, tokens, unmapped_statuses,
    users, webmasters,
};
use crate::app::App;
use crate::http::error::Problem;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "leadrelay",
        description = "Lead routing and postbacks.\n\n\
            Lists answer `items` and `next_cursor`; `limit` is 50 unless asked and at most 500. Money is a decimal \
            string beside an ISO 4217 code. Times are RFC 3339, UTC. References take a slug, an id or a number and \
            are answered as slug, with the id beside it. Errors are `application/problem+json`.",
        license(name = "MIT OR Apache-2.0")
    ),
    components(schemas(Problem)),
    modifiers(&Schemes),
    tags(
        (name = "leads", description = "Posting leads and reading what became of them"),
        (name = "offers", description = "What is promoted"),
        (name = "routes", description = "Which network may take which leads"),
        (name = "networks", description = "Connected accounts at partners"),
        (name = "webmasters", description = "Who posts leads"),
        (name = "flows", description = "A webmaster's use of an offer"),
        (name = "postbacks", description = "URLs that hear of status changes"),
        (name = "integrations", description = "Kinds of partners"),
        (name = "deliveries", description = "Handing leads to networks: what happened, and doing it again"),
        (name = "postback deliveries", description = "What webmasters were told"),
        (name = "inbound postbacks", description = "What networks told us"),
        (name = "polls", description = "Asking networks for statuses"),
        (name = "imports", description = "Statuses and leads from files"),
        (name = "unmapped statuses", description = "Status words that nobody has mapped"),
        (name = "stats", description = "Leads and money, grouped"),
        (name = "tokens", description = "Who may call"),
        (name = "users", description = "People with a login"),
        (name = "operations", description = "Health and metrics"),
    )
)]
struct Head;

/// How a caller says who it is. The operations on leads add `query`; public ones ask for none.
struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("The token as it was issued"));
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
        let header = ApiKey::Header(ApiKeyValue::new("X-Api-Key"));
        components.add_security_scheme("api_key", SecurityScheme::ApiKey(header));
        let query = ApiKey::Query(ApiKeyValue::with_description("api_key", "Only for posting and changing leads"));
        components.add_security_scheme("query", SecurityScheme::ApiKey(query));
        let none: [&str; 0] = [];
        document.security =
            Some(vec![SecurityRequirement::new("bearer", none), SecurityRequirement::new("api_key", none)]);
    }
}

/// Every operation of the API with its documentation: one line a resource.
pub fn api_router() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Head::openapi())
        .merge(leads::router())
        .merge(imports::router())
        .merge(integrations::router())
        .merge(networks::router())
        .merge(network_test::router())
        .merge(offers::router())
        .merge(routes::router())
        .merge(webmasters::router())
        .merge(flows::router())
        .merge(tokens::router())
        .merge(users::router())
        .merge(postbacks::router())
        .merge(deliveries::router())
        .merge(postback_deliveries::router())
        .merge(inbound_postbacks::router())
        .merge(unmapped_statuses::router())
        .merge(plans::router())
        .merge(records::router())
        .merge(polls::router())
        .merge(again::router())
        .merge(stats::router())
        .merge(health::router())
}

/// The document.
pub fn document() -> OpenApi {
    let mut document = api_router().into_openapi();
    openapi_patches::apply(&mut document);
    document
}

/// The document, built once.
pub fn shared() -> &'static OpenApi {
    static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(document);
    &DOCUMENT
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::http::rights::Right;
    use crate::http::routes::TABLE;

    fn json() -> Value {
        serde_json::to_value(document()).unwrap()
    }

    fn operations(document: &Value) -> BTreeSet<(String, String)> {
        let paths = document["paths"].as_object().unwrap();
        paths
            .iter()
            .flat_map(|(path, item)| {
                item.as_object().unwrap().keys().map(move |key| (key.to_uppercase(), path.clone()))
            })
            .filter(|(method, _)| ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method.as_str()))
            .collect()
    }

    #[test]
    fn every_route_states_its_right() {
        let documented = operations(&json());
        let table: BTreeSet<(String, String)> =
            TABLE.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
        for operation in &documented {
            assert!(table.contains(operation), "{operation:?} has no right in the table");
        }
        for operation in table.iter().filter(|(_, path)| path.starts_with("/api/v1/")) {
            assert!(documented.contains(operation), "{operation:?} is in the table, but not in the document");
        }
    }

    #[test]
    fn rights_and_documented_security_agree() {
        let document = json();
        for (method, path) in operations(&document) {
            let right = crate::http::rights::of(&method, &path);
            let stated = document["paths"][&path][method.to_lowercase()].get("security");
            let is_open = stated.is_some_and(|security| {
                security.as_array().is_some_and(|all| all.iter().all(|one| one == &serde_json::json!({})))
            });
            assert_eq!(is_open, right == Some(Right::Public), "{method} {path}");
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn walk(value: &Value, found: &mut Vec<String>) {
            match value {
                Value::Object(map) => {
                    found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
                    map.values().for_each(|value| walk(value, found));
                }
                Value::Array(items) => items.iter().for_each(|value| walk(value, found)),
                _ => {}
            }
        }
        let document = json();
        let mut found = Vec::new();
        walk(&document, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
    }

    #[test]
    fn a_patch_requires_no_field() {
        let document = json();
        for (_, path) in operations(&document).into_iter().filter(|(method, _)| method == "PATCH") {
            let schema = &document["paths"][&path]["patch"]["requestBody"]["content"]["application/json"]["schema"];
            let reference = schema["$ref"].as_str().unwrap_or_else(|| panic!("{path} has no body"));
            let schema = document.pointer(reference.trim_start_matches('#')).unwrap();
            assert!(schema.get("required").is_none(), "{path}: {schema}");
        }
        assert_eq!(document["components"]["schemas"]["OfferInput"]["required"], serde_json::json!(["slug"]));
    }

    #[test]
    fn operation_ids_are_unique() {
        let document = json();
        let mut seen = BTreeSet::new();
        for (method, path) in operations(&document) {
            let id = document["paths"][&path][method.to_lowercase()]["operationId"].as_str().unwrap().to_owned();
            assert!(seen.insert(id.clone()), "{id}");
        }
    }
}
