# SPDX-License-Identifier: MIT
"""Clones are found by name and commit, whatever their kind, and what a mirror lacks is named."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from modem_image.errors import InputError, MissingError
from modem_image.yocto.account import Runner
from modem_image.yocto.mirror import (
    clones,
    find_sources,
    make_view,
    recipe_names,
    repository_name,
    unparsable_recipes,
)
from modem_image.yocto.repositories import Repository
from unit.yocto.clones import commit, git, new_repository

# No git of these tests may reach the network, nor one's own configuration change what they show.
RUNNER = Runner(None, {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0"})
URL = "https://git.example/poky"


def wanted(commit: str | None, url: str = URL, branch: str | None = "scarthgap") -> Repository:
    return Repository(repository_name(url), url, "poky", branch, commit)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("https://git.yoctoproject.org/poky", "poky"),
        ("https://git.toradex.com/meta-toradex-nxp.git", "meta-toradex-nxp"),
        ("https://git.example/poky.git/", "poky"),
        ("git@git.example:poky.git", "poky"),
        ("yoctoproject+poky", "poky"),
        ("Poky.git", "poky"),
        ("gtk+", "gtk+"),
    ],
)
def test_the_name_of_a_repository(text: str, name: str) -> None:
    assert repository_name(text) == name


@pytest.mark.parametrize(
    "place", ["poky", "poky.git", "someone+poky", "someone+poky/repo", "someone/poky.git", "poky/repo.git"]
)
def test_a_clone_is_found_two_levels_down_bare_or_not(tmp_path: Path, place: str) -> None:
    source = new_repository(tmp_path / "source")
    mirror = tmp_path / "mirror"
    bare, tree = mirror / "bare" / place, mirror / "tree" / place
    git(tmp_path, "clone", "--quiet", "--bare", source, bare)
    git(tmp_path, "clone", "--quiet", source, tree)
    assert clones(mirror / "bare")["poky"] == [bare]
    assert clones(mirror / "tree")["poky"] == [tree / ".git"]


def test_a_clone_three_levels_down_or_of_another_name_is_not_it(tmp_path: Path) -> None:
    new_repository(tmp_path / "a" / "b" / "poky")
    new_repository(tmp_path / "poky-contrib")
    (tmp_path / "poky").mkdir()
    assert "poky" not in clones(tmp_path)


def test_a_mirror_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere: cannot be read: No such file"):
        clones(tmp_path / "nowhere")


def test_of_two_clones_the_one_with_the_commit_is_taken(tmp_path: Path) -> None:
    old = new_repository(tmp_path / "a+poky")
    new = tmp_path / "b+poky"
    git(tmp_path, "clone", "--quiet", old, new)
    third = commit(new, "third")
    (source,) = find_sources(tmp_path, [wanted(third)], RUNNER)
    assert source.clone == new / ".git"
    assert source.commit == third


def test_without_a_lock_the_branch_decides(tmp_path: Path) -> None:
    source = new_repository(tmp_path / "source")
    git(tmp_path, "clone", "--quiet", source, tmp_path / "mirror" / "poky")
    git(tmp_path / "mirror" / "poky", "checkout", "--quiet", "-b", "another")
    git(tmp_path / "mirror" / "poky", "branch", "--quiet", "-D", "scarthgap")
    (found,) = find_sources(tmp_path / "mirror", [wanted(None)], RUNNER)
    assert found.commit == git(source, "rev-parse", "HEAD")


def test_everything_that_is_missing_is_named(tmp_path: Path) -> None:
    new_repository(tmp_path / "poky")
    repositories = [
        wanted("b" * 40),
        wanted("c" * 40, "https://git.example/meta-oe.git"),
        wanted(None, branch="x"),
    ]
    with pytest.raises(MissingError) as caught:
        find_sources(tmp_path, repositories, RUNNER)
    text = str(caught.value)
    assert f"{tmp_path}/poky/.git: does not hold commit {'b' * 40}" in text
    assert f"fetch {URL} {'b' * 40}" in text
    assert "https://git.example/meta-oe.git: no clone; looked for meta-oe.git" in text
    assert f"{tmp_path}/poky/.git: holds no branch x" in text


def check_out(view: Path, target: Path, commit: str) -> str:
    """Clone and fetch from a view as kas does; the content of the one file."""
    git(
        target.parent,
        "clone",
        "--quiet",
        "--depth",
        "1",
        "--branch",
        "scarthgap",
        "--",
        view.as_uri(),
        target,
    )
    git(target, "checkout", "--quiet", commit)
    return (target / "recipe.bb").read_text()


KINDS = {
    "whole": [],
    "bare": ["--bare"],
    "shallow": ["--depth", "1"],
    "shallow-bare": ["--bare", "--depth", "1"],
    "partial-checkout": ["--filter=blob:none"],
    "treeless-checkout": ["--filter=tree:0"],
}


@pytest.mark.parametrize("kind", KINDS)
def test_kas_can_clone_the_view_of_any_kind_of_clone(tmp_path: Path, kind: str) -> None:
    source = new_repository(tmp_path / "source")
    tip = git(source, "rev-parse", "HEAD")
    clone = tmp_path / "mirror" / "poky"
    git(tmp_path, "clone", "--quiet", *KINDS[kind], source.as_uri(), clone)
    source.rename(tmp_path / "gone")
    (found,) = find_sources(tmp_path / "mirror", [wanted(tip)], RUNNER)
    view = make_view(found, tmp_path, RUNNER)
    assert check_out(view, tmp_path / "work", tip) == "second"


def test_a_view_needs_no_branch_of_the_clone(tmp_path: Path) -> None:
    """As `git fetch --depth 1 URL COMMIT` leaves a clone: the commit, and no reference to it."""
    source = new_repository(tmp_path / "source")
    tip = git(source, "rev-parse", "HEAD")
    clone = tmp_path / "mirror" / "poky.git"
    git(tmp_path, "init", "--quiet", "--bare", clone)
    git(clone, "fetch", "--quiet", "--depth", "1", source.as_uri(), tip)
    (found,) = find_sources(tmp_path / "mirror", [wanted(tip)], RUNNER)
    assert check_out(make_view(found, tmp_path, RUNNER), tmp_path / "work", tip) == "second"


def test_a_view_follows_what_its_clone_borrows(tmp_path: Path) -> None:
    source = new_repository(tmp_path / "source")
    tip = git(source, "rev-parse", "HEAD")
    git(tmp_path, "clone", "--quiet", "--shared", "--bare", source, tmp_path / "mirror" / "poky.git")
    (found,) = find_sources(tmp_path / "mirror", [wanted(tip)], RUNNER)
    assert check_out(make_view(found, tmp_path, RUNNER), tmp_path / "work", tip) == "second"


def test_a_view_is_made_anew(tmp_path: Path) -> None:
    source = new_repository(tmp_path / "poky")
    first = git(source, "rev-parse", "HEAD~1")
    second = git(source, "rev-parse", "HEAD")
    for name, content in ((second, "second"), (first, "first")):
        (found,) = find_sources(tmp_path, [wanted(name)], RUNNER)
        view = make_view(found, tmp_path / "views", RUNNER)
        assert check_out(view, tmp_path / content, name) == content


def test_a_partial_clone_without_the_files_is_named_and_fetches_nothing(tmp_path: Path) -> None:
    source = new_repository(tmp_path / "source")
    tip = git(source, "rev-parse", "HEAD")
    clone = tmp_path / "mirror" / "poky.git"
    git(tmp_path, "clone", "--quiet", "--bare", "--filter=blob:none", source.as_uri(), clone)
    objects = sorted(path for path in clone.rglob("*") if path.is_file())
    with pytest.raises(MissingError, match=f"a partial clone, in which 1 files of commit {tip} are missing"):
        find_sources(tmp_path / "mirror", [wanted(tip)], RUNNER)
    assert sorted(path for path in clone.rglob("*") if path.is_file()) == objects


def test_the_clone_itself_stays_as_it_is(tmp_path: Path) -> None:
    source = new_repository(tmp_path / "mirror" / "poky")
    before = {path: path.stat().st_mtime_ns for path in source.rglob("*")}
    (found,) = find_sources(tmp_path / "mirror", [wanted(git(source, "rev-parse", "HEAD"))], RUNNER)
    make_view(found, tmp_path, RUNNER)
    unparsable_recipes(found, RUNNER)
    assert {path: path.stat().st_mtime_ns for path in source.rglob("*")} == before


@pytest.mark.parametrize(
    ("line", "follows"),
    [
        ('SRCREV = "${AUTOREV}"', True),
        ('SRCREV_machine = "${AUTOREV}"', True),
        ('SRCREV ?= "${AUTOREV}"', True),
        ('SRCREV:use-head-next = "${AUTOREV}"', False),
        ('SRCREV_machine:use-head-next = "${AUTOREV}"', False),
        ('SRCREV ?= \'${@oe.utils.conditional("A", "b", "${AUTOREV}", "c", d)}\'', False),
        ('# SRCREV = "${AUTOREV}"', False),
    ],
)
def test_recipes_that_always_follow_a_branch(tmp_path: Path, line: str, follows: bool) -> None:
    tip = commit(new_repository(tmp_path / "poky"), f"SUMMARY = 'x'\n{line}\n")
    (found,) = find_sources(tmp_path, [wanted(tip)], RUNNER)
    assert unparsable_recipes(found, RUNNER) == (["recipe.bb"] if follows else [])


def test_the_names_in_a_listing_of_git_grep() -> None:
    listing = "abc:recipes-bsp/u-boot/u-boot-x.bb\nabc:y.bb\nabc:z/y.bb\n"
    assert recipe_names(listing) == ["u-boot-x.bb", "y.bb"]


def test_a_view_belongs_to_the_one_who_runs_kas(tmp_path: Path) -> None:
    """git's upload-pack refuses a repository of another owner; the view is made by the runner."""
    source = new_repository(tmp_path / "poky")
    (found,) = find_sources(tmp_path, [wanted(git(source, "rev-parse", "HEAD"))], RUNNER)
    view = make_view(found, tmp_path / "views", RUNNER)
    assert view.stat().st_uid == os.geteuid()
    done = subprocess.run(["git", "upload-pack", "--advertise-refs", view], capture_output=True, check=True)
    assert b"refs/heads/scarthgap" in done.stdout
