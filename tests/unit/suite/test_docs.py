# SPDX-License-Identifier: MIT
"""The documentation leads somewhere, and names what there is. Its findings: tests/unit/test_catalogue.py."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from modem_image import HELPER, LIBRARY, PROJECT
from modem_image.bench.steps import expected_steps
from modem_image.bench.stick.stick import load_stick

PAGES = (
    *PROJECT.glob("*.md"),
    *(PROJECT / "docs").rglob("*.md"),
    *PROJECT.glob("meta-*/README.md"),
    PROJECT / "tests" / "README.md",
)

SOURCES = (".bb", ".bbappend", ".bbclass", ".conf", ".inc", ".py", ".yml")


def anchors(page: str) -> set[str]:
    """What a link into the page may name, as GitHub and GitLab make it of the headings."""
    heads = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_every_link_leads_somewhere() -> None:
    for page in PAGES:
        for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]+))?\)", page.read_text()):
            there = page.parent / target if target else page
            assert there.exists(), f"{page.name}: {target}"
            if anchor:
                assert anchor in anchors(there.read_text()), f"{page.name}: {target}#{anchor}"


def test_every_page_is_reached_from_the_readme() -> None:
    """In one step for users, in two for those who change the project."""
    readme = (PROJECT / "README.md").read_text()
    for page in (PROJECT / "docs").glob("*.md"):
        assert f"(docs/{page.name}" in readme, page.name
    second = "".join((PROJECT / name).read_text() for name in ("CONTRIBUTING.md", "docs/dev/architecture.md"))
    second += "".join(page.read_text() for page in (PROJECT / "docs").glob("*.md"))
    for page in (PROJECT / "docs" / "dev").glob("*.md"):
        assert page.name in readme + second, page.name


def test_the_readme_is_short() -> None:
    assert len((PROJECT / "README.md").read_text().splitlines()) <= 110


def test_every_test_that_a_page_names_is_there() -> None:
    for page in PAGES:
        for path in re.findall(r"`(?:scripts/modem-image test )?(tests/[\w/]+\.py)", page.read_text()):
            assert (PROJECT / path).is_file(), f"{page.name}: {path}"


def test_every_variable_is_in_the_table() -> None:
    names = read_from("HUAWEI_MODEM", "meta-huawei-modem", "kas", "scripts")
    names |= read_from("MODEM_IMAGE", "scripts", "tests")
    page = (PROJECT / "docs" / "variables.md").read_text()
    assert len(names) > 15
    assert [name for name in sorted(names) if f"`{name}`" not in page] == []


def read_from(prefix: str, *folders: str) -> set[str]:
    """The names of variables with this prefix in the sources of the folders."""
    paths = [path for folder in folders for path in (PROJECT / folder).rglob("*") if path.suffix in SOURCES]
    return {name for path in paths for name in re.findall(rf"\b{prefix}_[A-Z_]*[A-Z]\b", path.read_text())}


def test_the_picture_shows_the_steps_that_there_are() -> None:
    picture = ET.parse(PROJECT / "docs" / "images" / "run.svg").getroot()  # noqa: S314  ours
    lines = ["".join(each.itertext()) for each in picture.iter("{http://www.w3.org/2000/svg}text")]
    shown = {found[1].strip() for line in lines if (found := re.match(r"(.*?) +\d+\.\d  .*ok$", line))}
    assert shown == {step.title for step in expected_steps(load_stick("ms2372h-vodafone"))}


def test_every_place_that_contributing_names_is_there() -> None:
    page = (PROJECT / "CONTRIBUTING.md").read_text()
    places = re.findall(r"`((?:meta-huawei-modem|scripts|kas|tests)/[^`\s]+)`", page)
    assert len(places) > 15
    assert [place for place in places if not list(PROJECT.glob(place.rstrip("/")))] == []


@pytest.mark.parametrize(
    ("folder", "chapter"),
    [
        (HELPER / "huawei_modem", "On the target"),
        (LIBRARY / "huawei_modem_config", "In a build"),
        (LIBRARY / "huawei_modem_kernel", "In a build"),
        (PROJECT / "scripts" / "modem_image", "On the host"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_the_map_has_each_module(folder: Path, chapter: str) -> None:
    """By its first level: what lies in a package, the package says."""
    page = (PROJECT / "docs" / "dev" / "architecture.md").read_text().split(f"\n## {chapter}")[1]
    words = set(re.findall(r"\w+", page.split("\n## ")[0]))
    names = {
        path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert sorted(name for name in names - words if not name.startswith("__")) == []
