//! Design "cards": a recent application with made-up class names and boxes inside the text.

use super::{
    ArticlePage, Shell, comment_form, document_head, evergreens, footer_links, furniture,
    paragraph, section_links,
};
use crate::article::escape;

const STYLE: &str = ":root{--a:ACCENT}body{margin:0;font:18px/1.65 system-ui,'Segoe UI',Roboto,sans-serif;color:#16181d;background:#f7f8fa}\
a{color:inherit}.x1k{position:sticky;top:0;background:#fff;border-bottom:1px solid #e4e6ea;display:flex;gap:22px;align-items:center;padding:14px 28px;font-size:15px}\
.x1k .lg{font-weight:800;font-size:24px;color:var(--a);text-decoration:none}.x1k a{text-decoration:none}\
.m9q{max-width:720px;margin:34px auto;padding:0 20px}.m9q h1{font-size:42px;line-height:1.12;letter-spacing:-.02em;margin:10px 0}\
.chip{background:var(--a);color:#fff;border-radius:99px;padding:3px 12px;font-size:13px}\
.by2{display:flex;gap:12px;color:#6b7280;font-size:14px}.hero{margin:20px -60px}.hero img{width:100%;border-radius:14px}\
.hero figcaption{font-size:13px;color:#6b7280;padding:4px 8px}.nl7{background:#fff;border:1px solid #e4e6ea;border-radius:14px;padding:18px 22px;margin:26px 0;font-size:15px}\
.nl7 strong{display:block;font-size:19px}.sh3{display:flex;gap:8px;margin:18px 0}.sh3 button{border:0;background:#e9ebef;border-radius:99px;padding:7px 15px}\
.gr5{max-width:1080px;margin:0 auto;display:grid;grid-template-columns:repeat(3,1fr);gap:18px;padding:20px}\
.cd8{background:#fff;border-radius:14px;padding:16px;font-size:16px;box-shadow:0 1px 4px rgba(0,0,0,.08)}.cd8 h3{margin:0 0 6px}\
.cd8 p{color:#6b7280;font-size:14px;margin:0}.pw4{background:linear-gradient(90deg,var(--a),#222);color:#fff;border-radius:14px;padding:20px;margin:26px 0}\
.ft6{background:#16181d;color:#9aa0aa;padding:30px;font-size:14px;text-align:center}.ft6 a{margin:0 10px}\
.ck0{position:fixed;bottom:18px;left:50%;transform:translateX(-50%);width:620px;background:#16181d;color:#fff;border-radius:14px;padding:14px 20px;font-size:13px}";

pub(super) fn article(page: &ArticlePage<'_>) -> String {
    let words = page.furniture();
    let hero = page.picture().map_or_else(String::new, |picture| {
        format!(
            "<figure class=\"hero\"><img src=\"{}\" alt=\"{}\"><figcaption>{}</figcaption></figure>\n",
            picture.url, picture.alt, picture.caption
        )
    });
    let mut text = String::new();
    for (index, part) in page.paragraphs().iter().enumerate() {
        if index == 3 {
            text.push_str(&format!(
                "<div class=\"nl7\"><strong>{}</strong><span>{}</span> <button>{}</button></div>\n",
                words.newsletter_heading, words.newsletter_text, words.newsletter_button
            ));
        }
        text.push_str(&paragraph(part, " class=\"p2\""));
    }
    let shares: String =
        words.shares.iter().map(|name| format!("<button>{name}</button>")).collect();
    let cards: String = page
        .teasers
        .iter()
        .take(3)
        .map(|teaser| {
            format!(
                "<a class=\"cd8\" href=\"{}\"><h3>{}</h3><p>{}</p></a>\n",
                escape(&teaser.url),
                escape(&teaser.title),
                escape(&teaser.summary)
            )
        })
        .collect();
    let updated =
        page.updated().map_or_else(String::new, |updated| format!("<span>{updated}</span>"));
    format!(
        "<div class=\"m9q\">\n<span class=\"chip\">{section}</span>\n<h1>{title}</h1>\n\
         <div class=\"by2\"><span>{by} {author}</span><span>{published}</span>{updated}</div>\n\
         {hero}<div class=\"b1d\">\n{text}</div>\n\
         <div class=\"sh3\"><span>{share}</span>{shares}</div>\n\
         <div class=\"pw4\"><strong>{offer}</strong><div>{offer_text}</div><button>{offer_button}</button></div>\n\
         {form}</div>\n<div class=\"gr5\">{cards}</div>\n",
        section = page.section(),
        title = page.title(),
        by = words.by,
        author = page.author(),
        published = page.published(),
        share = words.share_heading,
        offer = words.offer_heading,
        offer_text = words.offer_text,
        offer_button = words.offer_button,
        form = comment_form(words, "h3"),
    )
}

pub(super) fn shell(shell: &Shell<'_>) -> String {
    let words = furniture::of(shell.outlet.language);
    let name = escape(&shell.outlet.name);
    format!(
        "{head}<body>\n<div id=\"app\">\n<div class=\"x1k\"><a class=\"lg\" href=\"/\">{name}</a>{sections}\
         <a href=\"/login\">{login}</a></div>\n<main>\n{main}</main>\n\
         <div class=\"gr5\"><div class=\"cd8\"><h3>{most_read}</h3>{evergreens}</div></div>\n\
         <div class=\"ft6\"><div>{slogan}</div><div>{links}</div><div>&copy; {name}. {legal}</div></div>\n\
         <div class=\"ck0\">{cookie} <button>{accept}</button><button>{manage}</button></div>\n</div>\n\
         <script>window.__STATE__={{\"route\":\"article\",\"user\":null}}</script>\n</body>\n</html>\n",
        head = document_head(shell, STYLE),
        sections = section_links(words, "", ""),
        login = words.login,
        main = shell.main,
        most_read = words.most_read,
        evergreens = evergreens(words, "<p>", "</p>\n"),
        slogan = escape(&shell.outlet.slogan),
        links = footer_links(words, "", ""),
        legal = words.footer_legal,
        cookie = words.cookie,
        accept = words.cookie_buttons[0],
        manage = words.cookie_buttons[1],
    )
}
