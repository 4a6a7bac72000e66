//! Scores the extractor on the corpora, and its time beside `scraper::Html::parse_document` alone
//! on the same pages in the same run: `cargo run --release -p extractor --example evaluate`.
//!
//! Folder: `NEWSWIRE_CORPORA`, default `../shared/corpora`. `--worst N` lists the worst pages,
//! `--show SET ID` prints wanted and got of one page, `--no-time` leaves the timing out,
//! `--report FILE` writes the worst pages as HTML, wanted and got side by side.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, missing_docs)]
#![allow(clippy::format_push_string, clippy::case_sensitive_file_extension_comparisons)]

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use extractor::{Extracted, PageInput, extract};
use serde_json::Value;

struct Case {
    id: String,
    url: Option<String>,
    body: Vec<u8>,
    row: Value,
}

fn main() {
    let folder = PathBuf::from(
        std::env::var("NEWSWIRE_CORPORA").unwrap_or_else(|_| "../shared/corpora".to_owned()),
    );
    if !folder.is_dir() {
        eprintln!("SKIPPED: no corpora at {}", folder.display());
        return;
    }
    let arguments: Vec<String> = std::env::args().collect();
    let option = |name: &str| arguments.iter().position(|a| a == name).map(|at| at + 1);
    let worst: usize = option("--worst").map_or(0, |at| arguments[at].parse().unwrap());
    if let Some(at) = option("--show") {
        show(&folder, &arguments[at], &arguments[at + 1]);
        return;
    }
    if let Some(at) = option("--report") {
        std::fs::write(&arguments[at], report(&folder)).unwrap();
        println!("written: {}", arguments[at]);
        return;
    }
    let sets = ["wcxb", "snippets", "readability", "seeds"];
    for set in sets {
        let cases = load(&folder, set);
        score(set, &cases, worst);
        if option("--no-time").is_none() {
            time(set, &cases);
        }
    }
}

fn set_folder(folder: &Path, set: &str) -> PathBuf {
    if set == "seeds" {
        folder.join("../samples/seeds")
    } else {
        folder.join("extraction").join(set)
    }
}

fn load(folder: &Path, set: &str) -> Vec<Case> {
    let folder = set_folder(folder, set);
    let index = std::fs::read_to_string(folder.join("index.jsonl")).unwrap();
    index
        .lines()
        .map(|line| {
            let row: Value = serde_json::from_str(line).unwrap();
            let bytes = std::fs::read(folder.join(row["html"].as_str().unwrap())).unwrap();
            let mut body = Vec::new();
            if row["html"].as_str().unwrap().ends_with(".gz") {
                flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut body).unwrap();
            } else {
                body = bytes;
            }
            Case {
                id: row["id"].as_str().unwrap().to_owned(),
                url: row["url"].as_str().map(str::to_owned),
                body,
                row,
            }
        })
        .collect()
}

fn run(case: &Case) -> Extracted {
    extract(&PageInput { body: &case.body, url: case.url.as_deref(), ..PageInput::default() })
}

fn tokens(text: &str) -> Vec<&str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|token| !token.is_empty())
        .collect()
}

fn shingles<'t>(tokens: &[&'t str]) -> HashMap<Vec<&'t str>, f64> {
    let mut counts = HashMap::new();
    if tokens.is_empty() {
        return counts;
    }
    let size = tokens.len().min(4);
    for window in tokens.windows(size) {
        *counts.entry(window.to_vec()).or_insert(0.0) += 1.0;
    }
    counts
}

/// tp, fp, fn as shares of their sum.
fn overlap<K: std::hash::Hash + Eq>(
    wanted: &HashMap<K, f64>,
    got: &HashMap<K, f64>,
) -> (f64, f64, f64) {
    let (mut tp, mut fp, mut missing) = (0.0, 0.0, 0.0);
    for (key, count) in wanted {
        let have = got.get(key).copied().unwrap_or(0.0);
        tp += count.min(have);
        missing += (count - have).max(0.0);
    }
    for (key, count) in got {
        fp += (count - wanted.get(key).copied().unwrap_or(0.0)).max(0.0);
    }
    let sum: f64 = tp + fp + missing;
    if sum == 0.0 { (0.0, 0.0, 0.0) } else { (tp / sum, fp / sum, missing / sum) }
}

