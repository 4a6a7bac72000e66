//! Reports made from one template on one day are reports of as many events.

#![allow(clippy::unwrap_used, reason = "tests")]

#[expect(dead_code, reason = "shared with the tests of the engine")]
#[path = "engine/draft.rs"]
mod draft;

use draft::{Publisher, draft};
use publisher::Settings;

/// Groups that reports end in, in the order given.
fn groups(language: &'static str, reports: &[(String, String)]) -> Vec<String> {
    let mut publisher = Publisher::new(Settings::default());
    // Other news first, so that words have weights.
    let fixture = include_str!("labelled.jsonl").lines();
    let fixture = fixture.map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    for (number, story) in fixture.filter(|story| story["language"] == language).enumerate() {
        let text = |key: &str| story[key].as_str().unwrap_or_default().to_owned();
        let url = format!("https://b.org/other-story-{number}");
        let mut other = draft(&url, &text("title"), &text("text"));
        other.language = language;
        publisher.take(&other.article());
    }
    let mut stories = Vec::new();
    let mut groups = std::collections::BTreeMap::new();
    for (number, (title, text)) in reports.iter().enumerate() {
        let mut draft = draft(&format!("https://example.org/report-number-{number}"), title, text);
        (draft.minute, draft.language) = (number as i64, language);
        let output = publisher.take(&draft.article());
        for group in output.groups {
            for story in &group.stories {
                groups.insert(story.clone(), group.id.clone());
            }
        }
        stories.push(output.stories[0].event.id.clone());
    }
    stories.iter().map(|story| groups[story].clone()).collect()
}

fn count(groups: &[String]) -> usize {
    groups.iter().collect::<std::collections::BTreeSet<_>>().len()
}

const TOWNS: [&str; 8] =
    ["Brindle", "Skarholm", "Velmora", "Tarnwick", "Oskelby", "Harrowgate", "Lindmere", "Castrel"];
const SKIES: [&str; 4] = ["rain", "sun", "snow", "fog"];

fn weather(town: usize) -> (String, String) {
    let (name, sky) = (TOWNS[town], SKIES[town % 4]);
    let (high, low, wind) = (11 + town * 3 % 7, 2 + town * 5 % 6, 10 + town * 7 % 30);
    (
        format!("Weather in {name}: {sky} and {high} degrees"),
        format!(
            "The people of {name} can expect {sky} on Tuesday, with highs of {high} degrees in the \
             afternoon and lows of {low} degrees at night. The wind comes from the west at {wind} \
             kilometres an hour, with stronger gusts along the coast and on the hills. The weather \
             service has issued no warning.\n\nOn Wednesday there will be {} in the morning before \
             clouds move in from the coast, the weather service said. The forecasters expect that \
             temperatures stay around {} degrees until the weekend, and that nights remain cool. \
             Drivers should take care on bridges, where the road may be slippery before sunrise.",
            SKIES[(town + 1) % 4],
            high + 1,
        ),
    )
}

#[test]
fn the_weather_of_as_many_towns_is_as_many_events() {
    let reports: Vec<_> = (0..TOWNS.len()).map(weather).collect();
    assert_eq!(count(&groups("en", &reports)), TOWNS.len());
}

#[test]
fn a_second_report_of_one_town_does_not_bring_two_towns_together() {
    let mut reports: Vec<_> = (0..TOWNS.len()).map(weather).collect();
    let again = reports.iter().map(|(title, text)| {
        let title = title.replace("Weather in", "Forecast for").replace(" and", ",");
        (title, text.replace("highs of", "highs near").replace("stronger gusts", "gusts"))
    });
    let again: Vec<_> = again.collect();
    reports.extend(again);
    let groups = groups("en", &reports);
    assert_eq!(count(&groups), TOWNS.len());
    assert_eq!(groups[..TOWNS.len()], groups[TOWNS.len()..]);
}

#[test]
fn the_close_of_two_markets_is_two_events() {
    let close = |market: &str, city: &str, change: &str, points: u32, bank: &str, loser: &str| {
        (
            format!("{market} closes {change} percent up"),
            format!(
                "Shares in {city} closed higher on Tuesday. The {market} index gained {change} \
                 percent to {points} points, after a day of little trade.\n\nThe strongest value was \
                 {bank} with a gain of 3 percent, while {loser} was the weakest of the {market} and \
                 lost 2 percent. Traders in {city} said that investors wait for the rate decision \
                 of the central bank on Thursday. The euro stood at 1.16 dollars in the evening."
            ),
        )
    };
    let reports = [
        close("Velx", "Velmora", "0.5", 18_210, "Kestrel Bank", "Aurum Steel"),
        close("Tarn", "Tarnwick", "1.2", 7_430, "Fenmoor Energy", "Halden Foods"),
    ];
    assert_eq!(count(&groups("en", &reports)), 2);
}

/// Where every noun has a capital, most of a title looks like names.
#[test]
fn the_weather_of_german_towns_is_as_many_events() {
    let report = |town: &str, sky: &str, high: u32, low: u32| {
        (
            format!("Das Wetter in {town}: {sky} und {high} Grad"),
            format!(
                "Die Menschen in {town} erwartet am Dienstag {sky}, die Höchstwerte liegen am \
                 Nachmittag bei {high} Grad, in der Nacht sinkt die Temperatur auf {low} Grad. Der \
                 Wind weht schwach bis mäßig aus Westen, an der Küste kommt es zu starken Böen. Der \
                 Wetterdienst hat keine Warnung ausgegeben.\n\nAm Mittwoch ziehen von der Küste her \
                 Wolken auf. Bis zum Wochenende bleiben die Temperaturen um {low} Grad, die Nächte \
                 sind kühl. Auf Brücken kann es vor Sonnenaufgang glatt werden."
            ),
        )
    };
    let reports = [
        report("Karlstein", "Regen", 11, 2),
        report("Oberwald", "Sonne", 14, 5),
        report("Lindhafen", "Nebel", 9, 1),
    ];
    assert_eq!(count(&groups("de", &reports)), 3);
}

#[test]
fn two_agencies_reports_of_one_event_stay_one() {
    let (title, text) = weather(0);
    let again = text.replace("highs of", "highs near").replace("kilometres an hour", "km/h");
    let reports = [(title.clone(), text), ("Brindle: Tuesday brings rain".to_owned(), again)];
    assert_eq!(count(&groups("en", &reports)), 1);
    // The toll rises, all else is the same.
    let quake = |dead: u32, hurt: u32, houses: u32| {
        format!(
            "At least {dead} people died and {hurt} were hurt when an earthquake shook Brindle on \
             Tuesday, the mayor said. Some {houses} houses fell in the old town of Brindle. Rescuers \
             dug with their hands, and hospitals in Skarholm took {hurt} people in."
        )
    };
    let reports = [
        ("Earthquake in Brindle kills 12".to_owned(), quake(12, 30, 40)),
        ("Toll of the Brindle earthquake rises to 19".to_owned(), quake(19, 45, 70)),
    ];
    assert_eq!(count(&groups("en", &reports)), 1);
}
