# SPDX-License-Identifier: MIT
"""What `status`, `doctor` and `check-modules` cost on the emulated board, beside a bare `python3 -c pass`.

    python tests/benchmarks/board_cost.py [--stick STICK:SCENARIO...]
    python tests/benchmarks/board_cost.py --host

Builds the image, boots it, waits until the first stick is online, and then takes processor time on the
board, in turns; of each command the least of some runs counts. With --host it does so on this machine, where
no stick is, which takes seconds. The board's clock runs on while this machine's
processors do other work, and takes that for its own: so QEMU goes first meanwhile, where root runs this.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "scripts")]
from modem_image import HELPER, cli  # noqa: E402
from modem_image.bench import visit  # noqa: E402
from modem_image.bench.guest import Guest  # noqa: E402

ROUNDS = 12
PYTHON = "/usr/bin/python3"
COMMANDS = {
    "python3 -c pass": ["python3", "-c", "pass"],
    **{name: ["huawei-modem", name] for name in ("status", "doctor", "check-modules")},
}
# Runs on the board. The first round fills caches, and byte-compiles.
MEASURE = f"""
import json, os
commands = {json.dumps(COMMANDS)}
least = {{name: 1e9 for name in commands}}
quiet = os.open("/dev/null", os.O_WRONLY)
for _ in range({ROUNDS}):
    for name, words in commands.items():
        process = os.fork()
        if not process:
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            os.execvp(words[0], words)
        _, _, used = os.wait4(process, 0)
        least[name] = min(least[name], used.ru_utime + used.ru_stime)
print(json.dumps(least))
"""


@contextmanager
def first_in_line() -> Iterator[None]:
    """QEMU, a child of this process, before all other work."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    for level in (-15, 0):
        for child in children if os.geteuid() == 0 else ():
            for thread in Path(f"/proc/{child}/task").iterdir():
                with suppress(ProcessLookupError):  # QEMU's threads come and go
                    os.setpriority(os.PRIO_PROCESS, int(thread.name), level)
        if level:
            yield


def measured(guest: Guest) -> dict[str, float]:
    status, output = guest.run(f"python3 -c {shlex.quote(MEASURE)}", 600)
    assert status == 0, output
    found = json.loads(output)
    assert isinstance(found, dict)
    return found


def here() -> dict[str, float]:
    """The same of the helper as it is installed, on this machine."""
    with tempfile.TemporaryDirectory() as folder:
        places = [f"bindir={folder}", f"helperdir={folder}/lib", f"sysconfdir={folder}/etc"]
        subprocess.run(["make", "-sC", HELPER, "install-helper", *places, f"PYTHON={PYTHON}"], check=True)
        environment = {**os.environ, "PATH": f"{folder}:{Path(PYTHON).parent}"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        done = subprocess.run([PYTHON, "-c", MEASURE], env=environment, capture_output=True, check=True)
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def show(costs: dict[str, float]) -> None:
    bare = costs["python3 -c pass"]
    for name, seconds in costs.items():
        print(f"{name:20} {seconds * 1000:7.0f} ms  {seconds / bare:5.2f} x", flush=True)


def main() -> int:
    if sys.argv[1:] == ["--host"]:
        show(here())
        return 0
    ask = visit._ask

    def ask_and_measure(guest: Guest, *arguments: Any) -> Any:
        visit._ask = ask
        with first_in_line():
            show(measured(guest))
        return ask(guest, *arguments)

    visit._ask = ask_and_measure
    return cli.main(["build", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
