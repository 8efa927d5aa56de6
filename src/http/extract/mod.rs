//! Extractors whose rejections are problem answers that name the field.

mod json;
mod path;
mod query;

pub use json::{JsonBody, read_body, read_json};
pub use path::{PathId, PathIds};
pub use query::QueryOf;
