//! What is a copy and what only looks like one: full reports of a flash, texts made from one template,
//! lines that stand for any text; and what stays a copy although something in it was changed.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fmt::Write as _;

use events::{
    Article, ArticleContent, ArticleOutcome, Entry, ExtractionSource, Fate, FeedRef, Timestamp,
};
use publisher::{Copies, Engine, MemoryState, OfflineStory, Settings, group};

const HOUR: i64 = 3_600_000;
/// 2025-12-02T13:05:00Z
const START: i64 = 1_764_680_700_000;

/// Words that mean nothing, other ones for each seed.
fn words(seed: u64, count: usize) -> String {
    let syllables = ["lant", "mer", "nist", "por", "gand", "rev", "sul", "tek", "vorm", "bran"];
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = String::new();
    for index in 0..count {
        for _ in 0..3 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            text.push_str(syllables[(state >> 33) as usize % syllables.len()]);
        }
        text.push_str(if index % 12 == 11 { ". " } else { " " });
    }
    text.trim_end().to_owned()
}

fn first(text: &str, count: usize) -> String {
    text.split(' ').take(count).collect::<Vec<_>>().join(" ")
}

/// A template with the values put in for `{}` one after the other.
fn filled(template: &str, values: &str) -> String {
    let mut values = values.split('|');
    let mut text = String::new();
    for (index, part) in template.split("{}").enumerate() {
        let value = if index == 0 { "" } else { values.next().unwrap() };
        write!(text, "{value}{part}").unwrap();
    }
    assert_eq!(values.next(), None, "{template}");
    text
}

fn line(title: &str, text: &str, hour: i64, language: &str) -> OfflineStory {
    OfflineStory {
        id: title.to_owned(),
        title: Some(title.to_owned()),
        text: Some(text.to_owned()),
        published_at: Some(Timestamp::from_millis(START + hour * HOUR)),
        language: Some(language.to_owned()),
        ..OfflineStory::default()
    }
}

/// What the last story is a copy of, and whether it is in the group of the first.
fn last(stories: Vec<OfflineStory>) -> (Option<String>, bool) {
    let results = group(&Settings::default(), stories, true).unwrap();
    let last = results.last().unwrap();
    (last.duplicate_of.clone(), last.group == results[0].group)
}

#[test]
fn a_copy_has_most_of_its_own_words_from_the_original() {
    let report = words(1, 600);
    let brief = words(2, 200);
    let lead = |count| format!("{}. ", words(3, count));
    for (name, before, text, is_copy) in [
        ("the full report of a flash of 41", first(&report, 41), report.clone(), false),
        ("the full report of a flash of 60", first(&report, 60), report.clone(), false),
        ("the full report of a flash of 100", first(&report, 100), report.clone(), false),
        (
            "a report that quotes the flash",
            brief.clone(),
            lead(300) + &brief + &words(4, 300),
            false,
        ),
        (
            "a digest of three",
            report.clone(),
            lead(150) + &first(&report, 150) + &words(4, 150),
            false,
        ),
        (
            "the next report, a third of it new",
            words(5, 60) + ". " + &brief,
            lead(100) + &brief,
            false,
        ),
        ("framed by 60 words of its own", report.clone(), lead(60) + &first(&report, 200), true),
        ("a whole brief framed so", brief.clone(), lead(60) + &brief, true),
        ("cut to a quarter", report.clone(), first(&report, 150), true),
        ("with a line at the end", brief.clone(), brief.clone() + &lead(12), true),
    ] {
        let original = line("A minister resigns", &before, 0, "en");
        let (copied, _) = last(vec![original, line("Why the minister had to go", &text, 1, "en")]);
        assert_eq!(copied.is_some(), is_copy, "{name}");
    }
}

const QUAKE: &str = "A magnitude {} earthquake struck off the coast of {} in {} on Monday, the US \
    Geological Survey said. The quake was at a depth of {} km and its epicentre was {} km from the \
    city of {}. There were no immediate reports of damage or injuries and no tsunami warning was \
    issued by the Pacific centre, which said that it would go on watching the sea level at its \
    stations along the coast.";
