//! Parameters of a query that say nothing of which article is read: how the reader came, who he
//! is, in which dress he wants it. Knows no site by name. Compared with the public lists of
//! ClearURLs, AdGuard, Brave and Firefox as of 2025; what could be an article's own name is not here.

/// Parameters that say how a reader came, not what is read. Exact names, and prefixes with `*`.
#[rustfmt::skip]
const TRACKING: &[&str] = &[
    // campaigns, whoever measures them
    "utm_*", "mtm_*", "pk_*", "hsa_*", "wt_*", "at_*", "ns_*", "_ga", "cmpid", "cmp", "icid",
    "ncid", "xtor", "cid_source", "mbid", "ocid",
    // clicks on advertisements and results
    "gclid", "dclid", "gbraid", "wbraid", "usqp", "_gl", "msclkid", "yclid", "s_kwcid", "spm",
    // people's networks
    "fbclid", "igshid", "igsh", "twclid", "ttclid", "ref_src", "ref_url", "share", "shared",
    "sharetype", "smid", "smtyp",
    // letters
    "mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "vero_*", "oly_*",
    // consent, caches
    "guccounter", "guce_*", "amp_js_v", "amp_gsa",
];

/// The same, since the release before.
#[rustfmt::skip]
const TRACKING_SINCE: &[&str] = &[
    // campaigns, whoever measures them
    "matomo_*", "piwik_*", "wt.*", "itm_*", "cm_mmc*", "sfmc_*", "bsft_*", "oft_*", "trk_*",
    "xnpe_*", "_gac", "_ga_*", "intcmp", "int_cmp", "intcid", "dgcid", "ftag", "ex_cid", "s_cid",
    "maca", "ito", "sc_channel", "sc_campaign", "sc_cid", "sc_src", "sc_lid", "sc_llid", "sc_uid",
    "sc_eh", "sc_customer", "traffic_source", "_openstat", "asgtbndr", "srnd", "bxid", "cndid",
    "cvid", "tduid", "cjevent", "cjdata", "irclickid", "irgwc", "wickedid", "vgo_ee",
    // clicks on advertisements and results
    "gclsrc", "gclaw", "gcldc", "gad_source", "gad_campaignid", "srsltid", "ymclid", "ysclid",
    "ef_id", "tblci", "dicbo", "oborigurl", "rb_clickid",
    // people's networks
    "fb_action_ids", "fb_action_types", "fb_source", "fb_ref", "fb_comment_id", "mibextid", "sfnsn",
    "__cft__*", "__tn__", "__xts__*", "action_object_map", "action_ref_map", "action_type_map",
    "twsrc", "__twitter_impression", "li_fat_id", "rdt_cid", "epik", "sccid", "soc_src", "soc_trk",
    "taid",
    // letters
    "mc_tc", "__hsfp", "__hssc", "__hstc", "hsctatracking", "ml_subscriber", "ml_subscriber_hash",
    "ck_subscriber_id", "_bhlid", "_branch_match_id", "_branch_referrer", "_kx", "_ke", "__s",
    "bbeml", "dm_i", "et_rid", "et_cid", "elqtrack", "elqtrackid", "elqaid", "elqat",
    "elqcampaignid", "elq", "spmailingid", "spuserid", "spjobid", "spreportid", "nr_email_referer",
    "ss_email_id", "ss_source", "ss_campaign_id", "ss_campaign_name", "sms_click", "sms_source",
    "sms_uph", "unicorn_click_id",
    // consent, caches
    "amp_r", "amp_ct", "amp_tf", "__amp_source_origin",
    // sessions that are nothing else by their names
    "cfid", "cftoken", "phpsessid", "jsessionid", "aspsessionid*", "oscsid",
];

/// Names of session ids. Dropped only where the value looks like one: old systems call the
/// article's own number `sid`.
const SESSION: &[&str] = &["sessionid", "session_id", "session", "sessid", "sid", "zenid"];

/// Parameters that name the reader's way where their value is one of [`WAYS`].
const WAY_NAMES: &[&str] =
    &["ref", "source", "src", "from", "via", "feed", "partner", "campaign", "cid", "rss"];
const WAY_NAMES_SINCE: &[&str] = &["origin", "referrer", "referer"];
#[rustfmt::skip]
const WAYS: &[&str] = &[
    "", "1", "true", "rss", "rss2", "rss20", "feed", "feeds", "rssfeed", "atom", "twitter", "x",
    "facebook", "newsletter", "email", "mail", "whatsapp", "telegram", "homepage", "social",
];
#[rustfmt::skip]
const WAYS_SINCE: &[&str] = &[
    "feedly", "flipboard", "googlenews", "linkedin", "instagram", "bluesky", "mastodon", "threads",
    "reddit", "webpush",
];

/// Parameters that ask for another dress of the same article (AMP, print, mobile), with the
/// values that do so; an empty list: any value.
const DRESS: &[(&str, &[&str])] = &[
    ("amp", &[]),
    ("outputtype", &["amp"]),
    ("print", &["", "1", "true", "yes", "y"]),
    ("printable", &["", "1", "true", "yes"]),
    ("view", &["print", "amp", "mobile"]),
    ("mode", &["print", "amp"]),
    ("layout", &["print", "amp"]),
    ("m", &["1"]),
];
const DRESS_SINCE: &[(&str, &[&str])] = &[
    ("output", &["amp"]),
    ("format", &["amp", "print", "printable"]),
    ("printerfriendly", &["", "1", "true", "yes", "y"]),
    ("pagewanted", &["all", "print", "1"]),
    ("page", &["print"]),
    ("tmpl", &["component"]),
];

/// Parameters whose value 1 is the first page of what has a name of its own. Elsewhere it may be the
/// name: `index.php?page=1`.
const FIRST_PAGE: &[&str] = &["page", "pagenumber", "pageno"];

/// Fewest characters of a session id.
const SESSION_LENGTH: usize = 16;

/// Whose rules: an address that was named by those of the release before is looked up under that name,
/// too. The tables `…_SINCE` have what came then; the next release to add more moves them over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rules {
    Former,
    Current,
}

impl Rules {
    /// What a table has under these rules.
    pub(crate) fn of<T>(
        self,
        former: &'static [T],
        since: &'static [T],
    ) -> impl Iterator<Item = &'static T> {
        former.iter().chain(since.iter().filter(move |_| self == Self::Current))
    }
}

/// Whether a parameter, in lower case, says nothing of which article is read. `of_article`: the
/// path by itself names one.
pub(crate) fn says_nothing(name: &str, value: &str, of_article: bool, rules: Rules) -> bool {
    let tracks = |pattern: &&str| match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == *pattern,
    };
    let is_way = rules.of(WAY_NAMES, WAY_NAMES_SINCE).any(|way| *way == name)
        && rules.of(WAYS, WAYS_SINCE).any(|way| *way == value);
    let is_dress = |(dress, values): &(&str, &[&str])| {
        *dress == name && (values.is_empty() || values.contains(&value))
    };
    let is_first_page = rules == Rules::Current && of_article && value == "1";
    rules.of(TRACKING, TRACKING_SINCE).any(tracks)
        || SESSION.contains(&name) && is_session(value)
        || is_way
        || rules.of(DRESS, DRESS_SINCE).any(is_dress)
        || is_first_page && FIRST_PAGE.contains(&name)
}

fn is_session(value: &str) -> bool {
    value.len() >= SESSION_LENGTH
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && value.bytes().any(|byte| byte.is_ascii_digit())
}
