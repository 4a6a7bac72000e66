//! Whole documents through [`parse_feed`].

mod oddities;

use std::fmt::Write as _;

use super::*;

fn parsed(body: &str) -> ParsedFeed {
    parse_feed(&FeedInput {
        body: body.as_bytes(),
        url: Some("https://example.org/feeds/news.xml"),
        content_type: None,
    })
    .unwrap()
}

fn rss(items: &str) -> ParsedFeed {
    parsed(&format!("<rss version=\"2.0\"><channel><title>T</title>{items}</channel></rss>"))
}

fn titles(feed: &ParsedFeed) -> Vec<&str> {
    feed.entries.iter().map(|entry| entry.title.as_deref().unwrap_or("")).collect()
}

#[test]
fn a_well_formed_rss_feed_is_read_whole_and_without_problems() {
    let feed = parsed(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/"
     xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"
     xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel>
  <title>The &amp; News</title><link>https://example.org/</link><language>en-GB</language><copyright>© E</copyright>
  <ttl>30</ttl><sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>
  <skipHours><hour>3</hour><hour>24</hour></skipHours><skipDays><day>Sunday</day></skipDays>
  <cloud domain="push.example.org" port="5337" path="/notify" registerProcedure="" protocol="http-post"/>
  <atom:link rel="self" href="https://example.org/rss"/><atom:link rel="hub" href="https://hub.example.org/"/>
  <image><title>Logo</title><url>x.png</url><link>https://example.org/logo</link></image>
  <item>
    <title>Rain in Rome</title><link>https://example.org/1?a=1&amp;b=2</link>
    <guid isPermaLink="false">id-1</guid><pubDate>Tue, 02 Dec 2025 13:05:00 GMT</pubDate>
    <description>&lt;p&gt;Short &amp;amp; wet&lt;/p&gt;</description><content:encoded><![CDATA[<p>Long</p>]]></content:encoded>
    <dc:creator>Jo Doe</dc:creator><author>al@example.org (Al Roe)</author><category>Weather</category><dc:subject>Italy</dc:subject>
    <media:content url="/i.jpg" medium="image"><media:title>A picture</media:title></media:content>
  </item>
</channel></rss>"#,
    );
    assert_eq!(feed.problems, Vec::<String>::new());
    assert_eq!(feed.format.as_str(), "rss");
    assert_eq!(feed.title.as_deref(), Some("The & News"));
    assert_eq!(feed.link.as_deref(), Some("https://example.org/"));
    assert_eq!(feed.language.as_deref(), Some("en-GB"));
    assert_eq!(feed.copyright.as_deref(), Some("© E"));
    assert_eq!(feed.self_url.as_deref(), Some("https://example.org/rss"));
    assert_eq!(feed.hubs, ["https://hub.example.org/"]);
    let cloud = Cloud {
        url: "http://push.example.org:5337/notify".to_owned(),
        protocol: "http-post".to_owned(),
    };
    assert_eq!(feed.cloud, Some(cloud));
    assert_eq!(
        feed.schedule,
        ScheduleHints {
            ttl_s: Some(1800),
            period_s: Some(1800),
            skip_hours: vec![3, 0],
            skip_days: vec![6],
        }
    );
    let wanted = ParsedEntry {
        guid: Some("id-1".into()),
        title: Some("Rain in Rome".into()),
        link: Some("https://example.org/1?a=1&b=2".into()),
        summary: Some("<p>Short &amp; wet</p>".into()),
        content: Some("<p>Long</p>".into()),
        authors: vec!["Jo Doe".into(), "Al Roe".into()],
        tags: vec!["Weather".into(), "Italy".into()],
        image: Some("https://example.org/i.jpg".into()),
        published_at: parse_date("2025-12-02T13:05:00Z"),
        ..ParsedEntry::default()
    };
    assert_eq!(feed.entries, [wanted]);
}

