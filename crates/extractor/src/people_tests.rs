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
        ("By Jane Doe of the Wexham Post", vec!["Jane Doe"]),
        ("Friends of the Earth", vec![]),
        ("Posted by Jane Doe at 2:20 PM", vec!["Jane Doe"]),
        ("By Jane Doe Associated Press", vec!["Jane Doe"]),
        ("Von Karin Vogel, ARD Berlin", vec!["Karin Vogel"]),
        ("Autor: Anna Kowalska, Data publikacji: 10.03.2025", vec!["Anna Kowalska"]),
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

#[test]
fn words_and_signs_before_a_name_are_known_in_many_languages() {
    for (language, text, expected) in [
        ("es", "Por: María Gómez", "María Gómez"),
        ("en", "Written by: Jane Doe", "Jane Doe"),
        ("fr", "Propos recueillis par Claire Martin", "Claire Martin"),
        ("it", "a cura di Giulia Rossi", "Giulia Rossi"),
        ("it", "dal nostro inviato Giulia Rossi", "Giulia Rossi"),
        ("nl", "Auteur: Jan de Vries", "Jan de Vries"),
        ("pl", "oprac. Anna Kowalska", "Anna Kowalska"),
        ("ro", "De Ion Popescu", "Ion Popescu"),
        ("ru", "Текст: Иван Петров", "Иван Петров"),
        ("el", "Της Μαρίας Δήμου", "Μαρίας Δήμου"),
        ("el", "Γράφει ο Γιώργος Παπαδόπουλος", "Γιώργος Παπαδόπουλος"),
        ("tr", "Haber: Ayşe Yılmaz", "Ayşe Yılmaz"),
        ("he", "מאת: דנה לוי", "דנה לוי"),
        ("ar", "كتبت - منى أحمد", "منى أحمد"),
        ("ur", "تحریر: احمد خان", "احمد خان"),
        ("bn", "লিখেছেন: রহিম উদ্দিন", "রহিম উদ্দিন"),
        ("th", "เขียนโดย สมชาย ใจดี", "สมชาย ใจดี"),
        ("id", "Reporter: Budi Santoso | Editor: Siti Aminah", "Budi Santoso"),
        ("sw", "Imeandikwa na Juma Hassan", "Juma Hassan"),
        ("hy", "Հեղինակ՝ Անի Սարգսյան", "Անի Սարգսյան"),
        ("nb", "Tekst: Kari Nordmann Foto: Ola Hansen", "Kari Nordmann"),
        ("is", "Jón Jónsson skrifar", "Jón Jónsson"),
        ("ca", "Per Jordi Puig", "Jordi Puig"),
        ("sv", "Per Olov Enquist", "Per Olov Enquist"),
        ("ja", "文・山田太郎、写真・佐藤花子", "山田太郎"),
        ("ja", "【山田太郎】", "山田太郎"),
        ("ko", "김민수 기자 minsu@post.example", "김민수"),
        ("ko", "[서울=뉴스] 김민수 기자", "김민수"),
        ("ko", "글 = 김민수 기자 / 사진 = 이영희 기자", "김민수"),
        ("zh", "来源：新华社 作者：王小明", "王小明"),
        ("zh", "記者王小明／台北報導", "王小明"),
    ] {
        let named = read(&[text.to_owned()], Source::Field, language);
        assert_eq!(named.persons, [expected], "{text}");
    }
}

#[test]
fn roles_places_and_houses_are_no_people() {
    for (text, persons, others) in [
        ("Anna Schmidt, Berlin", vec!["Anna Schmidt"], vec![]),
        ("Anna Schmidt, dpa", vec!["Anna Schmidt"], vec!["dpa"]),
        ("Ana Ruiz, periodista", vec!["Ana Ruiz"], vec![]),
        ("Giulia Rossi, inviata a Kiev", vec!["Giulia Rossi"], vec![]),
        ("Giulia – ZDF Studio", vec!["Giulia"], vec!["ZDF Studio"]),
        ("Jane Doe Political Editor", vec!["Jane Doe"], vec![]),
        ("Jane Doe in Nairobi", vec!["Jane Doe"], vec![]),
        ("Claire Martin avec AFP", vec!["Claire Martin"], vec!["AFP"]),
        ("Ana Ruiz ana@post.example", vec!["Ana Ruiz"], vec![]),
        ("Ana Ruiz / Madrid / 2 dic 2025 - 10:04", vec!["Ana Ruiz"], vec![]),
        ("Ana Ruiz 2 December 2025", vec!["Ana Ruiz"], vec![]),
        ("John Doe, Jr.", vec!["John Doe, Jr."], vec![]),
        ("Redacción | Ciudad de México", vec![], vec![]),
        ("Haber Merkezi", vec![], vec![]),
        ("La rédaction", vec![], vec![]),
        ("政治部", vec![], vec![]),
        ("Mediahaus GmbH", vec![], vec!["Mediahaus GmbH"]),
        ("aruiz", vec![], vec!["aruiz"]),
        ("Agence France-Presse", vec![], vec!["Agence France-Presse"]),
    ] {
        let named = read(&[text.to_owned()], Source::Field, "");
        assert_eq!(
            (named.persons, named.others),
            (to_owned(&persons), to_owned(&others)),
            "{text}"
        );
    }
}

