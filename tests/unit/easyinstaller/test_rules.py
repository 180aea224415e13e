# SPDX-License-Identifier: MIT
"""image.json and the files it names, against the installer's rules."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huawei_modem.report import Finding, Severity
from huawei_modem_check.facts import Archive, ImageFile
from huawei_modem_check.installer.names import unsafe_name_reason
from huawei_modem_check.installer.rules import check
from huawei_modem_check.installer.schema import violations
from huawei_modem_check.installer.scripts import complaint
from modem_image.easyinstaller.image_json import ImageSpec, image_json
from modem_image.easyinstaller.installer_scripts import NAMES
from unit.check.images import BOOTFS, ROOTFS, check_files, codes, description, image_files, with_sums


def findings(document: Any, **files: bytes) -> list[Finding]:
    """What the rules say of `document` in a folder that has the two archives and `files`."""
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    contents = {"image.json": text, BOOTFS: b"x", ROOTFS: b"x", **files}
    whole = Archive("xz", True, 1, 1)
    folder = {
        name: ImageFile(name, len(data), "0" * 64, data, whole if name in (BOOTFS, ROOTFS) else None)
        for name, data in contents.items()
    }
    return list(check(folder, {}))


def changed(**changes: Any) -> dict[str, Any]:
    """The description of an image; a value of None takes the field away."""
    return {name: value for name, value in description(**changes).items() if value is not None}


def with_content(**changes: Any) -> dict[str, Any]:
    """The description of an image whose second partition's content is changed."""
    document = copy.deepcopy(description())
    document["blockdevs"][0]["partitions"][1]["content"].update(changes)
    return document


def test_what_the_packer_writes_is_accepted() -> None:
    spec = ImageSpec("bench", "1", "Bench", "For tests", 0, u_boot="u-boot.imx", u_boot_env="env")
    document = image_json(spec, 1 << 20, 1 << 27, NAMES)
    files = dict.fromkeys(("u-boot.imx", "env", *NAMES.values()), b"true\n")
    assert findings(document, **files) == []


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (b"{", "is not JSON"),
        (b"\xff\xfe", "is not UTF-8"),
        (b'{"config_format": NaN}', "NaN is not a number"),
        (b"[" * 100_000, "is not JSON"),
        ([], "it is not an object"),
        (changed(name=None), "image.json lacks name"),
        (changed(supported_product_ids=None), "lacks supported_product_ids"),
        (changed(blockdevs=None), "lacks blockdevs or mtddevs"),
        (changed(mtddevs=[]), "has both blockdevs and mtddevs"),
        (changed(config_format="two"), "config_format 'two' is not a whole number"),
        (changed(autoinstall="perhaps"), "autoinstall 'perhaps' is neither true nor false"),
        (changed(blockdevs={}), "blockdevs is not a list"),
        (changed(blockdevs=[{"name": "mmcblk0"}]), "blockdevs[0] lacks partitions or content"),
        (with_content(filesystem_type="btrfs"), "content.filesystem_type 'btrfs' is none of ext2"),
        (with_content(rawfiles=[{}]), "content.rawfiles[0] lacks filename"),
    ],
)
def test_what_the_schema_refuses_is_named_with_its_place(document: Any, text: str) -> None:
    found = findings(document)
    assert {finding.code for finding in found} == {"tezi-schema"}
    assert any(text in finding.evidence[0].text for finding in found)


def test_the_size_that_is_for_the_progress_bar_is_no_room() -> None:
    document = copy.deepcopy(description())
    document["blockdevs"][0]["partitions"][0]["content"]["uncompressed_size"] = 17
    assert findings(document) == []


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (with_content(filelist=[f"{BOOTFS}:data:true"]), "needs an installer for config_format 3, and 2 is"),
        (
            with_content(filesystem_type="raw", filename="", rawfiles=[{"filename": BOOTFS, "offset": 1}]),
            "needs an installer for config_format 5",
        ),
    ],
)
def test_what_an_older_installer_passes_over_is_a_warning(document: dict[str, Any], text: str) -> None:
    (finding,) = findings(document)
    assert (finding.code, finding.severity) == ("tezi-installation", Severity.WARNING)
    assert text in finding.evidence[0].text


@pytest.mark.parametrize("number", [2, "2", 5, "5"])
def test_formats_that_an_installer_knows(number: object) -> None:
    assert findings(changed(config_format=number)) == []


def test_a_format_that_no_installer_knows() -> None:
    (finding,) = findings(changed(config_format=6))
    assert finding.code == "tezi-format-too-new"


@pytest.mark.parametrize(
    ("ids", "text"),
    [
        ([], "none: no Colibri iMX7"),
        (["0027"], "0027: no Colibri iMX7"),
        (["0039", "0033"], "0033: this module has no eMMC"),
    ],
)
def test_product_ids_that_do_not_fit(ids: list[str], text: str) -> None:
    (finding,) = findings(changed(supported_product_ids=ids))
    assert finding.code == "tezi-product-id"
    assert text in finding.evidence[0].text


