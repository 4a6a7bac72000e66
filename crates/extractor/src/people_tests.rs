use super::*;

#[test]
fn a_byline_becomes_a_list_of_people() {
    for (text, expected) in [
        ("By Jane Doe", vec!["Jane Doe"]),
        ("By Jane Doe and John Roe", vec!["Jane Doe", "John Roe"]),
        ("Von Max von der Heide", vec!["Max von der Heide"]),
        ("Jane Doe, John Roe & Ann Poe", vec!["Jane Doe", "John Roe", "Ann Poe"]),
        ("Doe, Jane", vec!["Jane Doe"]),
        ("Jane Doe, Senior Reporter", vec!["Jane Doe"]),
        ("Jane Doe (Reuters)", vec!["Jane Doe"]),
        ("Jane Doe, PhD", vec!["Jane Doe"]),
        ("Jane Doe (with John Roe and Ann Poe)", vec!["Jane Doe", "Ann Poe"]),
        ("Jane Doe am Samstag", vec!["Jane Doe"]),
        ("Jane Doe Illustration von John Roe", vec!["Jane Doe"]),
        ("Alle Artikel von Jane Doe", vec!["Jane Doe"]),
        ("Interview: Jane Doe", vec!["Jane Doe"]),
        ("Sign in", vec![]),
        ("admin", vec![]),
        ("jane@example.org", vec!["jane"]),
        ("https://example.org/author/jane", vec![]),
        ("December 2, 2025", vec![]),
        ("山田太郎", vec!["山田太郎"]),
        ("作者：王小明", vec!["王小明"]),
        ("김민수 기자", vec!["김민수"]),
        ("מאת דנה לוי", vec!["דנה לוי"]),
        ("Szerző: Kovács Péter", vec!["Kovács Péter"]),
        ("Oleh Budi Santoso · 2 Desember 2025", vec!["Budi Santoso"]),
    ] {
        assert_eq!(people(&[text.to_owned()]), expected, "{text}");
    }
}
