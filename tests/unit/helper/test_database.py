# SPDX-License-Identifier: MIT
"""The database's schema: what breaks it is named with its entry and its line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from huawei_modem.database import DatabaseError, from_document, load
from modem_image import HELPER
from modem_image import database as host
from modem_image.errors import InputError

SOURCE = (HELPER / "modems.toml").read_text(encoding="utf-8")


def line_with(text: str, part: str, count: int = 1) -> int:
    """Line of the count-th occurrence of `part`."""
    return [number for number, line in enumerate(text.splitlines(), 1) if part in line][count - 1]


def refused(folder: Path, text: str) -> str:
    (folder / "modems.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        host.load(folder / "modems.toml")
    return str(caught.value)


def test_the_rendered_copy_is_the_source() -> None:
    assert load() == host.load(HELPER / "modems.toml")[0]


@pytest.mark.parametrize(
    ("protocol", "function"),
    [
        ("01", "modem"), ("31", "modem"), ("61", "modem"),
        ("02", "pcui"), ("12", "pcui"), ("32", "pcui"), ("62", "pcui"),
        ("03", "diag"), ("33", "diag"), ("63", "diag"),
        ("07", "qmi"), ("38", "qmi"), ("69", "qmi"),
        ("16", "ncm"), ("46", "ncm"), ("76", "ncm"),
        ("04", None), ("ff", None),
    ],
)  # fmt: skip
def test_the_familys_numbers(protocol: str, function: str | None) -> None:
    assert load().function_name("ff", protocol) == function


def test_the_familys_numbers_hold_for_its_own_class_only() -> None:
    assert load().function_name("02", "01") is None
    assert load().function_name("08", "50") == "storage"


def test_the_gap_is_where_the_driver_lacks_the_number() -> None:
    family = load().family
    assert family.gap_of("ff", "03", "46") is not None
    for listed in (("ff", "03", "16"), ("ff", "02", "46"), ("02", "03", "46")):
        assert family.gap_of(*listed) is None


def test_an_unknown_key_is_named_with_entry_and_line(tmp_path: Path) -> None:
    text = SOURCE.replace('usb = "12d1:14fe"', 'usb = "12d1:14fe"\ncolour = "white"')
    line = line_with(text, "[[stick.mode]]", 3)
    message = refused(tmp_path, text)
    assert f"modems.toml:{line}: stick 2, mode 1: unknown key 'colour'" in message


def test_an_unknown_key_of_an_inline_table_is_named_with_the_table_around_it(tmp_path: Path) -> None:
    text = SOURCE.replace("{ number = 2, class", "{ endpoint = 1, number = 2, class", 1)
    line = line_with(text, "[[stick.mode]]", 2)
    assert f"modems.toml:{line}: stick 1, mode 2, interfaces 3: unknown key 'endpoint'" in refused(
        tmp_path, text
    )


def test_a_duplicate_stick_is_named(tmp_path: Path) -> None:
    text = SOURCE.replace('id = "ms2372h"\n', 'id = "ms2372h-vodafone"\n')
    line = line_with(text, "[[stick]]", 2)
    message = refused(tmp_path, text)
    assert f"modems.toml:{line}: stick 2: id 'ms2372h-vodafone' is the id of stick 1 already" in message


def test_a_usb_id_of_two_sticks_is_named(tmp_path: Path) -> None:
    text = SOURCE.replace('usb = "12d1:1506"', 'usb = "12d1:1596"')
    line = line_with(text, "[[stick.mode]]", 4)
    message = refused(tmp_path, text)
    assert f"modems.toml:{line}: stick 2, mode 2: usb '12d1:1596' belongs to ms2372h-vodafone" in message


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("schema = 1", "schema = 2", "this version reads schema 1"),
        ('vendor = "12d1"', 'vendor = "12D1"', "does not match"),
        ('vodafone = "30"', "vodafone = 48", "two hexadecimal digits"),
        (
            'function = "diag", confidence',
            'function = "pcui", confidence',
            "is 'diag' by the family's numbers",
        ),
        (
            'confidence = "reported" }',
            'confidence = "guessed" }',
            "does not match measured|reported|inferred",
        ),
        ("number = 0", 'number = "0"', "a int is expected"),
        ('ofono_label = "pcui"', 'ofono_label = "pcui\\", RUN=\\"x"', "does not match"),
        ('name = "Huawei MS2372h"', "", "'name' is missing"),
        ('"12d1:1506"]', '"1506"]', "does not match"),
    ],
)
def test_what_breaks_the_schema_is_refused(tmp_path: Path, old: str, new: str, reason: str) -> None:
    assert old in SOURCE
    message = refused(tmp_path, SOURCE.replace(old, new))
    assert reason in message
    assert re.search(r"modems\.toml:\d+: ", message)


def test_broken_toml_and_a_missing_file_are_named(tmp_path: Path) -> None:
    assert "no TOML" in refused(tmp_path, "[stick\n")
    with pytest.raises(InputError, match="cannot be read"):
        host.load(tmp_path / "absent.toml")


@pytest.mark.parametrize("document", [[], {"schema": 1, "family": 1, "stick": []}, {"schema": True}])
def test_a_document_of_the_wrong_shape_is_refused(document: Any) -> None:
    with pytest.raises(DatabaseError):
        from_document(document)


def test_a_damaged_rendered_copy_is_refused(tmp_path: Path) -> None:
    (tmp_path / "modems.json").write_text(json.dumps({"schema": 1})[:-1], encoding="utf-8")
    with pytest.raises(DatabaseError, match="no JSON"):
        load(tmp_path / "modems.json")
