//! A recorded request as a curl call, to be repeated in a terminal. Secrets are masked in the record, and so here.

/// The call; none where the record is not one of an HTTP request.
pub fn of(record: &str) -> Option<String> {
    let (head, body) = record.split_once("\n\n").unwrap_or((record.trim_end_matches('\n'), ""));
    let mut lines = head.lines();
    let (method, url) = lines.next()?.split_once(' ')?;
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return None;
    }
    let mut parts = vec![format!("curl -X {method} {}", quoted(url))];
    parts.extend(lines.filter(|line| line.contains(':')).map(|line| format!("-H {}", quoted(line))));
    if !body.is_empty() {
        parts.push(format!("--data-binary {}", quoted(body)));
    }
    Some(parts.join(" \\\n  "))
}

/// One word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_record_becomes_a_call() {
        let record = "POST https://crm.example/in?key=***\ncontent-type: application/json\nauthorization: ***\n\n{\"name\":\"O'Hara\"}";
        assert_eq!(
            of(record).unwrap(),
            "curl -X POST 'https://crm.example/in?key=***' \\\n  -H 'content-type: application/json' \\\n  -H 'authorization: ***' \\\n  --data-binary '{\"name\":\"O'\\''Hara\"}'"
        );
        assert_eq!(of("GET https://crm.example/\n\n").unwrap(), "curl -X GET 'https://crm.example/'");
        assert_eq!(of("POST sandbox://network/leads\n\n{}"), None);
        assert_eq!(of(""), None);
    }

    proptest! {
        #[test]
        fn nothing_leaves_its_quotes(body in "[a-z'\"$`\\\\ \n]{1,40}") {
            let call = of(&format!("POST https://x.example/\n\n{body}")).unwrap();
            let word = call.split_once("--data-binary ").unwrap().1;
            // As a shell reads it: outside of quotes there are escaped quotes only.
            let (mut read, mut rest, mut is_in) = (String::new(), word, false);
            while let Some(c) = rest.chars().next() {
                rest = &rest[c.len_utf8()..];
                match (is_in, c) {
                    (_, '\'') => is_in = !is_in,
                    (true, c) => read.push(c),
                    (false, '\\') => {
                        read.push(rest.chars().next().unwrap());
                        rest = &rest[1..];
                    }
                    (false, c) => prop_assert!(false, "{c:?} stands outside"),
                }
            }
            prop_assert_eq!(read, body);
        }
    }
}
