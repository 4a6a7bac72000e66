//! Design "tabloid": nested `div`s, loud, with teasers, adverts and share bars in the text.

use super::{
    ArticlePage, Shell, comment_form, document_head, evergreens, footer_links, furniture,
    paragraph, reader_comments, section_links,
};
use crate::article::escape;

const STYLE: &str = "*{box-sizing:border-box}body{margin:0;font:17px/1.5 Arial,Helvetica,sans-serif;background:#ececec}\
a{color:#111}.top{background:ACCENT;color:#fff;padding:14px 22px}.top a.logo{color:#fff;font:900 italic 38px Arial}\
.top .claim{font-size:13px;opacity:.85}.menu{background:#111;padding:0 14px}.menu .item{display:inline-block;padding:11px 10px}\
.menu a{color:#fff;text-decoration:none;font-weight:bold;font-size:14px}\
.wrap{max-width:1100px;margin:18px auto;display:flex;gap:22px;padding:0 14px}\
.col-main{flex:2;background:#fff;padding:24px}.col-side{flex:1;min-width:260px}\
.headline{font:900 36px/1.1 Arial}.roof{color:ACCENT;font-weight:bold}.info{color:#777;font-size:13px;margin:8px 0}\
.sharebar span{display:inline-block;background:#eee;padding:5px 10px;margin:0 4px 6px 0;font-size:13px}\
.pic img{width:100%}.pic .cap{font-size:13px;color:#666}.readmore{border-left:5px solid ACCENT;background:#f6f6f6;padding:9px 14px;margin:16px 0;font-weight:bold}\
.ad{background:#ddd;color:#888;text-align:center;padding:34px;margin:16px 0;font-size:12px}\
.box{background:#fff;padding:14px;margin-bottom:18px;border-top:5px solid ACCENT}.box .bt{font-weight:900;font-size:19px}\
.comments{list-style:none;padding:0}.comment{border-bottom:1px solid #ddd;padding:6px 0}\
.foot{background:#111;color:#999;padding:24px;font-size:13px}.foot a{color:#ccc;margin-right:14px}\
.consent{position:fixed;right:16px;bottom:16px;width:340px;background:#fff;box-shadow:0 2px 18px rgba(0,0,0,.4);padding:16px;font-size:13px}\
.front .entry{border-bottom:1px dotted #999}";

pub(super) fn article(page: &ArticlePage<'_>) -> String {
    let words = page.furniture();
    let picture = page.picture().map_or_else(String::new, |picture| {
        format!(
            "<div class=\"pic\"><img src=\"{}\" alt=\"{}\"><div class=\"cap\">{}</div></div>\n",
            picture.url, picture.alt, picture.caption
        )
    });
    let mut text = String::new();
    for (index, part) in page.paragraphs().iter().enumerate() {
        if index == 2
            && let Some(teaser) = page.teasers.first()
        {
            text.push_str(&format!(
                "<div class=\"readmore\"><span>{}</span> <a href=\"{}\">{}</a></div>\n",
                words.read_also,
                escape(&teaser.url),
                escape(&teaser.title)
            ));
        }
        if index == 4 {
            text.push_str(&format!("<div class=\"ad\">{}</div>\n", words.advert));
        }
        text.push_str(&paragraph(part, ""));
    }
    let shares: String =
        words.shares.iter().map(|name| format!("<span class=\"sh\">{name}</span>")).collect();
    let updated = page.updated().map_or_else(String::new, |updated| format!(" | {updated}"));
    format!(
        "<div class=\"art\">\n<div class=\"roof\">{section}</div>\n<h1 class=\"headline\">{title}</h1>\n\
         <div class=\"info\">{by} {author} | {published}{updated}</div>\n\
         <div class=\"sharebar\">{shares}</div>\n{picture}\
         <div class=\"txt\">\n{text}</div>\n\
         <div class=\"sharebar\"><b>{share}</b> {shares}</div>\n</div>\n\
         <div class=\"box\"><div class=\"bt\">{related}</div><ul>{teasers}</ul></div>\n\
         <div class=\"talk\"><ol class=\"comments\">{comments}</ol>\n{form}</div>\n",
        section = page.section(),
        title = page.title(),
        by = words.by,
        author = page.author(),
        published = page.published(),
        share = words.share_heading,
        related = words.related,
        teasers = page.teaser_list(1, 5),
        comments = reader_comments(words),
        form = comment_form(words, "h4"),
    )
}

pub(super) fn shell(shell: &Shell<'_>) -> String {
    let words = furniture::of(shell.outlet.language);
    let name = escape(&shell.outlet.name);
    format!(
        "{head}<body>\n<div class=\"top\"><a class=\"logo\" href=\"/\">{name}</a>\
         <div class=\"claim\">{slogan}</div></div>\n\
         <div class=\"menu\"><div class=\"item\"><a href=\"/\">{home}</a></div>{sections}\
         <div class=\"item\"><a href=\"/search\">{search}</a></div></div>\n\
         <div class=\"ad\">{advert}</div>\n\
         <div class=\"wrap\">\n<div class=\"col-main\">\n{main}</div>\n<div class=\"col-side\">\n\
         <div class=\"box\"><div class=\"bt\">{most_read}</div>{evergreens}</div>\n\
         <div class=\"box\"><div class=\"bt\">{newsletter}</div><p>{newsletter_text}</p><button>{newsletter_button}</button></div>\n\
         <div class=\"box\"><div class=\"bt\">{offer}</div><p>{offer_text}</p><a href=\"/abo\">{offer_button}</a></div>\n\
         </div>\n</div>\n<div class=\"foot\">{links}<p>&copy; {name} - {legal}</p></div>\n\
         <div class=\"consent\"><p>{cookie}</p><button>{accept}</button> <a href=\"/service\">{manage}</a></div>\n\
         </body>\n</html>\n",
        head = document_head(shell, STYLE),
        slogan = escape(&shell.outlet.slogan),
        home = words.home,
        sections = section_links(words, "<div class=\"item\">", "</div>"),
        search = words.search,
        advert = words.advert,
        main = shell.main,
        most_read = words.most_read,
        evergreens = evergreens(words, "<p class=\"mr\">", "</p>\n"),
        newsletter = words.newsletter_heading,
        newsletter_text = words.newsletter_text,
        newsletter_button = words.newsletter_button,
        offer = words.offer_heading,
        offer_text = words.offer_text,
        offer_button = words.offer_button,
        links = footer_links(words, "", ""),
        legal = words.footer_legal,
        cookie = words.cookie,
        accept = words.cookie_buttons[0],
        manage = words.cookie_buttons[1],
    )
}
