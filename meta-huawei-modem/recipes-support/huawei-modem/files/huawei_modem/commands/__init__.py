# SPDX-License-Identifier: MIT
"""The commands, a module each: `configure` adds its arguments to a parser, `run` does it.

Each is imported when it is called: the board takes a second for what one of them needs.
"""

from __future__ import annotations

COMMANDS = {
    "status": "show stick, ports, oFono and ConnMan on one screen",
    "doctor": "name what is wrong, and what to do",
    "report": "write a capture to send, without identities and secrets",
    "ports": "ask every port of a stick what it is; describe an unknown stick",
    "connect": "bring the modem online through oFono and ConnMan",
    "disconnect": "end the connection, until someone connects again",
    "check-modules": "check that the kernel modules belong to the running kernel",
    "bind": "give the fourth interface to its network driver",
}
"""Each command with what it is for."""
