//! Design "broadsheet": semantic elements, serif, a side column.

use super::{
    ArticlePage, Shell, comment_form, document_head, evergreens, footer_links, furniture,
    paragraph, section_links,
};
use crate::article::escape;

const STYLE: &str = "body{margin:0;font:18px/1.6 Georgia,serif;color:#1b1b1b;background:#fdfcf9}\
a{color:ACCENT;text-decoration:none}a:hover{text-decoration:underline}\
.masthead{text-align:center;border-bottom:3px double ACCENT;padding:18px 0 8px}\
.masthead b{font-size:46px;color:ACCENT;font-weight:700;letter-spacing:-1px}\
.masthead i{display:block;font-size:14px;color:#666}\
nav.main{text-align:center;font:14px Helvetica,Arial,sans-serif;border-bottom:1px solid #ccc;padding:10px}\
nav.main a{margin:0 12px;color:#222}\
.columns{max-width:1080px;margin:24px auto;display:grid;grid-template-columns:2fr 1fr;gap:48px;padding:0 20px}\
h1{font-size:40px;line-height:1.15;margin:8px 0}h2{font-size:23px;margin:26px 0 4px}\
.kicker,.meta,.share,aside,footer,.cookie{font-family:Helvetica,Arial,sans-serif;font-size:14px}\
.kicker{color:ACCENT;text-transform:uppercase;letter-spacing:1px}.meta{color:#666}\
.share a{border:1px solid #ccc;padding:3px 9px;border-radius:3px;margin-right:6px}\
figure{margin:18px 0}figure img{width:100%}figcaption{font:13px Helvetica,Arial,sans-serif;color:#777}\
.lede{font-size:21px}aside section{border-top:2px solid ACCENT;margin-bottom:26px}\
aside ul,aside ol{padding-left:18px}.offer{background:#f0ece0;padding:14px}\
footer{background:#222;color:#bbb;padding:28px;text-align:center}footer a{color:#ddd;margin:0 10px}\
.cookie{position:fixed;bottom:0;left:0;right:0;background:#fff;border-top:2px solid ACCENT;padding:12px 20px}\
.front .entry{border-bottom:1px solid #ddd}";

pub(super) fn article(page: &ArticlePage<'_>) -> String {
    let words = page.furniture();
    let figure = page.picture().map_or_else(String::new, |picture| {
        format!(
            "<figure><img src=\"{}\" alt=\"{}\" width=\"800\" height=\"400\"><figcaption>{}\
             </figcaption></figure>\n",
            picture.url, picture.alt, picture.caption
        )
    });
    let mut text = String::new();
    for (index, part) in page.paragraphs().iter().enumerate() {
        text.push_str(&paragraph(part, if index == 0 { " class=\"lede\"" } else { "" }));
    }
    let updated = page.updated().map_or_else(String::new, |updated| format!(" &middot; {updated}"));
    let shares: String =
        words.shares.iter().map(|name| format!("<a href=\"/share\">{name}</a>")).collect();
    format!(
        "<article class=\"story\">\n<header>\n<p class=\"kicker\">{section}</p>\n<h1>{title}</h1>\n\
         <p class=\"meta\"><span class=\"byline\">{by} <a rel=\"author\" href=\"/s/redaktion\">{author}</a>\
         </span> &middot; <time>{published}</time>{updated}</p>\n</header>\n\
         <div class=\"share\"><span>{share}</span> {shares}</div>\n\
         {figure}<div class=\"story-body\">\n{text}</div>\n\
         <div class=\"share share-bottom\">{shares}</div>\n</article>\n\
         <section class=\"related\"><h3>{related}</h3><ul>{teasers}</ul></section>\n{form}",
        section = page.section(),
        title = page.title(),
        by = words.by,
        author = page.author(),
        published = page.published(),
        share = words.share_heading,
        related = words.related,
        teasers = page.teaser_list(0, 4),
        form = comment_form(words, "h3"),
    )
}

pub(super) fn shell(shell: &Shell<'_>) -> String {
    let words = furniture::of(shell.outlet.language);
    let name = escape(&shell.outlet.name);
    format!(
        "{head}<body>\n<header class=\"masthead\"><a href=\"/\"><b>{name}</b></a><i>{slogan}</i></header>\n\
         <nav class=\"main\"><a href=\"/\">{home}</a>{sections}<a href=\"/login\">{login}</a></nav>\n\
         <div class=\"columns\">\n<main>\n{main}</main>\n<aside>\n\
         <section class=\"offer\"><h3>{offer}</h3><p>{offer_text}</p><a href=\"/abo\">{offer_button}</a></section>\n\
         <section><h3>{most_read}</h3><ol>{evergreens}</ol></section>\n\
         <section class=\"newsletter\"><h3>{newsletter}</h3><p>{newsletter_text}</p>\
         <form action=\"/newsletter\"><input name=\"e\"><button>{newsletter_button}</button></form></section>\n\
         </aside>\n</div>\n<footer>{links}<p>&copy; {name}. {legal}</p></footer>\n\
         <div class=\"cookie\" role=\"dialog\"><p>{cookie}</p><button>{accept}</button> \
         <button>{manage}</button></div>\n</body>\n</html>\n",
        head = document_head(shell, STYLE),
        slogan = escape(&shell.outlet.slogan),
        home = words.home,
        sections = section_links(words, "", ""),
        login = words.login,
        main = shell.main,
        offer = words.offer_heading,
        offer_text = words.offer_text,
        offer_button = words.offer_button,
        most_read = words.most_read,
        evergreens = evergreens(words, "<li>", "</li>\n"),
        newsletter = words.newsletter_heading,
        newsletter_text = words.newsletter_text,
        newsletter_button = words.newsletter_button,
        links = footer_links(words, "", ""),
        legal = words.footer_legal,
        cookie = words.cookie,
        accept = words.cookie_buttons[0],
        manage = words.cookie_buttons[1],
    )
}
