//! The texts of the pages: `locales/en` and `locales/ru`, in Fluent's syntax, a file for each subject, all keys in one
//! space.

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use rust_embed::RustEmbed;

use super::format;
use super::reader::{self, Language};

#[derive(RustEmbed)]
#[folder = "locales/"]
struct Files;

type Bundle = FluentBundle<FluentResource>;

static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::English));
static RUSSIAN: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::Russian));

fn bundle(language: Language) -> Bundle {
    let mut bundle = Bundle::new_concurrent(language.as_str().parse().into_iter().collect());
    // Names of people's things are set apart by the pages where that matters.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(number));
    for path in Files::iter().filter(|path| path.split('/').next() == Some(language.as_str())) {
        let Some(file) = Files::get(&path) else { continue };
        let text = String::from_utf8_lossy(&file.data).into_owned();
        // A test sees to it that every file reads whole; what does read is used.
        let resource = FluentResource::try_new(text).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource(resource).unwrap_or_default();
    }
    bundle
}

/// Numbers in texts are grouped as they are elsewhere on the pages.
fn number<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    match value {
        #[expect(clippy::cast_possible_truncation, reason = "only whole numbers are given to texts")]
        FluentValue::Number(number) => Some(format::count(number.value as i64)),
        _ => None,
    }
}

#[derive(Clone, Debug)]
enum Given {
    Word(String),
    Number(i64),
}

/// A text that is still to be written out.
#[derive(Clone, Debug)]
pub struct Text {
    key: Cow<'static, str>,
    given: Vec<(&'static str, Given)>,
}

/// The text of a key.
pub fn say(key: impl Into<Cow<'static, str>>) -> Text {
    Text { key: key.into(), given: Vec::new() }
}

/// The language as documents name it.
pub fn tag() -> &'static str {
    reader::language().as_str()
}

/// The other languages there are.
pub fn others() -> impl Iterator<Item = Language> {
    Language::ALL.iter().copied().filter(|language| *language != reader::language())
}

/// The text of a key that may not exist: words of ours that have a text of their own.
pub fn find(key: &str) -> Option<String> {
    written(key, &[])
}

/// A whole number, by value or (as templates hand it over) by reference.
pub trait Whole {
    /// What fits.
    fn whole(self) -> i64;
}

macro_rules! whole {
    ($($kind:ty),+) => { $(impl Whole for $kind {
        fn whole(self) -> i64 {
            i64::try_from(self).unwrap_or(i64::MAX)
        }
    })+ };
}
whole!(i32, i64, u8, u32, u64, usize);

impl<N: Whole + Copy> Whole for &N {
    fn whole(self) -> i64 {
        (*self).whole()
    }
}

impl Text {
    /// Fills in a word.
    pub fn with(mut self, name: &'static str, word: impl Display) -> Self {
        self.given.push((name, Given::Word(word.to_string())));
        self
    }

    /// Fills in a number, which also chooses the plural form.
    pub fn count(mut self, name: &'static str, number: impl Whole) -> Self {
        self.given.push((name, Given::Number(number.whole())));
        self
    }
}

impl Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written = written(&self.key, &self.given);
        debug_assert!(written.is_some(), "there is no text {}", self.key);
        f.write_str(written.as_deref().unwrap_or(&self.key))
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.to_string()
    }
}

fn written(key: &str, given: &[(&'static str, Given)]) -> Option<String> {
    let bundle = match reader::language() {
        Language::English => &ENGLISH,
        Language::Russian => &RUSSIAN,
    };
    let pattern = bundle.get_message(key)?.value()?;
    let args: FluentArgs<'_> = given
        .iter()
        .map(|(name, given)| match given {
            Given::Word(word) => (*name, FluentValue::from(word.as_str())),
            Given::Number(number) => (*name, FluentValue::from(*number)),
        })
        .collect();
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
    debug_assert!(errors.is_empty(), "{key}: {errors:?}");
    Some(text)
}

#[cfg(test)]
#[path = "texts_tests.rs"]
mod tests;
