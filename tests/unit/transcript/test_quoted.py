# SPDX-License-Identifier: MIT
"""What a person's sentence holds beside the words of a list does not leave, in whatever form it stands there.

Names, places, companies, account names, passwords of plain words and numbers in words, planted in sentences
of six languages that the doctor quotes; and how much of what it quotes stays readable.
"""

from __future__ import annotations

import itertools
import random
import re

import pytest

from huawei_modem.mask.vocabulary import UNKNOWN
from huawei_modem.report import to_text
from huawei_modem.transcript import doctor, quoted
from huawei_modem.transcript.pasted import masker
from modem_image.doctor.page import to_html

from .test_corpus import DATABASE, cases, history

SENTENCES = {
    "en": (
        "My Huawei stick does not connect, {x} told me to ask here.",
        "No internet on the E3372 since {x} has it",
        "I am {x} and the modem is not recognised.",
        "The modem of {x} does not work any more",
        "wvdial says NO CARRIER, thanks, {x}",
        "we use it at {x} and it stays a CD drive, no modem",
        "it does not work near {x} although the signal is fine",
    ),
    "de": (
        "Mein Stick von {x} wird nicht erkannt",
        "Kein Internet mit dem Huawei bei {x}, was mache ich falsch?",
        "Ich heiße {x} und der Surfstick verbindet nicht.",
        "Das Modem funktioniert nicht, Grüße {x}",
    ),
    "fr": (
        "Ma clé ne marche pas chez {x}",
        "Pas de connexion avec le modem de {x}, merci",
        "Je suis {x} et la clé Huawei ne fonctionne plus.",
    ),
    "es": (
        "El módem de {x} no funciona",
        "No tengo internet en {x}, gracias",
        "Soy {x} y no puedo conectar el Huawei",
    ),
    "it": (
        "La chiavetta di {x} non funziona",
        "Sono {x} e il modem non si connette",
        "Niente internet a {x}",
    ),
    "pl": ("Modem nie działa, pozdrawiam {x}", "Brak internetu, {x} mówi że modem Huawei nie działa"),
}
_NAMES = """
    Anna Maria Hans Peter Thomas Michael David Daniel John Paul Laura Julia Lisa Mary Grace Matthew Sara
    Sofia Kim Sam Ted Jürgen Björn Łukasz Agnieszka Krzysztof Małgorzata Giuseppe Chiara Giovanni Miguel
    José Lucía Íñigo Françoise Hervé Chloé Jean-Luc Müller Schmidt Weiß Schröder Baumgärtner Kowalski
    Wiśniewska Rossi Esposito García Núñez Fernández Lefèvre Dubois O'Brien McAllister Smith Johnson
    Turner Porter Parker Walker Banks Fields Price Page Reading Little White Wise Иванов Ольга Πέτρος 田中
    김민수 Kwendelin Qvortz Zwetschgerl Tanaka Nguyen Patel Singh
"""
_PLACES = """
    Berlin Hamburg Zürich Wien Lyon Marseille Sevilla Córdoba Torino Bologna Kraków Łódź Hinterzarten
    Dundee Bath Nice Wuppertal Clermont-Ferrand Reykjavík Schlossallee Zwiebelweg Rue-de-Rivoli Gdańsk
    Москва 東京
"""
NAMES, PLACES = _NAMES.split(), _PLACES.split()
COMPANIES = (
    "Kwendelin GmbH",
    "Quakfrosch & Söhne",
    "Zanzibar Widgets Inc",
    "Maschinenbau Huber AG",
    "Société Dupuis",
    "BrightFalcon",
)
ACCOUNTS = (
    "kwendelin77",
    "anna.k",
    "k_schulz",
    "mmustermann",
    "j.doe99",
    "Kwendelin@home",
    "ab12cd",
    "cust0815",
    "admin99",
    "home77",
    "welcome1",
    "xXfroschXx",
)
WORDS = (
    "purple monkey dishwasher",
    "correct horse battery staple",
    "apfel birne zwetschge",
    "sol y luna llena",
    "kotek na płocie",
)
IN_WORDS = (
    "seven seven one six",
    "four-nine-zero-one",
    "two, eight, one, five",
    "double seven sixteen",
    "sieben sieben eins sechs",
    "sept sept un six",
    "siete siete uno seis",
    "sette sette uno sei",
    "siedem siedem jeden sześć",
    "7 7 1 6",
    "77 16",
    "771 612",
    "12.03.1985",
)
EVERYWHERE = (*NAMES, *PLACES, *COMPANIES, *ACCOUNTS, *WORDS, *IN_WORDS)
OF_SECRETS = (
    "the password is {x} and it does not connect",
    "my wifi is called {x}, but the modem gets no internet",
    "the PIN of it is {x}, not recognised",
    "I set the passphrase to {x} and it fails to connect",
    "the user name was {x} and no carrier came",
    "Das Passwort ist {x} und es geht nicht",
    "le mot de passe est {x} et la clé ne marche pas",
    "la contraseña es {x} y no conecta",
    "la password è {x} e non funziona",
    "hasło to {x} i modem nie działa",
)
PLAIN = (
    "modem power cable",
    "the best internet",
    "open access point",
    "signal error bus",
    "new stick driver",
)
"""Passwords of words that are on the lists: what they follow gives them away."""
SAID = {
    sentence: [sentence.replace("{x}", x) for x in EVERYWHERE]
    for sentence in itertools.chain(*SENTENCES.values())
}
_WORD = re.compile(r"[^\W_]+")


