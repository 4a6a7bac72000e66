//! Real and hard feeds give what feedparser finds in them. Skipped, loudly, without the corpora.

mod feed_score;

use feed_score::{Score, Share, compare, folder, load};

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