fn f1(p: f64, r: f64) -> f64 {
    if p + r == 0.0 { 0.0 } else { 2.0 * p * r / (p + r) }
}

fn fold(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn spaces(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[derive(Default)]
struct Share {
    hit: f64,
    all: f64,
}

impl Share {
    fn add(&mut self, hit: bool) {
        self.hit += f64::from(u8::from(hit));
        self.all += 1.0;
    }
    fn text(&self) -> String {
        format!("{:.3} ({}/{})", self.hit / self.all.max(1.0), self.hit, self.all)
    }
}

fn score(set: &str, cases: &[Case], worst: usize) {
    let (mut micro, mut ps, mut rs) = ([0.0; 3], Vec::new(), Vec::new());
    let mut words: Vec<f64> = Vec::new();
    let (mut with, mut without) = (Share::default(), Share::default());
    let (mut title, mut date, mut author, mut author_any) =
        (Share::default(), Share::default(), Share::default(), Share::default());
    let mut date_near = Share::default();
    // (confidence, F1) of pages with known text: whether the confidence means something.
    let mut curve: Vec<(f64, f64)> = Vec::new();
    let mut skipped: HashMap<&str, usize> = HashMap::new();
    let mut listing: Vec<(f64, String)> = Vec::new();
    for case in cases {
        let article = match run(case) {
            Extracted::Article(article) => Some(article),
            Extracted::Skipped { reason, .. } => {
                *skipped.entry(reason.as_str()).or_insert(0) += 1;
                None
            }
        };
        let text = article.as_ref().map(|a| a.text.clone()).unwrap_or_default();
        let mut grade = 1.0;
        let mut note = String::new();
        if let Some(wanted) = case.row["text"].as_str() {
            let (want, got) = (tokens(wanted), tokens(&text));
            let (tp, fp, missing) = overlap(&shingles(&want), &shingles(&got));
            micro[0] += tp;
            micro[1] += fp;
            micro[2] += missing;
            if tp + fp > 0.0 {
                ps.push(tp / (tp + fp));
            }
            if tp + missing > 0.0 {
                rs.push(tp / (tp + missing));
            }
            let bag = |list: &[&str]| {
                let mut bag: HashMap<String, f64> = HashMap::new();
                for token in list {
                    *bag.entry(token.to_lowercase()).or_insert(0.0) += 1.0;
                }
                bag
            };
            let (wtp, wfp, wfn) = overlap(&bag(&want), &bag(&got));
            let word = f1(wtp / (wtp + wfp).max(1e-9), wtp / (wtp + wfn).max(1e-9));
            words.push(word);
            grade = f1(tp / (tp + fp).max(1e-9), tp / (tp + missing).max(1e-9));
            if let Some(article) = &article {
                curve.push((article.confidence, grade));
            }
            note = format!(
                "P {:.2} R {:.2} want {} got {}",
                tp / (tp + fp).max(1e-9),
                tp / (tp + missing).max(1e-9),
                want.len(),
                got.len()
            );
        }
        let flat = spaces(&text);
        let mut bad = 0;
        for snippet in case.row["with"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let hit = flat.contains(&spaces(snippet));
            with.add(hit);
            bad += u32::from(!hit);
            if !hit && set == "snippets" {
                note += &format!("\n      - {snippet}");
            }
        }
        for snippet in
            case.row["without"].as_array().into_iter().flatten().filter_map(Value::as_str)
        {
            let kept_out = !flat.contains(&spaces(snippet));
            without.add(kept_out);
            bad += u32::from(!kept_out);
            if !kept_out && set == "snippets" {
                note += &format!("\n      + {snippet}");
            }
        }
        if set == "snippets" {
            grade = -f64::from(bad);
        }
        let mut wrong = String::new();
        if let Some(wanted) = case.row["title"].as_str() {
            let got = article.as_ref().and_then(|a| a.title.clone()).unwrap_or_default();
            title.add(fold(&got) == fold(wanted));
            if fold(&got) != fold(wanted) {
                wrong += &format!("\n    TITLE want `{wanted}` got `{got}`");
            }
        }
        if let Some(wanted) = case.row["date"].as_str().or_else(|| case.row["published"].as_str()) {
            let got = article
                .as_ref()
                .and_then(|a| a.published_at)
                .map(|at| at.to_string()[..10].to_owned())
                .unwrap_or_default();
            let hit = wanted.len() >= 10 && got == wanted[..10];
            date.add(hit);
            let day = |text: &str| format!("{text}T00:00:00Z").parse::<events::Timestamp>().ok();
            let near = match (day(&wanted[..wanted.len().min(10)]), day(&got)) {
                (Some(one), Some(two)) => one.millis_since(two).abs() <= 86_400_000,
                _ => false,
            };
            date_near.add(near);
            if !hit {
                wrong += &format!("\n    DATE want `{wanted}` got `{got}`");
            }
        }
        if let Some(wanted) = case.row["authors"].as_array().filter(|list| !list.is_empty()) {
            let mut want: Vec<String> = wanted.iter().filter_map(Value::as_str).map(fold).collect();
            let names = article.as_ref().map(|a| a.authors.clone()).unwrap_or_default();
            let mut got: Vec<String> = names.iter().map(|name| fold(name)).collect();
            author_any.add(want.iter().any(|name| got.contains(name)));
            want.sort();
            got.sort();
            author.add(want == got);
            if want != got {
                wrong += &format!("\n    AUTHOR want {wanted:?} got {names:?}");
            }
        }
        listing.push((
            grade,
            format!(
                "{set} {} {:.3} {} {note}{wrong}",
                case.id,
                grade,
                case.url.as_deref().unwrap_or("")
            ),
        ));
    }
    let mean = |list: &[f64]| list.iter().sum::<f64>() / list.len().max(1) as f64;
    let (mp, mr) =
        (micro[0] / (micro[0] + micro[1]).max(1e-9), micro[0] / (micro[0] + micro[2]).max(1e-9));
    println!("== {set}: {} pages", cases.len());
    if !words.is_empty() {
        println!(
            "shingle F1 {:.4} (P {:.4} R {:.4}); micro F1 {:.4} (P {mp:.4} R {mr:.4}); word F1 {:.4}",
            f1(mean(&ps), mean(&rs)),
            mean(&ps),
            mean(&rs),
            f1(mp, mr),
            mean(&words)
        );
    }
    if with.all > 0.0 {
        let (tp, fp) = (with.hit, without.all - without.hit);
        let p = tp / (tp + fp);
        let r = tp / with.all;
        println!(
            "snippets F1 {:.4} (P {p:.4} R {r:.4}); with found {}, without kept out {}",
            f1(p, r),
            with.text(),
            without.text()
        );
    }
    println!(
        "title {}; date {}, within a day {}; author exact {}, any {}",
        title.text(),
        date.text(),
        date_near.text(),
        author.text(),
        author_any.text()
    );
    if !curve.is_empty() {
        curve.sort_by(|a, b| a.0.total_cmp(&b.0));
        let steps: Vec<String> = curve
            .chunks(curve.len().div_ceil(5))
            .map(|part| {
                let mean = |pick: fn(&(f64, f64)) -> f64| {
                    part.iter().map(pick).sum::<f64>() / part.len() as f64
                };
                format!("{:.2} -> {:.3}", mean(|pair| pair.0), mean(|pair| pair.1))
            })
            .collect();
        println!("confidence -> shingle F1 by fifths: {}", steps.join(", "));
    }
    let mut skipped: Vec<_> = skipped.into_iter().collect();
    skipped.sort_unstable();
    println!("skipped {skipped:?}");
    listing.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (_, line) in listing.iter().take(worst) {
        println!("  {line}");
    }
}

fn time(set: &str, cases: &[Case]) {
    let texts: Vec<String> =
        cases.iter().map(|case| String::from_utf8_lossy(&case.body).into_owned()).collect();
    // Interleaved, best of three of each page, so that a busy machine disturbs both alike.
    let mut parse = Duration::ZERO;
    let mut whole = Duration::ZERO;
    for (case, text) in cases.iter().zip(&texts) {
        let mut best = [Duration::MAX; 2];
        for _ in 0..3 {
            let start = Instant::now();
            drop(std::hint::black_box(scraper::Html::parse_document(text)));
            best[0] = best[0].min(start.elapsed());
            let start = Instant::now();
            drop(std::hint::black_box(run(case)));
            best[1] = best[1].min(start.elapsed());
        }
        parse += best[0];
        whole += best[1];
    }
    println!(
        "time {set}: parse {parse:.2?}, extract {whole:.2?}, ratio {:.2}",
        whole.as_secs_f64() / parse.as_secs_f64()
    );
}

fn show(folder: &Path, set: &str, id: &str) {
    for case in load(folder, set).iter().filter(|case| case.id == id) {
        println!("{}", case.url.as_deref().unwrap_or(""));
        println!("=== WANTED\n{}", case.row["text"].as_str().unwrap_or(""));
        match run(case) {
            Extracted::Article(article) => println!(
                "=== GOT {:?} {:?} {:?} {:?}\n{}",
                article.title,
                article.authors,
                article.published_at,
                article.language,
                article.text
            ),
            other @ Extracted::Skipped { .. } => println!("=== {other:?}"),
        }
    }
}

/// Pages in the report.
const REPORTED: usize = 60;

/// The worst pages of the set with whole texts: what is too much is red, what is missing is blue.
fn report(folder: &Path) -> String {
    let mut pages: Vec<(f64, String)> = Vec::new();
    for case in load(folder, "wcxb") {
        let wanted = case.row["text"].as_str().unwrap_or_default();
        let (title, got) = match run(&case) {
            Extracted::Article(article) => (article.title.unwrap_or_default(), article.text),
            Extracted::Skipped { reason, detail } => (format!("{reason}: {detail}"), String::new()),
        };
        let (want_tokens, got_tokens) = (tokens(wanted), tokens(&got));
        let (tp, fp, missing) = overlap(&shingles(&want_tokens), &shingles(&got_tokens));
        let grade = f1(tp / (tp + fp).max(1e-9), tp / (tp + missing).max(1e-9));
        pages.push((
            grade,
            format!(
                "<section><h2>{} · {grade:.3} · precision {:.2}, recall {:.2}</h2><p><a href=\"{url}\">{url}</a><br>title wanted: {}<br>title got: {}</p><div class=two><div>{}</div><div>{}</div></div></section>",
                escape(&case.id),
                tp / (tp + fp).max(1e-9),
                tp / (tp + missing).max(1e-9),
                escape(case.row["title"].as_str().unwrap_or_default()),
                escape(&title),
                marked(wanted, &got, "missing"),
                marked(&got, wanted, "extra"),
                url = escape(case.url.as_deref().unwrap_or_default()),
            ),
        ));
    }
    pages.sort_by(|a, b| a.0.total_cmp(&b.0));
    let body: String = pages.into_iter().take(REPORTED).map(|(_, html)| html).collect();
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>Extraction: the worst pages</title><style>body{{font:15px/1.45 system-ui,sans-serif;margin:1.5rem auto;max-width:80rem;padding:0 1rem;color:#222;background:#fff}}h2{{font-size:1.05rem;margin:2rem 0 .3rem;border-top:1px solid #ccc;padding-top:1rem}}.two{{display:grid;grid-template-columns:1fr 1fr;gap:1.5rem}}.two>div{{max-height:34rem;overflow:auto;min-width:0;overflow-wrap:anywhere}}.missing{{background:#d6e8ff;border-left:4px solid #1763c6;padding-left:.5rem}}.extra{{background:#ffe0dc;border-left:4px solid #b3261e;padding-left:.5rem}}</style><h1>Extraction: the worst pages</h1><p>Left what is wanted, right what was got. <span class=missing>Missing</span> stands only left, <span class=extra>too much</span> only right.</p>{body}"
    )
}

/// Lines of a text; those that the other text does not hold are marked.
fn marked(text: &str, other: &str, class: &str) -> String {
    let other = fold(other);
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let folded = fold(line);
            let known = folded.is_empty() || other.contains(&folded);
            let class = if known { String::new() } else { format!(" class={class}") };
            format!("<p{class}>{}</p>", escape(line))
        })
        .collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