const RATES: &str = "The {} cut its key interest rate by a quarter of a percentage point on {}, as \
    expected. {} said inflation had eased and the labour market had cooled. Markets expect another \
    cut in {}. The decision was not unanimous. Investors had waited for the decision with some \
    unease, and {} was little changed.";
const COURT: &str = "A court in {} on Tuesday sentenced {} to {} years in prison for the killing of \
    {}. The judge said the {}-year-old had shown no remorse and had acted with great brutality. The \
    prosecution had asked for life, the defence for acquittal. The verdict is not final, and the \
    lawyers said they would appeal. The trial had begun in {} and heard {} witnesses. The victim's \
    family said after the verdict that justice had been done.";
const MATCH: &str = "Rovers beat United {} at Harbour Park on Saturday in the league. {} opened the \
    scoring in the {}th minute with a low shot from the edge of the area after a poor clearance by \
    Larsen. United came back after the break and {} equalised with a header from a corner, but {} \
    restored the lead with a free kick. The home coach Hartmann said his side had deserved the win, \
    while Doyle complained about the referee, who refused a late penalty. Rovers are third in the \
    table, United stay tenth. Around {} watched the match in cold weather.";
const EARNINGS: &str = "{} reported third-quarter revenue of ${} billion, {} {} percent from a year \
    earlier, as demand for {}. Net income was ${} billion, or ${} a share, compared with ${} billion, \
    or ${} a share, in the same period last year. Analysts surveyed by data provider Lumen had on \
    average expected revenue of ${} billion. {}, chief executive, said in a statement that the \
    results reflected the strength of the business and the hard work of employees around the world. \
    The story was generated automatically from data provided by the exchange.";
const WEATHER: &str = "{} will start Tuesday cloudy, with light winds from the {} and a small chance \
    of rain before noon. Temperatures in {} reach {} degrees in the afternoon, and the sun sets at \
    {}. Overnight it stays dry and the low is {} degrees. Drivers should take care on untreated roads \
    in the early morning, when patches of ice are possible on higher ground. The weekend looks \
    brighter, with long spells of sunshine, light winds and temperatures close to the average for \
    the time of the year. Pollen counts are low and the air quality is good throughout the region.";
const WEATHER_ZH: &str = "{}气象台发布天气预报：今天白天晴转多云，最高气温{}度，夜间多云，最低气温{}度，北风{}级。\
    预计未来三天以晴好天气为主，气温逐渐回升，空气质量良好，适宜户外活动。请市民注意早晚温差，及时增减衣物，预防感冒。";

#[test]
fn texts_of_one_template_are_no_copies_of_each_other() {
    for (language, template, hours, texts) in [
        (
            "en",
            QUAKE,
            1,
            &[
                ("Magnitude 6.1 quake strikes off Japan", "6.1|Honshu|Japan|10|82|Sendai"),
                ("Magnitude 5.8 quake strikes off Chile", "5.8|Valparaiso|Chile|35|40|Quillota"),
            ][..],
        ),
        (
            "en",
            RATES,
            24,
            &[
                (
                    "Fed cuts rates",
                    "Federal Reserve|Wednesday|Chair Jerome Powell|January|the dollar",
                ),
                (
                    "Bank of England cuts rates",
                    "Bank of England|Thursday|Governor Andrew Bailey|February|sterling",
                ),
            ],
        ),
        (
            "en",
            COURT,
            1,
            &[
                (
                    "Bremen court jails man for 12 years over killing",
                    "Bremen|Karl Brandt|12|his wife|41|March|37",
                ),
                (
                    "Leipzig court jails man for 9 years over killing",
                    "Leipzig|Uwe Sommer|9|a neighbour|56|May|22",
                ),
            ],
        ),
        (
            "en",
            MATCH,
            168,
            &[
                ("Rovers beat United 2-1", "2-1|Adeyemi|12|Silva|Moreno|31,000"),
                ("Rovers beat United 3-1", "3-1|Banda|33|Costa|Idris|29,500"),
            ],
        ),
        (
            "en",
            EARNINGS,
            1,
            &[
                (
                    "Brantek Motors quarterly revenue up 8 percent",
                    "Brantek Motors|12.4|up|8|trucks grew|1.1|2.31|0.9|1.90|12.1|Anna Veld",
                ),
                (
                    "Corvia Health quarterly revenue down 4 percent",
                    "Corvia Health|3.9|down|4|vaccines fell|0.4|0.87|0.6|1.21|4.2|Tom Okafor",
                ),
                (
                    "Deltron Systems quarterly revenue up 21 percent",
                    "Deltron Systems|44.0|up|21|chips soared|9.7|4.10|7.2|3.02|41.5|Li Wen",
                ),
            ],
        ),
        ("zh", WEATHER_ZH, 1, &[("上海今日天气", "上海|12|5|3"), ("西安今日天气", "西安|7|1|2")]),
    ] {
        for ((other, others), (title, values)) in
            texts.iter().flat_map(|one| texts.iter().map(move |two| (one, two)))
        {
            if title == other {
                continue;
            }
            let before = line(other, &filled(template, others), 0, language);
            let after = line(title, &filled(template, values), hours, language);
            assert_eq!(last(vec![before, after]).0, None, "{other} / {title}");
        }
    }
}

