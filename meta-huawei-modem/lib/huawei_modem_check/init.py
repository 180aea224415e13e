# SPDX-License-Identifier: MIT
"""Whether a root file system has what the kernel starts first; one that was copied in part has not.

kernel_init() in init/main.c: /sbin/init, /etc/init, /bin/init, and /init of an initramfs. /bin/sh, which
comes last, starts no service.
"""

from __future__ import annotations

import re

from huawei_modem_check.streams import LinkTo, Readable

_FIRST = ("sbin/init", "etc/init", "bin/init", "init")
_WATCHED = re.compile(
    r"(?:usr/)?(?:s?bin|etc|lib/systemd)/"
    r"(?:init(?:\.(?:sysvinit|systemd))?|busybox(?:\.(?:nosuid|suid|static))?|systemd)|init"
)
_LINKS = 8


class InitSeen:
    """Takes the members of one root file system in turn."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._links: dict[str, str] = {}

    def take(self, path: str, is_file: bool, content: Readable) -> None:
        """Note the member at `path`; the last one of a path counts."""
        if not _WATCHED.fullmatch(path):
            return
        path = _plain(path)
        self._files.discard(path)
        self._links.pop(path, None)
        if isinstance(content, LinkTo):
            self._links[path] = _plain(content.seen_from(path))
        elif is_file:
            self._files.add(path)

    @property
    def missing(self) -> str | None:
        """Why no init is there, or None; a link to what is not watched is taken to lead somewhere."""
        reason = "no /sbin/init, /etc/init, /bin/init or /init"
        for path in _FIRST:
            start = path
            for _ in range(_LINKS):
                if path not in self._links:
                    break
                path = self._links[path]
            if path in self._files or (path != start and not _WATCHED.fullmatch(path)):
                return None
            if path != start:
                reason = f"/{start} leads to /{path}, which is not there"
        return reason


def _plain(path: str) -> str:
    """`path` as it is where /usr is merged."""
    return path[4:] if path.startswith("usr/") else path
