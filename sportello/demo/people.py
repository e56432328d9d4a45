"""The customers of Bottega Aurora. None of them exists: every address ends in a reserved name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    email: str = ""
    phone: str = ""
    organization: str = ""
    language: str = "it"
    notes: str = ""
    known: bool = True
    """False: nobody heard of him before his first message."""


ORGANIZATIONS = {
    "miralago": (
        "Hotel Miralago",
        ["miralago.example"],
        "42 camere sul lago di Garda. Ordina tazze due volte l'anno.",
    ),
    "brera": (
        "Studio Brera",
        ["studio-brera.example"],
        "Studio di architettura, Milano. Fattura elettronica, SDI M5UXCR1.",
    ),
    "torre": (
        "Caffè della Torre",
        ["caffe-torre.example"],
        "Bar in piazza a Pisa, due Aurora Due in comodato.",
    ),
    "kranz": ("Kaffeehaus Kranz", ["kaffeehaus-kranz.example"], "Rivenditore a Monaco di Baviera."),
}

PEOPLE = {
    "chiara": Person(
        "Chiara Bellandi",
        "chiara.bellandi@posta.example",
        "+393475550182",
        notes="Cliente dal 2022. Preferisce essere chiamata dopo le 14.",
    ),
    "elena": Person("Elena Sartori", "acquisti@miralago.example", "+390455550114", "miralago"),
    "anna": Person(
        "Anna Moretti", "amministrazione@studio-brera.example", "+390255550137", "brera"
    ),
    "davide": Person("Davide Torre", "davide@caffe-torre.example", "+390505550160", "torre"),
    "katrin": Person("Katrin Vogel", "k.vogel@kaffeehaus-kranz.example", "", "kranz", "de"),
    "tommaso": Person("Tommaso Ricci", "tommaso.ricci@posta.example", "+393385550121"),
    "paolo": Person("Paolo Vannucci", "p.vannucci@posta.example", "+393495550176"),
    "amina": Person("Amina Diallo", "amina.diallo@posta.example"),
    "lorenzo": Person("Lorenzo De Santis", "lorenzo.desantis@posta.example"),
    "giorgia": Person("Giorgia Pellegrini", "giorgia.pellegrini@posta.example"),
    "nino": Person("Nino Caruso", "nino.caruso@posta.example"),
    "marta": Person("Marta Zanetti", "marta.zanetti@posta.example", "+393405550155"),
    "federico": Person("Federico Lodi", "federico.lodi@posta.example"),
    "silvia": Person("Silvia Marchetti", "silvia.marchetti@posta.example"),
    "roberto": Person("Roberto Galli", "roberto.galli@posta.example"),
    "ilaria": Person("Ilaria Fontana", "ilaria.fontana@posta.example"),
    "stefano": Person("Stefano Riva", "stefano.riva@posta.example"),
    "beatrice": Person("Beatrice Lombardi", "beatrice.lombardi@posta.example"),
    "gianni": Person("Gianni Esposito", "gianni.esposito@posta.example"),
    "laura": Person("Laura Benedetti", "laura.benedetti@posta.example"),
    "matteo": Person("Matteo Greco", "matteo.greco@posta.example", known=False),
    "francesca": Person("Francesca Neri", "francesca.neri@posta.example", known=False),
    "alessio": Person("Alessio Rinaldi", "alessio.rinaldi@posta.example", known=False),
    "valentina": Person("Valentina Serra", "valentina.serra@posta.example", known=False),
    "carlo": Person("Carlo Bassi", "carlo.bassi@posta.example", known=False),
    "emily": Person("Emily Carter", "emily.carter@mail.example", language="en"),
    "james": Person("James Whitfield", "james.whitfield@mail.example", language="en", known=False),
    "hans": Person("Hans Brandt", "hans.brandt@post.example", language="de", known=False),
    "camille": Person(
        "Camille Laurent", "camille.laurent@courrier.example", language="fr", known=False
    ),
    "siena": Person("", known=False),
    "neri": Person("Costanza Neri", "costanza.neri@posta.example", known=False),
    "dario": Person("Dario Conte", "dario.conte@posta.example", known=False),
    "olivia": Person("Olivia Bennett", "olivia.bennett@mail.example", language="en", known=False),
    "bruno": Person("", known=False),
    "sofia": Person("Sofia Marini", "s.marini@studio-lira.example", known=False),
    "newsletter": Person("Fiera del Caffè", "news@fiera-caffe.example", known=False),
    "seo": Person("Growth Team", "hello@rank-first.example", language="en", known=False),
    "prize": Person("Segreteria Premi", "premi@vincita-sicura.example", known=False),
    "avvocato": Person("Avv. Pietro Salvi", "studio@avvocato-salvi.example", known=False),
}
