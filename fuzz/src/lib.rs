//! What several fuzz targets are made with: template files written from short notes, and the plain JSON of a seed.
//! A target is one file in `fuzz_targets/`; what it holds to be true stands at its top.

pub mod recipe_file;
pub mod rule_notes;
