# SPDX-License-Identifier: MIT
"""Whatever stands where a file is named, every command ends early, within bounds, with one sentence.

The options are taken from the parsers. Each gets what no command expects: devices without end, a pipe, a
file of holes, one that grows, links in a circle, a folder, names that steer a terminal. The command runs in
a process of its own with limits: memory, time, and octets of a file that it writes.
"""

from __future__ import annotations

import argparse
import gzip
import io
import lzma
import os
import random
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from huawei_modem import outputs
from patience import PATIENCE
from unit.host.test_outputs import LOG, _options, _run
from unit.release.feeds import image

READ = [
    (name, action)
    for name, action in _options()
    if not isinstance(action, outputs.Result)
    and action.nargs != 0
    and action.choices is None
    and action.dest
    in {
        *("kernel", "config", "symbols", "source", "paths", "image", "images", "tree", "fragment", "base"),
        *("compare", "changelog", "lock", "folder", "usb_stick", "recovery", "mirror", "pin_file", "diff"),
        *("password_file", "interface", "listing", "stick", "first", "second", "feed", "pyodide", "out"),
        *("beside", "output", "work_dir", "socket"),
    }
    and not (name == "build" and action.dest == "kernel")
]
_MEMORY = 160 << 20
"""Octets that a command may take beyond what the tests have already."""
_SECONDS = 20
_WRITTEN = 64 << 20
_CASES = 60


def _device(name: str) -> Callable[[Path], Path]:
    return lambda _folder: Path(name)


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def _holes(folder: Path) -> Path:
    with (folder / "holes").open("wb") as file:
        file.truncate(10 << 30)
    return folder / "holes"


def _text_of_holes(folder: Path) -> Path:
    """Begins as a text; the rest is one line of 10 GB."""
    with (folder / "holes.txt").open("wb") as file:
        file.write(LOG.encode())
        file.truncate(10 << 30)
    return folder / "holes.txt"


def _padded(pack: Callable[[bytes], bytes], name: str) -> Callable[[Path], Path]:
    """What was packed, and 10 GB behind it that were never written: unpackers look there for more."""

    def make(folder: Path) -> Path:
        with (folder / name).open("wb") as file:
            file.write(pack(LOG.encode()))
            file.truncate(10 << 30)
        return folder / name

    return make


def _folder(folder: Path) -> Path:
    (folder / "folder" / "inner").mkdir(parents=True)
    os.mkfifo(folder / "folder" / "pipe")
    (folder / "folder" / "zero").symlink_to("/dev/zero")
    (folder / "folder" / "here").symlink_to(".")
    return folder / "folder"


def _circle(folder: Path) -> Path:
    (folder / "one").symlink_to("two")
    (folder / "two").symlink_to("one")
    return folder / "one"


def _called(name: str) -> Callable[[Path], Path]:
    """A file of that name, with some octets that are nothing."""

    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(b"\x00\x01nothing\xff" * 9)
        return path

    return make


def _absent(name: str) -> Callable[[Path], Path]:
    return lambda folder: folder / name


def _holding(name: str, text: Callable[[], str]) -> Callable[[Path], Path]:
    """A file whose size is ordinary, and whose text costs a parser its square; made where it is needed."""

    def make(folder: Path) -> Path:
        (folder / name).write_text(text())
        return folder / name

    return make


