//! The integrations there are: the partners that need code, the template files of `config/integrations`, built into the
//! binary, and those of a folder on the running install, which add to them or replace them by id. No list names the files.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rust_embed::RustEmbed;

use super::SharedAdapter;
use super::affili::Affili;
use super::duomai::Duomai;
use super::inhouse::InHouse;
use super::recipe::{Recipe, TemplateError};

/// The files that come with the program.
#[derive(RustEmbed)]
#[folder = "config/integrations"]
struct BuiltIn;

/// All integrations by id.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    all: BTreeMap<String, SharedAdapter>,
}

impl Registry {
    /// The built-in ones and those of `folder`. Every wrong file is told, with key and reason.
    pub fn load(folder: Option<&Path>) -> Result<Self, Vec<TemplateError>> {
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        for name in BuiltIn::iter().filter(|name| name.ends_with(".toml")) {
            if let Some(file) = BuiltIn::get(&name) {
                files.insert(name.to_string(), String::from_utf8_lossy(&file.data).into_owned());
            }
        }
        let mut errors = Vec::new();
        if let Some(folder) = folder {
            match read_folder(folder) {
                Ok(own) => files.extend(own),
                Err(error) => errors.push(error),
            }
        }
        match Self::parse(files.iter().map(|(name, text)| (name.as_str(), text.as_str()))) {
            Ok(registry) if errors.is_empty() => Ok(registry),
            Ok(_) => Err(errors),
            Err(more) => {
                errors.extend(more);
                Err(errors)
            }
        }
    }

    /// The integrations that are written in code, and those of these files, by name and text.
    pub fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Vec<TemplateError>> {
        let (mut registry, mut errors) = (Self::default(), Vec::new());
        let native: [Result<SharedAdapter, _>; 3] = [
            Affili::new().map(|it| Arc::new(it) as _),
            Duomai::new().map(|it| Arc::new(it) as _),
            InHouse::new().map(|it| Arc::new(it) as _),
        ];
        for adapter in native {
            match adapter {
                Ok(adapter) => registry.add(adapter),
                Err(found) => errors.extend(found),
            }
        }
        for (name, text) in files {
            match Recipe::parse(name, text) {
                Ok(recipe) => registry.add(Arc::new(recipe)),
                Err(found) => errors.extend(found),
            }
        }
        if errors.is_empty() { Ok(registry) } else { Err(errors) }
    }

    /// Adds an integration, in the place of an earlier one of the same id.
    pub fn add(&mut self, adapter: SharedAdapter) {
        self.all.insert(adapter.about().id.clone(), adapter);
    }

    /// The integration of this id.
    pub fn get(&self, id: &str) -> Option<&SharedAdapter> {
        self.all.get(id)
    }

    /// All of them, by id.
    pub fn iter(&self) -> impl Iterator<Item = &SharedAdapter> {
        self.all.values()
    }
}

/// The `.toml` files of a folder, by name.
fn read_folder(folder: &Path) -> Result<BTreeMap<String, String>, TemplateError> {
    let wrong = |file: String, error: std::io::Error| TemplateError {
        file,
        key: "file".into(),
        reason: format!("cannot be read: {error}"),
    };
    let name_of = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let entries = std::fs::read_dir(folder).map_err(|error| wrong(folder.display().to_string(), error))?;
    let mut files = BTreeMap::new();
    for entry in entries {
        let path = entry.map_err(|error| wrong(folder.display().to_string(), error))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") && path.is_file() {
            let text = std::fs::read_to_string(&path).map_err(|error| wrong(name_of(&path), error))?;
            files.insert(name_of(&path), text);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_adds_and_replaces() {
        let folder = tempfile::tempdir().unwrap();
        let own = r#"
[about]
id = "ID"
title = "Mine"
group = "network"
confidence = "seen in code"
[send]
method = "GET"
url = "https://mine.example/lead"
query = { phone = "{{ lead.phone }}" }
"#;
        std::fs::write(folder.path().join("sandbox.toml"), own.replace("ID", "sandbox")).unwrap();
        std::fs::write(folder.path().join("mine.toml"), own.replace("ID", "mine")).unwrap();
        std::fs::write(folder.path().join("notes.txt"), "no template").unwrap();
        let registry = Registry::load(Some(folder.path())).unwrap();
        let titles: Vec<_> = registry.iter().map(|it| (it.about().id.as_str(), it.about().title.as_str())).collect();
        assert!(titles.contains(&("mine", "Mine")) && titles.contains(&("sandbox", "Mine")));
        assert!(registry.get("http-json").is_some() && registry.get("notes").is_none());

        std::fs::write(folder.path().join("mine.toml"), own.replace("ID", "mine").replace("lead.phone", "lead.fone"))
            .unwrap();
        let errors = Registry::load(Some(folder.path())).unwrap_err();
        assert_eq!(errors[0].to_string(), "mine.toml: send.query.phone: lead.fone: a lead has no such field");
        let errors = Registry::load(Some(&folder.path().join("nowhere"))).unwrap_err();
        assert_eq!(errors[0].key, "file");
    }
}
