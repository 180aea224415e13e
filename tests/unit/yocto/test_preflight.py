# SPDX-License-Identifier: MIT
"""Everything that keeps bitbake from working is found before, named, and mended where root can."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from modem_image.errors import MissingError
from modem_image.yocto import preflight
from modem_image.yocto.preflight import BUILD, DRY_RUN, GB, REBUILD, Host, commands, needs, problems

GOOD = Host(missing=(), has_locale=True, free=100 * GB, memory=16 * GB, case_sensitive=True)
ROOT = Path("/srv/build")
ME = 1000


def test_a_good_machine_has_no_problem() -> None:
    assert problems(GOOD, BUILD, ROOT) == []
    assert commands(GOOD) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"free": 89 * GB}, r"/srv/build: 89 GB are free, and a build from nothing needs 90 GB"),
        ({"memory": 4 * GB}, r"4\.0 GB of memory, and a build from nothing needs 7 GB"),
        ({"case_sensitive": False}, r"/srv/build: the file system takes `a` and `A` for one name"),
    ],
)
def test_each_lack_is_said_with_what_to_do(change: dict[str, object], said: str) -> None:
    (problem,) = problems(dataclasses.replace(GOOD, **change), BUILD, ROOT)  # type: ignore[arg-type]
    assert re.match(said, problem)
    assert "\n    do: " in problem


@pytest.mark.parametrize("name", ["with space", "a+b", "me@work", "~tmp"])
def test_paths_that_bitbake_refuses(name: str) -> None:
    (problem,) = problems(GOOD, BUILD, Path("/srv") / name)
    assert "bitbake refuses a path with" in problem


def test_a_path_that_is_too_long() -> None:
    (problem,) = problems(GOOD, BUILD, Path("/" + "x" * 400))
    assert "too long a path" in problem


def test_what_a_run_needs() -> None:
    assert needs(dry_run=True, built_before=False) is DRY_RUN
    assert needs(dry_run=False, built_before=False) is BUILD
    assert needs(dry_run=False, built_before=True) is REBUILD
    assert BUILD.disk == 90 * GB


def look(monkeypatch: pytest.MonkeyPatch, host: Host) -> list[object]:
    """Let `check` see `host`; the list fills with what is installed."""
    done: list[object] = []
    monkeypatch.setattr(preflight, "look", lambda root: host)
    monkeypatch.setattr(preflight, "install", done.append)
    monkeypatch.setattr(preflight, "run", done.append)
    return done


BARE = dataclasses.replace(GOOD, missing=("chrpath", "diffstat"), has_locale=False)


def test_a_user_gets_one_line_that_mends_all(monkeypatch: pytest.MonkeyPatch) -> None:
    done = look(monkeypatch, BARE)
    with pytest.raises(MissingError) as caught:
        preflight.check(ROOT, BUILD, ME)
    assert str(caught.value).endswith(
        "do: sudo apt-get update && sudo apt-get install --yes --no-install-recommends chrpath diffstat"
        " && sudo localedef -i en_US -f UTF-8 en_US.UTF-8"
    )
    assert done == []


def test_root_installs(monkeypatch: pytest.MonkeyPatch) -> None:
    done = look(monkeypatch, BARE)
    preflight.check(ROOT, BUILD, 0)
    assert done == [("chrpath", "diffstat"), ["localedef", "-i", "en_US", "-f", "UTF-8", "en_US.UTF-8"]]


def test_nothing_is_installed_where_bitbake_cannot_work_anyway(monkeypatch: pytest.MonkeyPatch) -> None:
    done = look(monkeypatch, dataclasses.replace(BARE, free=GB, memory=GB))
    with pytest.raises(MissingError) as caught:
        preflight.check(ROOT, BUILD, 0)
    assert "GB are free" in str(caught.value)
    assert "GB of memory" in str(caught.value)
    assert done == []


@pytest.mark.parametrize(
    ("names", "has"),
    [
        (["C", "en_US.utf8"], True),
        (["en_US.UTF-8"], True),
        (["C.utf8", "en_US", "en_GB.utf8"], False),
        ([], False),
    ],
)
def test_the_locale_in_either_spelling(names: list[str], has: bool) -> None:
    assert preflight.has_locale(names) is has


MEMINFO = "MemTotal:       24574788 kB\nMemFree:          100000 kB\n"


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (None, 24574788 * 1024),
        ("max\n", 24574788 * 1024),
        (f"{4 * GB}\n", 4 * GB),
        (f"{99 * GB}", 24574788 * 1024),
    ],
)
def test_memory_is_that_of_the_container(limit: str | None, expected: int) -> None:
    assert preflight.memory(MEMINFO, limit) == expected


def test_this_machine_is_looked_at(tmp_path: Path) -> None:
    """A folder that is yet to be made is judged by the one that will hold it, and nothing is left there."""
    host = preflight.look(tmp_path / "not" / "there")
    assert host.case_sensitive
    assert host.free > 0
    assert host.memory > 0
    assert list(tmp_path.iterdir()) == []


def test_missing_programs_name_their_packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    absent = {"makeinfo", "pzstd", "zstd"}
    monkeypatch.setattr(preflight, "which", lambda tool: None if tool in absent else f"/usr/bin/{tool}")
    monkeypatch.setattr(preflight, "_has_locale", lambda: True)
    assert set(preflight.look(tmp_path).missing) - {"python3-venv"} == {"texinfo", "zstd"}


def test_without_venv_its_package_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    python = tmp_path / "python3"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(preflight, "PYTHON", python)
    assert "python3-venv" in preflight.look(tmp_path).missing


def test_a_file_system_without_case_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on such a file system: the name in capitals is found too."""
    real = Path.exists

    def exists(path: Path) -> bool:
        return real(path) or real(path.with_name(path.name[:-1] + path.name[-1].lower()))

    monkeypatch.setattr(Path, "exists", exists)
    assert not preflight.is_case_sensitive(tmp_path)
