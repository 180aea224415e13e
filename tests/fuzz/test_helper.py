# SPDX-License-Identifier: MIT
"""The helper over octets that nobody wrote: captures, tars, messages of D-Bus. A sentence, no exception.

Longer, by hand: FUZZ_EXAMPLES=20000 .venv/bin/python -m pytest tests/fuzz/test_helper.py
"""

from __future__ import annotations

import io
import json
import os
import struct
import tarfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fuzz.growth import assert_no_faster
from huawei_modem import dbus_wire, rules, status
from huawei_modem.database import DatabaseError, read
from huawei_modem.mask import Masker
from huawei_modem.report import Report, to_text
from huawei_modem.settings import Config, ConnectError, read_secret
from huawei_modem.transcript import captured, sources
from unit.helper.samples import healthy

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))
fuzzed = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def tar(members: list[tuple[str, bytes]], style: int = tarfile.PAX_FORMAT) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=style) as made:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            made.addfile(info, io.BytesIO(data))
    return target.getvalue()


def document(facts: object) -> bytes:
    return json.dumps({"schema": 1, "facts": facts}).encode()


WHOLE = tar([("facts.json", document(healthy())), ("x/" * 120 + "dmesg.txt", b"usb 1-1: new\n" * 40)])


def judged(path: Path) -> None:
    """All that is done with a file that somebody sent; the errors that it may end in, and no other."""
    try:
        if captured.is_capture(path):
            facts = captured.read(path)
            report = Report("doctor", path.name, rules.judge(facts), dict(facts))
            shown = to_text(report) + report.to_json() + status.to_text(facts)
            assert all(char.isprintable() or char in "\n\t" for char in shown)
            shown.encode()
        else:
            for _name, lines in sources.texts(path):
                for _line in lines:
                    pass
    except (captured.CaptureError, sources.SourceError) as err:
        assert str(path) in str(err)
        assert "\n" not in str(err)


@fuzzed
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_tar_with_changed_octets(tmp_path: Path, changes: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE)
    for at, value in changes:
        data[at] = value
    (tmp_path / "a.tar").write_bytes(bytes(data))
    judged(tmp_path / "a.tar")


