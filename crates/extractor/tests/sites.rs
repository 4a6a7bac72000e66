//! Invented sites, page by page, each redesigned half-way: after five pages of a design the memory
//! of the site has taken out the furniture that rules cannot know, and hardly a word of an article.
#![allow(clippy::print_stderr)]

mod invented;

use extractor::{Draft, Extracted, PageInput, SiteMemory};
use invented::{DESIGNS, Dice, Written};

const ARTICLES: usize = 40;
const REDESIGN: usize = 20;
/// Pages of a design that are not counted.
const WARM_UP: usize = 5;

#[derive(Default)]
struct Tally {
    got: usize,
    furniture: usize,
    written: usize,
    lost: usize,
}

impl Tally {
    fn add(&mut self, article: &Written, extracted: &Extracted, faults: Option<&mut Vec<String>>) {
        let text = match extracted {
            Extracted::Article(content) => content.text.as_str(),
            Extracted::Skipped { .. } => "",
        };
        let got: Vec<&str> = text.split('\n').filter(|line| !line.is_empty()).collect();
        let mut said = Vec::new();
        for line in &got {
            self.got += words(line);
            if !article.paragraphs.iter().any(|paragraph| paragraph == line) {
                self.furniture += words(line);
                said.push(format!("{} + {line}", article.slug));
            }
        }
        for paragraph in &article.paragraphs {
            self.written += words(paragraph);
            if !got.contains(&paragraph.as_str()) {
                self.lost += words(paragraph);
                said.push(format!("{} - {paragraph}", article.slug));
            }
        }
        if let Some(faults) = faults {
            faults.extend(said);
        }
    }

    fn furniture_share(&self) -> f64 {
        self.furniture as f64 / self.got.max(1) as f64
    }

    fn lost_share(&self) -> f64 {
        self.lost as f64 / self.written.max(1) as f64
    }
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

fn draft(page: &str, address: &str) -> Draft {
    Draft::new(&PageInput { body: page.as_bytes(), url: Some(address), ..PageInput::default() })
}

/// Articles of a site with running stories: of each eight in a row about every third repeats the
/// background of its event word by word, anywhere in the body, often at its end.
fn running_stories(site: usize, count: usize) -> Vec<Written> {
    let mut written = invented::articles(site, count);
    let mut dice = Dice::new(site as u64 + 977);
    let mut background = String::new();
    for (number, article) in written.iter_mut().enumerate() {
        if number % 8 == 0 {
            background =
                format!("{} {}", invented::sentence(&mut dice), invented::sentence(&mut dice));
        }
        if dice.below(3) == 0 {
            let last = article.paragraphs.len();
            let at = if dice.below(2) == 0 { last } else { dice.below(last + 1) };
            article.paragraphs.insert(at, background.clone());
        }
    }
    written
}

/// Runs all sites through a memory each; what rules alone leave, and what is left with the memory.
fn tally(write: impl Fn(usize, usize) -> Vec<Written>) -> (Tally, Tally) {
    let (mut alone, mut remembered) = (Tally::default(), Tally::default());
    let mut faults = Vec::new();
    for site in 0..DESIGNS {
        let mut memory = SiteMemory::default();
        let articles = write(site, ARTICLES);
        for (number, article) in articles.iter().enumerate() {
            let design = if number < REDESIGN { site } else { (site + 5) % DESIGNS };
            let page = invented::page(design, site, article, &articles[..number]);
            let address = format!("https://site{site}.example/{}.html", article.slug);
            let by_rules = draft(&page, &address);
            let counts = number % REDESIGN >= WARM_UP;
            if counts {
                alone.add(article, by_rules.extracted(), None);
            }
            let (extracted, _) = memory.finish(by_rules, &address);
            if counts {
                remembered.add(article, &extracted, Some(&mut faults));
            }
            // As between two batches of the stage.
            memory = SiteMemory::decode(&memory.encode())
                .unwrap_or_else(|error| panic!("site {site}: {error}"));
        }
        assert!(memory.encode().len() < 32 * 1024, "site {site}: {}", memory.encode().len());
    }
    for fault in faults.iter().take(60) {
        eprintln!("{fault}");
    }
    eprintln!(
        "rules alone: furniture {:.2} %, lost {:.2} %; with memory: furniture {:.2} %, lost {:.2} %",
        alone.furniture_share() * 100.0,
        alone.lost_share() * 100.0,
        remembered.furniture_share() * 100.0,
        remembered.lost_share() * 100.0
    );
    (alone, remembered)
}

#[test]
fn furniture_vanishes_after_five_pages_of_a_design_and_the_articles_stay_whole() {
    let (alone, remembered) = tally(invented::articles);
    assert!(alone.furniture_share() > 0.02, "the designs must be hard for rules alone");
    assert!(remembered.furniture_share() < 0.005);
    assert!(remembered.lost_share() < 0.002);
}

#[test]
fn background_that_articles_of_a_running_story_repeat_stays() {
    let (alone, remembered) = tally(running_stories);
    assert!(alone.furniture_share() > 0.02, "the designs must be hard for rules alone");
    assert!(remembered.furniture_share() < 0.005);
    assert!(remembered.lost_share() < 0.002);
}

#[test]
fn the_same_pages_in_the_same_order_give_the_same_memory() {
    let run = || {
        let articles = invented::articles(3, 12);
        let mut memory = SiteMemory::default();
        let mut texts = Vec::new();
        for (number, article) in articles.iter().enumerate() {
            let page = invented::page(3, 3, article, &articles[..number]);
            let address = format!("https://site.example/{}.html", article.slug);
            texts.push(memory.finish(draft(&page, &address), &address).0);
        }
        (texts, memory.encode())
    };
    assert_eq!(run(), run());
}

#[test]
fn a_page_that_is_fetched_again_makes_no_furniture_of_itself() {
    let articles = invented::articles(4, 6);
    let mut memory = SiteMemory::default();
    for (number, article) in articles.iter().enumerate() {
        let page = invented::page(4, 4, article, &articles[..number]);
        memory.finish(draft(&page, &article.slug), &article.slug);
    }
    let page = invented::page(4, 4, &articles[5], &articles[..5]);
    let first = memory.finish(draft(&page, &articles[5].slug), &articles[5].slug).0;
    let learned = memory.articles();
    for _ in 0..20 {
        let again = memory.finish(draft(&page, &articles[5].slug), &articles[5].slug).0;
        assert_eq!(again, first);
    }
    assert_eq!(memory.articles(), learned);
}

#[test]
fn a_byline_is_read_where_the_feed_had_confirmed_it_on_other_pages() {
    let articles = invented::articles(6, 8);
    let mut memory = SiteMemory::default();
    let mut last = None;
    for (number, article) in articles.iter().enumerate() {
        let page = invented::page(6, 6, article, &articles[..number])
            .replace("</h1>", &format!("</h1><div class=who77>{}</div>", article.author));
        let told = [article.author.to_owned()];
        let authors: &[String] = if number < 6 { &told } else { &[] };
        let input = PageInput {
            body: page.as_bytes(),
            url: Some("https://site.example/x"),
            hints: extractor::Hints { authors, ..extractor::Hints::default() },
            ..PageInput::default()
        };
        last = Some((memory.finish(Draft::new(&input), &article.slug).0, article.author));
    }
    let Some((Extracted::Article(content), author)) = last else {
        panic!("no article");
    };
    assert_eq!(content.authors, [author]);
}