#[test]
fn the_weather_of_towns_is_no_copy() {
    let towns =
        ["Leeds|west|Leeds|7|15:49|1", "York|north|York|5|15:44|-1", "Hull|east|Hull|9|15:41|3"];
    for one in towns {
        for other in towns.into_iter().filter(|other| *other != one) {
            let weather = |values: &str| {
                let town = values.split('|').next().unwrap();
                let title = format!("{town} weather forecast for Tuesday");
                line(&title, &filled(WEATHER, values), 0, "en")
            };
            assert_eq!(last(vec![weather(one), weather(other)]).0, None, "{one} / {other}");
        }
    }
}

const WIRE: &str = "At least 12 people died when a ferry sank off the coast of Palau on Tuesday, the \
    coast guard said. The Ocean Star was carrying 120 passengers from Koror to the outer islands when \
    it ran into heavy seas and began to list. Fishing boats picked up most of those on board, and a \
    labour union said the crew had warned of a defect for weeks. The president has ordered three \
    days of mourning.";

#[test]
fn a_copy_stays_one_whatever_an_editor_does_to_it() {
    let edited = |changes: &[(&str, &str)]| {
        changes.iter().fold(WIRE.to_owned(), |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replace(from, to)
        })
    };
    for (name, text) in [
        ("a toll that rose", edited(&[("least 12", "least 14")])),
        ("two numbers", edited(&[("least 12", "least 14"), ("120", "118")])),
        ("a spelling", edited(&[("labour", "labor")])),
        (
            "a number, a day and a spelling",
            edited(&[("least 12", "least 14"), ("Tuesday", "Wednesday"), ("labour", "labor")]),
        ),
        (
            "places put in",
            edited(&[
                ("off the coast of", "off Airai on the coast of"),
                ("heavy seas", "heavy seas near Peleliu"),
                ("Fishing boats", "Fishing boats from Melekeok"),
                ("The president", "The Palauan president"),
            ]),
        ),
        ("cut", first(WIRE, 45)),
        ("framed", format!("Our reporter in Koror writes. {WIRE} More on our live page tonight.")),
    ] {
        let stories = vec![
            line("Ferry sinks off Palau", WIRE, 0, "en"),
            line("A nation mourns", &text, 2, "en"),
        ];
        let original = Some("Ferry sinks off Palau".to_owned());
        assert_eq!(last(stories), (original, true), "{name}");
    }
}

#[test]
fn a_line_that_stands_for_any_text_makes_no_copies_and_no_group() {
    for (stub, titles, language) in [
        (
            "This is a breaking news story. Please check back for updates as more information becomes \
             available.",
            &[
                "Explosion at chemical plant in Texas",
                "Passenger plane crashes in Nepal",
                "King of Norway in hospital",
            ][..],
            "en",
        ),
        (
            "Watch the video above to see what happened. Subscribe to our channel for more clips every \
             day.",
            &["Bear walks into bakery", "Minister falls off stage"],
            "en",
        ),
        (
            "Dieser Artikel ist Abonnenten vorbehalten. Melden Sie sich an, um den ganzen Text zu lesen.",
            &["Rentenreform beschlossen", "Bayern verliert in Mainz"],
            "de",
        ),
    ] {
        let lines = |titles: &[&str]| -> Vec<OfflineStory> {
            titles.iter().map(|title| line(title, stub, 0, language)).collect()
        };
        for (index, title) in titles.iter().enumerate().skip(1) {
            assert_eq!(last(lines(&titles[..=index])), (None, false), "{title}");
        }
        let twice = vec![line(titles[0], stub, 0, language), line(titles[0], stub, 1, language)];
        assert_eq!(last(twice).0.as_deref(), Some(titles[0]));
    }
}

