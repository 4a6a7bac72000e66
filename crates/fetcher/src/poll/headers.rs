//! What answer headers say about time: how long a document is fresh, how long to stay away.

use events::Timestamp;
use stage::Answer;

use crate::feed::parse_date;

/// Longer waits than a week are taken for mistakes (rule 16 of the research: users expect a week
/// to be honoured).
pub(crate) const LONGEST_WAIT_MS: i64 = 7 * 24 * 3600 * 1000;

/// How long the answer may be kept without asking: `Cache-Control: max-age` less `Age`, else
/// `Expires` (RFC 9111 4.2.1). Seconds; with what it came from.
pub(crate) fn fresh_for(answer: &Answer, now: Timestamp) -> Option<(u64, &'static str)> {
    let control = answer.header_all("cache-control").join(",").to_ascii_lowercase();
    let directive = |name: &str| {
        control
            .split(',')
            .filter_map(|part| part.trim().split_once('='))
            .find(|(found, _)| found.trim() == name)
            .and_then(|(_, value)| seconds(value.trim().trim_matches('"')))
    };
    if control.split(',').any(|part| matches!(part.trim(), "no-cache" | "no-store")) {
        return None;
    }
    // We keep one private copy: s-maxage is not for us.
    if let Some(seconds) = directive("max-age") {
        let age = answer.header("age").and_then(|age| age.trim().parse().ok()).unwrap_or(0);
        return Some((seconds.saturating_sub(age), "max-age")).filter(|(rest, _)| *rest > 0);
    }
    let expires = parse_date(answer.header("expires")?.trim())?;
    let date = answer.header("date").and_then(|date| parse_date(date.trim())).unwrap_or(now);
    let seconds = expires.millis_since(date) / 1000;
    u64::try_from(seconds).ok().filter(|seconds| *seconds > 0).map(|rest| (rest, "Expires"))
}

/// Delta seconds; a number that is too large for anything means for ever (RFC 9111 1.2.2).
fn seconds(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

/// Whether an answer says anything about its freshness.
pub(crate) fn says_freshness(answer: &Answer) -> bool {
    answer.header("cache-control").is_some() || answer.header("expires").is_some()
}

/// How long `Retry-After` asks to wait, in milliseconds: seconds or a date (RFC 9110 10.2.3).
pub(crate) fn retry_after(answer: &Answer, now: Timestamp) -> Option<i64> {
    let text = answer.header("retry-after")?.trim();
    let wait = match text.parse::<f64>() {
        Ok(seconds) if seconds.is_finite() && seconds >= 0.0 => (seconds * 1000.0) as i64,
        Ok(_) => return None,
        Err(_) => parse_date(text)?.millis_since(now),
    };
    (wait > 0).then(|| wait.min(LONGEST_WAIT_MS))
}

/// Whether the answer is a challenge to programs instead of the document (research, rule 21).
pub(crate) fn is_bot_wall(answer: &Answer) -> bool {
    if says_bot_wall(answer) {
        return true;
    }
    let head = &answer.body[..answer.body.len().min(4096)];
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let title = head.split("<title").nth(1).and_then(|rest| rest.split("</title").next());
    let title = title.and_then(|rest| rest.split_once('>')).map_or("", |(_, title)| title.trim());
    if refuses(answer) {
        let challenge = ["just a moment", "attention required! | cloudflare", "ddos-guard"];
        return challenge.iter().any(|sign| title.contains(sign));
    }
    // An article may be called so; sites behind such a service have its scripts on every page.
    let is_exact = title.trim_end_matches(['.', '\u{2026}']) == "just a moment";
    is_exact && head.contains("/cdn-cgi/") || title == "ddos-guard"
}

/// The same by its headers alone: what is in a document that can be read is no sign of a wall.
pub(crate) fn says_bot_wall(answer: &Answer) -> bool {
    let header = |name| answer.header(name);
    header("cf-mitigated").is_some_and(|value| value.contains("challenge"))
        // AWS answers 202 or 405 and a script.
        || header("x-amzn-waf-action").is_some()
        || refuses(answer) && header("x-datadome").is_some()
}

fn refuses(answer: &Answer) -> bool {
    matches!(answer.status, 401 | 403 | 405 | 429 | 503)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_764_000_000);

    fn answer(headers: &[(&str, &str)]) -> Answer {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Answer { status: 200, headers: headers.collect(), ..Answer::default() }
    }

    #[test]
    fn freshness_comes_from_max_age_and_else_from_expires() {
        for (headers, wanted) in [
            (vec![("cache-control", "public, max-age=600")], Some((600, "max-age"))),
            (vec![("cache-control", "max-age=600"), ("age", "100")], Some((500, "max-age"))),
            (vec![("cache-control", "MAX-AGE=\"60\", s-maxage=9")], Some((60, "max-age"))),
            (
                vec![("cache-control", "max-age=600 , stale-while-revalidate=9")],
                Some((600, "max-age")),
            ),
            (vec![("cache-control", "no-cache=\"set-cookie\", max-age=60")], Some((60, "max-age"))),
            (
                vec![("cache-control", "max-age=99999999999999999999999")],
                Some((u64::MAX, "max-age")),
            ),
            (vec![("cache-control", "max-age=-1")], None),
            (vec![("cache-control", "no-cache, max-age=600")], None),
            (vec![("cache-control", "max-age=0"), ("expires", "x")], None),
            (vec![("expires", "0")], None),
            (
                vec![
                    ("date", "Mon, 24 Nov 2025 16:00:00 GMT"),
                    ("expires", "Mon, 24 Nov 2025 17:00:00 GMT"),
                ],
                Some((3600, "Expires")),
            ),
        ] {
            assert_eq!(fresh_for(&answer(&headers), NOW), wanted, "{headers:?}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_never_more_than_a_week() {
        for (value, wanted) in [
            ("120", Some(120_000)),
            ("0", None),
            ("-5", None),
            ("soon", None),
            ("99999999", Some(LONGEST_WAIT_MS)),
            ("Mon, 24 Nov 2025 16:01:00 GMT", Some(60_000)),
            ("Mon, 24 Nov 2025 15:00:00 GMT", None),
        ] {
            assert_eq!(retry_after(&answer(&[("retry-after", value)]), NOW), wanted, "{value}");
        }
    }

    #[test]
    fn a_challenge_is_told_from_an_article_about_challenges() {
        let mut wall = answer(&[("cf-mitigated", "challenge")]);
        wall.status = 403;
        assert!(is_bot_wall(&wall));
        let mut page = answer(&[]);
        page.body = b"<html><title>Just a moment...</title><p>A short story".to_vec();
        assert!(!is_bot_wall(&page));
        page.status = 503;
        assert!(is_bot_wall(&page));
        page.status = 200;
        for (title, is_wall) in [("Just a moment...", true), ("Just a moment, please", false)] {
            let scripts = "<script src=/cdn-cgi/scripts/x.js></script>";
            page.body = format!("<title>{title}</title>{scripts}<p>A short story").into_bytes();
            assert_eq!(is_bot_wall(&page), is_wall, "{title}");
        }
        assert!(is_bot_wall(&answer(&[("x-amzn-waf-action", "challenge")])));
        let mut refused = answer(&[("x-datadome", "protected")]);
        assert!(!is_bot_wall(&refused));
        refused.status = 403;
        assert!(is_bot_wall(&refused));
    }
}
