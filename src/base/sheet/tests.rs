use proptest::prelude::*;
use rust_xlsxwriter::Workbook;

use super::*;

fn texts(sheet: &Sheet) -> Vec<Vec<&str>> {
    sheet.rows.iter().map(|row| row.cells.iter().map(String::as_str).collect()).collect()
}

#[test]
fn what_spreadsheets_write_is_read() {
    for file in [
        "id,status\n7,\"paid, at last\"\n",
        "id;status\r\n7;paid, at last\r\n",
        "id\tstatus\n7\tpaid, at last",
        "id|status\n7|paid, at last\n",
        "sep=;\nid;status\n7;\"paid, at last\"\n",
        "\u{feff}id,status\n\n7,\"paid, at last\"\n,\n",
    ] {
        let sheet = read(file.as_bytes()).unwrap();
        assert_eq!((sheet.heads.join("/"), texts(&sheet)), ("id/status".into(), vec![vec!["7", "paid, at last"]]));
    }
    let lines = read(b"id,status\n\n7,\"a\nb\"\n8,c\n").unwrap();
    assert_eq!(lines.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [3, 5]);
    let named = read(b"sep=;\nid;status\n7;x\n").unwrap();
    assert_eq!(named.rows[0].line, 3);
    let one = read(b"id\n1,5\n").unwrap();
    assert_eq!(texts(&one), [["1,5"]]);
}

#[test]
fn cyrillic_is_read_however_it_is_coded() {
    let text = "Статус;Сумма\nОплачен;12,50\n";
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let cyrillic = encoding_rs::WINDOWS_1251.encode(text).0.into_owned();
    let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    for file in [text.as_bytes().to_vec(), wide, cyrillic, marked] {
        let sheet = read(&file).unwrap();
        assert_eq!((sheet.heads.join("/"), texts(&sheet)), ("Статус/Сумма".into(), vec![vec!["Оплачен", "12,50"]]));
    }
}

#[test]
fn columns_have_names_of_their_own_and_rows_are_as_wide() {
    let sheet = read(b"id,,id,id\n1\n1,2,3,4,5\n").unwrap();
    assert_eq!(sheet.heads, ["id", "#2", "id (2)", "id (3)", "#5"]);
    assert!(sheet.rows.iter().all(|row| row.cells.len() == 5));
}

#[test]
fn what_is_no_table_is_refused_with_its_reason() {
    let many: String = std::iter::once("id\n".to_owned()).chain((0..=MAX_ROWS).map(|row| format!("{row}\n"))).collect();
    let wide = format!("{}\n1\n", vec!["a"; MAX_COLUMNS + 1].join(","));
    for (file, fault) in [
        (Vec::new(), Fault::Empty),
        (b" ,\n\n".to_vec(), Fault::Empty),
        (b"id,status\n".to_vec(), Fault::NoRows),
        (b"PK\x03\x04nonsense".to_vec(), Fault::Workbook),
        (b"\xd0\xcf\x11\xe0".to_vec(), Fault::OldWorkbook),
        (b"id\n\x00\x01\x02".to_vec(), Fault::NoText),
        (many.into_bytes(), Fault::TooManyRows),
        (wide.into_bytes(), Fault::TooManyColumns),
        (format!("id\n1\n{}\n", "x".repeat(MAX_CELL + 1)).into_bytes(), Fault::LongCell(3)),
        (vec![b'x'; MAX_BYTES + 1], Fault::TooLarge),
    ] {
        assert_eq!(read(&file).err(), Some(fault));
    }
}

#[test]
fn a_workbook_is_read_as_a_person_sees_it() {
    let mut book = Workbook::new();
    book.add_worksheet();
    let page = book.add_worksheet();
    page.write_string(0, 0, "Телефон").unwrap();
    page.write_string(0, 2, "Сумма").unwrap();
    page.write_number(2, 0, 34_612_345_678.0).unwrap();
    page.write_number(2, 2, 12.1).unwrap();
    page.write_boolean(3, 1, true).unwrap();
    let sheet = read(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(sheet.heads, ["Телефон", "#2", "Сумма"]);
    assert_eq!(texts(&sheet), [["34612345678", "", "12.1"], ["", "true", ""]]);
    assert_eq!(sheet.rows[0].line, 3);
}

/// A table as a spreadsheet holds it: named columns, and cells of any text that is left alone by trimming.
fn table() -> impl Strategy<Value = (Vec<String>, Vec<Vec<String>>)> {
    (2..6_usize).prop_flat_map(|width| {
        let cell = "[^\0\u{feff}]{0,12}".prop_map(|text| text.trim().replace('\r', ""));
        let rows = proptest::collection::vec(proptest::collection::vec(cell, width), 1..12);
        (Just((0..width).map(|at| format!("c{at}")).collect()), rows)
    })
}

proptest! {
    #[test]
    fn any_table_reads_back_with_any_delimiter_quotes_and_mark(
        (heads, rows) in table(),
        delimiter in proptest::sample::select(b",;\t|".as_slice()),
        always in any::<bool>(),
        mark in any::<bool>(),
    ) {
        let style = if always { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).quote_style(style).from_writer(Vec::new());
        writer.write_record(&heads).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let mut file = if mark { b"\xef\xbb\xbf".to_vec() } else { Vec::new() };
        file.extend(writer.into_inner().unwrap());
        let expected: Vec<Vec<&str>> = rows.iter().filter(|row| row.iter().any(|cell| !cell.trim().is_empty()))
            .map(|row| row.iter().map(|cell| cell.trim()).collect()).collect();
        match read(&file) {
            Ok(sheet) => {
                prop_assert_eq!(&sheet.heads, &heads);
                prop_assert_eq!(texts(&sheet), expected);
            }
            Err(fault) => prop_assert!(fault == Fault::NoRows && expected.is_empty()),
        }
    }

    #[test]
    fn no_file_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
        let _ = read(&[b"PK\x03\x04".as_slice(), &bytes].concat());
    }
}
