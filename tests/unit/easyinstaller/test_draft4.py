# SPDX-License-Identifier: MIT
"""The check of image.json against the installer's own schema (JSON Schema draft 4), types weak as there.

The schema is the installer's and not a part of this project: the test reads it from a clone.
"""

from __future__ import annotations

import copy
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from huawei_modem.report import Severity
from huawei_modem_check.facts import ImageFile
from huawei_modem_check.installer.rules import check
from modem_image.yocto.mirror import clones
from unit.check.images import description

pytestmark = pytest.mark.mirror

# What a field may hold by mistake. Left out: 0 and 1 for a truth value, where readers of JSON differ.
VALUES: tuple[Any, ...] = ("2", 2, 2.5, "2.5", True, "true", "x", "", None, [], {}, ["0039"], [None], "ext4")
RAW = {
    "filesystem_type": "raw",
    "rawfiles": [{"filename": "u-boot.imx", "dd_options": "seek=2", "offset": 1, "size": 1}],
}
UBI = {"name": "rootfs", "type": "dynamic", "size_kib": 8192, "content": {"filesystem_type": "ubifs"}}


def documents() -> Iterator[dict[str, Any]]:
    """Good ones: the eMMC layout with every field, and NAND."""
    emmc = description(
        config_format=5,  # the first with an offset
        version="1",
        release_date="2026-01-01",
        icon="a",
        license="b",
        releasenotes="c",
        marketing="d",
        u_boot_env="e",
        prepare_script="f",
        wrapup_script="g",
        error_script="h",
        isinstaller=False,
    )
    emmc["blockdevs"].append({"name": "mmcblk0boot0", "erase": True, "content": RAW})
    yield emmc
    nand = description(
        supported_product_ids=["0033"],
        mtddevs=[
            {"name": "u-boot1", "content": {"rawfile": {"filename": "u"}}, "erase": False},
            {"name": "ubi", "ubivolumes": [UBI]},
        ],
    )
    del nand["blockdevs"]
    yield nand


def mutations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field left out, and with every value."""
    for place in places(document):
        for value in ("gone", *VALUES):
            changed = copy.deepcopy(document)
            *way, last = place
            holder: Any = changed
            for step in way:
                holder = holder[step]
            if value == "gone":
                del holder[last]
            else:
                holder[last] = copy.deepcopy(value)
            yield f"{place} = {value!r}", changed


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield (*way, key)
        yield from places(item, (*way, key))


def weak(schema: dict[str, Any]) -> jsonschema.protocols.Validator:
    """A draft-4 validator that takes a string for what it spells, as the installer's does."""
    types = jsonschema.Draft4Validator.TYPE_CHECKER.redefine_many(
        {
            "string": lambda _checker, item: isinstance(item, (str, int, float)),
            "boolean": lambda _checker, item: isinstance(item, bool) or item in ("true", "false"),
            "number": lambda _checker, item: spells(item, r"-?\d+(\.\d+)?"),
            "integer": lambda _checker, item: spells(item, r"-?\d+"),
        }
    )
    kind = jsonschema.validators.extend(jsonschema.Draft4Validator, {"pattern": pattern}, type_checker=types)
    return kind(schema)  # type: ignore[no-any-return]


def pattern(_validator: object, wanted: str, item: object, _schema: object) -> Iterator[Any]:
    if isinstance(item, (str, int, float)) and not re.search(wanted, str(item)):
        yield jsonschema.ValidationError(f"{item!r} does not match {wanted}")


def spells(item: object, pattern: str) -> bool:
    return (
        not isinstance(item, bool)
        and isinstance(item, (int, float, str))
        and bool(re.fullmatch(pattern, str(item)))
    )


@pytest.fixture(scope="module")
def installer(request: pytest.FixtureRequest) -> jsonschema.protocols.Validator:
    found = clones(Path(request.config.getoption("--mirror"))).get("qt-tezi")
    if not found:
        pytest.skip("the mirror has no clone of qt-tezi")
    shown = subprocess.run(
        ["git", "-C", found[0], "show", "HEAD:tezi.schema"], capture_output=True, check=True
    )
    return weak(json.loads(shown.stdout))


def refused(document: dict[str, Any]) -> list[str]:
    content = json.dumps(document).encode()
    names = {"image.json": ImageFile("image.json", len(content), "", content)}
    codes = ("tezi-schema", "tezi-product-id")
    return [
        finding.evidence[0].text
        for finding in check(names, {})
        if finding.code in codes and finding.severity is Severity.ERROR
    ]


@pytest.mark.parametrize("number", [0, 1])
def test_good_documents_pass_both(installer: jsonschema.protocols.Validator, number: int) -> None:
    document = list(documents())[number]
    assert [error.message for error in installer.iter_errors(document)] == []
    assert refused(document) == []


@pytest.mark.parametrize("number", [0, 1])
def test_what_the_installer_refuses_is_refused(
    installer: jsonschema.protocols.Validator, number: int
) -> None:
    wrong = [
        (name, changed)
        for name, changed in mutations(list(documents())[number])
        if not installer.is_valid(changed)
    ]
    assert len(wrong) > 100
    assert [name for name, changed in wrong if not refused(changed)] == []
