# SPDX-License-Identifier: MIT
"""Events, and that no secret is in one."""

from __future__ import annotations

import pytest

from modem_image.bench.stick.events import Event, emitter, masked


def test_an_event_has_the_time_of_the_clock() -> None:
    seen: list[Event] = []
    emitter(seen.append, clock=lambda: 12.5)("dialled", port="modem", cid=1)
    assert seen == [Event(12.5, "dialled", {"port": "modem", "cid": 1})]


def test_an_unknown_name_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="online"):
        emitter(lambda _event: None)("online")


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ('AT+CPIN="1234"', "AT+CPIN=***"),
        ("AT+CPIN?", "AT+CPIN?"),
        ('at+cpin = "1234"', "at+cpin =***"),
        ('ATE0;+CLCK="SC",1,"1234";+CSQ', "ATE0;+CLCK=***;+CSQ"),
        ("AT+CLCK=?", "AT+CLCK=?"),
        ('AT+CPWD="SC","1234","4321"', "AT+CPWD=***"),
        ('AT+CGAUTH=1,1,"user","secret"', "AT+CGAUTH=***"),
        ('AT^AUTHDATA=1,1,"","secret","user"', "AT^AUTHDATA=***"),
        ('AT^NDISDUP=1,1,"internet.example","user","secret"', 'AT^NDISDUP=1,1,"internet.example",***'),
        ('AT^NDISDUP=1,1,"internet.example"', 'AT^NDISDUP=1,1,"internet.example"'),
        ("ATD*99***1#", "ATD*99***1#"),
        ("ATD+15550100;", "ATD***;"),
        ("ATDT15550100", "ATDT***"),
        ('AT+CMGS="+15550100"', "AT+CMGS=***"),
        ('AT+CGDCONT=1,"IP","internet.example"', 'AT+CGDCONT=1,"IP","internet.example"'),
    ],
)
def test_secrets_are_masked(command: str, shown: str) -> None:
    assert masked(command) == shown
