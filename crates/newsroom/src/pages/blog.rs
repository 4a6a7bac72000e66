//! Design "blog": a weblog theme with microdata, tags, and the famous "Leave a reply".

use super::{
    ArticlePage, Shell, comment_form, document_head, evergreens, footer_links, furniture,
    paragraph, reader_comments, section_links,
};
use crate::article::escape;
use crate::dates;
use crate::outlets::Metadata;

const STYLE: &str = "body{margin:0;background:#f4f1ea;font:17px/1.7 'Trebuchet MS',Verdana,sans-serif;color:#333}\
a{color:ACCENT}#page{max-width:980px;margin:0 auto;background:#fff;box-shadow:0 0 14px rgba(0,0,0,.12)}\
.site-header{padding:34px 40px;background:ACCENT;color:#fff}.site-title a{color:#fff;font-size:34px;text-decoration:none}\
.site-description{opacity:.85;margin:0}.main-navigation ul{list-style:none;margin:0;padding:10px 40px;background:#2b2b2b}\
.main-navigation li{display:inline-block;margin-right:20px}.main-navigation a{color:#fff;text-decoration:none}\
#content{display:flex}#primary{flex:2;padding:30px 40px}#secondary{flex:1;padding:30px 30px 30px 0;font-size:15px}\
.entry-title{font-size:31px;line-height:1.25;margin:0}.entry-meta{color:#888;font-size:14px}\
.wp-caption{background:#f3f3f3;padding:8px;margin:0 0 18px}.wp-caption img{width:100%}.wp-caption-text{font-size:13px;margin:4px 0 0}\
.sharedaddy ul{list-style:none;padding:0}.sharedaddy li{display:inline-block;margin-right:8px;background:#eee;padding:3px 10px;border-radius:12px;font-size:13px}\
.widget{margin-bottom:26px}.widget-title{border-bottom:2px solid ACCENT}.commentlist{list-style:none;padding:0}\
.comment{background:#faf8f3;padding:8px 14px;margin-bottom:8px}textarea{width:100%;height:80px}\
.site-footer{padding:24px 40px;background:#2b2b2b;color:#aaa;font-size:14px}.site-footer a{color:#ddd;margin-right:12px}\
#cookie-law{background:#fff8d8;padding:8px 40px;font-size:13px}";

pub(super) fn article(page: &ArticlePage<'_>) -> String {
    let words = page.furniture();
    let micro = page.outlet.metadata == Metadata::Microdata;
    let offset = page.outlet.offset;
    // Attributes of one property, where this outlet states microdata.
    let property = |name: &str| {
        if micro { format!(" itemprop=\"{name}\"") } else { String::new() }
    };
    let scope = if micro { " itemscope itemtype=\"https://schema.org/NewsArticle\"" } else { "" };
    let picture = page.picture().map_or_else(String::new, |picture| {
        format!(
            "<div class=\"wp-caption\"><img src=\"{}\" alt=\"{}\"{}><p class=\"wp-caption-text\">{}</p></div>\n",
            picture.url,
            picture.alt,
            property("image"),
            picture.caption
        )
    });
    let text: String = page.paragraphs().iter().map(|part| paragraph(part, "")).collect();
    let tags: Vec<String> = page
        .view
        .article
        .tags
        .iter()
        .map(|tag| format!("<a rel=\"tag\" href=\"/s/tag\">{}</a>", escape(tag)))
        .collect();
    let shares: String =
        words.shares.iter().map(|name| format!("<li><a href=\"/share\">{name}</a></li>")).collect();
    let updated = page.modified.zip(page.updated()).map_or_else(String::new, |(at, updated)| {
        format!(
            " <time class=\"updated\"{} datetime=\"{}\">{updated}</time>",
            property("dateModified"),
            dates::iso(at, offset)
        )
    });
    format!(
        "<div class=\"post hentry\"{scope}>\n<h1 class=\"entry-title\"{headline}>{title}</h1>\n\
         <div class=\"entry-meta\"><span class=\"author vcard\"{author_property}>{by} {author}</span>, \
         <time class=\"published\"{date} datetime=\"{iso}\">{published_word} {published}</time>{updated}</div>\n\
         {picture}<div class=\"entry-content\"{body}>\n{text}\
         <div class=\"sharedaddy\"><h3>{share}</h3><ul>{shares}</ul></div>\n</div>\n\
         <p class=\"entry-footer\">{topics}: {tags} | <a href=\"/s/{slug}\">{section}</a></p>\n</div>\n\
         <div class=\"yarpp\"><h3>{related}</h3><ul>{teasers}</ul></div>\n\
         <div id=\"comments\"><ol class=\"commentlist\">{comments}</ol>\n{form}</div>\n",
        headline = property("headline"),
        title = page.title(),
        author_property = property("author"),
        by = words.by,
        author = page.author(),
        date = property("datePublished"),
        iso = dates::iso(page.published, offset),
        published_word = words.published,
        published = page.published(),
        body = property("articleBody"),
        share = words.share_heading,
        topics = words.topics,
        tags = tags.join(", "),
        slug = crate::generator::slug(&page.view.article.section),
        section = page.section(),
        related = words.related,
        teasers = page.teaser_list(0, 3),
        comments = reader_comments(words),
        form = comment_form(words, "h3"),
    )
}

pub(super) fn shell(shell: &Shell<'_>) -> String {
    let words = furniture::of(shell.outlet.language);
    let name = escape(&shell.outlet.name);
    format!(
        "{head}<body class=\"single single-post\">\n<div id=\"cookie-law\">{cookie} <button>{accept}</button> \
         <button>{manage}</button></div>\n\
         <div id=\"page\" class=\"site\">\n<div class=\"site-header\"><p class=\"site-title\"><a href=\"/\">{name}</a></p>\
         <p class=\"site-description\">{slogan}</p></div>\n\
         <div class=\"main-navigation\"><ul><li><a href=\"/\">{home}</a></li>{sections}</ul></div>\n\
         <div id=\"content\">\n<div id=\"primary\">\n{main}</div>\n\
         <div id=\"secondary\" class=\"widget-area\">\n\
         <div class=\"widget\"><h3 class=\"widget-title\">{newsletter}</h3><p>{newsletter_text}</p>\
         <form action=\"/newsletter\"><input name=\"e\"><button>{newsletter_button}</button></form></div>\n\
         <div class=\"widget\"><h3 class=\"widget-title\">{most_read}</h3><ul>{evergreens}</ul></div>\n\
         <div class=\"widget\"><h3 class=\"widget-title\">{offer}</h3><p>{offer_text}</p></div>\n</div>\n</div>\n\
         <div class=\"site-footer\">{links}<p>&copy; {name}. {legal}</p></div>\n</div>\n</body>\n</html>\n",
        head = document_head(shell, STYLE),
        cookie = words.cookie,
        accept = words.cookie_buttons[0],
        manage = words.cookie_buttons[1],
        slogan = escape(&shell.outlet.slogan),
        home = words.home,
        sections = section_links(words, "<li>", "</li>"),
        main = shell.main,
        newsletter = words.newsletter_heading,
        newsletter_text = words.newsletter_text,
        newsletter_button = words.newsletter_button,
        most_read = words.most_read,
        evergreens = evergreens(words, "<li>", "</li>\n"),
        offer = words.offer_heading,
        offer_text = words.offer_text,
        links = footer_links(words, "", ""),
        legal = words.footer_legal,
    )
}