@fuzzed
@given(st.integers(0, 3), st.sampled_from(b"0123456SLKxgX\0"), st.integers(0, 2**33), st.booleans())
def test_a_header_that_is_made_right_again(
    tmp_path: Path, at: int, kind: int, size: int, right: bool
) -> None:
    """Another type or size in a header, with the sum over it as it has to be: tarfile believes it."""
    data = bytearray(WHOLE)
    start = min(at * 512, len(data) - 512)
    data[start + 156] = kind
    data[start + 124 : start + 136] = b"%011o\0" % size
    if right:
        data[start + 148 : start + 156] = b" " * 8
        data[start + 148 : start + 156] = b"%06o\0 " % sum(data[start : start + 512])
    (tmp_path / "a.tar").write_bytes(bytes(data))
    judged(tmp_path / "a.tar")


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.just("\x1b[31m\ud800\u202e"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, where: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [where, *(place for key, item in inner for place in places(item, (*where, key)))]


PLACES = places(healthy())[1:]


@fuzzed
@given(st.lists(st.tuples(st.sampled_from(PLACES), values), min_size=1, max_size=3))
def test_facts_with_other_values(tmp_path: Path, changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    facts: Any = healthy()
    for where, value in changes:
        inner = facts
        try:
            for step in where[:-1]:
                inner = inner[step]
            inner[where[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change has taken the place away
    (tmp_path / "a.tar").write_bytes(tar([("facts.json", document(facts))]))
    judged(tmp_path / "a.tar")


@pytest.mark.parametrize("text", ["\x1b]0;x\x07", "\ud800", "\u202eabc", "\x9b2J", "\u2028", "\x7f"])
def test_a_text_in_the_facts_that_is_not_printable(tmp_path: Path, text: str) -> None:
    for where in PLACES:
        facts: Any = healthy()
        inner = facts
        for step in where[:-1]:
            inner = inner[step]
        if isinstance(inner[where[-1]], str):
            inner[where[-1]] = text
            (tmp_path / "a.tar").write_bytes(tar([("facts.json", document(facts))]))
            judged(tmp_path / "a.tar")


def reply(signature: bytes, body: bytes) -> bytes:
    fields = (
        struct.pack("<BBBBI", 5, 1, ord("u"), 0, 7)
        + b"\x08\x01g\0"
        + bytes((len(signature),))
        + signature
        + b"\0"
    )
    head = struct.pack("<cBBBIII", b"l", 2, 1, 1, len(body), 9, len(fields))
    return head + fields + bytes(-(len(head) + len(fields)) % 8) + body


def parsed(data: bytes) -> None:
    try:
        dbus_wire.parse(data)
    except dbus_wire.WireError as err:
        assert str(err)


@fuzzed
@given(st.text("ybnqiuxtdsogav(){}h", max_size=24), st.binary(max_size=96))
def test_a_message_with_any_signature(signature: str, body: bytes) -> None:
    parsed(reply(signature.encode(), body))


@fuzzed
@given(st.binary(max_size=160))
def test_a_message_of_any_octets(data: bytes) -> None:
    parsed(b"l" + data)


ENTRY = struct.pack("<I", 2) + b"On\0\1b\0\0\0" + struct.pack("<I", 1)
MODEMS = struct.pack("<I", 2) + b"/m\0\0" + struct.pack("<I", len(ENTRY)) + bytes(4) + ENTRY
MESSAGE = reply(b"a(oa{sv})", struct.pack("<I", len(MODEMS)) + bytes(4) + MODEMS)


@fuzzed
@given(st.lists(st.tuples(st.integers(0, len(MESSAGE) - 1), st.integers(0, 255)), min_size=1, max_size=5))
def test_a_message_with_changed_octets(changes: list[tuple[int, int]]) -> None:
    data = bytearray(MESSAGE)
    for at, value in changes:
        data[at] = value
    parsed(bytes(data))


@pytest.mark.parametrize(
    "signature", ["a()", "v" * 200, "a" * 200 + "y", "(" * 200 + "y" + ")" * 200, "a{", "(", "a", "z", "{sv}"]
)
def test_a_signature_that_leads_nowhere(signature: str) -> None:
    parsed(reply(signature.encode()[:255], bytes(64)))
    parsed(reply(b"v", bytes((len(signature) % 256,)) + signature.encode() + b"\0" + b"\x40" + bytes(63)))


@fuzzed
@given(values | st.text(max_size=40))
def test_a_database_of_anything(value: Any) -> None:
    text = value if isinstance(value, str) else json.dumps(value)
    try:
        read(text)
    except DatabaseError as err:
        assert str(err)


@fuzzed
@given(st.text(max_size=200))
def test_the_mask_over_anything(text: str) -> None:
    mask = Masker()
    shown = "".join(mask.lines(text))
    assert len(shown) <= 12 * len(text) + 100


@pytest.mark.parametrize(
    "line",
    [
        "a" * 60_000,
        "0" * 60_000,
        "AT" * 30_000,
        'password="' * 6_000,
        "+C1:" * 15_000,
        "user=" * 12_000,
        "0c:5b:" * 10_000,
        '"' * 60_000,
        "1 " * 30_000,
        "1-" * 30_000,
        "wifi_" * 12_000,
        "SSID '" * 10_000,
        "service 0x12345678 " * 3_000,
        "PSK hexdump data " * 3_500,
        " " * 60_000,
        'AT+X="' * 10_000,
        "(+1" * 20_000,
        "command line: " * 4_000,
        "EAP CHAP " * 7_000,
        "pppd user " * 6_000,
        "drivers/x/sim.c:a() " * 3_000,
        "user x y " * 7_000 + "# (from",
        'audit: op="connection' * 3_000,
        "from user for invalid user " * 2_500,
        "ICCID 8 " * 8_000,
        "ssid=\\" * 9_000,
        "lat lon " * 8_000,
        "x@y." * 15_000,
        "<user>" * 10_000,
    ],
    ids=lambda line: line[:12],
)
def test_a_long_line_costs_no_more_than_its_length(line: str) -> None:
    """Twice the line, twice the time: no pattern goes back and forth over it."""
    assert_no_faster(lambda text: Masker()(text), line[-(len(line) // 4) :], line, 8)


# config.ini, which a person writes


_SECTIONS = ("[apn default]", "[apn 00101]", "[sim]", "[mode 12d1:1f01]", "[DEFAULT]")
_KEYS = ("apn", "username", "password", "auth", "pin-file", "roaming")
_LINE = (
    st.sampled_from(_SECTIONS)
    | st.tuples(st.sampled_from(_KEYS), st.text(max_size=20)).map(" = ".join)
    | st.text(max_size=30)
)


@fuzzed
@given(text=st.lists(_LINE, max_size=12).map("\n".join))
@example("[sim]\npin-file = /a\0b")
def test_a_configuration_of_anything(text: str) -> None:
    try:
        config = Config(text)
        config.access_point("00101", "001010")
        assert config.roaming in (None, True, False)
        if (path := config.pin_file) is not None:
            read_secret(path, "PIN")
    except ConnectError as err:
        assert str(err)
