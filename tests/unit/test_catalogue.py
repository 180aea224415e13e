# SPDX-License-Identifier: MIT
"""One catalogue of findings: what is in it is used, and what is used is in it."""

from __future__ import annotations

import ast
import dataclasses
import functools
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from huawei_modem.catalogue import catalogue, found
from huawei_modem.mask import Masker
from huawei_modem.report import Evidence, Severity
from huawei_modem.transcript.rules.direct import OF_LATEST
from modem_image import PROJECT
from modem_image.errors import InputError
from modem_image.render import findings, messages
from modem_image.render.rendered import FILES

SOURCE = PROJECT / FILES / "findings.toml"
PYTHON = ("meta-huawei-modem", "scripts")


@functools.cache
def texts() -> list[tuple[Path, list[ast.Constant | ast.Call]]]:
    """Every Python file of the project that may make findings: its constants and calls."""
    paths = [path for folder in PYTHON for path in sorted((PROJECT / folder).rglob("*.py"))]
    return [(path, list(nodes(ast.parse(path.read_text(encoding="utf-8"))))) for path in paths]


def nodes(tree: ast.AST) -> Iterator[ast.Constant | ast.Call]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Constant | ast.Call))


@functools.cache
def named() -> set[str]:
    """Every text of the project's Python that has the form of a finding's name."""
    codes = set(catalogue())
    return {
        node.value
        for _path, found_in in texts()
        for node in found_in
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.partition(":")[0] in codes
    }


def test_nobody_words_a_finding_but_the_catalogue() -> None:
    """Finding(...) is called with literal words nowhere: not in a rule, the check, the gate or the bench."""
    for path, found_in in texts():
        for node in found_in:
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding":
                literal = [item for item in node.args if isinstance(item, (ast.Constant, ast.JoinedStr))]
                assert not literal, f"{path}:{node.lineno}"


def test_every_name_that_is_used_is_in_the_catalogue() -> None:
    for name in named():
        code, colon, kind = name.partition(":")
        known = (*catalogue()[code]["kinds"], "possible") if colon else ()
        # Of a name that is put together (f"…:says-{name}") only the beginning is seen.
        begun = kind[-1:] == "-" and any(each.startswith(kind) for each in known)
        assert not kind or kind in known or begun, name


def test_every_code_is_made_by_somebody() -> None:
    used = {name.partition(":")[0] for name in named()}
    used |= {row.meaning.partition(":")[0] for row in messages.rows()} & set(OF_LATEST.split())
    assert set(catalogue()) - used == set()


def test_every_parameter_fills_a_place_and_a_step_without_its_value_is_left_out() -> None:
    for code, entry in catalogue().items():
        for kind, (severity, title, steps) in entry["kinds"].items():
            fields = {
                field
                for text in (title, *steps)
                for _text, field, _form, _conversion in string.Formatter().parse(text)
                if field
            }
            in_title = {field for _t, field, _f, _c in string.Formatter().parse(title) if field}
            name = f"{code}:{kind}"
            whole = found(name, [Evidence("log", "line", 1)], **dict.fromkeys(fields, "WORD"))
            assert whole.severity.value == severity
            assert len(whole.remedy) == len(steps)
            assert "{" not in whole.title
            least = found(name, **dict.fromkeys(in_title, "WORD"))
            assert set(least.remedy) <= set(whole.remedy)


def test_what_the_caller_weighs_less_is_a_warning() -> None:
    values = {"number": 3, "usb": "12d1:1506", "driver": "cdc_ncm"}
    assert found("net-driver-missing", **values).severity is Severity.WARNING
    assert found("net-driver-missing", (), Severity.ERROR, **values).severity is Severity.ERROR


def test_the_first_step_of_a_fault_is_something_to_do() -> None:
    for entry in findings.load(SOURCE):
        for name, kind in entry.kinds.items():
            if kind.severity == "error" and "bench" not in entry.by:
                assert kind.remedy, f"{entry.code}:{name}"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('severity = "error"', 'severity = "fatal"', "severity fatal is none of"),
        ('"@one-build"', '"@two-builds"', "@two-builds is not among"),
        ('by = ["image"', 'by = ["oracle"', "oracle makes no findings"),
        (
            'title = "ModemManager crashes',
            'by = ["oracle"]\ntitle = "ModemManager crashes',
            "oracle makes no findings",
        ),
        ("{release}", "{release.__class__}", "not a plain parameter"),
        ('code = "modules-missing"', 'code = "modules-mismatch"', "each code stands once"),
    ],
)
def test_a_catalogue_that_breaks_its_rules_is_refused(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    text = SOURCE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "findings.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=complaint):
        findings.load(path)


def test_the_page_has_each_code_with_its_words() -> None:
    page = (PROJECT / "docs" / "findings.md").read_text(encoding="utf-8")
    for entry in findings.load(SOURCE):
        assert f"### {entry.code}\n{entry.prose}" in page
        for kind in entry.kinds.values():
            assert findings.shown(kind.title) in page
    names = [field.name for field in dataclasses.fields(findings.Kind)]
    assert names == ["severity", "title", "remedy", "by"]


def test_no_title_is_taken_for_a_secret() -> None:
    """The doctor masks titles, which hold what a text said: their own words have to come through."""
    titles = [kind[1] for entry in catalogue().values() for kind in entry["kinds"].values()]
    assert len(titles) > 200
    assert [title for title in titles if Masker()(title) != title] == []
