//! The error report for people: the worst pages of a set, wanted and got side by side.

use std::path::Path;

use crate::scores::{Got, Overlap, fold, load};

/// Pages in the report.
const REPORTED: usize = 60;

const STYLE: &str = "body{font:15px/1.45 system-ui,sans-serif;margin:1.5rem auto;max-width:80rem;padding:0 1rem;color:#222;background:#fff}\
h2{font-size:1.05rem;margin:2rem 0 .3rem;border-top:1px solid #ccc;padding-top:1rem;overflow-wrap:anywhere}\
.two{display:grid;grid-template-columns:1fr 1fr;gap:1.5rem}\
.two>div{max-height:34rem;overflow:auto;min-width:0;overflow-wrap:anywhere}\
.missing{background:#d6e8ff;border-left:4px solid #1763c6;padding-left:.5rem}\
.extra{background:#ffe0dc;border-left:4px solid #b3261e;padding-left:.5rem}\
.same{color:#777}table{border-collapse:collapse}td,th{padding:.1rem .8rem .1rem 0;text-align:left}\
td:first-child{overflow-wrap:anywhere}";

/// Writes the report of a set; what is too much is red, what is missing is blue.
pub(crate) fn report(
    folder: &Path,
    set: &str,
    run: impl Fn(&crate::scores::Case) -> Got,
) -> String {
    let mut pages: Vec<(f64, String, String)> = Vec::new();
    for case in load(folder, set) {
        let wanted = case.row["text"].as_str().unwrap_or_default();
        let got = run(&case);
        let overlap = Overlap::of_texts(wanted, &got.text);
        let (grade, id) = (overlap.f1(), escape(&case.id));
        let figures = format!(
            "{grade:.3}</td><td>{:.2}</td><td>{:.2}</td><td>{}",
            overlap.precision(),
            overlap.recall(),
            got.confidence.map_or_else(|| escape(&got.skipped), |sure| format!("{sure:.2}"))
        );
        let row = format!("<tr><td><a href=\"#p{id}\">{id}</a></td><td>{figures}</td></tr>");
        let page = format!(
            "<section id=\"p{id}\"><h2>{id} · {grade:.3} · precision {:.2}, recall {:.2}</h2><p><a href=\"{url}\">{url}</a><br>title wanted: {}<br>title got: {}{}</p><div class=two><div>{}</div><div>{}</div></div></section>",
            overlap.precision(),
            overlap.recall(),
            escape(case.row["title"].as_str().unwrap_or_default()),
            escape(&got.title),
            if got.skipped.is_empty() {
                String::new()
            } else {
                format!("<br>outcome: {}", escape(&got.skipped))
            },
            marked(wanted, &got.text, "missing"),
            marked(&got.text, wanted, "extra"),
            url = escape(case.url.as_deref().unwrap_or_default()),
        );
        pages.push((grade, row, page));
    }
    pages.sort_by(|a, b| a.0.total_cmp(&b.0));
    pages.truncate(REPORTED);
    let rows: String = pages.iter().map(|(_, row, _)| row.as_str()).collect();
    let sections: String = pages.iter().map(|(_, _, page)| page.as_str()).collect();
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\"><title>Extraction: the worst pages</title><style>{STYLE}</style><h1>Extraction: the worst {REPORTED} pages of {set}</h1><p>Left what is wanted, right what was got. <span class=missing>Missing</span> stands only left, <span class=extra>too much</span> only right; runs of lines that both hold are folded.</p><details><summary>All of them in a table</summary><table><tr><th>page<th>F1<th>precision<th>recall<th>confidence or outcome</tr>{rows}</table></details>{sections}"
    )
}

/// Lines of a text; those that the other text does not hold are marked, the rest is folded to the
/// lines at the ends of each run.
fn marked(text: &str, other: &str, class: &str) -> String {
    let other = fold(other);
    let lines: Vec<(bool, &str)> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let folded = fold(line);
            (folded.is_empty() || other.contains(&folded), line)
        })
        .collect();
    let mut html = String::new();
    for run in lines.chunk_by(|one, two| one.0 == two.0) {
        if !run[0].0 {
            for (_, line) in run {
                html += &format!("<p class={class}>{}</p>", escape(line));
            }
            continue;
        }
        let show = |line: &str| format!("<p>{}</p>", escape(line));
        if run.len() <= 3 {
            html.extend(run.iter().map(|(_, line)| show(line)));
        } else {
            html += &show(run[0].1);
            html += &format!("<p class=same>… {} lines …</p>", run.len() - 2);
            html += &show(run[run.len() - 1].1);
        }
    }
    html
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