#[test]
fn atom_of_both_versions_is_read() {
    for (namespace, published, content) in [
        (
            "http://www.w3.org/2005/Atom",
            "<published>2025-12-02T13:05:00Z</published>",
            "<content type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\">a &lt; <b>c</b></div></content>",
        ),
        (
            "http://purl.org/atom/ns#",
            "<issued>2025-12-02T13:05:00Z</issued>",
            "<content type=\"text/html\" mode=\"escaped\">a &amp;lt; &lt;b>c&lt;/b></content>",
        ),
        (
            "https://www.w3.org/2005/Atom",
            "<created>2025-12-02T13:05:00Z</created>",
            "<content type=\"application/xhtml+xml\"><div>a &lt; <b>c</b></div></content>",
        ),
    ] {
        let feed = parsed(&format!(
            r#"<feed xmlns="{namespace}" xml:lang="de" xml:base="https://base.example/x/">
            <title type="text">T</title><author><name>Feed Author</name></author>
            <entry xml:lang="fr"><id>urn:1</id><title type="html">&lt;b>Bold&lt;/b> &amp;amp; plain</title>
            <link rel="replies" href="/replies"/><link href="1.html"/>
            {published}<summary type="odd/type">S</summary>{content}<category term="c" label="Cat"/></entry>
            <entry><title type="text">1 &lt; 2</title><author><name>Own</name><email>x@y.z</email></author></entry></feed>"#
        ));
        assert_eq!(feed.format.as_str(), "atom");
        assert_eq!(feed.language.as_deref(), Some("de"));
        let entry = &feed.entries[0];
        assert_eq!(entry.title.as_deref(), Some("Bold & plain"));
        assert_eq!(entry.link.as_deref(), Some("https://base.example/x/1.html"));
        assert_eq!(entry.content.as_deref(), Some("a &lt; <b>c</b>"), "{namespace}");
        assert_eq!(entry.summary.as_deref(), Some("S"));
        assert_eq!(entry.language.as_deref(), Some("fr"));
        assert_eq!(entry.tags, ["Cat"]);
        assert_eq!(entry.authors, ["Feed Author"]);
        assert_eq!(entry.published_at, parse_date("2025-12-02T13:05:00Z"));
        assert_eq!(feed.entries[1].authors, ["Own"]);
        assert_eq!(feed.entries[1].title.as_deref(), Some("1 < 2"));
    }
}

#[test]
fn rdf_items_outside_the_channel_are_read() {
    let feed = parsed(
        r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
        <channel rdf:about="x"><title>T</title><items><rdf:Seq><rdf:li resource="a"/></rdf:Seq></items></channel>
        <image><title>No</title></image>
        <item rdf:about="https://example.org/1"><title>One</title><dc:date>2025-12-02</dc:date></item>
        <item><title>Two</title><link>https://example.org/2</link></item></rdf:RDF>"#,
    );
    assert_eq!(feed.format.as_str(), "rdf");
    assert_eq!(titles(&feed), ["One", "Two"]);
    assert_eq!(feed.entries[0].link.as_deref(), Some("https://example.org/1"));
    assert_eq!(feed.entries[0].published_at, parse_date("2025-12-02"));
}

#[test]
fn broken_markup_costs_no_entry() {
    for (items, wanted) in [
        ("<item><title>A & B</title></item><item><title>C</title></item>", vec!["A & B", "C"]),
        ("<item><title>A<item><title>B</title></item>", vec!["A", "B"]),
        ("<item><title>A</titel></item><item><title>B</title></item>", vec!["A", "B"]),
        ("<item><title><![CDATA[A</title></item><item><title>B</title></item>", vec!["A", "B"]),
        (
            "<item><title>A</title><description><p>x</description></item><item><title>B</title></item>",
            vec!["A", "B"],
        ),
        ("<item><title>A</title><br><img src=x></item></b><item><title>B</title>", vec!["A", "B"]),
        (
            "</channel><item><title>A</title></item><channel><item><title>B</title></item>",
            vec!["A", "B"],
        ),
        ("<ITEM><TITLE>A</TITLE></ITEM><item><Title>B</title></item>", vec!["A", "B"]),
        ("<item><title>A &nbsp;&hellip; &#xD83D; z</title></item>", vec!["A … \u{fffd} z"]),
        ("<item><title>A\u{8}B</title></item>", vec!["AB"]),
        ("<item><foo:title>no</foo:title><title>A</title></item>", vec!["A"]),
        ("<item><title/><title>A</title><dc:title>no</dc:title></item>", vec!["A"]),
        ("<item><title>&lt;i>A&lt;/i> &amp;amp; B</title></item>", vec!["A & B"]),
        ("<item></item><item/>", vec!["", ""]),
    ] {
        assert_eq!(titles(&rss(items)), wanted, "{items}");
    }
}

