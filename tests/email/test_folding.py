"""What the author wrote is found, whatever mail program and language; nothing is lost."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sportello.channels.contract import Raw
from sportello.channels.providers.email import parse, phrases
from sportello.channels.providers.email.folding import Folded, attribution, fold, fold_lines
from sportello.channels.providers.email.html import lines_of
from tests.email.fixtures import folder

LABELS: dict[str, tuple[int, int, str]] = json.loads(
    Path(__file__).with_name("folding_labels.json").read_text("utf-8")
)
"""For each shared mail how its author's first line begins and his last one ends, judged by eye.

Two lengths and a digest: other people's mails stay out of this repository.
"""


def digest(first: str, last: str) -> str:
    return hashlib.sha256(f"{first}\x1f{last}".encode()).hexdigest()[:16]


def text_in(path: Path) -> str:
    data = path.read_bytes()
    if path.suffix == ".eml":
        [parsed] = parse._parse(Raw(data), {})
        return parsed.text  # type: ignore[union-attr]
    if path.suffix == ".html":
        return fold_html(data.decode("utf-8", "replace")).text
    return fold(data.decode("utf-8", "replace").replace("\r\n", "\n")).text


def fold_html(html: str) -> Folded:
    found = lines_of(html)
    return fold_lines(found.lines, found.quoted, forward=found.forward)


def test_the_shared_replies_are_folded_right() -> None:
    root = folder("email-replies")
    right, total, wrong = Counter[str](), Counter[str](), []
    for name, (begins, ends, expected) in LABELS.items():
        lines = [line.strip() for line in text_in(root / name).split("\n") if line.strip()] or [""]
        group = name.partition("/")[0]
        total[group] += 1
        if digest(lines[0][:begins], lines[-1][len(lines[-1]) - ends :]) == expected:
            right[group] += 1
        else:
            wrong.append(name)
    print()
    for group in sorted(total):
        print(f"{group}: {right[group]}/{total[group]} = {right[group] / total[group]:.0%}")
    print("wrong:", ", ".join(wrong))
    for group in total:
        assert right[group] / total[group] >= 0.93, group


OWN = [
    ("Va bene, grazie!\n\nIl giorno lun 16 nov 2026 alle ore 10:30 Bottega Aurora <a@b.example> ha scritto:\n\n> Il pacco parte oggi.\n", "Va bene, grazie!"),
    ("Va bene\n\nIl 16/11/2026 10:30, Bottega Aurora ha scritto:\nIl pacco parte oggi.\n", "Va bene"),
    ("Perfetto.\n\nInviato da iPhone\n\nIl giorno 16 nov 2026, alle ore 10:30, A <a@b.example> ha scritto:\n\n> Ciao\n", "Perfetto."),
    ("Ok.\n\nDa: Bottega <a@b.example>\nInviato: lunedì 16 novembre 2026 10:30\nA: Anna <x@y.example>\nOggetto: R: Pacco\n\nIl pacco parte.\n", "Ok."),
    ("Ok\n\n-----Messaggio originale-----\nDa: Bottega\nInviato: lunedì\nA: me\nOggetto: x\n\nciao", "Ok"),
    ("Ok\n\n________________________________\nDa: Bottega <a@b.example>\nInviato: lunedì\nA: me\n\nciao", "Ok"),
    ("Ok\n\nVon: Laden <a@b.example>\nGesendet: Montag, 16. November 2026 10:30\nAn: x\nBetreff: AW: Paket\n\nHallo", "Ok"),
    ("Ok\n\nAm Mo., 16. Nov. 2026 um 10:30 Uhr schrieb Laden <a@b.example>:\n\n> Hallo", "Ok"),
    ("Ok\n\nLe lun. 16 nov. 2026 à 10:30, Boutique <a@b.example> a écrit :\n\n> Bonjour", "Ok"),
    ("Ok\n\nDe : Boutique <a@b.example>\nEnvoyé : lundi 16 novembre 2026\nÀ : x\nObjet : Colis\n\nBonjour", "Ok"),
    ("Ok\n\nEl lun, 16 nov 2026 a las 10:30, Tienda (<a@b.example>) escribió:\n\n> Hola", "Ok"),
    ("Ok\n\nEm seg., 16 de nov. de 2026 às 10:30, Loja <a@b.example> escreveu:\n\n> Olá", "Ok"),
    ("Ok\n\nOp ma 16 nov 2026 om 10:30 schreef Winkel <a@b.example>:\n\n> Hallo", "Ok"),
    ("Ok\n\nDen mån 16 nov. 2026 kl 10:30 skrev Butik <a@b.example>:\n\n> Hej", "Ok"),
    ("Ok\n\npon., 16 lis 2026 o 10:30 Sklep <a@b.example> napisał(a):\n\n> Dzień dobry", "Ok"),
    ("Ok\n\npo 16. 11. 2026 v 10:30 odesílatel Obchod <a@b.example> napsal:\n\n> Dobrý den", "Ok"),
    ("Ok\n\n16 Kas 2026 Pzt, 10:30 tarihinde Dükkan <a@b.example> şunu yazdı:\n\n> Merhaba", "Ok"),
    ("Ok\n\nпн, 16 нояб. 2026 г. в 10:30, Лавка <a@b.example>:\n\n> Привет", "Ok"),
    ("Ok\n\n在 2026年11月16日，10:30，商店 <a@b.example> 写道：\n\n> 你好", "Ok"),
    ("Ok\n\n2026年11月16日(月) 10:30 店 <a@b.example>:\n\n> こんにちは", "Ok"),
    ("Ok\n\nVào Th 2, 16 thg 11, 2026 vào lúc 10:30 Shop <a@b.example> đã viết:\n\n> Chào", "Ok"),
    ("Ok\n\nΣτις Δευ 16 Νοε 2026 στις 10:30 π.μ., Shop <a@b.example> έγραψε:\n\n> Γεια", "Ok"),
    ("Ok\n\n-- \nAnna Rossi\nvia Roma 1\n", "Ok"),
    ("Ho un problema.\n\nCordiali saluti,\nAnna Rossi\n\nRossi Srl\nVia Roma 1, Milano\nTel. +39 02 1234567\nwww.rossi.example\n", "Ho un problema.\n\nCordiali saluti,\nAnna Rossi"),
    ("Ho un problema.\n\nCordiali saluti\nAnna\n", "Ho un problema.\n\nCordiali saluti\nAnna"),
    ("Va bene.\n\nAi sensi del Regolamento UE 2016/679 le informazioni contenute sono riservate.\n", "Va bene."),
    ("Ok\n\nThis e-mail and any attachments are confidential and intended solely for the addressee.\nDelete it.\n", "Ok"),
    ("Vorrei cambiare il volo:\nDa: Roma\nA: Milano\nData: 12/12\n\nGrazie", "Vorrei cambiare il volo:\nDa: Roma\nA: Milano\nData: 12/12\n\nGrazie"),
    ("From: Rome\nTo: Milan\nDate: tomorrow\n\nPlease book.", "From: Rome\nTo: Milan\nDate: tomorrow\n\nPlease book."),
    ("On Monday I called you and nobody wrote back: why?\n\nThanks", "On Monday I called you and nobody wrote back: why?\n\nThanks"),
    ("Ecco le mie risposte:\n\n> Colore?\n\nRosso\n\n> Taglia?\n\nM\n", "Ecco le mie risposte:\n\nRosso\n\nM"),
    ("5 > 3 and\n<3\n", "5 > 3 and\n<3"),
    ("Merci\n\n- un\n- deux\n", "Merci\n\n- un\n- deux"),
]  # fmt: skip


@pytest.mark.parametrize(("mail", "written"), OWN)
def test_the_authors_words_stay_and_the_rest_is_folded(mail: str, written: str) -> None:
    assert fold(mail).text == written


def test_a_forwarded_mail_is_the_message() -> None:
    mail = "Vi giro questo.\n\n---------- Forwarded message ---------\nDa: X <x@y.example>\nDate: lun\nSubject: Reclamo\nTo: me\n\nIl testo del reclamo.\n"
    assert "Il testo del reclamo." in fold(mail).text
    outlook = "Per voi\n\nDa: X <x@y.example>\nInviato: lunedì\nA: me\nOggetto: Reclamo\n\nIl testo del reclamo.\n"
    assert "Il testo del reclamo." in fold(outlook, subject="I: Reclamo").text
    assert "Il testo" not in fold(outlook, subject="R: Reclamo").text


def test_an_answer_with_nothing_above_the_quote_says_nothing() -> None:
    folded = fold("On Mon, Nov 16, 2026 at 10:30 AM A <a@b.example> wrote:\n> hello\n")
    assert folded.text == ""
    assert "hello" in folded.quoted


HTML = [
    '<div dir="ltr">Va bene</div><br><div class="gmail_quote"><div class="gmail_attr">Il giorno lun 16 nov 2026 alle 10:30 A &lt;a@b.example&gt; ha scritto:<br></div><blockquote class="gmail_quote">Ciao</blockquote></div>',
    '<p>Va bene</p><div id="divRplyFwdMsg"><b>Da:</b> X</div><div>Ciao</div>',
    '<p>Va bene</p><div id="appendonsend"></div><hr tabindex="-1"><div>Ciao</div>',
    '<p>Va bene</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p><b>Da:</b> X<br><b>Inviato:</b> lun</p></div><p>Ciao</p>',
    '<p>Va bene</p><div class="moz-cite-prefix">Il 16/11/26 10:30, X ha scritto:<br></div><blockquote type="cite" cite="mid:x">Ciao</blockquote>',
    '<div>Va bene</div><div id="yahoo_quoted_123" class="yahoo_quoted"><div>Il lun 16, X ha scritto:</div><div>Ciao</div></div>',
    '<div>Va bene</div><div><br><blockquote type="cite"><div>Il giorno 16 nov 2026, alle ore 10:30, X &lt;x@y.example&gt; ha scritto:</div><br><div>Ciao</div></blockquote></div>',
    '<div>Va bene</div><div class="protonmail_quote">Il lun X ha scritto:<blockquote>Ciao</blockquote></div>',
    '<div>Va bene</div><div class="gmail_signature"><div>Anna, Rossi Srl</div></div>',
    '<div>Va bene</div><div style="display:none">preheader</div>',
]  # fmt: skip


@pytest.mark.parametrize("html", HTML)
def test_markup_tells_what_is_quoted(html: str) -> None:
    assert fold_html(html).text == "Va bene"


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\S+", text))


PIECES = [mail for mail, _ in OWN] + [
    "\n",
    "-- \n",
    "> x\n",
    "____________\n",
    "Grazie\n",
    "Sent from my iPhone\n",
    "FW: x\n",
]


@given(
    st.lists(st.sampled_from(PIECES), max_size=6),
    st.text(max_size=40),
    st.sampled_from(["", "Re: x", "Fwd: x"]),
)
@settings(max_examples=300, deadline=None)
def test_nothing_is_dropped_and_nothing_doubled(
    pieces: list[str], noise: str, subject: str
) -> None:
    mail = noise.join(pieces)
    folded = fold(mail, subject=subject)
    assert words(folded.text) + words(folded.quoted) == words(mail)


@given(
    st.text(max_size=30),
    st.sampled_from([*phrases.WROTE, "no verb", "YAZDI", "skrev(a)"]),
    st.text(alphabet=" :：.-–)]>\u00a0_wa\n", max_size=9),
    st.sampled_from([str, str.upper, str.title]),
)
@settings(max_examples=400, deadline=None)
def test_the_quick_look_at_a_lines_end_tells_what_the_pattern_tells(
    before: str, verb: str, after: str, spelling: type[str]
) -> None:
    line = spelling(f"{before} {verb}{after}").strip()
    near_end = max(0, len(line) - 100)
    assert attribution._ends(line) == bool(attribution._ENDS.search(line, near_end))
    assert attribution._has_colon(line) == bool(attribution._COLON.search(line, near_end))
