use super::*;
use crate::dom;

#[test]
fn an_open_link_does_not_grow_with_each_block() {
    let link = format!("<p><a href=https://a.example/{}>x", "y".repeat(2_000));
    let html = dom::parse(&format!("{link}{}", "<br><br>The mill stands.".repeat(4_000))).unwrap();
    let page = Page::new(&html, None);
    let blocks = blocks(&page, page.body, None);
    assert_eq!(blocks.len(), 4_001);
    assert!(blocks[1].html.contains("<a href="), "a link goes on behind a line break");
    assert!(blocks.iter().map(|block| block.html.len()).sum::<usize>() < 256 * 1024);
}
