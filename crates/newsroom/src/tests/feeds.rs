//! What the feeds carry, and what who asks again is told.

use super::*;

/// Elements that are open at the end of an XML document or closed out of order; `None`: well-formed
/// as far as a feed needs it (elements, references, CDATA).
fn xml_fault(text: &str) -> Option<String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&']) {
        let from = &rest[at..];
        let end = if from.starts_with('&') {
            let known = ["&amp;", "&lt;", "&gt;", "&quot;"];
            let Some(found) = known.iter().find(|reference| from.starts_with(**reference)) else {
                return Some(format!(
                    "bare ampersand before {:?}",
                    from.chars().take(9).collect::<String>()
                ));
            };
            found.len()
        } else if from.starts_with("<![CDATA[") {
            from.find("]]>")? + 3
        } else {
            let Some(end) = from.find('>') else { return Some("an open tag".to_owned()) };
            let tag = &from[1..end];
            if let Some(name) = tag.strip_prefix('/') {
                if open.pop() != Some(name) {
                    return Some(format!("</{name}> closes something else"));
                }
            } else if !tag.starts_with('?') && !tag.ends_with('/') {
                open.extend(tag.split_whitespace().next());
            }
            end + 1
        };
        rest = &from[end..];
    }
    (!open.is_empty()).then(|| format!("{open:?} are open at the end"))
}

#[test]
fn feeds_are_well_formed_and_list_every_article_that_is_out() {
    let room = demo();
    let mut formats = BTreeSet::new();
    for moment in [0, 9, 47, 100, 198, 1000].map(seconds) {
        for (feed, state) in room.feeds().iter().zip(room.state_at(moment).outlets) {
            formats.insert(format!("{:?}", feed.format));
            let answer = get(&room, &feed.url, moment);
            assert_eq!(answer.status, 200);
            let document = text(&answer);
            let listed = if feed.format == FeedFormat::Json {
                let json: serde_json::Value = serde_json::from_str(&document).unwrap();
                json["items"].as_array().unwrap().len()
            } else {
                assert_eq!(xml_fault(&document), None, "{} at {moment:?}", feed.url);
                let item = ["<item>", "<item ", "<entry>", "<url>"];
                item.iter().map(|item| document.matches(item).count()).sum()
            };
            assert_eq!(listed, state.entries.len(), "{}", feed.url);
            for entry in state.entries {
                let title = if feed.format == FeedFormat::Json {
                    serde_json::to_string(&entry.title).unwrap()
                } else {
                    escape(&entry.title)
                };
                assert!(document.contains(&title), "{}: {title}", feed.url);
            }
        }
    }
    assert_eq!(formats.len(), 6);
}

#[test]
fn the_rdf_feed_breaks_at_times_in_two_ways_and_mends() {
    let room = demo();
    let fault = |moment| {
        let feed = room.feeds().into_iter().find(|feed| feed.format == FeedFormat::Rdf).unwrap();
        let answer = get(&room, &feed.url, seconds(moment));
        assert_eq!(answer.header("etag").is_some(), xml_fault(&text(&answer)).is_none());
        xml_fault(&text(&answer))
    };
    assert_eq!(fault(9), None);
    assert!(fault(11).unwrap().contains("bare ampersand"));
    assert_eq!(fault(15), None);
    assert!(fault(20).is_some());
    assert_eq!(fault(23), None);
}

#[test]
fn the_full_text_feed_carries_every_paragraph() {
    let room = demo();
    let moment = seconds(60);
    let feed =
        room.feeds().into_iter().find(|feed| feed.format == FeedFormat::RssFullText).unwrap();
    let document = without_markup(&text(&get(&room, &feed.url, moment)).replace("<![CDATA[", ""));
    let articles = room.expected(moment);
    let mut seen = 0;
    for article in articles.iter().filter(|article| article.outlet == feed.outlet) {
        assert!(article.in_feed);
        for paragraph in &article.paragraphs {
            assert!(document.contains(paragraph.as_str()), "{paragraph}");
            seen += 1;
        }
    }
    assert!(seen > 10);
}

#[test]
fn a_feed_or_page_that_did_not_change_is_304_and_a_changed_one_is_not() {
    let room = demo();
    let mut tried = 0;
    for feed in room.feeds() {
        // No article appears between 94.6 and 96.0 seconds, whatever the outlet.
        let moments = [Duration::from_millis(94_600), Duration::from_millis(95_800)];
        let first = get(&room, &feed.url, moments[0]);
        let tag = first.header("etag").map(str::to_owned);
        let date = first.header("last-modified").map(str::to_owned);
        assert!(tag.is_some() || date.is_some(), "{}", feed.url);
        let path = feed.url[room.origin(feed.outlet).len()..].to_owned();
        let ask = |if_none_match: Option<String>, if_modified_since: Option<String>| Ask {
            path: path.clone(),
            if_none_match,
            if_modified_since,
        };
        for ask in [ask(tag.clone(), None), ask(None, date.clone()), ask(tag.clone(), date.clone())]
        {
            if ask.if_none_match.is_none() && ask.if_modified_since.is_none() {
                continue;
            }
            let again = room.answer(feed.outlet, &ask, moments[1]);
            assert_eq!(again.status, 304, "{} {ask:?}", feed.url);
            assert!(again.body.is_empty());
            let later = room.answer(feed.outlet, &ask, seconds(150));
            assert_eq!(later.status, 200, "{} {ask:?}", feed.url);
            tried += 1;
        }
        // A date beside a tag that does not match means nothing.
        if tag.is_some() {
            let stale =
                ask(Some("\"stale\"".to_owned()), Some("Fri, 01 Jan 2100 00:00:00 GMT".to_owned()));
            assert_eq!(room.answer(feed.outlet, &stale, moments[1]).status, 200);
        }
    }
    assert!(tried >= 20, "{tried}");
    let all = room.expected(seconds(60));
    let url = find(&all, "Two injured").final_url.clone().unwrap();
    let tag = get(&room, &url, seconds(39)).header("etag").map(str::to_owned);
    let path = url.strip_prefix("http://127.77.0.1:8000").unwrap().to_owned();
    let ask = Ask { path, if_none_match: tag, if_modified_since: None };
    assert_eq!(room.answer(0, &ask, seconds(39)).status, 304);
    assert_eq!(room.answer(0, &ask, seconds(41)).status, 200);
}

#[test]
fn within_the_second_of_a_change_no_date_is_given() {
    let room = demo();
    let answer = |millis| get(&room, &room.feeds()[4].url, Duration::from_millis(millis));
    assert_eq!(answer(2_000).header("last-modified"), None);
    assert_eq!(answer(2_999).header("last-modified"), None);
    assert_eq!(answer(3_000).header("last-modified"), Some("Tue, 02 Dec 2025 13:05:02 GMT"));
}
