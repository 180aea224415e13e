# SPDX-License-Identifier: MIT
"""Sentences that claim no fault of this machine now: none is read out of them."""

from __future__ import annotations

import pytest

from huawei_modem.transcript import clause

from .test_corpus import diagnosed, history

CLAIMS = {
    "unseen": "lsusb does not show the Huawei stick.",
    "undetected": "The Huawei modem is not recognised.",
    "guest": "My Huawei E3372 is used in a virtual machine.",
    "ports": "There is no ttyUSB0 with my Huawei.",
    "at-times": "The Huawei E3372 loses the connection.",
    "no-carrier": "I always get NO CARRIER with my Huawei.",
    "says-sim": "The SIM is not recognised by my Huawei E3372.",
    "says-registration": "The Huawei does not register with the network.",
}
"""Kind, and the sentence that claims it."""
NONE = (
    ("unseen", "lsusb shows the Huawei stick, no problem there."),
    ("unseen", "My other Huawei stick is not in lsusb, this one is there."),
    ("unseen", "Yesterday lsusb did not show the Huawei."),
    ("unseen", "Is the Huawei E173 not shown by lsusb when it has no power?"),
    ("undetected", "Under Windows the Huawei modem is not detected."),
    ("undetected", "It is not that the Huawei modem is not recognised: it is."),
    ("undetected", "At first the Huawei modem was not detected."),
    ("guest", "I do not run a VM, the Huawei is at the host."),
    ("guest", "No virtual machine here, a Huawei E3372 at the board."),
    ("ports", '"no ttyUSB" is what everybody writes, my Huawei has four.'),
    ("at-times", "The Huawei stick never loses its connection."),
    ("at-times", "Does the Huawei E3372 lose its connection when it is warm?"),
    ("at-times", "Nobody complains that the Huawei E3372 drops the connection."),
    ("no-carrier", "I do not get NO CARRIER any more since the new APN, with my Huawei."),
    ("at-times", "3. To stop it when the Huawei connection drops, kill pppd."),
    ("no-carrier", "The Huawei used to end with NO CARRIER."),
    ("says-sim", 'What does "SIM not inserted" mean on a Huawei?'),
    ("says-registration", "Which Huawei does not have problems with the registration?"),
    ("says-registration", "Error messages are not shown by the Huawei. The registration takes a minute."),
)
"""Kind, and a sentence with its words that claims it of nothing here and now."""


def kinds(text: str) -> set[str]:
    return {item.kind for item in diagnosed(text).findings}


@pytest.mark.parametrize("kind", CLAIMS)
def test_a_claim_is_read(kind: str) -> None:
    assert kind in kinds(CLAIMS[kind])


@pytest.mark.parametrize(("kind", "text"), NONE)
def test_what_claims_nothing_is_no_claim(kind: str, text: str) -> None:
    assert kind in CLAIMS and kind not in kinds(text)


def test_who_asks_for_advice_is_understood() -> None:
    assert "advice" in kinds("Which Huawei modem works with Venus OS, can you recommend one?")


KEPT = (
    "Does anyone know why the stick is not detected?",
    "Why is there no ttyUSB0?",
    "Since yesterday lsusb does not show the stick.",
    "The modem is not detected any more.",
    "It used to work but now lsusb does not show the stick.",
)


@pytest.mark.parametrize("text", KEPT)
def test_a_question_for_the_reason_and_a_new_fault_are_claims(text: str) -> None:
    assert clause.claimed(text).split("but ")[-1] == text.split("but ")[-1]


@pytest.mark.parametrize(
    ("text", "layers"),
    [
        ("The manual says the modem is registered when its light is blue.", set()),
        ("Last week the modem is registered, it said.", set()),
        ("A friend says that AT commands work fine.", set()),
        ("AT commands work fine, the modem is registered.", {"answers", "registration"}),
    ],
)
def test_what_works_is_of_this_machine_now(text: str, layers: set[str]) -> None:
    claims = history(text).claims
    assert {layer for layer, seen in claims.items() if seen.value.good} == layers


CLAIMED = {
    "I cannot reach the internet.": "complaint",
    "I tried a powered hub.": "hub",
    "lsusb shows the stick.": "lsusb",
    "Sending SMS does not work.": "service",
}
"""A sentence of each kind that is kept, and what is kept of it."""
NO_CLAIMS = (
    "The manual says: {}",
    "Somebody says {}",
    "My friend writes: {}",
    "If {}",
)


def kept(text: str) -> set[str]:
    read = history(f"My Huawei E3372.\n{text}\n")
    return {*read.told, *read.tried}


@pytest.mark.parametrize(("text", "what"), CLAIMED.items())
def test_every_reader_of_sentences_asks_the_same_gate(text: str, what: str) -> None:
    assert what in kept(text)
    assert [form for form in NO_CLAIMS if what in kept(form.format(text))] == []