HOSTILE: dict[str, Callable[[Path], Path]] = {
    "zero": _device("/dev/zero"),
    "random": _device("/dev/urandom"),
    "null": _device("/dev/null"),
    "full": _device("/dev/full"),
    "memory": _device("/proc/self/mem"),
    "pipe": _pipe,
    "holes": _holes,
    "text of holes": _text_of_holes,
    "padded gzip": _padded(gzip.compress, "padded.gz"),
    "padded xz": _padded(lzma.compress, "padded.tar.xz"),
    "folder": _folder,
    "circle": _circle,
    "grows": lambda folder: folder / "grows",
    "escape": _called("a\x1b]0;x\x07\x1b[31mb"),
    "newline": _called("a\nb\r\x85c"),
    "surrogate": _called(os.fsdecode(b"a\xff\xfeb")),
    "absent escape": _absent("a\x1b[2Jb\n\u202e"),
    "absent surrogate": _absent(os.fsdecode(b"\xff.tar")),
    "too long": _absent("n" * 5000),
    "below a file": _absent("log.txt/x"),
    "empty": lambda _folder: Path(),
    "dotted key": _holding("keys.toml", lambda: f"a{'.a' * 200_000} = 1\n"),
    "nested": _holding("nested.toml", lambda: f"a = {'[' * 100_000}\n"),
    "digits": _holding("digits.toml", lambda: f"a = 1{'0' * 5000}\n"),
    "devices": _holding("devices.txt", lambda: "T:  Bus=01 Lev=01\n" * 300_000),
    "descriptors": _holding("sections.txt", lambda: "Hub Descriptor:\n bLength 9\n" * 150_000),
    "aliases": _holding(
        "aliases.txt",
        lambda: "".join(
            f"usb:v12D1p1506d0000dc00dsc00dp00icFFiscFFipFF 1-{n % 999}:1.{n // 999}\n\n"
            for n in range(140_000)
        ),
    ),
    "blanks": _holding("blanks.txt", lambda: f"T:{' ' * 2_000_000}x\n"),
    "numbers": _holding("numbers.txt", lambda: f"ID 12d1:1506\n bNumInterfaces {'9' * 5000}\n"),
    "unrecognized": _holding(
        "unrecognized.txt", lambda: f"ID 12d1:1506\n  ** UNRECOGNIZED: {' 05 24' * 400_000}\n"
    ),
    "symbols": _holding("Module.symvers", lambda: "".join(f"0x{n:08x}\ts{n}\tv\n" for n in range(250_000))),
    "octets": _holding("octets.txt", lambda: f"1201{'00' * 16}{'0230' * 1_000_000}\n"),
}


def _arguments(name: str, action: argparse.Action, folder: Path, hostile: str) -> list[str]:
    """A command line with `hostile` in the place of `action`, the rest of it right."""
    log, packed, empty = str(folder / "log.txt"), str(folder / "image.tar"), str(folder / "empty")
    needed = {
        ("check", "option"): [packed],
        ("bench", "option"): [packed],
        ("bench", "compare"): [],
        ("release", "images"): ["--out", empty],
        ("release", "option"): [packed, "--out", str(folder / "feed")],
        ("release", "out"): [packed],
        ("stick import", "option"): [log],
        ("stick compare", "first"): ["e3372h"],
        ("stick serve", "option"): [str(folder / "absent-socket")],
        ("kernel-config check", "option"): [str(folder / "config")],
        ("kernel-config merge", "option"): ["--tree", empty],
        ("kernel-config merge", "tree"): [],
        ("kernel-config explain", "option"): ["TUN", "--tree", empty],
        ("kernel-config explain", "tree"): ["TUN"],
        ("site", "option"): [empty],
        ("flash", "image"): ["--usb-stick", empty],
        ("flash", "option"): [packed],
        ("flash", "recovery"): ["--wait", "1"],
        ("huawei-modem connect", "option"): ["--apn", "internet", "--timeout", "1"],
        ("huawei-modem connect", "password_file"): ["--apn", "internet", "--user", "u", "--timeout", "1"],
        ("serve", "feed"): ["--port", "0", "--address", "127.0.0.1"],
        ("build", "mirror"): ["plan"],
        ("build", "work_dir"): ["plan"],
    }
    kind = "option" if action.option_strings else "positional"
    given = [action.option_strings[-1], hostile] if action.option_strings else [hostile]
    if action.nargs == 2:
        given.append(hostile)
    rest = needed.get((name, action.dest), needed.get((name, kind), []))
    if (name, action.dest) == ("stick compare", "second"):
        given = ["e3372h", hostile]
    return [*name.split(" "), *(given + rest if kind == "positional" else rest + given)]


@contextmanager
def _growing(path: Path) -> Iterator[None]:
    """`path` is a text that gets longer for as long as it is read."""
    ended = threading.Event()

    def write() -> None:
        with path.open("ab", buffering=0) as file:
            while not ended.is_set() and file.tell() < 1 << 30:
                file.write(LOG.encode() * 5000)
                time.sleep(0.005)

    path.write_text(LOG)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        ended.set()
        writer.join()
        path.unlink()


