# SPDX-License-Identifier: MIT
"""The doctor as the page asks it: texts in, one answer as plain data out. Runs in the browser, under Pyodide.

Only the helper, `modem_image.doctor.tree` and the standard library are there.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from huawei_modem import __version__
from huawei_modem.database import load
from huawei_modem.report import Report, to_text
from huawei_modem.text import plain, printable
from huawei_modem.transcript import captured, doctor, sources, summary
from huawei_modem.transcript.captured import CaptureError
from huawei_modem.transcript.pasted import masker
from huawei_modem.transcript.sources import SourceError
from modem_image.doctor.tree import devices_of, placed, tree

PASTE = "paste"
_SUBJECT = "pasted text"
_FOLDER = "files"
_STEP = 1 << 18
"""Characters between two reports of how far it is."""
_WIDTH = 80
"""Columns of the answer as text, for a forum or a mail."""

Texts = Sequence[tuple[str, bytes]]
"""Name and content of what was pasted or dropped; the name of what was pasted is PASTE."""
Watch = Callable[[int], None]
"""Gets the characters that were read so far."""


def answer(texts: Texts, watch: Watch = lambda _characters: None) -> str:
    """The answer as JSON: `refused`, a sentence about what cannot be read, or what the page shows."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        try:
            report, recognised = _examined(_written(texts), watch)
        except (SourceError, CaptureError) as err:
            return json.dumps({"refused": printable(str(err))})
    return json.dumps(_shown(report, recognised), ensure_ascii=False)


def _written(texts: Texts) -> Path:
    """A file for one text, a folder for several; their names are not trusted, and messages name them."""
    if not texts:
        raise SourceError("no text")
    folder = Path()
    if len(texts) > 1:
        folder = Path(_FOLDER)
        folder.mkdir()
    for name, content in texts:
        (folder / _file_name(name)).write_bytes(content)
    return folder / _file_name(texts[0][0]) if len(texts) == 1 else folder


def _file_name(name: str) -> str:
    bare = printable(name.replace("\\", "/").rpartition("/")[2].strip())[:100]
    return bare if bare.strip(".") else "text"


def _examined(path: Path, watch: Watch) -> tuple[Report, str]:
    """What `doctor.of_path` answers, with a look at how far it is."""
    if captured.is_capture(path):
        return doctor.of_path(path, load())
    history = doctor.read(_watched(sources.texts(path), watch))
    subject = _SUBJECT if path.name == PASTE else path.name
    return doctor.report(history, subject, load()), summary.to_text(history)


def _watched(texts: Iterable[tuple[str, Iterable[str]]], watch: Watch) -> Iterator[tuple[str, Iterator[str]]]:
    read = said = 0

    def lines(text: Iterable[str]) -> Iterator[str]:
        nonlocal read, said
        for line in text:
            read += len(line)
            if read - said >= _STEP:
                watch(read)
                said = read
            yield line

    for name, text in texts:
        yield name, lines(text)


def _shown(report: Report, recognised: str) -> dict[str, Any]:
    devices = devices_of(report.facts)
    step = report.facts.get("next") or doctor.next_step(report.findings)
    found: dict[str, Any] = plain(
        {
            "input": report.input,
            "verdict": report.verdict.value,
            "next": step,
            "findings": [{**finding.to_dict(), "remedy": list(remedy)} for finding, remedy in report.told()],
            "tree": [dataclasses.asdict(node) for node in tree(devices)],
            "elsewhere": [device for device in devices if not placed(device)],
            "recognised": recognised.splitlines(),
            "text": _text(report, recognised, step),
        }
    )
    return found


def _text(report: Report, recognised: str, step: str) -> str:
    """The answer for a thread. What was masked stays so; a name of a file may hold an identity too."""
    lines = [to_text(report, width=_WIDTH).rstrip()]
    lines += [f"next: {printable(step)}"] if step else []
    lines += ["", recognised.rstrip(), f"(huawei-modem doctor {__version__}, in a browser)"]
    mask = masker()
    return "\n".join(mask.lines("\n".join(lines))) + "\n"


def ask(names: Any, contents: Any, watch: Watch) -> str:
    """`answer` for JavaScript: `names` is an array of strings, `contents` one of ArrayBuffers."""
    return answer([(str(name), data.to_bytes()) for name, data in zip(names, contents, strict=True)], watch)
