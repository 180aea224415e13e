# SPDX-License-Identifier: MIT
"""Who does what when: of one modem, and of several."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huawei_modem import daemons, overlooked
from huawei_modem.bus import CONNMAN, OFONO
from huawei_modem.connect.modem import Modem
from huawei_modem.connect.service import Dialling, Technology, Turn, cellular_services, end
from huawei_modem.connect.waiting import Course, Race, Steps, Wait, finish
from huawei_modem.settings import ConnectError, Wishes

if TYPE_CHECKING:
    from collections.abc import Callable

    from huawei_modem.bus import Bus
    from huawei_modem.progress import Progress

DISCONNECTED = Path("run/huawei-modem.disconnected")
"""For huawei-modem-watch: a person ended the connection."""
OTHERS_SECONDS = 30.0
"""What a further modem gets once the first is ready; one that is dead is not waited for longer."""
ATTENDED_SECONDS = 10.0
"""The same where a person waits for a connection."""
_END_SECONDS = 5.0


class Connector(Steps):
    """Takes the steps over D-Bus, until `deadline` (of time.monotonic()).

    `only`: of several modems this one. `wishes` are of one SIM, so they are for one modem: this, else the
    first that is ready for them.
    """

    def __init__(
        self,
        bus: Bus,
        root: Path,
        deadline: float,
        progress: Progress,
        wishes: Wishes | None = None,
        only: str = "",
    ) -> None:
        super().__init__()
        self._bus = bus
        self._root = root
        self._deadline = deadline
        self._progress = progress
        self._wishes = wishes or Wishes()
        self._only = only
        self._wished = self._unlocked = ""

    def prepare(self, attended: bool = True) -> list[str]:
        """All steps that nobody else takes; ConnMan does the rest. Returns the modems that are ready.

        `attended`: a person asked, which counts more than what was switched off before. Raises ConnectError,
        BusError.
        """
        self._finish(self._daemons())
        race = Race[None](self._deadline, self._progress)

        def start(path: str) -> Course[None]:
            self._progress.say(f"modem: {path}")
            return self._prepare(Modem(path, self._bus, self._root, partial(race.say, path)), attended)

        ready = list(race.run(self._modems, start, ATTENDED_SECONDS if attended else OTHERS_SECONDS))
        wished = self._wishes.access_point is not None or self._wishes.roaming is not None
        return [path for path in ready if path == self._wished] if wished else ready

    def connect(self, ready: Iterable[str]) -> str:
        """Waits for network and service, and asks ConnMan to connect; one of several modems is enough.

        Returns the service's state. Raises ConnectError, BusError.
        """
        with suppress(OSError):
            (self._root / DISCONNECTED).unlink()
        paths, turn = list(ready), Turn()
        race = Race[str](self._deadline, self._progress)

        def start(path: str) -> Course[str]:
            return self._connect(path, turn, partial(race.say, path))

        return next(iter(race.run(lambda: paths, start, 0).values()))

    def disconnect(self) -> bool:
        """Ends every cellular connection, and stays so until someone connects. Whether there was one."""
        ended = False
        with suppress(OSError):
            (self._root / DISCONNECTED).touch()
        if self._bus.has_owner(CONNMAN):
            for path, service in cellular_services(self._bus):
                ended |= end(self._bus, path, service)
        if self._bus.has_owner(OFONO):
            for path in self._modems():
                modem = Modem(path, self._bus, self._root, self._progress.say)
                ended |= self._finish(self._end_contexts(modem, ended))
        return ended

    def _finish(self, course: Course[Any]) -> Any:
        return finish(course, self._deadline, self._progress)

    def _daemons(self) -> Course[None]:
        yield from self.until("oFono on D-Bus", lambda: self._bus.has_owner(OFONO), "systemctl status ofono")
        what = "a modem in oFono" if not self._only else f"the modem {self._only} in oFono"
        yield from self.until(what, self._listed(), "huawei-modem doctor: ports and labels?")
        yield from self.until(
            "ConnMan on D-Bus", lambda: self._bus.has_owner(CONNMAN), "systemctl status connman"
        )

    def _prepare(self, modem: Modem, attended: bool) -> Course[None]:
        yield from modem.power()
        # Before the next: ConnMan has no cellular technology until it knows whose SIM it is.
        yield from modem.unlock(self._wishes.pin_file, partial(self._may_enter, modem.path))
        yield from Technology(self._bus, self._root, self._progress.say).enable(attended)
        yield from modem.packet_data()
        self._wished = self._wished or modem.path
        wishes = self._wishes if self._wished == modem.path else Wishes()
        yield from modem.set_up(wishes, partial(self._end, modem))

    def _connect(self, path: str, turn: Turn, say: Callable[[str], None]) -> Course[str]:
        modem = Modem(path, self._bus, self._root, say)
        yield from modem.register()
        technology = Technology(self._bus, self._root, self._progress.say)
        dialling = Dialling(
            self._bus, technology, partial(self._service, modem), modem.attach, partial(turn.take, path), say
        )
        try:
            return (yield from dialling.connect())
        except ConnectError:
            turn.leave(path)
            raise

    def _may_enter(self, path: str) -> bool:
        """A PIN is one SIM's, and a wrong one costs a try: the first that is locked."""
        self._unlocked = self._unlocked or path
        return self._unlocked == path

    def _modems(self) -> list[str]:
        """Raises BusError."""
        return [path for path, _item in daemons.modems(self._bus) if self._only in ("", path)]

    def _listed(self) -> Callable[[], list[str]]:
        """Looks for a modem of oFono's; a stick that it does not list in time is announced once more."""
        late = time.monotonic() + overlooked.SECONDS

        def listed() -> list[str]:
            nonlocal late
            paths = self._modems()
            if not paths and time.monotonic() >= late:
                late = self._deadline + 1
                if overlooked.announce(self._root):
                    self._progress.say("oFono has overlooked the stick: its devices are announced again")
            return paths

        return listed

    def _service(self, modem: Modem) -> tuple[str, dict[str, Any]] | None:
        """The modem's own: ConnMan has the IMSI in its path. With one modem it is whichever there is."""
        services = cellular_services(self._bus)
        subscriber = modem.subscriber()
        own = [one for one in services if subscriber and f"_{subscriber}_" in one[0]]
        if not own and len(daemons.modems(self._bus)) == 1:
            own = services
        return own[0] if own else None

    def _end(self, modem: Modem) -> Course[None]:
        """Ends this modem's connection."""
        service = self._service(modem) if self._bus.has_owner(CONNMAN) else None
        by_connman = end(self._bus, *service) if service else False
        yield from self._end_contexts(modem, by_connman)

    def _end_contexts(self, modem: Modem, by_connman: bool) -> Course[bool]:
        """A context that is active without ConnMan, or until ConnMan is done with it."""
        contexts = modem.active_contexts()
        for context in contexts:
            late = time.monotonic() + _END_SECONDS
            while by_connman and context in modem.active_contexts() and time.monotonic() < late:
                yield Wait("the connection's end", "journalctl -b -u ofono -u connman", silent=True)
            if context in modem.active_contexts():
                modem.deactivate(context)
        return bool(contexts)
