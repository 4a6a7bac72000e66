//! Real and hard feeds give what feedparser finds in them, damaged ones nearly all of it. Skipped, loudly, without the corpora.

mod feed_score;

use feed_score::{Document, Score, Share, compare, folder, load};
use fetcher::feed::{FeedInput, parse_feed};

fn score(set: &str) -> anyhow::Result<Option<Score>> {
    if !folder(set).exists() {
        #[expect(clippy::print_stderr, reason = "a skipped check must be seen")]
        {
            eprintln!("SKIPPED: no corpus at {} (set NEWSWIRE_CORPORA)", folder(set).display());
        }
        return Ok(None);
    }
    let mut score = Score::default();
    for document in load(set)? {
        compare(&document, &mut score);
    }
    Ok(Some(score))
}

#[test]
fn real_and_hard_feeds_yield_what_feedparser_finds() -> anyhow::Result<()> {
    let (Some(real), Some(hard)) = (score("real")?, score("feedparser")?) else {
        return Ok(());
    };
    assert_eq!(real.complete.hits, real.complete.of, "{:#?}", real.differences);
    assert!(hard.complete_of_any.percent() >= 97.0, "{:#?}", hard.differences);
    for name in ["titles", "links", "dates"] {
        let (real, hard) = (real.fields[name], hard.fields[name]);
        let both = Share { hits: real.hits + hard.hits, of: real.of + hard.of };
        for share in [real, both] {
            assert!(share.percent() >= 98.0, "{name}: {:.2} %", share.percent());
        }
    }
    Ok(())
}

fn count(document: &Document, body: &[u8]) -> usize {
    let input = FeedInput { body, ..document.input() };
    parse_feed(&input).map_or(0, |feed| feed.entries.len())
}

#[test]
fn one_damaged_byte_costs_a_real_feed_at_most_one_entry() -> anyhow::Result<()> {
    if score("real")?.is_none() {
        return Ok(());
    }
    let mut damaged = Vec::new();
    for document in load("real")? {
        // The largest say nothing new and take long without optimisation.
        if document.body.len() > 400_000 {
            continue;
        }
        let whole = count(&document, &document.body);
        // Places spread over the document by a fixed step, past its root.
        for (place, byte) in [(7, 0xff), (5, b'<'), (3, b'&'), (2, b'>'), (11, b'"'), (13, 0)] {
            let at = document.body.len() / place * (place - 1);
            let mut body = document.body.clone();
            body[at] = byte;
            let left = count(&document, &body);
            if left + 1 < whole {
                damaged.push(format!("{} {byte:#x} at {at}: {left} of {whole}", document.file));
            }
        }
        let cut = document.body.len() / 2;
        let left = count(&document, &document.body[..cut]);
        if left * 8 < whole && whole > 8 {
            damaged.push(format!("{} cut at {cut}: {left} of {whole}", document.file));
        }
    }
    assert!(damaged.is_empty(), "{damaged:#?}");
    Ok(())
}
