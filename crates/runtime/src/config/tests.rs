//! Whole configs: the samples that people copy, and mistakes with the answers that they get.

use super::*;

const DESIGN: &str = include_str!("design_example.toml");

fn env(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn parse(text: &str) -> Config {
    Config::parse("newswire.toml", text, &env(&[])).unwrap()
}

/// What is wrong, a line each.
fn problems(text: &str, variables: &[(&str, &str)]) -> String {
    match Config::parse("newswire.toml", text, &env(variables)) {
        Ok(config) => panic!("should be refused: {config:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn nothing_at_all_is_a_config() {
    let config = Config::load(None, &env(&[])).unwrap();
    assert_eq!(config, Config::default());
    assert_eq!(config.kafka, None);
    assert_eq!(config.topic_prefix(), "newswire.");
    assert!(!config.run.instance.is_empty());
    assert_eq!(config.server.listen_address(Role::Up).to_string(), "127.0.0.1:9640");
    assert_eq!(config.server.listen_address(Role::Extractor).port(), 9641);
    assert_eq!(config.server.listen_address(Role::Publisher).port(), 9642);
}

#[test]
fn the_example_of_the_design_is_the_defaults_written_out() {
    let config = parse(DESIGN);
    let kafka = config.kafka.as_ref().unwrap();
    assert_eq!(kafka.brokers, "localhost:9092");
    assert_eq!(kafka.topic_prefix, "newswire.");
    assert_eq!(kafka.properties["security.protocol"].value, "SSL");
    let default = Config::default();
    assert_eq!(config.embedded, default.embedded);
    assert_eq!(config.fetch, default.fetch);
    assert_eq!(config.publish, default.publish);
    assert_eq!(config.run, default.run);
    assert_eq!(config.server.listen_address(Role::Up), default.server.listen_address(Role::Up));
    assert_eq!(config.topics["pages"].retention, Some(TimeSpan::from_days(2)));
    assert_eq!(config.feeds[0].url, "https://example.org/news.xml");
    assert_eq!(config.sites[0].domain, "example.org");
}

#[test]
fn the_sample_file_is_valid_and_its_comments_show_the_defaults() {
    let sample = include_str!("../../../../config/newswire.toml");
    let config = parse(sample);
    assert!(config.feeds.len() > 10);
    assert_eq!(Config { feeds: Vec::new(), ..config }, Config::default());
    // A commented key is a default: with the comments gone the config is the same.
    let uncommented: Vec<&str> = sample
        .lines()
        .take_while(|line| !line.starts_with("# Subscriptions."))
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.split(' ').nth(1) == Some("=") || rest.starts_with('[') => rest,
            _ => line,
        })
        .filter(|line| !line.contains("sasl.password_file"))
        .collect();
    let written = parse(&uncommented.join("\n"));
    let default = Config::default();
    assert_eq!(written.fetch, default.fetch);
    assert_eq!(written.publish, default.publish);
    assert_eq!(written.embedded, default.embedded);
    assert_eq!(written.run, default.run);
    assert_eq!(written.server.listen_address(Role::Up), default.server.listen_address(Role::Up));
    assert_eq!(written.kafka.unwrap().properties.len(), 4);
}

#[test]
fn every_mistake_names_its_place_and_what_is_wanted() {
    for (text, place, hint) in [
        ("[fetch]\ntimeuot = \"5s\"", ":2", "did you mean timeout?"),
        ("\n[fetsch]\ntimeout = \"5s\"", ":2", "did you mean [fetch]?"),
        ("timeout = \"5s\"", ":1", "it belongs in [fetch]"),
        ("[run]\nlisten = \"x\"", ":2", "listen belongs in [server]"),
        ("[fetch]\nxyzzyxyzzy = 1", ":2", "there are allow_networks, backfill"),
        ("[fetch]\ntimeout = 30", ":2", "wants a duration in quotes, such as \"30s\""),
        ("[fetch]\ntimeout = \"30\"", ":2", "`30` has no unit"),
        ("[fetch]\nmax_body = \"5 minutes\"", ":2", "wants a size in quotes"),
        ("[fetch]\nrobots = \"yes\"", ":2", "wants true or false (without quotes), not a string"),
        ("[fetch]\nsite_burst = 2.5", ":2", "wants a whole number"),
        ("[fetch]\nsite_burst = -1", ":2", "not the number -1"),
        ("[fetch]\nrevisit = \"1h\"", ":2", "wants a list"),
        ("[fetch]\nrevisit = [\"1h\",\n\"5\"]", ":3", "`5` has no unit"),
        ("[fetch]\nallow_networks = [\"10.0.0.0/99\"]", ":2", "is not a network"),
        ("[publish]\ncopies = \"keep\"", ":2", "wants \"mark\" or \"drop\", not `keep`"),
        ("[server]\nlisten = \"9640\"", ":2", "such as \"127.0.0.1:9640\""),
        ("[server]\nlisten = \"localhost\"", ":2", "wants an address and port"),
        ("fetch = 3", ":1", "write [fetch]"),
        ("[fetch\n", ":1", "this is not TOML"),
        ("[fetch]\nrobots = true\nrobots = false", ":3", "this is not TOML: duplicate key"),
        ("[topics.page]\npartitions = 3", ":1", "did you mean [topics.pages]?"),
        ("[topics]\nretention = \"2d\"", ":2", "as in [topics.pages]"),
        ("[topics.pages]\nretain = \"2d\"", ":2", "did you mean retention?"),
        ("[topics.feeds]\nretention = \"2d\"", ":2", "no retention"),
        ("[topics.articles]\npartitions = 2", ":2", "must be 1"),
        (
            "[topics.entries]\npartitions = 24",
            ":2",
            "the same number of partitions (now 12, 12, 24)",
        ),
        ("[topics.site-state]\npartitions = 3", ":2", "must be that of pages, 12"),
        ("[feeds]\nurl = \"https://a.example/\"", ":1", "write [[feeds]]"),
        ("[[feeds]]\nurl = \"a.example\"", ":2", "begins with https://"),
        ("[[feeds]]\ntags = []", ":1", "has no url"),
        ("[[feeds]]\nurl = \"https://a.example/\"\ntag = []", ":3", "did you mean tags?"),
        (
            "[[feeds]]\nurl = \"https://a.example/\"\nfull_text = \"yes\"",
            ":3",
            "\"auto\", \"feed\"",
        ),
        ("[[feeds]]\nurl = \"https://a.example/\"\nauth = {basic = \"X\"}", ":3", "basic_env"),
        ("[[feeds]]\nurl = \"https://a.example/\"\nheaders = {Cookie = \"X\"}", ":3", "basic_env"),
        (
            "[[feeds]]\nurl = \"https://a.example/\"\n[[feeds]]\nurl = \"https://a.example/\"",
            ":3",
            "listed twice",
        ),
        ("[[sites]]\ndomain = \"www.bbc.co.uk\"", ":2", "belongs to the site \"bbc.co.uk\""),
        ("[[sites]]\ndomain = \"a.example\"\nspacing = \"0\"", ":3", "more than 0"),
        ("[kafka]\nbrokers = \"kafka:port\"", ":2", "wants host:port"),
        ("[kafka]\ntopic_prefix = \"news wire\"", ":2", "letters, digits"),
        ("[kafka.properties]\ndebug = [1]", ":2", "not a list"),
        ("[fetch]\nmin_interval = \"2d\"", ":2", "longer than fetch.max_interval, 24h"),
        ("[fetch]\nmax_body = \"9MiB\"", ":2", "must fit into a record of the topic pages"),
        ("[fetch]\nsite_spacing = \"0s\"", ":2", "more than 0"),
        ("[fetch]\nrevisit = [\"24h\", \"1h\"]", ":2", "rising ages"),
        ("[embedded]\nmax_size = \"1MiB\"", ":2", "at least \"64MiB\""),
        ("[publish]\ninclude = [\"html\"]", ":2", "must contain \"text\""),
        ("[run]\nbatch_wait = \"10s\"", ":2", "at most \"5s\""),
        ("[run]\ninstance = \"a b\"", ":2", "transactional.id"),
    ] {
        let found = problems(text, &[]);
        let place = format!("newswire.toml{place}: ");
        assert!(
            found.lines().any(|line| line.starts_with(&place) && line.contains(hint)),
            "{text}\nwanted {place} … {hint}\nfound {found}"
        );
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let found = problems("[fetch]\ntimeout = 3\nrobot = true\n[publish]\ncopies = \"x\"", &[]);
    let places: Vec<&str> = found.lines().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(places, ["newswire.toml:2", "newswire.toml:3", "newswire.toml:5"], "{found}");
}

#[test]
fn the_environment_wins_over_the_file() {
    let variables = env(&[
        ("NEWSWIRE_FETCH__MIN_INTERVAL", "10m"),
        ("NEWSWIRE_FETCH__ROBOTS", "false"),
        ("NEWSWIRE_FETCH__ALLOW_NETWORKS", "127.0.0.0/8, ::1"),
        ("NEWSWIRE_FETCH__REVISIT", ""),
        ("NEWSWIRE_PUBLISH__MAX_AGE", "0"),
        ("NEWSWIRE_PUBLISH__MAX_STORIES", "1_000"),
        ("NEWSWIRE_PUBLISH__INCLUDE", "[\"text\", \"html\"]"),
        ("NEWSWIRE_SERVER__LISTEN", "[::]:80"),
        ("NEWSWIRE_TOPICS__STORIES_LATEST__RETENTION", "30d"),
        ("NEWSWIRE_FEEDS", "[{url = \"https://b.example/\", paused = true}]"),
        ("NEWSWIRE_LOG", "debug"),
        ("NEWSWIRE_FETCHER_SERVICE_HOST", "10.0.0.1"),
        ("PATH", "/bin"),
    ]);
    let text = "[fetch]\nmin_interval = \"7m\"\nmax_interval = \"2d\"\n[[feeds]]\nurl = \"https://a.example/\"";
    let loaded = Config::parse_explained("newswire.toml", text, &variables).unwrap();
    let config = loaded.config;
    assert_eq!(config.fetch.min_interval.to_string(), "10m");
    assert_eq!(config.fetch.max_interval.to_string(), "2d");
    assert!(!config.fetch.robots);
    assert_eq!(config.fetch.allow_networks.len(), 2);
    assert!(config.fetch.revisit.is_empty());
    assert_eq!(config.publish.max_age, None);
    assert_eq!(config.publish.max_stories, 1000);
    assert!(config.publish.include_html());
    assert_eq!(config.server.listen_address(Role::Publisher).port(), 80);
    assert_eq!(config.topics["stories-latest"].retention, Some(TimeSpan::from_days(30)));
    assert_eq!(config.feeds.len(), 1);
    assert!(config.feeds[0].paused);
    for (key, value, origin) in [
        ("fetch.min_interval", "\"10m\"", "NEWSWIRE_FETCH__MIN_INTERVAL"),
        ("fetch.max_interval", "\"2d\"", "newswire.toml:3"),
        ("fetch.timeout", "\"30s\"", "default"),
        ("publish.max_age", "\"0\"", "NEWSWIRE_PUBLISH__MAX_AGE"),
        ("feeds[0].url", "\"https://b.example/\"", "NEWSWIRE_FEEDS"),
    ] {
        let shown = loaded.effective.iter().find(|shown| shown.key == key).unwrap();
        assert_eq!((shown.value.as_str(), shown.origin.to_string().as_str()), (value, origin));
    }
}

#[test]
fn mistakes_in_the_environment_name_the_variable() {
    for (variable, value, hint) in [
        ("NEWSWIRE_FETCH__TIMEOUT", "soon", "wants a duration"),
        ("NEWSWIRE_FETCH__TIMEUOT", "5s", "did you mean NEWSWIRE_FETCH__TIMEOUT?"),
        (
            "NEWSWIRE_FETCH_TIMEOUT",
            "5s",
            "two underscores after the section: NEWSWIRE_FETCH__TIMEOUT",
        ),
        ("NEWSWIRE_TOPICS__PAGES__RETENTOIN", "5s", "NEWSWIRE_TOPICS__PAGES__RETENTION?"),
        ("NEWSWIRE_FETCH__ROBOTS", "maybe", "wants true or false"),
        ("NEWSWIRE_FEEDS", "https://a.example/", "not a TOML list"),
        ("NEWSWIRE_RUN__GRACE", "0s", "\"1s\" to \"1h\""),
        ("NEWSWIRE_FETCH__REVISIT", "[\"1h\",", "a list such as"),
        ("NEWSWIRE_FETCH__REVISIT", "[1]", "wants a duration"),
        ("NEWSWIRE_KAFKA", "{brokers = \"k:1\"}", "set one by one: NEWSWIRE_KAFKA__BROKERS"),
        ("NEWSWIRE_FETCH", "{}", "set one by one: NEWSWIRE_FETCH__"),
        ("NEWSWIRE_KAFKA__PROPERTIES", "{}", "one by one: NEWSWIRE_KAFKA__PROPERTIES__NAME"),
    ] {
        let found = problems("", &[(variable, value)]);
        assert!(
            found.starts_with(&format!("{variable}: ")) && found.contains(hint),
            "{variable}: {found}"
        );
    }
}

#[test]
fn kafka_properties_come_from_nested_tables_files_and_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("password");
    std::fs::write(&secret, "s3cret-file\n").unwrap();
    let text = format!(
        "[kafka]\n[kafka.properties]\nsecurity.protocol = \"SASL_SSL\"\nsocket.keepalive.enable = true\n\
         linger.ms = 5\n\"ssl.key.password\" = \"s3cret-inline\"\nsasl.password_file = {:?}",
        secret.to_string_lossy()
    );
    let variables = env(&[
        ("NEWSWIRE_KAFKA__PROPERTIES__SASL_USERNAME", "alice"),
        ("NEWSWIRE_KAFKA__PROPERTIES__SASL_OAUTHBEARER_CLIENT_SECRET", "s3cret-env"),
        ("NEWSWIRE_KAFKA__PROPERTIES__SASL_OAUTHBEARER_ASSERTION_FILE", "/not/read"),
        ("NEWSWIRE_KAFKA__PROPERTIES__LINGER_MS", "7"),
    ]);
    let loaded = Config::parse_explained("newswire.toml", &text, &variables).unwrap();
    let kafka = loaded.config.kafka.clone().unwrap();
    for (name, value) in [
        ("security.protocol", "SASL_SSL"),
        ("socket.keepalive.enable", "true"),
        ("linger.ms", "7"),
        ("ssl.key.password", "s3cret-inline"),
        ("sasl.password", "s3cret-file"),
        ("sasl.username", "alice"),
        ("sasl.oauthbearer.client.secret", "s3cret-env"),
        ("sasl.oauthbearer.assertion.file", "/not/read"),
    ] {
        assert_eq!(kafka.properties[name].value, value, "{name}");
    }
    assert_eq!(kafka.properties.len(), 8);
    let shown = format!("{:?} {:?}", loaded.config, loaded.effective);
    assert!(!shown.contains("s3cret"), "{shown}");
    assert!(shown.contains("(secret)"), "{shown}");

    let variables = [("NEWSWIRE_KAFKA__PROPERTIES__SASL_PASSWORD", "s3cret")];
    let config = Config::load(None, &env(&variables)).unwrap();
    assert_eq!(config.kafka.unwrap().properties["sasl.password"].value, "s3cret");
}

#[test]
fn errors_do_not_repeat_secrets() {
    for text in [
        "[kafka.properties]\nsasl.password = \"s3cret",
        "[kafka.properties]\nsasl.password = [\"s3cret\"]",
        "[kafka.properties]\nsasl.password = \"s3cret\"\nsasl.password_file = \"/none\"",
        "[[feeds]]\nurl = \"https://bob:s3cret@a.example/\"",
        "[[feeds]]\nurl = \"https://a.example/\"\nauth = {bearer_env = \"s3cret-token!\"}",
    ] {
        let found = problems(text, &[]);
        assert!(!found.contains("s3cret"), "{found}");
    }
}

#[test]
fn a_missing_file_is_named() {
    let error = Config::load(Some(Path::new("/does/not/exist.toml")), &env(&[])).unwrap_err();
    assert!(error.to_string().contains("/does/not/exist.toml"), "{error}");
}

#[test]
fn changelogs_follow_the_partitions_of_their_input() {
    let config = parse(
        "[topics.feeds]\npartitions = 3\n[topics.pushes]\npartitions = 3\n[topics.entries]\npartitions = 3\nreplication = 3",
    );
    assert_eq!(config.topics["feed-state"].partitions, Some(3));
    assert_eq!(config.topics["download-state"].partitions, Some(3));
    assert_eq!(config.topics["entries"].replication, Some(3));
    assert!(!config.topics.contains_key("site-state"));
}

#[test]
fn what_is_unwise_is_a_warning() {
    let text = "[fetch]\nrobots = false\n[[feeds]]\nurl = \"https://a.example/\"\nauth = {basic_env = \"NOWHERE\"}";
    let loaded = Config::parse_explained("newswire.toml", text, &env(&[])).unwrap();
    let warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    assert!(warnings[0].contains("example.org"));
    assert!(warnings[1].starts_with("newswire.toml:2: "));
    assert!(warnings[2].contains("NOWHERE"));
}

#[test]
fn a_feed_of_the_file_becomes_a_subscription() {
    let config = parse(
        "[[feeds]]\nurl = \"https://a.example/\"\nmin_interval = \"15m\"\nfull_text = \"page\"\n\
         tags = [\"x\"]\nheaders = {Accept = \"text/xml\"}\nauth = {bearer_env = \"TOKEN\"}",
    );
    let at = events::Timestamp::from_secs(1);
    let subscription = config.feeds[0].subscription(at);
    assert_eq!(subscription.id, events::feed_id("https://a.example/"));
    assert_eq!(subscription.origin, events::Origin::Config);
    assert_eq!(subscription.min_interval_s, Some(900));
    assert_eq!(subscription.full_text, events::FullText::Page);
    assert_eq!(subscription.headers["Accept"], "text/xml");
    assert_eq!(subscription.auth.bearer_env.as_deref(), Some("TOKEN"));
    assert_eq!(subscription.added_at, at);
    assert!(!subscription.no_revisits);
    let config = parse("[[feeds]]\nurl = \"https://a.example/\"\nrevisit = false");
    assert!(config.feeds[0].subscription(at).no_revisits);
}

#[test]
fn a_site_may_be_written_as_people_write_it() {
    for written in ["example.org", "Example.ORG", "https://www.example.org/", "http://example.org"]
    {
        let text = format!("[[sites]]\ndomain = \"{written}\"");
        let config = Config::parse("newswire.toml", &text, &BTreeMap::new()).unwrap();
        assert_eq!(config.sites[0].domain, "example.org", "{written}");
    }
}
