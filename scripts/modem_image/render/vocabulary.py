# SPDX-License-Identifier: MIT
"""The words of the programs whose lines leave a board (doctor/words.txt), packed for the helper."""

from __future__ import annotations

import base64
import textwrap
import zlib
from collections.abc import Collection
from pathlib import Path

from huawei_modem.mask.vocabulary import stems
from modem_image import doctor

SOURCE = Path(doctor.__file__).with_name("words.txt")
_MOST = 15
"""Letters that a word may have in common with the one before: A to P."""


def words(path: Path = SOURCE) -> frozenset[str]:
    """All words of the list."""
    lines = path.read_text(encoding="ascii").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def packed(found: Collection[str]) -> str:
    """What `huawei_modem.mask.vocabulary.unpacked` reads: the words that none of the others give."""
    known = frozenset(found)
    records, last = [], ""
    for word in sorted(word for word in known if known.isdisjoint(stems(word))):
        common = 0
        while common < min(len(last), len(word), _MOST) and last[common] == word[common]:
            common += 1
        records.append(f"{chr(ord('A') + common)}{word[common:]}")
        last = word
    text = base64.b85encode(zlib.compress("".join(records).encode("ascii"), 9)).decode("ascii")
    return "".join(f"{line}\n" for line in textwrap.wrap(text, 110, break_on_hyphens=False))
