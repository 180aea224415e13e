# SPDX-License-Identifier: MIT
"""Work that another processor can do while an archive is read on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Background(Generic[T]):
    """Runs pieces of work in a thread, one at a time; `results` gives what they made, in their order.

    One at a time, for each holds a kernel in memory. Inflating it leaves Python to the others.
    """

    def __init__(self) -> None:
        self._results: list[T] = []
        self._failure: BaseException | None = None
        self._thread: threading.Thread | None = None
        self.was_used = False

    def start(self, work: Callable[[], T]) -> None:
        """Begin `work`, as soon as the one before is done. Raises what that one raised."""
        self._wait()
        self.was_used = True
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    def results(self) -> list[T]:
        """What every work gave, once the last is done. Raises what a work raised."""
        self._wait()
        return self._results

    def _run(self, work: Callable[[], T]) -> None:
        try:
            self._results.append(work())
        except BaseException as err:  # noqa: BLE001  raised again in the thread that asked for it
            self._failure = err

    def _wait(self) -> None:
        if self._thread:
            self._thread.join()
            self._thread = None
        if self._failure:
            raise self._failure
