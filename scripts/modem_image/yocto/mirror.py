# SPDX-License-Identifier: MIT
"""A folder of clones that is used instead of the network.

Of each clone kas is shown a view: a bare repository of our own that borrows the clone's objects (git's
alternates) and has one branch, at the locked commit. So the clone stays as it is, and it makes no
difference whether it is bare, shallow or partial, who owns it, and which branches it has, as long as it
holds the files of that commit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from modem_image.errors import InputError, MissingError
from modem_image.made import MARK
from modem_image.yocto.account import Runner
from modem_image.yocto.repositories import Repository

# A view's branch where kas was given none.
_BRANCH = "locked"
_MAKING = "in the making\n"
# The newest commit of a branch, whatever else holds: such a recipe cannot be parsed without the network.
# With an override (SRCREV:use-head-next) or a condition it can.
_FOLLOWS_BRANCH = r'^SRCREV(_[A-Za-z0-9_-]+)?[[:space:]]*[?:]*=[[:space:]]*"[$][{]AUTOREV[}]"'


@dataclass(frozen=True)
class Source:
    """The clone of a mirror that holds what is wanted of a repository."""

    repository: Repository
    clone: Path
    commit: str


def repository_name(text: str) -> str:
    """What a repository is called, from its address or the name of a clone's folder.

    `https://host/path/poky.git`, `poky`, `poky.git` and `someone+poky` all are `poky`.
    """
    last = text.rstrip("/").rpartition("/")[2].rpartition(":")[2].removesuffix(".git")
    return (last.rpartition("+")[2] or last).casefold()


def clones(mirror: Path) -> dict[str, list[Path]]:
    """The git folders in `mirror`, at most two levels down, by each name that they answer to.

    Raises InputError when `mirror` cannot be read.
    """
    found: dict[str, list[Path]] = {}
    for folder, git in _git_folders(mirror):
        for name in {repository_name(part) for part in folder.relative_to(mirror).parts}:
            found.setdefault(name, []).append(git)
    return found


def _git_folders(mirror: Path) -> Iterator[tuple[Path, Path]]:
    try:
        for first in sorted(entry for entry in mirror.iterdir() if entry.is_dir()):
            if git := _git_folder(first):
                yield first, git
                continue
            for second in sorted(entry for entry in first.iterdir() if entry.is_dir()):
                if git := _git_folder(second):
                    yield second, git
    except OSError as error:
        raise InputError(f"--mirror {error.filename}: cannot be read: {error.strerror}") from error


def _git_folder(folder: Path) -> Path | None:
    for git in (folder, folder / ".git"):
        if (git / "HEAD").is_file() and (git / "objects").is_dir():
            return git
    return None


def find_sources(mirror: Path, wanted: Sequence[Repository], runner: Runner) -> tuple[Source, ...]:
    """The clone to use for each repository.

    Raises MissingError that names every repository and commit which `mirror` lacks.
    """
    known = clones(mirror)
    sources, lacking = [], []
    for repository in wanted:
        name = repository_name(repository.url)
        candidates = known.get(name, [])
        if not candidates:
            lacking.append(
                f"{repository.url}: no clone; looked for {name}.git, {name}/ and SOMEONE+{name}/repo"
            )
            continue
        complaints = []
        for clone in candidates:
            commit = commit_in(clone, repository, runner)
            complaint = _complaint(clone, commit, repository, runner)
            if commit and not complaint:
                sources.append(Source(repository, clone, commit))
                break
            complaints.append(complaint)
        else:
            lacking += complaints
    if lacking:
        raise MissingError("\n  ".join([f"the mirror {mirror} lacks:", *lacking]))
    return tuple(sources)


def commit_in(clone: Path, repository: Repository, runner: Runner) -> str | None:
    """The commit that is wanted of `repository`, if `clone` holds it."""
    names = (
        [repository.commit]
        if repository.commit
        else [f"refs/heads/{repository.branch}", f"refs/remotes/origin/{repository.branch}"]
    )
    for name in names:
        done = runner.run([*_git(clone), "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"])
        if done.returncode == 0:
            return done.stdout.decode().strip()
    return None


def _complaint(clone: Path, commit: str | None, repository: Repository, runner: Runner) -> str:
    if commit is None:
        if runner.run(["test", "-r", clone / "HEAD", "-a", "-x", clone / "objects"]).returncode:
            return f"{clone}: cannot be read by the user who runs kas"
        if repository.commit is None:
            return f"{clone}: holds no {repository.what}"
        fetch = f"git --git-dir={clone} fetch {repository.url} {repository.commit}"
        return f"{clone}: does not hold {repository.what}\n    do: {fetch}"
    listing = runner.run([*_git(clone), "rev-list", "--objects", "--missing=print", "--no-walk", commit])
    if listing.returncode:
        reason = listing.stderr.decode(errors="replace").strip().splitlines()
        return f"{clone}: cannot be read: {reason[-1] if reason else 'git rev-list failed'}"
    missing = sum(line.startswith(b"?") for line in listing.stdout.splitlines())
    if not missing:
        return ""
    return (
        f"{clone}: a partial clone, in which {missing} files of {repository.what} are missing\n"
        f"    do: fetch it again without --filter"
    )


def _git(clone: Path) -> list[str]:
    # No protocol is allowed: a partial clone would fetch what it lacks, and that from the network.
    return ["git", f"--git-dir={clone}", "-c", "protocol.allow=never"]


def make_view(source: Source, folder: Path, runner: Runner) -> Path:
    """A bare repository below `folder` with the one commit of `source`, made anew.

    Raises InputError when another repository lies there, which is not removed.
    """
    view = folder / f"{source.repository.name}.git"
    if runner.run(["test", "-e", view, "-a", "!", "-f", view / MARK]).returncode == 0:
        raise InputError(f"{view}: was not made by this command\n  do: mv {view} elsewhere, or rm -r it")
    _refuse_changed(view, runner)
    runner.output(["rm", "-rf", view])
    runner.output(["git", "init", "--quiet", "--bare", view])
    runner.write(view / MARK, _MAKING)
    objects = source.clone.resolve() / "objects"
    borrowed = _alternates(objects)
    runner.write(view / "objects" / "info" / "alternates", "".join(f"{path}\n" for path in borrowed))
    shallow = source.clone / "shallow"
    if shallow.is_file():
        runner.write(view / "shallow", shallow.read_text())
    branch = (source.repository.branch or _BRANCH).removeprefix("refs/heads/")
    git = ["git", f"--git-dir={view}"]
    runner.output([*git, "update-ref", f"refs/heads/{branch}", source.commit])
    runner.output([*git, "symbolic-ref", "HEAD", f"refs/heads/{branch}"])
    runner.write(view / MARK, "")
    return view


def _refuse_changed(view: Path, runner: Runner) -> None:
    """Raises InputError when something in a finished view is newer than its mark, which is written last."""
    mark = view / MARK
    if runner.run(["test", "-s", mark]).returncode == 0:
        return  # in the making when its run was killed
    newer = runner.run(["find", view, "-cnewer", mark, "!", "-path", mark, "-print", "-quit"])
    if found := newer.stdout.decode(errors="replace").strip():
        raise InputError(f"{found}: was not made by this command\n  do: mv it elsewhere, or rm -r {view}")


def _alternates(objects: Path) -> list[Path]:
    """The folder of objects and those that it borrows in turn (git follows relative ones not that far)."""
    named = objects / "info" / "alternates"
    further = named.read_text().splitlines() if named.is_file() else []
    return [objects, *((objects / line).resolve() for line in further if line and not line.startswith("#"))]


def unparsable_recipes(source: Source, runner: Runner) -> list[str]:
    """File names of recipes in `source` that always follow a branch (AUTOREV)."""
    done = runner.run([*_git(source.clone), "grep", "-lE", _FOLLOWS_BRANCH, source.commit, "--", "*.bb"])
    return recipe_names(done.stdout.decode(errors="replace"))


def recipe_names(listing: str) -> list[str]:
    """The file names in what `git grep -l` prints for a commit: COMMIT:PATH a line."""
    return sorted({re.sub(r"^.*[/:]", "", line) for line in listing.splitlines() if line})
