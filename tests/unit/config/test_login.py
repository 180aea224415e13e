# SPDX-License-Identifier: MIT
"""Who can log in to an image."""

from __future__ import annotations

import pytest

from huawei_modem_config.login import ways_in

# As core leaves it: root's empty password taken away, and system accounts that never had one.
CLOSED = "root:*:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\nsshd:!:19000::::::\n"
EMPTY = CLOSED.replace("root:*:", "root::")
HASH = "$6$salt$" + "x" * 86


@pytest.mark.parametrize(
    ("shadow", "keys", "features", "found"),
    [
        (CLOSED, False, (), []),
        ("", False, (), []),
        (CLOSED, True, (), ["root, by a key"]),
        (EMPTY, False, (), []),
        (EMPTY, False, ("allow-empty-password",), ["root, by a password"]),
        (EMPTY, False, ("ssh-server-dropbear", "debug-tweaks"), ["root, by a password"]),
        (CLOSED + f"service:{HASH}:19000:0:99999:7:::\n", False, (), ["service, by a password"]),
        (CLOSED + f"locked:!{HASH}:19000:0:99999:7:::\n", False, (), []),
    ],
)
def test_who_can_log_in(shadow: str, keys: bool, features: tuple[str, ...], found: list[str]) -> None:
    assert ways_in(shadow, keys, features) == found
