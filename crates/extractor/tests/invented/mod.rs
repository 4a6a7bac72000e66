//! Invented sites for the site memory's test: designs, articles, furniture, all from one seed.

/// A small generator: the same numbers everywhere.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit
    }

    fn of<'w>(&mut self, words: &[&'w str]) -> &'w str {
        words[self.below(words.len())]
    }
}

const WHO: &[&str] = &[
    "the council",
    "a farmer from the valley",
    "the mayor",
    "an engineer",
    "the ferry company",
    "a group of pupils",
    "the harbour master",
    "the river board",
    "an old fisherman",
    "the museum's director",
    "the choir",
    "a baker in the old town",
    "the fire brigade",
    "the weather service",
    "a judge",
    "the hospital",
    "the school",
    "two brothers",
    "the library",
    "the tram workers",
];
const DID: &[&str] = &[
    "decided to rebuild",
    "has sold",
    "wants to close",
    "opened",
    "found cracks in",
    "argued about",
    "has repaired",
    "painted",
    "will move",
    "asked for",
    "refused to pay for",
    "measured",
    "paid twice for",
    "has forgotten",
    "inherited",
    "photographed",
    "will light",
    "counted",
];
const WHAT: &[&str] = &[
    "the wooden bridge",
    "a row of lime trees",
    "the northern quay",
    "its oldest tram",
    "the market hall",
    "a barn full of apples",
    "the ferry landing",
    "three kilometres of dyke",
    "the bell tower",
    "a school bus",
    "the swimming pool",
    "the archive of the guild",
    "forty street lamps",
    "the mill by the weir",
    "a statue without a head",
    "the reading room",
];
const WHEN: &[&str] = &[
    "on Monday",
    "last week",
    "after a long night",
    "before the storm",
    "in the spring",
    "without a word",
    "to the surprise of all",
    "for the third time",
    "as planned years ago",
    "against the advice of the experts",
    "at half the price",
    "in front of a small crowd",
];
const SAID: &[&str] = &[
    "nobody had expected that",
    "the cost is not known yet",
    "there was no other way",
    "the work begins in autumn",
    "the neighbours were not asked",
    "this is only the beginning",
    "the water rose faster than in other years",
    "a decision will be taken next month",
    "the insurance does not cover it",
    "most of it can be saved",
];
const AUTHORS: &[&str] = &["Ada Holm", "Ben Okafor", "Cleo Marin", "Dag Winter"];

/// An article as its author wrote it.
pub(crate) struct Written {
    pub(crate) title: String,
    pub(crate) author: &'static str,
    pub(crate) day: u32,
    pub(crate) paragraphs: Vec<String>,
    pub(crate) slug: String,
}

/// A sentence as the articles have them.
pub(crate) fn sentence(dice: &mut Dice) -> String {
    let mut text = format!(
        "{} {} {} {}, and {} said that {}.",
        dice.of(WHO),
        dice.of(DID),
        dice.of(WHAT),
        dice.of(WHEN),
        dice.of(WHO),
        dice.of(SAID)
    );
    text[..1].make_ascii_uppercase();
    text
}

/// Articles of a site; now and then one repeats a paragraph of background word by word.
pub(crate) fn articles(site: usize, count: usize) -> Vec<Written> {
    let mut dice = Dice::new(site as u64 + 11);
    let background: Vec<String> =
        (0..3).map(|_| format!("{} {}", sentence(&mut dice), sentence(&mut dice))).collect();
    (0..count)
        .map(|number| {
            let mut title = format!("{} {} {}", dice.of(WHO), dice.of(DID), dice.of(WHAT));
            title[..1].make_ascii_uppercase();
            let length = 6 + dice.below(6);
            let mut paragraphs: Vec<String> = (0..length)
                .map(|_| {
                    let sentences = 2 + dice.below(3);
                    (0..sentences).map(|_| sentence(&mut dice)).collect::<Vec<_>>().join(" ")
                })
                .collect();
            if dice.below(6) == 0 {
                let at = 1 + dice.below(paragraphs.len());
                paragraphs.insert(at, background[dice.below(background.len())].clone());
            }
            Written {
                author: AUTHORS[dice.below(AUTHORS.len())],
                day: 1 + (number as u32 % 28),
                slug: format!("{site}-{number}"),
                title,
                paragraphs,
            }
        })
        .collect()
}

/// How many designs there are.
pub(crate) const DESIGNS: usize = 14;

