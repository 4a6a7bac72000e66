//! A report for a person.

use std::io::Write;

use events::Timestamp;

use super::Report;
use super::web::{Asked, Described, Found};
use crate::commands::status::name_of;
use crate::failure::Failure;
use crate::printing::{Paint, column};

/// Width of the names at the left.
const NAMES: usize = 14;
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

pub(super) fn show(out: &mut impl Write, report: &Report) -> Result<(), Failure> {
    let paint = Paint::detect();
    writeln!(out, "{}", paint.bold(&report.url))?;
    known(out, report)?;
    if !report.entries.is_empty() {
        writeln!(out, "{}", paint.bold("latest entries, and what became of them"))?;
        for entry in &report.entries {
            let fate = entry.fate.as_ref().map_or_else(|| "on its way".to_owned(), name_of);
            let title = entry.title.as_deref().or(entry.link.as_deref()).unwrap_or(&entry.id);
            writeln!(out, "  {}  {}  {}", entry.seen_at, column(&fate, 24), column(title, 60))?;
            if let Some(waits) = &entry.waits {
                line(out, "  waits", &format!("{}: {}", when(waits.until), waits.why))?;
            }
        }
    }
    if let Some(now) = &report.now {
        writeln!(out, "{}", paint.bold("asked just now"))?;
        asked(out, now, paint)?;
    }
    if !report.found.is_empty() {
        writeln!(out, "{}", paint.bold("found from there"))?;
        for found in &report.found {
            one_found(out, found, paint)?;
        }
    }
    Ok(())
}

fn line(out: &mut impl Write, name: &str, words: &str) -> Result<(), Failure> {
    // Words of strangers: control characters go.
    let words: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    writeln!(out, "  {}{words}", column(name, NAMES))?;
    Ok(())
}

/// What the log says.
fn known(out: &mut impl Write, report: &Report) -> Result<(), Failure> {
    let Some(subscription) = &report.subscription else {
        return line(out, "subscribed", "no; `newswire feeds add` does that");
    };
    let mut words = format!("since {}", subscription.added_at);
    if !subscription.tags.is_empty() {
        words.push_str(", tags ");
        words.push_str(&subscription.tags.join(", "));
    }
    if subscription.url != report.url {
        words.push_str(", as ");
        words.push_str(&subscription.url);
    }
    if subscription.paused {
        words.push_str(", paused");
    }
    if subscription.no_revisits {
        words.push_str(", pages are not revisited");
    }
    line(out, "subscribed", &words)?;
    let Some(state) = &report.state else {
        return line(out, "polled", "not yet");
    };
    if let Some(moved_to) = &state.moved_to {
        line(out, "polled at", moved_to)?;
    }
    match state.next_at {
        Some(at) => line(out, "next poll", &format!("{}: {}", when(at), state.why))?,
        None => line(out, "next poll", "none: it is paused")?,
    }
    if let Some(at) = state.polled_at {
        let status = state.last_status.map_or_else(String::new, |status| format!(", {status}"));
        line(out, "last poll", &format!("{}: {}{status}", when(at), state.outcome))?;
    }
    if state.failures > 0 {
        let since = state
            .good_at
            .map_or_else(|| "never worked".to_owned(), |at| format!("last worked {}", when(at)));
        let often = match state.failures {
            1 => "once".to_owned(),
            often => format!("{often} times in a row"),
        };
        line(out, "failing", &format!("{often}, {since}"))?;
    }
    let newest = state.new_at.map_or_else(String::new, |at| format!(", the newest {}", when(at)));
    let counts = format!("{} polls, {} entries{newest}", state.polls, state.entries);
    line(out, "so far", &counts)?;
    if let Some(until) = state.pushed_until {
        line(out, "WebSub", &format!("a hub delivers until {}", when(until)))?;
    }
    if state.overflows > 0 {
        line(
            out,
            "gaps",
            &format!("{} times no entry was known: some were missed", state.overflows),
        )?;
    }
    for problem in &state.problems {
        line(out, "problem", problem)?;
    }
    Ok(())
}

