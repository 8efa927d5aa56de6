//! Engine of the template files.
