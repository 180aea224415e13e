#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""timed.py COMMAND...: seconds of processor and of the clock, as JSON. Runs in bitbake's environment.

bitbake's server leaves its parent; as the reaper of all that it starts this process gets its times too.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import sys
import time

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


def main() -> None:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    start = time.monotonic()
    subprocess.run(sys.argv[1:], stdout=sys.stderr, check=True)
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps({"processor": used.ru_utime + used.ru_stime, "clock": time.monotonic() - start}))


if __name__ == "__main__":
    main()
