# SPDX-License-Identifier: MIT
"""What goes wrong ends with one message and the right exit status, and leaves nothing behind."""

from __future__ import annotations

import dataclasses
import io
import lzma
import os
import signal
import subprocess
import tarfile
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from modem_image.bench.card import make_card
from modem_image.bench.run import BOOT_TRIES, BoardHungError, Setting, run_bench
from modem_image.bench.scenario import load_scenarios
from modem_image.bench.stick import data
from modem_image.bench.stick.events import Emit
from modem_image.bench.stick.link import Switch
from modem_image.bench.stick.stick import Stick
from modem_image.bench.stick.usb import Device
from modem_image.bench.visit import Visit
from modem_image.board.description import load_board
from modem_image.cache import Cache, cache_root
from modem_image.errors import FaultError
from patience import PATIENCE, until

from .conftest import LAUNCHER, Run
from .test_codes import KEPT

pytestmark = pytest.mark.bench
Edit = Callable[[str, bytes], tuple[str, bytes] | None]


@pytest.fixture(scope="session")
def image(hot_plug: Run) -> Path:
    (path,) = hot_plug.folder.parent.glob("*-Tezi_*.tar")
    return path


@pytest.fixture
def setting(image: Path) -> Setting:
    board = load_board(mirror="")
    scenario = load_scenarios()["cold-plug"]
    visit = Visit(Stick(data.load("ms2372h"), scenario.stick), scenario)
    return Setting(image.name, make_card(image, board, Cache(cache_root())), board.qemu, (visit,))


@pytest.fixture(autouse=True)
def nothing_left_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Whatever a test starts inherits a mark, by which it is found again wherever it ends up, and has a
    folder of its own for what is temporary: below a short name, for QEMU's sockets lie in it."""
    tmp_path_factory.getbasetemp()  # is made by now, in the place of all
    mark, folder = f"mark-{uuid.uuid4().hex}", Path(tempfile.mkdtemp())
    monkeypatch.setenv("MODEM_BENCH_TEST", mark)
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield
    until(lambda: not marked(mark), lambda: marked(mark))
    folder.rmdir()  # is empty


def marked(mark: str) -> list[str]:
    """The processes that carry `mark` in their environment, by name."""
    return [
        read(path.parent / "comm").strip()
        for path in Path("/proc").glob("[0-9]*/environ")
        if mark in read(path)
    ]


def read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def rewritten(source: bytes, edit: Edit) -> bytes:
    """A tar with each regular file passed through `edit`; None leaves the file out."""
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(source)) as old, tarfile.open(fileobj=out, mode="w") as new:
        for member in old:
            file = old.extractfile(member) if member.isreg() else None
            if file is None:
                new.addfile(member)
                continue
            edited = edit(member.name, file.read())
            if edited is not None:
                member.name, content = edited
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
    return out.getvalue()


def without_sums(edit: Edit) -> Edit:
    """An image from a build that makes no checksums, so that the fault itself has to be seen."""
    return lambda name, content: None if name.endswith("SHA256SUMS") else edit(name, content)


def inside(archive: str, edit: Edit) -> Edit:
    """`edit` for the files of the archive whose name ends so."""

    def apply(name: str, content: bytes) -> tuple[str, bytes]:
        if name.endswith(archive):
            content = lzma.compress(rewritten(lzma.decompress(content), edit), preset=0)
        return name, content

    return apply


def of_kernel(edit: Edit) -> Edit:
    """`edit` for what the check looks at in a root file system, without the rest: it would only be packed."""
    return lambda name, content: edit(name, content) if KEPT.match(name) else None


def no_modules(name: str, content: bytes) -> tuple[str, bytes] | None:
    return None if "/lib/modules/" in name else (name, content)


def other_kernel(name: str, content: bytes) -> tuple[str, bytes]:
    return name.replace("/lib/modules/6.", "/lib/modules/5."), content


