# SPDX-License-Identifier: MIT
"""The database's schema: what breaks it is named with its file, its line and its entry."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from huawei_modem.database import DatabaseError, every_interface, load, read
from huawei_modem.numbering import ON_THE_HOST
from modem_image import HELPER
from modem_image.errors import InputError
from modem_image.sticks import database as host
from modem_image.sticks.schema import from_document

FAMILY_SOURCE = 'source = ["gadget", "option", "huawei-cdc-ncm"]'
BASE, LTE = "modems.toml", "modems/lte-sticks.toml"


def text_of(name: str) -> str:
    return (HELPER / name).read_text(encoding="utf-8")


def line_with(text: str, part: str, count: int = 1) -> int:
    """Line of the count-th occurrence of `part`."""
    return [number for number, line in enumerate(text.splitlines(), 1) if part in line][count - 1]


def refused(folder: Path, name: str, text: str | bytes) -> str:
    """What is said about the database with the file `name` replaced."""
    shutil.copy(HELPER / BASE, folder)
    shutil.copytree(HELPER / "modems", folder / "modems")
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError) as caught:
        host.load(folder / BASE)
    return str(caught.value)


def without_facts(value: Any) -> Any:
    """The same as a target has it: what is known, and not from where."""
    if isinstance(value, tuple):
        items = [without_facts(item) for item in value]
        if not hasattr(value, "_fields"):
            return tuple(items)
        made = type(value)(*items)
        return made._replace(fact=ON_THE_HOST) if "fact" in value._fields else made
    return value


@pytest.mark.parametrize(
    ("protocol", "function"),
    [
        ("01", "modem"), ("31", "modem"), ("61", "modem"), ("10", "modem"),
        ("02", "pcui"), ("12", "pcui"), ("32", "pcui"), ("62", "pcui"),
        ("03", "diag"), ("33", "diag"), ("63", "diag"), ("13", "diag"),
        ("05", "gps"), ("14", "gps"),
        ("07", "qmi"), ("38", "qmi-data"), ("69", "qmi"), ("36", "ctrl"), ("7b", "comm"),
        ("16", "ncm"), ("46", "ncm"), ("76", "ncm"),
        ("04", None), ("ff", None),
    ],
)  # fmt: skip
def test_the_familys_numbers(protocol: str, function: str | None) -> None:
    for subclass in ("01", "02", "03", "06"):
        assert load().function_name("ff", subclass, protocol) == function


@pytest.mark.parametrize(
    ("triple", "function"),
    [
        (("08", "06", "50"), ("storage", "usb-storage")),
        (("02", "06", "00"), ("ether", "cdc_ether")),
        (("02", "06", "ff"), ("ether", "cdc_ether")),
        (("02", "0d", "00"), ("ncm", "cdc_ncm")),
        (("02", "0e", "00"), ("mbim", "cdc_mbim")),
        (("02", "02", "01"), ("acm", "cdc_acm")),
        (("e0", "01", "03"), ("rndis", "rndis_host")),
        (("0a", "00", "02"), ("data", None)),
        (("02", "01", "01"), (None, None)),
    ],
)
def test_standard_classes(triple: tuple[str, str, str], function: tuple[str | None, str | None]) -> None:
    assert load().purpose_of(0, triple) == function


def test_the_gap_is_where_the_driver_lacks_the_number() -> None:
    family = load().family
    assert family.gap_of("ff", "03", "46") is not None
    for listed in (("ff", "03", "16"), ("ff", "02", "46"), ("02", "03", "46")):
        assert family.gap_of(*listed) is None


def test_what_models_share_is_told_apart_by_its_interfaces_where_it_can_be() -> None:
    database = load()
    assert [stick.id for stick, _mode in database.candidates("12d1:1596")] == ["ms2372h-vodafone"]
    several = database.candidates("12d1:1506")
    assert {mode.name for _stick, mode in several} == {"modem"}
    assert len(several) > 2
    for stick, mode in several:
        if mode.interfaces:
            shown = {item.number: item.triple for item in mode.interfaces}
            alike = [
                other
                for other in several
                if {item.number: item.triple for item in other[1].interfaces} == shown
            ]
            assert database.candidates("12d1:1506", shown) == tuple(alike)
            assert (stick, mode) in alike
    assert database.candidates("12d1:1506", {0: ("ff", "03", "99")}) == several
    assert database.candidates("12d1:ffff") == ()


def test_a_port_without_a_number_of_its_own_is_told_by_its_stick() -> None:
    database = load()
    modes = tuple(mode for _stick, mode in database.candidates("12d1:140c"))
    triple = ("ff", "ff", "ff")
    assert [database.purpose_of(number, triple, modes) for number in (0, 1, 3)] == [
        ("modem", "option"),
        ("qmi", "qmi_wwan"),
        ("pcui", "option"),
    ]
    assert database.purpose_of(0, triple) == (None, None)


def test_every_interface_with_a_driver_has_its_kernel_symbol() -> None:
    database = load()
    for stick in database.sticks:
        for mode in stick.modes:
            for item in every_interface(mode):
                assert (item.driver is None) == (item.symbol is None), (stick.id, item)
    assert "Huawei MS2372h (Vodafone)" in database.symbols()["USB_NET_HUAWEI_CDC_NCM"]


def test_every_source_and_quirk_is_used() -> None:
    database, source = host.load(HELPER / BASE)
    document = json.dumps(source)
    for name in database.sources:
        assert len(re.findall(rf'"{name}[":]', document)) > 1, f"source {name} is used nowhere"
    for name in database.quirks:
        assert f'"name": "{name}"' in document, f"quirk {name} is used nowhere"


def test_an_unknown_key_is_named_with_file_line_and_entry(tmp_path: Path) -> None:
    text = text_of(LTE).replace('usb = "12d1:14fe"', 'usb = "12d1:14fe"\ncolour = "white"', 1)
    line = line_with(text, "[[stick.mode]]", 3)
    message = refused(tmp_path, LTE, text)
    assert f"{LTE}:{line}: stick 2, mode 1: unknown key 'colour'" in message


def test_an_unknown_key_of_an_inline_table_is_named_with_its_line(tmp_path: Path) -> None:
    text = text_of(LTE).replace("{ number = 2, class", "{ endpoint = 1, number = 2, class", 1)
    line = line_with(text, "endpoint")
    message = refused(tmp_path, LTE, text)
    assert f"{LTE}:{line}: stick 1, mode 2, interfaces 3: unknown key 'endpoint'" in message


def test_a_fault_in_the_first_file_is_named_there(tmp_path: Path) -> None:
    text = text_of(BASE).replace('setport = "', 'setport = "\\u001b[31m')
    assert f"{BASE}:{line_with(text, 'setport = ')}: sources, setport: " in refused(tmp_path, BASE, text)


def test_a_duplicate_stick_is_named(tmp_path: Path) -> None:
    text = text_of(LTE).replace('id = "ms2372h"\n', 'id = "ms2372h-vodafone"\n')
    line = line_with(text, "[[stick]]", 2)
    message = refused(tmp_path, LTE, text)
    assert f"{LTE}:{line}: stick 2: id 'ms2372h-vodafone' is the id of stick 1 already" in message


def test_a_usb_id_of_two_sticks_in_two_files_is_named(tmp_path: Path) -> None:
    name = "modems/umts-sticks.toml"
    text = text_of(name).replace('usb = "12d1:1406"', 'usb = "12d1:1596"')
    # The header stands two lines above.
    line = line_with(text, 'usb = "12d1:1596"') - 2
    message = refused(tmp_path, name, text)
    assert re.search(
        rf"{name}:{line}: stick \d+, mode 2: usb '12d1:1596' belongs to ms2372h-vodafone", message
    )
    assert "shared = true" in message


def test_models_that_share_an_id_and_disagree_about_a_port_are_named(tmp_path: Path) -> None:
    name = "modems/umts-sticks.toml"
    text = text_of(name)
    before, e303, after = text.partition('id = "e303"\n')
    # The drive tells it from the MS2131; without that both look alike.
    alike = re.sub(r'  \{ number = [34], class = "08".*\n', "", after.replace('"pcui"', '"diag"', 1), count=2)
    message = refused(tmp_path, name, before + e303 + alike)
    assert "interface 2: function 'diag', and 'pcui' in ms2131, which has the id 12d1:1001 and all" in message


def test_only_sticks_stand_in_the_other_files(tmp_path: Path) -> None:
    text = "schema = 1\n" + text_of(LTE)
    assert f"{LTE}:1: 'schema': only sticks belong here" in refused(tmp_path, LTE, text)


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        (BASE, "schema = 1", "schema = 2", "this version reads schema 1"),
        (BASE, 'vendor = "12d1"', 'vendor = "12D1"', "does not match"),
        (BASE, 'vodafone = "30"', "vodafone = 48", "one line of plain text"),
        (BASE, 'vodafone = "30"', 'vodafone = "3"', "two hexadecimal digits"),
        (BASE, 'ofono_label = "pcui"', 'ofono_label = "pcui\\", RUN=\\"x"', "does not match"),
        (BASE, FAMILY_SOURCE, 'source = ["hearsay"]', "sources has no such entry"),
        (BASE, FAMILY_SOURCE, "source = []", "source is empty"),
        (BASE, 'driver = "usb-storage"', 'driver = "usb storage"', "does not match"),
        (LTE, 'function = "diag", confidence', 'function = "pcui", confidence', "'diag' by the family's"),
        (LTE, 'confidence = "reported" }', 'confidence = "guessed" }', "does not match measured|reported"),
        (LTE, "number = 0", 'number = "0"', "a int is expected"),
        (LTE, "number = 0", "number = 256", "a number from 0 to 255"),
        (LTE, "{ number = 1, class", "{ number = 0, class", "interface 0 is there twice"),
        (LTE, "value = 2", "value = 1", "configuration 1 is there twice"),
        (LTE, 'name = "Huawei MS2372h"', "", "'name' is missing"),
        (LTE, 'name = "Huawei MS2372h"', 'name = "MS2372h | <b>"', "one line of plain text"),
        (LTE, 'name = "storage"', 'name = "fax"', "does not match storage|modem"),
        (LTE, 'name = "modem"', 'name = "storage"', "is there twice"),
        (LTE, 'name = "ofono-crash"', 'name = "explodes"', "quirks has no such entry"),
        (LTE, '"12d1:1596"]', '"1596"]', "does not match"),
        (LTE, 'message = "55534243', 'message = "55534242', "does not match"),
        (LTE, "shared = true", 'shared = "yes"', "a bool is expected"),
        (LTE, "mbim_preferred = true", "mbim_preferred = 1", "a bool is expected"),
        (LTE, 'usb = "12d1:1596"', 'usb = "12d1:1596"\nshared = true', "no other stick has '12d1:1596'"),
        (LTE, 'function = "modem" },', 'function = "teapot" },', "function 'teapot'"),
    ],
)  # fmt: skip
def test_what_breaks_the_schema_is_refused(
    tmp_path: Path, name: str, old: str, new: str, reason: str
) -> None:
    text = text_of(name)
    assert old in text
    message = refused(tmp_path, name, text.replace(old, new, 1))
    assert reason in message
    assert re.search(rf"{name}:\d+: ", message)


@pytest.mark.parametrize(("text", "line"), [("\n[stick\n", 2), ("[[stick]]\nid = [", 2)])
def test_broken_toml_is_named_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    assert f"{LTE}:{line}: not TOML" in refused(tmp_path, LTE, text)


def test_what_is_no_utf_8_is_named_with_its_line(tmp_path: Path) -> None:
    text = text_of(LTE).replace("LTE sticks.", "LTE st\xefcks.")
    line = line_with(text, "LTE st\xefcks.")
    message = refused(tmp_path, LTE, text.encode("latin-1"))
    assert f"{LTE}:{line}: not UTF-8: byte 0xef" in message


def test_a_database_without_sticks_is_refused(tmp_path: Path) -> None:
    """A folder that is gone must not render to an empty table."""
    shutil.copy(HELPER / BASE, tmp_path)
    with pytest.raises(InputError, match=rf"{BASE}:1: no stick, neither here nor in .*modems/\*\.toml"):
        host.load(tmp_path / BASE)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        host.load(tmp_path / "absent.toml")


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"schema": True},
        {"schema": 1, "sources": {}, "quirks": {}, "family": 1, "standard": [], "stick": []},
        {"schema": 1, "sources": [], "quirks": {}, "family": {}, "standard": [], "stick": []},
    ],
)
def test_a_document_of_the_wrong_shape_is_refused(document: Any) -> None:
    with pytest.raises(DatabaseError):
        from_document(document)


def test_a_damaged_rendered_copy_is_refused(tmp_path: Path) -> None:
    (tmp_path / "modems.json").write_text(json.dumps({"schema": 1})[:-1], encoding="utf-8")
    with pytest.raises(DatabaseError, match="no JSON"):
        load(tmp_path / "modems.json")


def test_an_id_of_which_only_the_mode_is_known() -> None:
    database = load()
    assert database.mode_name("12d1:1505") == "storage"
    assert database.mode_name("12d1:14ac") == "modem"
    assert database.mode_name("12d1:14db") == "hilink"
    assert database.mode_name("19d2:1505") is None
    assert database.mode_name("12d1:ffff") is None


def test_an_id_that_is_told_twice_is_named(tmp_path: Path) -> None:
    text = text_of(BASE).replace('products = ["1da1"]', 'products = ["1596"]')
    line = line_with(text, "[[other]]", 2)
    message = refused(tmp_path, BASE, text)
    assert f"{BASE}:{line}: other 2: products '1596' is there already: stick ms2372h-vodafone" in message


def test_what_the_target_reads_is_what_was_checked() -> None:
    """Rendered from modems.toml, and read again: nothing is lost but where it is known from."""
    checked = without_facts(host.load(HELPER / "modems.toml")[0]._replace(sources={}, quirks={}))
    assert load() == checked
    part = load(of={"12d1:1506", "12d1:ffff"})
    assert part.candidates("12d1:1506") == checked.candidates("12d1:1506") != ()
    assert (part.family, part.standards) == (checked.family, checked.standards)
    assert 0 < len(part.sticks) < len(checked.sticks)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"schema": 1}', '{"standard": 1}', "null", '{"a": 1} x']
)
def test_what_was_not_rendered_is_refused(text: str) -> None:
    with pytest.raises(DatabaseError):
        read(text)