def test_an_emmc_module_is_not_offered_a_nand_image() -> None:
    (finding,) = findings(changed(blockdevs=None, mtddevs=[{"name": "ubi", "content": {}}]))
    assert (finding.code, "0039: this module has no NAND" in finding.evidence[0].text) == (
        "tezi-product-id",
        True,
    )


@pytest.mark.parametrize(
    "document",
    [
        changed(prepare_script="absent.sh"),
        changed(u_boot_env="absent"),
        with_content(filename="absent.tar.xz"),
        with_content(filesystem_type="raw", filename="", rawfile={"filename": "absent"}),
        with_content(filesystem_type="raw", filename="", rawfiles=[{"filename": "absent"}]),
        with_content(filelist=["absent"]),
        changed(license="absent.html"),
    ],
)
def test_a_file_that_is_named_and_not_there(document: dict[str, Any]) -> None:
    (finding,) = findings(document)
    assert finding.code == "tezi-file-missing"
    assert "absent" in finding.title


@pytest.mark.parametrize("name", ["a'b", "../a", "/etc/passwd", "-rf", "a\nb", "a$(b)", "a`b`", "a\\b", "."])
def test_a_name_that_the_installer_would_misread(name: str) -> None:
    (finding,) = findings(with_content(filename=name))
    assert finding.code == "tezi-name-unsafe"


@pytest.mark.parametrize("name", ["zImage", "u-boot.imx", "a b.tar.xz", "x-Tezi_1.0+git.tar"])
def test_a_name_as_toradex_has_them_is_safe(name: str) -> None:
    assert unsafe_name_reason(name) is None


def test_an_empty_file() -> None:
    (finding,) = findings(with_content(filelist=["x"], filename="x"), x=b"")
    assert finding.code == "tezi-file-corrupt"


def test_two_images_that_both_want_to_be_installed() -> None:
    second = json.dumps(changed(autoinstall=True)).encode()
    found = findings(changed(autoinstall=True), **{"image-2.json": second})
    assert [item.code for item in found if item.severity is Severity.ERROR] == ["tezi-autoinstall-ambiguous"]
    alone = findings(changed(autoinstall=False), **{"image-2.json": second})
    assert {(item.code, item.severity) for item in alone} == {("tezi-installation", Severity.WARNING)}


def test_a_file_that_is_not_the_one_of_the_checksums(tmp_path: Path) -> None:
    files = with_sums({**image_files(), "icon.png": b"icon"})
    assert codes(check_files(tmp_path, {**files, "icon.png": b"other"})) == {"tezi-file-corrupt"}
    del files["icon.png"]
    assert codes(check_files(tmp_path, files)) == {"tezi-file-missing"}


def test_a_damaged_list_of_checksums() -> None:
    (finding,) = findings(description(), SHA256SUMS=b"not a checksum\n")
    assert (finding.code, finding.evidence[0].line) == ("tezi-file-corrupt", 1)


@pytest.mark.parametrize("field", ["prepare_script", "wrapup_script"])
def test_a_script_that_does_not_parse(tmp_path: Path, field: str) -> None:
    files = {**image_files(json_changes={field: "x.sh"}), "x.sh": b"#!/bin/sh\nif true\n"}
    report = check_files(tmp_path, files)
    assert codes(report) == {"tezi-file-corrupt"}
    assert report.findings[0].title == "x.sh is not a shell script that runs"


def test_an_error_script_that_does_not_parse_is_a_warning(tmp_path: Path) -> None:
    """It runs only when something else has failed: the image installs."""
    files = {**image_files(json_changes={"error_script": "x.sh"}), "x.sh": b"#!/bin/sh\nif true\n"}
    found = {item.code: item.severity for item in check_files(tmp_path, files).findings}
    assert found == {"tezi-installation": Severity.WARNING}


def test_a_script_is_parsed_and_not_run(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    assert complaint(f"touch {trace}\n".encode()) is None
    assert not trace.exists()


def test_an_image_json_that_is_far_too_large(tmp_path: Path) -> None:
    files = {**image_files(), "image.json": b" " * 300_000}
    assert codes(check_files(tmp_path, files)) == {"tezi-schema"}


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=20,
)
FIELDS = st.sampled_from(
    [
        "config_format",
        "supported_product_ids",
        "blockdevs",
        "mtddevs",
        "autoinstall",
        "icon",
        "prepare_script",
    ]
)


@given(st.dictionaries(FIELDS, JSON))
def test_no_value_upsets_the_rules(changes: Mapping[str, Any]) -> None:
    findings({**description(), **changes})


@given(st.sampled_from(["content", "partition", "device"]), JSON)
def test_no_value_inside_a_device_upsets_the_rules(place: str, value: Any) -> None:
    document = copy.deepcopy(description())
    device = document["blockdevs"][0]
    if place == "content":
        device["partitions"][0]["content"] = value
    elif place == "partition":
        device["partitions"][0] = value
    else:
        document["blockdevs"][0] = value
    violations(document)
    findings(document)


@given(st.binary(max_size=200))
def test_no_bytes_upset_the_rules(data: bytes) -> None:
    findings(data)
