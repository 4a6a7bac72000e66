//! The corpora and their scores, as the README of the corpora defines them: 4-gram shingles, word
//! bags, snippets, folded titles, days, people. Knows no extractor, so that peers are measured by
//! the same code (tests/peers).

use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::path::Path;

use serde_json::Value;

/// A page with its gold.
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) url: Option<String>,
    pub(crate) body: Vec<u8>,
    pub(crate) row: Value,
}

/// What an extractor made of a page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Got {
    pub(crate) text: String,
    pub(crate) title: String,
    pub(crate) authors: Vec<String>,
    /// `2025-12-02`, or empty.
    pub(crate) day: String,
    /// Where the extractor says how sure it is.
    pub(crate) confidence: Option<f64>,
    /// Two letters, or empty.
    pub(crate) language: String,
    /// Why there is no article, or empty.
    pub(crate) skipped: String,
}

/// Reads a set: its index and the pages.
pub(crate) fn load(folder: &Path, set: &str) -> Vec<Case> {
    let folder = if set == "seeds" {
        folder.join("../samples/seeds")
    } else {
        folder.join("extraction").join(set)
    };
    let index = std::fs::read_to_string(folder.join("index.jsonl")).unwrap();
    index
        .lines()
        .map(|line| {
            let row: Value = serde_json::from_str(line).unwrap();
            let name = row["html"].as_str().unwrap();
            let bytes = std::fs::read(folder.join(name)).unwrap();
            let mut body = Vec::new();
            if Path::new(name).extension().is_some_and(|end| end == "gz") {
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

pub(crate) fn tokens(text: &str) -> Vec<&str> {
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

fn bag(tokens: &[&str]) -> HashMap<String, f64> {
    let mut bag = HashMap::new();
    for token in tokens {
        *bag.entry(token.to_lowercase()).or_insert(0.0) += 1.0;
    }
    bag
}

/// What two multisets share, what is too much, what is missing: as shares of their sum.
#[derive(Clone, Copy, Default)]
pub(crate) struct Overlap {
    both: f64,
    extra: f64,
    missing: f64,
}

impl Overlap {
    fn of<K: std::hash::Hash + Eq>(wanted: &HashMap<K, f64>, got: &HashMap<K, f64>) -> Self {
        let mut sums = Self::default();
        for (key, count) in wanted {
            let have = got.get(key).copied().unwrap_or(0.0);
            sums.both += count.min(have);
            sums.missing += (count - have).max(0.0);
        }
        for (key, count) in got {
            sums.extra += (count - wanted.get(key).copied().unwrap_or(0.0)).max(0.0);
        }
        let all = sums.both + sums.extra + sums.missing;
        if all == 0.0 {
            return sums;
        }
        Self { both: sums.both / all, extra: sums.extra / all, missing: sums.missing / all }
    }

    /// Overlap of the 4-gram shingles of two texts.
    pub(crate) fn of_texts(wanted: &str, got: &str) -> Self {
        Self::of(&shingles(&tokens(wanted)), &shingles(&tokens(got)))
    }

    pub(crate) fn precision(self) -> f64 {
        self.both / (self.both + self.extra).max(1e-9)
    }

    pub(crate) fn recall(self) -> f64 {
        self.both / (self.both + self.missing).max(1e-9)
    }

    pub(crate) fn f1(self) -> f64 {
        f1(self.precision(), self.recall())
    }
}

fn f1(precision: f64, recall: f64) -> f64 {
    if precision + recall == 0.0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) }
}

pub(crate) fn fold(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn spaces(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// A share of cases.
#[derive(Clone, Copy, Default)]
pub(crate) struct Share {
    hit: f64,
    all: f64,
}

impl Share {
    fn add(&mut self, hit: bool) {
        self.hit += f64::from(u8::from(hit));
        self.all += 1.0;
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.3} ({}/{})", self.hit / self.all.max(1.0), self.hit, self.all)
    }
}

/// Sums over the pages of a set.
#[derive(Default)]
pub(crate) struct Scores {
    pages: usize,
    micro: Overlap,
    precisions: Vec<f64>,
    recalls: Vec<f64>,
    words: Vec<f64>,
    with: Share,
    without: Share,
    title: Share,
    date: Share,
    date_near: Share,
    author: Share,
    author_any: Share,
    /// (confidence, shingle F1).
    curve: Vec<(f64, f64)>,
}

/// A page's score and what was wrong with it, for people.
pub(crate) struct Grade {
    /// Shingle F1; where there is no text, minus the number of wrong snippets.
    pub(crate) grade: f64,
    pub(crate) note: String,
}

impl Scores {
    /// Adds a page.
    pub(crate) fn add(&mut self, case: &Case, got: &Got) -> Grade {
        self.pages += 1;
        let (mut grade, mut note) = (1.0, String::new());
        if let Some(wanted) = case.row["text"].as_str() {
            let (want, have) = (tokens(wanted), tokens(&got.text));
            let overlap = Overlap::of_texts(wanted, &got.text);
            self.micro.both += overlap.both;
            self.micro.extra += overlap.extra;
            self.micro.missing += overlap.missing;
            if overlap.both + overlap.extra > 0.0 {
                self.precisions.push(overlap.precision());
            }
            if overlap.both + overlap.missing > 0.0 {
                self.recalls.push(overlap.recall());
            }
            self.words.push(Overlap::of(&bag(&want), &bag(&have)).f1());
            grade = overlap.f1();
            if let Some(confidence) = got.confidence {
                self.curve.push((confidence, grade));
            }
            note = format!(
                "P {:.2} R {:.2} want {} got {}",
                overlap.precision(),
                overlap.recall(),
                want.len(),
                have.len()
            );
        }
        let bad = self.add_snippets(case, got, &mut note);
        if case.row["text"].as_str().is_none() {
            grade = -f64::from(bad);
        }
        self.add_metadata(case, got, &mut note);
        Grade { grade, note }
    }

    fn add_snippets(&mut self, case: &Case, got: &Got, note: &mut String) -> u32 {
        let flat = spaces(&got.text);
        let tells = case.row["text"].as_str().is_none();
        let mut bad = 0;
        for (field, wanted, sign) in [("with", true, '-'), ("without", false, '+')] {
            for snippet in strings(&case.row[field]) {
                let right = flat.contains(&spaces(snippet)) == wanted;
                let share = if wanted { &mut self.with } else { &mut self.without };
                share.add(right);
                bad += u32::from(!right);
                if !right && tells {
                    *note += &format!("\n      {sign} {snippet}");
                }
            }
        }
        bad
    }

    fn add_metadata(&mut self, case: &Case, got: &Got, note: &mut String) {
        if let Some(wanted) = case.row["title"].as_str() {
            let right = fold(&got.title) == fold(wanted);
            self.title.add(right);
            if !right {
                *note += &format!("\n    TITLE want `{wanted}` got `{}`", got.title);
            }
        }
        if let Some(wanted) = case.row["date"].as_str().or_else(|| case.row["published"].as_str()) {
            let right = wanted.len() >= 10 && got.day == wanted[..10];
            self.date.add(right);
            let day = |text: &str| format!("{text}T00:00:00Z").parse::<events::Timestamp>().ok();
            let near = match (day(&wanted[..wanted.len().min(10)]), day(&got.day)) {
                (Some(one), Some(two)) => one.millis_since(two).abs() <= 86_400_000,
                _ => false,
            };
            self.date_near.add(near);
            if !right {
                *note += &format!("\n    DATE want `{wanted}` got `{}`", got.day);
            }
        }
        let wanted: Vec<&str> = strings(&case.row["authors"]).collect();
        if !wanted.is_empty() {
            let mut want: Vec<String> = wanted.iter().map(|name| fold(name)).collect();
            let mut have: Vec<String> = got.authors.iter().map(|name| fold(name)).collect();
            self.author_any.add(want.iter().any(|name| have.contains(name)));
            want.sort();
            have.sort();
            self.author.add(want == have);
            if want != have {
                *note += &format!("\n    AUTHOR want {wanted:?} got {:?}", got.authors);
            }
        }
    }

    /// Shingle F1 as the benchmark takes it: of the means of precision and recall.
    pub(crate) fn shingle_f1(&self) -> Option<f64> {
        (!self.words.is_empty()).then(|| f1(mean(&self.precisions), mean(&self.recalls)))
    }

    /// F1 of the snippets found and kept out.
    pub(crate) fn snippet_f1(&self) -> Option<f64> {
        let extra = self.without.all - self.without.hit;
        (self.with.all > 0.0)
            .then(|| f1(self.with.hit / (self.with.hit + extra), self.with.hit / self.with.all))
    }
}

impl std::fmt::Display for Scores {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(shingle) = self.shingle_f1() {
            writeln!(
                f,
                "shingle F1 {shingle:.4} (P {:.4} R {:.4}); micro F1 {:.4} (P {:.4} R {:.4}); word F1 {:.4}",
                mean(&self.precisions),
                mean(&self.recalls),
                self.micro.f1(),
                self.micro.precision(),
                self.micro.recall(),
                mean(&self.words)
            )?;
        }
        if let Some(snippets) = self.snippet_f1() {
            let extra = self.without.all - self.without.hit;
            writeln!(
                f,
                "snippets F1 {snippets:.4} (P {:.4} R {:.4}); with found {}, without kept out {}",
                self.with.hit / (self.with.hit + extra),
                self.with.hit / self.with.all,
                self.with,
                self.without
            )?;
        }
        write!(
            f,
            "title {}; date {}, within a day {}; author exact {}, any {}",
            self.title, self.date, self.date_near, self.author, self.author_any
        )?;
        if self.curve.is_empty() {
            return Ok(());
        }
        let mut bins: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
        for (confidence, grade) in &self.curve {
            bins.entry((confidence * 10.0) as u32).or_default().push(*grade);
        }
        let bins: Vec<String> = bins
            .iter()
            .rev()
            .map(|(bin, grades)| format!("0.{bin}+ {:.3} ({})", mean(grades), grades.len()))
            .collect();
        let mut curve = self.curve.clone();
        curve.sort_by(|a, b| a.0.total_cmp(&b.0));
        let fifths: Vec<String> = curve
            .chunks(curve.len().div_ceil(5))
            .map(|part| {
                let (sure, grades): (Vec<f64>, Vec<f64>) = part.iter().copied().unzip();
                format!("{:.2} -> {:.3}", mean(&sure), mean(&grades))
            })
            .collect();
        write!(
            f,
            "\nconfidence -> shingle F1 by fifths: {}; by tenths: {}",
            fifths.join(", "),
            bins.join(", ")
        )
    }
}

fn mean(list: &[f64]) -> f64 {
    list.iter().sum::<f64>() / list.len().max(1) as f64
}
