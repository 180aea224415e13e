# SPDX-License-Identifier: MIT
"""The chart of figures against their budgets is that of the table, and each script in it is there."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from benchmarks import figures


def test_chart_and_page_are_made_of_the_table() -> None:
    found, page = figures.load(), figures.PAGE.read_text()
    assert figures.CHART.read_text() == figures.draw(found)
    assert page == figures.put(page, found)
    assert page.count(figures.BEGIN) == page.count(figures.END) == 1


def test_every_figure_names_a_script_that_is_there_and_its_day() -> None:
    found = figures.load()
    assert len(found) >= 15
    folder = Path(figures.__file__).parent
    scripts = {each.script for each in found if not each.script.startswith("modem-image ")}
    assert [name for name in scripts if not (folder / name).is_file()] == []
    assert [each.what for each in found if not each.bound] == []
    assert all(each.budget > 0 and len(each.when) == 10 for each in found)
    assert len({each.what for each in found}) == len(found)
    assert [each.what for each in found if len(each.what) > 60] == [], "the chart has no more room"


@pytest.mark.parametrize("script", ["whole_job.py", "doctor_text.py", "check_image.py", "kernel_config.py"])
def test_a_script_that_notes_its_figures_has_their_names(script: str) -> None:
    """A name that the table does not have is an error after the measurement."""
    text = (Path(figures.__file__).parent / script).read_text()
    names = [each.what for each in figures.load() if each.script == script]
    assert names
    assert [name for name in names if f'"{name}"' not in text] == []


def test_a_new_figure_replaces_the_one_before(tmp_path: Path) -> None:
    table = tmp_path / "figures.tsv"
    shutil.copy(figures.TABLE, table)
    before = figures.load(table)
    figures.note(before[2].what, 2 * before[2].budget, table)
    after = figures.load(table)
    assert (after[2].measured, after[2].ratio) == (2 * before[2].budget, 2.0)
    assert [each for each in after if each != after[2]] == [each for each in before if each != before[2]]
    with pytest.raises(KeyError):
        figures.note("no such figure", 1.0, table)


def test_a_missed_budget_is_seen_and_a_long_bar_stays_inside() -> None:
    some = [
        figures.Figure(f"<{ratio}>", ratio, 1.0, "s", "2026-11-30", "x.py", "") for ratio in (0.5, 1.1, 40)
    ]
    root = ET.fromstring(figures.draw(some))  # noqa: S314  ours
    bars = [each for each in root.iter("{http://www.w3.org/2000/svg}rect") if each.get("class") != "back"]
    assert [bar.get("class") for bar in bars] == ["within", "over", "over"]
    ends = [float(bar.get("x", "0")) + float(bar.get("width", "0")) for bar in bars]
    assert ends == sorted(ends) and ends[-1] < 800
