//! What writers of feeds put where nobody would look for it.

use super::*;

fn only(items: &str) -> ParsedEntry {
    let mut feed = rss(&format!("<item>{items}</item>"));
    assert_eq!(feed.entries.len(), 1, "{items}");
    feed.entries.remove(0)
}

#[test]
fn an_address_is_found_wherever_a_link_has_it() {
    for (items, wanted) in [
        ("<link/>https://a.org/1<title>t</title>", Some("https://a.org/1")),
        ("<link />\n https://a.org/1?a&amp;b\n<guid>2</guid>", Some("https://a.org/1?a&b")),
        ("<link/><title>https://a.org/no</title>", None),
        ("<link><a href='https://a.org/1'>https://a.org/1</a></link>", Some("https://a.org/1")),
        ("<link>\"https://a.org/1\"</link>", Some("https://a.org/1")),
        ("<link>http://https://a.org/1</link>", Some("https://a.org/1")),
        ("<guid isPermaLink='true'>x/7.html</guid>", Some("https://example.org/feeds/x/7.html")),
        ("<guid isPermaLink='true'>7</guid>", None),
        ("<guid isPermaLink='true'>tag:a.org,2025:x/7</guid>", None),
        ("<guid>x/7.html</guid>", None),
    ] {
        assert_eq!(only(items).link.as_deref(), wanted, "{items}");
    }
}

#[test]
fn half_an_address_is_none() {
    let feed = parsed(
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>A</title><link href='https://a.org/arti",
    );
    assert_eq!(titles(&feed), ["A"]);
    assert_eq!(feed.entries[0].link, None);
    assert_eq!(feed.problems, ["the document ends before its elements do"]);
}

#[test]
fn an_image_is_found_in_every_spelling() {
    for items in [
        "<enclosure url='https://a.org/i' type='IMAGE/JPEG'/>",
        "<enclosure url='https://a.org/i.jpg'/>",
        "<image>https://a.org/i</image>",
        "<image><![CDATA[https://a.org/i]]></image>",
        "<image url='https://a.org/i'/>",
        "<image href='https://a.org/i'><title>no</title></image>",
        "<image><title>no</title><url>https://a.org/i</url></image>",
    ] {
        let entry = only(&format!("{items}<title>t</title>"));
        let image = entry.image.unwrap_or_default();
        assert_eq!(image.trim_end_matches(".jpg"), "https://a.org/i", "{items}");
        assert_eq!(entry.title.as_deref(), Some("t"), "{items}");
    }
    assert_eq!(only("<enclosure url='https://a.org/i.mp3'/>").image, None);
}

#[test]
fn what_is_said_of_an_image_is_not_said_of_the_entry() {
    let caption = "<media:title>No</media:title><media:description>No</media:description>";
    let entry = only(&format!(
        "<media:content url='https://a.org/i.jpg' medium='image'>{caption}</media:content>"
    ));
    assert_eq!((entry.title, entry.summary), (None, None));
    assert_eq!(entry.image.as_deref(), Some("https://a.org/i.jpg"));
    let film = "<media:title>Yes</media:title><media:description>Yes</media:description>";
    let entry = only(&format!("<media:group><media:content url='x.mp4'/>{film}</media:group>"));
    assert_eq!((entry.title.as_deref(), entry.summary.as_deref()), (Some("Yes"), Some("Yes")));
}

#[test]
fn a_script_beside_the_entries_is_none_of_them() {
    let feed = parsed(
        "<rss><channel><item><title>A</title><script>x='</b><item>'</script></item></channel></rss>\
         <script>document.write(\"<item><title>B</title></item>\")</script>",
    );
    assert_eq!(titles(&feed), ["A"]);
    let feed = parsed("<rss><item><title>A</title><script></item><item><title>B</title></rss>");
    assert_eq!(titles(&feed), ["A", "B"], "a script that never ends is no script");
}

#[test]
fn whole_texts_of_yandex_news_are_content() {
    for declaration in ["", " xmlns:yandex='http://news.yandex.ru'"] {
        let feed = parsed(&format!(
            "<rss{declaration}><item><yandex:full-text>Whole.</yandex:full-text></item></rss>"
        ));
        assert_eq!(feed.entries[0].content.as_deref(), Some("Whole."));
    }
}

#[test]
fn what_a_sitemap_says_of_a_film_is_not_said_of_the_page() {
    let feed = parsed(
        "<x:urlset xmlns:x='http://www.sitemaps.org/schemas/sitemap/0.9'><x:url>
         <x:loc>https://a.org/1</x:loc><news:news><news:title>News</news:title>
         <news:publication_date>2025-12-02</news:publication_date></news:news>
         <image:image><image:loc>https://a.org/i.jpg</image:loc><image:title>No</image:title></image:image>
         <video:video><video:title>No</video:title><video:content_loc>https://a.org/v</video:content_loc>
         <video:publication_date>2001-01-01</video:publication_date></video:video>
         <x:lastmod>2025-12-03</x:lastmod></x:url><x:url><x:loc>https://a.org/2</x:loc></x:url></x:urlset>",
    );
    let [first, second] = feed.entries.as_slice() else { panic!("{feed:?}") };
    assert_eq!(first.title.as_deref(), Some("News"));
    assert_eq!(first.published_at, parse_date("2025-12-02"));
    assert_eq!(first.updated_at, parse_date("2025-12-03"));
    assert_eq!(first.image.as_deref(), Some("https://a.org/i.jpg"));
    assert_eq!(second.link.as_deref(), Some("https://a.org/2"));
}

#[test]
fn a_plain_list_of_addresses_is_a_sitemap() {
    let feed = parsed("https://a.org/1\r\nhttps://a.org/2?x=y\r\n\r\n");
    assert_eq!(feed.format, FeedFormat::Sitemap);
    let links: Vec<_> = feed.entries.iter().filter_map(|entry| entry.link.as_deref()).collect();
    assert_eq!(links, ["https://a.org/1", "https://a.org/2?x=y"]);
}

#[test]
fn json_that_is_none_is_read_as_it_was_meant() {
    let feed = parsed(
        "callback({// by hand\n\"version\":\"https://jsonfeed.org/version/1.1\",\"x\":NaN,
         \"hubs\":[{\"type\":\"rssCloud\",\"url\":\"https://no.org/\"},{\"type\":\"WebSub\",\"url\":\"https://hub.org/\"}],
         \"items\":[{\"id\":\"a\",\"title\":\"A // not\",},{'id':'b','title':'B'},],});",
    );
    assert_eq!(titles(&feed), ["A // not", "B"]);
    assert_eq!(feed.hubs, ["https://hub.org/"]);
    assert!(feed.problems[0].starts_with("repaired JSON"), "{:?}", feed.problems);
}
