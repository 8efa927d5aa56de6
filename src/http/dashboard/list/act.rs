//! What can be done about a row, or about all rows of a list.

use super::super::texts::Text;

/// One button of a row: a form that posts.
#[derive(Clone, Debug)]
pub struct Act {
    /// Where it posts.
    pub action: String,
    pub label: Text,
    /// Said to those who cannot see which row it stands in.
    pub about: String,
    /// A choice that goes with it.
    pub choice: Option<ActChoice>,
    /// Pressed for the row that is chosen with the keyboard.
    pub key: Option<char>,
    /// Asked before it is done.
    pub question: Option<Text>,
}

/// A link to a page where one goes on: something new, or something done with all rows of a list.
#[derive(Clone, Debug)]
pub struct Onward {
    pub href: String,
    pub label: Text,
    /// Symbol of `icons.svg`.
    pub icon: &'static str,
}

/// What is chosen before the button is pressed.
#[derive(Clone, Debug)]
pub struct ActChoice {
    pub name: &'static str,
    pub label: Text,
    pub choices: Vec<super::Choice>,
}

impl Act {
    /// A plain button.
    pub fn new(action: impl Into<String>, label: Text, about: impl Into<String>) -> Self {
        Self { action: action.into(), label, about: about.into(), choice: None, key: None, question: None }
    }

    /// The button that `r` presses.
    pub fn on_r(mut self) -> Self {
        self.key = Some('r');
        self
    }

    /// With a choice.
    pub fn choosing(mut self, name: &'static str, label: Text, choices: Vec<super::Choice>) -> Self {
        self.choice = Some(ActChoice { name, label, choices });
        self
    }

    /// With a question.
    pub fn asking(mut self, question: Text) -> Self {
        self.question = Some(question);
        self
    }
}
