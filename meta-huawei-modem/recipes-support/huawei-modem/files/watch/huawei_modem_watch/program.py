# SPDX-License-Identifier: MIT
"""The program: settings, and the loop. `huawei-modem-watch`, which the unit of the same name runs."""

from __future__ import annotations

import argparse
import configparser
import contextlib
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from huawei_modem import regular, standard
from huawei_modem.bus import BusError, BusUnavailableError, open_bus
from huawei_modem.errors import EXIT_OK, EXIT_UNUSABLE
from huawei_modem.text import printable
from huawei_modem_watch import show
from huawei_modem_watch.act import act
from huawei_modem_watch.look import look, nameservers
from huawei_modem_watch.machine import Event, Settings, State, decide
from huawei_modem_watch.policy import Action
from huawei_modem_watch.probe import Host, answers

if TYPE_CHECKING:
    from huawei_modem.bus import Bus

CONFIG = Path("etc/huawei-modem/watch.ini")
STATE = Path("run/huawei-modem-watch/state.json")
"""World-readable: no identity is in it."""
_JOURNAL = "/run/systemd/journal/socket"
_SHORTEST_POLL, _SHORTEST_SILENCE = 1.0, 10.0


class ConfigError(Exception):
    """watch.ini is not as it should be; the text says where."""


class Config(NamedTuple):
    """What watch.ini has."""

    settings: Settings = Settings()
    host: Host = Host()
    textfile: Path | None = None


def read_config(root: Path) -> Config:
    """The defaults where there is no file. Raises ConfigError."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        with regular.opened(root / CONFIG) as file:
            parser.read_string(regular.settings(file))
    except FileNotFoundError:
        return Config()
    except OSError as err:
        raise ConfigError(f"/{CONFIG}: cannot be read: {err.strerror}") from err
    except (UnicodeDecodeError, configparser.Error) as err:
        raise ConfigError(f"/{CONFIG}: cannot be read: {type(err).__name__}") from err
    section = parser["watch"] if parser.has_section("watch") else parser["DEFAULT"]
    silent = _number(section, "silent", Settings().silent)
    if silent and silent < _SHORTEST_SILENCE:
        raise ConfigError(f"/{CONFIG}: silent is 0, or {_SHORTEST_SILENCE:.0f} seconds or more")
    poll = _number(section, "poll", Settings().poll)
    if poll < _SHORTEST_POLL:
        raise ConfigError(f"/{CONFIG}: poll is {_SHORTEST_POLL:.0f} second or more")
    name, _, port = section.get("host", "").partition(":")
    if (port and not (port.isdigit() and 0 < int(port) < 65536)) or any(
        not 0 < len(one) < 64 for one in name.split(".") if name
    ):
        raise ConfigError(f"/{CONFIG}: host is NAME or NAME:PORT")
    host = Host(name, int(port or Host().port)) if name else Host()
    textfile = section.get("textfile", "")
    return Config(Settings(poll, silent), host, Path(textfile) if textfile else None)


def _number(section: configparser.SectionProxy, key: str, default: float) -> float:
    try:
        value = section.getfloat(key, default)
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e6:
        raise ConfigError(f"/{CONFIG}: {key} is a number of seconds")
    return value


class Watch:
    """The loop's state, and where it goes."""

    def __init__(self, root: Path, config: Config) -> None:
        self._root = root
        self._config = config
        self._answers: dict[str, bool | None] = {}
        self._stop = threading.Event()
        self.state = _held_before(root)

    def stop(self) -> None:
        """End after what is being done."""
        self._stop.set()

    def run(self) -> None:
        """Look and act until `stop`; leaves ConnMan as it was found."""
        while not self._stop.is_set():
            try:
                self._once(open_bus())
            except (BusError, BusUnavailableError, OSError) as err:
                print(f"not looked: {printable(str(err))}", flush=True)
            self._stop.wait(self._config.settings.poll)
        if self.state.held:
            with contextlib.suppress(BusError, BusUnavailableError, OSError):
                act(Action.RELEASE, open_bus(), self._root)
                # Restarted by systemd it finds the file: it would not hold again what it believed to hold.
                self.state = self.state._replace(held=False)
                self._write()

    def _once(self, bus: Bus) -> None:
        seen = look(bus, self._root, self._answers)
        chance = int.from_bytes(os.urandom(2), "big") / 65535
        decision = decide(self.state, seen, self._config.settings, chance)
        self.state = decision.state
        # Written before anything is done: a RELEASE that is owed survives an end in between.
        self._write()
        self._say(decision.events)
        for action in decision.actions:
            try:
                act(action, bus, self._root)
            except (BusError, OSError) as err:
                self._say([Event("action-failed", f"{action.value}: {printable(str(err))}", urgent=True)])
        self._answers = {name: self._probe(bus, name) for name in decision.probes}

    def _probe(self, bus: Bus, device: str) -> bool | None:
        answered = answers(device, nameservers(bus, device), self._config.host)
        if answered is False:
            self._say([Event("probe", f"{device}: the Internet does not answer")])
        return answered

    def _write(self) -> None:
        _replace(self._root / STATE, show.to_json(self.state))
        if self._config.textfile:
            try:
                _replace(self._config.textfile, show.metrics(self.state))
            except OSError as err:
                print(f"{self._config.textfile}: {err.strerror}", flush=True)

    def _say(self, events: Iterable[Event]) -> None:
        for event in events:
            if not _to_journal(show.journal(event, self.state)):
                print(printable(event.text), flush=True)


def _held_before(root: Path) -> State:
    """A watch that was killed may have left ConnMan held."""
    try:
        held = json.loads(regular.beginning(root / STATE, regular.SETTINGS)).get("held") is True
    except (OSError, ValueError, AttributeError):
        held = False
    return State(held=held)


def _replace(path: Path, text: str) -> None:
    """Whole or not at all: a collector may read at any time."""
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(path)


def _to_journal(entry: bytes) -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(entry, _JOURNAL)
        return True
    return False


def main(argv: list[str] | None = None) -> int:
    standard.make_usable()
    parser = argparse.ArgumentParser(
        prog="huawei-modem-watch",
        description="Watches the modem's connection and brings it back (docs/watch.md). Runs until SIGTERM.",
        epilog="exit status: 0 ended by a signal, 2 watch.ini is not usable",
    )
    parser.add_argument("--root", type=Path, default=Path("/"), help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    try:
        config = read_config(args.root)
    except ConfigError as err:
        print(f"huawei-modem-watch: {printable(str(err))}", file=sys.stderr)
        return EXIT_UNUSABLE
    watch = Watch(args.root, config)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: watch.stop())
    watch.run()
    return EXIT_OK
