# SPDX-License-Identifier: MIT
"""A copy of what the doctor reads, as it may be sent: each line as it would leave a board."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from huawei_modem import outputs
from huawei_modem.text import printable
from huawei_modem.transcript import captured, quoted, sources
from huawei_modem.transcript.pasted import masker

_MOST = 8 << 20
"""Characters: all of a text is held, since what its last line gives away is masked in the first."""


class Copy(NamedTuple):
    """The text, and how many different values were masked by their form."""

    text: str
    masked: int


def copy(path: Path) -> Copy:
    """What `path` holds, a text, a folder or an archive of texts, in words of the known programs alone.

    Raises SourceError for what cannot be read, for more than 8 MiB, and for a capture, which is masked.
    """
    if captured.is_capture(path):
        raise sources.SourceError(f"{path}: is a capture, which is masked already: it can be sent as it is")
    texts = list(_whole(path))
    mask = masker()
    mask.survey(text for _, text in texts)
    made = io.StringIO()
    for name, text in texts:
        if len(texts) > 1:
            # As tail and head say where a file begins.
            made.write(f"==> {quoted.line(mask(name))} <==\n")
        for line in mask.lines(text):
            made.write(f"{quoted.line(line)}\n")
    return Copy(made.getvalue(), mask.count)


def write(path: Path, target: outputs.Target) -> str:
    """Writes the copy of `path`; what to say to whoever asked. Raises as `copy` does, and OutputError."""
    made = copy(path)
    if target == "-":
        sys.stdout.write(made.text)
    else:
        outputs.write_text(target, made.text, ("# ", ""))
    where = "standard output" if target == "-" else printable(target)
    return f"{where}: {made.masked} identities and secrets masked. Look through it before you send it."


def _whole(path: Path) -> Iterator[tuple[str, str]]:
    size = 0
    for name, lines in sources.texts(path):
        text = io.StringIO()
        for line in lines:
            size += len(line)
            if size > _MOST:
                raise sources.SourceError(f"{path}: more than {_MOST >> 20} MiB to mask; give less of it")
            text.write(line)
        yield name, text.getvalue()