def shown(text: str) -> str:
    return quoted.line(masker()(text))


def left(value: str, text: str) -> bool:
    """Whether the value, or a part of it that is a word or a number of its own, has left."""
    parts = [part for part in re.split(r"[\s,&]+", value) if len(part) > 3] or [value]
    return value.casefold() in text.casefold() or all(part.casefold() in text.casefold() for part in parts)


@pytest.mark.parametrize("sentence", SAID)
def test_nobody_is_in_what_is_quoted_of_a_sentence(sentence: str) -> None:
    lines = {value: shown(sentence.replace("{x}", value)) for value in EVERYWHERE}
    assert {value: line for value, line in lines.items() if left(value, line)} == {}


@pytest.mark.parametrize("sentence", OF_SECRETS)
def test_a_secret_of_plain_words_is_not_either(sentence: str) -> None:
    lines = {
        value: shown(sentence.replace("{x}", value))
        for value in (*PLAIN, *WORDS, *IN_WORDS, *ACCOUNTS, *NAMES)
    }
    assert {value: line for value, line in lines.items() if left(value, line)} == {}


def test_no_made_up_word_leaves_a_sentence() -> None:
    chosen = random.Random(11)  # noqa: S311  (a sample, the same each time)
    sounds = (
        "ba",
        "ke",
        "li",
        "mo",
        "nu",
        "ra",
        "se",
        "ti",
        "vo",
        "zu",
        "ga",
        "schi",
        "qua",
        "dre",
        "tor",
        "wen",
    )
    made = {"".join(chosen.choices(sounds, k=chosen.randrange(3, 6))) for _ in range(2000)}
    sentences = list(SAID)
    gone = [word for word in made if word in shown(chosen.choice(sentences).replace("{x}", word)).lower()]
    assert [word for word in gone if not quoted._knows(word)] == []
    assert len(gone) < 3


def test_a_report_has_none_of_them_in_any_of_its_forms() -> None:
    chosen = random.Random(5)  # noqa: S311  (as above)
    sentences = list(SAID)
    quoted_in = 0
    for value in chosen.sample([value for value in EVERYWHERE if len(value) > 5], 60):
        lines = [chosen.choice(sentences).replace("{x}", value) for _ in range(3)]
        report = doctor.report(doctor.read([("paste", lines)]), "paste", DATABASE)
        said = "\n".join(
            (to_text(report, width=2000), report.to_json(), to_html(report, ""), doctor.closing(report))
        )
        quoted_in += any(finding.evidence for finding in report.findings)
        assert not left(value, said), lines
    assert quoted_in > 40


@pytest.mark.parametrize(
    ("line", "values"),
    [
        (
            r">>>  [Device Install (Hardware initiated) - USB\VID_12D1&PID_1F01\K5TCB0000TEST321]",
            ["K5TCB0000TEST321"],
        ),
        ("modem.location.3gpp.cid                      : D45C0F5", ["D45C0F5"]),
        ("CellLocation: [1CC2,86AC0F1,-1]", ["1CC2", "86AC0F1"]),
        ("[kwendelin@birnbaum ~]$ lsusb", ["kwendelin", "birnbaum"]),
        ("I typed 8079 as the pin and got +CME ERROR: 16", ["8079"]),
        (
            "Zugangsdaten: Quakfrosch / hevgor!204pli, PAP authentication failed",
            ["Quakfrosch", "hevgor", "pli"],
        ),
        ("mon code pin c'est 7935 et le modem reste en PIN required", ["7935"]),
        ("пин-код 5326 ввёл, интернета нет", ["5326"]),
        (
            'our WLAN "Zwetschge 7" with key "zweost!378mip" works, the stick gives no internet',
            ["zweost", "mip"],
        ),
        ("my cell is 1554F5A in area C6F0, no internet", ["1554F5A", "C6F0"]),
        ("serial number of the stick is K5TCB0000TEST892, no internet", ["K5TCB0000TEST892"]),
    ],
)
def test_what_the_last_stranger_saw_leaves_no_more(line: str, values: list[str]) -> None:
    assert [value for value in values if value in shown(line)] == []


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("My modem does NOT work on the Raspberry Pi since I updated Debian.", None),
        ("Seit gestern geht nichts mehr, das Modem bleibt eine CD-ROM.", None),
        ("Модем не подключается, интернета нет", None),
        ("it worked on Jan 12, not on Tue Mar 24 10:20:31 UTC 2022", None),
        ("12d1:1506 was 12d1:14fe before usb_modeswitch -v 12d1 -p 1506", None),
        ("Mark told Frank that the Reading modem is dead", "Mark told … that the … modem is dead"),
        ("no internet on my stick in Wuppertal Barmen, Germany", "no internet on my stick in …"),
        ("kwendelin@birnbaum:~$ lsusb", "…@…:~$ lsusb"),
        ("root@board:/home/kwendelin# ls", "root@board:/home/…# ls"),
    ],
)
def test_the_sense_stays(line: str, kept: str | None) -> None:
    assert shown(line).replace("[masked-1]", "…") == (kept or line)


def test_most_words_of_what_the_doctor_quotes_are_shown() -> None:
    said = stays = 0
    for param in cases()[::3]:
        for finding in doctor.diagnose(history(param.values[0]["text"]), DATABASE):
            for item in finding.evidence:
                said += len(_WORD.findall(item.text))
                stays += len(_WORD.findall(quoted.line(item.text).replace(UNKNOWN, "")))
    assert stays > 0.97 * said
