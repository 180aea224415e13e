# SPDX-License-Identifier: MIT
"""Check several images at once, one process each: reading one is the work of one processor."""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from huawei_modem.report import Report
from huawei_modem_check.image import check_image
from huawei_modem_check.packing import use_threads
from huawei_modem_check.rules import ANYTHING, Wanted
from modem_image.console import step
from modem_image.errors import UserError


def check_several(images: Sequence[Path], wanted: Wanted = ANYTHING) -> list[Report]:
    """The reports on `images`, in their order. Raises as check_image does, for the first that makes it."""
    processors = len(os.sched_getaffinity(0))
    processes = min(len(images), processors)
    with step(f"check {len(images)} images, {processes} at a time"):
        executor = ProcessPoolExecutor(processes, initializer=_begin, initargs=(processors // processes,))
        try:
            return list(executor.map(functools.partial(check_image, wanted=wanted), images))
        except BrokenProcessPool as err:
            raise UserError(
                "a process that checks was ended from outside; is there too little memory?"
            ) from err
        except BaseException:
            for process in multiprocessing.active_children():
                process.terminate()
            raise
        finally:
            executor.shutdown(cancel_futures=True)


def _begin(threads: int) -> None:
    """In each process. It ends quietly: the one that started it tells the person, and ends the others."""
    use_threads(threads)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
