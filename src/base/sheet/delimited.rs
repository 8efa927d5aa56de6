//! Text with a delimiter. Which one, and how its letters are coded, is found out: spreadsheets write what the settings of
//! their country say.

use std::borrow::Cow;

use csv::{Position, ReaderBuilder, StringRecord};

use super::{Fault, Gathering, Sheet};

/// Delimiters that are looked for, the more usual first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Records by which the delimiter is judged.
const SAMPLE: usize = 20;

/// Reads it.
pub(super) fn read(bytes: &[u8]) -> Result<Sheet, Fault> {
    let text = decode(bytes)?;
    let (delimiter, body) = delimiter(&text);
    let skipped = i32::try_from(text.len() - body.len()).map_or(0, |skipped| i32::from(skipped > 0));
    let mut gathering = Gathering::default();
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(body.as_bytes());
    let mut record = StringRecord::new();
    // A record begins behind the empty lines before it.
    let line_of = |at: &Position| {
        let byte = usize::try_from(at.byte()).unwrap_or(usize::MAX);
        let ends = body.get(byte..).unwrap_or_default().chars().take_while(|c| matches!(c, '\r' | '\n'));
        let line = usize::try_from(at.line()).unwrap_or(0) + ends.filter(|c| *c == '\n').count();
        i32::try_from(line).unwrap_or(i32::MAX)
    };
    // What is text already reads whatever it holds: quotes that do not close end with the file.
    while reader.read_record(&mut record).map_err(|_| Fault::NoText)? {
        let line = record.position().map_or(0, line_of);
        gathering.add(line.saturating_add(skipped), record.iter().map(str::to_owned).collect())?;
    }
    gathering.end()
}

/// UTF-8, UTF-16 with its mark, else Windows-1251, in which Excel writes CSV where people write Cyrillic.
fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Fault> {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        let rest = bytes.get(mark..).unwrap_or_default();
        return encoding.decode_without_bom_handling_and_without_replacement(rest).ok_or(Fault::NoText);
    }
    if bytes.contains(&0) {
        return Err(Fault::NoText);
    }
    Ok(match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1251.decode_without_bom_handling(bytes).0,
    })
}

/// The delimiter, and the text without a line that names it (`sep=;`, which Excel writes and obeys).
fn delimiter(text: &str) -> (u8, &str) {
    let first = text.lines().next().unwrap_or_default();
    if let Some(named) = first.trim().strip_prefix("sep=")
        && let [named] = named.as_bytes()
        && DELIMITERS.contains(named)
    {
        let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
        return (*named, rest);
    }
    // The one that cuts the first records into the most cells, as long as they are cut alike.
    let best = DELIMITERS.into_iter().rev().max_by_key(|delimiter| {
        let widths = widths(text, *delimiter);
        let head = widths.first().copied().unwrap_or(1);
        let alike = widths.iter().filter(|width| **width == head).count();
        if head > 1 { (alike * 100 / widths.len().max(1), head) } else { (0, head) }
    });
    // One column has no delimiter, and a comma in it is a comma.
    let is_one = first.split(|c| DELIMITERS.iter().any(|one| c == char::from(*one))).nth(1).is_none();
    (best.filter(|_| !is_one).unwrap_or(b'\t'), text)
}

fn widths(text: &str, delimiter: u8) -> Vec<usize> {
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    reader.records().take(SAMPLE).filter_map(Result::ok).map(|record| record.len()).collect()
}