#[test]
fn a_brief_under_another_title_is_in_the_group_of_the_first() {
    let brief = "The ferry Aurelia ran aground off Skarholm on Sunday night with 214 people on board. \
                 The coast guard brought all passengers ashore.";
    let stories = vec![
        line("Ferry Aurelia aground off Skarholm", brief, 0, "en"),
        line("Coast guard brings Aurelia passengers ashore", brief, 1, "en"),
    ];
    assert_eq!(last(stories), (None, true));
}

#[test]
fn the_full_report_is_in_the_group_of_its_flash() {
    let report = words(1, 600);
    for count in [41, 60, 100] {
        let full = line("Why the minister had to go", &report, 1, "en");
        let flash = line("Minister resigns", &first(&report, count), 0, "en");
        assert_eq!(last(vec![flash, full]), (None, true), "{count}");
    }
}

#[test]
fn a_copy_that_is_not_exact_takes_no_group_against_its_time() {
    let text = words(7, 200);
    let late = |text: String| {
        vec![line("A title", &words(7, 200), 0, "en"), line("Another", &text, 6 * 24 + 20, "en")]
    };
    assert_eq!(last(late(text.clone())), (Some("A title".to_owned()), true));
    let (copied, is_in_group) = last(late(text + ". More on this tonight"));
    assert_eq!((copied.as_deref(), is_in_group), (Some("A title"), false));
}

#[test]
fn what_is_no_copy_is_published_where_copies_are_dropped() {
    let report = words(1, 600);
    let flash = first(&report, 60);
    let rates = |values| filled(RATES, values);
    let fed = rates("Federal Reserve|Wednesday|Chair Jerome Powell|January|the dollar");
    let england = rates("Bank of England|Thursday|Governor Andrew Bailey|February|sterling");
    let settings = Settings { copies: Copies::Drop, ..Settings::default() };
    let mut engine = Engine::new(settings);
    let mut state = MemoryState::default();
    for (index, (title, text, is_published)) in [
        ("Minister resigns", &flash, true),
        ("Why the minister had to go", &report, true),
        ("Minister gone", &flash, false),
        ("Fed cuts rates", &fed, true),
        ("Bank of England cuts rates", &england, true),
    ]
    .into_iter()
    .enumerate()
    {
        let output = engine.take(&article(index as i64, title, text), &mut state).unwrap();
        assert_eq!(output.stories.len(), usize::from(is_published), "{title}");
        if !is_published {
            assert!(matches!(output.fate.unwrap().1, Fate::CopyDropped { .. }), "{title}");
        }
    }
}

fn article(index: i64, title: &str, text: &str) -> Article {
    let time = Timestamp::from_millis(START + index * HOUR);
    let url = format!("https://www.outlet{index}.example/2025/12/02/the-story-number-{index}");
    let entry = Entry {
        id: events::hash_id(&url),
        revision: 1,
        feed: FeedRef { id: "feed".to_owned(), ..FeedRef::default() },
        link: Some(url.clone()),
        first_seen_at: time,
        seen_at: time,
        ..Entry::default()
    };
    let content = ArticleContent {
        title: Some(title.to_owned()),
        text: text.to_owned(),
        language: Some("en".to_owned()),
        published_at: Some(time),
        complete: true,
        confidence: 1.0,
        ..ArticleContent::default()
    };
    Article::Entry {
        entry: Box::new(entry),
        fetched_at: time,
        outcome: ArticleOutcome::Article {
            url: Some(url),
            source: ExtractionSource::Page,
            extractor: "test".to_owned(),
            content: Box::new(content),
        },
    }
}