def cut_kernel(name: str, content: bytes) -> tuple[str, bytes]:
    return name, content[: len(content) // 2] if name.endswith("zImage") else content


def lost_file(name: str, content: bytes) -> tuple[str, bytes]:
    return name, content.replace(b".bootfs.tar.xz", b".lost.tar.xz") if name.endswith(
        "image.json"
    ) else content


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (inside(".rootfs.tar.xz", of_kernel(no_modules)), "modules-missing"),
        (inside(".rootfs.tar.xz", of_kernel(other_kernel)), "modules-mismatch"),
        (inside(".bootfs.tar.xz", cut_kernel), "kernel-unreadable"),
        (lost_file, "tezi-file-missing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_image_is_not_booted(image: Path, tmp_path: Path, edit: Edit, code: str) -> None:
    broken = tmp_path / "broken-Tezi_1.tar"
    broken.write_bytes(rewritten(image.read_bytes(), without_sums(edit)))
    done = subprocess.run(
        [LAUNCHER, "bench", broken, "--output", tmp_path / "out"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert f"error: {code}:" in done.stdout
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_board_that_hangs_is_tried_once_more(
    setting: Setting, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (visit,) = setting.visits
    hasty = Visit(visit.stick, dataclasses.replace(visit.scenario, boot_patience=2))
    with pytest.raises(BoardHungError, match="a shell prompt"):
        run_bench(dataclasses.replace(setting, visits=(hasty,)), tmp_path)
    assert "trying once more" in capsys.readouterr().err
    logs = [tmp_path / visit.name / f"serial-hung-{number}.log" for number in range(1, BOOT_TRIES + 1)]
    assert all(log.exists() for log in logs)


class BrokenStick(Stick):
    def power_on(self, emit: Emit, switch: Switch) -> Device:
        raise RuntimeError("no such mode")


def test_a_stick_that_fails_ends_the_run(setting: Setting, tmp_path: Path) -> None:
    (visit,) = setting.visits
    broken = Visit(BrokenStick(visit.stick.description, visit.stick.settings), visit.scenario)
    with pytest.raises(FaultError, match="the emulated stick failed"):
        run_bench(dataclasses.replace(setting, visits=(broken,)), tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_boot(image: Path, tmp_path: Path, number: signal.Signals) -> None:
    with started(image, tmp_path) as process:
        board_of(process)
        process.send_signal(number)
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert said.endswith("modem-image: interrupted; nothing half-written was left under a final name\n")
    assert not list(tmp_path.rglob("summary.json"))


def test_a_qemu_that_dies(image: Path, tmp_path: Path) -> None:
    with started(image, tmp_path) as process:
        os.kill(board_of(process), signal.SIGKILL)
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "QEMU ended with status -9" in said
    assert "Traceback" not in said


def started(image: Path, tmp_path: Path) -> subprocess.Popen[str]:
    command = [LAUNCHER, "bench", image, "--cold-boot", "--output", tmp_path / "out"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def board_of(process: subprocess.Popen[str]) -> int:
    """The process id of the QEMU that `process` has started."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        children = read(Path(f"/proc/{process.pid}/task/{process.pid}/children")).split()
        for child in children:
            if read(Path(f"/proc/{child}/comm")).startswith("qemu-system-arm"):
                time.sleep(1)
                return int(child)
        time.sleep(0.1)
    raise AssertionError("no QEMU was started")


def test_an_interrupted_download(tmp_path: Path) -> None:
    """mmdebstrap is in the middle of its work; as root it has mounts of its own then."""
    environment = {**os.environ, "MODEM_IMAGE_CACHE": str(tmp_path)}
    process = subprocess.Popen(
        [LAUNCHER, "build", "--no-boot"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "fetch the root file system" in line:
            break
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    said = process.stderr.read()
    assert process.wait(PATIENCE) == 130, said
    assert [path for path in (tmp_path / "root").iterdir() if path.is_dir()] == []
    assert str(tmp_path) not in Path("/proc/mounts").read_text()