/// A page of an article in a design; `others` are the site's articles before it.
pub(crate) fn page(design: usize, site: usize, article: &Written, others: &[Written]) -> String {
    let mut dice = Dice::new((design * 1_000 + others.len()) as u64);
    // The last articles, in turn: what lists of other articles show.
    let recent: Vec<&Written> =
        others.iter().rev().skip(dice.below(2)).step_by(1 + design % 2).take(4).collect();
    let c = |name: &str| format!("{name}{}", ["a", "b", "c", "d", "e"][design % 5]);
    let mut body: Vec<String> =
        article.paragraphs.iter().map(|text| format!("<p>{text}</p>")).collect();
    let middle = body.len() / 2;
    let mut top = String::new();
    let mut end = String::new();
    let paper = format!("The {} Courier", ["River", "Valley", "Harbour", "Hill"][site % 4]);
    let (author, day) = (article.author, article.day);
    match design {
        0 => {
            top += &format!("<div class={}>{} minutes read</div>", c("q"), 2 + dice.below(7));
            end += &format!(
                "<p>For tips and corrections on this subject, write to the desk of {paper} any time.</p>"
            );
        }
        1 => {
            end += &format!(
                "<div class={}><p>{author} covers the towns along the river for {paper} and lives above a bakery.</p></div>",
                c("w")
            );
            end += "<p>Stay on top of what happens in your street with our evening letter, six times a week, no charge.</p>";
        }
        2 => {
            for other in &recent {
                end += &format!(
                    "<div class={}><a href=/{}.html>{}</a></div>",
                    c("t"),
                    other.slug,
                    other.title
                );
            }
            top += &format!("<div class={}>English Deutsch Français Español</div>", c("l"));
        }
        3 => {
            if let Some(other) = recent.first() {
                body.insert(
                    middle,
                    format!(
                        "<p class={}>Now on our pages: <a href=/{}.html>{}</a></p>",
                        c("n"),
                        other.slug,
                        other.title
                    ),
                );
            }
            end += &format!(
                "<p>You have read {} of 5 free articles this month; more of them come with a pass.</p>",
                1 + dice.below(4)
            );
        }
        4 => {
            body.insert(middle, format!("<div class={}><p>Our app brings the news of the whole valley to your pocket, without noise, for a year without paying.</p></div>", c("v")));
            end += &format!(
                "<div class={}><p>{author}</p><p>Writes about the harbour, the trams and the weather for {paper}.</p></div>",
                c("k")
            );
        }
        5 => {
            end += "<p>This text was checked by two people before it went out. Tell us what we missed.</p>";
            for other in &recent {
                end += &format!(
                    "<section class={}><h4>{}</h4><p>{}</p></section>",
                    c("s"),
                    other.title,
                    other.paragraphs[0]
                );
            }
        }
        6 => {
            top += &format!(
                "<p class={}>{paper} from {day} March 2025, page {}</p>",
                c("p"),
                1 + dice.below(30)
            );
            end += &format!(
                "<p>{paper} is printed on paper from the mill by the weir, as it has been since 1871, and belongs to its readers.</p>"
            );
        }
        7 => {
            body.insert(
                1,
                format!(
                    "<p>Listen to this text, read by {author}, in {} minutes</p>",
                    2 + dice.below(9)
                ),
            );
            end += &format!("<p>Pictures in this story were taken by {author} for {paper}</p>");
        }
        8 => {
            end += &format!("<div class={}><div>What others read</div>", c("o"));
            for (number, other) in recent.iter().enumerate() {
                end += &format!("<div>{}. <span>{}</span></div>", number + 1, other.title);
            }
            end += "</div>";
        }
        9 => {
            end += &format!(
                "<p>{author} can be reached in the newsroom every day from nine to five, except in the week of the fair.</p>"
            );
            end += "<p>Letters may be shortened. Please give your name and the town you live in when you write.</p>";
        }
        10 => {
            body.insert(middle, "<p>Readers like you pay for this. If you can, give what a coffee costs, once or every month.</p>".to_owned());
            top += &format!("<div class={}><span>Add {paper} to your sources</span></div>", c("g"));
        }
        11 => {
            for other in &recent {
                end += &format!("<p>See too: <a href=/{}.html>{}</a></p>", other.slug, other.title);
            }
            end += "<p>The desk keeps this page up to date while things change, so come back to it later today.</p>";
        }
        12 => {
            top += &format!("<div class={}>Text size: small medium large</div>", c("z"));
            end += &format!(
                "<div class={}><p>Have a look at the town through our cameras on the bridge, at the weir and in the market hall.</p></div>",
                c("h")
            );
        }
        _ => {
            end +=
                &format!("<p>With notes from {author} and the wire of the northern press pool</p>");
            end += &format!(
                "<div class={}><p>Play the crossword of the day, made by hand in the room next to ours since the first issue.</p></div>",
                c("x")
            );
        }
    }
    let body = body.concat();
    let title = &article.title;
    let wrapped = match design % 4 {
        0 => format!(
            "<main class={}><h1>{title}</h1>{top}<div class={}>{body}{end}</div></main>",
            c("m"),
            c("body-")
        ),
        1 => format!(
            "<article class={}><h1>{title}</h1><div class={}>{top}{body}{end}</div></article>",
            c("art-"),
            c("r")
        ),
        2 => format!(
            "<div class={}><div><h1>{title}</h1></div>{top}<section class={}>{body}</section>{end}</div>",
            c("page-"),
            c("text-")
        ),
        _ => format!("<div class={}><h1>{title}</h1>{top}{body}{end}</div>", c("story-")),
    };
    format!(
        "<!doctype html><html lang=en><head><title>{title} | {paper}</title><meta property=og:site_name content='{paper}'><meta property=og:title content='{title}'></head><body><nav><a href=/>Home</a> <a href=/town>Town</a> <a href=/river>River</a></nav>{wrapped}<footer>© {paper}</footer></body></html>"
    )
}