#[test]
fn every_spelling_of_the_root_is_read() {
    for root in [
        "rss",
        "RSS",
        "rss version=\" 2.0\"",
        "rss version=\"0.93\"",
        "rss version=\"2.01\"",
        "rss xmlns=\"http://backend.userland.com/rss2\"",
        "rss xmlns=\"urn:odd\"",
    ] {
        let name = root.split(' ').next().unwrap();
        let feed =
            parsed(&format!("<{root}><channel><item><title>A</title></item></channel></{name}>"));
        assert_eq!(titles(&feed), ["A"], "{root}");
    }
    let feed = parsed(
        "<r:rss xmlns:r='urn:odd'><r:channel><r:item><r:title>A</r:title></r:item></r:channel></r:rss>",
    );
    assert_eq!(titles(&feed), ["A"]);
    let feed = parsed(&format!(
        "<b>Warning</b>: x on line <b>3</b>\n{}<rss><item><title>A</title></item></rss>",
        " ".repeat(20_000)
    ));
    assert_eq!(titles(&feed), ["A"]);
    assert_eq!(feed.problems, ["junk before the root element"]);
}

#[test]
fn a_cut_off_document_keeps_what_came_through() {
    let feed = rss_cut(
        "<item><title>A</title><link>https://example.org/a</link></item><item><title>B</title><link>https://exam",
    );
    assert_eq!(titles(&feed), ["A", "B"]);
    // Half an address is worse than none.
    assert_eq!(feed.entries[1].link, None);
    assert!(
        feed.problems.iter().any(|problem| problem.contains("ends before")),
        "{:?}",
        feed.problems
    );
}

fn rss_cut(items: &str) -> ParsedFeed {
    parsed(&format!("<rss version=\"2.0\"><channel><title>T</title>{items}"))
}

#[test]
fn what_was_repaired_is_told() {
    for (items, wanted) in [
        ("<item><title>A", "the document ends before"),
        ("<item><pubDate>someday</pubDate></item>", "no date: someday"),
        ("<item><link>javascript:alert(1)</link></item>", "no absolute address: javascript"),
        ("</foo>", "end tags without a beginning"),
        ("<item xml:base='http://[x'><link>x</link></item>", "xml:base is no address"),
    ] {
        let feed = rss_cut(items);
        assert!(
            feed.problems.iter().any(|problem| problem.contains(wanted)),
            "{items}: {:?}",
            feed.problems
        );
    }
}

#[test]
fn links_are_absolute_and_spelt_as_the_feed_does() {
    for (item, wanted) in [
        ("<link>https://example.org</link>", Some("https://example.org")),
        ("<link> /a/b </link>", Some("https://example.org/a/b")),
        ("<link>\nhttps://example.org/\n1</link>", Some("https://example.org/1")),
        ("<link>https:/example.org/typo</link>", Some("https://example.org/typo")),
        ("<link>//cdn.example.org/x</link>", Some("https://cdn.example.org/x")),
        ("<link href=\"https://example.org/h\"/>", Some("https://example.org/h")),
        ("<link href=\"https://example.org/h\"><title>T</title>", Some("https://example.org/h")),
        ("<guid>https://example.org/g</guid>", Some("https://example.org/g")),
        ("<guid isPermaLink=\"false\">https://example.org/g</guid>", None),
        ("<guid>https://example.org/#1023</guid>", None),
        (
            "<guid isPermaLink=\"true\">https://example.org/#a</guid>",
            Some("https://example.org/#a"),
        ),
        ("<guid>https://example.org/?p=1023#x</guid>", Some("https://example.org/?p=1023#x")),
        (
            "<guid>https://example.org/g</guid><link>https://example.org/l</link>",
            Some("https://example.org/l"),
        ),
        (
            "<link>https://example.org/?a=1&b=2&copy=3</link>",
            Some("https://example.org/?a=1&b=2&copy=3"),
        ),
    ] {
        let feed = rss(&format!("<item>{item}</item>"));
        assert_eq!(feed.entries[0].link.as_deref(), wanted, "{item}");
    }
}

