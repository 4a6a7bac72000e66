//! `newswire withdraw`: a legal take-down. The command is a record of `articles`, so that its
//! place in the order of things is fixed and every replay obeys it, too.

use std::io::Write as _;

use anyhow::{Context as _, anyhow};
use bus::{Log, NewRecord, Topic, TopicPartition, TopicSettings};
use events::{Article, Withdraw, canonical_url, is_http_url, story_id};

use crate::cli::Place;
use crate::failure::Failure;
use crate::open::{Bus, config, each_record, topics};

/// Appends the command.
pub(crate) fn run(place: &Place, story: &str, reason: String) -> Result<(), Failure> {
    if reason.trim().is_empty() {
        return Err(Failure::Usage("--reason is empty: say why, for the record".to_owned()));
    }
    let (id, url) = named(story)?;
    let config = config(place)?;
    let topics = topics(&config)?;
    let mut log = Bus::open(&config, true)?.log()?;
    let at = runtime::clock::now();
    let command = Withdraw { id: url.is_none().then(|| id.clone()), url, reason, at };
    let value = serde_json::to_vec(&Article::Withdraw(command))?;
    log.append(vec![NewRecord {
        place: TopicPartition::new(Topic::Articles, 0),
        timestamp: at,
        key: Some(id.clone().into_bytes()),
        value: Some(value),
        headers: Vec::new(),
    }])
    .context("the command was not written")?;
    writeln!(
        std::io::stdout().lock(),
        "story {id} is to be withdrawn: the publisher emits `withdrawn` when it reads the command, \
         and takes no version of it any more"
    )?;
    if !is_known(&mut *log, &topics, &id)? {
        writeln!(
            std::io::stderr().lock(),
            "no story of this id was published so far; should one come, it is not published"
        )?;
    }
    Ok(())
}

/// Whether the publisher knows the story, as far as it has got.
fn is_known(log: &mut dyn Log, topics: &TopicSettings, id: &str) -> Result<bool, Failure> {
    let id: publisher::Id = id.parse().map_err(|error| anyhow!("{id}: {error}"))?;
    let key = publisher::identity_key(id);
    let mut newest = None;
    each_record(log, topics, Topic::PublisherState, |record| {
        if record.key.as_deref() == Some(key.as_bytes()) {
            newest = record.value;
        }
    })?;
    let Some(value) = newest else { return Ok(false) };
    Ok(publisher::is_story_known(&key, &value, id).map_err(|error| anyhow!(error))?)
}

/// The id that a person named, and the URL where it was one.
fn named(story: &str) -> Result<(String, Option<String>), Failure> {
    if is_http_url(story)
        && let Some(canonical) = canonical_url(story)
    {
        return Ok((story_id(&canonical), Some(story.to_owned())));
    }
    story.parse::<publisher::Id>().map_err(|error| {
        Failure::Usage(format!("{error}; an absolute http(s) URL is taken as well"))
    })?;
    Ok((story.to_owned(), None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_is_named_by_id_or_url_and_by_nothing_else() {
        let url = "http://example.org/a?utm_source=x";
        let id = story_id("https://example.org/a");
        assert_eq!(named(url).ok(), Some((id.clone(), Some(url.to_owned()))));
        assert_eq!(named(&id).ok(), Some((id, None)));
        for wrong in ["", "example.org/a", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "mailto:a@example.org"] {
            assert!(named(wrong).is_err(), "{wrong}");
        }
    }
}