def _in_child(arguments: list[str], folder: Path, said: Path) -> int:
    """The wait status of the command, run with limits: what takes far too long ends by a signal."""
    child = os.fork()
    if child == 0:
        status = 99
        try:
            signal.alarm(int(5 * PATIENCE))  # what waits for ever ends by the signal
            os.chdir(folder / "work")
            handle = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for stream in (1, 2):
                os.dup2(handle, stream)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            sys.stdin = io.TextIOWrapper(io.FileIO(0, "r", closefd=False))
            sys.stdout, sys.stderr = (open(stream, "w", closefd=False) for stream in (1, 2))  # noqa: SIM115
            signal.signal(signal.SIGINT, signal.default_int_handler)
            taken = int(Path("/proc/self/status").read_text().partition("VmData:")[2].split()[0])
            for limit, most in (
                (resource.RLIMIT_DATA, (taken << 10) + _MEMORY),
                (resource.RLIMIT_CPU, _SECONDS),
                (resource.RLIMIT_FSIZE, _WRITTEN),
                (resource.RLIMIT_CORE, 0),
            ):
                resource.setrlimit(limit, (most, most))
            status = _run(arguments, folder)
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException:  # noqa: BLE001  it is reported by the parent
            traceback.print_exc()
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]


def _cases(seed: int) -> list[tuple[str, argparse.Action, str]]:
    """Each option with as many hostile inputs as there is time for; with all of them for a seed below 0."""
    chance = random.Random(seed)  # noqa: S311  repeatable, not secret
    every = [
        [(name, action, kind) for kind in chance.sample(list(HOSTILE), len(HOSTILE))] for name, action in READ
    ]
    rounds = [case for cases in zip(*every, strict=True) for case in cases if not _waits(*case)]
    return rounds[:_CASES] if seed >= 0 else rounds


def _waits(name: str, _action: argparse.Action, kind: str) -> bool:
    """Whether it is meant to wait: for QEMU's socket, for whoever asks for a feed, be it empty."""
    if name == "serve":
        return kind == "empty"
    return name == "stick serve" and kind in ("absent escape", "absent surrogate", "below a file")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    for name in ("work", "empty", "proc/sys/kernel", "run"):
        (folder / name).mkdir(parents=True)
    (folder / "log.txt").write_text(LOG)
    (folder / "config").write_text("CONFIG_MODULES=y\n")
    made = image(folder, "1.0")
    made.rename(folder / "image.tar")
    return folder


def _fault(name: str, action: argparse.Action, kind: str, prepared: Path, here: Path) -> str:
    """What is wrong with how the command ended; "" when nothing is."""
    here.mkdir()
    (here / "log.txt").write_text(LOG)
    hostile = HOSTILE[kind](here)
    arguments = _arguments(name, action, prepared, str(hostile))
    said = here / "said"
    if kind == "grows":
        with _growing(hostile):
            waited = _in_child(arguments, prepared, said)
    else:
        waited = _in_child(arguments, prepared, said)
    text = said.read_bytes().decode("utf-8", "backslashreplace")[:3000]
    status = os.waitstatus_to_exitcode(waited)
    faults = []
    if status not in (0, 1, 2, 3):
        faults.append(f"status {status}")
    if "Traceback" in text or "fault of this program" in text or "MemoryError" in text:
        faults.append("no sentence")
    if "\x1b" in text or "\x85" in text or "\u202e" in text or "\\xed" in text:
        faults.append("steers a terminal")
    # `bind` takes a name and opens no file: its 1 is a refusal.
    if (
        kind in ("zero", "random", "full", "memory", "pipe", "circle")
        and status in (0, 1)
        and action.dest != "interface"
    ):
        faults.append(f"accepted: {status}")
    return f"{', '.join(faults)}: {kind}: {arguments}\n{text}" if faults else ""


@pytest.mark.slow
def test_every_input_may_be_anything(prepared: Path, tmp_path: Path) -> None:
    seed = int(os.environ.get("MODEM_IMAGE_SEED", "1"))
    faults = [
        _fault(name, action, kind, prepared, tmp_path / str(number))
        for number, (name, action, kind) in enumerate(_cases(seed))
    ]
    assert len(READ) >= 35
    assert not any(faults), "\n".join(filter(None, faults))


@pytest.mark.parametrize(("name", "action"), READ, ids=[f"{name} {each.dest}" for name, each in READ])
def test_links_in_a_circle(
    name: str, action: argparse.Action, prepared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python's Path.resolve ends with a RuntimeError there."""
    arguments = _arguments(name, action, prepared, str(_circle(tmp_path)))
    assert _run(arguments, prepared) in (2, 3)
    said = capsys.readouterr().err
    assert "one" in said and "fault of this program" not in said
