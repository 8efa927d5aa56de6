//! Headings of columns, recognised.

use super::{Kind, META, Mapping, fields};

/// The mapping that the headings of a file suggest. Each field is given to one column, the first that means it.
pub fn guess(kind: Kind, heads: &[String]) -> Mapping {
    let mut mapping = Mapping::default();
    for field in fields(kind).iter().filter(|field| field.name != META) {
        let means = |head: &&String| {
            let head = plain(head);
            head == plain(field.name) || field.headings.contains(&head.as_str())
        };
        let is_free = |head: &&String| !mapping.columns.contains_key(head.as_str());
        // The exact name comes before what may mean it.
        let exact = heads.iter().find(|head| is_free(head) && plain(head) == plain(field.name));
        if let Some(head) = exact.or_else(|| heads.iter().find(|head| is_free(head) && means(head))) {
            mapping.columns.insert(head.clone(), field.name.to_owned());
        }
    }
    mapping
}

/// Letters and digits in lower case.
fn plain(head: &str) -> String {
    head.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>().replace('ё', "е")
}
