# SPDX-License-Identifier: MIT
"""How a script ends, as far as that can be known without running it.

"It fails" is said when no way through it ends well, and is no guess; what cannot be known is said to be so.
"""

from __future__ import annotations

import enum
import functools
from typing import NamedTuple

from huawei_modem_check.shell.budget import Budget
from huawei_modem_check.shell.interpreter import Shell
from huawei_modem_check.shell.reader import read
from huawei_modem_check.shell.scanner import NotUnderstoodError, TooMuchError
from huawei_modem_check.shell.tree import Commands
from huawei_modem_check.shell.values import ANY, FOLDER, SOMETHING, State, known
from huawei_modem_check.shell.world import world

_SHOWN = 60
_LONGEST = 65536


class How(enum.Enum):
    """How a script ends."""

    WELL = "it ends well"
    BADLY = "it ends with a failure"
    NEVER = "it never ends"
    UNKNOWN = "how it ends is not known"


class Ending(NamedTuple):
    """How a script ends, and for all but WELL the line and what decides it."""

    how: How
    line: int = 0
    text: str = ""


@functools.lru_cache(maxsize=64)
def course(script: bytes, product: str, files: tuple[tuple[str, bytes | None], ...]) -> Ending:
    """How `script` ends when the installer runs it on the module `product`.

    `files` are the names in the image's folder, with what is in them where that is known.
    """
    if len(script) > _LONGEST:
        return Ending(How.UNKNOWN, 1, f"it is longer than {_LONGEST >> 10} KiB")
    # The shell passes over bytes that are 0.
    text = script.replace(b"\0", b"").decode("utf-8", "surrogateescape")
    try:
        return _ending(Shell(world(product, dict(files)), Budget()), read(text))
    except TooMuchError as err:
        return Ending(How.UNKNOWN, err.line, str(err))
    except NotUnderstoodError as err:
        return Ending(How.UNKNOWN, err.line, f"the check does not follow {str(err)[:_SHOWN]!r}")
    except RecursionError:
        return Ending(How.UNKNOWN, 1, "it is nested too deeply")


def _ending(shell: Shell, tree: Commands) -> Ending:
    word = SOMETHING._replace(is_word=True)
    # Product, revision, serial number, folder (multiimagewritethread.cpp:169-179).
    arguments = [known(shell.world.product), word, word, FOLDER]
    # Nobody reads what it prints.
    end = shell.run(tree, State({}, arguments, output=None), False)
    if end is not None:
        shell.leave(end, end.status, end.reason)
    ways = [way for found in shell.exits for way in shell.trapped(found)]
    if not ways:
        line, text = shell.waits or (1, "it goes on for ever")
        return Ending(How.NEVER, line, text)
    doubtful = [way for way in ways if way.status != 0]
    if not doubtful:
        return Ending(How.WELL)
    certain = len(doubtful) == len(ways) and all(way.status != ANY for way in doubtful)
    return Ending(How.BADLY if certain else How.UNKNOWN, *doubtful[0].reason)
