# SPDX-License-Identifier: MIT
"""What a sentence says: complaints and solutions in the order of the text, programs with negation, modes."""

from __future__ import annotations

import pytest

from huawei_modem.transcript import doctor, prose
from huawei_modem.transcript.model import History

from .test_corpus import diagnosed

COMPLAINTS = (
    "I am connected but no page opens in the browser.",
    "It used to be solved, now I cannot reach the internet.",
    "Connected, yet nothing loads.",
    "ping just hangs",
    "Firefox says server not found",
    "Trotz Verbindung habe ich kein Internet.",
    "Die Seiten laden nicht, obwohl ppp0 da ist.",
    "La clé se connecte mais pas d'accès internet.",
    "Se conecta pero no puedo navegar.",
    "Cada vez que eu conecto consigo IP, mas nada responde.",
    "Si connette ma non riesco a navigare.",
    "Połączenie jest, ale brak internetu.",
    "Подключение есть, но интернет не работает.",
    "Připojí se, ale stránky se nenačítají a nejde nic, internet nefunguje.",
    "Kapcsolódik, de nincs internet.",
    "Er is verbinding maar geen internet.",
    "已连接但无法上网",
    "Nothing responds.",
    "no internet after dialling",
    "Keine Antwort vom Server, es tut nicht.",
    "нет пинга",
    "无法连接",
)
SOLUTIONS = (
    "It works now!",
    "Everything works fine with this config.",
    "Solved: the operator had the wrong APN.",
    "At first there was no internet, but with defaultroute it works now.",
    "Jetzt funktioniert alles.",
    "Es hat auch spontan Out-of-the-Box funktioniert.",
    "Ça marche maintenant.",
    "Ya funciona, gracias.",
    "Теперь работает, спасибо.",
    "The stick is up and running.",
    "EDIT: never mind, got it working.",
)
NEITHER = (
    "Does it work on a Raspberry Pi?",
    "It should work now if the driver is there.",
    "On my laptop it works fine.",
    "It worked fine before the update.",
    "--> local  IP address 10.40.232.189",
    "sudo: unable to resolve host raspberrypi: Name or service not known",
    "There is no network interface card in the box.",
)


def read(text: str) -> History:
    """The sentence as the doctor reads it in a text."""
    return doctor.read([("paste", ["A title", "", "", text])])


@pytest.mark.parametrize("text", COMPLAINTS)
def test_a_complaint(text: str) -> None:
    says = prose.said(text)
    assert says.complaint
    assert not says.solved
    assert "complaint" in read(text).told


@pytest.mark.parametrize("text", SOLUTIONS)
def test_a_solution(text: str) -> None:
    says = prose.said(text)
    assert says.solved
    assert not says.complaint
    assert "works" in read(text).words


@pytest.mark.parametrize(
    "text",
    [
        "Huawei E3372 works fine, but it disconnects every hour.",
        "The stick works fine, however it disappears after some hours",
        "It works fine. However, when I leave it alone, it hangs up.",
        "Registration works fine, but when I dial, the modem hangs up",
        "The modem hangs up. Authentication works fine.",
    ],
)
def test_what_works_but_something_is_no_solution(text: str) -> None:
    assert not prose.said(text).solved


@pytest.mark.parametrize("text", ["It works now, but I don't know why.", "It works now, but it took a day."])
def test_who_looks_back_has_solved_it(text: str) -> None:
    assert prose.said(text).sure


@pytest.mark.parametrize("text", ["[Erledigt] Huawei E3372", "E3372 [SOLVED]", "(vyřešeno) E3372"])
def test_a_title_that_is_marked(text: str) -> None:
    assert prose.said(text).marked
    assert "solved" in read(text).words


@pytest.mark.parametrize("text", NEITHER)
def test_neither(text: str) -> None:
    says = prose.said(text)
    assert not says.solved
    assert not says.complaint


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("I use wvdial instead of NetworkManager.", ("wvdial",)),
        ("My stick does not get online with sudo wvdial. I don't use NetworkManager at all.", ("wvdial",)),
        ("We run ofono with connman.", ("ofono", "connman")),
        ("sudo apt-get install ppp wvdial usb-modeswitch", ()),
        ('IMAGE_INSTALL:append = " ppp wvdial"', ()),
        ("I want NCM and wwan0 instead of slow pppd/wvdial/modem usage.", ()),
        ("ModemManager is disabled.", ()),
        ("sakis3g says: modem not found", ("sakis3g",)),
        ("sudo pon provider", ("ppp",)),
        ("quectel-CM runs here", ("qmi",)),
        ("see /etc/wvdial.conf", ()),
    ],
)
def test_who_dials(text: str, used: tuple[str, ...]) -> None:
    assert prose.said(text).programs == used
    assert set(read(text).dials) == set(used)


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("After usb_modeswitch the id changes from 12d1:14fe to 12d1:1506.", "1506"),
        ("Once switched the Product ID goes from 0x1446 to 0x1001.", "1001"),
        ("y luego pasa a 12d1:14dc", "14dc"),
        ("После usb_modeswitch стал 12d1:1506", "1506"),
        ("It should become 12d1:14dc but it does not.", ""),
        ("On my PC it becomes 12d1:1506", ""),
        ("The id is 12d1:1506.", ""),
    ],
)
def test_what_the_stick_became(text: str, product: str) -> None:
    assert prose.said(text).became == product


@pytest.mark.parametrize(
    ("text", "drive"),
    [
        ("My Huawei E3372 is always recognised as a CD-ROM and not as a modem.", True),
        ("Der Huawei-Stick wird immer nur als Laufwerk erkannt.", True),
        ("Ma clé Huawei reste en mode stockage de masse.", True),
        ("Модем Huawei определяется как CD-ROM.", True),
        ("Is the microSD slot of the Huawei E1820 usable as mass storage?", False),
        ("The Huawei stick was in mass storage mode at first, usb_modeswitch fixed that.", False),
        ("On Windows the Huawei modem shows up as a CD-ROM.", False),
    ],
)
def test_a_drive_in_words(text: str, drive: bool) -> None:
    assert prose.said(text).storage is drive


def test_the_title_names_the_program_that_the_text_is_about() -> None:
    about = ["Huawei E3372 and wvdial", "", "", "There is NetworkManager too.", "With nmcli I have seen it."]
    history = doctor.read([("paste", about)])
    assert history.dials == {"wvdial": 3, "nm": 2}
    log = ["kern.info kernel: usb 1-1: new device"] * 3
    history = doctor.read(
        [("paste", [*log, "wvdial does not connect.", "I have NetworkManager.", "nmcli works."])]
    )
    assert history.dials["wvdial"] == 2, "a sentence behind a log is no title"


def test_a_network_that_is_missing_by_its_name() -> None:
    assert read("There is no usb0.").claims["port"].value.kind == "nets"


def test_a_modem_that_answers_a_terminal_program_by_its_name() -> None:
    assert read("putty answers.").claims["answers"].value.good


def test_of_a_paragraph_the_sentence_that_says_it_is_shown() -> None:
    begin = "We have a board in our garden with a Huawei stick, and the garden has many trees. " * 3
    complaint = "The SIM card is not recognised by the stick, with each card that I take."
    [finding] = diagnosed(begin + complaint).findings
    assert finding.kind == "says-sim"
    assert [item.text for item in finding.evidence] == [complaint]
