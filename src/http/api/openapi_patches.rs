//! The bodies of PATCH in the OpenAPI document. An operation names the same input as its POST; here each gets a
//! schema of its own in which nothing is required.

use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Schema};

const SCHEMAS: &str = "#/components/schemas/";

/// Gives every PATCH body a schema without required fields: `OfferInput` becomes `OfferPatch`.
pub fn apply(document: &mut OpenApi) {
    let OpenApi { paths, components, .. } = document;
    let Some(components) = components.as_mut() else { return };
    let operations = paths.paths.values_mut().filter_map(|item| item.patch.as_mut());
    for operation in operations {
        let Some(RefOr::T(body)) = operation.request_body.as_mut() else { continue };
        for content in body.content.values_mut() {
            let RefOr::T(Content { schema: Some(RefOr::Ref(reference)), .. }) = content else { continue };
            let Some(name) = reference.ref_location.strip_prefix(SCHEMAS) else { continue };
            let Some(RefOr::T(Schema::Object(input))) = components.schemas.get(name) else { continue };
            if input.required.is_empty() {
                continue;
            }
            let mut patch = input.clone();
            patch.required.clear();
            let patch_name = format!("{}Patch", name.trim_end_matches("Input"));
            *reference = Ref::from_schema_name(&patch_name);
            components.schemas.insert(patch_name, RefOr::T(Schema::Object(patch)));
        }
    }
}
