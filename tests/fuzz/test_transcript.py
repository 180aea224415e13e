# SPDX-License-Identifier: MIT
"""Texts, captures and pages that nobody would make: no exception, no leak, linear time."""

from __future__ import annotations

import io
import json
import re
import tarfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.growth import assert_no_faster
from huawei_modem import capture
from huawei_modem.database import load
from huawei_modem.mask import Masker
from huawei_modem.report import Report, to_text
from huawei_modem.transcript import captured, diagnose, doctor, sources, summary
from huawei_modem.transcript.reader import Reader
from huawei_modem.transcript.readers import daemons, kernel, modeswitch, network, said, udev, usb
from modem_image.doctor.page import to_html
from unit.helper.samples import healthy
from unit.transcript.test_command import outline
from unit.transcript.test_corpus import DATABASE, cases, diagnosed

TEXTS = [str(param.values[0]["text"]) for param in cases()]
LINES = sorted({line for text in TEXTS for line in text.splitlines()})
WORDS = sorted({word for line in LINES for word in re.split(r"(\W+)", line) if word})
PARSERS = (
    daemons.Daemons,
    kernel.Kernel,
    modeswitch.Modeswitch,
    network.Network,
    said.Said,
    udev.Udev,
    usb.Usb,
)

word = st.one_of(st.sampled_from(WORDS), st.text(max_size=6), st.integers(-(10**24), 10**24).map(str))


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A known line with some of its words exchanged."""
    words = re.split(r"(\W+)", draw(st.sampled_from(LINES)))
    for _ in range(draw(st.integers(0, 4))):
        words[draw(st.integers(0, len(words) - 1))] = draw(word)
    return "".join(words)


lines = st.lists(
    st.one_of(damaged(), st.sampled_from(LINES), st.lists(word, max_size=12).map("".join)), max_size=40
)


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.__name__)
def test_each_parser_takes_any_line(parser: Any) -> None:
    @settings(max_examples=60, deadline=None)
    @given(lines)
    def check(text: list[str]) -> None:
        reader = Reader([parser])
        reader.feed("paste", text)
        diagnose.diagnose(reader.history, DATABASE)

    check()


@settings(max_examples=100, deadline=None)
@given(lines)
def test_any_mixture_becomes_a_report_in_every_form(text: list[str]) -> None:
    report = diagnosed("\n".join(text))
    assert report.findings or report.facts["recognised"]
    json.loads(report.to_json())
    assert "\x1b" not in to_text(report)
    assert outline(to_html(report, "")).linked == []


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=6))
def test_texts_one_after_another_are_read(texts: list[str]) -> None:
    diagnosed("\n".join(texts))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_as_lines(data: bytes) -> None:
    doctor.read([("paste", sources.lines(sources.as_text(io.BytesIO(data))))])


def test_time_grows_with_the_text_and_no_faster() -> None:
    """Every line of the corpus, in any order of theirs, four times as often: at most six times as long."""
    assert_no_faster(lambda text: doctor.read([("paste", text)]), LINES * 10, LINES * 40, 6)


# Captures


def packed(path: Path, document: object) -> Path:
    data = json.dumps(document).encode()
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo(capture.FACTS)
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return path


def places(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in plain data."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for key, item in inner for place in places(item, (*at, key)))]


PLACES = places(healthy())
json_value = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PLACES), json_value)
def test_a_capture_with_any_change_is_judged_or_refused(
    tmp_path_factory: pytest.TempPathFactory, place: tuple[str | int, ...], value: object
) -> None:
    facts: Any = {"facts": healthy(), "schema": 1}
    inner = facts
    for step in ("facts", *place)[:-1]:
        inner = inner[step]
    inner[("facts", *place)[-1]] = value
    path = packed(tmp_path_factory.getbasetemp() / "changed.tar.gz", facts)
    try:
        report, _text = doctor.of_path(path, DATABASE)
    except captured.CaptureError:
        return
    outline(to_html(report, ""))


def test_a_capture_that_is_cut_anywhere_is_refused_or_read(tmp_path: Path) -> None:
    whole = packed(tmp_path / "whole.tar.gz", {"schema": 1, "facts": healthy()}).read_bytes()
    path = tmp_path / "report.tar.gz"
    for end in range(0, len(whole), 7):
        path.write_bytes(whole[:end])
        try:
            doctor.of_path(path, DATABASE)
        except (captured.CaptureError, sources.SourceError) as err:
            assert str(path) in str(err)


def test_a_capture_with_a_changed_byte_is_refused_or_read(tmp_path: Path) -> None:
    whole = packed(tmp_path / "whole.tar.gz", {"schema": 1, "facts": healthy()}).read_bytes()
    path = tmp_path / "report.tar.gz"
    for place in range(0, len(whole), 3):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            doctor.of_path(path, DATABASE)
        except (captured.CaptureError, sources.SourceError) as err:
            assert str(path) in str(err)


# Redaction: numbers of 3GPP TS 23.003's examples, of the test network 001 01, and documentation's own.

SECRETS = ("001010123456789", "490154203237518", "8988211000000000001", "02:00:5e:10:00:01", "+15555550100")


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(LINES), st.sampled_from(SECRETS), st.data())
def test_an_identity_anywhere_in_a_line_is_masked(line: str, secret: str, data: st.DataObject) -> None:
    gaps = [match.start() for match in re.finditer(r"\s|\Z", line)]
    at = data.draw(st.sampled_from(gaps))
    assert secret not in Masker()(f"{line[:at]} {secret}{line[at:]}")


@settings(max_examples=80, deadline=None)
@given(lines, st.sampled_from(SECRETS), st.data())
def test_no_report_over_text_holds_an_identity(text: list[str], secret: str, data: st.DataObject) -> None:
    for _ in range(min(4, len(text))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at] = f"{text[at]} {secret}"
    history = doctor.read([("paste", text)])
    report = doctor.report(history, "paste", DATABASE)
    assert secret not in everything(report, summary.to_text(history))


@pytest.mark.parametrize("secret", SECRETS)
def test_no_report_over_a_foreign_capture_holds_an_identity(tmp_path: Path, secret: str) -> None:
    """A capture that somebody made or changed by hand: nothing in it was masked."""
    database = load()
    for place in PLACES:
        facts: Any = {"schema": 1, "facts": healthy()}
        inner = facts
        for step in ("facts", *place)[:-1]:
            inner = inner[step]
        if not isinstance(inner[("facts", *place)[-1]], str):
            continue
        inner[("facts", *place)[-1]] = f"a {secret}"
        report, recognised = doctor.of_path(packed(tmp_path / "report.tar.gz", facts), database)
        assert secret not in everything(report, recognised)


def everything(report: Report, recognised: str) -> str:
    """All that the doctor can say, in each of its forms."""
    forms = (
        report.to_json(),
        to_text(report),
        to_html(report, recognised),
        doctor.closing(report),
        recognised,
    )
    return "".join(forms)
