# SPDX-License-Identifier: MIT
"""Debian's sshd on loopback, in a mount namespace of its own, and a board behind it.

Nothing is installed: the server is extracted from its package. The commands that a board has (huawei-modem,
journalctl, busctl) are scripts; the shell, the files and the clock are this machine's.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from daemons.bed.packages import tree
from patience import until

NEEDED = ("ssh", "ssh-keygen", "unshare")
PACKAGES = ("libnsl2", "libtirpc3", "libwrap0", "openssh-server")
"""The server, and what of its libraries no other package of the tests needs."""
_START = """
set -e
mount --bind {folder}/passwd /etc/passwd
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/sshd
mount --bind {folder}/boot_id /proc/sys/kernel/random/boot_id
exec env LD_LIBRARY_PATH={libraries} {sshd} -D -e -f {folder}/sshd_config
"""
_CONFIG = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/keys/user.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
SetEnv PATH={folder}/bin:/usr/bin:/bin
"""


class Sshd:
    """A server that lets `key` in; `stop` and `start` are its machine's fall and rise."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = folder / "keys" / "user"
        for name in ("keys", "bin"):
            (folder / name).mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.new_key(self.key)
        self.new_key(folder / "host_key")
        passwd = Path("/etc/passwd").read_text()
        line = "" if "\nsshd:" in passwd else "sshd:x:104:65534::/run/sshd:/usr/sbin/nologin\n"
        (folder / "passwd").write_text(passwd + line)
        (folder / "boot_id").write_text("boot one\n")
        (folder / "sshd_config").write_text(_CONFIG.format(folder=folder, port=self.port))
        self._process: subprocess.Popen[bytes]

    @staticmethod
    def new_key(path: Path) -> None:
        path.unlink(missing_ok=True)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)

    @property
    def options(self) -> tuple[str, ...]:
        """Those of ssh that know the server and have the key."""
        return self.options_with(self.folder / "known", self.key)

    @staticmethod
    def options_with(known: Path, key: Path) -> tuple[str, ...]:
        return (
            f"UserKnownHostsFile={known}",
            "GlobalKnownHostsFile=/dev/null",
            f"IdentityFile={key}",
            "IdentitiesOnly=yes",
            "IdentityAgent=none",
        )

    def know(self) -> None:
        """The host's key of this moment is the one that is known."""
        public = (self.folder / "host_key.pub").read_text()
        (self.folder / "known").write_text(f"[127.0.0.1]:{self.port} {public}")

    def start(self) -> None:
        root = tree(PACKAGES)
        (libraries,) = root.glob("usr/lib/*-linux-gnu*")
        script = _START.format(folder=self.folder, sshd=root / "usr/sbin/sshd", libraries=libraries)
        with (self.folder / "sshd.log").open("ab") as log:
            self._process = subprocess.Popen(
                ["unshare", "--mount", "sh", "-c", script], stdout=log, stderr=log, start_new_session=True
            )
        until(self._answers, (self.folder / "sshd.log").read_text)

    def _answers(self) -> bool:
        assert self._process.poll() is None, (self.folder / "sshd.log").read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        """It goes, and all connections with it."""
        self.drop()
        self._process.kill()
        self._process.wait()

    def drop(self) -> None:
        """End every connection, as a cable does that is pulled; what runs on the board goes on."""
        for child in self._children(self._process.pid):
            os.kill(child, signal.SIGKILL)

    def reboot(self) -> None:
        """The same, and the board has booted meanwhile."""
        with (self.folder / "boot_id").open("r+") as handle:  # the same file: it is mounted
            handle.write("boot two\n")
        self.drop()

    def program(self, name: str, text: str) -> None:
        """A command of the board."""
        path = self.folder / "bin" / name
        path.write_text(text)
        path.chmod(0o755)

    @staticmethod
    def _children(pid: int) -> list[int]:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def missing() -> list[str]:
    return [name for name in NEEDED if not shutil.which(name)]