#[test]
fn words_for_and_divide_people_and_not_names() {
    for (text, expected) in [
        ("Kovács Péter és Nagy Anna", vec!["Kovács Péter", "Nagy Anna"]),
        ("Ion Popescu și Ana Pop", vec!["Ion Popescu", "Ana Pop"]),
        ("Ayşe Yılmaz ve Ali Demir", vec!["Ayşe Yılmaz", "Ali Demir"]),
        ("Иван Петров и Анна Иванова", vec!["Иван Петров", "Анна Иванова"]),
        ("Anna Kowalska i Jan Nowak", vec!["Anna Kowalska", "Jan Nowak"]),
        ("Jana Nováková a Peter Horák", vec!["Jana Nováková", "Peter Horák"]),
        ("محمد علي ومنى أحمد", vec!["محمد علي", "منى أحمد"]),
        ("محمد علي، منى أحمد", vec!["محمد علي", "منى أحمد"]),
        ("山田太郎・佐藤花子", vec!["山田太郎", "佐藤花子"]),
        ("ジョン・スミス", vec!["ジョン・スミス"]),
        ("José Ortega y Gasset", vec!["José Ortega y Gasset"]),
        ("Carlos Costa e Silva", vec!["Carlos Costa e Silva"]),
        ("Jane Doe with John Roe", vec!["Jane Doe", "John Roe"]),
        ("April Jones, Daniel O'Hara", vec!["April Jones", "Daniel O'Hara"]),
    ] {
        assert_eq!(read(&[text.to_owned()], Source::Data, "").persons, expected, "{text}");
    }
}

#[test]
fn names_like_words_stay() {
    for name in [
        "April Jones",
        "June Carter",
        "August Strind",
        "Juli Zeh",
        "Min Jin Lee",
        "Herbert Read",
        "Von Miller",
        "Da Silva Souza",
        "Di Maio Luigi",
        "Dr. Jane Doe",
        "DOE Jane",
        "Meet Shah",
        "Learn Chen",
        "Ago Tamm",
        "Peter Uhr",
        "Anna Size",
        "Kemal Of",
    ] {
        assert_eq!(read(&[name.to_owned()], Source::Data, "").persons, [name]);
    }
}

#[test]
fn phrases_beside_bylines_are_no_names() {
    for text in [
        "Meet the Team",
        "Meet Our Writers",
        "Learn More",
        "Learn More About Us",
        "Written for Readers",
        "Weekend Edition",
        "Head of Content",
        "Two Days Ago",
        "Written",
        "Photo by Jane Doe",
    ] {
        assert_eq!(people(&[text.to_owned()]), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn an_editor_stands_only_where_nobody_wrote() {
    for (text, expected) in [
        ("Edited by John Roe", vec!["John Roe"]),
        ("By Jane Doe, edited by John Roe", vec!["Jane Doe"]),
        ("Published by John Roe | Written by Jane Doe", vec!["Jane Doe"]),
        ("Editing by John Roe; Reporting by Jane Doe", vec!["Jane Doe"]),
        ("Published by John Roe, Ann Poe", vec!["John Roe", "Ann Poe"]),
        ("Escrito por Ana Paz Editado por Juan Gil", vec!["Ana Paz"]),
        ("Redacción: Juan Gil", vec!["Juan Gil"]),
        ("Redacción: Juan Gil Texto: Ana Paz", vec!["Ana Paz"]),
        ("Words by Jane Doe. Photos by John Roe", vec!["Jane Doe"]),
        ("Words by J. R. Photos by John Roe", vec!["J. R."]),
        ("김민수 기자 2024-05-23", vec!["김민수"]),
        ("Published by: John Roe | Text: Jane Doe", vec!["Jane Doe"]),
        ("Veröffentlicht von: Jan Roth, Text: Anna Berg", vec!["Anna Berg"]),
        ("Publicado por: Juan Gil | Autora: Ana Paz", vec!["Ana Paz"]),
    ] {
        assert_eq!(people(&[text.to_owned()]), expected, "{text}");
    }
}

fn to_owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
