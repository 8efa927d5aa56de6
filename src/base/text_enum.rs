//! Enums that are words: in JSON, in the database, in forms. One macro keeps the three spellings equal.

/// The word is none of the enum's.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("{word:?} is not one of {known}")]
pub struct UnknownWord {
    /// What was given.
    pub word: String,
    /// The words there are, separated by commas.
    pub known: String,
}

/// Declares an enum whose variants have one fixed word each, with `as_str`, `ALL`, `Display`, `FromStr`, serde and OpenAPI.
#[macro_export]
macro_rules! text_enum {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        $vis enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every variant, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word of this variant.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::base::text_enum::UnknownWord;
            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::base::text_enum::UnknownWord {
                        word: word.chars().take(40).collect(),
                        known: [$($word),+].join(", "),
                    }),
                }
            }
        }
    };
}
