//! Files of comma-separated values. What a spreadsheet would take for a formula stays a text.

use std::borrow::Cow;

use csv::{Terminator, Writer, WriterBuilder};

/// Rows as a file is made of them.
pub fn rows<R, C>(rows: impl IntoIterator<Item = R>) -> Vec<u8>
where
    R: IntoIterator<Item = C>,
    C: AsRef<str>,
{
    let mut writer: Writer<Vec<u8>> =
        WriterBuilder::new().terminator(Terminator::CRLF).flexible(true).from_writer(Vec::new());
    for row in rows {
        let cells: Vec<String> = row.into_iter().map(|cell| guarded(cell.as_ref()).into_owned()).collect();
        // Writing to memory does not fail.
        writer.write_record(&cells).unwrap_or_default();
    }
    writer.into_inner().unwrap_or_default()
}

/// A cell that no spreadsheet computes. Plain numbers, a sign before them or not, are no formulas.
fn guarded(cell: &str) -> Cow<'_, str> {
    let begins =
        cell.trim_start_matches(['\u{feff}', ' ']).starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '|', '%']);
    let is_number = || {
        let digits = cell.strip_prefix(['+', '-']).unwrap_or(cell);
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    };
    if begins && !is_number() { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cells_are_texts_to_a_spreadsheet() {
        for (cell, kept) in [
            ("=1+1", "'=1+1"),
            ("@cmd", "'@cmd"),
            ("-2+3", "'-2+3"),
            (" =1", "' =1"),
            ("+4915112345678", "+4915112345678"),
            ("-3.50", "-3.50"),
            ("https://a.b/?x=1", "https://a.b/?x=1"),
        ] {
            assert_eq!(guarded(cell), kept);
        }
    }

    proptest! {
        #[test]
        fn a_file_reads_back_as_it_was_written(table in proptest::collection::vec(proptest::collection::vec(any::<String>(), 1..5), 0..5)) {
            let file = rows(&table);
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(file.as_slice());
            let read: Vec<Vec<String>> =
                reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
            let expected: Vec<Vec<String>> =
                table.iter().map(|row| row.iter().map(|cell| guarded(cell).into_owned()).collect()).collect();
            prop_assert_eq!(read, expected);
        }
    }
}
