//! What is wrong with a template file: always the file, the key and the reason, so that whoever wrote it finds the place.

/// One complaint about one key of one template file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {key}: {reason}")]
pub struct TemplateError {
    /// Name of the file, without its folder.
    pub file: String,
    /// Path of the key, such as `send.url` or `outcome[2].when.codes`; `line 7` where the file is no TOML.
    pub key: String,
    /// What is wrong and what is expected.
    pub reason: String,
}

/// Collects complaints, so that one look at a file finds all of them.
#[derive(Debug)]
pub(super) struct Problems {
    file: String,
    /// In the order they were found.
    pub found: Vec<TemplateError>,
}

impl Problems {
    pub fn new(file: &str) -> Self {
        Self { file: file.to_owned(), found: Vec::new() }
    }

    pub fn add(&mut self, key: impl Into<String>, reason: impl Into<String>) {
        self.found.push(TemplateError { file: self.file.clone(), key: key.into(), reason: reason.into() });
    }

    /// Keeps the complaint of a failed part and goes on without it.
    pub fn take<T>(&mut self, key: &str, result: Result<T, String>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(reason) => {
                self.add(key, reason);
                None
            }
        }
    }
}