fn asked(out: &mut impl Write, now: &Asked, paint: Paint) -> Result<(), Failure> {
    let mark = if now.is_feed { paint.good("✓") } else { paint.bad("✗") };
    for (status, url) in &now.hops {
        line(out, "redirect", &format!("{status} {url}"))?;
    }
    match (&now.url, now.status) {
        (Some(url), Some(status)) => {
            writeln!(
                out,
                "{mark} {}{status}, {} bytes, {url}",
                column("answer", NAMES),
                now.bytes
            )?;
        }
        _ => {
            let why = column(&now.why, 200);
            writeln!(out, "{mark} {}{}", column("answer", NAMES), why.trim_end())?;
        }
    }
    for (name, value) in &now.headers {
        line(out, name, value)?;
    }
    if let Some(feed) = &now.feed {
        described(out, feed)?;
        let interval = span(now.interval_s);
        line(out, "schedule", &format!("a poll would follow after {interval}: {}", now.why))?;
    } else if now.status.is_some() {
        line(out, "outcome", &format!("{}: {}", now.outcome, now.why))?;
    }
    Ok(())
}

fn described(out: &mut impl Write, feed: &Described) -> Result<(), Failure> {
    let title = feed.title.as_deref().unwrap_or("without a title");
    let language = feed.language.as_deref().map_or_else(String::new, |tag| format!(" ({tag})"));
    line(out, "feed", &format!("{}, {title}{language}", feed.format))?;
    let dates = match (feed.oldest_at, feed.newest_at) {
        (Some(oldest), Some(newest)) => format!(", from {oldest} to {newest}"),
        _ => String::new(),
    };
    if feed.sitemaps > 0 {
        line(out, "sitemaps", &feed.sitemaps.to_string())?;
    } else {
        line(out, "entries", &format!("{}{dates}", feed.entries))?;
    }
    for (count, what) in [
        (feed.without_title, "without a title"),
        (feed.without_link, "without a link"),
        (feed.without_date, "without a date"),
        (feed.without_id, "without an id of their own"),
        (feed.with_full_text, "with their whole text: their pages need not be fetched"),
    ] {
        if count > 0 {
            line(out, "", &format!("{count} {what}"))?;
        }
    }
    let mut hints = Vec::new();
    hints.extend(feed.ttl_s.map(|seconds| format!("ttl {}", span(seconds))));
    hints.extend(feed.period_s.map(|seconds| format!("sy:updatePeriod {}", span(seconds))));
    if !feed.skip_hours.is_empty() {
        hints.push(format!("skipHours {:?}", feed.skip_hours));
    }
    if !feed.skip_days.is_empty() {
        let days: Vec<&str> =
            feed.skip_days.iter().filter_map(|day| DAYS.get(usize::from(*day)).copied()).collect();
        hints.push(format!("skipDays {}", days.join(", ")));
    }
    if !hints.is_empty() {
        line(out, "asks for", &hints.join("; "))?;
    }
    for hub in &feed.hubs {
        line(out, "WebSub hub", hub)?;
    }
    if let Some((url, protocol)) = &feed.cloud {
        line(out, "cloud", &format!("{url} ({protocol}); not used"))?;
    }
    for problem in &feed.problems {
        line(out, "problem", problem)?;
    }
    Ok(())
}

fn one_found(out: &mut impl Write, found: &Found, paint: Paint) -> Result<(), Failure> {
    let by = column(found.by, 13);
    if !found.is_feed {
        writeln!(out, "  {} {by}  {}  {}", paint.dim("✗"), found.url, found.outcome)?;
        return Ok(());
    }
    let title = column(found.title.as_deref().unwrap_or(""), 40);
    let newest = found.newest_at.map_or_else(String::new, |at| format!(", newest {at}"));
    let format = found.format.unwrap_or_default();
    writeln!(
        out,
        "  {} {by}  {}\n      {}  {format}, {} entries{newest}",
        paint.good("✓"),
        found.url,
        title,
        found.entries
    )?;
    Ok(())
}

/// A moment, and how far away it is.
fn when(at: Timestamp) -> String {
    let away = at.millis_since(runtime::clock::now()) / 1000;
    let words = span(away.unsigned_abs());
    if away >= 0 { format!("{at} (in {words})") } else { format!("{at} ({words} ago)") }
}

/// Seconds in the largest unit that says enough.
fn span(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}
