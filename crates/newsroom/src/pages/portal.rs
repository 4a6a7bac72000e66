//! Design "portal": a site of 2003 that nobody dared to touch. Tables, `font`, no paragraphs but
//! line breaks, no metadata at all.

use super::{
    ArticlePage, Shell, comment_form, document_head, evergreens, footer_links, furniture,
    section_links,
};
use crate::article::{Role, escape};

const STYLE: &str = "body{margin:0;background:#dfe6ee;font-family:Verdana,Arial;font-size:14px}\
a{color:ACCENT}.logo{font-size:30px;font-weight:bold;color:#fff}.klein{font-size:11px;color:#555}\
.artikel{font-size:14px;line-height:1.55}td{vertical-align:top}.titel{font-size:23px;color:ACCENT;font-weight:bold}\
.kasten{background:#f3f6fa;border:1px solid #aab;margin-bottom:12px;padding:8px}.front h2{font-size:16px;margin:10px 0 0}";

pub(super) fn article(page: &ArticlePage<'_>) -> String {
    let words = page.furniture();
    let picture = page.picture().map_or_else(String::new, |picture| {
        format!(
            "<table align=\"right\" width=\"260\"><tr><td><img src=\"{}\" width=\"250\" alt=\"{}\"></td></tr>\
             <tr><td class=\"klein\">{}</td></tr></table>\n",
            picture.url, picture.alt, picture.caption
        )
    });
    let parts: Vec<String> = page
        .paragraphs()
        .iter()
        .map(|part| match part.role {
            Role::Text => part.html(),
            Role::Heading => format!("<b>{}</b>", part.html()),
            Role::Quote => format!("<i>{}</i>", part.html()),
        })
        .collect();
    let updated = page.updated().map_or_else(String::new, |updated| format!(" ({updated})"));
    let shares = words.shares.join("</a> | <a href=\"/share\">");
    format!(
        "<font class=\"klein\">{home} &gt; {section}</font><br>\n<h1 class=\"titel\">{title}</h1>\n\
         <font class=\"klein\">{published}{updated}<br>{by} {author}</font><br><br>\n\
         <div class=\"artikel\">{picture}{text}</div><br>\n\
         <font class=\"klein\">{share}: <a href=\"/share\">{shares}</a></font>\n<hr>\n\
         <b>{related}</b><ul>{teasers}</ul>\n{form}",
        home = words.home,
        section = page.section(),
        title = page.title(),
        published = page.published(),
        by = words.by,
        author = page.author(),
        text = parts.join("<br><br>\n"),
        share = words.share_heading,
        related = words.related,
        teasers = page.teaser_list(0, 5),
        form = comment_form(words, "b"),
    )
}

pub(super) fn shell(shell: &Shell<'_>) -> String {
    let words = furniture::of(shell.outlet.language);
    let name = escape(&shell.outlet.name);
    format!(
        "{head}<body>\n<table width=\"100%\" cellpadding=\"10\" cellspacing=\"0\"><tr bgcolor=\"{accent}\">\
         <td><font class=\"logo\">{name}</font><br><font color=\"#ffffff\" size=\"1\">{slogan}</font></td>\
         <td align=\"right\"><font color=\"#ffffff\" size=\"1\">{advert}</font></td></tr></table>\n\
         <table width=\"980\" align=\"center\" cellpadding=\"12\" bgcolor=\"#ffffff\"><tr>\n\
         <td width=\"130\"><a href=\"/\">{home}</a><br><br>{sections}<form action=\"/search\">\
         <input size=\"10\" name=\"q\"><input type=\"submit\" value=\"{search}\"></form></td>\n\
         <td width=\"600\">\n{main}</td>\n<td width=\"230\">\n\
         <div class=\"kasten\"><b>{most_read}</b><br>{evergreens}</div>\n\
         <div class=\"kasten\"><b>{newsletter}</b><br>{newsletter_text}</div>\n\
         <div class=\"kasten\"><b>{offer}</b><br>{offer_text} <a href=\"/abo\">{offer_button}</a></div>\n\
         </td></tr></table>\n<center><font class=\"klein\">{links}<br>&copy; {name}. {legal}<br>\
         {cookie} <a href=\"/service\">{accept}</a></font></center>\n</body>\n</html>\n",
        head = document_head(shell, STYLE),
        accent = shell.outlet.accent,
        slogan = escape(&shell.outlet.slogan),
        advert = words.advert,
        home = words.home,
        sections = section_links(words, "", "<br><br>"),
        search = words.search,
        main = shell.main,
        most_read = words.most_read,
        evergreens = evergreens(words, "&raquo; ", "<br>\n"),
        newsletter = words.newsletter_heading,
        newsletter_text = words.newsletter_text,
        offer = words.offer_heading,
        offer_text = words.offer_text,
        offer_button = words.offer_button,
        links = footer_links(words, "", " | "),
        legal = words.footer_legal,
        cookie = words.cookie,
        accept = words.cookie_buttons[0],
    )
}
