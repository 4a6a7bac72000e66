//! Pages made to hurt: each ends as an article or as an outcome, bounded by counts.

#[path = "hostile/pages.rs"]
mod pages;

use extractor::{Draft, Extracted, PageInput, SiteMemory, extract};
use pages::Outcome;

fn input(body: &[u8]) -> PageInput<'_> {
    PageInput {
        body,
        url: Some("https://hostile.example/page"),
        content_type: Some("text/html"),
        ..PageInput::default()
    }
}

#[test]
fn every_hostile_page_ends_as_it_should() {
    let mut wrong = Vec::new();
    for page in pages::pages() {
        let skipped = match extract(&input(&(page.make)())) {
            Extracted::Article(_) => None,
            Extracted::Skipped { reason, .. } => Some(reason),
        };
        let outcome = Outcome::of(skipped);
        if outcome != page.outcome {
            wrong.push(format!("{}: {outcome:?}, not {:?}", page.name, page.outcome));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_memory_of_a_site_bears_hostile_pages() {
    let mut memory = SiteMemory::default();
    for (number, page) in pages::pages().iter().enumerate() {
        if page.outcome == Outcome::Article {
            let address = format!("https://hostile.example/{number}");
            memory.finish(Draft::new(&input(&(page.make)())), &address);
        }
    }
    assert!(memory.encode().len() < 32 * 1024);
    assert_eq!(SiteMemory::decode(&memory.encode()), Ok(memory));
}

#[test]
fn no_debris_reaches_the_text() {
    let body = "<html><title>Bridge closed</title><article><h1>Bridge closed</h1><p>The brid\u{ad}ge was clo\u{200b}sed on Monday, the town said, \u{202e}and will stay closed\u{202c} until the pillars have been looked at by an engi\u{feff}neer from the capital.</p></article>";
    let Extracted::Article(article) = extract(&input(body.as_bytes())) else {
        panic!("no article");
    };
    assert!(
        article.text.starts_with(
            "The bridge was closed on Monday, the town said, and will stay closed until"
        ),
        "{}",
        article.text
    );
    assert!(article.text.contains("an engineer"));
}