#[test]
fn a_json_feed_with_wrong_types_is_read() {
    let feed = parsed(
        r#"{"title":"T","home_page_url":"https://example.org/","author":"Ann","items":[
        {"id":7,"title":null,"url":"/a","content_text":"one <\n\ntwo","tags":"x","date_published":1764680700},
        "junk",{"id":"https://example.org/b","title":"B &amp; C","authors":[{"name":"Bo"},null],"image":5}]} trailing"#,
    );
    assert_eq!(feed.format.as_str(), "json");
    assert_eq!(feed.problems, ["no JSON Feed version", "an item that is no object was dropped"]);
    let [first, second] = feed.entries.as_slice() else {
        panic!("{:?}", feed.entries);
    };
    assert_eq!(first.guid.as_deref(), Some("7"));
    assert_eq!(first.link.as_deref(), Some("https://example.org/a"));
    assert_eq!(first.content.as_deref(), Some("<p>one &lt;</p><p>two</p>"));
    assert_eq!(first.authors, ["Ann"]);
    assert_eq!(first.tags, ["x"]);
    assert_eq!(first.published_at, parse_date("2025-12-02T13:05:00Z"));
    assert_eq!(second.title.as_deref(), Some("B & C"));
    assert_eq!(second.link.as_deref(), Some("https://example.org/b"));
    assert_eq!(second.authors, ["Bo"]);
}

