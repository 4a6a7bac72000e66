//! Replays the checked-in inputs of the fuzz targets `url` and `articles` (tests/fuzz), and worse ones
//! made of them: cut off and damaged at every character. No panic, the same bytes after every restart.

use std::path::Path;

use crate::stream;

fn inputs(target: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/corpus").join(target);
    let mut files: Vec<_> =
        std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{}", folder.display());
    files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect()
}

/// The input cut off at a character, and with that character replaced.
fn worse(input: &str) -> impl Iterator<Item = String> + '_ {
    input.char_indices().flat_map(move |(at, character)| {
        let rest = &input[at + character.len_utf8()..];
        let other = ['\u{0}', '/', '%', '?', '\n', '\u{c}', 'é', '東'][at % 8];
        [input[..at].to_owned(), format!("{}{other}{rest}", &input[..at])]
    })
}

#[test]
fn damaged_urls_are_still_their_own_canonical_form() {
    for input in inputs("url") {
        stream::urls(&input);
        worse(&input).for_each(|text| stream::urls(&text));
    }
}

#[test]
fn damaged_articles_go_through_and_a_restart_changes_nothing() {
    for input in inputs("articles") {
        stream::articles(&input);
        worse(&input).step_by(7).for_each(|text| stream::articles(&text));
    }
}
