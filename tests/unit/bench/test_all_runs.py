# SPDX-License-Identifier: MIT
"""All runs in one list, two compared, and what of them is kept."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from modem_image.bench.folders import new_folders
from modem_image.bench.page.runs import load_run, load_runs
from modem_image.bench.page.write import (
    INDEX,
    index_page,
    write_pages,
)
from modem_image.cli import main
from modem_image.errors import InputError
from modem_image.made import seal
from unit.bench.runs import make


def test_all_runs_in_one_list(tmp_path: Path) -> None:
    for number, missed, stick in ((1, None, "ms2372h"), (2, "online", "ms2372h"), (3, None, "e3372s")):
        folder = make(tmp_path, number, missed, stick=stick)
        write_pages(folder, load_run(folder))
    (tmp_path / "run-hot-plug-ms2372h").symlink_to("run-hot-plug-ms2372h-0002")
    (tmp_path / "run-broken-0004").mkdir()
    (tmp_path / "run-broken-0004" / "summary.json").write_text("{")
    assert [run.number for run in load_runs(tmp_path)] == [3, 2, 1]
    page = (tmp_path / INDEX).read_text()
    for target in re.findall(r'href="([^"]+)"', page):
        assert (tmp_path / target).is_file(), target
    assert "fault: the step online" in page
    assert page.count('class="spark"') == 2
    assert index_page([])


@pytest.mark.parametrize(
    "damage",
    ["{", "[]", "{}", '{"tool": 1, "input": 2, "findings": 3, "facts": 4}', "[" * 100_000],
)
def test_what_is_no_run(tmp_path: Path, damage: str) -> None:
    folder = make(tmp_path, 1)
    (folder / "summary.json").write_text(damage)
    with pytest.raises(InputError, match="read"):
        load_run(folder)
    with pytest.raises(InputError, match=r"is not the folder of a run"):
        load_run(tmp_path)


def test_the_command_compares_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [make(tmp_path, 1), make(tmp_path, 2, slower=1.5)]
    assert main(["bench", "--compare", *map(str, runs), "--output", str(tmp_path / "out")]) == 0
    assert "+1.5" in capsys.readouterr().out
    assert "<svg" in (tmp_path / "out" / "compare.html").read_text()
    assert main(["bench", "--compare", str(runs[0]), str(tmp_path)]) == 2


def test_the_comparison_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [make(tmp_path, 1), make(tmp_path, 2, slower=1.5)]
    words = ["bench", "--compare", *map(str, runs), "--output", str(tmp_path / "out"), "--json"]
    assert main([*words, "-"]) == 0
    written = json.loads(capsys.readouterr().out)
    assert (written["first"], written["second"]) == tuple(map(str, runs))
    assert {round(each["difference"], 6) for each in written["differences"]} == {1.5}
    for _again in range(2):  # the second time over its own result
        assert main([*words, str(tmp_path / "new.json")]) == 0
        document = json.loads((tmp_path / "new.json").read_text())
        assert document.pop("written_by").startswith("modem-image bench --json sha256:")
        assert document == written
    assert main(["bench", "--list", "--json", str(tmp_path / "list.json")]) == 2
    assert not (tmp_path / "list.json").exists()


def test_names_of_a_run_steer_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make(tmp_path, 1)
    document = json.loads((folder / "summary.json").read_text())
    for step in document["facts"]["timeline"]:
        step["title"] += "\x1b[31m\u202e"
    (folder / "summary.json").write_text(json.dumps(document))
    evil = folder.rename(tmp_path / "run-\x1b[31m-0002")
    words = ["bench", "--compare", str(evil), str(evil), "--output", str(tmp_path / "out")]
    for more in ([], ["--json", "-"]):
        assert main([*words, *more]) == 0
        said = capsys.readouterr()
        assert "the step" in said.out and not set(said.out + said.err) & {"\x1b", "\u202e"}
    for key, value in (("title", 1), ("step", []), ("seconds", "1.0"), ("seconds", 1e308), ("seconds", 1e9)):
        document["facts"]["timeline"][0][key] = value
        (evil / "summary.json").write_text(json.dumps(document))
        assert main(words) == 2
        assert "can be read" in capsys.readouterr().err


def test_a_run_with_a_file_of_the_user_is_kept(tmp_path: Path) -> None:
    (first,) = new_folders(tmp_path, ["run-a"], keep=1)
    seal(first)
    (first / "why.txt").write_text("mine")
    (second,) = new_folders(tmp_path, ["run-a"], keep=1)
    seal(second)
    new_folders(tmp_path, ["run-a"], keep=1)
    assert (first / "why.txt").read_text() == "mine"
    assert not second.exists()


def test_a_link_of_the_user_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run-a").symlink_to("elsewhere")
    with pytest.raises(InputError, match="was not made by this command"):
        new_folders(tmp_path, ["run-a"])
    assert (tmp_path / "run-a").is_symlink()