#[test]
fn broken_json_keeps_its_whole_items() {
    for (body, wanted) in [
        ("{\"items\":[{\"title\":\"A\nB\"}]}", vec!["A B"]),
        (r#"{"items":[{"title":"A \ud83d \\ud83d \ud83d\ude00"}]}"#, vec!["A \u{fffd} \\ud83d 😀"]),
        (
            r#"{"items":[{"title":"A"},{"title":"B","authors":[{"name":"C"}]},{"title":"D"#,
            vec!["A", "B"],
        ),
    ] {
        let feed = parsed(body);
        assert_eq!(titles(&feed), wanted, "{body}");
        assert_ne!(feed.problems, ["no JSON Feed version"]);
    }
}

#[test]
fn sitemaps_are_read_compressed_or_not() {
    use std::io::Write as _;
    let sitemap = r#"<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="x">
    <url><loc>https://example.org/1</loc><lastmod>2025-12-03</lastmod><news:news><news:publication><news:name>The E</news:name><news:language>en</news:language></news:publication>
    <news:publication_date>2025-12-02T13:05:00Z</news:publication_date><news:title>One &amp; only</news:title><news:keywords>a, b</news:keywords></news:news>
    <image:image><image:loc>https://example.org/1.jpg</image:loc><image:title>no</image:title></image:image></url>
    <url><loc>/2</loc></url><url></url></urlset>"#;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(sitemap.as_bytes()).unwrap();
    let compressed = encoder.finish().unwrap();
    for body in [sitemap.as_bytes(), &compressed] {
        let input =
            FeedInput { body, url: Some("https://example.org/sitemap.xml"), content_type: None };
        let feed = parse_feed(&input).unwrap();
        assert_eq!(feed.format.as_str(), "sitemap");
        assert_eq!(feed.title.as_deref(), Some("The E"));
        assert_eq!(
            feed.entries[0],
            ParsedEntry {
                title: Some("One & only".into()),
                link: Some("https://example.org/1".into()),
                tags: vec!["a".into(), "b".into()],
                image: Some("https://example.org/1.jpg".into()),
                language: Some("en".into()),
                published_at: parse_date("2025-12-02T13:05:00Z"),
                updated_at: parse_date("2025-12-03"),
                ..ParsedEntry::default()
            }
        );
        assert_eq!(feed.entries[1].link.as_deref(), Some("https://example.org/2"));
        assert_eq!(feed.entries.len(), 2);
    }
    let index = parsed(
        "<sitemapindex><sitemap><loc>https://example.org/a.xml.gz</loc><lastmod>2025</lastmod></sitemap><sitemap><loc>b.xml</loc></sitemap></sitemapindex>",
    );
    assert_eq!(index.format.as_str(), "sitemap_index");
    assert_eq!(index.sitemaps, ["https://example.org/a.xml.gz", "https://example.org/feeds/b.xml"]);
}

#[test]
fn what_is_no_feed_is_an_error_of_its_kind() {
    let error =
        |body: &[u8]| parse_feed(&FeedInput { body, url: None, content_type: None }).unwrap_err();
    assert_eq!(error(b""), FeedError::Empty);
    assert_eq!(error(b" \n\xef\xbb\xbf"), FeedError::Empty);
    assert!(matches!(error(b"<html><body>x"), FeedError::NotAFeed(_)));
    assert!(matches!(error(b"{\"a\":1}"), FeedError::NotAFeed(_)));
    assert!(matches!(error(b"{\"a\":"), FeedError::Broken(_)));
    assert_eq!(error(&vec![b' '; MAX_BYTES + 1]), FeedError::TooBig);
}

#[test]
fn the_rest_of_an_endless_feed_is_left_out_and_told() {
    let mut items = String::new();
    for number in 0..MAX_ENTRIES + 3 {
        let _ = write!(items, "<item><guid>{number}</guid></item>");
    }
    let feed = rss(&items);
    assert_eq!(feed.entries.len(), MAX_ENTRIES);
    assert_eq!(feed.problems, ["the 3 oldest entries beyond 10000 were left out"]);
}

#[test]
fn hostile_shapes_are_read_in_linear_time() {
    // Sizes at which anything quadratic would take minutes: the test would not end.
    let attributes: String = (0..60_000).fold(String::new(), |mut out, number| {
        let _ = write!(out, " a{number}='x'");
        out
    });
    let many: String = (0..200_000).fold(String::new(), |mut out, number| {
        let _ = write!(out, "<category>{number}</category><author>{number}</author>");
        out
    });
    for body in [
        format!("<rss{attributes}><item{attributes}><title>A</title></item></rss>"),
        format!("<rss><item><title>A</title>{}", "<x>".repeat(300_000)),
        format!("<rss><item><title>A</title></item>{}", "<!-- ".repeat(300_000)),
        format!("<rss><item><title>A</title></item>{}", "<![CDATA[".repeat(300_000)),
        format!("<rss><item><title>A</title></item>{}", "<!D[".repeat(300_000)),
        format!("<rss><item><title>A</title></item>{}", "<a b=\"".repeat(300_000)),
        format!("<rss><item><title>A</title></item>{}", "<? ".repeat(300_000)),
        format!("<rss><item><title>A{}</title></item></rss>", "&".repeat(1_000_000)),
        format!("<rss><item><title>A{}</title></item></rss>", "&lt;".repeat(300_000)),
        format!("<rss><item><title>A</title></item>{}", "</y>".repeat(300_000)),
        format!("<rss><item><title>A</title></item>{}", "<author>".repeat(100_000)),
        format!("<rss><item><title>A</title>{many}</item>"),
        format!("<rss><item><title>A{}", "<b ".repeat(300_000)),
        format!("<rss><item><title>A</title>{}", "<script><style>".repeat(300_000)),
        format!("<rss><item><title>A</title>{}", "<image><link/>".repeat(300_000)),
    ] {
        let feed = parsed(&body);
        assert!(feed.entries[0].title.as_deref().is_some_and(|title| title.starts_with('A')));
    }
}

#[test]
fn entities_of_a_document_type_are_never_expanded() {
    let feed = parsed(
        r#"<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>
        <rss><item><title>&b; &x;</title></item></rss>"#,
    );
    assert_eq!(titles(&feed), ["&b; &x;"]);
    let told = ["&b;", "&x;"]
        .map(|used| format!("an entity of the document type stays as written: {used}"));
    assert_eq!(feed.problems, told, "what is not used is no problem");
    let standard = parsed(
        r#"<!DOCTYPE rss [<!ENTITY nbsp "&#160;">]><rss><item><title>a&nbsp;b</title></item></rss>"#,
    );
    assert_eq!(standard.problems, [""; 0]);
}

#[test]
fn relative_links_without_a_site_fare_alike_in_every_format() {
    for body in [
        "<rss><item><title>A</title><link>x.html</link></item><item><link>/one</link></item></rss>",
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>A</title><link href='x.html'/></entry>\
         <entry><link href='/one'/></entry></feed>",
        r#"{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","url":"x.html","title":"A"},
            {"id":"2","url":"/one"}]}"#,
    ] {
        let feed = parse_feed(&FeedInput { body: body.as_bytes(), url: None, content_type: None });
        let feed = feed.unwrap();
        let links: Vec<_> = feed.entries.iter().map(|entry| entry.link.as_deref()).collect();
        assert_eq!(links, [None, Some("/one")], "{body}");
        let told =
            ["no absolute address: x.html", "a link stays relative, its site is not known: /one"];
        assert_eq!(feed.problems, told, "{body}");
    }
}

