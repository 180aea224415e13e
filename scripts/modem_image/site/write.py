# SPDX-License-Identifier: MIT
"""The site's folder: index.html, and all it loads in one folder that is named after its content.

A browser that keeps files then never mixes those of two versions. Written whole or not at all; replaced only
while it holds what was written here, and nothing else.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from huawei_modem import __version__
from modem_image import HELPER
from modem_image.check.page import html_environment
from modem_image.errors import InputError
from modem_image.files import atomic_path, readable_by_all, sha256_of
from modem_image.made import MARK, lines_of, put_mark, remove_ours
from modem_image.site import pyodide

POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; connect-src 'self'; "
    "style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'"
)
"""What a browser lets the page do: load this site's files, compile WebAssembly, and nothing else. A worker
that comes from a blob is bound by it too (Content Security Policy Level 3, 7.8)."""
_KIND = "site"
_LISTED = re.compile(r"([0-9a-f]{64})  (.+)")
_HERE = Path(__file__).parent
_TEMPLATES = _HERE.parent / "templates"
_SCRIPTS = _HERE.parent
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_RENAMED = {
    "pyodide.mjs": "pyodide/pyodide.js",
    "pyodide.asm.mjs": "pyodide/pyodide.asm.js",
    "pyodide.asm.wasm": "pyodide/pyodide.asm.wasm",
    "python_stdlib.zip": "pyodide/python_stdlib.zip",
    "pyodide-lock.json": "pyodide/pyodide-lock.json",
}
"""A name that every web server knows as JavaScript's: browsers take a module by no other media type."""


def is_site(folder: Path) -> bool:
    """Whether `folder` is one that `write` made."""
    return (lines_of(folder) or [""])[0] == _KIND


def write(target: Path, package: Path) -> int:
    """Write the site to `target`, with Pyodide's files from the folder `package`; the octets that it loads.

    Raises InputError where the folder holds something that is not the site's.
    """
    _check_free(target)
    assets = _assets(package)
    total = sum(map(len, assets.values()))
    folder = f"doctor-{_digest(assets)}"
    page = (
        html_environment()
        .get_template("site.html.j2")
        .render(
            policy=POLICY,
            folder=folder,
            version=__version__,
            pyodide=pyodide.VERSION,
            octets=total,
            weight=len(assets[_RENAMED["pyodide.asm.wasm"]]),
        )
    )
    content = {"index.html": page.encode(), **{f"{folder}/{name}": data for name, data in assets.items()}}
    with readable_by_all(), atomic_path(target) as made:
        for name, data in content.items():
            path = made / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        listing = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in content.items())
        put_mark(made, f"{_KIND}\n{listing}")
        _check_free(target)  # it took seconds to get here, and what came into it meanwhile is not ours
        remove_ours(target)
    return total


def _check_free(target: Path) -> None:
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    if not is_site(target):
        raise InputError(
            f"{target}: is not a site of this command\n  do: name a folder that is not there yet"
        )
    written = {}
    for line in (lines_of(target) or [])[1:]:
        if not (match := _LISTED.fullmatch(line)):
            raise InputError(f"{target}: {MARK} in it was changed\n  do: name another folder")
        written[match[2]] = match[1]
    for name, path in sorted(_files(target)):
        if name not in written:
            raise InputError(
                f"{target}: {name} in it is not the site's\n  do: move it, or name another folder"
            )
        if path.is_symlink() or not path.is_file() or sha256_of(path) != written[name]:
            raise InputError(f"{target}: {name} in it was changed\n  do: move it, or name another folder")


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in folder.rglob("*"):
        if (path.is_symlink() or not path.is_dir()) and path != folder / MARK:
            yield path.relative_to(folder).as_posix(), path


def _assets(package: Path) -> dict[str, bytes]:
    style = (_TEMPLATES / "page.css").read_bytes() + (_HERE / "site.css").read_bytes()
    return {
        "page.js": (_HERE / "page.js").read_bytes(),
        "worker.js": (_HERE / "worker.js").read_bytes(),
        "site.css": style,
        "doctor.zip": _packed(),
        **{place: (package / name).read_bytes() for name, place in _RENAMED.items()},
    }


def _packed() -> bytes:
    """The helper as it is, what asks it, and the tree of devices. The same bytes for the same files."""
    ours = (_SCRIPTS / "doctor" / "tree.py", _HERE / "answer.py")
    helper = [
        path
        for path in sorted((HELPER / "huawei_modem").rglob("*"))
        if path.suffix in (".py", ".json", ".txt")
    ]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for base, paths in ((HELPER, helper), (_SCRIPTS.parent, ours)):
            for path in paths:
                member = zipfile.ZipInfo(path.relative_to(base).as_posix(), _LONG_AGO)
                member.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(member, path.read_bytes())
    return out.getvalue()


def _digest(assets: Mapping[str, bytes]) -> str:
    state = hashlib.sha256()
    for name, data in sorted(assets.items()):
        state.update(f"{name}\0{len(data)}\0".encode() + data)
    return state.hexdigest()[:12]
