# SPDX-License-Identifier: MIT
"""Records of releases, runs of the bench and requests that nobody would make: never a traceback.

A number is the seed of what is done, so that a failure can be repeated alone: `-k "[17]"`. More by hand:
FUZZ_EXAMPLES=10000 scripts/modem-image test tests/fuzz/test_feed.py
"""

from __future__ import annotations

import copy
import json
import os
import random
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modem_image.bench.page.runs import load_run
from modem_image.bench.page.write import report_page
from modem_image.errors import InputError
from modem_image.release.changes import differences, summary
from modem_image.release.record import load_snapshot
from modem_image.serve.http import FeedServer
from modem_image.serve.transfers import Transfers
from patience import PATIENCE
from unit.bench.runs import make
from unit.release.feeds import image, release

SEEDS = int(os.environ.get("FUZZ_EXAMPLES", "60"))
TEXTS = ("", "x" * 300, "\x1b[31m", "\ud800", "\u202e")
ODD: tuple[Any, ...] = (None, True, -1, 1e308, *TEXTS, [], {}, [[]], {"": {}})


def mutated(document: Any, dice: random.Random) -> Any:
    """`document` with one to four places in it replaced, removed or repeated."""
    document = copy.deepcopy(document)
    for _time in range(dice.randint(1, 4)):
        holder = document
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            if not keys:
                break
            key = dice.choice(keys)
            inner = holder[key]
            if isinstance(inner, dict | list) and inner and dice.random() < 0.8:
                holder = inner
                continue
            if isinstance(holder, dict) and dice.random() < 0.3:
                del holder[key]
            else:
                holder[key] = copy.deepcopy(dice.choice(ODD))
            break
    return document


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz")
    assert release(folder / "feed", image(folder, "1.0")) == 0
    return folder / "feed" / "releases" / "1.0"


def test_a_list_of_contents_without_an_end_is_refused_before_it_is_read(
    published: Path, tmp_path: Path
) -> None:
    (tmp_path / "release.json").write_bytes((published / "release.json").read_bytes())
    (tmp_path / "contents.json").symlink_to("/dev/zero")
    tracemalloc.start()
    with pytest.raises(InputError, match="is not a file, and gives more than 16 MiB"):
        load_snapshot(tmp_path)
    (tmp_path / "contents.json").unlink()
    with (tmp_path / "contents.json").open("wb") as stream:
        stream.truncate(65 << 20)
    with pytest.raises(InputError, match="is larger than 64 MiB"):
        load_snapshot(tmp_path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 64 << 20


@pytest.mark.parametrize("seed", range(SEEDS))
def test_records_of_a_release(published: Path, tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  a seed
    sound = load_snapshot(published)
    for name in ("release.json", "contents.json"):
        document = json.loads((published / name).read_text())
        text = json.dumps(mutated(document, dice) if dice.random() < 0.7 else document)
        if dice.random() < 0.1:
            text = text[: dice.randrange(len(text))]
        (tmp_path / name).write_text(text)
    try:
        damaged = load_snapshot(tmp_path)
    except InputError:
        return
    for pair in ((sound, damaged), (damaged, sound), (damaged, damaged)):
        changes = differences(*pair)
        assert all(str(change) for change in changes)
        summary(changes)
    assert differences(damaged, damaged) == []


@pytest.mark.parametrize("seed", range(SEEDS))
def test_runs_of_the_bench(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  a seed
    folder = make(tmp_path, 1, missed=dice.choice([None, "online"]))
    for name in ("summary.json", "timeline.json"):
        document = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps(mutated(document, dice)))
    try:
        run = load_run(folder)
    except InputError:
        return
    page = report_page(run)
    assert "\x1b" not in page and "\u202e" not in page
    page.encode()


@pytest.fixture
def served(published: Path) -> Iterator[tuple[int, list[str]]]:
    said: list[str] = []
    with FeedServer(("127.0.0.1", 0), published, Transfers(said.append)) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield server.server_address[1], said
        server.shutdown()


def test_requests(served: tuple[int, list[str]], capfd: pytest.CaptureFixture[str]) -> None:
    """Odd requests, one after the other; then a right one is answered, and nothing was printed."""
    port, said = served
    dice = random.Random(3)  # noqa: S311  a seed
    right = b'GET /release.json HTTP/1.1\r\nHost: x\r\nRange: bytes=0-9\r\nIf-None-Match: "x"\r\n\r\n'
    for _number in range(SEEDS * 3):
        request = bytearray(right)
        for _time in range(dice.randint(1, 6)):
            place = dice.randrange(len(request))
            request[place : place + dice.randint(0, 3)] = dice.randbytes(dice.randint(0, 4))
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
            connection.sendall(bytes(request))
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(1 << 16):
                pass
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(b"GET /release.json HTTP/1.0\r\n\r\n")
        assert b" 200 " in connection.recv(1000)
    assert all(line.isprintable() for line in said)
    assert "Traceback" not in "".join(capfd.readouterr())