#[test]
fn one_row_describes_a_file() {
    let input = FeedInput { body: b"<html>", url: None, content_type: None };
    let row = serde_json::json!({"file": "f.xml", "format": null, "title": null, "entries": [],
        "problems": ["not a feed: an HTML page"]});
    assert_eq!(describe("f.xml", &input), row);
}

proptest::proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(body in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
        no_panic(&body);
    }

    #[test]
    fn arbitrary_feeds_never_panic(
        pieces in proptest::collection::vec(
            proptest::sample::select(vec![
                "<rss>", "<feed xmlns='http://www.w3.org/2005/Atom'>", "<channel>", "<item>", "</item>", "<entry>", "</entry>",
                "<title>", "</title>", "<title type='xhtml'>", "<content type='xhtml'><div>", "</div></content>", "<link>",
                "<link href='", "'/>", "http://a.org/", "]]>", "<![CDATA[", "&amp;", "&", "&#1;", "&#x110000;", "é", "\u{0}",
                "<author><name>", "</name></author>", "<dc:creator>", "</dc:creator>", "é<a@b.cc>", "—a@b.cc", "(x", "<pubDate>",
                "2025-12-02T13:05:00Z", "</pubDate>", "<media:group>", "<media:content url='x' medium='image'>", "xml:base='", "<", ">", "/",
                "<category term='", "<skipHours><hour>1", "<!--", "-->", "<urlset><url><loc>", "{\"items\":[", "{\"id\":1},", "]}",
            ]),
            0..60,
        ),
        start in proptest::sample::select(vec!["<rss>", "<feed>", "<rdf:RDF>", "{\"items\":[", "<urlset>", ""]),
    ) {
        let body = format!("{start}{}", pieces.concat());
        no_panic(body.as_bytes());
    }
}

fn no_panic(body: &[u8]) {
    for content_type in [None, Some("text/xml; charset=utf-16"), Some("x;charset=shift_jis")] {
        let input = FeedInput { body, url: Some("https://example.org/"), content_type };
        // `parse` without the net that `parse_feed` has under it.
        if let Ok(feed) = parse(&input) {
            for entry in &feed.entries {
                let _ = (entry.identity(), entry.keys(), entry.fingerprint());
            }
        }
        let _ = parse_opml(body);
    }
}
