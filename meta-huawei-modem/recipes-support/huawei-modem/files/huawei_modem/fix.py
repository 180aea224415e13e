# SPDX-License-Identifier: MIT
"""The safe remedies, done: load a module, write a driver's id, label the ports, start oFono.

`plan` is pure: from facts to steps. Each step is announced, done, and written down with what takes it back;
nothing of it outlives a restart, so the list lies in /run. What a step cannot take back (labels that udev
sets again from its rules, a daemon that was restarted) leaves nothing behind to be taken back.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from huawei_modem import regular
from huawei_modem.catalogue import found
from huawei_modem.functions import OFONO_NEEDS, SERIAL

if TYPE_CHECKING:
    from huawei_modem.shapes import Facts, InterfaceFacts, StickFacts

JOURNAL = Path("run/huawei-modem/fixes.json")
ROUNDS = 4
"""Modules, then ids, then labels, then oFono: each may bring the next fault to light."""
_SECONDS = 60
OFONO_SECONDS = 20.0
"""oFono looks a second after the last device came; on a busy board udev hands it over much later."""
_LET_GO = 5.0
"""Seconds that a daemon may take to close the ports that have gone from under it."""


class FixError(Exception):
    """The fixes cannot be done or taken back; the text says what to do."""


class Step(NamedTuple):
    """One remedy. `commands` are argument lists; `bind` is an interface's folder instead. `undo`: `run` and a
    command, or `unload` and a module."""

    code: str
    title: str
    commands: tuple[tuple[str, ...], ...] = ()
    undo: tuple[tuple[str, ...], ...] = ()
    bind: str = ""

    @property
    def shown(self) -> tuple[str, ...]:
        """What a person would type for it."""
        return tuple(" ".join(command) for command in self.commands) or (f"huawei-modem bind {self.bind}",)


def plan(facts: Facts, root: Path) -> list[Step]:
    """The steps that the facts ask for, in the order in which they help."""
    return [*_modules(facts, root), *_ids(facts, root), *_labels(facts), *_ofono(facts, root)]


def _title(code: str, kind: str = "fix", **values: object) -> str:
    """What a step does, in the catalogue's words."""
    return found(f"{code}:{kind}", **values).title


def _modules(facts: Facts, root: Path) -> Iterator[Step]:
    wanted: dict[str, str] = {} if facts["tun"] else {"tun": "tun-missing"}
    for _stick, item in _unbound(facts):
        if item["wanted_driver"] and item["listed"]:
            code = "serial-driver-missing" if item["function"] in SERIAL else "net-driver-missing"
            wanted.setdefault(item["wanted_driver"], code)
    for name, code in wanted.items():
        # A module that is loaded and has not taken the interface takes it no sooner the second time.
        if not (root / "sys/module" / name).exists():
            yield Step(code, _title(code, name=name), (("modprobe", name),), undo=(("unload", name),))


def _ids(facts: Facts, root: Path) -> Iterator[Step]:
    for stick, item in _unbound(facts):
        if item["wanted_driver"] and not item["listed"]:
            folder = root / stick["path"].lstrip("/")
            configuration = _text(folder / "bConfigurationValue") or "1"
            interface = f"{folder.name}:{configuration}.{item['number']}"
            title = _title(
                "net-driver-id-gap", number=item["number"], usb=stick["usb"], driver=item["wanted_driver"]
            )
            yield Step(
                "net-driver-id-gap",
                title,
                bind=str(folder.parent / interface),
            )


def _labels(facts: Facts) -> Iterator[Step]:
    if not any(
        item["tty"] and item["function"] in OFONO_NEEDS and item["label"] != item["function"]
        for stick in facts["sticks"]
        for item in stick["interfaces"]
    ):
        return
    yield Step(
        "ofono-ports-unlabelled",
        _title("ofono-ports-unlabelled"),
        (
            ("udevadm", "control", "--reload"),
            # oFono looks at devices that are added, not at those that change (plugins/udevng.c).
            ("udevadm", "trigger", "--action=add", "--subsystem-match=tty"),
            ("udevadm", "settle", "--timeout=20"),
        ),
    )


def _ofono(facts: Facts, root: Path) -> Iterator[Step]:
    running = facts["ofono"]["running"]
    if running is False:
        start, stop = _service(root, "start"), _service(root, "stop")
        if start and stop:
            yield Step("ofono-not-running", _title("ofono-not-running"), (start,), undo=(("run", *stop),))
    elif _overlooked(facts):
        restart = _service(root, "restart")
        if restart:
            yield Step("ofono-ports-unlabelled", _title("ofono-ports-unlabelled", "fix-restart"), (restart,))


def _service(root: Path, action: str) -> tuple[str, ...] | None:
    if (root / "run/systemd/system").is_dir():
        return ("systemctl", action, "ofono")
    script = root / "etc/init.d/ofono"
    return (str(script), action) if script.exists() else None


def _overlooked(facts: Facts) -> bool:
    """oFono runs, and does not list the ports that are labelled for it."""
    return bool(facts["ofono"]["running"] and not facts["ofono"]["modems"] and _labelled(facts))


def _labelled(facts: Facts) -> bool:
    labels = {item["label"] for stick in facts["sticks"] for item in stick["interfaces"]}
    return set(OFONO_NEEDS) <= labels


def _unbound(facts: Facts) -> Iterator[tuple[StickFacts, InterfaceFacts]]:
    for stick in facts["sticks"]:
        for item in stick["interfaces"]:
            if item["driver"] is None:
                yield stick, item


