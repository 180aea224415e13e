# SPDX-License-Identifier: MIT
"""Steps that wait, of several modems at the same time: each is a generator of what it waits for."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from huawei_modem.bus import ACCESS_DENIED, BusError
from huawei_modem.settings import ConnectError

if TYPE_CHECKING:
    from huawei_modem.progress import Progress

POLL_SECONDS = 0.5
_Value = TypeVar("_Value")


class Wait(NamedTuple):
    """What is not there yet; `remedy` is what to look at when it does not come. `silent`: not said."""

    what: str
    remedy: str
    hint: str = ""
    silent: bool = False

    def failure(self) -> ConnectError:
        hint = f" ({self.hint})" if self.hint else ""
        return ConnectError(f"{self.what}: not there in time{hint}. See: {self.remedy}")


Course = Generator[Wait, None, _Value]
"""Yields what it waits for, once a look; ends with a value, or with ConnectError."""


class Steps:
    """What takes steps. `hint`, which a look may set, says more of what is waited for."""

    def __init__(self) -> None:
        self.hint = ""

    def until(self, what: str, found: Callable[[], Any], remedy: str) -> Course[Any]:
        """Looks until `found` has something."""
        while True:
            self.hint = ""
            try:
                value = found()
            except BusError as err:
                if err.name == ACCESS_DENIED:
                    raise ConnectError(f"{what}: D-Bus does not let this user do it; run as root") from err
                # A daemon that starts, or a modem that goes, is no failure before the time is up.
                value, self.hint = None, str(err)
            if value:
                return value
            yield Wait(what, remedy, self.hint)


class _Running(Generic[_Value]):
    """A course that has not ended, and what it waits for."""

    def __init__(self, course: Course[_Value]) -> None:
        self.course = course
        self.wait = Wait("", "")
        self.since = time.monotonic()


class Race(Generic[_Value]):
    """Courses side by side, by name; `say` is for their steps, and has the name where there are several."""

    def __init__(self, deadline: float, progress: Progress) -> None:
        """`deadline`: of time.monotonic()."""
        self._deadline = deadline
        self._progress = progress
        self._running: dict[str, _Running[_Value]] = {}
        self._ended: dict[str, _Value] = {}
        self._failed: dict[str, ConnectError] = {}

    def say(self, name: str, line: str) -> None:
        several = len(self._running) + len(self._ended) + len(self._failed) > 1
        self._progress.say(f"{name}: {line}" if several else line)

    def run(
        self, names: Callable[[], Iterable[str]], start: Callable[[str], Course[_Value]], grace: float
    ) -> dict[str, _Value]:
        """What they end with, the first one first.

        `names` is looked at each time: what comes later begins later. Once one has ended well the others have
        `grace` seconds; what keeps them then is said. Raises ConnectError where none ends well.
        """
        end = self._deadline
        while True:
            before = len(self._ended)
            self._look(names, start)
            if self._ended and not before:
                end = min(end, time.monotonic() + grace)
            if not self._running and (self._ended or self._failed):
                break
            if time.monotonic() >= end:
                self._failed |= {name: one.wait.failure() for name, one in self._running.items()}
                break
            self._progress.sleep(POLL_SECONDS)
        if not self._ended:
            raise _joined(self._failed or {"": ConnectError("the modem has gone meanwhile")})
        if grace:
            for name, error in self._failed.items():
                self.say(name, f"left as it is: {error}")
        return self._ended

    def _look(self, names: Callable[[], Iterable[str]], start: Callable[[str], Course[_Value]]) -> None:
        with suppress(BusError):  # no names for now
            for name in names():
                if name not in self._running.keys() | self._ended.keys() | self._failed.keys():
                    self._running[name] = _Running(start(name))
        for name in list(self._running):
            self._advance(name)
        for one in list(self._running.values())[:1]:
            self._progress.tick(one.wait.what, time.monotonic() - one.since, one.wait.hint)

    def _advance(self, name: str) -> None:
        one = self._running[name]
        try:
            wait = next(one.course)
        except StopIteration as end:
            self._ended[name] = end.value
            del self._running[name]
        except ConnectError as err:
            self._failed[name] = err
            del self._running[name]
        except BusError as err:
            self._failed[name] = ConnectError(str(err))
            del self._running[name]
        else:
            if wait.what != one.wait.what:
                if not wait.silent:
                    self.say(name, f"waiting for {wait.what}")
                one.since = time.monotonic()
            one.wait = wait


def finish(course: Course[_Value], deadline: float, progress: Progress) -> _Value:
    """Runs one alone. Raises ConnectError."""
    return Race[_Value](deadline, progress).run(lambda: [""], lambda _name: course, 0)[""]


def _joined(failed: dict[str, ConnectError]) -> ConnectError:
    """One text for all; what is wrong with all of them once."""
    texts = {str(error) for error in failed.values()}
    if len(texts) == 1:
        return ConnectError(texts.pop())
    return ConnectError("; ".join(f"{name}: {error}" for name, error in failed.items()))
