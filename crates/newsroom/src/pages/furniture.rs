//! What stands on every news page and is not the article, in three languages.

use crate::article::Language;

/// The furniture of a page.
pub(crate) struct Furniture {
    pub(crate) home: &'static str,
    pub(crate) sections: [&'static str; 6],
    pub(crate) login: &'static str,
    pub(crate) search: &'static str,
    pub(crate) cookie: &'static str,
    pub(crate) cookie_buttons: [&'static str; 2],
    pub(crate) newsletter_heading: &'static str,
    pub(crate) newsletter_text: &'static str,
    pub(crate) newsletter_button: &'static str,
    pub(crate) share_heading: &'static str,
    pub(crate) shares: [&'static str; 4],
    pub(crate) comments_heading: &'static str,
    pub(crate) comment_rules: &'static str,
    pub(crate) comment_fields: [&'static str; 3],
    pub(crate) comment_button: &'static str,
    pub(crate) readers: [(&'static str, &'static str); 2],
    pub(crate) offer_heading: &'static str,
    pub(crate) offer_text: &'static str,
    pub(crate) offer_button: &'static str,
    pub(crate) advert: &'static str,
    pub(crate) read_also: &'static str,
    pub(crate) related: &'static str,
    pub(crate) most_read: &'static str,
    /// Headlines that are always there and lead nowhere.
    pub(crate) evergreens: [&'static str; 5],
    pub(crate) footer_links: [&'static str; 5],
    pub(crate) footer_legal: &'static str,
    pub(crate) by: &'static str,
    pub(crate) published: &'static str,
    pub(crate) updated: &'static str,
    pub(crate) topics: &'static str,
    pub(crate) not_found: &'static str,
    pub(crate) photo_of: &'static str,
}

impl Furniture {
    /// Phrases that are long enough to be told from an article's own words.
    pub(crate) fn phrases(&self) -> Vec<&'static str> {
        let mut phrases = vec![
            self.cookie,
            self.newsletter_heading,
            self.newsletter_text,
            self.share_heading,
            self.comments_heading,
            self.comment_rules,
            self.offer_heading,
            self.offer_text,
            self.footer_legal,
        ];
        phrases.extend(self.evergreens);
        phrases.extend(self.readers.iter().map(|(_, words)| *words));
        phrases
    }
}

pub(crate) fn of(language: Language) -> &'static Furniture {
    match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
        Language::Spanish => &SPANISH,
    }
}

static ENGLISH: Furniture = Furniture {
    home: "Home",
    sections: ["News", "Politics", "Business", "Sport", "Culture", "Weather"],
    login: "Sign in",
    search: "Search",
    cookie: "We and our 214 partners store cookies on your device to show you what you have just looked at.",
    cookie_buttons: ["Accept all", "Manage choices"],
    newsletter_heading: "The day in five minutes",
    newsletter_text: "Get our morning briefing in your inbox every weekday. You can unsubscribe at any time.",
    newsletter_button: "Subscribe",
    share_heading: "Share this story with friends",
    shares: ["Facebook", "X", "WhatsApp", "Copy link"],
    comments_heading: "Leave a reply",
    comment_rules: "Your email address will not be published. Required fields are marked *",
    comment_fields: ["Comment *", "Name *", "Email *"],
    comment_button: "Post comment",
    readers: [
        (
            "tidewatcher",
            "About time somebody wrote about this, my neighbour has said so for years.",
        ),
        ("Nan of Three", "Lovely picture, but the second link does not work on my telephone."),
    ],
    offer_heading: "Read everything for 1 crown",
    offer_text: "Three months of unlimited access, puzzles included. Offer ends tonight, cancel whenever you like.",
    offer_button: "See offers",
    advert: "Advertisement",
    read_also: "Read also:",
    related: "More on this",
    most_read: "Most read",
    evergreens: [
        "Quiz: how well do you know your lighthouse keepers?",
        "Seven ways to keep a fern alive in a dark hall",
        "Horoscope: a surprising week for Pisces",
        "The best raincoats under 90 crowns, tested",
        "Recipe: grandmother's seaweed soup without seaweed",
    ],
    footer_links: ["About us", "Contact", "Privacy", "Terms of use", "Jobs"],
    footer_legal: "All rights reserved. Reproduction in whole or in part needs our written permission.",
    by: "By",
    published: "Published",
    updated: "Updated",
    topics: "Topics",
    not_found: "This page does not exist (any more).",
    photo_of: "Picture for",
};

static GERMAN: Furniture = Furniture {
    home: "Startseite",
    sections: ["Nachrichten", "Politik", "Wirtschaft", "Sport", "Kultur", "Wetter"],
    login: "Anmelden",
    search: "Suche",
    cookie: "Wir und unsere 214 Partner speichern Cookies auf Ihrem Gerät, um Ihnen zu zeigen, was Sie eben schon gesehen haben.",
    cookie_buttons: ["Alle akzeptieren", "Einstellungen"],
    newsletter_heading: "Der Tag in fünf Minuten",
    newsletter_text: "Unser Newsletter kommt werktags um sechs Uhr in Ihr Postfach. Sie können ihn jederzeit abbestellen.",
    newsletter_button: "Jetzt abonnieren",
    share_heading: "Diesen Artikel mit Freunden teilen",
    shares: ["Facebook", "X", "WhatsApp", "Link kopieren"],
    comments_heading: "Schreiben Sie einen Kommentar",
    comment_rules: "Ihre E-Mail-Adresse wird nicht veröffentlicht. Erforderliche Felder sind mit * markiert",
    comment_fields: ["Kommentar *", "Name *", "E-Mail *"],
    comment_button: "Kommentar abschicken",
    readers: [
        ("Deichgräfin62", "Endlich schreibt das mal jemand, mein Nachbar sagt es seit Jahren."),
        ("opa_heinz", "Schönes Bild, aber der zweite Link geht auf meinem Telefon nicht."),
    ],
    offer_heading: "Drei Monate alles lesen für 1 Krone",
    offer_text: "Unbegrenzter Zugang zu allen Artikeln und Rätseln. Nur noch heute, jederzeit kündbar.",
    offer_button: "Zum Angebot",
    advert: "Anzeige",
    read_also: "Lesen Sie auch:",
    related: "Mehr zum Thema",
    most_read: "Meistgelesen",
    evergreens: [
        "Quiz: Wie gut kennen Sie die Leuchttürme der Küste?",
        "Sieben Tipps, wie der Farn im dunklen Flur überlebt",
        "Horoskop: Eine überraschende Woche für Fische",
        "Regenjacken bis 90 Kronen im Vergleich: Diese hält dicht",
        "Rezept der Woche: Algensuppe ganz ohne Algen",
    ],
    footer_links: ["Impressum", "Kontakt", "Datenschutz", "AGB", "Stellenangebote"],
    footer_legal: "Alle Rechte vorbehalten. Nachdruck, auch auszugsweise, nur mit schriftlicher Genehmigung.",
    by: "Von",
    published: "Veröffentlicht am",
    updated: "Aktualisiert am",
    topics: "Themen",
    not_found: "Diese Seite gibt es nicht (mehr).",
    photo_of: "Bild zu",
};

static SPANISH: Furniture = Furniture {
    home: "Portada",
    sections: ["Noticias", "Política", "Economía", "Deportes", "Cultura", "El tiempo"],
    login: "Iniciar sesión",
    search: "Buscar",
    cookie: "Nosotros y nuestros 214 socios guardamos cookies en su dispositivo para mostrarle lo que acaba de ver.",
    cookie_buttons: ["Aceptar todo", "Configurar"],
    newsletter_heading: "El día en cinco minutos",
    newsletter_text: "Reciba nuestro boletín cada mañana en su correo. Puede darse de baja cuando quiera.",
    newsletter_button: "Suscribirse",
    share_heading: "Comparta esta noticia con sus amigos",
    shares: ["Facebook", "X", "WhatsApp", "Copiar enlace"],
    comments_heading: "Deje una respuesta",
    comment_rules: "Su dirección de correo no será publicada. Los campos obligatorios están marcados con *",
    comment_fields: ["Comentario *", "Nombre *", "Correo *"],
    comment_button: "Publicar comentario",
    readers: [
        ("marinera_55", "Ya era hora de que alguien lo contara, mi vecino lleva años diciéndolo."),
        ("Pepe el del muelle", "Bonita foto, pero el segundo enlace no funciona en mi teléfono."),
    ],
    offer_heading: "Léalo todo por 1 corona",
    offer_text: "Tres meses de acceso ilimitado, pasatiempos incluidos. Solo hoy, cancele cuando quiera.",
    offer_button: "Ver ofertas",
    advert: "Publicidad",
    read_also: "Lea también:",
    related: "Más sobre el tema",
    most_read: "Lo más leído",
    evergreens: [
        "Test: ¿cuánto sabe usted de los fareros?",
        "Siete trucos para que el helecho sobreviva en el pasillo",
        "Horóscopo: una semana inesperada para Piscis",
        "Los mejores chubasqueros por menos de 90 coronas",
        "Receta de la abuela: sopa de algas sin algas",
    ],
    footer_links: ["Quiénes somos", "Contacto", "Privacidad", "Aviso legal", "Empleo"],
    footer_legal: "Todos los derechos reservados. Prohibida la reproducción total o parcial sin permiso escrito.",
    by: "Por",
    published: "Publicado el",
    updated: "Actualizado el",
    topics: "Temas",
    not_found: "Esta página no existe (o ya no existe).",
    photo_of: "Imagen de",
};
