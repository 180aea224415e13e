# SPDX-License-Identifier: MIT
"""What a text in words is about: what is asked for fits it, and nothing is claimed."""

from __future__ import annotations

import pytest

from .test_corpus import diagnosed

ABOUT = (
    (
        "messages",
        "I want to get text messages on a Raspberry Pi with my Huawei stick. Which SMS storage is used?",
    ),
    ("messages", "Huawei E1750: USSD answers come as hexadecimal."),
    ("sim", "Where does the PIN of the card go on Debian? The stick is a Huawei E173."),
    ("sim", "Ich habe einen Huawei Stick und eine neue SIM-Karte."),
    ("signal", "Weak signal with a Huawei E3372. The antenna is outside, the RSSI is 5."),
    ("signal", "Which bands does the Huawei E3276 use while roaming?"),
    ("container", "My Docker container is to use a Huawei stick, the compose file has the device in it."),
    ("way", "Two WANs with a Huawei E3131: the failover changes the default route and leaves it there."),
    ("setup", "Huawei E3531: how is it set up, with which APN?"),
    ("setup", "Wir wollen unseren Huawei Stick unter Debian einrichten."),
    ("setup", "Huawei E3531 on OpenWrt 22.03. How do we configure it, which APN goes where?"),
    ("power", "The Huawei stick is behind a USB hub, and the board goes to suspend."),
    ("kernel", "Compiling the kernel for a Huawei E220: option as a module or built in?"),
    ("link", "Huawei E3372: the speed and the latency, at night and by day."),
)
ASKED = {
    "messages": "AT+CPMS?",
    "sim": "AT+CPIN?",
    "signal": "AT+CSQ",
    "container": "on the host and in the container",
    "way": "ip route",
    "setup": "lsusb -t",
    "power": "dmesg",
    "kernel": "ls /lib/modules",
    "link": "AT+CSQ",
}
"""What a person who knows modems would ask first."""
KINDS = {"setup": "how"}
"""Subjects whose question somebody who only asks gets too."""


@pytest.mark.parametrize(("subject", "text"), ABOUT)
def test_what_is_asked_for_fits_what_the_text_is_about(subject: str, text: str) -> None:
    report = diagnosed(text)
    assert [(item.code, item.kind) for item in report.findings] == [
        ("insufficient-data", KINDS.get(subject, f"about-{subject}"))
    ]
    assert ASKED[subject] in report.facts["next"]
    assert ("/lib/modules" in report.facts["next"]) == (subject == "kernel")


def test_the_title_says_more_than_a_sentence() -> None:
    text = "PIN of a Huawei E173\nSIM\n\nWe have it on a USB hub."
    assert diagnosed(text).findings[0].kind == "about-sim"


def test_who_dials_is_asked_in_its_own_way() -> None:
    sms = "SMS with a Huawei E3372: mmcli is what I have."
    assert "AT+" not in diagnosed(sms).facts["next"] and "mmcli" in diagnosed(sms).facts["next"]
    router = "The SIM of my Huawei E3372 in the Teltonika RUT955, PIN or no PIN?"
    assert "gsmctl -A 'AT+CPIN?'" in diagnosed(router).facts["next"]


@pytest.mark.parametrize(
    "text",
    [
        "Hello, my Huawei stick is red today.",
        "Bus 001 Device 004: ID 12d1:1506 Huawei Technologies Co., Ltd.\nThe SIM is new.",
        "+CPIN: SIM PIN\nWhich SIM is it?",
    ],
)
def test_no_subject_is_asked_about_where_there_is_none_or_a_line_says_more(text: str) -> None:
    assert not any(item.kind.startswith("about-") for item in diagnosed(text).findings)