# --- Doing it ---


class Fixer:
    """Does steps, and remembers how they are taken back. `collect` looks at the system anew.

    `bind` gives an interface to its driver, and returns what takes it back, in order: words as those of
    Step.undo, or `write`, a file and a text.
    """

    def __init__(
        self,
        root: Path,
        collect: Callable[[], Facts],
        bind: Callable[[str], list[list[str]]],
        say: Callable[[str], None],
    ) -> None:
        self._root = root
        self._collect = collect
        self._bind = bind
        self._say = say

    def dry_run(self) -> Facts:
        """Says what would be done first. What that brings to light is not known before."""
        facts = self._collect()
        steps = plan(facts, self._root)
        for step in steps:
            self._announce("would", step)
        if not steps:
            self._say("nothing that can be fixed here")
        return facts

    def fix(self) -> Facts:
        """Does all that can be done, each step once, and returns the facts afterwards. Raises FixError."""
        tried: set[str] = set()
        facts = self._collect()
        for _ in range(ROUNDS):
            steps = [step for step in plan(facts, self._root) if step.title not in tried]
            if not steps:
                break
            # One kind at a time: what comes first is often the cause of what comes after it.
            for step in [item for item in steps if item.code == steps[0].code]:
                tried.add(step.title)
                self._do(step)
            facts = self._settled()
        if not tried:
            self._say("nothing that can be fixed here")
        return facts

    def _settled(self) -> Facts:
        """The facts once udev is done, and oFono lists what it has ports of or has had its time to."""
        with contextlib.suppress(FixError):
            _run(("udevadm", "settle", "--timeout=20"))
        end = time.monotonic() + OFONO_SECONDS
        while True:
            facts = self._collect()
            if not _overlooked(facts) or time.monotonic() > end:
                return facts
            time.sleep(1)

    def _announce(self, word: str, step: Step) -> None:
        self._say(f"{word}: {step.title} ({step.code})")
        for line in step.shown:
            self._say(f"  {line}")

    def _do(self, step: Step) -> None:
        self._announce("fix", step)
        undo = [list(words) for words in step.undo]
        try:
            if step.bind:
                undo = self._bind(step.bind)
            for command in step.commands:
                _run(command)
        except FixError as err:
            self._say(f"  failed: {err}")
            return
        _remember(self._root, step.title, undo)
        self._say("  done; huawei-modem doctor --undo takes it back" if undo else "  done")


def undo(root: Path, say: Callable[[str], None]) -> bool:
    """Takes back what was fixed since the system started, the last first. Whether all of it could be.

    What could not is still there to be taken back the next time.
    """
    done = _journal(root)
    if not done:
        say("nothing was fixed since the system started")
    left = []
    for entry in reversed(done):
        say(f"undo: {entry['title']}")
        try:
            for words in entry["undo"]:
                _take_back(root, words, say)
        except (FixError, OSError) as err:
            say(f"  failed: {err}")
            left.append(entry)
    (root / JOURNAL).unlink(missing_ok=True)
    if left:
        _write_journal(root, left[::-1])
    return not left


def _take_back(root: Path, words: Sequence[str], say: Callable[[str], None]) -> None:
    kind, *arguments = words
    if kind == "write":
        path, text = arguments
        say(f"  echo {text} > {path}")
        Path(path).write_text(f"{text}\n")
    elif kind == "unload":
        _unload(root, arguments[0], say)
    else:
        say(f"  {' '.join(arguments)}")
        _run(arguments)


def _unload(root: Path, module: str, say: Callable[[str], None]) -> None:
    """Takes a module out. Its interfaces go first: a port that oFono has open would keep it in."""
    folder = root / "sys/bus/usb/drivers" / module
    interfaces = sorted(entry.name for entry in folder.glob("*:*"))
    for interface in interfaces:
        say(f"  echo {interface} > {folder / 'unbind'}")
        (folder / "unbind").write_text(f"{interface}\n")
    say(f"  modprobe -r {module}")
    end = time.monotonic() + _LET_GO
    while True:
        try:
            return _run(("modprobe", "-r", module))
        except FixError:
            if not interfaces or time.monotonic() > end:
                raise
        time.sleep(0.5)


def _run(command: Sequence[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except FileNotFoundError as err:
        raise FixError(f"{command[0]} is not installed") from err
    except (OSError, subprocess.TimeoutExpired) as err:
        raise FixError(str(err)) from err
    if done.returncode:
        raise FixError(f"{' '.join(command)}: {(done.stderr or done.stdout).strip() or done.returncode}")


def _remember(root: Path, title: str, undo: list[list[str]]) -> None:
    if not undo:
        return
    _write_journal(root, [*_journal(root), {"title": title, "undo": undo}])


def _write_journal(root: Path, entries: Sequence[Mapping[str, Any]]) -> None:
    path = root / JOURNAL
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".new")
        partial.write_text(json.dumps(entries))
        partial.replace(path)
    except OSError as err:
        raise FixError(f"{path}: cannot be written: {err.strerror}; what was done cannot be undone") from err


def _journal(root: Path) -> list[dict[str, Any]]:
    try:
        found = json.loads(regular.beginning(root / JOURNAL, 1 << 20))
    except (OSError, ValueError):
        return []
    return found if isinstance(found, list) else []


def _text(path: Path) -> str:
    return regular.beginning(path, regular.SETTINGS).decode("utf-8", "replace").strip()
